/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: a subschema as schema.c compiles it, and the check of a value by it.
 * Internal to schema.c and rule.c.
 */
#ifndef EW_CODEC_RULE_H
#define EW_CODEC_RULE_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include "codec/json.h"

#include <pcre2.h>

struct ew_schema_file {
	struct ew_schema_file *next;
	const char *name; /* "label.json"; "" when compiled from a text */
	struct ew_json *json;
};

struct ew_rules {
	const struct ew_rule **at;
	size_t n;
};

struct ew_property {
	const char *name;
	const struct ew_rule *rule;
};

/* What a member's value in the schema says is kept as that node; NULL: no such member. */
struct ew_rule {
	const struct ew_json *source;
	const struct ew_schema_file *file;
	bool never;       /* the schema `false` */
	bool unique;
	unsigned types; /* 1 << enum ew_json_type, and EW_RULE_INTEGER; 0: any */
	struct ew_property *property; /* those with const or enum first */
	size_t properties;
	const struct ew_json *constant, *words, *required, *dependent;
	const struct ew_json *min_properties, *max_properties, *min_items, *max_items;
	const struct ew_json *min_length, *max_length, *minimum, *maximum;
	pcre2_code *pattern;
	const struct ew_rule *additional, *names, *items;
	const struct ew_rule *ref, *negated, *condition, *consequence, *alternative;
	struct ew_rules prefix, all, any, one;
};

enum { EW_RULE_INTEGER = 1 << (EW_JSON_OBJECT + 1) };

/* The types a schema can name; ends with a name of NULL. */
extern const struct ew_rule_type {
	const char *name;
	unsigned bit;
	const char *words; /* "a string" */
} ew_rule_types[];

/* A place in a document, from the innermost member or element outwards. */
struct ew_place {
	const struct ew_place *up; /* NULL: the document */
	struct ew_str name;
	size_t index;
	bool element;
};

/* The place as a JSON pointer. */
void ew_place_add(struct ew_buf *out, const struct ew_place *);

/* EW_REFUSED with the place and what is wrong there, unless `doc` is valid. */
EW_MUST_USE enum ew_code ew_rule_check(const struct ew_rule *, const struct ew_json *doc,
	struct ew_err *err);

#endif
