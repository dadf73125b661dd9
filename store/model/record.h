/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: what all of them have alike.  One JSON object of at most 1 MiB that
 * names its schema, in canonical form, with the members that the format names and
 * no others.  Readers do by hand what the schemas say, since a million records have
 * no time for a schema.  LABELS_FORMAT.md section 4.
 */
#ifndef EW_MODEL_RECORD_H
#define EW_MODEL_RECORD_H

#include "codec/json.h"

struct ew_member {
	const char *name;
	enum ew_json_type type;
	bool needed;
};

/*
 * Take the `n` members that `want` names from `object` into `got`, NULL for one
 * that is absent.  EW_REFUSED, naming the member, if `object` is no object or has
 * others, if one is of another type, or if a needed one is missing.  Fastest when
 * `want` is in the order of the document.
 */
EW_MUST_USE enum ew_code ew_record_take(const struct ew_json **got, const struct ew_json *object,
	const struct ew_member *want, size_t n, struct ew_err *err);

/*
 * Parse a record; EW_REFUSED unless it is JSON of at most 1 MiB whose member
 * "schema" is `schema`.  The caller frees `*out`, also after failure.
 */
EW_MUST_USE enum ew_code ew_record_parse(struct ew_json **out, struct ew_str bytes,
	const char *schema, struct ew_err *err);
/*
 * Cut the canonical bytes of an object at its members, for who knows that they are that
 * (their digest was compared) and has no time to parse them: into `value` goes what
 * stands for each, absent for none.  `want` is in canonical order.  False if they are
 * not shaped so.
 */
bool ew_record_cut(struct ew_str *value, struct ew_str bytes, const struct ew_member *want,
	size_t n);
/* The same of bytes that anyone may have written: false too for what is not canonical all through. */
bool ew_record_cut_checked(struct ew_str *value, struct ew_str bytes, const struct ew_member *want,
	size_t n);
/* EW_REFUSED unless the bytes of a record are those that are written for it. */
EW_MUST_USE enum ew_code ew_record_compare(const struct ew_buf *written, struct ew_str bytes,
	struct ew_err *err);
/* EW_REFUSED unless what was written is at most 1 MiB. */
EW_MUST_USE enum ew_code ew_record_fits(const struct ew_buf *written, struct ew_err *err);

#endif
