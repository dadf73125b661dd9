/* SPDX-License-Identifier: Apache-2.0 */
/* One label of an export in the forms that exports have.  Private to the operations. */
#ifndef EW_OPS_EXPORTED_H
#define EW_OPS_EXPORTED_H

#include "base/map.h"
#include "model/instance.h"
#include "model/label.h"

/*
 * Append a label as a line of JSON, spliced from what is stored; the members of the
 * instance are absent when none is.
 */
void ew_exported_line(struct ew_buf *out, struct ew_str split, const struct ew_label_cut *,
	const struct ew_instance_cut *);

/* What a row is made of. */
struct ew_exported {
	struct ew_str split;
	struct ew_label label;
	struct ew_instance instance; /* all absent when none is stored */
};

/* The columns of a CSV that attributes have: gathered, sorted, then used.  { 0 } is valid. */
struct ew_columns {
	struct ew_map map; /* names of attributes to struct ew_column */
	struct ew_column {
		struct ew_str name, header;
		size_t index;
	} **column;
	size_t columns;
	struct ew_arena arena;
};
void ew_columns_release(struct ew_columns *);
/* Add what an instance has; EW_REFUSED when these are more than a table can have. */
EW_MUST_USE enum ew_code ew_columns_gather(struct ew_columns *, const struct ew_instance *,
	struct ew_err *err);
/* Add what another one gathered. */
EW_MUST_USE enum ew_code ew_columns_add(struct ew_columns *, const struct ew_columns *other,
	struct ew_err *err);
/* After the last instance; then append the header. */
EW_MUST_USE enum ew_code ew_columns_finish(struct ew_buf *out, struct ew_columns *, bool raw,
	struct ew_err *err);
/* Append the label as a row; several threads may do so with the same columns. */
EW_MUST_USE enum ew_code ew_exported_row(struct ew_buf *out, const struct ew_columns *,
	const struct ew_exported *, bool raw, struct ew_arena *scratch, struct ew_err *err);

#endif
