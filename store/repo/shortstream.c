/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/shortstream.h"

#include <endian.h>
#include <libdeflate.h>
#include <string.h>

enum {
	LITERALS = 288,
	DISTANCES = 32,
	CODES = 19,
	CODE_BITS = 7,
	LENGTH_MOST = EW_SHORT_BITS, /* of a code; longer ones are rare in short streams */
	LAST_DYNAMIC = 5,            /* the last block, with codes of its own: 1, then 2 */
};

/*
 * An entry of a table: 4 bits, how long its code is; 4 bits, how many bits are to be
 * added to its value; its value; and what it is, if it is no length or distance.
 */
#define ENTRY(value, extra) ((uint32_t)(value) << 8 | (uint32_t)(extra) << 4)
#define LITERAL 0x80000000u
#define END 0x40000000u
#define NONE 0x20000000u

static const uint32_t lengths[LITERALS - 257] = {
	ENTRY(3, 0), ENTRY(4, 0), ENTRY(5, 0), ENTRY(6, 0), ENTRY(7, 0), ENTRY(8, 0), ENTRY(9, 0),
	ENTRY(10, 0), ENTRY(11, 1), ENTRY(13, 1), ENTRY(15, 1), ENTRY(17, 1), ENTRY(19, 2),
	ENTRY(23, 2), ENTRY(27, 2), ENTRY(31, 2), ENTRY(35, 3), ENTRY(43, 3), ENTRY(51, 3),
	ENTRY(59, 3), ENTRY(67, 4), ENTRY(83, 4), ENTRY(99, 4), ENTRY(115, 4), ENTRY(131, 5),
	ENTRY(163, 5), ENTRY(195, 5), ENTRY(227, 5), ENTRY(258, 0), NONE, NONE,
};
static const uint32_t distances[DISTANCES] = {
	ENTRY(1, 0), ENTRY(2, 0), ENTRY(3, 0), ENTRY(4, 0), ENTRY(5, 1), ENTRY(7, 1), ENTRY(9, 2),
	ENTRY(13, 2), ENTRY(17, 3), ENTRY(25, 3), ENTRY(33, 4), ENTRY(49, 4), ENTRY(65, 5),
	ENTRY(97, 5), ENTRY(129, 6), ENTRY(193, 6), ENTRY(257, 7), ENTRY(385, 7), ENTRY(513, 8),
	ENTRY(769, 8), ENTRY(1025, 9), ENTRY(1537, 9), ENTRY(2049, 10), ENTRY(3073, 10),
	ENTRY(4097, 11), ENTRY(6145, 11), ENTRY(8193, 12), ENTRY(12289, 12), ENTRY(16385, 13),
	ENTRY(24577, 13), NONE, NONE,
};

/* Bits from the lowest on; `last` is the last place where 8 bytes can be taken. */
struct bits {
	uint64_t held;
	unsigned count;
	const unsigned char *at, *last;
};

/* At least 56 bits; false near the end of what there is. */
static inline bool
refill(struct bits *b)
{
	uint64_t more;

	if (b->at > b->last)
		return false;
	memcpy(&more, b->at, sizeof more);
	b->held |= le64toh(more) << b->count;
	b->at += (63 - b->count) >> 3;
	b->count |= 56;
	return true;
}

static inline void
drop(struct bits *b, unsigned n)
{
	b->held >>= n;
	b->count -= n;
}

static inline unsigned
take(struct bits *b, unsigned n)
{
	const unsigned v = (unsigned)(b->held & ((UINT64_C(1) << n) - 1));

	drop(b, n);
	return v;
}

/* --- codes --- */

/* The symbols that have a code, and how long it is. */
struct symbols {
	unsigned used;
	uint16_t symbol[LITERALS];
	unsigned char length[LITERALS];
	unsigned of[LENGTH_MOST + 1]; /* how many codes of each length */
};

static inline void
add_symbol(struct symbols *s, unsigned symbol, unsigned length)
{
	s->symbol[s->used] = (uint16_t)symbol;
	s->length[s->used++] = (unsigned char)length;
	s->of[length]++;
}

