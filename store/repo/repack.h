/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repacking: a pack with streams that are stored as they are becomes one of the same
 * objects, in the same order, as the same deltas, with these streams compressed.  What is
 * replaced was read, and compared with its checksums, to the last byte, and what replaces
 * it is durable and was read back, before the old pack goes; readers that have it open
 * keep it.
 */
#ifndef EW_REPO_REPACK_H
#define EW_REPO_REPACK_H

#include "repo/repo.h"

/*
 * Repack what is worth it: a sample of a pack tells, so nothing is remembered, and packs
 * that git or somebody else made are judged alike.  *packs: how many.  The caller holds the
 * store's lock.  EW_CORRUPT names a damaged object.
 */
EW_MUST_USE enum ew_code ew_repack(size_t *packs, struct ew_repo *, const struct ew_progress *,
	struct ew_err *err);

#endif
