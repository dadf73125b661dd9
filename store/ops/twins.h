/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twins: ids that a reader could take for one another.  A store holds an id in one
 * split at most, and no two that are equal after case folding; LABELS_FORMAT.md
 * section 3.  Private to the operations.
 */
#ifndef EW_OPS_TWINS_H
#define EW_OPS_TWINS_H

#include "ops/context.h"

/* EW_NO naming both if there are twins; all folders are read. */
EW_MUST_USE enum ew_code ew_twins_check(struct ew_store *, struct ew_snapshot *, struct ew_err *err);

/*
 * Ids that were met, in 8 bytes each, for who goes through one version after the other
 * and can do without the check above where nothing speaks for twins.  { 0 } is empty.
 */
struct ew_twins {
	struct ew_buf met; /* hashes of folded ids, ascending */
	struct ew_buf fresh, merged, fold;
};
void ew_twins_release(struct ew_twins *);
/* An id of a version that the one before did not have: of a label, or of an instance without one. */
EW_MUST_USE enum ew_code ew_twins_meet(struct ew_twins *, struct ew_str id, struct ew_err *err);
/*
 * After the last of a version.  *likely is false if none of them is the twin of another
 * one that was ever met; else it is for ew_twins_check() to say.
 */
EW_MUST_USE enum ew_code ew_twins_settle(bool *likely, struct ew_twins *, struct ew_err *err);

#endif
