/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of two formats.  CSV keeps the header as a map from name to place; JSON
 * Lines keeps its first row, since that stands for the header in messages.  Where the
 * columns that the map names are to be found is looked up once: in CSV their place, in
 * JSON Lines the member that they begin with, which each row finds for all of them.
 */
#include "model/table.h"
#include "base/map.h"
#include "codec/json.h"
#include "model/map_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_SHOWN = 40 };

/* Where a column of the map is to be found; SIZE_MAX: nowhere. */
struct column {
	size_t place;          /* of the field, or the member that it begins with */
	struct ew_str pointer; /* JSON Lines: what leads on from there; absent: nothing */
};

struct ew_table {
	const char *name;
	bool lines;
	struct ew_str text;    /* UTF-8 */
	struct ew_buf decoded; /* what `text` points into, unless that is borrowed */
	struct ew_arena arena; /* of the header and the columns */
	struct column *column; /* by the map's numbers */

	struct ew_csv csv; /* at the first row */
	struct ew_csv_row header;
	struct ew_map columns; /* to the place in the header's fields */

	struct ew_json *first; /* row of JSON Lines, NULL without rows */
	struct ew_str *member; /* that columns begin with */
	size_t members;
};

static bool
starts(struct ew_str s, const char *prefix, size_t len)
{
	return s.len >= len && memcmp(s.p, prefix, len) == 0;
}

static size_t
line_of(struct ew_str text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; (i = ew_str_find(text, i, '\n')) < at; i++)
		line++;
	return line;
}

static enum ew_code
decode_latin1(struct ew_table *t, struct ew_str bytes, struct ew_err *err)
{
	for (size_t i = 0, from = 0; i <= bytes.len; i++) {
		unsigned char c = i < bytes.len ? (unsigned char)bytes.p[i] : 0xff;

		if (c < 0x80)
			continue;
		ew_buf_add(&t->decoded, ew_str_part(bytes, from, i));
		from = i + 1;
		if (i < bytes.len) {
			ew_buf_addc(&t->decoded, (char)(0xc0 | c >> 6));
			ew_buf_addc(&t->decoded, (char)(0x80 | (c & 0x3f)));
		}
	}
	t->text = ew_buf_str(&t->decoded);
	return ew_buf_check(&t->decoded, err);
}

/* Refuse what is not UTF-8, and U+0000, by line. */
static enum ew_code
check_utf8(const struct ew_table *t, struct ew_err *err)
{
	size_t i = 0, n;

	if (ew_utf8_ok(t->text))
		return EW_OK;
	while (i < t->text.len && t->text.p[i] && (n = ew_utf8_seq(t->text.p + i, t->text.len - i)))
		i += n;
	if (!t->text.p[i])
		return ew_fail(err, EW_REFUSED,
			"%s:%zu: a NUL byte; remove it, "
			"or convert the file to UTF-8 if it is UTF-16",
			t->name, line_of(t->text, i));
	return ew_fail(err, EW_REFUSED,
		"%s:%zu: byte 0x%02x is not UTF-8; convert the file, "
		"or say \"encoding\": \"latin-1\" in the map if it is that",
		t->name, line_of(t->text, i), (unsigned char)t->text.p[i]);
}

static enum ew_code
decode(struct ew_table *t, struct ew_str bytes, enum ew_encoding encoding, struct ew_err *err)
{
	bool mark = starts(bytes, "\xef\xbb\xbf", 3);

	if (bytes.len > EW_TABLE_MAX)
		return ew_fail(err, EW_REFUSED, "%s: larger than 4 GiB; import it in parts",
			t->name);
	if (starts(bytes, "\xff\xfe", 2) || starts(bytes, "\xfe\xff", 2))
		return ew_fail(err, EW_REFUSED, "%s:1: is UTF-16; convert it to UTF-8", t->name);
	if (mark && encoding != EW_UTF8_SIG)
		return ew_fail(err, EW_REFUSED,
			"%s:1: begins with a byte order mark; remove it, "
			"or say \"encoding\": \"utf-8-sig\" in the map", t->name);
	if (encoding == EW_LATIN1) {
		enum ew_code rc = decode_latin1(t, bytes, err);

		if (rc != EW_OK)
			return rc;
	} else {
		t->text = ew_str_part(bytes, mark ? 3 : 0, bytes.len);
	}
	return check_utf8(t, err);
}

