/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/csv.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

/*
 * All rows of `text` as one line, "1:a|2:b/3:c/": the line of each field, its bytes
 * with LF and CR shown as ~ and ^, a bar between fields and a slash after each row.
 * A refusal is appended as its message.  Rows are passed over as well, to the same places.
 */
static struct ew_str
shown(struct ew_buf *out, struct ew_str text, char delimiter, char quote)
{
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_csv c, skipping;
	struct ew_csv_row row;
	bool more;

	ew_buf_clear(out);
	ew_csv_init(&c, text, delimiter, quote);
	skipping = c;
	while (ew_csv_next(&c, &row, &more, &arena, &err) == EW_OK && more) {
		if (!ew_csv_skip(&skipping) || skipping.at != c.at || skipping.line != c.line)
			ew_buf_addf(out, "(passed over to line %zu)", skipping.line);
		for (size_t i = 0; i < row.count; i++) {
			ew_buf_addf(out, "%s%zu:", i ? "|" : "", row.line[i]);
			for (size_t k = 0; k < row.field[i].len; k++) {
				char b = row.field[i].p[k];

				ew_buf_addc(out, b == '\n' ? '~' : b == '\r' ? '^' : b);
			}
		}
		ew_buf_addc(out, '/');
	}
	if (ew_csv_skip(&skipping) != (err.code != EW_OK))
		ew_buf_adds(out, "(passed over to another end)");
	ew_buf_adds(out, err.msg);
	if (err.code != EW_OK && err.code != EW_REFUSED)
		ew_buf_addf(out, " (code %d)", (int)err.code);
	ew_arena_release(&arena);
	return ew_buf_str(out);
}

struct sample {
	const char *text, *want;
};

static void
check(const struct sample *s, size_t n)
{
	struct ew_buf out = { 0 };

	for (size_t i = 0; i < n; i++) {
		/* A copy of the exact length lets the sanitizer see a read past the end. */
		size_t len = strlen(s[i].text);
		char *copy = malloc(len + 1);

		if (!copy)
			abort();
		memcpy(copy + 1, s[i].text, len);
		is_str(shown(&out, ew_str_n(copy + 1, len), ',', '"'), s[i].want, "%s", s[i].want);
		free(copy);
	}
	ew_buf_release(&out);
}

static void
test_rows(void)
{
	static const struct sample samples[] = {
		{ "a,b\nc,d\n", "1:a|1:b/2:c|2:d/" },
		{ "a,b\r\nc,d\r\n", "1:a|1:b/2:c|2:d/" },
		{ "a,b\rc,d\r", "1:a|1:b/2:c|2:d/" },
		{ "a\rb\nc\r\nd", "1:a/2:b/3:c/4:d/" },
		{ "a,b\nc,d", "1:a|1:b/2:c|2:d/" },
		{ "a", "1:a/" },
		{ "a,", "1:a|1:/" },
		{ ",", "1:|1:/" },
		{ ",\n,,\n", "1:|1:/2:|2:|2:/" },
		{ "a\nb,c\nd,e,f\n", "1:a/2:b|2:c/3:d|3:e|3:f/" },
		{ " a , b ", "1: a |1: b /" },
		{ "\xef\xbb\xbfid,b\n", "1:id|1:b/" },
		{ "\xef\xbb\xbf\"id\",b\n", "1:id|1:b/" },
		{ "a\n\xef\xbb\xbfz", "1:a/2:\xef\xbb\xbfz/" },
		{ "\xef\xbb\xbf", "" },
		{ "\xc3\xa9,\xe2\x82\xac", "1:\xc3\xa9|1:\xe2\x82\xac/" },
	};

	check(samples, sizeof samples / sizeof samples[0]);
}

