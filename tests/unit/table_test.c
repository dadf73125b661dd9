/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "model/map.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

#define CSV "{\"schema\":\"map/1\",\"format\":\"csv\",\"id\":\"{id}\",\"answer\":\"value\""
#define LINES "{\"schema\":\"map/1\",\"format\":\"jsonl\",\"id\":\"{id}\",\"answer\":\"value\""

static struct ew_err err;
static struct ew_arena arena;
static struct ew_rows rows; /* of the table that was opened last */

/* A table under a map that is `map` and a closing brace; NULL, with err set, if refused. */
static struct ew_table *
open_bytes(const char *map, struct ew_str bytes)
{
	struct ew_map_file *m = NULL;
	struct ew_table *t = NULL;
	char text[512];

	snprintf(text, sizeof text, "%s}", map);
	ew_err_clear(&err);
	if (ew_map_file_parse(&m, ew_str(text), "map.json", &err) == EW_OK &&
		ew_table_open(&t, m, bytes, "dir/t.csv", &err) != EW_OK)
		t = NULL;
	ew_map_file_free(m);
	if (t)
		ew_rows_init(&rows, t, NULL);
	return t;
}

static struct ew_table *
open_text(const char *map, const char *text)
{
	return open_bytes(map, ew_str(text));
}

static void
refused_open(const char *map, struct ew_str bytes, const char *message, const char *what)
{
	struct ew_table *t = open_bytes(map, bytes);

	ok(!t && err.code == EW_REFUSED, "%s: refused", what);
	is_str(ew_str(err.msg), message, "%s: message", what);
	ew_table_free(t);
}

/* The next row, which must be there. */
static struct ew_row
next(void)
{
	struct ew_row row = { 0 };
	bool more = false;

	ok(ew_rows_next(&rows, &row, &more, &arena, &err) == EW_OK && more, "a row: %s", err.msg);
	return row;
}

static void
ends(void)
{
	struct ew_row row;
	bool more = true;

	ok(ew_rows_next(&rows, &row, &more, &arena, &err) == EW_OK && !more, "the end");
}

static void
refused_next(const char *map, const char *text, const char *message, const char *what)
{
	struct ew_table *t = open_text(map, text);
	struct ew_row row;
	bool more = true;

	while (t && more && ew_rows_next(&rows, &row, &more, &arena, &err) == EW_OK)
		;
	ok(err.code == EW_REFUSED, "%s: refused", what);
	is_str(ew_str(err.msg), message, "%s: message", what);
	ew_table_free(t);
}

static struct ew_str
cell(const struct ew_row *row, const char *column)
{
	struct ew_str s = EW_LIT("?");
	struct ew_field f;

	ew_row_find(&f, row, ew_str(column));
	ok(ew_row_text(&s, row, &f, ew_str(column), &err) == EW_OK, "get %s: %s", column, err.msg);
	return s;
}

static bool
has(const struct ew_row *row, const char *column)
{
	struct ew_field f;

	return ew_row_find(&f, row, ew_str(column));
}

static void
csv(void)
{
	struct ew_table *t =
		open_text(CSV, "id,value,note\r\n1,2.50, a \r\n2,,\"x\ny \"\"q\"\"\"\n");
	struct ew_buf names = { 0 };
	struct ew_field f;
	struct ew_row row;

	is_str(ew_str(ew_table_name(t)), "dir/t.csv", "its name");
	ok(ew_table_has(t, EW_LIT("note")), "has a column of the header");
	ok(!ew_table_has(t, EW_LIT("Note")), "names are exact");
	ew_table_columns(&names, t);
	is_str(ew_buf_str(&names), "id, value, note", "names of the columns");
	ew_buf_release(&names);
	row = next();
	is_int(row.line, 2, "the row's line");
	is_str(cell(&row, "value"), "2.50", "a field");
	is_str(cell(&row, "note"), " a ", "with its white space");
	ok(has(&row, "id") && !has(&row, "x"), "has by the header");
	ok(!cell(&row, "x").p, "a column that is lacking is absent");
	ok(ew_row_find(&f, &row, EW_LIT("id")) && !f.json, "no JSON in it");
	row = next();
	is_int(row.line, 3, "line of a row with a long field");
	ok(cell(&row, "value").p && cell(&row, "value").len == 0, "an empty field is not absent");
	is_str(cell(&row, "note"), "x\ny \"q\"", "quotes undone");
	ends();
	ew_table_free(t);
}

