/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pkey.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>

static const char no_key[] = "the numbers are no key";
static const char inside[] = "OpenSSL failed; try again";

/* The numbers of one key, by the names that OpenSSL has for them. */
enum { NUMBERS = 8 };
struct numbers {
	struct {
		const char *name;
		BIGNUM *n;
	} item[NUMBERS];
	size_t count;
};

/*
 * What OpenSSL failed at, of which it holds a queue: `code` and `what`, unless the failure
 * was its own.  Of numbers it says what is wrong, of memory not always.
 */
static enum ew_code
failed(struct ew_err *err, enum ew_code code, const char *what)
{
	unsigned long e = ERR_get_error();
	bool nomem = e == 0, fatal = false;

	for (; e != 0; e = ERR_get_error()) {
		nomem |= ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;
		fatal |= ERR_FATAL_ERROR(e);
	}
	return nomem ? ew_fail_nomem(err)
		: fatal ? ew_fail(err, EW_IO, "%s", inside)
			: ew_fail(err, code, "%s", what);
}

static enum ew_code
lacks(struct ew_err *err, const char *algorithm)
{
	char what[64];

	snprintf(what, sizeof what, "OpenSSL offers no %s; check openssl.cnf", algorithm);
	return failed(err, EW_IO, what);
}

/* --- keys --- */

/* A new number; NULL when memory is out. */
static BIGNUM *
add_number(struct numbers *all, const char *name)
{
	BIGNUM *n = BN_secure_new();

	assert(all->count < NUMBERS);
	if (n) {
		BN_set_flags(n, BN_FLG_CONSTTIME);
		all->item[all->count].name = name;
		all->item[all->count++].n = n;
	}
	return n;
}

static bool
take_number(struct numbers *all, const char *name, struct ew_str bytes)
{
	BIGNUM *n = add_number(all, name);

	return n && BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.len, n);
}

/* secret mod (prime - 1), with which the Chinese remainder theorem makes RSA fast. */
static bool
add_remainder(struct numbers *all, const char *name, const BIGNUM *secret, const BIGNUM *prime)
{
	BIGNUM *n = add_number(all, name), *less = BN_secure_new();
	BN_CTX *ctx = BN_CTX_secure_new();
	bool good = n && less && ctx && BN_copy(less, prime) && BN_sub_word(less, 1) == 1;

	if (good) {
		BN_set_flags(less, BN_FLG_CONSTTIME);
		good = BN_mod(n, secret, less, ctx) == 1;
	}
	BN_CTX_free(ctx);
	BN_clear_free(less);
	return good;
}

static void
wipe_numbers(struct numbers *all)
{
	for (size_t i = 0; i < all->count; i++)
		BN_clear_free(all->item[i].n);
}

/* The parameters with the numbers behind them; NULL when memory is out. */
static OSSL_PARAM *
build(OSSL_PARAM_BLD *b, const struct numbers *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (OSSL_PARAM_BLD_push_BN(b, all->item[i].name, all->item[i].n) != 1)
			return NULL;
	return OSSL_PARAM_BLD_to_param(b);
}

/* Of `algorithm`, with all its parameters in `b` and `all`. */
static enum ew_code
make(EVP_PKEY **out, const char *algorithm, OSSL_PARAM_BLD *b, const struct numbers *all,
	bool secret, struct ew_err *err)
{
	OSSL_PARAM *params = build(b, all);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	enum ew_code rc = EW_OK;

	if (!params)
		rc = ew_fail_nomem(err);
	else if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1)
		rc = lacks(err, algorithm);
	else if (EVP_PKEY_fromdata(ctx, out, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
			 params) != 1)
		rc = failed(err, EW_REFUSED, no_key);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return rc;
}

enum ew_code
ew_pkey_ec(EVP_PKEY **out, const char *curve, struct ew_str point, struct ew_str secret,
	struct ew_err *err)
{
	struct numbers all = { .count = 0 };
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	enum ew_code rc;

	*out = NULL;
	if (b && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.len) == 1 &&
	    (!secret.p || take_number(&all, OSSL_PKEY_PARAM_PRIV_KEY, secret)))
		rc = make(out, "EC", b, &all, secret.p != NULL, err);
	else
		rc = ew_fail_nomem(err);
	wipe_numbers(&all);
	OSSL_PARAM_BLD_free(b);
	ERR_clear_error();
	return rc;
}

