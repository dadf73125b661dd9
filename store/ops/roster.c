/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/roster.h"

#include "base/map.h"
#include "model/id.h"

#include <stdlib.h>
#include <string.h>

struct ew_roster {
	struct ew_edit *edit;
	const struct ew_table *table;
	struct ew_str split;
	struct ew_str attribute, column; /* to find ids by, or absent */
	struct ew_map entered;           /* ids, folded, to struct entered */
	struct ew_map stored;            /* ids of the store, folded, to their text */
	bool have_stored;
	struct ew_map matched; /* values of the attribute, to struct match */
	struct ew_arena arena, scratch;
	struct ew_buf fold;
};

struct entered {
	struct ew_str id;
	size_t line;
};

struct match {
	struct ew_str id;
	bool twice;
};

enum ew_code
ew_roster_open(struct ew_roster **out, struct ew_edit *edit, const struct ew_table *table,
	struct ew_str split, struct ew_err *err)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return ew_fail_nomem(err);
	(*out)->edit = edit;
	(*out)->table = table;
	(*out)->split = split;
	return EW_OK;
}

void
ew_roster_free(struct ew_roster *r)
{
	if (!r)
		return;
	ew_map_release(&r->entered);
	ew_map_release(&r->stored);
	ew_map_release(&r->matched);
	ew_buf_release(&r->fold);
	ew_arena_release(&r->arena);
	ew_arena_release(&r->scratch);
	free(r);
}

/* The id as ids are compared, in r->fold. */
static enum ew_code
fold(struct ew_roster *r, struct ew_str id, struct ew_err *err)
{
	ew_buf_clear(&r->fold);
	return ew_id_fold(&r->fold, id, err);
}

/* A copy of r->fold in the arena, or `id` itself, which lives as long, where these are the same. */
static struct ew_str
keep_fold(struct ew_roster *r, struct ew_str id)
{
	const struct ew_str folded = ew_buf_str(&r->fold);

	return ew_str_eq(folded, id) ? id : ew_arena_str(&r->arena, folded);
}

/* --- ids of the table --- */

enum ew_code
ew_roster_enter(struct ew_str *kept, struct ew_roster *r, struct ew_str id, size_t line,
	struct ew_err *err)
{
	struct entered *e;
	struct ew_str key;
	enum ew_code rc = fold(r, id, err);

	if (rc != EW_OK)
		return rc;
	e = ew_map_get(&r->entered, ew_buf_str(&r->fold));
	if (e)
		return ew_fail(err, EW_REFUSED,
			ew_str_eq(e->id, id)
				? "%s:%zu: id \"%.*s\" stands in line %zu already; keep one of the rows"
				: "%s:%zu: id \"%.*s\" differs from line %zu's by case alone; choose another",
			ew_table_name(r->table), line, EW_FMT(id), e->line);
	e = ew_arena_alloc(&r->arena, sizeof *e);
	*kept = ew_arena_str(&r->arena, id);
	key = keep_fold(r, *kept);
	if (!e || !kept->p || !key.p)
		return ew_fail_nomem(err);
	*e = (struct entered){ .id = *kept, .line = line };
	return ew_map_set(&r->entered, key, e, err);
}

/* --- ids of the store --- */

static enum ew_code
store_id(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct ew_roster *r = user;
	struct ew_str *id = ew_arena_alloc(&r->arena, sizeof *id);
	struct ew_str key;
	enum ew_code rc = fold(r, e->id, err);

	if (rc != EW_OK)
		return rc;
	key = keep_fold(r, e->id);
	if (!id || !key.p)
		return ew_fail_nomem(err);
	*id = e->id;
	return ew_map_set(&r->stored, key, id, err);
}

/* All ids of the store, read from its trees when the first new id comes. */
static enum ew_code
list_stored(struct ew_roster *r, struct ew_err *err)
{
	struct ew_snapshot *s = ew_edit_snapshot(r->edit);
	struct ew_collection *c;
	struct ew_str *split;
	size_t n;
	enum ew_code rc = ew_snapshot_splits(&split, &n, s, err);

	for (size_t i = 0; rc == EW_OK && i < n; i++)
		if ((rc = ew_snapshot_labels(&c, s, split[i], err)) == EW_OK)
			rc = ew_collection_each(c, store_id, r, err);
	r->have_stored = rc == EW_OK;
	return rc;
}

