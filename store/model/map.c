/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsing import maps.  The schema says what a map may hold, so the code here takes
 * its shape for granted; it checks what a schema cannot say: patterns, the template
 * of the id, and that "optional" lists columns that the map has.
 */
#include "model/map.h"
#include "codec/assets.h"
#include "codec/schema.h"
#include "model/map_file.h"
#include "model/text.h"

#include <stdlib.h>

struct parser {
	struct ew_map_file *map;
	struct ew_err *err;
};

/* Where the map's JSON names each field: a member, or a member of a group. */
static const struct {
	const char *group, *name;
} places[EW_FIELDS] = {
	[EW_FIELD_ANSWER] = { NULL, "answer" },
	[EW_FIELD_KIND] = { NULL, "kind" },
	[EW_FIELD_STATE] = { NULL, "state" },
	[EW_FIELD_UNIT] = { NULL, "unit" },
	[EW_FIELD_LOWER] = { NULL, "lower" },
	[EW_FIELD_UPPER] = { NULL, "upper" },
	[EW_FIELD_MISSING] = { NULL, "missing" },
	[EW_FIELD_REASON] = { NULL, "reason" },
	[EW_FIELD_READINGS] = { NULL, "readings" },
	[EW_FIELD_BASIS] = { "confidence", "basis" },
	[EW_FIELD_FOR] = { "confidence", "for" },
	[EW_FIELD_OF] = { "confidence", "of" },
	[EW_FIELD_METHOD] = { "provenance", "method" },
	[EW_FIELD_AGENT] = { "provenance", "agent" },
	[EW_FIELD_RULE] = { "provenance", "rule" },
	[EW_FIELD_SOURCE] = { "provenance", "source" },
	[EW_FIELD_AT] = { "provenance", "at" },
	[EW_FIELD_EVIDENCE] = { NULL, "evidence" },
	[EW_FIELD_DIGEST] = { NULL, "digest" },
};

static void *
array(struct parser *p, size_t n, size_t size)
{
	void *a = ew_arena_array(&p->map->arena, n, size);

	if (!a)
		ew_fail_nomem(p->err);
	return a;
}

/* One ASCII byte that ends no line; `standard` if the map does not say. */
static enum ew_code
parse_character(char *out, struct parser *p, const struct ew_json *doc, const char *name,
	char standard)
{
	struct ew_str text = ew_json_get_text(doc, name);

	*out = text.p ? text.p[0] : standard;
	if (*out == '\n' || *out == '\r' || (unsigned char)*out >= 0x80)
		return ew_fail(p->err, EW_REFUSED,
			"%s: must be one ASCII character that ends no line", name);
	return EW_OK;
}

static enum ew_code
parse_format(struct parser *p, const struct ew_json *doc)
{
	struct ew_table_format *f = &p->map->format;
	struct ew_str encoding = ew_json_get_text(doc, "encoding");
	enum ew_code rc = parse_character(&f->delimiter, p, doc, "delimiter", ',');

	f->lines = ew_str_is(ew_json_get_text(doc, "format"), "jsonl");
	f->encoding = ew_str_is(encoding, "latin-1") ? EW_LATIN1 :
		ew_str_is(encoding, "utf-8-sig")     ? EW_UTF8_SIG :
						       EW_UTF8;
	if (rc == EW_OK)
		rc = parse_character(&f->quote, p, doc, "quote", '"');
	if (rc == EW_OK && f->delimiter == f->quote)
		return ew_fail(p->err, EW_REFUSED,
			"delimiter and quote are both '%c'; choose two", f->quote);
	return rc;
}

/* The text of a piece up to a brace that means something; "{{" and "}}" are texts. */
static enum ew_code
next_piece(struct parser *p, struct ew_map_piece *piece, struct ew_str *rest)
{
	size_t end = 0;

	while (end < rest->len && rest->p[end] != '{' && rest->p[end] != '}')
		end++;
	if (end > 0) {
		*piece = (struct ew_map_piece){ .text = ew_str_part(*rest, 0, end) };
	} else if (rest->len > 1 && rest->p[1] == rest->p[0]) {
		*piece = (struct ew_map_piece){ .text = ew_str_part(*rest, 0, 1) };
		end = 2;
	} else {
		end = ew_str_find(*rest, 0, '}');
		*piece = (struct ew_map_piece){ .text = ew_str_part(*rest, 1, end), .column = true };
		if (end == 0 || end == rest->len || piece->text.len == 0)
			return ew_fail(p->err, EW_REFUSED,
				"id: a brace that opens or closes no column; write {COLUMN}, "
				"and {{ or }} for a brace itself");
		end++;
	}
	*rest = ew_str_part(*rest, end, rest->len);
	return EW_OK;
}

