/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV in and out: RFC 4180 with any one-byte delimiter; records end in LF, CR LF or
 * CR; quoted fields may hold all three; the last record may lack its end.  A quote
 * inside an unquoted field, text after a closing quote and a quote that never
 * closes are refused with the line where they stand.
 */
#ifndef EW_CODEC_CSV_H
#define EW_CODEC_CSV_H

#include "base/arena.h"
#include "base/buf.h"

enum { EW_CSV_FIELD_MAX = 1 << 24, EW_CSV_COLUMNS_MAX = 1024 };

struct ew_csv {
	struct ew_str text;
	char delimiter, quote;
	size_t at;      /* byte offset of the next record */
	size_t line;    /* its line, from 1 */
	size_t columns; /* of the record before it: a guess for its arrays */
};

struct ew_csv_row {
	struct ew_str *field; /* slices of the text, or of the arena where a quote was doubled */
	size_t *line;         /* line on which each field begins */
	size_t count;
};

/*
 * `text` is borrowed and must be UTF-8; a byte order mark at its start is skipped.
 * Delimiter and quote are two different ASCII bytes, neither CR nor LF.
 */
void ew_csv_init(struct ew_csv *, struct ew_str text, char delimiter, char quote);
/*
 * The next record into `row`, its arrays from `arena`.  *more is false at the end.
 * A blank line is a record of one empty field, but at the end of the text it is none.
 * Records may differ in their count.  EW_REFUSED as "line N: ..."; the reader then
 * stays before the refused record.
 */
EW_MUST_USE enum ew_code ew_csv_next(struct ew_csv *, struct ew_csv_row *row, bool *more,
	struct ew_arena *arena, struct ew_err *err);

/* Pass over the next record, whose fields are not looked at; false at the end. */
bool ew_csv_skip(struct ew_csv *);

/*
 * Append one field, quoted where RFC 4180 needs it.  With `neutral`, a text that a
 * spreadsheet would run as a formula (first byte = + - @ TAB CR) gets a leading '.
 */
void ew_csv_write_field(struct ew_buf *out, struct ew_str field, char delimiter, bool neutral);

#endif