/* The place of a column in a row of CSV; SIZE_MAX if there is none. */
static size_t
place_of(const struct ew_table *t, struct ew_str column)
{
	const struct ew_str *field = ew_map_get(&t->columns, column);

	return field ? (size_t)(field - t->header.field) : SIZE_MAX;
}

static enum ew_code
index_header(struct ew_table *t, struct ew_err *err)
{
	for (size_t i = 0; i < t->header.count; i++) {
		struct ew_str *name = &t->header.field[i];
		size_t other = place_of(t, *name);
		enum ew_code rc;

		if (ew_str_trim(*name).len == 0)
			return ew_fail(err, EW_REFUSED,
				"%s:%zu: column %zu of the header has no name; give it one",
				t->name, t->header.line[i], i + 1);
		if (other != SIZE_MAX)
			return ew_fail(err, EW_REFUSED,
				"%s:%zu: columns %zu and %zu are both named \"%.*s\"; rename one",
				t->name, t->header.line[i], other + 1, i + 1, EW_FMT(*name));
		rc = ew_map_set(&t->columns, *name, name, err);
		if (rc != EW_OK)
			return rc;
	}
	return EW_OK;
}

/* What the reader refused it begins with "line N: "; make that "FILE:N: ". */
static enum ew_code
fail_csv(const struct ew_table *t, struct ew_err *err)
{
	struct ew_err inner = *err;

	if (strncmp(inner.msg, "line ", 5) != 0)
		return ew_fail_at(err, "%s", t->name);
	ew_err_clear(err);
	return ew_fail(err, inner.code, "%s:%s", t->name, inner.msg + 5);
}

static enum ew_code
open_csv(struct ew_table *t, const struct ew_table_format *f, struct ew_err *err)
{
	bool more;

	ew_csv_init(&t->csv, t->text, f->delimiter, f->quote);
	if (ew_csv_next(&t->csv, &t->header, &more, &t->arena, err) != EW_OK)
		return fail_csv(t, err);
	if (!more)
		return ew_fail(err, EW_REFUSED,
			"%s: is empty; the first line of a CSV table names its columns", t->name);
	return index_header(t, err);
}

/* The next line that is not blank, without blanks at its ends; empty at the end. */
static struct ew_str
next_line(struct ew_rows *r, size_t *number)
{
	const struct ew_str text = r->table->text;
	struct ew_str line = { NULL, 0 };

	while (r->at < text.len && line.len == 0) {
		size_t end = ew_str_find(text, r->at, '\n');

		line = ew_str_trim(ew_str_part(text, r->at, end));
		r->at = end < text.len ? end + 1 : end;
		*number = r->line++;
	}
	return line;
}

/* The next line as a document; NULL at the end. */
static enum ew_code
read_line(struct ew_json **out, size_t *number, struct ew_rows *r, struct ew_arena *arena,
	struct ew_err *err)
{
	const char *name = r->table->name;
	const struct ew_str line = next_line(r, number);

	*out = NULL;
	if (line.len == 0)
		return EW_OK;
	if (line.len > EW_JSON_RECORD_MAX)
		return ew_fail(err, EW_REFUSED, "%s:%zu: longer than %d bytes; shorten it", name,
			*number, EW_JSON_RECORD_MAX);
	if (ew_json_parse_in(out, arena, line, EW_JSON_RAW, err) != EW_OK)
		return ew_fail_at(err, "%s:%zu", name, *number);
	if (ew_json_type(*out) != EW_JSON_OBJECT)
		return ew_fail(err, EW_REFUSED, "%s:%zu: is no JSON object; give one object a line", name,
			*number);
	return EW_OK;
}

