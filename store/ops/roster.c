/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/roster.h"

#include "base/map.h"
#include "model/id.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* An id of the table. */
struct entered {
	unsigned char fold[16]; /* of the digest of what it is without case */
	const char *id;         /* ends in NUL; NULL: a free place */
	uint32_t line;
	bool is_new;            /* the store is said not to have it */
};

/* The new id of the first row that the store objects to, and its twin there. */
struct twin {
	const struct entered *entered;
	struct ew_str stored;
};

struct ew_roster {
	struct ew_store *store;
	struct ew_edit *edit;
	const struct ew_table *table;
	struct ew_str split;
	struct ew_str attribute, column; /* to find ids by, or absent */
	struct entered *entered;         /* by their digests, linear probing */
	size_t count, size;              /* a power of two */
	size_t news;
	struct twin twin;
	struct ew_map matched; /* values of the attribute, to struct match */
	struct ew_arena arena, scratch;
	struct ew_buf fold;
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
	r->entered = calloc(r->size, sizeof *r->entered);
	return r->entered ? EW_OK : ew_fail_nomem(err);
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
	return make_table(*out, rows, err);
}

void
ew_roster_free(struct ew_roster *r)
{
	if (!r)
		return;
	free(r->entered);
	ew_map_release(&r->matched);
	ew_buf_release(&r->fold);
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
	const struct ew_sha256 *fold, size_t line, bool is_new, struct ew_err *err)
{
	struct entered *e = probe(r, fold);

	if (e->id)
		return ew_fail(err, EW_REFUSED,
			ew_str_is(id, e->id)
				? "%s:%zu: id \"%.*s\" stands in line %zu already; keep one of the rows"
				: "%s:%zu: id \"%.*s\" differs from line %zu's by case alone; choose another",
			ew_table_name(r->table), line, EW_FMT(id), (size_t)e->line);
	assert(r->count < r->size / 3 * 2);
	r->count++;
	r->news += is_new;
	*e = (struct entered){
		.id = ew_arena_str(&r->arena, id).p,
		.line = (uint32_t)line,
		.is_new = is_new,
	};
	memcpy(e->fold, fold->b, sizeof e->fold);
	*kept = e->id;
	return e->id ? EW_OK : ew_fail_nomem(err);
}

/* --- ids of the store --- */

/* The entered id that is a stored one but for its case; NULL if none is. */
static enum ew_code
find_twin(const struct entered **out, struct ew_roster *r, struct ew_str stored, struct ew_err *err)
{
	struct ew_hash *hash = r->store->hash;
	const struct ew_sha256 key = ew_sha256_str(hash, stored);
	struct ew_sha256 fold;
	enum ew_code rc = ew_roster_fold(&fold, stored, &key, &r->fold, hash, err);

	*out = rc == EW_OK ? probe(r, &fold) : NULL;
	if (*out && !(*out)->id)
		*out = NULL;
	return rc;
}

static enum ew_code
check_stored(void *user, const struct ew_entry *entry, size_t n, struct ew_err *err)
{
	struct ew_roster *r = user;
	const struct entered *e;
	enum ew_code rc;

	for (size_t i = 0; i < n; i++) {
		if ((rc = find_twin(&e, r, entry[i].id, err)) != EW_OK)
			return rc;
		if (!e || !e->is_new || (r->twin.entered && r->twin.entered->line < e->line))
			continue;
		r->twin.entered = e;
		r->twin.stored = ew_arena_str(&r->arena, entry[i].id);
		if (!r->twin.stored.p)
			return ew_fail_nomem(err);
	}
	return EW_OK;
}

static enum ew_code
fail_twin(const struct ew_roster *r, struct ew_err *err)
{
	const struct entered *e = r->twin.entered;
	const char *name = ew_table_name(r->table);

	if (ew_str_is(r->twin.stored, e->id))
		return ew_fail(err, EW_REFUSED,
			"%s:%zu: id \"%s\" is in the store already; compare with --update", name,
			(size_t)e->line, e->id);
	return ew_fail(err, EW_REFUSED,
		"%s:%zu: id \"%s\" differs from the store's \"%.*s\" by case alone; choose another", name,
		(size_t)e->line, e->id, EW_FMT(r->twin.stored));
}

enum ew_code
ew_roster_check_new(struct ew_roster *r, size_t last, struct ew_err *err)
{
	const struct ew_oid head = ew_edit_head(r->edit);
	struct ew_version_at at = { .snapshot = NULL };
	struct ew_collection *c;
	struct ew_str *split;
	size_t n;
	enum ew_code rc;

	if (r->news == 0)
		return EW_OK;
	if ((rc = ew_at_commit(&at, r->store, &head, err)) == EW_OK)
		rc = ew_snapshot_splits(&split, &n, at.snapshot, err);
	for (size_t i = 0; rc == EW_OK && i < n; i++)
		if ((rc = ew_snapshot_labels(&c, at.snapshot, split[i], err)) == EW_OK)
			rc = ew_collection_each_batch(c, check_stored, r, err);
	ew_at_release(&at);
	return rc == EW_OK && r->twin.entered && r->twin.entered->line <= last ? fail_twin(r, err) : rc;
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
	const struct entered *entered;
	enum ew_code rc = find_twin(&entered, r, e->id, err);

	if (rc != EW_OK || entered)
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