static void
csv_dialects(void)
{
	struct ew_table *t =
		open_text(CSV ",\"delimiter\":\"\\t\",\"quote\":\"'\"", "id\tvalue\n'a\tb'\t\"\n");
	struct ew_row row = next();

	is_str(cell(&row, "id"), "a\tb", "another quote");
	is_str(cell(&row, "value"), "\"", "the usual quote is a byte like others");
	ew_table_free(t);
	t = open_text(CSV ",\"encoding\":\"latin-1\"", "id,value\n1,\xb5g \xfc\n");
	row = next();
	is_str(cell(&row, "value"), "µg ü", "Latin-1 becomes UTF-8");
	ew_table_free(t);
	t = open_text(CSV ",\"encoding\":\"utf-8-sig\"", "\xef\xbb\xbfid,value\n1,2\n");
	ok(t && ew_table_has(t, EW_LIT("id")), "utf-8-sig skips the mark");
	ew_table_free(t);
	t = open_text(CSV ",\"encoding\":\"utf-8-sig\"", "id,value\n1,2\n");
	ok(t && ew_table_has(t, EW_LIT("id")), "utf-8-sig does without it");
	ew_table_free(t);
}

static void
csv_refusals(void)
{
	refused_open(CSV, EW_LIT(""),
		"dir/t.csv: is empty; the first line of a CSV table names its columns", "empty");
	refused_open(CSV, EW_LIT("\xef\xbb\xbfid\n"),
		"dir/t.csv:1: begins with a byte order mark; remove it, or say \"encoding\": "
		"\"utf-8-sig\" in the map",
		"byte order mark");
	refused_open(CSV, EW_LIT("\xff\xfei\0d\0"), "dir/t.csv:1: is UTF-16; convert it to UTF-8",
		"UTF-16");
	refused_open(CSV, EW_LIT("\xfe\xff\0i"), "dir/t.csv:1: is UTF-16; convert it to UTF-8",
		"UTF-16, big-endian");
	refused_open(CSV, EW_LIT("i\0d\0"),
		"dir/t.csv:1: a NUL byte; remove it, or convert the file to UTF-8 if it is UTF-16",
		"UTF-16 without a mark");
	refused_open(CSV, EW_LIT("id\n1\n\xb5\n"),
		"dir/t.csv:3: byte 0xb5 is not UTF-8; convert the file, or say \"encoding\": "
		"\"latin-1\" "
		"in the map if it is that",
		"not UTF-8");
	refused_open(CSV, EW_LIT("id,a,a\n"),
		"dir/t.csv:1: columns 2 and 3 are both named \"a\"; rename one", "a name twice");
	refused_open(CSV, EW_LIT("id, ,a\n"),
		"dir/t.csv:1: column 2 of the header has no name; give it one", "no name");
	refused_open(CSV, EW_LIT("id,\"a\n"),
		"dir/t.csv:1: quoted field never closes; add its closing quote",
		"open quote in the header");
	refused_next(CSV, "id,a\n1,2\n\"x\ny\",2\n1,2,3\n",
		"dir/t.csv:5: 3 fields where the header has 2; look for a stray or missing "
		"delimiter "
		"or quote",
		"ragged row");
	refused_next(CSV, "id,a\n1,2\n\n3,4\n",
		"dir/t.csv:3: 1 fields where the header has 2; look for a stray or missing "
		"delimiter "
		"or quote",
		"blank line");
	refused_next(CSV, "id,a\n1,2\n3,\"4\n",
		"dir/t.csv:3: quoted field never closes; add its closing quote", "open quote");
}

static void
csv_messages(void)
{
	struct ew_table *t = open_text(CSV, "id,note,value\n1,\"x\ny\",2\n");
	struct ew_row row = next();

	is_int(ew_row_fail(&row, EW_LIT("value"), &err, "is %d; mend it", 2), EW_REFUSED, "fails");
	is_str(ew_str(err.msg), "dir/t.csv:3: column \"value\": is 2; mend it",
		"at the cell's own line");
	ew_err_clear(&err);
	ew_table_free(t);
}

