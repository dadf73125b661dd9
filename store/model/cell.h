/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells: what a row gives for one source of an import map.  Internal to placing rows
 * (place.c, shape.c, object.c).
 */
#ifndef EW_MODEL_CELL_H
#define EW_MODEL_CELL_H

#include "model/map_file.h"

/* One row that is being placed. */
struct ew_placing {
	struct ew_placed *out;
	const struct ew_map_file *map;
	const struct ew_table *table;
	const struct ew_row *row;
	const struct ew_label *label;       /* what is stored, or NULL */
	const struct ew_instance *instance; /* likewise */
	struct ew_arena *arena;
	struct ew_hash *hash;
	struct ew_err *err;
};

struct ew_cell {
	bool said;                  /* the row has the column, or the map a constant */
	struct ew_str column;       /* absent for a constant */
	struct ew_str raw;          /* as it stands; absent for JSON's null, arrays and objects */
	struct ew_str text;         /* without white space at its ends, line ends as LF */
	const struct ew_json *json; /* JSON Lines */
};

/*
 * Read a source.  A column that is lacking is only not `said` if the map lists it as
 * optional or something is stored of this id, else EW_REFUSED.
 */
EW_MUST_USE enum ew_code ew_cell_read(struct ew_cell *out, const struct ew_placing *,
	const struct ew_map_source *);
/* The same where one text is due: arrays and objects are refused. */
EW_MUST_USE enum ew_code ew_cell_read_text(struct ew_cell *out, const struct ew_placing *,
	const struct ew_map_source *);
/*
 * The same, and where the row lacks the column, the stored attribute that the map
 * fills from that very column.
 */
EW_MUST_USE enum ew_code ew_cell_read_kept(struct ew_cell *out, const struct ew_placing *,
	const struct ew_map_source *);

/* A text as labels hold it; .p is NULL when memory is out, with the error set. */
struct ew_str ew_cell_tidy(const struct ew_placing *, struct ew_str raw);
/* The parts as one text, in the arena. */
EW_MUST_USE enum ew_code ew_cell_join(struct ew_str *out, const struct ew_placing *,
	const struct ew_str *part, size_t n);
/* The texts of an array, or of a text split at the map's separator. */
EW_MUST_USE enum ew_code ew_cell_list(struct ew_str **out, size_t *n, const struct ew_placing *,
	const struct ew_cell *, struct ew_str text);

/* EW_REFUSED at the cell. */
enum ew_code ew_cell_fail(const struct ew_placing *, const struct ew_cell *, const char *fmt, ...)
	EW_PRINTF(3, 4);
/* EW_REFUSED since the table lacks a column. */
enum ew_code ew_cell_fail_lacking(const struct ew_placing *, struct ew_str column);

#endif
