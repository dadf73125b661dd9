/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of two formats.  CSV keeps the header as a map from name to place; JSON
 * Lines keeps its first row for as long as it is open, since that row stands for the
 * header in messages, and the row that was read last.
 */
#include "model/table.h"
#include "base/map.h"
#include "codec/json.h"
#include "model/map.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_SHOWN = 40 };

struct ew_table {
	const char *name;
	bool lines;
	struct ew_str text;    /* UTF-8 */
	struct ew_buf decoded; /* what `text` points into, unless that is borrowed */
	size_t line;           /* where the last row begins */

	struct ew_csv csv;
	struct ew_csv_row header;
	struct ew_map columns; /* to the place in the header's fields */
	struct ew_arena arena; /* of the header */

	size_t at, next_line; /* JSON Lines: what is read next */
	struct ew_json *first, *row;
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

/* The next line that is not blank, as a document; NULL at the end. */
static enum ew_code
read_line(struct ew_table *t, struct ew_json **out, struct ew_err *err)
{
	struct ew_str line = { NULL, 0 };

	*out = NULL;
	while (t->at < t->text.len && line.len == 0) {
		size_t end = ew_str_find(t->text, t->at, '\n');

		line = ew_str_trim(ew_str_part(t->text, t->at, end));
		t->at = end < t->text.len ? end + 1 : end;
		t->line = t->next_line++;
	}
	if (line.len == 0)
		return EW_OK;
	if (line.len > EW_JSON_RECORD_MAX)
		return ew_fail(err, EW_REFUSED, "%s:%zu: longer than %d bytes; shorten it",
			t->name, t->line, EW_JSON_RECORD_MAX);
	if (ew_json_parse(out, line, EW_JSON_RAW, err) != EW_OK)
		return ew_fail_at(err, "%s:%zu", t->name, t->line);
	if (ew_json_type(*out) != EW_JSON_OBJECT)
		return ew_fail(err, EW_REFUSED, "%s:%zu: is no JSON object; give one object a line",
			t->name, t->line);
	return EW_OK;
}

static enum ew_code
open_lines(struct ew_table *t, struct ew_err *err)
{
	enum ew_code rc;

	t->next_line = 1;
	rc = read_line(t, &t->first, err);
	t->at = 0;
	t->next_line = 1;
	t->line = 0;
	return rc;
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
	ew_json_free(t->first);
	ew_json_free(t->row);
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

size_t
ew_table_line(const struct ew_table *t)
{
	return t->line;
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

static const struct ew_json *
member(const struct ew_json *object, struct ew_str name)
{
	const struct ew_json *m = ew_json_first(object);

	while (m && !ew_str_eq(ew_json_name(m), name))
		m = ew_json_next(m);
	return m;
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

static const struct ew_json *
find_json(const struct ew_json *object, struct ew_str column)
{
	if (!ew_str_starts(column, "/"))
		return member(object, column);
	ew_str_cut(&column, '/');
	while (object && column.p)
		object = step(object, ew_str_cut(&column, '/'));
	return object;
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

static enum ew_code
next_csv(struct ew_table *t, struct ew_row *row, bool *more, struct ew_arena *arena,
	struct ew_err *err)
{
	size_t line = t->csv.line;

	if (ew_csv_next(&t->csv, &row->csv, more, arena, err) != EW_OK)
		return fail_csv(t, err);
	if (!*more)
		return EW_OK;
	t->line = line;
	if (row->csv.count != t->header.count)
		return ew_fail(err, EW_REFUSED,
			"%s:%zu: %zu fields where the header has %zu; look for a stray or missing "
			"delimiter or quote", t->name, line, row->csv.count, t->header.count);
	return EW_OK;
}

static enum ew_code
next_line(struct ew_table *t, struct ew_row *row, bool *more, struct ew_err *err)
{
	enum ew_code rc;

	ew_json_free(t->row);
	rc = read_line(t, &t->row, err);
	row->object = t->row;
	*more = t->row != NULL;
	return rc;
}

enum ew_code
ew_table_next(struct ew_table *t, struct ew_row *row, bool *more, struct ew_arena *arena,
	struct ew_err *err)
{
	enum ew_code rc;

	*row = (struct ew_row){ .table = t };
	rc = t->lines ? next_line(t, row, more, err) : next_csv(t, row, more, arena, err);
	row->line = t->line;
	return rc;
}

bool
ew_row_has(const struct ew_row *r, struct ew_str column)
{
	return r->object ? find_json(r->object, column) != NULL :
			   place_of(r->table, column) != SIZE_MAX;
}

enum ew_code
ew_row_get(struct ew_str *out, const struct ew_row *r, struct ew_str column, struct ew_err *err)
{
	const struct ew_json *j = ew_row_json(r, column);
	size_t place = r->object ? SIZE_MAX : place_of(r->table, column);

	*out = place == SIZE_MAX ? ew_json_text(j) : r->csv.field[place];
	switch (ew_json_type(j)) {
	case EW_JSON_BOOL:
		*out = ew_json_bool(j) ? EW_LIT("true") : EW_LIT("false");
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

const struct ew_json *
ew_row_json(const struct ew_row *r, struct ew_str column)
{
	return r->object ? find_json(r->object, column) : NULL;
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
