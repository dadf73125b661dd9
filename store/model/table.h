/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign tables: CSV or JSON Lines as rows of named texts.  A row knows its file and
 * line, so that whatever is wrong with a cell can be said where it stands.
 *
 * The column of a JSON Lines table is a member of its objects, or a JSON pointer
 * (RFC 6901) if its name begins with "/".
 */
#ifndef EW_MODEL_TABLE_H
#define EW_MODEL_TABLE_H

#include "codec/csv.h"

#define EW_TABLE_MAX ((size_t)1 << 32) /* bytes */

struct ew_json;
struct ew_map_file;

enum ew_encoding {
	EW_UTF8,     /* a byte order mark is refused */
	EW_UTF8_SIG, /* one at the start is skipped */
	EW_LATIN1,
};

/* How the bytes of a table are read; an import map says it. */
struct ew_table_format {
	bool lines;            /* JSON Lines, else CSV */
	char delimiter, quote; /* CSV */
	enum ew_encoding encoding;
};

struct ew_table;

/* Valid until the next ew_table_next(). */
struct ew_row {
	const struct ew_table *table;
	size_t line;                  /* where it begins, from 1 */
	struct ew_csv_row csv;        /* CSV: as many fields as the header */
	const struct ew_json *object; /* JSON Lines: numbers kept as written */
};

/*
 * Open a table of the format that the map says.  `bytes` and `name`, a path for
 * messages, are borrowed.  EW_REFUSED, naming the line, for more than EW_TABLE_MAX
 * bytes, other encodings, an empty CSV, and column names that are empty or repeated.
 */
EW_MUST_USE enum ew_code ew_table_open(struct ew_table **out, const struct ew_map_file *,
	struct ew_str bytes, const char *name, struct ew_err *err);
void ew_table_free(struct ew_table *);

const char *ew_table_name(const struct ew_table *);
/* The line where the row that was read last begins; 0 before the first. */
size_t ew_table_line(const struct ew_table *);
/* Whether the header has the column; for JSON Lines, whether the first row has it. */
bool ew_table_has(const struct ew_table *, struct ew_str column);
/* The names of the columns (JSON Lines: of the first row's members), "A, B, C", appended. */
void ew_table_columns(struct ew_buf *out, const struct ew_table *);

/*
 * The next row; *more is false at the end.  Its arrays and unquoted fields live in
 * `arena`, other texts in the table.  EW_REFUSED as "FILE:LINE: ..." for a row of
 * another width than the header and for a line that is no JSON object.
 */
EW_MUST_USE enum ew_code ew_table_next(struct ew_table *, struct ew_row *row, bool *more,
	struct ew_arena *, struct ew_err *err);

/* Whether this row has the column: by the header, or for JSON Lines by its own members. */
bool ew_row_has(const struct ew_row *, struct ew_str column);
/*
 * A cell as text: a field as it stands; a JSON text, number as written, or "true" or
 * "false"; absent when the row lacks the column or has null.  EW_REFUSED for a JSON
 * array or object.  Of CSV, the text outlives the row.
 */
EW_MUST_USE enum ew_code ew_row_get(struct ew_str *out, const struct ew_row *,
	struct ew_str column, struct ew_err *err);
/* A cell of a JSON Lines row; NULL when the row lacks it, and always for CSV. */
const struct ew_json *ew_row_json(const struct ew_row *, struct ew_str column);

/* EW_REFUSED as `FILE:LINE: column "COLUMN": ...`, the line being that of the cell. */
enum ew_code ew_row_fail(const struct ew_row *, struct ew_str column, struct ew_err *err,
	const char *fmt, ...) EW_PRINTF(4, 5);

#endif
