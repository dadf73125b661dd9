/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids: what an instance may be called, and the file name made of it.
 * LABELS_FORMAT.md section 3.2.
 */
#ifndef EW_MODEL_ID_H
#define EW_MODEL_ID_H

#include "base/buf.h"

enum { EW_ID_MAX = 200, EW_NAME_MAX = 200 };

/* EW_REFUSED with the reason unless `id` is an id whose name fits. */
EW_MUST_USE enum ew_code ew_id_check(struct ew_str id, struct ew_err *err);
/* The name of an id (without ".json"), appended.  `id` must have passed ew_id_check(). */
void ew_id_write_name(struct ew_buf *out, struct ew_str id);
/* The id of a name, appended; false unless the name is exactly what ew_id_write_name() makes. */
bool ew_id_read_name(struct ew_buf *out, struct ew_str name);
/*
 * The id after Unicode case folding, appended: ids that are equal so are twins.
 * For an ASCII id without capitals that is the id itself.
 */
EW_MUST_USE enum ew_code ew_id_fold(struct ew_buf *out, struct ew_str id, struct ew_err *err);

/* True for the name of a split or campaign: 1 to 64 of [a-z0-9_-], no leading '-'. */
bool ew_split_ok(struct ew_str name);

#endif
