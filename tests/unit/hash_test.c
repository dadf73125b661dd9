/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/hash.h"
#include "tests/lib/tap.h"

#include <string.h>

static const char abc256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char abc1[] = "a9993e364706816aba3e25717850c26c9cd0d89d";
static const char abc512[] =
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

static void
is_hex(const unsigned char *got, size_t n, const char *want, const char *text)
{
	char hex[129];

	ew_hex(hex, got, n);
	is_str(ew_str(hex), want, "%s", text);
}

static void
test_vectors(struct ew_hash *h)
{
	const struct ew_str pieces[] = { EW_LIT("a"), { NULL, 0 }, EW_LIT(""), EW_LIT("bc") };
	struct ew_sha256 d = ew_sha256_str(h, EW_LIT("abc"));
	struct ew_oid id = ew_sha1(h, pieces, 4);
	unsigned char wide[64];

	is_hex(d.b, 32, abc256, "SHA-256 of abc");
	is_hex(id.b, 20, abc1, "SHA-1 of abc in pieces, some of them empty");
	ew_sha512(h, EW_LIT("abc"), wide);
	is_hex(wide, 64, abc512, "SHA-512 of abc");
	d = ew_sha256(h, pieces, 4);
	is_hex(d.b, 32, abc256, "SHA-256 of abc in pieces, on the context used before");
	d = ew_sha256(h, NULL, 0);
	is_hex(d.b, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"SHA-256 of no pieces");
	d = ew_sha256_str(h, (struct ew_str){ NULL, 0 });
	is_hex(d.b, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"SHA-256 of the absent string");
	id = ew_sha1(h, NULL, 0);
	is_hex(id.b, 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "SHA-1 of nothing");
	ew_sha1_begin(h);
	ew_sha1_add(h, EW_LIT("left"));
	ew_sha1_begin(h);
	for (size_t i = 0; i < 4; i++)
		ew_sha1_add(h, pieces[i]);
	id = ew_sha1_end(h);
	is_hex(id.b, 20, abc1, "SHA-1 of abc in pieces that come one by one");
}

static void
test_equality(struct ew_hash *h)
{
	struct ew_sha256 a = ew_sha256_str(h, EW_LIT("a")), b = a;
	struct ew_oid x = ew_sha1(h, NULL, 0), y = x, zero = { { 0 } };

	ok(ew_sha256_eq(&a, &b), "equal digests are equal");
	b.b[31] ^= 1;
	ok(!ew_sha256_eq(&a, &b), "one bit apart in the last byte is not equal");
	ok(ew_oid_eq(&x, &y), "equal ids are equal");
	y.b[19] ^= 1;
	ok(!ew_oid_eq(&x, &y), "ids one bit apart are not");
	ok(ew_oid_is_zero(&zero) && !ew_oid_is_zero(&x), "only the zero id is zero");
	zero.b[19] = 1;
	ok(!ew_oid_is_zero(&zero), "an id that ends in 1 is not zero");
}

static void
test_random(struct ew_err *err)
{
	unsigned char a[600] = { 0 }, b[600] = { 0 };

	ok(ew_random(a, sizeof a, err) == EW_OK && ew_random(b, sizeof b, err) == EW_OK,
		"600 random bytes, twice");
	ok(memcmp(a, b, 300) != 0 && memcmp(a + 300, b + 300, 300) != 0,
		"the two differ at both ends");
	ok(ew_random(a, 0, err) == EW_OK, "no random bytes are no failure");
}

int
main(void)
{
	struct ew_err err = { 0 };
	struct ew_hash *h;

	if (!ok(ew_hash_open(&h, &err) == EW_OK, "open: %s", err.msg))
		return tap_done();
	test_vectors(h);
	test_equality(h);
	test_random(&err);
	ew_hash_free(h);
	ew_hash_free(NULL);
	return tap_done();
}
