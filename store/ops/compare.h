/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons: the labels of two snapshots, skipping equal trees.  Private to the operations. */
#ifndef EW_OPS_COMPARE_H
#define EW_OPS_COMPARE_H

#include "ops/context.h"

/*
 * Called for every id of `split` whose record differs, with NULL for the side that
 * lacks it; a label that moved between splits comes once for each.  What it is given
 * ends with its return.
 */
typedef enum ew_code ew_compare_fn(void *user, struct ew_str split, const struct ew_entry *a,
	const struct ew_entry *b, struct ew_err *err);
/* Split by split, ascending. */
EW_MUST_USE enum ew_code ew_compare_labels(struct ew_snapshot *a, struct ew_snapshot *b,
	ew_compare_fn *, void *user, struct ew_err *err);

#endif