static enum ew_code
open_lines(struct ew_table *t, struct ew_err *err)
{
	struct ew_rows rows;
	size_t number;

	ew_rows_init(&rows, t, NULL);
	return read_line(&t->first, &number, &rows, &t->arena, err);
}

/* The name that a token of a JSON pointer stands for: ~0 is "~" and ~1 is "/"; false if it is none. */
static bool
read_token(struct ew_str *name, struct ew_str token, struct ew_arena *arena, struct ew_err *err)
{
	char *to = ew_arena_alloc(arena, token.len);

	*name = ew_str_n(to, 0);
	if (!to)
		ew_fail_nomem(err);
	for (size_t i = 0; to && i < token.len; i++) {
		char c = token.p[i];

		if (c == '~') {
			if (++i == token.len || (token.p[i] != '0' && token.p[i] != '1'))
				return false;
			c = token.p[i] == '0' ? '~' : '/';
		}
		to[name->len++] = c;
	}
	return to;
}

/* The number of a member among those that columns begin with. */
static size_t
number_member(struct ew_table *t, struct ew_str name)
{
	size_t i = 0;

	while (i < t->members && !ew_str_eq(t->member[i], name))
		i++;
	if (i == t->members)
		t->member[t->members++] = name;
	return i;
}

/* Find the column of a name, which the arena keeps. */
static void
place_column(struct column *c, struct ew_table *t, struct ew_str name, struct ew_err *err)
{
	struct ew_str rest = name;

	*c = (struct column){ .place = t->lines ? SIZE_MAX : place_of(t, name) };
	if (!t->lines)
		return;
	if (ew_str_starts(name, "/")) {
		ew_str_cut(&rest, '/');
		if (!read_token(&name, ew_str_cut(&rest, '/'), &t->arena, err))
			return;
		c->pointer = rest;
	}
	c->place = number_member(t, name);
}

static enum ew_code
place_columns(struct ew_table *t, const struct ew_map_file *map, struct ew_err *err)
{
	t->column = ew_arena_array(&t->arena, map->columns, sizeof *t->column);
	t->member = ew_arena_array(&t->arena, map->columns, sizeof *t->member);
	if (!t->column || !t->member)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < map->columns; i++) {
		const struct ew_str name = ew_arena_str(&t->arena, map->column[i]);

		if (!name.p)
			return ew_fail_nomem(err);
		place_column(&t->column[i], t, name, err);
	}
	return err->code;
}

enum ew_code
ew_table_open(struct ew_table **out, const struct ew_map_file *map, struct ew_str bytes,
	const char *name, struct ew_err *err)
{
	const struct ew_table_format *f = ew_map_file_format(map);
	struct ew_table *t = calloc(1, sizeof *t);
	enum ew_code rc;

	*out = NULL;
	if (!t)
		return ew_fail_nomem(err);
	t->name = name;
	t->lines = f->lines;
	rc = decode(t, bytes, f->encoding, err);
	if (rc == EW_OK)
		rc = f->lines ? open_lines(t, err) : open_csv(t, f, err);
	if (rc == EW_OK)
		rc = place_columns(t, map, err);
	if (rc == EW_OK)
		*out = t;
	else
		ew_table_free(t);
	return rc;
}

void
ew_table_free(struct ew_table *t)
{
	if (!t)
		return;
	ew_map_release(&t->columns);
	ew_arena_release(&t->arena);
	ew_buf_release(&t->decoded);
	free(t);
}

const char *
ew_table_name(const struct ew_table *t)
{
	return t->name;
}

/* Whether a token of a JSON pointer, where ~0 is "~" and ~1 is "/", is this name. */
static bool
token_is(struct ew_str token, struct ew_str name)
{
	size_t i = 0;

	for (size_t k = 0; k < name.len; k++, i++) {
		char c = name.p[k];

		if (c == '~' || c == '/') {
			if (i == token.len || token.p[i++] != '~')
				return false;
			c = c == '~' ? '0' : '1';
		}
		if (i == token.len || token.p[i] != c)
			return false;
	}
	return i == token.len;
}

