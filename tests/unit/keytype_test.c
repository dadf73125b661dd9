/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/signer.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <dlfcn.h>
#include <sodium.h>

/* --- libsodium that does not start --- */

static bool starts = true;

int
sodium_init(void)
{
	int (*real)(void);

	*(void **)&real = dlsym(RTLD_NEXT, "sodium_init");
	return starts ? real() : -1;
}

/* --- signatures made of their parts --- */

struct forged {
	unsigned char point[32], rs[64];
};

/* The sample key's numbers: its point and the scalar that makes it. */
static void
key_parts(unsigned char point[32], unsigned char scalar[32])
{
	unsigned char seed[32], wide[64];

	sample_point(point, seed, 1);
	crypto_hash_sha512(wide, seed, 32);
	memcpy(scalar, wide, 32);
	scalar[0] &= 248;
	scalar[31] = (scalar[31] & 63) | 64;
}

/* What a signature's equation asks for: a number of R, the key and the message. */
static void
challenge(unsigned char out[32], const struct forged *f, struct ew_str message)
{
	crypto_hash_sha512_state s;
	unsigned char wide[64];

	crypto_hash_sha512_init(&s);
	crypto_hash_sha512_update(&s, f->rs, 32);
	crypto_hash_sha512_update(&s, f->point, 32);
	crypto_hash_sha512_update(&s, (const unsigned char *)message.p, message.len);
	crypto_hash_sha512_final(&s, wide);
	crypto_core_ed25519_scalar_reduce(out, wide);
}

/* With R a neutral element, however it is spelt, the holder of a key makes S without a nonce. */
static void
sign_without_nonce(struct forged *f, const unsigned char r[32], struct ew_str message)
{
	unsigned char scalar[32], h[32];

	key_parts(f->point, scalar);
	memcpy(f->rs, r, 32);
	challenge(h, f, message);
	crypto_core_ed25519_scalar_mul(f->rs + 32, h, scalar);
}

/* Anybody makes R for an S, if the key vanishes. */
static void
sign_without_key(struct forged *f, const unsigned char point[32], unsigned char s)
{
	memcpy(f->point, point, 32);
	memset(f->rs, 0, sizeof f->rs);
	f->rs[32] = s;
	crypto_scalarmult_ed25519_base_noclamp(f->rs, f->rs + 32);
}

static bool
openssl_accepts(const struct forged *f, struct ew_str message)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, f->point, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		EVP_DigestVerify(ctx, f->rs, 64, (const unsigned char *)message.p, message.len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good;
}

/* Verify the first `len` bytes of R and S. */
static enum ew_code
verify(const struct forged *f, size_t len, struct ew_str message, struct ew_err *err)
{
	struct ew_buf blob = { 0 }, signature = { 0 };
	struct ew_sshkey key;
	enum ew_code rc;

	sample_blob(&blob, "ssh-ed25519", f->point);
	ew_sshbuf_add(&signature, EW_LIT("ssh-ed25519"));
	ew_sshbuf_add(&signature, ew_str_n(f->rs, len));
	rc = ew_sshkey_parse(&key, ew_buf_str(&blob), err);
	if (rc == EW_OK)
		rc = ew_sshkey_verify(&key, ew_buf_str(&signature), message, err);
	ew_buf_release(&blob);
	ew_buf_release(&signature);
	return rc;
}

static void
does_not_verify(const struct forged *f, struct ew_str message, const char *what)
{
	struct ew_err err = { 0 };

	is_int(verify(f, 64, message, &err), EW_NO, "%s: refused", what);
	is_str(ew_str(err.msg), "the signature does not verify; do not trust it", "%s: why", what);
}

/* --- tests --- */

static const unsigned char neutral[32] = { 1 };
/* The same point, its y not reduced by p. */
static const unsigned char neutral_unreduced[32] = { 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f };
/* The order of the group. */
static const unsigned char order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c,
	0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };

