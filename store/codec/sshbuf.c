/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sshbuf.h"

#include <assert.h>

bool
ew_sshbuf_byte(unsigned char *out, struct ew_str *rest)
{
	if (rest->len < 1)
		return false;
	*out = (unsigned char)rest->p[0];
	*rest = ew_str_part(*rest, 1, rest->len);
	return true;
}

bool
ew_sshbuf_u32(uint32_t *out, struct ew_str *rest)
{
	uint32_t v = 0;

	if (rest->len < 4)
		return false;
	for (int i = 0; i < 4; i++)
		v = v << 8 | (unsigned char)rest->p[i];
	*out = v;
	*rest = ew_str_part(*rest, 4, rest->len);
	return true;
}

bool
ew_sshbuf_string(struct ew_str *out, struct ew_str *rest)
{
	struct ew_str after = *rest;
	uint32_t len;

	if (!ew_sshbuf_u32(&len, &after) || len > after.len)
		return false;
	*out = ew_str_part(after, 0, len);
	*rest = ew_str_part(after, len, after.len);
	return true;
}

bool
ew_sshbuf_mpint(struct ew_str *out, struct ew_str *rest)
{
	struct ew_str after = *rest, n;

	/* The first bit is the sign, so a zero byte goes before a number that begins with one. */
	if (!ew_sshbuf_string(&n, &after) || n.len == 0 || (n.p[0] & 0x80) ||
		(n.p[0] == 0 && (n.len == 1 || !(n.p[1] & 0x80))))
		return false;
	*out = n;
	*rest = after;
	return true;
}

void
ew_sshbuf_add(struct ew_buf *out, struct ew_str s)
{
	assert(s.len <= UINT32_MAX);
	ew_buf_addu32be(out, (uint32_t)s.len);
	ew_buf_add(out, s);
}
