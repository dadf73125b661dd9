/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sheaves: the records of a first import.  Each is staged as it comes; where it belongs is
 * noted, in 150 bytes or so for a label and its instance, and all are put into their
 * collections at once, in the order of their keys.
 */
#ifndef EW_OPS_SHEAF_H
#define EW_OPS_SHEAF_H

#include "ops/edit.h"

struct ew_sheaf;

/* For up to `most` labels of the edit, which is borrowed. */
EW_MUST_USE enum ew_code ew_sheaf_open(struct ew_sheaf **out, struct ew_edit *, uint64_t most,
	struct ew_err *err);
void ew_sheaf_free(struct ew_sheaf *);
/* Add a label, and its instance if that has bytes; `id`, which ends in NUL, is borrowed. */
EW_MUST_USE enum ew_code ew_sheaf_add(struct ew_sheaf *, const char *id, const struct ew_ready *label,
	const struct ew_ready *instance, struct ew_err *err);
/* Put them into the collection `labels` and that of the instances.  No id was added twice. */
EW_MUST_USE enum ew_code ew_sheaf_put(struct ew_sheaf *, struct ew_str labels, struct ew_err *err);

#endif