static void
test_blank_lines(void)
{
	static const struct sample samples[] = {
		{ "", "" },
		{ "\n", "" },
		{ "\r\n\r\n\n\r", "" },
		{ "a\n\n", "1:a/" },
		{ "a\r\n\r\n\r\n", "1:a/" },
		{ "a\n\nb\n", "1:a/2:/3:b/" },
		{ "a\r\n\r\nb", "1:a/2:/3:b/" },
		{ "\na", "1:/2:a/" },
		{ "a\n\"\"\n", "1:a/2:/" },
		{ "a\n \n", "1:a/2: /" },
		{ "a,\n\n\n", "1:a|1:/" },
	};

	check(samples, sizeof samples / sizeof samples[0]);
}

static void
test_quotes(void)
{
	static const struct sample samples[] = {
		{ "\"a\",\"b\"\n", "1:a|1:b/" },
		{ "\"a,b\",c", "1:a,b|1:c/" },
		{ "\"\",\"\"", "1:|1:/" },
		{ "\"\"\"\"", "1:\"/" },
		{ "\"\"\"a\"\"\",\"b\"\"\"\"c\"", "1:\"a\"|1:b\"\"c/" },
		{ "\"say \"\"hi\"\", then\"\r\nx", "1:say \"hi\", then/2:x/" },
		/* bare LF in a quoted field of a file whose records end in CR LF */
		{ "a,\"x\ny\nz\",b\r\nc\r\n", "1:a|1:x~y~z|3:b/4:c/" },
		{ "\"x\r\ny\",\"p\rq\"\nz", "1:x^~y|2:p^q/4:z/" },
		{ "\"\r\r\n\n\",k", "1:^^~~|4:k/" },
		{ "\"\r\"\n\"\n\"\nk", "1:^/3:~/5:k/" },
		{ "\"\r\"\"\n\",k", "1:^\"~|3:k/" },
		{ "\"a\n\n\"", "1:a~~/" },
		{ "\"a\n\n\"\n\n", "1:a~~/" },
	};

	check(samples, sizeof samples / sizeof samples[0]);
}

static void
test_refused(void)
{
#define STRAY "quote inside an unquoted field; quote the field and double it"
#define AFTER "text after a closing quote; double the quotes inside the field"
#define OPEN "quoted field never closes; add its closing quote"
	static const struct sample samples[] = {
		{ "a\nb\"c\n", "1:a/line 2: " STRAY },
		{ "a, \"b\"\n", "line 1: " STRAY },
		{ "a,b\"", "line 1: " STRAY },
		{ "a\n\"b\"c\n", "1:a/line 2: " AFTER },
		{ "a\n\"b\n\n\" ,c\n", "1:a/line 4: " AFTER },
		{ "\"a\"\"\"b", "line 1: " AFTER },
		{ "a\r\nb,\"c\r\nd,e\r\n", "1:a/line 2: " OPEN },
		{ "\"", "line 1: " OPEN },
		{ "\"\"\"", "line 1: " OPEN },
		{ "\"a\"\"", "line 1: " OPEN },
		{ "\n\n\"\n\n", "1:/2:/line 3: " OPEN },
		{ "\"p\nq\",\"r\ns", "line 2: " OPEN },
	};

	check(samples, sizeof samples / sizeof samples[0]);
}

static void
test_delimiters(void)
{
	struct ew_buf out = { 0 };

	is_str(shown(&out, ew_str("a,b\tc\n\"d\te\"\tf"), '\t', '"'), "1:a,b|1:c/2:d\te|2:f/",
		"fields between tabs");
	is_str(shown(&out, ew_str("a;'b;''c'''\n\"d\";e"), ';', '\''), "1:a|1:b;'c'/2:\"d\"|2:e/",
		"semicolons and single quotes");
	is_str(shown(&out, (struct ew_str){ NULL, 0 }, ',', '"'), "",
		"the absent text has no rows");
	ok(ew_str_eq(shown(&out, ew_str_n("a\0b,c", 5), ',', '"'), ew_str_n("1:a\0b|1:c/", 10)),
		"a NUL is a byte as any other");
	ew_buf_release(&out);
}

