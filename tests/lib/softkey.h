/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of every type that can sign, for tests: made anew by OpenSSL and libsodium, with
 * nothing of the library but its wire form, and able to sign otherwise than they should.
 */
#ifndef TESTS_LIB_SOFTKEY_H
#define TESTS_LIB_SOFTKEY_H

#include "tests/lib/sshsample.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <sodium.h>

static const struct softtype {
	const char *name, *group, *curve, *digest, *form;
	size_t rsa_bits;
	bool device;
} softtypes[] = {
	{ "ssh-ed25519", .form = "ssh-ed25519" },
	{ "sk-ssh-ed25519@openssh.com", .form = "sk-ssh-ed25519@openssh.com", .device = true },
	{ "ecdsa-sha2-nistp256", "P-256", "nistp256", "SHA256", .form = "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "P-384", "nistp384", "SHA384", .form = "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "P-521", "nistp521", "SHA512", .form = "ecdsa-sha2-nistp521" },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", "P-256", "nistp256", "SHA256",
		.form = "sk-ecdsa-sha2-nistp256@openssh.com", .device = true },
	{ "ssh-rsa", .digest = "SHA512", .form = "rsa-sha2-512", .rsa_bits = 2048 },
};
enum { SOFTTYPES = sizeof softtypes / sizeof softtypes[0] };
enum { SOFT_ED25519, SOFT_SK_ED25519, SOFT_P256, SOFT_P384, SOFT_P521, SOFT_SK_ECDSA, SOFT_RSA };

struct softkey {
	const struct softtype *type;
	EVP_PKEY *pkey;           /* unless Ed25519 */
	unsigned char secret[64]; /* of Ed25519 */
	struct ew_buf blob;       /* the public key */
};

/* What to do otherwise; { 0 } is a good signature. */
struct softtwist {
	const char *form, *digest;
	unsigned flags; /* plus 1: 0 is user presence alone */
	unsigned counter;
	bool high_s, low_s;           /* s or n - s, whichever is larger or smaller */
	bool long_r, negative_r, zero_r, r_is_order; /* numbers of ECDSA */
	size_t cut;                   /* bytes from the front of an RSA signature */
	const char *inside, *after;   /* bytes at the end of the signature, and after all */
	bool no_device;               /* neither flags nor counter */
};

static inline void
soft_must(bool good)
{
	if (!good)
		abort();
}

/* A number in the wire form. */
static inline void
soft_number(struct ew_buf *out, const BIGNUM *n)
{
	unsigned char bytes[1100];
	int len = BN_num_bytes(n);

	bytes[0] = 0;
	soft_must(len < (int)sizeof bytes && BN_bn2bin(n, bytes + 1) == len);
	if (len && bytes[1] & 0x80)
		ew_sshbuf_add(out, ew_str_n(bytes, (size_t)len + 1));
	else
		ew_sshbuf_add(out, ew_str_n(bytes + 1, (size_t)len));
}

/* One of the numbers of a key that OpenSSL made. */
static inline void
soft_param(struct ew_buf *out, const EVP_PKEY *key, const char *name)
{
	BIGNUM *n = NULL;

	soft_must(EVP_PKEY_get_bn_param(key, name, &n) == 1);
	soft_number(out, n);
	BN_clear_free(n);
}

/* The curve's name and the point, both as they stand in keys. */
static inline void
soft_point(struct ew_buf *out, const struct softkey *k)
{
	unsigned char point[140];
	size_t len;

	soft_must(EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
			  &len) == 1 && point[0] == 4);
	ew_sshbuf_add(out, ew_str(k->type->curve));
	ew_sshbuf_add(out, ew_str_n(point, len));
}

static inline void
soft_make(struct softkey *k, const struct softtype *type)
{
	unsigned char point[32];

	*k = (struct softkey){ .type = type };
	soft_must(sodium_init() >= 0);
	ew_sshbuf_add(&k->blob, ew_str(type->name));
	if (type->rsa_bits) {
		k->pkey = EVP_RSA_gen(type->rsa_bits);
		soft_must(k->pkey != NULL);
		soft_param(&k->blob, k->pkey, OSSL_PKEY_PARAM_RSA_E);
		soft_param(&k->blob, k->pkey, OSSL_PKEY_PARAM_RSA_N);
	} else if (type->group) {
		k->pkey = EVP_EC_gen(type->group);
		soft_must(k->pkey && EVP_PKEY_set_utf8_string_param(k->pkey,
			OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") == 1);
		soft_point(&k->blob, k);
	} else {
		crypto_sign_keypair(point, k->secret);
		ew_sshbuf_add(&k->blob, ew_str_n(point, sizeof point));
	}
	if (type->device)
		ew_sshbuf_add(&k->blob, EW_LIT("ssh:"));
}

static inline void
soft_free(struct softkey *k)
{
	EVP_PKEY_free(k->pkey);
	ew_buf_release(&k->blob);
}

/* Type and private fields, as they stand in a file; not for devices. */
static inline void
soft_fields(struct ew_buf *out, const struct softkey *k)
{
	ew_sshbuf_add(out, ew_str(k->type->name));
	if (k->type->rsa_bits) {
		static const char *const name[] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
			OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
			OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2 };

		for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
			soft_param(out, k->pkey, name[i]);
	} else if (k->pkey) {
		soft_point(out, k);
		soft_param(out, k->pkey, OSSL_PKEY_PARAM_PRIV_KEY);
	} else {
		ew_sshbuf_add(out, ew_str_n(k->secret + 32, 32));
		ew_sshbuf_add(out, ew_str_n(k->secret, 64));
	}
}

/* --- signing --- */

static inline void
soft_digest(struct ew_buf *out, struct ew_str s)
{
	unsigned char digest[32];

	crypto_hash_sha256(digest, (const unsigned char *)s.p, s.len);
	ew_buf_addmem(out, digest, sizeof digest);
}

/* With OpenSSL; its own form of signature. */
static inline void
soft_openssl(struct ew_buf *out, EVP_PKEY *key, const char *digest, struct ew_str message)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1100];
	size_t len = sizeof sig;

	soft_must(ctx && EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL) == 1 &&
		EVP_DigestSign(ctx, sig, &len, (const unsigned char *)message.p, message.len) == 1);
	ew_buf_addmem(out, sig, len);
	EVP_MD_CTX_free(ctx);
}

