/* SPDX-License-Identifier: Apache-2.0 */
/* Updates: a table beside the labels that are stored.  For import.c only. */
#ifndef EW_OPS_UPDATE_H
#define EW_OPS_UPDATE_H

#include "ops/intake.h"

/* Commit what the table changes, in the order of its rows; the edit is not finished. */
EW_MUST_USE enum ew_code ew_update(struct ew_intake *, struct ew_err *err);

#endif
