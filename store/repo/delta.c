/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/delta.h"

#include <assert.h>
#include <string.h>

enum { INSERT_MAX = 127, PIECE = 8 };

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
	assert(offset <= UINT32_MAX && size <= EW_DELTA_MAX);
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

	assert(base.len <= EW_DELTA_MAX && target.len <= EW_DELTA_MAX);
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

/* --- pieces --- */

static size_t
slot_of(const char *piece)
{
	uint64_t h;

	memcpy(&h, piece, PIECE);
	return h * UINT64_C(0x9e3779b97f4a7c15) >> 54;
}

void
ew_delta_base_init(struct ew_delta_base *b, struct ew_str bytes)
{
	assert(bytes.len <= EW_DELTA_MAX);
	b->bytes = bytes;
	memset(b->slot, 0, sizeof b->slot);
	for (size_t i = bytes.len; i-- >= PIECE;)
		b->slot[slot_of(bytes.p + i + 1 - PIECE)] = (uint32_t)(i + 2 - PIECE);
}

/* A piece of the base, and where it is in the target. */
struct piece {
	size_t from, to, len;
};

/* The longest piece there is around the one at `at`, no further back than `least`; its length is 0 if there is none. */
static struct piece
piece_at(const struct ew_delta_base *b, struct ew_str target, size_t least, size_t at)
{
	const uint32_t slot = b->slot[slot_of(target.p + at)];
	struct piece p = { slot - 1, at, 0 };

	if (!slot || memcmp(b->bytes.p + p.from, target.p + at, PIECE) != 0)
		return p;
	p.len = PIECE;
	while (p.from + p.len < b->bytes.len && p.to + p.len < target.len &&
	       b->bytes.p[p.from + p.len] == target.p[p.to + p.len])
		p.len++;
	while (p.from > 0 && p.to > least && b->bytes.p[p.from - 1] == target.p[p.to - 1]) {
		p.from--;
		p.to--;
		p.len++;
	}
	return p;
}

void
ew_delta_find(struct ew_buf *out, const struct ew_delta_base *b, struct ew_str target)
{
	size_t done = 0;

	assert(target.len <= EW_DELTA_MAX);
	add_size(out, b->bytes.len);
	add_size(out, target.len);
	for (size_t at = 0; at + PIECE <= target.len; at++) {
		const struct piece p = piece_at(b, target, done, at);

		if (p.len == 0)
			continue;
		add_insert(out, ew_str_part(target, done, p.to));
		add_copy(out, p.from, p.len);
		done = p.to + p.len;
		at = done - 1;
	}
	add_insert(out, ew_str_part(target, done, target.len));
}
