/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical JSON (RFC 8785), recognised and not parsed: at a fraction of the time that
 * ew_json_parse() takes, for who copies records as they stand.
 */
#ifndef EW_CODEC_JCS_H
#define EW_CODEC_JCS_H

#include "base/str.h"

/*
 * True if `text` is one value, written as ew_json_canonical() writes it: no blanks, names
 * ascending, no escape that is not needed, integers within +-EW_JSON_INT_MAX, no U+0000.
 * How many members an object may have is not looked at.
 */
bool ew_jcs_ok(struct ew_str text);

/* The members of an object, one after the other, while it is looked at as by ew_jcs_ok(). */
struct ew_jcs_object {
	struct ew_str rest, last; /* the name before */
	bool escaped;             /* a name so far has escapes */
	bool good;                /* at the end: all of it was canonical */
};
/* `text` is borrowed. */
void ew_jcs_object_init(struct ew_jcs_object *, struct ew_str text);
/*
 * Cut out the next member, the name as it stands between its quotes and the value with
 * its own; false at the end, or at what is not canonical.
 */
bool ew_jcs_next(struct ew_jcs_object *, struct ew_str *name, struct ew_str *value);

#endif