/* A copy of `unit`, `n` times. */
static void
repeat(struct ew_buf *out, const char *unit, size_t n)
{
	while (n-- > 0)
		ew_buf_adds(out, unit);
}

static void
test_columns_max(void)
{
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_buf text = { 0 };
	struct ew_csv c;
	struct ew_csv_row row;
	bool more, good = true;

	ew_buf_adds(&text, "x\n");
	for (int i = 0; i < EW_CSV_COLUMNS_MAX; i++)
		ew_buf_addf(&text, "%s%d", i ? "," : "", i);
	ew_buf_adds(&text, "\nq,\"\n\"");
	repeat(&text, ",", EW_CSV_COLUMNS_MAX - 1);
	ew_csv_init(&c, ew_buf_str(&text), ',', '"');
	ok(ew_csv_next(&c, &row, &more, &arena, &err) == EW_OK && row.count == 1,
		"a row of one column");
	ok(ew_csv_next(&c, &row, &more, &arena, &err) == EW_OK && more, "a row of many columns");
	is_int(row.count, EW_CSV_COLUMNS_MAX, "has as many as are allowed");
	for (size_t i = 0; i < row.count; i++) {
		uint64_t v;

		good = good && ew_str_to_u64(row.field[i], i, &v) && v == i && row.line[i] == 2;
	}
	ok(good, "and each field and line outlived the growth of the row");
	is_int(ew_csv_next(&c, &row, &more, &arena, &err), EW_REFUSED,
		"one column more is refused");
	is_str(ew_str(err.msg),
		"line 4: more than 1024 columns; check the delimiter and the quotes",
		"and says where");
	ok(!more, "a refusal yields no row");
	is_int(c.line, 3, "and leaves the reader before the record");
	ew_buf_release(&text);
	ew_arena_release(&arena);
}

static void
test_field_max(void)
{
	static const char *const before[] = { "a\n", "a\n\"", "a\n\"\"\"" };
	static const char *const after[] = { "", "\"", "\"" };
	struct ew_buf text = { 0 }, out = { 0 };

	for (size_t i = 0; i < 3; i++) {
		/* The pair of quotes in the third sample is one byte of the field. */
		size_t len = EW_CSV_FIELD_MAX - (i == 2);
		char *to;

		for (size_t over = 0; over < 2; over++) {
			ew_buf_clear(&text);
			ew_buf_adds(&text, before[i]);
			to = ew_buf_room(&text, len + over);
			if (!to)
				abort();
			memset(to, 'x', len + over);
			text.len += len + over;
			ew_buf_adds(&text, after[i]);
			shown(&out, ew_buf_str(&text), ',', '"');
			if (over)
				is_str(ew_buf_str(&out),
					"1:a/line 2: field longer than 16777216 "
					"bytes; shorten it or check the quotes",
					"one byte over the limit is refused, sample %zu", i);
			else
				is_int(out.len, 4 + 2 + EW_CSV_FIELD_MAX + 1,
					"the longest field is read, sample %zu", i);
		}
	}
	ew_buf_release(&text);
	ew_buf_release(&out);
}

/* A slice of the text costs nothing; a doubled quote costs a copy. */
static void
test_slices(void)
{
	struct ew_str text = EW_LIT("plain,\"quoted\",\"dou\"\"bled\"\n");
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_csv c;
	struct ew_csv_row row;
	bool more;

	ew_csv_init(&c, text, ',', '"');
	if (!ok(ew_csv_next(&c, &row, &more, &arena, &err) == EW_OK && row.count == 3,
		    "three fields"))
		return;
	ok(row.field[0].p == text.p, "a plain field is a slice of the text");
	ok(row.field[1].p == text.p + 7, "so is a quoted one");
	ok(row.field[2].p < text.p || row.field[2].p > text.p + text.len,
		"a doubled one is a copy");
	is_str(row.field[2], "dou\"bled", "with its quotes made single");
	ew_arena_release(&arena);
}

