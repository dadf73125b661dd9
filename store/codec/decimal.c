/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimals as digits and a power of ten.  What is stored is always normalised, no
 * zero digit at either end, so that two equal numbers have equal parts however they
 * were written, and comparing needs no arithmetic.
 */
#include "codec/decimal.h"

#include <string.h>

enum { EXPONENT_DIGITS_MAX = 4, INT64_DIGITS_MAX = 19 };

/* The byte at `i`, or -1 at the end, which no byte of the grammar equals. */
static int
byte_at(struct ew_str s, size_t i)
{
	return i < s.len ? (unsigned char)s.p[i] : -1;
}

/* Zeros at the end change nothing; a number with no other digit has no sign. */
static void
normalise(struct ew_decimal *d)
{
	while (d->n > 0 && d->digit[d->n - 1] == 0)
		d->n--;
	if (d->n == 0) {
		d->sign = 0;
		d->exp = 0;
	}
}

/* The digits from `i` on, leading zeros of the number left out; returns their end. */
static size_t
take_digits(struct ew_decimal *d, struct ew_str text, size_t i)
{
	for (int c; (c = byte_at(text, i)) >= '0' && c <= '9'; i++)
		if (d->n > 0 || c != '0')
			d->digit[d->n++] = (unsigned char)(c - '0');
	return i;
}

/* [+-]?[0-9]{1,4} from `i` to the end of the text. */
static bool
take_exponent(int *out, struct ew_str text, size_t i)
{
	bool minus = byte_at(text, i) == '-';
	struct ew_str digits = ew_str_part(text, i + (minus || byte_at(text, i) == '+'), text.len);
	uint64_t v;

	if (digits.len > EXPONENT_DIGITS_MAX || !ew_str_to_u64(digits, 9999, &v))
		return false;
	*out = minus ? -(int)v : (int)v;
	return true;
}

/* (0|[1-9][0-9]*)(\.[0-9]+)? from `i`; returns its end, or 0 if it is not there. */
static size_t
take_mantissa(struct ew_decimal *d, struct ew_str text, size_t i)
{
	size_t end = take_digits(d, text, i), fraction = 0;

	if (end == i || (text.p[i] == '0' && end > i + 1))
		return 0;
	if (byte_at(text, end) == '.') {
		i = end + 1;
		end = take_digits(d, text, i);
		fraction = end - i;
		if (fraction == 0)
			return 0;
	}
	/* Negative when the fraction begins with zeros, which were left out. */
	d->exp = (int)d->n - (int)fraction;
	return end;
}

bool
ew_decimal_parse(struct ew_decimal *out, struct ew_str text)
{
	struct ew_decimal d = { .sign = byte_at(text, 0) == '-' ? -1 : 1 };
	size_t i;
	int exponent = 0;

	if (text.len > EW_DECIMAL_TEXT_MAX)
		return false;
	i = take_mantissa(&d, text, d.sign < 0);
	if (i == 0)
		return false;
	if (byte_at(text, i) == 'e' || byte_at(text, i) == 'E') {
		if (!take_exponent(&exponent, text, i + 1))
			return false;
	} else if (i != text.len) {
		return false;
	}
	d.exp += exponent;
	normalise(&d);
	*out = d;
	return true;
}

struct ew_decimal
ew_decimal_int(int64_t v)
{
	struct ew_decimal d = { .sign = v < 0 ? -1 : 1, .exp = INT64_DIGITS_MAX };
	/* Unsigned, since the lowest int64_t has no positive counterpart. */
	uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	unsigned zeros = 0;

	for (unsigned i = INT64_DIGITS_MAX; i-- > 0; rest /= 10)
		d.digit[i] = (unsigned char)(rest % 10);
	while (zeros < INT64_DIGITS_MAX && d.digit[zeros] == 0)
		zeros++;
	d.n = INT64_DIGITS_MAX - zeros;
	d.exp -= (int)zeros;
	memmove(d.digit, d.digit + zeros, d.n);
	normalise(&d);
	return d;
}

int
ew_decimal_cmp(const struct ew_decimal *a, const struct ew_decimal *b)
{
	unsigned n = a->n < b->n ? a->n : b->n;
	int c;

	if (a->sign != b->sign)
		return a->sign < b->sign ? -1 : 1;
	if (a->exp != b->exp)
		return a->exp < b->exp ? -a->sign : a->sign;
	c = memcmp(a->digit, b->digit, n);
	/* Equal so far: the one with digits left is the larger, since its last is not 0. */
	if (c == 0)
		c = (a->n > b->n) - (a->n < b->n);
	return c < 0 ? -a->sign : c > 0 ? a->sign : 0;
}

bool
ew_decimal_is_integer(const struct ew_decimal *d)
{
	return d->exp >= (int)d->n;
}

struct ew_decimal
ew_decimal_round(const struct ew_decimal *in, unsigned digits)
{
	struct ew_decimal d = *in;
	bool up;

	if (d.n <= digits)
		return d;
	up = d.digit[digits] >= 5;
	d.n = digits;
	if (up) {
		/* A 9 that is carried over becomes a zero at the end, which is dropped. */
		while (d.n > 0 && d.digit[d.n - 1] == 9)
			d.n--;
		if (d.n > 0) {
			d.digit[d.n - 1]++;
		} else {
			d.digit[d.n++] = 1;
			d.exp++;
		}
	}
	normalise(&d);
	return d;
}
