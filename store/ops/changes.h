/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes: the labels that are not the same in two snapshots, each in its class.  Both the
 * folders that differ and the records in them are looked at by all processors, so that
 * the cost is that of the change.  Private to the operations.
 */
#ifndef EW_OPS_CHANGES_H
#define EW_OPS_CHANGES_H

#include "ops/context.h"
#include "ops/diff.h"

/*
 * Fill in counts (but EW_SAME, of labels that need no look), facets, rescored, moved and,
 * unless `stat`, the changes.
 */
EW_MUST_USE enum ew_code ew_changes_find(struct ew_diff *out, struct ew_store *,
	struct ew_snapshot *from, struct ew_snapshot *to, const struct ew_diff_opts *,
	struct ew_err *err);

#endif