enum ew_code
ew_roster_check_new(struct ew_roster *r, struct ew_str id, size_t line, struct ew_err *err)
{
	const char *name = ew_table_name(r->table);
	const struct ew_str *twin;
	enum ew_code rc;

	if (!r->have_stored && (rc = list_stored(r, err)) != EW_OK)
		return rc;
	if ((rc = fold(r, id, err)) != EW_OK)
		return rc;
	twin = ew_map_get(&r->stored, ew_buf_str(&r->fold));
	if (!twin)
		return EW_OK;
	if (ew_str_eq(*twin, id))
		return ew_fail(err, EW_REFUSED,
			"%s:%zu: id \"%.*s\" is in the store already; compare with --update", name, line,
			EW_FMT(id));
	return ew_fail(err, EW_REFUSED,
		"%s:%zu: id \"%.*s\" differs from the store's \"%.*s\" by case alone; choose another",
		name, line, EW_FMT(id), EW_FMT(*twin));
}

/* A list that grows in an arena. */
struct missed {
	struct ew_roster *roster;
	struct ew_str *id;
	size_t n, room;
};

static enum ew_code
list_missed(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct missed *m = user;
	struct ew_roster *r = m->roster;
	enum ew_code rc = fold(r, e->id, err);

	if (rc != EW_OK || ew_map_get(&r->entered, ew_buf_str(&r->fold)))
		return rc;
	if (m->n == m->room) {
		size_t room = m->room ? m->room * 2 : 64;
		struct ew_str *more = ew_arena_array(&r->arena, room, sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		if (m->n)
			memcpy(more, m->id, m->n * sizeof *more);
		m->id = more;
		m->room = room;
	}
	m->id[m->n++] = e->id;
	return EW_OK;
}

enum ew_code
ew_roster_missed(struct ew_str **id, size_t *n, struct ew_roster *r, struct ew_err *err)
{
	struct missed m = { .roster = r };
	struct ew_collection *c;
	enum ew_code rc = ew_snapshot_labels(&c, ew_edit_snapshot(r->edit), r->split, err);

	if (rc == EW_OK && c)
		rc = ew_collection_each(c, list_missed, &m, err);
	*id = m.id;
	*n = m.n;
	return rc;
}

/* --- ids by an attribute --- */

static enum ew_code
match_one(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct ew_roster *r = user;
	struct ew_instance instance;
	struct ew_str value;
	struct match *k;
	bool found;
	enum ew_code rc;

	ew_arena_reset(&r->scratch);
	if ((rc = ew_edit_instance(&instance, &found, r->edit, e->id, &r->scratch, err)) != EW_OK ||
	    !found ||
	    (rc = ew_instance_attribute(&value, &instance, r->attribute, &r->scratch, err)) != EW_OK ||
	    !value.p)
		return rc;
	k = ew_map_get(&r->matched, value);
	if (k) {
		k->twice = true;
		return EW_OK;
	}
	k = ew_arena_alloc(&r->arena, sizeof *k);
	value = ew_arena_str(&r->arena, value);
	if (!k || !value.p)
		return ew_fail_nomem(err);
	*k = (struct match){ .id = e->id };
	return ew_map_set(&r->matched, value, k, err);
}

enum ew_code
ew_roster_match(struct ew_roster *r, struct ew_str attribute, struct ew_str column,
	struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc;

	r->attribute = attribute;
	r->column = column;
	if (!ew_table_has(r->table, column))
		return ew_fail(err, EW_REFUSED, "%s: there is no column \"%.*s\" to match by",
			ew_table_name(r->table), EW_FMT(column));
	rc = ew_snapshot_labels(&c, ew_edit_snapshot(r->edit), r->split, err);
	return rc == EW_OK && c ? ew_collection_each(c, match_one, r, err) : rc;
}

enum ew_code
ew_roster_find(struct ew_str *id, const struct ew_roster *r, const struct ew_row *row,
	struct ew_err *err)
{
	const struct match *k;
	struct ew_field field;
	struct ew_str value;
	enum ew_code rc;

	ew_row_find(&field, row, r->column);
	if ((rc = ew_row_text(&value, row, &field, r->column, err)) != EW_OK)
		return rc;
	k = value.p ? ew_map_get(&r->matched, value) : NULL;
	if (!k)
		return ew_row_fail(row, r->column, err,
			"no label of split %.*s has %.*s=%.*s; is it the right column?", EW_FMT(r->split),
			EW_FMT(r->attribute), EW_FMT(value));
	if (k->twice)
		return ew_row_fail(row, r->column, err,
			"several labels of split %.*s have %.*s=%.*s; match by another attribute",
			EW_FMT(r->split), EW_FMT(r->attribute), EW_FMT(value));
	*id = k->id;
	return EW_OK;
}
