/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV in one pass over text in memory.  A field is a slice of that text; only a field
 * with doubled quotes is copied.  Every byte is looked at a fixed number of times, so
 * no input takes more than linear time.
 */
#include "codec/csv.h"

#include <string.h>

enum { COLUMNS_GUESS = 16 };

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

void
ew_csv_init(struct ew_csv *c, struct ew_str text, char delimiter, char quote)
{
	*c = (struct ew_csv){
		.text = text,
		.delimiter = delimiter,
		.quote = quote,
		.at = ew_str_starts(text, "\xef\xbb\xbf") ? 3 : 0,
		.line = 1,
		.columns = COLUMNS_GUESS,
	};
	/* Blank lines at the end are no rows; cutting them here costs one look in all. */
	while (c->text.len > 0 && is_line_end(c->text.p[c->text.len - 1]))
		c->text.len--;
}

/*
 * The first byte at or after `from` that means something in CSV: a delimiter, a quote
 * or a line end; s.len if there is none.  Fields are mostly short, where a plain loop
 * is faster than four calls of memchr(), which would also look past the field.
 */
static size_t
find_special(struct ew_str s, size_t from, char delimiter, char quote)
{
	while (from < s.len && s.p[from] != delimiter && s.p[from] != quote &&
		!is_line_end(s.p[from]))
		from++;
	return from;
}

/* CR LF is one line end, as LF and CR are. */
static size_t
count_line_ends(struct ew_str s)
{
	size_t n = 0;

	for (size_t i = 0; (i = ew_str_find(s, i, '\n')) < s.len; i++)
		n++;
	for (size_t i = 0; (i = ew_str_find(s, i, '\r')) < s.len; i++)
		n += i + 1 == s.len || s.p[i + 1] != '\n';
	return n;
}

/* `field` with each pair of quotes made one; there are `pairs` of them. */
static enum ew_code
undouble(struct ew_str *field, size_t pairs, char quote, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_str raw = *field;
	char *to = ew_arena_alloc(arena, raw.len - pairs);

	if (!to)
		return ew_fail_nomem(err);
	*field = ew_str_n(to, raw.len - pairs);
	for (size_t i = 0; i < raw.len;) {
		size_t at = ew_str_find(raw, i, quote);
		/* With the first quote of the pair, if there is a further pair. */
		size_t n = at - i + (at < raw.len);

		memcpy(to, raw.p + i, n);
		to += n;
		i = at + 2;
	}
	return EW_OK;
}

/* What stands between the quote at c->at and the one that closes it, and pairs within. */
static enum ew_code
scan_quoted(struct ew_csv *c, struct ew_str *raw, size_t *pairs, struct ew_err *err)
{
	size_t from = c->at + 1, end = from;

	for (;; end += 2, ++*pairs) {
		end = ew_str_find(c->text, end, c->quote);
		if (end == c->text.len)
			return ew_fail(err, EW_REFUSED,
				"line %zu: quoted field never closes; add its closing quote",
				c->line);
		if (end + 1 == c->text.len || c->text.p[end + 1] != c->quote)
			break;
	}
	*raw = ew_str_part(c->text, from, end);
	c->line += count_line_ends(*raw);
	c->at = end + 1;
	if (c->at < c->text.len && c->text.p[c->at] != c->delimiter &&
		!is_line_end(c->text.p[c->at]))
		return ew_fail(err, EW_REFUSED,
			"line %zu: text after a closing quote; double the quotes inside the field",
			c->line);
	return EW_OK;
}

static enum ew_code
scan_plain(struct ew_csv *c, struct ew_str *raw, struct ew_err *err)
{
	size_t end = find_special(c->text, c->at, c->delimiter, c->quote);

	*raw = ew_str_part(c->text, c->at, end);
	c->at = end;
	/* A quote that opens the field is not for this function, so it comes too late. */
	if (end < c->text.len && c->text.p[end] == c->quote)
		return ew_fail(err, EW_REFUSED,
			"line %zu: quote inside an unquoted field; quote the field and double it",
			c->line);
	return EW_OK;
}

/* The field at c->at, which moves to the delimiter, the line end or the end after it. */
static enum ew_code
read_field(struct ew_csv *c, struct ew_str *field, struct ew_arena *arena, struct ew_err *err)
{
	size_t pairs = 0, line = c->line;
	enum ew_code rc;

	if (c->at < c->text.len && c->text.p[c->at] == c->quote)
		rc = scan_quoted(c, field, &pairs, err);
	else
		rc = scan_plain(c, field, err);
	if (rc != EW_OK)
		return rc;
	if (field->len - pairs > EW_CSV_FIELD_MAX)
		return ew_fail(err, EW_REFUSED,
			"line %zu: field longer than %d bytes; shorten it or check the quotes",
			line, EW_CSV_FIELD_MAX);
	return pairs ? undouble(field, pairs, c->quote, arena, err) : EW_OK;
}

