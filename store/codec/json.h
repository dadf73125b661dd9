/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in: a strict reader (RFC 8259 and I-JSON, RFC 7493) that builds cJSON
 * nodes itself.  cJSON is the document model only; its own parser accepts much
 * that is not JSON, and its printer changes numbers, so neither is ever called.
 *
 * Refused, each with the byte offset: anything that is not UTF-8; a byte order
 * mark; control bytes in strings; lone surrogates; U+0000 even when escaped;
 * duplicate member names; nesting over 32; more than EW_JSON_MEMBERS members in
 * one object; trailing bytes; numbers not of JSON's grammar.
 */
#ifndef EW_CODEC_JSON_H
#define EW_CODEC_JSON_H

#include "base/buf.h"
#include "base/arena.h"

enum {
	EW_JSON_DEPTH = 32,
	EW_JSON_MEMBERS = 256,
	EW_JSON_RECORD_MAX = 1 << 20, /* bytes of one record or one JSON line; for who reads it */
};

#define EW_JSON_INT_MAX (((int64_t)1 << 53) - 1)

/* A node of a document; owned by its document.  (A cJSON node in disguise.) */
struct ew_json;

enum ew_json_type {
	EW_JSON_NULL,
	EW_JSON_BOOL,
	EW_JSON_NUMBER,
	EW_JSON_STRING,
	EW_JSON_ARRAY,
	EW_JSON_OBJECT,
};

/* How numbers are taken. */
enum ew_json_numbers {
	EW_JSON_INTEGERS, /* records: within +-EW_JSON_INT_MAX; others: "quote it as a string" */
	EW_JSON_RAW,      /* foreign tables: any JSON number, kept as it was written */
};

/*
 * Parse one document.  The caller frees `*out` with ew_json_free(), which takes
 * NULL.  EW_REFUSED with "offset N: what; what to do" for anything not accepted.
 */
EW_MUST_USE enum ew_code ew_json_parse(struct ew_json **out, struct ew_str text,
	enum ew_json_numbers numbers, struct ew_err *err);
void ew_json_free(struct ew_json *);
/* The same into an arena: the document lives as long, and nobody frees it. */
EW_MUST_USE enum ew_code ew_json_parse_in(struct ew_json **out, struct ew_arena *, struct ew_str text,
	enum ew_json_numbers numbers, struct ew_err *err);

/*
 * Of NULL, an absent value, the type is EW_JSON_NULL; all below take NULL and
 * give absent, 0 or false for it.
 */
enum ew_json_type ew_json_type(const struct ew_json *);
/* A member by its exact name; NULL when absent or when `o` is no object or NULL. */
const struct ew_json *ew_json_get(const struct ew_json *o, const char *name);
const struct ew_json *ew_json_find(const struct ew_json *o, struct ew_str name);
/* The first member or element, and the one after; NULL at the end. */
const struct ew_json *ew_json_first(const struct ew_json *);
const struct ew_json *ew_json_next(const struct ew_json *);
/* The name of a member; absent for an element and for the document itself. */
struct ew_str ew_json_name(const struct ew_json *);
/* How many members or elements. */
size_t ew_json_count(const struct ew_json *);
/* The text of a string; of a number, as written; absent for every other type and for NULL. */
struct ew_str ew_json_text(const struct ew_json *);
/* A number parsed under EW_JSON_INTEGERS; 0 for every other type. */
int64_t ew_json_int(const struct ew_json *);
bool ew_json_bool(const struct ew_json *);
/* The text of a string member, absent if there is none. */
struct ew_str ew_json_get_text(const struct ew_json *o, const char *name);

/* True if `text` is well-formed UTF-8 with no U+0000. */
bool ew_utf8_ok(struct ew_str text);
/* How many bytes at `p` stand for themselves in a JSON string: ASCII, but no control, quote or backslash. */
size_t ew_json_plain(const char *p, size_t len);
/* Bytes of the well-formed UTF-8 character at `p`, of `len` bytes left; 0 if there is none. */
size_t ew_utf8_seq(const char *p, size_t len);

#endif