/* Inputs that a reader looking ahead at every record would take hours for. */
static void
test_linear(void)
{
	struct ew_buf text = { 0 }, out = { 0 };

	repeat(&text, "\n", 1 << 18);
	ew_buf_adds(&text, "x");
	shown(&out, ew_buf_str(&text), ',', '"');
	ok(ew_str_ends(ew_buf_str(&out), "/262145:x/"), "blank lines before a last row are read");
	ew_buf_clear(&text);
	repeat(&text, "a,b\n", 1 << 17);
	shown(&out, ew_buf_str(&text), ',', '"');
	ok(ew_str_ends(ew_buf_str(&out), "/131072:a|131072:b/"), "short rows without CR are read");
	ew_buf_clear(&text);
	ew_buf_adds(&text, "\"");
	repeat(&text, "\"\"", 1 << 18);
	ew_buf_adds(&text, "\"");
	is_int(shown(&out, ew_buf_str(&text), ',', '"').len, 2 + (1 << 18) + 1,
		"a field of quotes alone is read");
	ew_buf_release(&text);
	ew_buf_release(&out);
}

static void
test_write(void)
{
	static const struct {
		const char *field, *raw, *neutral;
	} cases[] = {
		{ "", "", "" },
		{ "a b", "a b", "a b" },
		{ "a,b", "\"a,b\"", "\"a,b\"" },
		{ "a;b", "a;b", "a;b" },
		{ "x\ny", "\"x\ny\"", "\"x\ny\"" },
		{ "x\r", "\"x\r\"", "\"x\r\"" },
		{ "\"", "\"\"\"\"", "\"\"\"\"" },
		{ "a\"\"b\"", "\"a\"\"\"\"b\"\"\"", "\"a\"\"\"\"b\"\"\"" },
		{ "'a", "'a", "'a" },
		{ "=1+1", "=1+1", "'=1+1" },
		{ "+1", "+1", "'+1" },
		{ "-25.0", "-25.0", "'-25.0" },
		{ "@SUM(A1)", "@SUM(A1)", "'@SUM(A1)" },
		{ "\t=1", "\t=1", "'\t=1" },
		{ "\r=1", "\"\r=1\"", "\"'\r=1\"" },
		{ "=\"a\",b", "\"=\"\"a\"\",b\"", "\"'=\"\"a\"\",b\"" },
		{ "a=1", "a=1", "a=1" },
	};
	struct ew_buf b = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ew_buf_clear(&b);
		ew_csv_write_field(&b, ew_str(cases[i].field), ',', false);
		is_str(ew_buf_str(&b), cases[i].raw, "sample %zu is written", i);
		ew_buf_clear(&b);
		ew_csv_write_field(&b, ew_str(cases[i].field), ',', true);
		is_str(ew_buf_str(&b), cases[i].neutral, "sample %zu is written for a spreadsheet",
			i);
	}
	ew_buf_clear(&b);
	ew_csv_write_field(&b, ew_str("a;b"), ';', false);
	ew_csv_write_field(&b, ew_str("a,b"), ';', false);
	is_str(ew_buf_str(&b), "\"a;b\"a,b", "the delimiter given is the one that is quoted");
	ew_buf_clear(&b);
	ew_csv_write_field(&b, (struct ew_str){ NULL, 0 }, ',', true);
	is_int(b.len, 0, "the absent text is an empty field");
	ew_buf_clear(&b);
	ew_csv_write_field(&b, ew_str_n("\0=1", 3), ',', true);
	is_int(b.len, 3, "a NUL is no formula");
	ew_buf_release(&b);
}

int
main(void)
{
	test_rows();
	test_blank_lines();
	test_quotes();
	test_refused();
	test_delimiters();
	test_columns_max();
	test_field_max();
	test_slices();
	test_linear();
	test_write();
	return tap_done();
}