static enum ew_code
parse_id(struct parser *p, struct ew_str template)
{
	struct ew_map_file *m = p->map;
	bool column = false;

	m->piece = array(p, template.len, sizeof *m->piece);
	if (!m->piece)
		return p->err->code;
	while (template.len > 0) {
		enum ew_code rc = next_piece(p, &m->piece[m->pieces], &template);

		if (rc != EW_OK)
			return rc;
		column |= m->piece[m->pieces++].column;
	}
	if (!column)
		return ew_fail(p->err, EW_REFUSED,
			"id: names no column, so every row has the same; write {COLUMN}");
	return EW_OK;
}

static enum ew_code
parse_words(struct parser *p, struct ew_map_source *s, const struct ew_json *words)
{
	s->word = array(p, ew_json_count(words), sizeof *s->word);
	if (!s->word)
		return p->err->code;
	for (const struct ew_json *w = ew_json_first(words); w; w = ew_json_next(w))
		s->word[s->words++] = (struct ew_map_word){ ew_json_name(w), ew_json_text(w) };
	return EW_OK;
}

/* A source that the map does not name stays { 0 }. */
static enum ew_code
parse_source(struct parser *p, struct ew_map_source *s, const struct ew_json *json)
{
	const struct ew_json *words = ew_json_get(json, "words");

	if (ew_json_type(json) == EW_JSON_STRING) {
		s->column = ew_json_text(json);
		return EW_OK;
	}
	s->column = ew_json_get_text(json, "column");
	s->constant = ew_json_get_text(json, "constant");
	return words ? parse_words(p, s, words) : EW_OK;
}

static enum ew_code
parse_fields(struct parser *p, const struct ew_json *doc)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < EW_FIELDS && rc == EW_OK; i++) {
		const struct ew_json *from =
			places[i].group ? ew_json_get(doc, places[i].group) : doc;

		rc = parse_source(p, &p->map->field[i], ew_json_get(from, places[i].name));
	}
	return rc;
}

static enum ew_code
parse_object(struct parser *p, struct ew_map_object *o, const struct ew_json *json)
{
	enum ew_code rc = EW_OK;

	if (ew_json_type(json) != EW_JSON_OBJECT)
		return parse_source(p, &o->whole, json);
	o->member = array(p, ew_json_count(json), sizeof *o->member);
	if (!o->member)
		return p->err->code;
	for (const struct ew_json *j = ew_json_first(json); j && rc == EW_OK; j = ew_json_next(j)) {
		struct ew_map_member *m = &o->member[o->members++];

		m->name = ew_json_name(j);
		rc = parse_source(p, &m->source, j);
	}
	return rc;
}

/* Mark a source of this column; false if it is of another. */
static bool
mark(struct ew_map_source *s, struct ew_str column)
{
	bool same = s->column.p && ew_str_eq(s->column, column);

	s->optional |= same;
	return same;
}

static bool
mark_object(struct ew_map_object *o, struct ew_str column)
{
	bool found = mark(&o->whole, column);

	for (size_t i = 0; i < o->members; i++)
		found |= mark(&o->member[i].source, column);
	return found;
}

static enum ew_code
parse_optional(struct parser *p, const struct ew_json *list)
{
	for (const struct ew_json *j = ew_json_first(list); j; j = ew_json_next(j)) {
		struct ew_str column = ew_json_text(j);
		bool found = mark_object(&p->map->input, column);

		found |= mark_object(&p->map->attributes, column);
		for (size_t i = 0; i < EW_FIELDS; i++)
			found |= mark(&p->map->field[i], column);
		if (!found)
			return ew_fail(p->err, EW_REFUSED,
				"optional: the map takes nothing from a column \"%.*s\"; "
				"correct it",
				EW_FMT(ew_text_start(column)));
	}
	return EW_OK;
}

