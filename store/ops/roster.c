/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/roster.h"

#include "base/large.h"
#include "base/map.h"
#include "model/id.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* An id of the table. */
struct entered {
	unsigned char fold[16]; /* of the digest of what it is without case */
	const char *id;         /* ends in NUL; NULL: a free place */
	uint32_t number;
};

/* The first row that the store objects to, and what is stored. */
struct objection {
	size_t number; /* SIZE_MAX: there is none */
	const char *id;
	struct ew_str stored, split;
};

/* A list that grows in the arena. */
struct missed {
	struct ew_str *id;
	size_t n, room;
};

struct ew_roster {
	struct ew_store *store;
	struct ew_edit *edit;
	const struct ew_table *table;
	struct ew_str split;
	struct ew_str attribute, column; /* to find ids by, or absent */
	struct entered *entered;         /* by their digests, linear probing */
	size_t count, size;              /* a power of two */
	uint32_t *line;                  /* by number */
	struct objection objection;
	struct missed missed;
	struct ew_map matched; /* values of the attribute, to struct match */
	struct ew_arena arena, scratch;
	struct ew_buf fold, folds;
};

struct match {
	struct ew_str id;
	bool twice;
};

static enum ew_code
make_table(struct ew_roster *r, uint64_t rows, struct ew_err *err)
{
	r->size = 64;
	while (r->size / 3 * 2 < rows)
		r->size *= 2;
	r->entered = ew_large_array(r->size, sizeof *r->entered);
	r->line = calloc((size_t)rows, sizeof *r->line);
	return r->entered && r->line ? EW_OK : ew_fail_nomem(err);
}

enum ew_code
ew_roster_open(struct ew_roster **out, struct ew_store *store, struct ew_edit *edit,
	const struct ew_table *table, struct ew_str split, uint64_t rows, struct ew_err *err)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return ew_fail_nomem(err);
	(*out)->store = store;
	(*out)->edit = edit;
	(*out)->table = table;
	(*out)->split = split;
	(*out)->objection.number = SIZE_MAX;
	return make_table(*out, rows, err);
}

void
ew_roster_free(struct ew_roster *r)
{
	if (!r)
		return;
	free(r->entered);
	free(r->line);
	ew_map_release(&r->matched);
	ew_buf_release(&r->fold);
	ew_buf_release(&r->folds);
	ew_arena_release(&r->arena);
	ew_arena_release(&r->scratch);
	free(r);
}

enum ew_code
ew_roster_fold(struct ew_sha256 *out, struct ew_str id, const struct ew_sha256 *key,
	struct ew_buf *scratch, struct ew_hash *hash, struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(scratch);
	if ((rc = ew_id_fold(scratch, id, err)) != EW_OK)
		return rc;
	*out = ew_str_eq(ew_buf_str(scratch), id) ? *key : ew_sha256_str(hash, ew_buf_str(scratch));
	return EW_OK;
}

/* --- ids of the table --- */

/* Where to begin to look for a digest. */
static size_t
place_of(const struct ew_roster *r, const struct ew_sha256 *fold)
{
	size_t i;

	memcpy(&i, fold->b, sizeof i);
	return i & (r->size - 1);
}

void
ew_roster_expect(const struct ew_roster *r, const struct ew_sha256 *fold)
{
	__builtin_prefetch(&r->entered[place_of(r, fold)], 1);
}

/* Where the id of a digest stands, or would. */
static struct entered *
probe(const struct ew_roster *r, const struct ew_sha256 *fold)
{
	struct entered *e;

	for (size_t i = place_of(r, fold);; i = (i + 1) & (r->size - 1)) {
		e = &r->entered[i];
		if (!e->id || memcmp(e->fold, fold->b, sizeof e->fold) == 0)
			return e;
	}
}

enum ew_code
ew_roster_enter(const char **kept, struct ew_roster *r, struct ew_str id,
	const struct ew_sha256 *fold, size_t line, struct ew_err *err)
{
	struct entered *e = probe(r, fold);

	if (e->id)
		return ew_fail(err, EW_REFUSED,
			ew_str_is(id, e->id)
				? "%s:%zu: id \"%.*s\" stands in line %zu already; keep one of the rows"
				: "%s:%zu: id \"%.*s\" differs from line %zu's by case alone; choose another",
			ew_table_name(r->table), line, EW_FMT(id), (size_t)r->line[e->number]);
	assert(r->count < r->size / 3 * 2);
	*e = (struct entered){ .id = ew_arena_str(&r->arena, id).p, .number = (uint32_t)r->count };
	memcpy(e->fold, fold->b, sizeof e->fold);
	r->line[r->count++] = (uint32_t)line;
	*kept = e->id;
	return e->id ? EW_OK : ew_fail_nomem(err);
}

/* --- ids of the store --- */

/* A walk over a collection. */
struct walk {
	struct ew_roster *roster;
	struct ew_str split; /* absent: of instances */
	ew_roster_fn *fn;
	void *user;
	bool missed;
};