/* One step of a JSON pointer. */
static const struct ew_json *
step(const struct ew_json *from, struct ew_str token)
{
	const struct ew_json *m = ew_json_first(from);
	uint64_t index;

	if (ew_json_type(from) == EW_JSON_OBJECT) {
		while (m && !token_is(token, ew_json_name(m)))
			m = ew_json_next(m);
		return m;
	}
	if (ew_json_type(from) != EW_JSON_ARRAY || !ew_str_to_u64(token, SIZE_MAX, &index) ||
		(token.len > 1 && token.p[0] == '0'))
		return NULL;
	while (m && index-- > 0)
		m = ew_json_next(m);
	return m;
}

/* What the tokens of a JSON pointer lead to. */
static const struct ew_json *
follow(const struct ew_json *from, struct ew_str pointer)
{
	while (from && pointer.p)
		from = step(from, ew_str_cut(&pointer, '/'));
	return from;
}

static const struct ew_json *
find_json(const struct ew_json *object, struct ew_str column)
{
	if (!ew_str_starts(column, "/"))
		return ew_json_find(object, column);
	ew_str_cut(&column, '/');
	return follow(object, column);
}

bool
ew_table_has(const struct ew_table *t, struct ew_str column)
{
	return t->lines ? find_json(t->first, column) != NULL : place_of(t, column) != SIZE_MAX;
}

void
ew_table_columns(struct ew_buf *out, const struct ew_table *t)
{
	const struct ew_json *m = ew_json_first(t->first);
	size_t n = t->lines ? ew_json_count(t->first) : t->header.count;

	for (size_t i = 0; i < n && i < COLUMNS_SHOWN; i++) {
		ew_buf_adds(out, i ? ", " : "");
		ew_buf_add(out, t->lines ? ew_json_name(m) : t->header.field[i]);
		m = ew_json_next(m);
	}
	if (n > COLUMNS_SHOWN)
		ew_buf_adds(out, ", ...");
}

/* --- rows --- */

void
ew_rows_init(struct ew_rows *r, const struct ew_table *t, const struct ew_stretch *s)
{
	*r = (struct ew_rows){ .table = t, .csv = t->csv, .line = 1, .left = SIZE_MAX };
	if (!s)
		return;
	r->csv.at = r->at = s->at;
	r->csv.line = r->line = s->line;
	r->left = s->rows;
}

struct ew_stretch
ew_rows_here(const struct ew_rows *r)
{
	const bool lines = r->table->lines;

	return (struct ew_stretch){
		.at = lines ? r->at : r->csv.at,
		.line = lines ? r->line : r->csv.line,
		.rows = 1,
	};
}

/* Pass over a row; false at the end. */
static bool
skip_row(struct ew_rows *r)
{
	size_t number;

	return r->table->lines ? next_line(r, &number).len > 0 : ew_csv_skip(&r->csv);
}

enum ew_code
ew_table_cut(struct ew_stretch **out, size_t *n, const struct ew_table *t, size_t most,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf list = { 0 };
	struct ew_stretch s;
	struct ew_rows r;
	enum ew_code rc;

	ew_rows_init(&r, t, NULL);
	do {
		s = ew_rows_here(&r);
		for (s.rows = 0; s.rows < most && skip_row(&r);)
			s.rows++;
		if (s.rows)
			ew_buf_addmem(&list, &s, sizeof s);
	} while (s.rows);
	*n = list.len / sizeof s;
	if ((rc = ew_buf_check(&list, err)) == EW_OK &&
	    !(*out = ew_arena_array(arena, *n, sizeof s)))
		rc = ew_fail_nomem(err);
	if (rc == EW_OK && *n)
		memcpy(*out, list.p, list.len);
	ew_buf_release(&list);
	return rc;
}

static enum ew_code
next_csv(struct ew_rows *r, struct ew_row *row, bool *more, struct ew_arena *arena,
	struct ew_err *err)
{
	const struct ew_table *t = r->table;

