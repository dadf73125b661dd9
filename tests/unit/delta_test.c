/* SPDX-License-Identifier: Apache-2.0 */
/* Deltas and object tables; git itself judges deltas in packs in the tests of the program. */
#include "repo/delta.h"
#include "repo/oidtable.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

/* A second reading of git's delta form: gitformat-pack(5), "Deltified representation". */
static bool
apply(struct ew_buf *out, struct ew_str base, struct ew_str delta)
{
	const unsigned char *p = (const unsigned char *)delta.p, *end = p + delta.len;
	size_t size[2] = { 0, 0 };

	for (int k = 0; k < 2; k++)
		for (unsigned shift = 0; p < end; shift += 7) {
			size[k] |= (size_t)(*p & 127) << shift;
			if (!(*p++ & 128))
				break;
		}
	while (p < end) {
		unsigned op = *p++;
		size_t from = 0, n = 0;

		if (!(op & 128)) {
			ew_buf_addmem(out, p, op);
			p += op;
			continue;
		}
		for (unsigned i = 0; i < 4; i++)
			if (op >> i & 1)
				from |= (size_t)*p++ << (8 * i);
		for (unsigned i = 0; i < 3; i++)
			if (op >> (4 + i) & 1)
				n |= (size_t)*p++ << (8 * i);
		ew_buf_add(out, ew_str_part(base, from, from + n));
	}
	return size[0] == base.len && size[1] == out->len;
}

static void
check(struct ew_str base, struct ew_str target, const char *what)
{
	struct ew_buf delta = { 0 }, made = { 0 };
	struct ew_delta_base found;

	ew_delta_write(&delta, base, target);
	ok(apply(&made, base, ew_buf_str(&delta)) && ew_str_eq(ew_buf_str(&made), target), "%s", what);
	ew_buf_clear(&delta);
	ew_buf_clear(&made);
	ew_delta_base_init(&found, base);
	ew_delta_find(&delta, &found, target);
	ok(apply(&made, base, ew_buf_str(&delta)) && ew_str_eq(ew_buf_str(&made), target), "in pieces: %s", what);
	ew_buf_release(&delta);
	ew_buf_release(&made);
}

/* Two records that say the same of different things. */
static void
test_pieces(void)
{
	const struct ew_str a = EW_LIT("{\"answer\":{\"kind\":\"decimal\",\"value\":\"25.0\"},\"id\":\"q/1\",\"state\":\"computable\"}");
	const struct ew_str b = EW_LIT("{\"answer\":{\"kind\":\"decimal\",\"value\":\"9\"},\"id\":\"q/2000\",\"state\":\"computable\"}");
	struct ew_delta_base base;
	struct ew_buf delta = { 0 };
	char noise[3000], other[3000];
	uint64_t x = 1;

	ew_delta_base_init(&base, a);
	ew_delta_find(&delta, &base, b);
	is_int(delta.len, 17, "a record is what differs: 2 sizes, 3 copies, 2 insertions");
	for (size_t i = 0; i < sizeof noise; i++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		noise[i] = (char)(x >> 56);
	}
	/* Pieces in another order, and some that are nowhere. */
	for (size_t i = 0; i < sizeof other; i++)
		other[i] = i / 100 % 3 ? noise[(i * 7 / 700 * 1300 + i % 100) % sizeof noise] : (char)(noise[i] + 1);
	for (size_t n = 0; n <= sizeof other; n += 333)
		check(ew_str_n(noise, sizeof noise), ew_str_n(other, n), "shuffled");
	for (size_t n = 0; n < 20; n++)
		check(ew_str_n(noise, n), ew_str_n(noise + n / 2, 20), "short ones");
	ew_buf_release(&delta);
}

static void
test_deltas(void)
{
	char a[70000], b[70000];

	memset(a, 'x', sizeof a);
	memcpy(b, a, sizeof a);
	memset(b + 300, 'y', 20);
	check(ew_str("abc"), ew_str("abc"), "nothing changed");
	check(ew_str(""), ew_str("abc"), "from nothing");
	check(ew_str("abc"), ew_str(""), "to nothing");
	check(ew_str("aaa"), ew_str("aaaa"), "longer by what it repeats");
	check(ew_str("aaaa"), ew_str("aa"), "shorter by what it repeats");
	check(ew_str_n(a, sizeof a), ew_str_n(b, sizeof b), "20 bytes patched");
	check(ew_str_n(a, 300), ew_str_n(b, 620), "an insertion of more than 127 bytes");
	check(ew_str_n(a, 65536), ew_str_n(a, 70000), "copies of 65,536 bytes and more");
	check(ew_str_n(b, 70000), ew_str_n(a, 256), "a tail far behind");
}

static void
test_table(void)
{
	struct ew_oidtable t = { 0 };
	struct ew_err err = { 0 };
	struct ew_oid oid = { { 0 } };
	size_t n, wrong = 0;

	ok(!ew_oidtable_find(&n, &t, &oid), "an empty table has nothing");
	for (unsigned i = 0; i < 5000; i++) {
		memcpy(oid.b, &i, sizeof i);
		wrong += ew_oidtable_find(&n, &t, &oid) || ew_oidtable_add(&t, &oid, &err) != EW_OK;
	}
	for (unsigned i = 0; i < 5000; i++) {
		memcpy(oid.b, &i, sizeof i);
		wrong += !ew_oidtable_find(&n, &t, &oid) || n != i;
	}
	is_int(wrong, 0, "5,000 ids are found under their numbers");
	oid.b[19] = 1;
	ok(!ew_oidtable_find(&n, &t, &oid), "another is not");
	ew_oidtable_release(&t);
}

int
main(void)
{
	test_deltas();
	test_pieces();
	test_table();
	return tap_done();
}
