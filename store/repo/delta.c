/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/delta.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { INSERT_MAX = 127, PIECE = 8 };

static uint64_t
word_at(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* How many bytes two strings have in common at their beginnings. */
static size_t
common(struct ew_str a, struct ew_str b)
{
	const size_t least = a.len < b.len ? a.len : b.len;
	size_t n = 0;

	while (n + PIECE <= least && word_at(a.p + n) == word_at(b.p + n))
		n += PIECE;
	while (n < least && a.p[n] == b.p[n])
		n++;
	return n;
}

/* The same at their ends, of which at most so many count. */
static size_t
common_end(struct ew_str a, struct ew_str b, size_t most)
{
	const char *p = a.p + a.len, *q = b.p + b.len;
	size_t n = 0;

	while (n + PIECE <= most && word_at(p - n - PIECE) == word_at(q - n - PIECE))
		n += PIECE;
	while (n < most && p[-1 - (ptrdiff_t)n] == q[-1 - (ptrdiff_t)n])
		n++;
	return n;
}

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
	const size_t head = common(base, target), tail = common_end(base, target, least - head);

	assert(base.len <= EW_DELTA_MAX && target.len <= EW_DELTA_MAX);
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
	return word_at(piece) * UINT64_C(0x9e3779b97f4a7c15) >> 52;
}

void
ew_delta_base_init(struct ew_delta_base *b, struct ew_str bytes)
{
	const size_t known = bytes.len < UINT16_MAX ? bytes.len : UINT16_MAX;

	assert(bytes.len <= EW_DELTA_MAX);
	b->bytes = bytes;
	memset(b->slot, 0, sizeof b->slot);
	for (size_t end = known; end >= PIECE; end--)
		b->slot[slot_of(bytes.p + end - PIECE)] = (uint16_t)(end - PIECE + 1);
}

/* The delta that is being made: where it is written, and how much of the target it makes. */
struct making {
	struct ew_buf *out;
	const struct ew_delta_base *base;
	struct ew_str target;
	size_t done;
};

/* Make the target up to the end of the piece that is both at `from` in the base and at `to`. */
static void
make_piece(struct making *m, size_t from, size_t to)
{
	const struct ew_str base = m->base->bytes;
	size_t len = common(ew_str_part(base, from, base.len), ew_str_part(m->target, to, m->target.len));

	while (from > 0 && to > m->done && base.p[from - 1] == m->target.p[to - 1]) {
		from--;
		to--;
		len++;
	}
	add_insert(m->out, ew_str_part(m->target, m->done, to));
	add_copy(m->out, from, len);
	m->done = to + len;
}

void
ew_delta_find(struct ew_buf *out, const struct ew_delta_base *b, struct ew_str target)
{
	struct making m = { out, b, target, 0 };

	assert(target.len <= EW_DELTA_MAX);
	add_size(out, b->bytes.len);
	add_size(out, target.len);
	for (size_t at = 0; at + PIECE <= target.len;) {
		const size_t slot = b->slot[slot_of(target.p + at)];

		if (slot && word_at(b->bytes.p + slot - 1) == word_at(target.p + at)) {
			make_piece(&m, slot - 1, at);
			at = m.done;
		} else {
			at++;
		}
	}
	add_insert(out, ew_str_part(target, m.done, target.len));
}
