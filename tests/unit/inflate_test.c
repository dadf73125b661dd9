/* SPDX-License-Identifier: Apache-2.0 */
/* inflate.h on streams of libdeflate: whole, of another size, cut, flipped. */
#include "base/buf.h"
#include "repo/inflate.h"
#include "tests/lib/tap.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum { TAIL = 16, ROOM = 6000, ROUNDS = 1500 };

struct fixture {
	struct ew_inflater *inflater;
	uint64_t state;
	char to[ROOM + 1];
};

static unsigned
below(struct fixture *x, unsigned n)
{
	x->state ^= x->state << 13;
	x->state ^= x->state >> 7;
	x->state ^= x->state << 17;
	return (unsigned)(x->state >> 11) % n;
}

/* Something between one letter again and again, a record, and noise. */
static void
write_text(struct ew_buf *out, struct fixture *x, size_t n)
{
	static const char *const word[] = { "\"value\":", "\"kind\":\"decimal\"", "creatinine ", "{", "}",
		"clearance", ",\n\t", "0.25" };
	const unsigned noise = below(x, 12);

	ew_buf_clear(out);
	while (out->len < n)
		if (below(x, 12) < noise)
			ew_buf_addc(out, (char)(noise > 8 ? below(x, 256) : 'a' + below(x, 1 + noise * 3)));
		else
			ew_buf_adds(out, word[below(x, noise % 8 + 1)]);
	out->len = n;
}

/* What is behind a stream is not its own. */
static size_t
compress(struct ew_buf *out, struct ew_str text, int level)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
	const size_t bound = libdeflate_zlib_compress_bound(c, text.len);
	char *to;
	size_t n;

	ew_buf_clear(out);
	if (!(to = ew_buf_room(out, bound)))
		abort();
	n = out->len = libdeflate_zlib_compress(c, text.p, text.len, to, bound);
	ew_buf_addmem(out, "tail tail tail t", TAIL);
	libdeflate_free_compressor(c);
	return n;
}

/* Whether the stream gives these bytes; that it writes no more, only a mark can tell. */
static bool
gives(struct fixture *x, size_t size, struct ew_str in, struct ew_str want)
{
	x->to[size] = '!';
	return ew_inflater_exact(x->inflater, x->to, size, in) && x->to[size] == '!' &&
	       ew_str_eq(ew_str_n(x->to, size), want);
}

static void
test_streams(struct fixture *x)
{
	unsigned good = 0, alone = 0, other = 0, cut = 0, flipped = 0, whole = 0;
	struct ew_buf text = { 0 }, zlib = { 0 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t size = below(x, i % 10 ? 600 : 5000), n, got = 0;
		struct ew_str in, want;

		write_text(&text, x, size);
		n = compress(&zlib, ew_buf_str(&text), (int)below(x, 13));
		in = ew_buf_str(&zlib);
		want = ew_buf_str(&text);
		good += gives(x, size, in, want);
		alone += gives(x, size, ew_str_part(in, 0, n), want);
		other += ew_inflater_exact(x->inflater, x->to, size + 1, in);
		other += size && ew_inflater_exact(x->inflater, x->to, size - 1, in);
		cut += ew_inflater_exact(x->inflater, x->to, size, ew_str_part(in, 0, below(x, (unsigned)n)));
		whole += ew_inflater_whole(x->inflater, x->to, ROOM, &got, ew_str_part(in, 0, n)) ==
				 EW_INFLATE_DONE && got == size;
		whole += ew_inflater_whole(x->inflater, x->to, ROOM, &got, in) == EW_INFLATE_DAMAGED;
		whole += !size || ew_inflater_whole(x->inflater, x->to, size - 1, &got,
					  ew_str_part(in, 0, n)) == EW_INFLATE_FULL;
		zlib.p[below(x, (unsigned)n)] ^= (char)(1 << below(x, 8));
		if (ew_inflater_exact(x->inflater, x->to, size, in))
			flipped += !ew_str_eq(ew_str_n(x->to, size), want);
	}
	is_int(good, ROUNDS, "every stream gives its bytes");
	is_int(alone, ROUNDS, "also with nothing behind it");
	is_int(other, 0, "none has another size");
	is_int(cut, 0, "none is whole when it is cut");
	is_int(flipped, 0, "no flip gives other bytes");
	is_int(whole, 3 * ROUNDS, "of unknown size each is whole, or larger, or has something behind it");
	ew_buf_release(&text);
	ew_buf_release(&zlib);
}

static void
test_could(void)
{
	ok(ew_inflater_could(14, 3) && ew_inflater_could(100, 103200), "a size can be");
	ok(!ew_inflater_could(100, 105000) && !ew_inflater_could(0, 1 << 20), "or not");
	ok(!ew_inflater_could(1 << 20, SIZE_MAX), "never the largest");
}

/* One stored block is given in place, and no other stream is taken for one. */
static void
test_stored(struct fixture *x)
{
	struct ew_buf text = { 0 }, zlib = { 0 };
	unsigned good = 0, apart = 0, other = 0;
	struct ew_str got;

	for (unsigned i = 0; i < 200; i++) {
		size_t size = below(x, 600), n;
		struct ew_str in;

		write_text(&text, x, size);
		n = compress(&zlib, ew_buf_str(&text), 0);
		in = ew_str_part(ew_buf_str(&zlib), 0, n);
		good += ew_inflater_stored(&got, size, in) && ew_str_eq(got, ew_buf_str(&text)) &&
			got.p > in.p && got.p < in.p + in.len;
		other += ew_inflater_stored(&got, size + 1, in) || (size && ew_inflater_stored(&got, size - 1, in)) ||
			ew_inflater_stored(&got, size, ew_str_part(in, 0, n - 1));
		for (size_t bit = 0; bit < 8 * n; bit++) {
			zlib.p[bit / 8] ^= (char)(1 << bit % 8);
			apart += ew_inflater_stored(&got, size, in) !=
				gives(x, size, in, ew_buf_str(&text));
			zlib.p[bit / 8] ^= (char)(1 << bit % 8);
		}
	}
	is_int(good, 200, "stored blocks are given in place");
	is_int(other, 0, "none of another size, or cut");
	is_int(apart, 0, "with a bit flipped, those that are inflated to the same");
	ew_buf_clear(&text);
	for (unsigned i = 0; i < 70000; i++)
		ew_buf_addc(&text, 'x');
	compress(&zlib, ew_buf_str(&text), 0);
	ok(!ew_inflater_stored(&got, text.len, ew_buf_str(&zlib)), "two blocks are left to be inflated");
	compress(&zlib, ew_str_part(ew_buf_str(&text), 0, 5000), 1);
	ok(!ew_inflater_stored(&got, 5000, ew_buf_str(&zlib)), "as is what is deflated");
	ew_buf_release(&text);
	ew_buf_release(&zlib);
}

int
main(void)
{
	static struct fixture x = { .state = 88172645463325252u };
	struct ew_err err = { 0 };

	if (ok(ew_inflater_open(&x.inflater, &err) == EW_OK, "an inflater: %s", err.msg)) {
		test_streams(&x);
		test_stored(&x);
	}
	test_could();
	ew_inflater_free(x.inflater);
	return tap_done();
}
