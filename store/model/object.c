/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object is gathered as a list of members, from the row and then from what is
 * stored, sorted, and written as canonical JSON.  Numbers that canonical JSON does
 * not have become texts, as they were written.
 */
#include "model/object.h"
#include "codec/jsonw.h"
#include "codec/json.h"

#include <stdlib.h>

struct entry {
	struct ew_str name;
	const struct ew_json *json; /* NULL: the text */
	struct ew_str text;
};

struct gathered {
	struct entry entry[EW_JSON_MEMBERS];
	size_t n;
	bool said, lacking; /* the row says some, lacks some */
};

/* A whole number within the bounds of canonical JSON, written plainly. */
static bool
is_plain_integer(struct ew_str text)
{
	bool minus = ew_str_starts(text, "-");
	struct ew_str digits = ew_str_part(text, minus, text.len);
	uint64_t v;

	return ew_str_to_u64(digits, EW_JSON_INT_MAX, &v) && !(minus && v == 0);
}

static int
by_name(const void *a, const void *b)
{
	return ew_jcs_cmp(ew_json_name(*(const struct ew_json *const *)a),
		ew_json_name(*(const struct ew_json *const *)b));
}

static int
entry_by_name(const void *a, const void *b)
{
	return ew_jcs_cmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void write_json(struct ew_jsonw *, const struct ew_json *);

static void
write_members(struct ew_jsonw *w, const struct ew_json *object)
{
	const struct ew_json *member[EW_JSON_MEMBERS];
	size_t n = 0;

	for (const struct ew_json *m = ew_json_first(object); m; m = ew_json_next(m))
		member[n++] = m;
	qsort(member, n, sizeof member[0], by_name);
	ew_jsonw_object(w);
	for (size_t i = 0; i < n; i++) {
		ew_jsonw_name(w, ew_json_name(member[i]));
		write_json(w, member[i]);
	}
	ew_jsonw_end(w);
}

static void
write_json(struct ew_jsonw *w, const struct ew_json *j)
{
	switch (ew_json_type(j)) {
	case EW_JSON_NUMBER:
		if (is_plain_integer(ew_json_text(j)))
			ew_jsonw_raw(w, ew_json_text(j));
		else
			ew_jsonw_str(w, ew_json_text(j));
		return;
	case EW_JSON_ARRAY:
		ew_jsonw_array(w);
		for (const struct ew_json *e = ew_json_first(j); e; e = ew_json_next(e))
			write_json(w, e);
		ew_jsonw_end(w);
		return;
	case EW_JSON_OBJECT:
		write_members(w, j);
		return;
	case EW_JSON_NULL:
	case EW_JSON_BOOL:
	case EW_JSON_STRING:
		ew_jsonw_json(w, j);
		return;
	}
}

static enum ew_code
write_object(struct ew_str *out, const struct ew_placing *p, struct gathered *g)
{
	struct ew_buf bytes = { 0 };
	struct ew_jsonw w;
	enum ew_code rc;

	qsort(g->entry, g->n, sizeof *g->entry, entry_by_name);
	ew_jsonw_init_canonical(&w, &bytes);
	ew_jsonw_object(&w);
	for (size_t i = 0; i < g->n; i++) {
		ew_jsonw_name(&w, g->entry[i].name);
		if (g->entry[i].json)
			write_json(&w, g->entry[i].json);
		else
			ew_jsonw_str(&w, g->entry[i].text);
	}
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	rc = ew_buf_check(&bytes, p->err);
	if (rc == EW_OK) {
		*out = ew_arena_str(p->arena, ew_buf_str(&bytes));
		rc = out->p ? EW_OK : ew_fail_nomem(p->err);
	}
	ew_buf_release(&bytes);
	return rc;
}

/* Attributes are texts, integers and booleans; null is none. */
static enum ew_code
check_attribute(bool *none, const struct ew_placing *p, struct ew_str column,
	const struct ew_json *j)
{
	struct ew_cell at = { .column = column };

	*none = j && ew_json_type(j) == EW_JSON_NULL;
	if (ew_json_type(j) == EW_JSON_ARRAY || ew_json_type(j) == EW_JSON_OBJECT)
		return ew_cell_fail(p, &at,
			"an array or object is no attribute; take its parts by JSON pointers");
	return EW_OK;
}

static unsigned
depth(const struct ew_json *j)
{
	unsigned deepest = 0;

	if (ew_json_type(j) != EW_JSON_ARRAY && ew_json_type(j) != EW_JSON_OBJECT)
		return 0;
	for (const struct ew_json *e = ew_json_first(j); e; e = ew_json_next(e)) {
		unsigned d = depth(e);

		deepest = d > deepest ? d : deepest;
	}
	return deepest + 1;
}

static enum ew_code
gather_cell(struct gathered *g, const struct ew_placing *p, const struct ew_map_member *m,
	bool attributes)
{
	struct ew_cell c;
	bool none = false;
	enum ew_code rc = ew_cell_read(&c, p, &m->source);

	if (rc == EW_OK && c.said && attributes)
		rc = check_attribute(&none, p, c.column, c.json);
	/* In the record it stands in the input, and that in the record. */
	if (rc == EW_OK && depth(c.json) > EW_JSON_DEPTH - 2)
		rc = ew_cell_fail(p, &c, "nests deeper than %d; flatten it", EW_JSON_DEPTH - 2);
	g->said |= c.said;
	g->lacking |= !c.said;
	if (rc != EW_OK || !c.said || none)
		return rc;
	/* A text that words have translated is no longer what the JSON says. */
	if (m->source.words && c.raw.p)
		c.json = NULL;
	g->entry[g->n++] = (struct entry){ m->name, c.json, c.raw };
	return rc;
}

static enum ew_code
gather_whole(struct gathered *g, const struct ew_placing *p, const struct ew_map_source *s,
	bool attributes)
{
	struct ew_cell c;
	enum ew_code rc = ew_cell_read(&c, p, s);

	g->said = rc == EW_OK && c.said;
	if (!g->said)
		return rc;
	if (ew_json_type(c.json) != EW_JSON_OBJECT)
		return ew_cell_fail(p, &c,
			"is no object; give one, or name its members in the map");
	for (const struct ew_json *m = ew_json_first(c.json); m; m = ew_json_next(m)) {
		bool none = false;

		if (attributes)
			rc = check_attribute(&none, p, s->column, m);
		if (rc != EW_OK)
			return rc;
		if (!none)
			g->entry[g->n++] = (struct entry){ .name = ew_json_name(m), .json = m };
	}
	return rc;
}

static bool
has_entry(const struct gathered *g, struct ew_str name)
{
	for (size_t i = 0; i < g->n; i++)
		if (ew_str_eq(g->entry[i].name, name))
			return true;
	return false;
}

/* Whether the map takes this member from a column that the row has, so that it is none now. */
static bool
is_said(const struct ew_placing *p, const struct ew_map_object *o, struct ew_str name)
{
	struct ew_field field;

	for (size_t i = 0; i < o->members; i++)
		if (ew_str_eq(o->member[i].name, name))
			return o->member[i].source.constant.p ||
				ew_row_take(&field, p->row, o->member[i].source.number);
	return false;
}

/* Add the stored members that the row lacks. */
static enum ew_code
gather_stored(struct gathered *g, const struct ew_placing *p, const struct ew_map_object *o,
	const struct ew_json *stored)
{
	for (const struct ew_json *m = ew_json_first(stored); m; m = ew_json_next(m)) {
		struct ew_str name = ew_json_name(m);

		if (has_entry(g, name) || is_said(p, o, name))
			continue;
		if (g->n == EW_JSON_MEMBERS)
			return ew_fail(p->err, EW_REFUSED,
				"%s:%zu: more than %d members with those that are stored; "
				"name fewer in the map", ew_table_name(p->table), p->row->line,
				EW_JSON_MEMBERS);
		g->entry[g->n++] = (struct entry){ .name = name, .json = m };
	}
	return EW_OK;
}

/* Place one of the two; `stored` is what is stored, absent if nothing is. */
static enum ew_code
place(struct ew_str *out, bool *said, const struct ew_placing *p, const struct ew_map_object *o,
	struct ew_str stored, bool attributes)
{
	struct gathered g;
	struct ew_json *old = NULL;
	enum ew_code rc = EW_OK;

	g.n = 0;
	g.said = g.lacking = false;
	if (o->whole.column.p)
		rc = gather_whole(&g, p, &o->whole, attributes);
	for (size_t i = 0; i < o->members && rc == EW_OK; i++)
		rc = gather_cell(&g, p, &o->member[i], attributes);
	*said = g.said;
	*out = stored;
	if (rc != EW_OK || (!g.said && p->instance))
		return rc;
	if (!attributes && g.lacking && p->instance && !stored.p)
		return ew_fail(p->err, EW_REFUSED,
			"%s:%zu: only a digest of the input is stored; give all columns of the "
			"input that the map names, or none", ew_table_name(p->table), p->row->line);
	if (stored.p && !o->whole.column.p) {
		rc = ew_json_parse(&old, stored, EW_JSON_INTEGERS, p->err);
		if (rc == EW_OK)
			rc = gather_stored(&g, p, o, old);
	}
	if (rc == EW_OK)
		rc = write_object(out, p, &g);
	ew_json_free(old);
	return rc;
}

/* The digest that the row itself says; *said is false if it says none. */
static enum ew_code
read_digest(struct ew_sha256 *digest, bool *said, struct ew_cell *c, const struct ew_placing *p)
{
	enum ew_code rc = ew_cell_read_text(c, p, &p->map->field[EW_FIELD_DIGEST]);

	*said = rc == EW_OK && c->text.len > 0;
	if (*said && !ew_unhex(digest->b, sizeof digest->b, c->text))
		return ew_cell_fail(p, c, "is no digest; give 64 lower-case hexadecimal digits");
	return rc;
}

/*
 * The digest is that of the input.  A row that has none may say it, for an input that its
 * owner keeps; it may also be that of the stored input, or of the empty one.
 */
static enum ew_code
place_digest(struct ew_instance *to, const struct ew_placing *p)
{
	const bool stored = p->instance && !p->out->has_input;
	struct ew_sha256 digest;
	struct ew_cell c;
	bool said;
	enum ew_code rc = read_digest(&digest, &said, &c, p);

	to->digest = stored ? p->instance->digest : ew_sha256_str(p->hash, to->input);
	if (rc != EW_OK || !said || ew_sha256_eq(&digest, &to->digest))
		return rc;
	if (p->out->has_input)
		return ew_cell_fail(p, &c, "is not the digest of the row's input; leave one of them out");
	to->digest = digest;
	to->input = (struct ew_str){ NULL, 0 };
	return EW_OK;
}

enum ew_code
ew_object_place(struct ew_placing *p)
{
	const struct ew_instance none = { 0 }, *stored = p->instance ? p->instance : &none;
	struct ew_instance *to = &p->out->instance;
	enum ew_code rc;

	rc = place(&to->input, &p->out->has_input, p, &p->map->input, stored->input, false);
	if (rc == EW_OK)
		rc = place(&to->attributes, &p->out->has_attributes, p, &p->map->attributes,
			stored->attributes, true);
	return rc == EW_OK ? place_digest(to, p) : rc;
}
