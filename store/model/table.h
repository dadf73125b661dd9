/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign tables: CSV or JSON Lines as rows of named texts.  A row knows its file and
 * line, so that whatever is wrong with a cell can be said where it stands.
 *
 * The column of a JSON Lines table is a member of its objects, or a JSON pointer
 * (RFC 6901) if its name begins with "/".
 *
 * A table that is open does not change, so threads may share it.  Rows are read in
 * stretches, each by a reader of its own: where stretches end is known before any row is
 * read, and how many rows there are.
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

/* So many rows from a place in the text on; the last may be one that is refused. */
struct ew_stretch {
	size_t at, line, rows;
};

/* Reads the rows of a stretch. */
struct ew_rows {
	const struct ew_table *table;
	struct ew_csv csv; /* CSV */
	size_t at, line;   /* JSON Lines: what is read next */
	size_t left;
};

/* It lives as long as the table, its bytes and the arena that it was read into. */
struct ew_row {
	const struct ew_table *table;
	size_t line;                   /* where it begins, from 1 */
	struct ew_csv_row csv;         /* CSV: as many fields as the header */
	const struct ew_json *object;  /* JSON Lines: numbers kept as written */
	const struct ew_json **member; /* JSON Lines: what the map's columns begin with */
};

/* What a row has in a column: a field of CSV, or a JSON value. */
struct ew_field {
	struct ew_str text;
	const struct ew_json *json;
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
/* Whether the header has the column; for JSON Lines, whether the first row has it. */
bool ew_table_has(const struct ew_table *, struct ew_str column);
/* The names of the columns (JSON Lines: of the first row's members), "A, B, C", appended. */
void ew_table_columns(struct ew_buf *out, const struct ew_table *);

/*
 * The table cut into stretches of `most` rows, the last of what is left; their ends are
 * found without reading what stands between.  In the arena; of no rows, none.
 */
EW_MUST_USE enum ew_code ew_table_cut(struct ew_stretch **out, size_t *n, const struct ew_table *,
	size_t most, struct ew_arena *, struct ew_err *err);

/* Read a stretch; NULL: the whole table. */
void ew_rows_init(struct ew_rows *, const struct ew_table *, const struct ew_stretch *);
/* The row that comes next, alone. */
struct ew_stretch ew_rows_here(const struct ew_rows *);
/*
 * The next row, in the arena as far as it is not in the table; *more is false at the end.
 * EW_REFUSED as "FILE:LINE: ..." for a row of another width than the header and for a
 * line that is no JSON object.
 */
EW_MUST_USE enum ew_code ew_rows_next(struct ew_rows *, struct ew_row *row, bool *more,
	struct ew_arena *, struct ew_err *err);

/* False unless the row has the column: by the header, or for JSON Lines by its own members. */
bool ew_row_find(struct ew_field *out, const struct ew_row *, struct ew_str column);
/* The same by the number that the map gives the column, which is faster. */
bool ew_row_take(struct ew_field *out, const struct ew_row *, size_t number);
/*
 * A field as text: as it stands; a JSON text, number as written, or "true" or "false";
 * absent for null and for a column that the row lacks.  EW_REFUSED for a JSON array or
 * object.
 */
EW_MUST_USE enum ew_code ew_row_text(struct ew_str *out, const struct ew_row *,
	const struct ew_field *, struct ew_str column, struct ew_err *err);

/* EW_REFUSED as `FILE:LINE: column "COLUMN": ...`, the line being that of the cell. */
enum ew_code ew_row_fail(const struct ew_row *, struct ew_str column, struct ew_err *err,
	const char *fmt, ...) EW_PRINTF(4, 5);

#endif