static void
lines(void)
{
	struct ew_table *t = open_text(LINES, "{\"id\":\"a\",\"n\":1.50,\"b\":true,\"z\":null,"
					      "\"o\":{\"k~/\":[10,{\"x\":\"y\"}]},\"/p\":\"q\"}\n"
					      "\r\n"
					      "{\"id\":\"b\"}");
	struct ew_buf names = { 0 };
	struct ew_field f;
	struct ew_row row;

	ok(ew_table_has(t, EW_LIT("n")) && !ew_table_has(t, EW_LIT("x")),
		"has what the first row has");
	ok(ew_table_has(t, EW_LIT("/o/k~0~1/1/x")), "also by a pointer");
	ew_table_columns(&names, t);
	is_str(ew_buf_str(&names), "id, n, b, z, o, /p", "members of the first row");
	ew_buf_release(&names);
	row = next();
	is_int(row.line, 1, "its line");
	is_str(cell(&row, "n"), "1.50", "a number as written");
	is_str(cell(&row, "b"), "true", "a boolean");
	ok(has(&row, "z") && !cell(&row, "z").p, "null is there, but absent");
	is_str(cell(&row, "/o/k~0~1/0"), "10", "an element by a pointer");
	is_str(cell(&row, "/o/k~0~1/1/x"), "y", "a member by a pointer");
	is_str(cell(&row, "/~1p"), "q", "a name with a slash");
	for (size_t i = 0; i < 6; i++) {
		static const char *const nowhere[] = { "/o/k~0~1/2", "/o/k~0~1/00", "/o/k~0~1/-",
			"/o/k~", "/p", "/n/x" };

		ok(!has(&row, nowhere[i]), "%s leads nowhere", nowhere[i]);
	}
	ok(ew_row_find(&f, &row, EW_LIT("o")) && ew_json_type(f.json) == EW_JSON_OBJECT, "a cell as JSON");
	ok(ew_row_text(&(struct ew_str){ 0 }, &row, &f, EW_LIT("o"), &err) == EW_REFUSED,
		"an object is no text");
	is_str(ew_str(err.msg),
		"dir/t.csv:1: column \"o\": is an array or object; one value is due here",
		"message");
	ew_err_clear(&err);
	row = next();
	is_int(row.line, 3, "a blank line counts, but is no row");
	ok(!has(&row, "n"), "each row has its own members");
	is_str(cell(&row, "id"), "b", "no line end at the end");
	ends();
	ew_table_free(t);
	t = open_text(LINES ",\"encoding\":\"utf-8-sig\"", "\xef\xbb\xbf{\"id\":\"a\"}\n");
	ok(t && ew_table_has(t, EW_LIT("id")), "utf-8-sig skips the mark");
	ew_table_free(t);
	t = open_text(LINES, "");
	ok(t && !ew_table_has(t, EW_LIT("id")), "no rows are a table");
	ends();
	ew_table_free(t);
}

static void
lines_refusals(void)
{
	static char long_line[EW_JSON_RECORD_MAX + 2];

	refused_open(LINES, EW_LIT("\n[1]\n"),
		"dir/t.csv:2: is no JSON object; give one object a line", "an array");
	refused_next(LINES, "{}\n{\"a\":1,\"a\":2}\n",
		"dir/t.csv:2: offset 7: member \"a\" is at offset 1 already; keep one of them",
		"a member twice");
	refused_next(LINES, "{}\n{}{}\n",
		"dir/t.csv:2: offset 2: more bytes after the document; give one document at a time",
		"two objects on a line");
	refused_open(LINES, EW_LIT("\xef\xbb\xbf{}"),
		"dir/t.csv:1: begins with a byte order mark; remove it, or say \"encoding\": "
		"\"utf-8-sig\" in the map",
		"byte order mark");
	memset(long_line, 'x', sizeof long_line);
	refused_open(LINES, ew_str_n(long_line, sizeof long_line),
		"dir/t.csv:1: longer than 1048576 bytes; shorten it", "a long line");
}

/* Every row of a stretch, "line:id,value;". */
static void
show_rows(struct ew_buf *out, const struct ew_table *t, const struct ew_stretch *s)
{
	struct ew_row row;
	bool more;

	ew_rows_init(&rows, t, s);
	while (ew_rows_next(&rows, &row, &more, &arena, &err) == EW_OK && more)
		ew_buf_addf(out, "%zu:%.*s,%.*s;", row.line, EW_FMT(cell(&row, "id")),
			EW_FMT(cell(&row, "value")));
}

