/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a whole store: every branch and release is verified as `verify`
 * does, and every record that they hold is read.  What git can check (`git fsck
 * --strict`) is left to git.
 */
#ifndef EW_OPS_FSCK_H
#define EW_OPS_FSCK_H

#include "ops/store.h"

/* Called for each fault: the reference where it was found, and what it is. */
typedef void ew_fault_fn(void *user, struct ew_str where, const char *what);

struct ew_fsck {
	uint64_t refs, commits, records, faults;
};
/*
 * EW_OK when everything could be looked at, whatever was found; `faults` counts it.
 * A branch or release with a fault is not looked at further, the others are.
 */
EW_MUST_USE enum ew_code ew_fsck(struct ew_fsck *out, struct ew_store *, ew_fault_fn *, void *user,
	struct ew_err *err);

#endif