/* The private numbers, and the two that follow from them. */
static bool
take_secret(struct numbers *all, const struct ew_pkey_rsa *k)
{
	const size_t d = all->count, p = d + 1, q = d + 2;

	return take_number(all, OSSL_PKEY_PARAM_RSA_D, k->d) &&
		take_number(all, OSSL_PKEY_PARAM_RSA_FACTOR1, k->p) &&
		take_number(all, OSSL_PKEY_PARAM_RSA_FACTOR2, k->q) &&
		take_number(all, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, k->qinv) &&
		add_remainder(all, OSSL_PKEY_PARAM_RSA_EXPONENT1, all->item[d].n, all->item[p].n) &&
		add_remainder(all, OSSL_PKEY_PARAM_RSA_EXPONENT2, all->item[d].n, all->item[q].n);
}

enum ew_code
ew_pkey_rsa(EVP_PKEY **out, const struct ew_pkey_rsa *k, struct ew_err *err)
{
	struct numbers all = { .count = 0 };
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	enum ew_code rc;

	*out = NULL;
	if (!b)
		rc = ew_fail_nomem(err);
	else if (take_number(&all, OSSL_PKEY_PARAM_RSA_N, k->n) &&
		 take_number(&all, OSSL_PKEY_PARAM_RSA_E, k->e) && (!k->d.p || take_secret(&all, k)))
		rc = make(out, "RSA", b, &all, k->d.p != NULL, err);
	else
		rc = failed(err, EW_REFUSED, no_key); /* a prime is one */
	wipe_numbers(&all);
	OSSL_PARAM_BLD_free(b);
	ERR_clear_error();
	return rc;
}

void
ew_pkey_free(EVP_PKEY *key)
{
	EVP_PKEY_free(key);
}

/* --- signatures --- */

/* What both ways of use need: the digest of the message, and a context that knows of it. */
struct use {
	EVP_MD *md;
	EVP_PKEY_CTX *ctx;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;
};

static enum ew_code
use_begin(struct use *u, EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), const char *digest,
	struct ew_str message, struct ew_err *err)
{
	u->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	u->md = EVP_MD_fetch(NULL, digest, NULL);
	if (!u->md)
		return lacks(err, digest);
	if (!u->ctx || init(u->ctx) != 1 || EVP_PKEY_CTX_set_signature_md(u->ctx, u->md) != 1 ||
	    EVP_Digest(message.p, message.len, u->digest, &u->len, u->md, NULL) != 1)
		return failed(err, EW_IO, "OpenSSL does not sign so; check openssl.cnf");
	return EW_OK;
}

static void
use_end(struct use *u)
{
	EVP_PKEY_CTX_free(u->ctx);
	EVP_MD_free(u->md);
	ERR_clear_error();
}

enum ew_code
ew_pkey_verify(EVP_PKEY *key, const char *digest, struct ew_str signature, struct ew_str message,
	struct ew_err *err)
{
	static const char no[] = "the signature does not verify; do not trust it";
	struct use u;
	enum ew_code rc = use_begin(&u, key, EVP_PKEY_verify_init, digest, message, err);
	int good = 1;

	if (rc == EW_OK)
		good = EVP_PKEY_verify(u.ctx, (const unsigned char *)signature.p, signature.len,
			u.digest, u.len);
	if (good < 0)
		rc = failed(err, EW_IO, inside);
	else if (good == 0) /* its verdict, of which it need not say more */
		rc = ERR_peek_error() ? failed(err, EW_NO, no) : ew_fail(err, EW_NO, no);
	use_end(&u);
	return rc;
}

enum ew_code
ew_pkey_sign(struct ew_buf *out, EVP_PKEY *key, const char *digest, struct ew_str message,
	struct ew_err *err)
{
	struct use u;
	enum ew_code rc = use_begin(&u, key, EVP_PKEY_sign_init, digest, message, err);
	size_t len = (size_t)EVP_PKEY_get_size(key);
	unsigned char *to;

	if (rc == EW_OK && !(to = (unsigned char *)ew_buf_room(out, len)))
		rc = ew_buf_check(out, err);
	else if (rc == EW_OK && EVP_PKEY_sign(u.ctx, to, &len, u.digest, u.len) != 1)
		rc = failed(err, EW_IO, inside);
	else if (rc == EW_OK)
		out->len += len;
	use_end(&u);
	return rc;
}
