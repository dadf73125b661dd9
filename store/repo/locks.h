/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stale locks: git guards each reference with a file NAME.lock, and a writer that
 * is killed leaves it behind, where it blocks every later one.  A lock is stale
 * when nobody has it open and it is older than EW_LOCK_STALE seconds.
 */
#ifndef EW_REPO_LOCKS_H
#define EW_REPO_LOCKS_H

#include "repo/repo.h"

enum { EW_LOCK_STALE = 60 };

/*
 * Remove the stale locks of HEAD, the configuration and all references; the caller
 * holds the store's own lock.  EW_BUSY, naming it, for one that is young or open;
 * those that are stale are removed all the same.
 */
EW_MUST_USE enum ew_code ew_locks_clear(uint64_t *removed, struct ew_repo *, int64_t now,
	struct ew_err *err);

#endif
