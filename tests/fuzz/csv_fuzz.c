/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV: the first byte chooses the delimiter, the rest is the text.  What is read has
 * the lines that a plain count gives, and reads the same once it is written again; what
 * is refused names a line of the text and leaves the reader where it was.
 */
#include "codec/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "csv_fuzz: not so: %s\n", what);
		abort();
	}
}

/* The line of the byte at `to`, counted one byte at a time. */
static size_t
line_at(struct ew_str text, size_t to)
{
	size_t line = 1;

	for (size_t i = 0; i < to; i++)
		if (text.p[i] == '\n' ||
			(text.p[i] == '\r' && (i + 1 == text.len || text.p[i + 1] != '\n')))
			line++;
	return line;
}

static void
check_row(const struct ew_csv_row *row, const struct ew_csv *before, const struct ew_csv *after,
	struct ew_str text)
{
	must(after->at > before->at && after->at <= text.len, "a record takes some bytes");
	must(row->count >= 1 && row->count <= EW_CSV_COLUMNS_MAX, "a record has fields");
	must(row->line[0] == before->line, "a record begins on its first field's line");
	for (size_t i = 0; i < row->count; i++) {
		must(row->line[i] <= after->line, "no field begins after its record");
		must(i == 0 || row->line[i] >= row->line[i - 1], "lines go on");
		must(row->field[i].len <= after->at - before->at,
			"no field is larger than its record");
	}
	must(after->line == line_at(text, after->at), "lines are counted right");
}

static void
write_row(struct ew_buf *out, const struct ew_csv_row *row, char delimiter)
{
	for (size_t i = 0; i < row->count; i++) {
		if (i > 0)
			ew_buf_addc(out, delimiter);
		ew_csv_write_field(out, row->field[i], delimiter, false);
	}
	/* A record of one empty field would be a blank line, which is none at the end. */
	if (row->count == 1 && row->field[0].len == 0)
		ew_buf_adds(out, "\"\"");
	ew_buf_addc(out, '\n');
}

static void
check_refusal(const struct ew_err *err, const struct ew_csv *before, const struct ew_csv *after,
	struct ew_str text)
{
	size_t line = 0;

	must(err->code == EW_REFUSED, "what fails is refused");
	must(sscanf(err->msg, "line %zu: ", &line) == 1, "a refusal names a line");
	must(line >= before->line && line <= line_at(text, text.len), "the line is of the record");
	must(after->at == before->at && after->line == before->line, "the reader stays");
}

/* Reads all, writes what was read to `out`; returns the number of records. */
static size_t
read_all(struct ew_buf *out, struct ew_str text, char delimiter, struct ew_arena *arena,
	bool *refused)
{
	struct ew_csv c, before;
	struct ew_csv_row row;
	struct ew_err err = { 0 };
	size_t n = 0;
	bool more;

	*refused = false;
	ew_csv_init(&c, text, delimiter, '"');
	for (;; n++) {
		before = c;
		if (ew_csv_next(&c, &row, &more, arena, &err) != EW_OK) {
			check_refusal(&err, &before, &c, text);
			*refused = true;
			return n;
		}
		if (!more)
			return n;
		check_row(&row, &before, &c, text);
		must(ew_csv_skip(&before) && before.at == c.at && before.line == c.line,
			"a record is passed over as it is read");
		write_row(out, &row, delimiter);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_buf first = { 0 }, second = { 0 };
	struct ew_arena arena = { 0 };
	bool refused;
	size_t n;
	char delimiter;

	if (size == 0)
		return 0;
	delimiter = ",;\t|"[data[0] % 4];
	n = read_all(&first, ew_str_n(data + 1, size - 1), delimiter, &arena, &refused);
	/* A mark that was read as text would be skipped as a mark. */
	if (!ew_str_starts(ew_buf_str(&first), "\xef\xbb\xbf")) {
		must(read_all(&second, ew_buf_str(&first), delimiter, &arena, &refused) == n,
			"as many records are read again");
		must(!refused, "what is written is read");
		must(ew_str_eq(ew_buf_str(&first), ew_buf_str(&second)), "the same is read again");
	}
	ew_buf_release(&first);
	ew_buf_release(&second);
	ew_arena_release(&arena);
	return 0;
}
