/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimals: exact numbers as they were published.  A decimal is read from its
 * text, compared exactly by its digits, and never becomes a double.
 *
 * Text: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?, at most 64 bytes.
 */
#ifndef EW_CODEC_DECIMAL_H
#define EW_CODEC_DECIMAL_H

#include "base/err.h"
#include "base/str.h"

enum { EW_DECIMAL_TEXT_MAX = 64 };

/* sign * 0.d1 d2 ... dn * 10^exp with d1 and dn not 0; n == 0 is zero (sign 0). */
struct ew_decimal {
	int sign; /* -1, 0, 1 */
	int exp;
	unsigned n;
	unsigned char digit[EW_DECIMAL_TEXT_MAX]; /* 0 to 9 */
};

/* False if the text is not of the grammar above. */
bool ew_decimal_parse(struct ew_decimal *out, struct ew_str text);
/* Of a whole number. */
struct ew_decimal ew_decimal_int(int64_t v);
/* <0, 0, >0; exact. */
int ew_decimal_cmp(const struct ew_decimal *, const struct ew_decimal *);
bool ew_decimal_is_integer(const struct ew_decimal *);
/* Rounded to `digits` significant digits, halves away from zero. */
struct ew_decimal ew_decimal_round(const struct ew_decimal *, unsigned digits);

#endif
