/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's part: a verdict is only given when nothing else went wrong. */
#include "codec/pkey.h"
#include "tests/lib/softkey.h"
#include "tests/lib/tap.h"

#include <openssl/crypto.h>

/* --- allocations of OpenSSL that fail --- */

static long left = -1; /* before the one that fails; -1: none does */

static bool
fails(void)
{
	if (left < 0)
		return false;
	return left-- == 0;
}

static void *
take(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : malloc(n);
}

static void *
take_more(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : realloc(p, n);
}

static void
give(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

/* --- the work --- */

/* The parts of a key and of its signature of "hello". */
struct parts {
	const struct softtype *type;
	struct ew_buf point, secret, sig;
	struct ew_buf number[6]; /* of RSA: n, e, d, p, q, qinv */
};

static void
add_param(struct ew_buf *out, const EVP_PKEY *key, const char *name)
{
	struct ew_buf b = { 0 };
	struct ew_str rest, n;

	soft_param(&b, key, name);
	rest = ew_buf_str(&b);
	soft_must(ew_sshbuf_string(&n, &rest));
	ew_buf_add(out, n);
	ew_buf_release(&b);
}

static void
take_apart(struct parts *p, const struct softkey *k)
{
	static const char *const name[] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	unsigned char point[140];
	size_t len;

	p->type = k->type;
	soft_openssl(&p->sig, k->pkey, k->type->digest, EW_LIT("hello"));
	if (k->type->rsa_bits) {
		for (size_t i = 0; i < 6; i++)
			add_param(&p->number[i], k->pkey, name[i]);
		return;
	}
	soft_must(EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
			  &len) == 1);
	ew_buf_addmem(&p->point, point, len);
	add_param(&p->secret, k->pkey, OSSL_PKEY_PARAM_PRIV_KEY);
}

static void
release(struct parts *p)
{
	ew_buf_release(&p->point);
	ew_buf_release(&p->secret);
	ew_buf_release(&p->sig);
	for (size_t i = 0; i < 6; i++)
		ew_buf_release(&p->number[i]);
}

static enum ew_code
open_key(EVP_PKEY **out, const struct parts *p, bool secret, struct ew_err *err)
{
	struct ew_pkey_rsa rsa = { .n = ew_buf_str(&p->number[0]), .e = ew_buf_str(&p->number[1]) };

	if (p->type->group)
		return ew_pkey_ec(out, p->type->group, ew_buf_str(&p->point),
			secret ? ew_buf_str(&p->secret) : (struct ew_str){ NULL, 0 }, err);
	if (secret) {
		rsa.d = ew_buf_str(&p->number[2]);
		rsa.p = ew_buf_str(&p->number[3]);
		rsa.q = ew_buf_str(&p->number[4]);
		rsa.qinv = ew_buf_str(&p->number[5]);
	}
	return ew_pkey_rsa(out, &rsa, err);
}

static enum ew_code
verify(const struct parts *p, const char *message, struct ew_err *err)
{
	EVP_PKEY *key = NULL;
	enum ew_code rc = open_key(&key, p, false, err);

	if (rc == EW_OK)
		rc = ew_pkey_verify(key, p->type->digest, ew_buf_str(&p->sig), ew_str(message), err);
	ew_pkey_free(key);
	return rc;
}

static enum ew_code
sign(const struct parts *p, struct ew_err *err)
{
	struct ew_buf sig = { 0 };
	EVP_PKEY *key = NULL;
	enum ew_code rc = open_key(&key, p, true, err);

	if (rc == EW_OK)
		rc = ew_pkey_sign(&sig, key, p->type->digest, EW_LIT("hello"), err);
	ew_pkey_free(key);
	ew_buf_release(&sig);
	return rc;
}

/* --- tests --- */

static void
test_good(const struct parts *p)
{
	struct ew_err err = { 0 };
	EVP_PKEY *key;

	is_int(verify(p, "hello", &err), EW_OK, "%s: a good signature: %s", p->type->name, err.msg);
	is_int(sign(p, &err), EW_OK, "%s: signed: %s", p->type->name, err.msg);
	is_int(verify(p, "hellp", &err), EW_NO, "%s: not of another message", p->type->name);
	is_str(ew_str(err.msg), "the signature does not verify; do not trust it", "and says so");
	ew_err_clear(&err);
	is_int(open_key(&key, p, true, &err), EW_OK, "%s: a whole key: %s", p->type->name, err.msg);
	is_int(ew_pkey_verify(key, "SHA3000", ew_buf_str(&p->sig), EW_LIT("hello"), &err), EW_IO,
		"a digest that OpenSSL has not");
	is_str(ew_str(err.msg), "OpenSSL offers no SHA3000; check openssl.cnf", "is no verdict");
	ew_pkey_free(key);
}

enum work { VERIFY_GOOD, VERIFY_BAD, SIGN };

static enum ew_code
work(enum work w, const struct parts *p)
{
	struct ew_err err = { 0 };

	return w == SIGN ? sign(p, &err) : verify(p, w == VERIFY_GOOD ? "hello" : "hellp", &err);
}

/* The first, second, third... allocation fails, until none does. */
static void
test_memory(const struct parts *p, enum work w, enum ew_code want)
{
	size_t n = 0, verdicts = 0;
	enum ew_code rc;

	do {
		left = (long)n++;
		rc = work(w, p);
		verdicts += rc != want && rc != EW_NOMEM && rc != EW_IO;
	} while (left < 0);
	left = -1;
	ok(rc == want && n > 10 && verdicts == 0,
		"%s: work %d: %zu allocations that fail, %zu of them taken for a fault of the key",
		p->type->name, (int)w, n - 1, verdicts);
}

static void
test_no_rsa(void)
{
	const struct ew_str one = EW_LIT("\1"), n = EW_LIT("\xff\xff");
	struct ew_err err = { 0 };
	EVP_PKEY *key;

	is_int(ew_pkey_rsa(&key, &(struct ew_pkey_rsa){ n, one, one, one, one, one }, &err), EW_REFUSED,
		"a prime of one");
	ok(key == NULL && strstr(err.msg, "the numbers are no key"), "says '%s'", err.msg);
}

int
main(void)
{
	static const size_t type[] = { SOFT_P256, SOFT_P384, SOFT_P521, SOFT_RSA };

	if (CRYPTO_set_mem_functions(take, take_more, give) != 1)
		tap_skip("OpenSSL has begun");
	for (size_t i = 0; i < sizeof type / sizeof type[0]; i++) {
		struct softkey k;
		struct parts p = { 0 };

		soft_make(&k, &softtypes[type[i]]);
		take_apart(&p, &k);
		test_good(&p);
		test_memory(&p, VERIFY_GOOD, EW_OK);
		test_memory(&p, VERIFY_BAD, EW_NO);
		test_memory(&p, SIGN, EW_OK);
		release(&p);
		soft_free(&k);
	}
	test_no_rsa();
	return tap_done();
}