static unsigned
reverse(unsigned code, unsigned n)
{
	unsigned r = 0;

	for (; n; n--, code >>= 1)
		r = r << 1 | (code & 1);
	return r;
}

/*
 * The first code of each length, as it stands in the stream, highest bit first.  *bits
 * is the length of the longest; false unless all codes together are complete.
 */
static bool
first_codes(unsigned first[LENGTH_MOST + 1], unsigned *bits, const struct symbols *s)
{
	unsigned code = 0;

	*bits = 0;
	for (unsigned n = 1; n <= LENGTH_MOST; n++) {
		code <<= 1;
		first[n] = s->of[n] ? reverse(code, n) : 0;
		code += s->of[n];
		if (s->of[n])
			*bits = n;
		if (code > 1u << n)
			return false;
	}
	return *bits && code == 1u << LENGTH_MOST;
}

/* The code after this one of `n` bits, of which the highest comes first in the stream. */
static inline unsigned
next_code(unsigned code, unsigned n)
{
	const unsigned zeros = ~code & ((1u << n) - 1);
	unsigned top;

	if (!zeros)
		return 0;
	top = 1u << (31 - __builtin_clz(zeros));
	return (code & (top - 1)) | top;
}

/* What a symbol stands for. */
enum alphabet { OF_CODES, OF_LITERALS, OF_DISTANCES };

static inline uint32_t
meaning(enum alphabet a, unsigned symbol)
{
	if (a == OF_CODES)
		return ENTRY(symbol, 0);
	if (a == OF_DISTANCES)
		return distances[symbol];
	if (symbol < 256)
		return LITERAL | ENTRY(symbol, 0);
	return symbol == 256 ? END : lengths[symbol - 257];
}

/* A table of 1 << *bits entries, by the bits a code is in; false unless codes are complete. */
static inline bool
build(uint32_t *table, unsigned *bits, const struct symbols *s, enum alphabet a)
{
	unsigned code[LENGTH_MOST + 1];

	if (!first_codes(code, bits, s))
		return false;
	for (unsigned i = 0; i < s->used; i++) {
		const unsigned n = s->length[i];
		const uint32_t entry = meaning(a, s->symbol[i]) | n;

		for (unsigned at = code[n]; at < 1u << *bits; at += 1u << n)
			table[at] = entry;
		code[n] = next_code(code[n], n);
	}
	return true;
}

/* --- a block --- */

struct tables {
	const uint32_t *literal, *distance;
	unsigned literal_bits, distance_bits;
};

/* The codes that the lengths of all other codes are written in. */
static bool
read_code_table(struct ew_shortstream *x, unsigned *bits, struct bits *b, unsigned n)
{
	static const unsigned char order[CODES] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3,
		13, 2, 14, 1, 15 };
	unsigned char length[CODES] = { 0 };
	struct symbols s;

	s.used = 0;
	memset(s.of, 0, sizeof s.of);
	for (unsigned i = 0; i < n; i++) {
		if (i % 16 == 0 && !refill(b))
			return false;
		length[order[i]] = (unsigned char)take(b, 3);
	}
	for (unsigned i = 0; i < CODES; i++)
		if (length[i])
			add_symbol(&s, i, length[i]);
	return build(x->code, bits, &s, OF_CODES);
}

/* The lengths of the codes of literals, of which there are `n`, and of distances, up to `all`. */
static bool
read_lengths(struct symbols *literal, struct symbols *distance, struct bits *b,
	const uint32_t *code, unsigned code_bits, unsigned n, unsigned all)
{
	static const unsigned char extra[3] = { 2, 3, 7 }, least[3] = { 3, 3, 11 };
	const unsigned mask = (1u << code_bits) - 1;
	unsigned before = 0;

	for (unsigned at = 0; at < all;) {
		unsigned value, times = 1;
		uint32_t e;

		if (b->count < CODE_BITS + 7 && !refill(b))
			return false;
		e = code[b->held & mask];
		drop(b, e & 15);
		value = e >> 8;
		if (value >= 16) {
			if (value == 16 && at == 0)
				return false;
			times = least[value - 16] + take(b, extra[value - 16]);
			value = value == 16 ? before : 0;
		}
		before = value;
		if (value > LENGTH_MOST || times > all - at)
			return false;
		if (!value) {
			at += times;
			continue;
		}
		for (; times; times--, at++)
			add_symbol(at < n ? literal : distance, at < n ? at : at - n, value);
	}
	return true;
}