/* In stretches of any length a table has the rows that it has as a whole. */
static void
stretches(const char *map, const char *text, size_t n, const char *what)
{
	struct ew_table *t = open_text(map, text);
	struct ew_buf whole = { 0 }, parts = { 0 };
	struct ew_stretch *s;
	size_t count;

	show_rows(&whole, t, NULL);
	for (size_t most = 1; most <= n + 1; most++) {
		size_t sum = 0;

		ew_buf_clear(&parts);
		ok(ew_table_cut(&s, &count, t, most, &arena, &err) == EW_OK, "%s in stretches of %zu", what,
			most);
		is_int(count, (n + most - 1) / most, "as many as there must be");
		for (size_t i = 0; i < count; i++) {
			show_rows(&parts, t, &s[i]);
			sum += s[i].rows;
		}
		is_int(sum, n, "all rows are counted");
		is_str(ew_buf_str(&parts), whole.p ? whole.p : "", "and have the same lines and texts");
	}
	ew_table_free(t);
	ew_buf_release(&whole);
	ew_buf_release(&parts);
}

static void
cuts(void)
{
	struct ew_stretch *s;
	struct ew_table *t;
	size_t n;

	stretches(CSV, "id,value\n1,a\n2,\"x\r\ny\"\r3,\"\"\"\"\n\"4\n\",d\n\n", 4, "CSV");
	stretches(CSV, "id,value\n", 0, "a header alone");
	stretches(LINES, "\n{\"id\":\"1\"}\n \r\n\n{\"id\":\"2\",\"value\":3}\n{\"id\":\"3\"}", 3, "JSON Lines");
	stretches(LINES, " \n", 0, "blank lines");
	/* What is refused is a row as well: it is found out when it is read. */
	t = open_text(CSV, "id,value\n1,a\n2,\"b\n3,c\n");
	ok(ew_table_cut(&s, &n, t, 1, &arena, &err) == EW_OK && n == 2, "a quote that never closes is one row");
	ew_rows_init(&rows, t, &s[1]);
	ok(ew_rows_next(&rows, &(struct ew_row){ 0 }, &(bool){ 0 }, &arena, &err) == EW_REFUSED, "refused");
	is_str(ew_str(err.msg), "dir/t.csv:3: quoted field never closes; add its closing quote", "in its line");
	ew_table_free(t);
}

/* Columns that the map names are found by their numbers, which are those of their first mention. */
static void
numbers(void)
{
	static const char map[] = LINES ",\"unit\":\"/o/u\",\"lower\":\"/o/~1\",\"upper\":\"/x~2\",\"kind\":\"o\"";
	struct ew_table *t = open_text(map, "{\"o\":{\"/\":7,\"u\":\"g\"},\"id\":\"1\",\"x~2\":1}");
	struct ew_row row = next();
	struct ew_field f;

	ok(ew_row_take(&f, &row, 0) && ew_str_is(ew_json_text(f.json), "1"), "the id comes first");
	ok(!ew_row_take(&f, &row, 1) && !f.json, "the answer is not there");
	ok(ew_row_take(&f, &row, 2) && ew_json_type(f.json) == EW_JSON_OBJECT, "a member");
	ok(ew_row_take(&f, &row, 3) && ew_str_is(ew_json_text(f.json), "g"), "what is below it");
	ok(ew_row_take(&f, &row, 4) && ew_str_is(ew_json_text(f.json), "7"), "by an escaped name");
	ok(!ew_row_take(&f, &row, 5), "a pointer that is none leads nowhere");
	ew_table_free(t);
	t = open_text(CSV ",\"kind\":\"k\"", "value,id\n2.5,1\n");
	row = next();
	ok(ew_row_take(&f, &row, 0) && ew_str_is(f.text, "1"), "CSV: the id");
	ok(ew_row_take(&f, &row, 1) && ew_str_is(f.text, "2.5"), "the answer");
	ok(!ew_row_take(&f, &row, 2), "a column that is not there");
	ew_table_free(t);
}

int
main(void)
{
	csv();
	csv_dialects();
	csv_refusals();
	csv_messages();
	lines();
	lines_refusals();
	cuts();
	numbers();
	ew_arena_release(&arena);
	return tap_done();
}
