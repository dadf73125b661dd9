/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of an import map, as map.c parses them, table.c finds their columns and
 * place.c uses them.  Internal to these.  All strings point into the parsed document.
 */
#ifndef EW_MODEL_MAP_FILE_H
#define EW_MODEL_MAP_FILE_H

#include "codec/pattern.h"
#include "model/map.h"

struct ew_map_word {
	struct ew_str from, to;
};

/* Where a text comes from: a column, a constant, or, with neither, nowhere. */
struct ew_map_source {
	struct ew_str column, constant; /* .p is NULL when absent */
	size_t number;                  /* of the column */
	struct ew_map_word *word;       /* what the texts of the column mean, if not themselves */
	size_t words;
	bool optional; /* a table may lack the column */
};

/* What a map can name for a label; the place of each in the map's JSON is in map.c. */
enum ew_map_field {
	EW_FIELD_ANSWER,
	EW_FIELD_KIND,
	EW_FIELD_STATE,
	EW_FIELD_UNIT,
	EW_FIELD_LOWER,
	EW_FIELD_UPPER,
	EW_FIELD_MISSING,
	EW_FIELD_REASON,
	EW_FIELD_READINGS,
	EW_FIELD_BASIS,
	EW_FIELD_FOR,
	EW_FIELD_OF,
	EW_FIELD_METHOD,
	EW_FIELD_AGENT,
	EW_FIELD_RULE,
	EW_FIELD_SOURCE,
	EW_FIELD_AT,
	EW_FIELD_EVIDENCE,
	EW_FIELD_DIGEST,
	EW_FIELDS,
};

/* An object made of the table: of members, or whole from a column that holds one. */
struct ew_map_object {
	struct ew_map_source whole; /* JSON Lines */
	struct ew_map_member {
		struct ew_str name;
		struct ew_map_source source;
	} *member;
	size_t members;
};

struct ew_map_shape {
	struct ew_pattern *pattern;
	bool has_kind;
	enum ew_kind kind;
};

struct ew_map_piece {
	struct ew_str text;
	bool column;   /* the name of one, else a text */
	size_t number; /* of the column */
};

struct ew_map_file {
	struct ew_arena arena;
	struct ew_json *document;
	struct ew_table_format format;
	struct ew_str *column; /* each that is named, once; numbers are places here */
	size_t columns;
	struct ew_map_piece *piece; /* of the id */
	size_t pieces;
	struct ew_map_source field[EW_FIELDS];
	struct ew_map_object input, attributes;
	struct ew_str *abstain;
	size_t abstains;
	struct ew_map_shape *shape;
	size_t shapes;
	struct ew_str separator; /* of the members of a set; .p is NULL when absent */
};

#endif