static enum ew_code
miss(struct ew_roster *r, struct ew_str id, struct ew_err *err)
{
	struct missed *m = &r->missed;

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
	m->id[m->n] = ew_arena_str(&r->arena, id);
	return m->id[m->n++].p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
object(struct walk *w, const struct entered *e, struct ew_str stored, struct ew_err *err)
{
	struct ew_roster *r = w->roster;

	if (r->objection.number < e->number)
		return EW_OK;
	r->objection = (struct objection){
		.number = e->number,
		.id = e->id,
		.stored = ew_arena_str(&r->arena, stored),
		.split = ew_arena_str(&r->arena, w->fn ? w->split : ew_str("")),
	};
	return r->objection.stored.p && r->objection.split.p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
meet(struct walk *w, const struct ew_entry *entry, const struct ew_sha256 *fold, struct ew_err *err)
{
	struct ew_roster *r = w->roster;
	const struct entered *e = probe(r, fold);
	const bool here = !w->split.p || ew_str_eq(w->split, r->split);

	if (!e->id)
		return w->missed && w->split.p && here ? miss(r, entry->id, err) : EW_OK;
	if (w->split.p && (!w->fn || !here || !ew_str_is(entry->id, e->id)))
		return object(w, e, entry->id, err);
	return ew_str_is(entry->id, e->id) ? w->fn(w->user, e->number, !w->split.p, &entry->blob, err) : EW_OK;
}

/* First what all of them are compared by, so that their places are there when they are looked at. */
static enum ew_code
meet_batch(void *user, const struct ew_entry *entry, size_t n, struct ew_err *err)
{
	struct walk *w = user;
	struct ew_roster *r = w->roster;
	struct ew_hash *hash = r->store->hash;
	struct ew_sha256 *fold;
	enum ew_code rc = EW_OK;

	ew_buf_clear(&r->folds);
	fold = (struct ew_sha256 *)(void *)ew_buf_room(&r->folds, n * sizeof *fold);
	if (!fold)
		return ew_buf_check(&r->folds, err);
	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		const struct ew_sha256 key = ew_sha256_str(hash, entry[i].id);

		rc = ew_roster_fold(&fold[i], entry[i].id, &key, &r->fold, hash, err);
		ew_roster_expect(r, &fold[i]);
	}
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = meet(w, &entry[i], &fold[i], err);
	if (rc == EW_OK)
		rc = ew_progress(r->store->opts.progress, "looking up", 0, 0, err);
	return rc;
}

static enum ew_code
walk(struct walk *w, struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_collection *c;
	struct ew_str *split;
	size_t n;
	enum ew_code rc = ew_snapshot_splits(&split, &n, s, err);

	for (size_t i = 0; rc == EW_OK && i < n; i++) {
		w->split = split[i];
		if ((rc = ew_snapshot_labels(&c, s, split[i], err)) == EW_OK)
			rc = ew_collection_each_batch(c, meet_batch, w, err);
	}
	if (rc != EW_OK || !w->fn)
		return rc;
	w->split = (struct ew_str){ NULL, 0 };
	rc = ew_snapshot_collection(&c, s, EW_LIT("instances"), false, 0, err);
	return rc == EW_OK && c ? ew_collection_each_batch(c, meet_batch, w, err) : rc;
}

enum ew_code
ew_roster_meet(struct ew_roster *r, ew_roster_fn *fn, void *user, bool missed, struct ew_err *err)
{
	struct walk w = { .roster = r, .fn = fn, .user = user, .missed = missed };
	const struct ew_oid head = ew_edit_head(r->edit);
	struct ew_version_at at;
	enum ew_code rc = ew_at_commit(&at, r->store, &head, err);

	if (rc == EW_OK)
		rc = walk(&w, at.snapshot, err);
	ew_at_release(&at);
	return rc;
}

size_t
ew_roster_refused(const struct ew_roster *r)
{
	return r->objection.number;
}

enum ew_code
ew_roster_refuse(const struct ew_roster *r, struct ew_err *err)
{
	const struct objection *o = &r->objection;
	const char *name = ew_table_name(r->table);
	size_t line;

	if (o->number == SIZE_MAX)
		return EW_OK;
	line = r->line[o->number];
	if (!ew_str_is(o->stored, o->id))
		return ew_fail(err, EW_REFUSED,
			"%s:%zu: id \"%s\" differs from the store's \"%.*s\" by case alone; choose another", name,
			line, o->id, EW_FMT(o->stored));
	if (o->split.len)
		return ew_fail(err, EW_REFUSED, "%s:%zu: id \"%s\" is in split %.*s; give --split %.*s", name, line,
			o->id, EW_FMT(o->split), EW_FMT(o->split));
	return ew_fail(err, EW_REFUSED, "%s:%zu: id \"%s\" is in the store already; compare with --update",
		name, line, o->id);
}

size_t
ew_roster_missed(struct ew_str **id, const struct ew_roster *r)
{
	*id = r->missed.id;
	return r->missed.n;
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
	if (!k || !value.p || !(k->id = ew_arena_str(&r->arena, e->id)).p)
		return ew_fail_nomem(err);
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
