/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/desk.h"

#include <stdlib.h>

enum ew_code
ew_desk_map(struct ew_map_file **out, const struct ew_import_opts *o, struct ew_err *err)
{
	*out = NULL;
	if (o->preset.p && o->map.p)
		return ew_fail(err, EW_USAGE, "both a preset and a map; give one");
	if (o->map.p)
		return ew_map_file_parse(out, o->map, o->map_name, err);
	if (!o->preset.p)
		return ew_fail(err, EW_USAGE,
			"which columns mean what? give --preset NAME or --map MAP.json");
	return ew_map_file_preset(out, o->preset, err);
}

enum ew_code
ew_desk_open(struct ew_desk **out, const struct ew_import_opts *opts, const struct ew_table *table,
	const struct ew_roster *roster, struct ew_err *err)
{
	struct ew_desk *d = calloc(1, sizeof *d);
	enum ew_code rc;

	*out = NULL;
	if (!d)
		return ew_fail_nomem(err);
	d->opts = opts;
	d->table = table;
	d->roster = roster;
	if ((rc = ew_desk_map(&d->map, opts, err)) != EW_OK ||
	    (rc = ew_hash_open(&d->hash, err)) != EW_OK) {
		ew_desk_free(d);
		return rc;
	}
	d->maker.hash = d->hash;
	*out = d;
	return EW_OK;
}

void
ew_desk_free(struct ew_desk *d)
{
	if (!d)
		return;
	ew_map_file_free(d->map);
	ew_hash_free(d->hash);
	ew_ready_maker_release(&d->maker);
	ew_arena_release(&d->scratch);
	ew_buf_release(&d->fold);
	free(d);
}

enum ew_code
ew_desk_id(struct ew_str *id, struct ew_desk *d, const struct ew_row *row, struct ew_err *err)
{
	struct ew_buf names = { 0 };
	bool possible;
	enum ew_code rc;

	if (d->opts->match_attribute.p)
		return ew_roster_find(id, d->roster, row, err);
	if ((rc = ew_map_file_id(id, &possible, d->map, d->table, row, &d->scratch, err)) != EW_OK)
		return rc;
	if (!possible) {
		ew_table_columns(&names, d->table);
		rc = ew_fail(err, EW_REFUSED,
			"%s:%zu: a column of the id is missing; find ids with --update --match "
			"ATTRIBUTE=COLUMN; there are %.*s",
			d->opts->name, row->line, EW_FMT(ew_buf_str(&names)));
		ew_buf_release(&names);
	}
	return rc;
}

enum ew_code
ew_desk_place(struct ew_placed *out, struct ew_desk *d, const struct ew_row *row,
	const struct ew_label *label, const struct ew_instance *instance, struct ew_err *err)
{
	return ew_map_file_place(out, d->map, d->table, row, label, instance, &d->scratch, d->hash, err);
}

bool
ew_desk_stores(const struct ew_instance *i)
{
	return !ew_str_is(i->input, "{}") || (i->attributes.p && !ew_str_is(i->attributes, "{}"));
}
