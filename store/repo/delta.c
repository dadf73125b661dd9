/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/delta.h"

#include <assert.h>

enum { COPY_MAX = 0xffffff, INSERT_MAX = 127 };

static void
add_size(struct ew_buf *out, size_t n)
{
	for (; n > 127; n >>= 7)
		ew_buf_addc(out, (char)(n | 128));
	ew_buf_addc(out, (char)n);
}

/* A byte that says which of the 4 offset and 3 size bytes follow; zero bytes are left out. */
static void
add_copy(struct ew_buf *out, size_t offset, size_t size)
{
	unsigned char op[8] = { 0x80 };
	size_t n = 1;

	if (size == 0)
		return;
	assert(offset <= UINT32_MAX && size <= COPY_MAX);
	for (unsigned i = 0; i < 4; i++)
		if (offset >> (8 * i) & 0xff) {
			op[0] = (unsigned char)(op[0] | 1u << i);
			op[n++] = (unsigned char)(offset >> (8 * i));
		}
	for (unsigned i = 0; i < 3; i++)
		if (size >> (8 * i) & 0xff) {
			op[0] = (unsigned char)(op[0] | 0x10u << i);
			op[n++] = (unsigned char)(size >> (8 * i));
		}
	ew_buf_addmem(out, op, n);
}

static void
add_insert(struct ew_buf *out, struct ew_str bytes)
{
	for (size_t at = 0; at < bytes.len; at += INSERT_MAX) {
		struct ew_str part = ew_str_part(bytes, at, at + INSERT_MAX);

		ew_buf_addc(out, (char)part.len);
		ew_buf_add(out, part);
	}
}

void
ew_delta_write(struct ew_buf *out, struct ew_str base, struct ew_str target)
{
	const size_t least = base.len < target.len ? base.len : target.len;
	size_t head = 0, tail = 0;

	assert(base.len <= COPY_MAX && target.len <= COPY_MAX);
	while (head < least && base.p[head] == target.p[head])
		head++;
	while (tail < least - head && base.p[base.len - 1 - tail] == target.p[target.len - 1 - tail])
		tail++;
	add_size(out, base.len);
	add_size(out, target.len);
	add_copy(out, 0, head);
	add_insert(out, ew_str_part(target, head, target.len - tail));
	add_copy(out, base.len - tail, tail);
}