static bool
read_tables(struct tables *out, struct ew_shortstream *x, struct bits *b)
{
	unsigned literals, all, codes, code_bits;
	struct symbols literal, distance;

	literals = take(b, 5) + 257;
	all = literals + take(b, 5) + 1;
	codes = take(b, 4) + 4;
	if (literals > LITERALS - 2)
		return false;
	literal.used = distance.used = 0;
	memset(literal.of, 0, sizeof literal.of);
	memset(distance.of, 0, sizeof distance.of);
	out->literal = x->literal;
	out->distance = x->distance;
	return read_code_table(x, &code_bits, b, codes) &&
	       read_lengths(&literal, &distance, b, x->code, code_bits, literals, all) &&
	       build(x->literal, &out->literal_bits, &literal, OF_LITERALS) &&
	       build(x->distance, &out->distance_bits, &distance, OF_DISTANCES);
}

/* Bytes from `back` bytes before; both within the room. */
static inline void
copy(unsigned char *to, size_t back, size_t n, size_t room)
{
	const unsigned char *from = to - back;

	if (back >= 8 && room >= n + 8)
		for (size_t i = 0; i < n; i += 8)
			memcpy(to + i, from + i, 8);
	else
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
}

/* What the codes say, up to the end of the block; false unless that is `size` bytes. */
static bool
read_block(unsigned char *start, size_t size, const struct tables *t, struct bits *b)
{
	const unsigned mask = (1u << t->literal_bits) - 1, far = (1u << t->distance_bits) - 1;
	unsigned char *to = start, *const end = start + size;
	struct bits in = *b; /* in registers */
	uint32_t e;
	size_t n, back;

	for (;;) {
		if (!refill(&in))
			return false;
		/* 4 literals take at most 40 bits, a length with its distance 38. */
		for (unsigned i = 0;; i++) {
			e = t->literal[in.held & mask];
			if (!(e & LITERAL) || i == 4)
				break;
			if (to == end)
				return false;
			*to++ = (unsigned char)(e >> 8);
			drop(&in, e & 15);
		}
		if (e & LITERAL)
			continue;
		if (in.count < 38 && !refill(&in))
			return false;
		drop(&in, e & 15);
		if (e & (END | NONE))
			break;
		n = (e >> 8) + take(&in, e >> 4 & 15);
		e = t->distance[in.held & far];
		drop(&in, e & 15);
		if (e & NONE)
			return false;
		back = (e >> 8) + take(&in, e >> 4 & 15);
		if (back > (size_t)(to - start) || n > (size_t)(end - to))
			return false;
		copy(to, back, n, (size_t)(end - to));
		to += n;
	}
	*b = in;
	return to == end && e & END;
}

bool
ew_shortstream_read(struct ew_shortstream *x, char *to, size_t size, struct ew_str in)
{
	const unsigned char *p = (const unsigned char *)in.p;
	struct tables t;
	struct bits b;
	uint32_t sum = 0;

	if (size > EW_SHORT_MAX || in.len < 16)
		return false;
	if ((p[0] & 0x8f) != 8 || (p[0] << 8 | p[1]) % 31 != 0 || p[1] & 0x20)
		return false;
	b = (struct bits){ .at = p + 2, .last = p + in.len - 8 };
	if (!refill(&b) || take(&b, 3) != LAST_DYNAMIC || !read_tables(&t, x, &b) ||
	    !read_block((unsigned char *)to, size, &t, &b))
		return false;
	p = b.at - (b.count >> 3);
	if ((size_t)((const unsigned char *)in.p + in.len - p) < 4)
		return false;
	for (unsigned i = 0; i < 4; i++)
		sum = sum << 8 | p[i];
	return libdeflate_adler32(1, to, size) == sum;
}
