/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twins: ids that a reader could take for one another.  A store holds an id in one
 * split at most, and no two that are equal after case folding; LABELS_FORMAT.md
 * section 3.  Private to the operations.
 */
#ifndef EW_OPS_TWINS_H
#define EW_OPS_TWINS_H

#include "ops/context.h"

/* EW_NO naming both if there are twins. */
EW_MUST_USE enum ew_code ew_twins_check(struct ew_snapshot *, struct ew_err *err);

#endif