static inline void
soft_r(struct ew_buf *out, const BIGNUM *r, const BIGNUM *order, const struct softtwist *t)
{
	unsigned char bytes[80] = { 0 };
	int len = BN_num_bytes(r);

	soft_must(BN_bn2bin(r, bytes + 2) == len);
	if (t->zero_r)
		ew_sshbuf_add(out, EW_LIT(""));
	else if (t->r_is_order)
		soft_number(out, order);
	else if (t->long_r)
		ew_sshbuf_add(out, ew_str_n(bytes + 2 - (bytes[2] & 0x80 ? 2 : 1),
			(size_t)len + (bytes[2] & 0x80 ? 2 : 1)));
	else if (t->negative_r)
		ew_sshbuf_add(out, ew_str_n(bytes + 2, (size_t)len));
	else
		soft_number(out, r);
}

/* r and s, out of DER. */
static inline void
soft_rs(struct ew_buf *out, EVP_PKEY *key, struct ew_str der, const struct softtwist *t)
{
	const unsigned char *p = (const unsigned char *)der.p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.len);
	BIGNUM *order = NULL, *other = BN_new();
	const BIGNUM *s;

	soft_must(sig && other && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_ORDER, &order) == 1);
	s = ECDSA_SIG_get0_s(sig);
	soft_must(BN_sub(other, order, s) == 1);
	if ((t->high_s && BN_cmp(other, s) > 0) || (t->low_s && BN_cmp(other, s) < 0))
		s = other;
	soft_r(out, ECDSA_SIG_get0_r(sig), order, t);
	soft_number(out, s);
	BN_free(order);
	BN_free(other);
	ECDSA_SIG_free(sig);
}

/* The part of a signature that is the algorithm's. */
static inline void
soft_inner(struct ew_buf *out, const struct softkey *k, struct ew_str message,
	const struct softtwist *t)
{
	const char *digest = sample_or(t->digest, k->type->digest);
	unsigned char rs[64];
	struct ew_buf sig = { 0 };

	if (k->pkey)
		soft_openssl(&sig, k->pkey, digest, message);
	if (k->type->group)
		soft_rs(out, k->pkey, ew_buf_str(&sig), t);
	else if (k->pkey)
		ew_buf_add(out, ew_str_part(ew_buf_str(&sig), t->cut, sig.len));
	else if (crypto_sign_detached(rs, NULL, (const unsigned char *)message.p, message.len,
			 k->secret) == 0)
		ew_buf_addmem(out, rs, sizeof rs);
	ew_buf_adds(out, sample_or(t->inside, ""));
	ew_buf_release(&sig);
}

/* The signature blob over `message`. */
static inline void
soft_sign(struct ew_buf *out, const struct softkey *k, struct ew_str message,
	const struct softtwist *t)
{
	struct ew_buf device = { 0 }, inner = { 0 };
	const size_t flags_at = 32;

	if (k->type->device) {
		soft_digest(&device, EW_LIT("ssh:"));
		ew_buf_addc(&device, (char)(t->flags ? t->flags - 1 : 1));
		ew_buf_addu32be(&device, t->counter);
		soft_digest(&device, message);
		message = ew_buf_str(&device);
	}
	soft_inner(&inner, k, message, t);
	ew_sshbuf_add(out, ew_str(sample_or(t->form, k->type->form)));
	ew_sshbuf_add(out, ew_buf_str(&inner));
	if (k->type->device && !t->no_device)
		ew_buf_add(out, ew_str_part(message, flags_at, flags_at + 5));
	ew_buf_adds(out, sample_or(t->after, ""));
	ew_buf_release(&device);
	ew_buf_release(&inner);
}

#endif
