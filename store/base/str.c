/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <string.h>

int
ew_str_cmp(struct ew_str a, struct ew_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

bool
ew_str_starts(struct ew_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool
ew_str_ends(struct ew_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n && (n == 0 || memcmp(s.p + s.len - n, suffix, n) == 0);
}

size_t
ew_str_find(struct ew_str s, size_t from, char c)
{
	const char *at;

	if (from >= s.len)
		return s.len;
	at = memchr(s.p + from, c, s.len - from);
	return at ? (size_t)(at - s.p) : s.len;
}

struct ew_str
ew_str_part(struct ew_str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct ew_str){ s.p ? s.p + from : NULL, to - from };
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct ew_str
ew_str_trim(struct ew_str s)
{
	while (s.len && is_space(s.p[s.len - 1]))
		s.len--;
	while (s.len && is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

struct ew_str
ew_str_cut(struct ew_str *rest, char c)
{
	struct ew_str whole = *rest;
	size_t at = ew_str_find(whole, 0, c);

	if (at == whole.len)
		*rest = (struct ew_str){ NULL, 0 };
	else
		*rest = (struct ew_str){ whole.p + at + 1, whole.len - at - 1 };
	return (struct ew_str){ whole.p, at };
}

bool
ew_str_to_u64(struct ew_str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = (unsigned)(unsigned char)s.p[i] - '0';

		if (d > 9 || d > max || v > (max - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

void
ew_hex(char *out, const unsigned char *in, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[in[i] >> 4];
		out[2 * i + 1] = digit[in[i] & 15];
	}
	out[2 * n] = '\0';
}

/* The digit's value; what is none has higher bits. */
static unsigned
nibble(char c)
{
	const unsigned digit = (unsigned char)c - (unsigned)'0', letter = (unsigned char)c - (unsigned)'a';

	const unsigned is_digit = digit < 10, is_letter = letter < 6;

	return (digit & -is_digit) | ((letter + 10) & -is_letter) | (16 & ((is_digit | is_letter) - 1));
}

/* Digits are looked at all alike: no processor can foresee those of a digest. */
bool
ew_unhex(unsigned char *out, size_t n, struct ew_str s)
{
	unsigned all = 0;

	if (s.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const unsigned hi = nibble(s.p[2 * i]), lo = nibble(s.p[2 * i + 1]);

		all |= hi | lo;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return all < 16;
}