/* The groups that a shape's pattern can have. */
enum {
	VALUE = 1 << 0,
	UNIT = 1 << 1,
	YEAR = 1 << 2,
	MONTH = 1 << 3,
	DAY = 1 << 4,
	WEEKS = 1 << 5,
	DAYS = 1 << 6,
};

static unsigned
group_bit(struct ew_str name)
{
	static const char *const names[] = { "value", "unit", "year", "month", "day", "weeks",
		"days" };

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (ew_str_is(name, names[i]))
			return 1U << i;
	return 0;
}

/* NULL if a shape can have these groups, else what it needs. */
static const char *
groups_flaw(const struct ew_map_shape *s, unsigned groups)
{
	groups &= ~(unsigned)UNIT;
	if (groups == VALUE)
		return NULL;
	if (s->has_kind && s->kind == EW_DATE)
		return groups == (YEAR | MONTH | DAY) ? NULL : "year, month and day, or value";
	if (s->has_kind && s->kind == EW_DURATION)
		return groups && !(groups & ~(unsigned)(WEEKS | DAYS)) ? NULL :
									 "weeks or days, or value";
	return "value";
}

static enum ew_code
check_groups(struct parser *p, const struct ew_map_shape *s)
{
	unsigned groups = 0;
	const char *flaw;

	for (size_t i = 0; ew_pattern_name(s->pattern, i).p; i++) {
		unsigned bit = group_bit(ew_pattern_name(s->pattern, i));

		if (!bit)
			return ew_fail(p->err, EW_REFUSED,
				"a group named \"%.*s\" means nothing; there are value, unit, "
				"year, month, day, weeks and days",
				EW_FMT(ew_pattern_name(s->pattern, i)));
		groups |= bit;
	}
	flaw = groups_flaw(s, groups);
	if (flaw)
		return ew_fail(p->err, EW_REFUSED,
			"the pattern must name the groups %s, and may name unit", flaw);
	return EW_OK;
}

static enum ew_code
parse_shapes(struct parser *p, const struct ew_json *list)
{
	struct ew_map_file *m = p->map;

	m->shape = array(p, ew_json_count(list), sizeof *m->shape);
	if (!m->shape)
		return p->err->code;
	for (const struct ew_json *j = ew_json_first(list); j; j = ew_json_next(j)) {
		size_t at = m->shapes++;
		struct ew_map_shape *s = &m->shape[at];
		struct ew_str pattern = ew_json_get_text(j, "pattern");
		enum ew_code rc = ew_pattern_compile(&s->pattern, pattern, p->err);

		s->has_kind = ew_kind_read(&s->kind, ew_json_get_text(j, "kind"));
		if (rc == EW_OK)
			rc = check_groups(p, s);
		if (rc != EW_OK)
			return ew_fail_at(p->err, "shapes/%zu", at);
	}
	return EW_OK;
}

static enum ew_code
parse_abstain(struct parser *p, const struct ew_json *list)
{
	struct ew_map_file *m = p->map;

	m->abstain = array(p, ew_json_count(list), sizeof *m->abstain);
	if (!m->abstain)
		return p->err->code;
	for (const struct ew_json *j = ew_json_first(list); j; j = ew_json_next(j))
		m->abstain[m->abstains++] = ew_str_trim(ew_json_text(j));
	return EW_OK;
}

/* The number of a column, which is its place among those that are named. */
static size_t
number_column(struct ew_map_file *m, struct ew_str column)
{
	size_t i = 0;

	while (i < m->columns && !ew_str_eq(m->column[i], column))
		i++;
	if (i == m->columns)
		m->column[m->columns++] = column;
	return i;
}

static void
number_source(struct ew_map_file *m, struct ew_map_source *s)
{
	if (s->column.p)
		s->number = number_column(m, s->column);
}

static void
number_object(struct ew_map_file *m, struct ew_map_object *o)
{
	number_source(m, &o->whole);
	for (size_t i = 0; i < o->members; i++)
		number_source(m, &o->member[i].source);
}