/* Room for one more field; the arrays move when they are full. */
static enum ew_code
make_room(struct ew_csv_row *row, size_t *room, const struct ew_csv *c, struct ew_arena *arena,
	struct ew_err *err)
{
	size_t want = *room ? *room * 2 : c->columns;
	struct ew_csv_row old = *row;

	if (row->count == EW_CSV_COLUMNS_MAX)
		return ew_fail(err, EW_REFUSED,
			"line %zu: more than %d columns; check the delimiter and the quotes",
			c->line, EW_CSV_COLUMNS_MAX);
	if (row->count < *room)
		return EW_OK;
	row->field = ew_arena_array(arena, want, sizeof *row->field);
	row->line = ew_arena_array(arena, want, sizeof *row->line);
	if (!row->field || !row->line)
		return ew_fail_nomem(err);
	if (old.count > 0) {
		memcpy(row->field, old.field, old.count * sizeof *old.field);
		memcpy(row->line, old.line, old.count * sizeof *old.line);
	}
	*room = want;
	return EW_OK;
}

static bool
take_delimiter(struct ew_csv *c)
{
	if (c->at == c->text.len || c->text.p[c->at] != c->delimiter)
		return false;
	c->at++;
	return true;
}

static void
take_line_end(struct ew_csv *c)
{
	if (c->at == c->text.len)
		return;
	/* Line ends at the end of the text are cut, so a byte follows this one. */
	c->at += c->text.p[c->at] == '\r' && c->text.p[c->at + 1] == '\n' ? 2 : 1;
	c->line++;
}

enum ew_code
ew_csv_next(struct ew_csv *c, struct ew_csv_row *row, bool *more, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_csv s = *c; /* so that a refusal leaves the caller's where it was */
	size_t room = 0;
	enum ew_code rc;

	*row = (struct ew_csv_row){ 0 };
	*more = false;
	if (s.at == s.text.len)
		return EW_OK;
	do {
		rc = make_room(row, &room, &s, arena, err);
		if (rc != EW_OK)
			return rc;
		row->line[row->count] = s.line;
		rc = read_field(&s, &row->field[row->count++], arena, err);
		if (rc != EW_OK)
			return rc;
	} while (take_delimiter(&s));
	take_line_end(&s);
	s.columns = row->count;
	*c = s;
	*more = true;
	return EW_OK;
}

/* Pass over a field as ew_csv_next() reads it; of one that it refuses, no matter how. */
static void
skip_field(struct ew_csv *c)
{
	const struct ew_str text = c->text;
	size_t end = c->at;

	if (end < text.len && text.p[end] == c->quote) {
		do
			end = ew_str_find(text, end + 1, c->quote) + 1;
		while (end < text.len && text.p[end] == c->quote);
		c->line += count_line_ends(ew_str_part(text, c->at, end));
	}
	while (end < text.len && text.p[end] != c->delimiter && !is_line_end(text.p[end]))
		end++;
	c->at = end < text.len ? end : text.len;
}

bool
ew_csv_skip(struct ew_csv *c)
{
	if (c->at == c->text.len)
		return false;
	do
		skip_field(c);
	while (take_delimiter(c));
	take_line_end(c);
	return true;
}

/* Whether a spreadsheet would take the text for a formula. */
static bool
is_formula(struct ew_str s)
{
	static const char first[] = { '=', '+', '-', '@', '\t', '\r' };

	return s.len > 0 && memchr(first, s.p[0], sizeof first);
}

void
ew_csv_write_field(struct ew_buf *out, struct ew_str field, char delimiter, bool neutral)
{
	const char *mark = neutral && is_formula(field) ? "'" : "";

	if (find_special(field, 0, delimiter, '"') == field.len) {
		ew_buf_adds(out, mark);
		ew_buf_add(out, field);
		return;
	}
	ew_buf_addc(out, '"');
	ew_buf_adds(out, mark);
	for (size_t i = 0, at; i < field.len; i = at + 1) {
		at = ew_str_find(field, i, '"');
		ew_buf_add(out, ew_str_part(field, i, at));
		if (at < field.len)
			ew_buf_adds(out, "\"\"");
	}
	ew_buf_addc(out, '"');
}
