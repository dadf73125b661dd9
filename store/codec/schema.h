/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema: validation of a document against one of the project's own
 * schemas, by a stated subset of draft 2020-12 (schemas/README.md lists it).  A
 * keyword outside the subset makes the schema itself refused, so a schema never
 * says more than is checked.  Verdicts agree with any full validator; patterns
 * mean what ECMAScript's do with the u flag.
 */
#ifndef EW_CODEC_SCHEMA_H
#define EW_CODEC_SCHEMA_H

#include "codec/json.h"

struct ew_schema;

/*
 * Compile the schema whose text is `text`.  `$ref` may point into itself
 * ("#/$defs/x") or to another shipped schema by its file name ("label.json",
 * "label.json#/$defs/answer").  The caller frees `*out`.
 */
EW_MUST_USE enum ew_code ew_schema_compile(struct ew_schema **out, struct ew_str text,
	struct ew_err *err);
/* The shipped schema "schemas/NAME.json". */
EW_MUST_USE enum ew_code ew_schema_shipped(struct ew_schema **out, const char *name,
	struct ew_err *err);
void ew_schema_free(struct ew_schema *);

/* EW_REFUSED, naming the place as a JSON pointer and the rule, unless `doc` is valid. */
EW_MUST_USE enum ew_code ew_schema_check(const struct ew_schema *, const struct ew_json *doc,
	struct ew_err *err);

#endif
