/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimals: two texts parted by a line end, and a number of digits in the first byte.
 * What is accepted is what the grammar says; comparing agrees with the digits laid out
 * place by place; rounding is near, keeps the order, and does nothing twice.
 */
#include "codec/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The unit's place is UNIT; a text has at most 64 digits on either side of it. */
enum { UNIT = 9999 + EW_DECIMAL_TEXT_MAX, PLACES = 2 * UNIT + 1 };

struct places {
	int sign;
	unsigned char digit[PLACES];
};

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "decimal_fuzz: not so: %s\n", what);
		abort();
	}
}

static size_t
span(struct ew_str s, size_t i, const char *set)
{
	size_t n = 0;

	while (i + n < s.len && s.p[i + n] && strchr(set, s.p[i + n]))
		n++;
	return n;
}

/* The grammar of the header, read from left to right. */
static bool
is_decimal(struct ew_str s)
{
	static const char digits[] = "0123456789";
	size_t i = ew_str_starts(s, "-"), n = span(s, i, digits);

	if (s.len > EW_DECIMAL_TEXT_MAX || n == 0 || (n > 1 && s.p[i] == '0'))
		return false;
	i += n;
	if (i < s.len && s.p[i] == '.') {
		n = span(s, i + 1, digits);
		if (n == 0)
			return false;
		i += 1 + n;
	}
	if (i < s.len && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.len && (s.p[i] == '-' || s.p[i] == '+'))
			i++;
		n = span(s, i, digits);
		if (n == 0 || n > 4)
			return false;
		i += n;
	}
	return i == s.len;
}

/* Every digit of a well-formed text at its place; the sign of zero is 0. */
static void
lay_out(struct places *out, struct ew_str s)
{
	char text[EW_DECIMAL_TEXT_MAX + 1], *e, *point, *p;
	long place;

	memset(out, 0, sizeof *out);
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	e = strpbrk(text, "eE");
	place = UNIT - (e ? strtol(e + 1, NULL, 10) : 0);
	if (e)
		*e = '\0';
	p = text + (text[0] == '-');
	point = strchr(p, '.');
	place -= (point ? point - p : (long)strlen(p)) - 1;
	for (; *p; p++)
		if (*p != '.') {
			out->digit[place++] = (unsigned char)(*p - '0');
			if (*p != '0')
				out->sign = text[0] == '-' ? -1 : 1;
		}
}

static int
sign_of(int c)
{
	return (c > 0) - (c < 0);
}

static int
cmp_places(const struct places *a, const struct places *b)
{
	if (a->sign != b->sign)
		return a->sign < b->sign ? -1 : 1;
	return a->sign * sign_of(memcmp(a->digit, b->digit, sizeof a->digit));
}

static void
check_normal(const struct ew_decimal *d)
{
	if (d->n == 0) {
		must(d->sign == 0 && d->exp == 0, "zero has no sign and no power");
		return;
	}
	must(d->n <= EW_DECIMAL_TEXT_MAX, "no more digits than the text had");
	must(d->sign == 1 || d->sign == -1, "another number has a sign");
	must(d->digit[0] != 0 && d->digit[d->n - 1] != 0, "no zero at either end");
	for (unsigned i = 0; i < d->n; i++)
		must(d->digit[i] <= 9, "digits are digits");
}

/* An integer has zeros alone after the unit's place. */
static void
check_integer(const struct ew_decimal *d, const struct places *p)
{
	bool whole = true;

	for (size_t i = UNIT + 1; i < PLACES; i++)
		whole = whole && p->digit[i] == 0;
	must(ew_decimal_is_integer(d) == whole, "an integer has no fraction");
}

static void
check_round(const struct ew_decimal *a, unsigned digits)
{
	struct ew_decimal r = ew_decimal_round(a, digits), again = ew_decimal_round(&r, digits);
	struct ew_decimal cut = *a;
	bool up = digits < a->n && a->digit[digits] >= 5;

	check_normal(&r);
	must(r.n <= digits, "no more digits than asked for");
	must(ew_decimal_cmp(&r, &again) == 0, "rounding twice is rounding once");
	if (a->n <= digits)
		must(ew_decimal_cmp(&r, a) == 0, "a short number stays");
	else
		must(sign_of(ew_decimal_cmp(&r, a)) == (up ? a->sign : -a->sign),
			"halves go away from zero");
	/* With one unit of the last place more than the cut number when it goes up. */
	for (unsigned i = digits; i < cut.n; i++)
		cut.digit[i] = 0;
	for (unsigned i = digits; up && i-- > 0;) {
		cut.digit[i] = (unsigned char)((cut.digit[i] + 1) % 10);
		up = cut.digit[i] == 0;
	}
	must(up ? r.n == 1 && r.digit[0] == 1 && r.exp == a->exp + 1
		: memcmp(r.digit, cut.digit, r.n) == 0 && r.exp == a->exp,
		"to the nearest");
}

static bool
read_one(struct ew_decimal *d, struct places *p, struct ew_str text)
{
	bool good = ew_decimal_parse(d, text);

	must(good == is_decimal(text), "what is accepted is what the grammar says");
	if (!good)
		return false;
	check_normal(d);
	lay_out(p, text);
	check_integer(d, p);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_decimal a, b, ra, rb;
	struct places pa, pb;
	struct ew_str rest, left;
	unsigned digits;
	bool both;
	int c;

	if (size == 0)
		return 0;
	digits = 1 + data[0] % EW_DECIMAL_TEXT_MAX;
	rest = ew_str_n(data + 1, size - 1);
	left = ew_str_cut(&rest, '\n');
	both = read_one(&a, &pa, left);
	both = read_one(&b, &pb, rest) && both;
	if (!both)
		return 0;
	c = sign_of(ew_decimal_cmp(&a, &b));
	must(c == cmp_places(&pa, &pb), "comparing agrees with the places");
	must(c == -sign_of(ew_decimal_cmp(&b, &a)), "and with itself the other way round");
	check_round(&a, digits);
	check_round(&b, digits);
	ra = ew_decimal_round(&a, digits);
	rb = ew_decimal_round(&b, digits);
	must(c * sign_of(ew_decimal_cmp(&ra, &rb)) >= 0, "rounding keeps the order");
	return 0;
}
