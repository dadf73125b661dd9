/* SPDX-License-Identifier: Apache-2.0 */
/* Desks: what one thread works with that turns the rows of a table into records. */
#ifndef EW_OPS_DESK_H
#define EW_OPS_DESK_H

#include "model/map.h"
#include "ops/import.h"
#include "ops/ready.h"
#include "ops/roster.h"

struct ew_desk {
	/* Shared, and not changed meanwhile. */
	const struct ew_import_opts *opts;
	const struct ew_table *table;
	const struct ew_roster *roster;
	/* Its own. */
	struct ew_map_file *map;
	struct ew_hash *hash;
	struct ew_ready_maker maker;
	struct ew_arena scratch; /* of one row */
	struct ew_buf fold;
};

/* The map that the options ask for; EW_USAGE unless it is one. */
EW_MUST_USE enum ew_code ew_desk_map(struct ew_map_file **out, const struct ew_import_opts *,
	struct ew_err *err);

EW_MUST_USE enum ew_code ew_desk_open(struct ew_desk **out, const struct ew_import_opts *,
	const struct ew_table *, const struct ew_roster *, struct ew_err *err);
void ew_desk_free(struct ew_desk *);

/* The id of a row, in the scratch: by the map, or by the attribute that rows are matched by. */
EW_MUST_USE enum ew_code ew_desk_id(struct ew_str *id, struct ew_desk *, const struct ew_row *,
	struct ew_err *err);
/* Place a row over what is stored of its id, in the scratch; NULL for nothing. */
EW_MUST_USE enum ew_code ew_desk_place(struct ew_placed *out, struct ew_desk *, const struct ew_row *,
	const struct ew_label *, const struct ew_instance *, struct ew_err *err);
/* An instance without input and attributes is not stored: its label says all there is. */
bool ew_desk_stores(const struct ew_instance *);

#endif