static enum ew_code
number_columns(struct parser *p)
{
	struct ew_map_file *m = p->map;

	m->column = array(p, m->pieces + EW_FIELDS + m->input.members + m->attributes.members + 2,
		sizeof *m->column);
	if (!m->column)
		return p->err->code;
	for (size_t i = 0; i < m->pieces; i++)
		if (m->piece[i].column)
			m->piece[i].number = number_column(m, m->piece[i].text);
	for (size_t i = 0; i < EW_FIELDS; i++)
		number_source(m, &m->field[i]);
	number_object(m, &m->input);
	number_object(m, &m->attributes);
	return EW_OK;
}

static enum ew_code
parse_document(struct parser *p)
{
	const struct ew_json *doc = p->map->document;
	enum ew_code rc = parse_format(p, doc);

	p->map->separator = ew_json_get_text(doc, "separator");
	if (rc == EW_OK)
		rc = parse_id(p, ew_json_get_text(doc, "id"));
	if (rc == EW_OK)
		rc = parse_fields(p, doc);
	if (rc == EW_OK)
		rc = parse_object(p, &p->map->input, ew_json_get(doc, "input"));
	if (rc == EW_OK)
		rc = parse_object(p, &p->map->attributes, ew_json_get(doc, "attributes"));
	if (rc == EW_OK)
		rc = number_columns(p);
	if (rc == EW_OK)
		rc = parse_optional(p, ew_json_get(doc, "optional"));
	if (rc == EW_OK)
		rc = parse_abstain(p, ew_json_get(doc, "abstain"));
	if (rc == EW_OK)
		rc = parse_shapes(p, ew_json_get(doc, "shapes"));
	return rc;
}

static enum ew_code
check_schema(const struct ew_json *doc, struct ew_err *err)
{
	struct ew_schema *schema;
	enum ew_code rc = ew_schema_shipped(&schema, "map", err);

	if (rc == EW_OK)
		rc = ew_schema_check(schema, doc, err);
	ew_schema_free(schema);
	return rc;
}

enum ew_code
ew_map_file_parse(struct ew_map_file **out, struct ew_str text, const char *name,
	struct ew_err *err)
{
	struct ew_map_file *m = calloc(1, sizeof *m);
	struct parser p = { m, err };
	enum ew_code rc;

	*out = NULL;
	if (!m)
		return ew_fail_nomem(err);
	rc = ew_json_parse(&m->document, text, EW_JSON_INTEGERS, err);
	if (rc == EW_OK)
		rc = check_schema(m->document, err);
	if (rc == EW_OK)
		rc = parse_document(&p);
	if (rc == EW_OK) {
		*out = m;
		return EW_OK;
	}
	ew_map_file_free(m);
	return ew_fail_at(err, "%s", name);
}

/* The name of a preset from the path of an asset; absent if that is none. */
static struct ew_str
preset_name(struct ew_str path)
{
	if (!ew_str_starts(path, "maps/") || !ew_str_ends(path, ".json"))
		return ew_str(NULL);
	return ew_str_part(path, sizeof "maps/" - 1, path.len - (sizeof ".json" - 1));
}

static enum ew_code
fail_preset(struct ew_str name, struct ew_err *err)
{
	struct ew_buf names = { 0 };

	for (const struct ew_asset *a = ew_assets; a->path.p; a++) {
		if (!preset_name(a->path).p)
			continue;
		ew_buf_adds(&names, names.len ? ", " : "");
		ew_buf_add(&names, preset_name(a->path));
	}
	ew_fail(err, EW_USAGE, "no preset \"%.*s\"; there are %.*s, and --map takes a file",
		EW_FMT(ew_text_start(name)), EW_FMT(ew_buf_str(&names)));
	ew_buf_release(&names);
	return EW_USAGE;
}

enum ew_code
ew_map_file_preset(struct ew_map_file **out, struct ew_str name, struct ew_err *err)
{
	*out = NULL;
	for (const struct ew_asset *a = ew_assets; a->path.p; a++) {
		struct ew_str preset = preset_name(a->path);

		if (preset.p && ew_str_eq(preset, name))
			return ew_map_file_parse(out, a->bytes, a->path.p, err);
	}
	return fail_preset(name, err);
}

void
ew_map_file_free(struct ew_map_file *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->shapes; i++)
		ew_pattern_free(m->shape[i].pattern);
	ew_json_free(m->document);
	ew_arena_release(&m->arena);
	free(m);
}

const struct ew_table_format *
ew_map_file_format(const struct ew_map_file *m)
{
	return &m->format;
}