	row->line = r->csv.line;
	if (ew_csv_next(&r->csv, &row->csv, more, arena, err) != EW_OK)
		return fail_csv(t, err);
	if (*more && row->csv.count != t->header.count)
		return ew_fail(err, EW_REFUSED,
			"%s:%zu: %zu fields where the header has %zu; look for a stray or missing "
			"delimiter or quote", t->name, row->line, row->csv.count, t->header.count);
	return EW_OK;
}

/* Find the members that the map's columns begin with. */
static enum ew_code
find_members(struct ew_row *row, struct ew_arena *arena, struct ew_err *err)
{
	const struct ew_table *t = row->table;

	row->member = ew_arena_array(arena, t->members, sizeof *row->member);
	if (!row->member)
		return ew_fail_nomem(err);
	for (const struct ew_json *m = ew_json_first(row->object); m; m = ew_json_next(m)) {
		const struct ew_str name = ew_json_name(m);
		size_t i = 0;

		while (i < t->members && !ew_str_eq(t->member[i], name))
			i++;
		if (i < t->members)
			row->member[i] = m;
	}
	return EW_OK;
}

static enum ew_code
next_object(struct ew_rows *r, struct ew_row *row, bool *more, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_json *object;
	enum ew_code rc = read_line(&object, &row->line, r, arena, err);

	row->object = object;
	*more = object != NULL;
	return rc == EW_OK && object ? find_members(row, arena, err) : rc;
}

enum ew_code
ew_rows_next(struct ew_rows *r, struct ew_row *row, bool *more, struct ew_arena *arena,
	struct ew_err *err)
{
	*row = (struct ew_row){ .table = r->table };
	*more = r->left > 0;
	if (!*more)
		return EW_OK;
	r->left--;
	return r->table->lines ? next_object(r, row, more, arena, err)
			       : next_csv(r, row, more, arena, err);
}

/* The field at a place of a row of CSV, SIZE_MAX for none. */
static bool
csv_field(struct ew_field *out, const struct ew_row *r, size_t place)
{
	const bool there = place != SIZE_MAX;

	*out = (struct ew_field){ .text = there ? r->csv.field[place] : ew_str(NULL) };
	return there;
}

bool
ew_row_find(struct ew_field *out, const struct ew_row *r, struct ew_str column)
{
	if (!r->object)
		return csv_field(out, r, place_of(r->table, column));
	*out = (struct ew_field){ .json = find_json(r->object, column) };
	return out->json;
}

bool
ew_row_take(struct ew_field *out, const struct ew_row *r, size_t number)
{
	const struct column *c = &r->table->column[number];

	if (!r->object)
		return csv_field(out, r, c->place);
	*out = (struct ew_field){ 0 };
	if (c->place != SIZE_MAX)
		out->json = follow(r->member[c->place], c->pointer);
	return out->json;
}

enum ew_code
ew_row_text(struct ew_str *out, const struct ew_row *r, const struct ew_field *f,
	struct ew_str column, struct ew_err *err)
{
	*out = f->json ? ew_json_text(f->json) : f->text;
	switch (ew_json_type(f->json)) {
	case EW_JSON_BOOL:
		*out = ew_json_bool(f->json) ? EW_LIT("true") : EW_LIT("false");
		break;
	case EW_JSON_ARRAY:
	case EW_JSON_OBJECT:
		return ew_row_fail(r, column, err, "is an array or object; one value is due here");
	case EW_JSON_NULL:
	case EW_JSON_NUMBER:
	case EW_JSON_STRING:
		break;
	}
	return EW_OK;
}

enum ew_code
ew_row_fail(const struct ew_row *r, struct ew_str column, struct ew_err *err, const char *fmt, ...)
{
	size_t place = r->object ? SIZE_MAX : place_of(r->table, column);
	size_t line = place == SIZE_MAX ? r->line : r->csv.line[place];
	char what[sizeof err->msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return ew_fail(err, EW_REFUSED, "%s:%zu: column \"%.*s\": %s", r->table->name, line,
		EW_FMT(column), what);
}
