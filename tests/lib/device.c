/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A FIDO device without hardware, for ssh-keygen -t ed25519-sk and -t ecdsa-sk: a library
 * that OpenSSH loads in place of its own ($SSH_SK_PROVIDER, ssh-add -S; OpenSSH's sk-api.h
 * of the version API).  A key's handle is its seed, so nothing is kept; nobody need touch
 * it.  It refuses to sign while the file $DEVICE_LOCK names is there.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef API
#define API 0x000a0000
#endif
enum { ECDSA = 0, ED25519 = 1, SEED = 32, POINT = 65, GENERAL = -1, UNSUPPORTED = -2 };
enum { COUNTER = 0x01020304 };

/* As OpenSSH lays them out; it frees what they point to. */
struct enrolled {
	uint8_t flags;
	uint8_t *public_key;
	size_t public_key_len;
	uint8_t *handle;
	size_t handle_len;
	uint8_t *attestation;
	size_t attestation_len;
	uint8_t *certificate;
	size_t certificate_len;
	uint8_t *data;
	size_t data_len;
};
struct signature {
	uint8_t flags;
	uint32_t counter;
	uint8_t *r;
	size_t r_len;
	uint8_t *s;
	size_t s_len;
};

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application,
	uint8_t flags, const char *pin, void **options, struct enrolled **out);
int sk_sign(uint32_t alg, const uint8_t *data, size_t len, const char *application,
	const uint8_t *handle, size_t handle_len, uint8_t flags, const char *pin, void **options,
	struct signature **out);
int sk_load_resident_keys(const char *pin, void **options, void ***keys, size_t *n);

uint32_t
sk_api_version(void)
{
	return API;
}

/* The point of P-256 that a seed makes; false for one of very few seeds. */
static bool
ec_point(uint8_t point[POINT], const BIGNUM *secret)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *p = EC_POINT_new(group);
	bool good = EC_POINT_mul(group, p, secret, NULL, NULL, NULL) == 1 &&
		EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point, POINT, NULL) == POINT;

	EC_POINT_free(p);
	EC_GROUP_free(group);
	return good;
}

static EVP_PKEY *
ec_key(uint8_t point[POINT], const uint8_t seed[SEED])
{
	BIGNUM *secret = BN_bin2bn(seed, SEED, NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (ec_point(point, secret) &&
	    OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, POINT) == 1 &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1 &&
	    (params = OSSL_PARAM_BLD_to_param(b)) && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	BN_free(secret);
	return key;
}

static uint8_t *
copy(const void *bytes, size_t len)
{
	uint8_t *to = malloc(len);

	if (to)
		memcpy(to, bytes, len);
	return to;
}

int
sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application,
	uint8_t flags, const char *pin, void **options, struct enrolled **out)
{
	struct enrolled *e = calloc(1, sizeof *e);
	uint8_t seed[SEED], secret[64], point[POINT];
	EVP_PKEY *key;

	(void)challenge, (void)challenge_len, (void)application, (void)pin, (void)options;
	if (!e || sodium_init() < 0)
		return GENERAL;
	randombytes_buf(seed, SEED);
	e->flags = flags;
	e->handle = copy(seed, e->handle_len = SEED);
	e->attestation = calloc(1, 1);
	if (alg == ED25519) {
		crypto_sign_seed_keypair(point, secret, seed);
		e->public_key = copy(point, e->public_key_len = 32);
	} else if ((key = ec_key(point, seed))) {
		e->public_key = copy(point, e->public_key_len = POINT);
		EVP_PKEY_free(key);
	}
	*out = e;
	return e->public_key ? 0 : GENERAL;
}

/* What a device signs: digests of application and data, between them flags and counter. */
static void
add_signed(uint8_t to[69], const struct signature *s, const char *application, const uint8_t *data,
	size_t len)
{
	crypto_hash_sha256(to, (const uint8_t *)application, strlen(application));
	to[32] = s->flags;
	for (int i = 0; i < 4; i++)
		to[33 + i] = (uint8_t)(s->counter >> (24 - 8 * i));
	crypto_hash_sha256(to + 37, data, len);
}

static uint8_t *
number(const BIGNUM *n, size_t *len)
{
	uint8_t *to = malloc(*len = (size_t)BN_num_bytes(n));

	BN_bn2bin(n, to);
	return to;
}

static int
sign_ecdsa(struct signature *s, const uint8_t *handle, const uint8_t bytes[69])
{
	uint8_t point[POINT], der[100];
	const uint8_t *p = der;
	size_t len = sizeof der;
	EVP_PKEY *key = ec_key(point, handle);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *sig = NULL;

	if (key && EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
	    EVP_DigestSign(ctx, der, &len, bytes, 69) == 1)
		sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
	if (sig) {
		s->r = number(ECDSA_SIG_get0_r(sig), &s->r_len);
		s->s = number(ECDSA_SIG_get0_s(sig), &s->s_len);
	}
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return s->r ? 0 : GENERAL;
}

int
sk_sign(uint32_t alg, const uint8_t *data, size_t len, const char *application, const uint8_t *handle,
	size_t handle_len, uint8_t flags, const char *pin, void **options, struct signature **out)
{
	const char *lock = getenv("DEVICE_LOCK");
	struct signature *s = calloc(1, sizeof *s);
	uint8_t bytes[69], secret[64], point[32];

	(void)pin, (void)options;
	if (!s || sodium_init() < 0 || handle_len != SEED || (lock && access(lock, F_OK) == 0))
		return GENERAL;
	s->flags = flags;
	s->counter = COUNTER;
	add_signed(bytes, s, application, data, len);
	*out = s;
	if (alg == ECDSA)
		return sign_ecdsa(s, handle, bytes);
	crypto_sign_seed_keypair(point, secret, handle);
	s->r = malloc(s->r_len = 64);
	crypto_sign_detached(s->r, NULL, bytes, sizeof bytes, secret);
	return 0;
}

int
sk_load_resident_keys(const char *pin, void **options, void ***keys, size_t *n)
{
	(void)pin, (void)options, (void)keys, (void)n;
	return UNSUPPORTED;
}
