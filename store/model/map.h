/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Import maps: data that say how the rows of somebody's table become labels and
 * instances.  The language is in doc/maps.md and schemas/map.json.
 */
#ifndef EW_MODEL_MAP_H
#define EW_MODEL_MAP_H

#include "model/instance.h"
#include "model/label.h"
#include "model/table.h"

struct ew_map_file; /* one thread at a time */

/*
 * Parse a map; nothing of `text` is kept, `name` is for messages.  EW_REFUSED, with
 * the place, for anything that the language does not have.  The caller frees it.
 */
EW_MUST_USE enum ew_code ew_map_file_parse(struct ew_map_file **out, struct ew_str text,
	const char *name, struct ew_err *err);
/* The shipped map "maps/NAME.json"; EW_USAGE, with the names there are, for another. */
EW_MUST_USE enum ew_code ew_map_file_preset(struct ew_map_file **out, struct ew_str name,
	struct ew_err *err);
void ew_map_file_free(struct ew_map_file *);

/* How tables of this map are read. */
const struct ew_table_format *ew_map_file_format(const struct ew_map_file *);

/*
 * The id that the map makes of a row, in the arena.  *possible is false, and that no
 * error, when the row lacks one of the columns; the caller then finds the id by a
 * stored attribute.
 */
EW_MUST_USE enum ew_code ew_map_file_id(struct ew_str *id, bool *possible,
	const struct ew_map_file *, const struct ew_table *, const struct ew_row *,
	struct ew_arena *, struct ew_err *err);

/*
 * What a row says, made whole by what is stored.  `has_` is false where the row says
 * nothing: then input and attributes are the stored ones, and the rest is what any
 * import says (no reason unless one is required, "imported", "import").
 */
struct ew_placed {
	struct ew_label label; /* passes ew_label_check() */
	struct ew_instance instance;
	bool has_input, has_attributes, has_reason, has_missing, has_confidence, has_provenance,
		has_evidence;
	size_t line;
};

/*
 * Place one row.  `prior_*` are what is stored of this id, or NULL on a first import;
 * the id is theirs if there are any.  What is placed lives as long as the arena, the
 * row, the map, and the prior's.  The size of the records is for
 * who writes them to check.  EW_REFUSED as "FILE:LINE: ..." with what to do.
 */
EW_MUST_USE enum ew_code ew_map_file_place(struct ew_placed *out, const struct ew_map_file *,
	const struct ew_table *, const struct ew_row *, const struct ew_label *prior_label,
	const struct ew_instance *prior_instance, struct ew_arena *, struct ew_hash *,
	struct ew_err *err);

#endif
