/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text: what the format says of the characters in it, and the little of Unicode
 * that ids and units need.  LABELS_FORMAT.md sections 3.2, 4.1 and 9.
 */
#ifndef EW_MODEL_TEXT_H
#define EW_MODEL_TEXT_H

#include "base/buf.h"

enum {
	EW_TEXT_NFC_MAX = 200,
	EW_TEXT_UNIT_MAX = 64,
};

/*
 * NULL if `text` is a text value of 1 to `max` bytes; otherwise what is wrong with
 * it and what to do, to follow the name of the member.
 */
const char *ew_text_flaw(struct ew_str text, size_t max);

/* The start of `text`, cut between characters, as much as a message should show. */
struct ew_str ew_text_start(struct ew_str text);

/*
 * Cut the first character off `*rest` into `*out`; false at the end, or where the
 * bytes are not UTF-8.
 */
bool ew_text_next(int32_t *out, struct ew_str *rest);
/* Unicode's property White_Space. */
bool ew_text_is_space(int32_t character);
/* True if `text`, UTF-8 of at most EW_TEXT_NFC_MAX bytes, is in normal form C. */
bool ew_text_is_nfc(struct ew_str text);
/* `text`, which must be UTF-8, after Unicode's full case folding, appended. */
void ew_text_fold(struct ew_buf *out, struct ew_str text);
/*
 * True if two units, each of at most EW_TEXT_UNIT_MAX bytes of UTF-8, are equal
 * after dropping white space and then NFKC case folding.
 */
bool ew_text_same_unit(struct ew_str a, struct ew_str b);

#endif
