/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON out: the only producer of JSON in the program.  Calls mirror the
 * structure: object, name, value, end.  Strings are escaped as RFC 8785 (JCS)
 * says, so that what is written with members in JCS order is canonical.  Misuse
 * (a value without a name in an object, an unbalanced end) is a programmer's
 * error and asserts.  Bytes that are not UTF-8 become U+FFFD, so that the output
 * is JSON whatever a caller hands on.
 */
#ifndef EW_CODEC_JSONW_H
#define EW_CODEC_JSONW_H

#include "base/buf.h"

struct ew_json;

enum { EW_JSONW_DEPTH = 64 }; /* a document read may stand in one written */

struct ew_jsonw {
	struct ew_buf *out;
	unsigned depth;
	unsigned char canonical; /* assert that names ascend in UTF-16 order */
	unsigned char lines;     /* each member and element on a line of its own, indented */
	unsigned char html;      /* also write < > & U+2028 U+2029 as \uXXXX: safe inside a page */
	unsigned char state[EW_JSONW_DEPTH + 1]; /* what may follow, by depth */
	struct ew_str last[EW_JSONW_DEPTH + 1];  /* the last name, by depth; borrowed */
};

/* Plain: members in the order of the calls.  `out` is borrowed until finish. */
void ew_jsonw_init(struct ew_jsonw *, struct ew_buf *out);
/* Canonical: RFC 8785; asserts the order of names. */
void ew_jsonw_init_canonical(struct ew_jsonw *, struct ew_buf *out);
/* The same for people and for git: a line for each member and element, two spaces a level, none at the end. */
void ew_jsonw_init_lines(struct ew_jsonw *, struct ew_buf *out);
/* Ends the document: asserts balance. */
void ew_jsonw_finish(struct ew_jsonw *);

void ew_jsonw_object(struct ew_jsonw *);
void ew_jsonw_array(struct ew_jsonw *);
void ew_jsonw_end(struct ew_jsonw *); /* of the innermost object or array */
void ew_jsonw_name(struct ew_jsonw *, struct ew_str name); /* borrowed until the object's next name */
void ew_jsonw_str(struct ew_jsonw *, struct ew_str value); /* UTF-8; an absent string is "" */
/* Canonical: within +-EW_JSON_INT_MAX, asserted. */
void ew_jsonw_int(struct ew_jsonw *, int64_t value);
void ew_jsonw_bool(struct ew_jsonw *, bool value);
void ew_jsonw_null(struct ew_jsonw *);
/*
 * A number from a finite double, asserted; the shortest form that reads back the
 * same.  For statistics, never for records.
 */
void ew_jsonw_double(struct ew_jsonw *, double value);
/* A whole value that is JSON already, from this writer or checked by ew_json_parse(). */
void ew_jsonw_raw(struct ew_jsonw *, struct ew_str json);
/* Members that are JSON already, without the braces around them, into the object that is open; not canonical. */
void ew_jsonw_members(struct ew_jsonw *, struct ew_str members);
/* A parsed document, its members put in JCS order. */
void ew_jsonw_json(struct ew_jsonw *, const struct ew_json *);

/* name + value in one call */
static inline void
ew_jsonw_str_at(struct ew_jsonw *w, const char *name, struct ew_str value)
{
	ew_jsonw_name(w, ew_str(name));
	ew_jsonw_str(w, value);
}
void ew_jsonw_int_at(struct ew_jsonw *, const char *name, int64_t value);
void ew_jsonw_bool_at(struct ew_jsonw *, const char *name, bool value);
/* null in place of an empty or absent string */
void ew_jsonw_str_or_null_at(struct ew_jsonw *, const char *name, struct ew_str value);

/* Order of two names under JCS: by UTF-16 code units.  <0, 0, >0. */
int ew_jcs_cmp(struct ew_str a, struct ew_str b);

/* The canonical bytes of a document parsed under EW_JSON_INTEGERS, appended to `out`. */
void ew_json_canonical(struct ew_buf *out, const struct ew_json *);

#endif
