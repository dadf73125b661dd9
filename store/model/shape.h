/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes: how an import map takes a value out of a text that is written in another way. */
#ifndef EW_MODEL_SHAPE_H
#define EW_MODEL_SHAPE_H

#include "model/cell.h"

/* A value as the first fitting shape takes it, or as it stands. */
struct ew_shaped {
	bool has_kind;
	enum ew_kind kind;
	struct ew_str text, unit; /* unit: .p is NULL when absent */
};

/* EW_REFUSED at the cell when a shape fits, but its parts are no value. */
EW_MUST_USE enum ew_code ew_shape_take(struct ew_shaped *out, const struct ew_placing *,
	const struct ew_cell *);

#endif
