/* SPDX-License-Identifier: Apache-2.0 */
/* kin.h: what is stored as what differs from another, and what is not. */
#include "repo/kin.h"
#include "repo/undelta.h"
#include "tests/lib/tap.h"

#include <stdlib.h>

enum { COMMIT = 1, BLOB = 3 };

static size_t numbers;
static char was[1000][2000]; /* by number */
static size_t len_of[1000];

/* Adds an object; the number of its base, or SIZE_MAX. Whatever is stored must make it. */
static size_t
add(struct ew_kin *k, unsigned type, struct ew_str bytes)
{
	size_t base = SIZE_MAX;
	const struct ew_str stored = ew_kin_add(&base, k, type, numbers, bytes);
	struct ew_undelta d;
	char made[2000];

	if (base == SIZE_MAX)
		ok(ew_str_eq(stored, bytes), "it is stored as it is");
	else
		ok(base < numbers && stored.len < bytes.len && ew_undelta_init(&d, stored) &&
				d.size == bytes.len &&
				ew_undelta_apply(made, &d, ew_str_n(was[base], len_of[base])) &&
				ew_str_eq(ew_str_n(made, bytes.len), bytes),
			"it is made of its base");
	memcpy(was[numbers], bytes.p, bytes.len);
	len_of[numbers++] = bytes.len;
	return base;
}

static size_t
add_record(struct ew_kin *k, unsigned type, const char *kind, unsigned n)
{
	struct ew_buf b = { 0 };
	size_t base;

	ew_buf_addf(&b, "{\"%s\":{\"kind\":\"decimal\",\"value\":\"%u\"},\"id\":\"q/%u\",\"state\":\"computable\"}", kind,
		n * 7919, n);
	base = add(k, type, ew_buf_str(&b));
	ew_buf_release(&b);
	return base;
}

static size_t
add_noise(struct ew_kin *k, unsigned n, size_t len)
{
	static char noise[1 << 17];
	uint64_t x = n;

	memcpy(noise, "{\"te", 4);
	for (size_t i = 4; i < len; i++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		noise[i] = (char)(x >> 56);
	}
	if (len <= sizeof was[0])
		return add(k, BLOB, ew_str_n(noise, len));
	x = SIZE_MAX;
	ok(ew_kin_add(&x, k, BLOB, numbers, ew_str_n(noise, len)).len == len, "a large one is stored as it is");
	return x;
}

static void
test_alike(struct ew_kin *k)
{
	is_int(add_record(k, BLOB, "answer", 1), SIZE_MAX, "the first has no base");
	for (unsigned n = 2; n <= 33; n++)
		is_int(add_record(k, BLOB, "answer", n), 0, "those that follow have it");
	is_int(add_record(k, BLOB, "answer", 34), SIZE_MAX, "after 32 another is a base");
	is_int(add_record(k, BLOB, "answer", 35), 33, "the next follows that");
	is_int(add_record(k, BLOB, "missing", 36), SIZE_MAX, "one that begins otherwise is of another kind");
	is_int(add_record(k, COMMIT, "answer", 37), SIZE_MAX, "and one of another type");
	is_int(add_record(k, BLOB, "missing", 38), 35, "each has its base");
	is_int(add_record(k, COMMIT, "answer", 39), 36, "its own");
	is_int(add_record(k, BLOB, "answer", 40), 33, "and keeps it");
	for (unsigned n = 0; n < 8; n++) {
		char kind[8] = { (char)('a' + n), '\0' };

		is_int(add_record(k, BLOB, kind, n), SIZE_MAX, "there are 8 kinds");
	}
	is_int(add_record(k, BLOB, "answer", 41), SIZE_MAX, "a ninth is forgotten");
	is_int(add(k, BLOB, EW_LIT("too short to be worth it")), SIZE_MAX, "a short one has none");
	is_int(add(k, BLOB, EW_LIT("")), SIZE_MAX, "nor has nothing");
	is_int(add_noise(k, 1, 1 << 17), SIZE_MAX, "nor a large one");
}

/* Texts that have nothing in common: it is tried after 0, 1, 2, 4 … 64 others. */
static void
test_unlike(struct ew_kin *k)
{
	const size_t first = numbers;
	size_t base;

	for (unsigned n = 0; n < 300; n++)
		is_int(add_noise(k, n + 1, 300), SIZE_MAX, "noise has no base");
	do
		base = add_record(k, BLOB, "te", 7);
	while (base == SIZE_MAX && numbers < first + 400);
	ok(base != SIZE_MAX, "what is alike again is found, in time: after %zu", numbers - first - 300);
	is_int(add_record(k, BLOB, "te", 8), base, "and then at once");
}

int
main(void)
{
	struct ew_kin *k = NULL;
	struct ew_err err = { 0 };

	if (ew_kin_open(&k, &err) != EW_OK)
		return 1;
	test_alike(k);
	test_unlike(k);
	ew_kin_free(k);
	return tap_done();
}