static void
test_good(struct forged *good, struct ew_str message)
{
	unsigned char seed[32], secret[64];
	struct ew_err err = { 0 };

	sample_point(good->point, seed, 1);
	crypto_sign_seed_keypair(good->point, secret, seed);
	crypto_sign_detached(good->rs, NULL, (const unsigned char *)message.p, message.len, secret);
	is_int(verify(good, 64, message, &err), EW_OK, "a good signature: %s", err.msg);
	ok(openssl_accepts(good, message), "OpenSSL agrees");
}

static void
test_truncated(const struct forged *good, struct ew_str message)
{
	size_t accepted = 0;

	for (size_t n = 0; n < 64; n++) {
		struct ew_err err = { 0 };

		accepted += verify(good, n, message, &err) != EW_NO ||
			strcmp(err.msg, "the signature is not 64 bytes long; do not trust it") != 0;
	}
	is_int(accepted, 0, "no part of a signature is one, and all are refused for it");
}

static void
test_large_s(const struct forged *good, struct ew_str message)
{
	struct forged f = *good;
	unsigned carry = 0;

	for (size_t i = 0; i < 32; i++) {
		carry += (unsigned)f.rs[32 + i] + order[i];
		f.rs[32 + i] = (unsigned char)carry;
		carry >>= 8;
	}
	is_int(carry, 0, "S and the order of the group have room");
	does_not_verify(&f, message, "S that is not reduced");
}

static void
test_neutral_r(struct ew_str message)
{
	struct forged f;

	sign_without_nonce(&f, neutral, message);
	ok(openssl_accepts(&f, message), "R of small order satisfies the equation");
	does_not_verify(&f, message, "R of small order");
	sign_without_nonce(&f, neutral_unreduced, message);
	does_not_verify(&f, message, "R that is not reduced");
}

/* Each verifies under the plain equation as often as the order of its point divides the challenge. */
static void
test_small_keys(struct ew_str message)
{
	static const unsigned char half[32] = { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f };
	static const unsigned char quarter[32] = { 0 }, quarter_negative[32] = { [31] = 0x80 };
	static const unsigned char eighth[32] = { 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45,
		0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
		0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 };
	static const unsigned char *const point[] = { neutral, neutral_unreduced, half, quarter,
		quarter_negative, eighth };

	for (size_t i = 0; i < sizeof point / sizeof point[0]; i++) {
		size_t satisfied = 0, accepted = 0;

		for (unsigned char s = 1; s <= 100; s++) {
			struct ew_err err = { 0 };
			struct forged f;

			sign_without_key(&f, point[i], s);
			satisfied += openssl_accepts(&f, message);
			accepted += verify(&f, 64, message, &err) != EW_NO ||
				strcmp(err.msg, "the signature does not verify; do not trust it") != 0;
		}
		ok(satisfied > 0 && accepted == 0,
			"key %zu of small order: %zu satisfy the equation, %zu accepted", i, satisfied,
			accepted);
	}
}

static void
test_no_start(const struct forged *good, struct ew_str message)
{
	struct ew_buf text = { 0 }, path = { 0 };
	struct ew_err err = { 0 };
	struct ew_signer *s;
	char dir[64];

	starts = false;
	is_int(verify(good, 64, message, &err), EW_IO, "libsodium does not start: nothing verifies");
	is_str(ew_str(err.msg), "libsodium does not start; install it again", "and it says so");
	ew_err_clear(&err);
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	if (ok(sample_dir(dir) != NULL, "a folder")) {
		is_int(ew_signer_open(&s, &(struct ew_signer_opts){ .key = sample_file(&path, dir, "key", ew_buf_str(&text)) }, &err),
			EW_IO, "nor is a key opened");
		ok(strstr(err.msg, "libsodium does not start; install it again") && !s, "says '%s'",
			err.msg);
		sample_remove_dir(dir);
	}
	starts = true;
	ew_buf_release(&text);
	ew_buf_release(&path);
}

int
main(void)
{
	struct ew_str message = EW_LIT("hello");
	struct forged good;

	test_good(&good, message);
	test_truncated(&good, message);
	test_large_s(&good, message);
	test_neutral_r(message);
	test_small_keys(message);
	test_no_start(&good, message);
	return tap_done();
}
