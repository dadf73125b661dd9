/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

static const char alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
ew_base64_write(struct ew_buf *out, struct ew_str bytes)
{
	size_t groups = bytes.len / 3 + (bytes.len % 3 != 0);
	char *to = groups <= SIZE_MAX / 4 ? ew_buf_room(out, groups * 4) : NULL;

	if (!to)
		return;
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		uint32_t v = (uint32_t)(unsigned char)bytes.p[i] << 16;

		if (left > 1)
			v |= (uint32_t)(unsigned char)bytes.p[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)bytes.p[i + 2];
		*to++ = alphabet[v >> 18];
		*to++ = alphabet[v >> 12 & 63];
		*to++ = left > 1 ? alphabet[v >> 6 & 63] : '=';
		*to++ = left > 2 ? alphabet[v & 63] : '=';
	}
	out->len += groups * 4;
	out->p[out->len] = '\0';
}

/* The six bits of a digit; 64 for anything else. */
static uint32_t
value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/*
 * Decode one group of four with `pad` signs '=' at its end, and the three bytes
 * into `to`; false unless the bits that carry nothing are zero.
 */
static bool
read_group(unsigned char to[3], const char *group, size_t pad)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		uint32_t six = i < 4 - pad ? value(group[i]) : 0;

		if (six > 63)
			return false;
		v = v << 6 | six;
	}
	to[0] = (unsigned char)(v >> 16);
	to[1] = (unsigned char)(v >> 8);
	to[2] = (unsigned char)v;
	return (v & ((1u << 8 * pad) - 1)) == 0;
}

bool
ew_base64_read(struct ew_buf *out, struct ew_str text)
{
	size_t pad = ew_str_ends(text, "==") ? 2 : ew_str_ends(text, "=") ? 1 : 0;
	size_t len = text.len / 4 * 3;
	unsigned char *to;
	bool good = text.len % 4 == 0;

	if (!good || !(to = (unsigned char *)ew_buf_room(out, len)))
		return false;
	for (size_t i = 0; good && i < text.len; i += 4, to += 3)
		good = read_group(to, text.p + i, text.len - i == 4 ? pad : 0);
	if (good)
		out->len += len - pad;
	out->p[out->len] = '\0';
	return good;
}
