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

#endif
