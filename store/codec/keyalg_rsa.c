/* SPDX-License-Identifier: Apache-2.0 */
/* RSA: RFC 8332, with SHA-512 or SHA-256, never SHA-1; keys of 2048 to 8192 bits. */
#include "codec/keytype.h"
#include "codec/pkey.h"
#include "codec/sshbuf.h"

enum { BITS_LEAST = 2048, BITS_MOST = 8192, EXPONENT_BITS_MOST = 64 };

/* Without the zero byte that may stand before it. */
static struct ew_str
magnitude(struct ew_str n)
{
	return ew_str_part(n, n.p[0] == 0, n.len);
}

static size_t
bits(struct ew_str n)
{
	const struct ew_str m = magnitude(n);
	size_t count = 8 * m.len;

	for (unsigned bit = 0x80; !((unsigned char)m.p[0] & bit); bit >>= 1)
		count--;
	return count;
}

static bool
is_odd(struct ew_str n)
{
	return n.p[n.len - 1] & 1;
}

static enum ew_code
cut_public(struct ew_pkey_rsa *out, const struct ew_keytype *t, struct ew_str *body,
	struct ew_err *err)
{
	*out = (struct ew_pkey_rsa){ .d = { NULL, 0 } };
	if (!ew_sshbuf_mpint(&out->e, body) || !ew_sshbuf_mpint(&out->n, body) || !is_odd(out->n) ||
		!is_odd(out->e) || bits(out->e) < 2 || bits(out->e) > EXPONENT_BITS_MOST)
		return ew_keytype_malformed(t, err);
	if (bits(out->n) < BITS_LEAST || bits(out->n) > BITS_MOST)
		return ew_fail(err, EW_REFUSED, "an RSA key of %zu bits; use one of %d to %d bits",
			bits(out->n), BITS_LEAST, BITS_MOST);
	return EW_OK;
}

static enum ew_code
check(const struct ew_keytype *t, struct ew_str *body, struct ew_err *err)
{
	struct ew_pkey_rsa k;

	return cut_public(&k, t, body, err);
}

static enum ew_code
verify(const struct ew_keytype *t, struct ew_str body, const char *digest, struct ew_str signature,
	struct ew_str message, struct ew_err *err)
{
	struct evp_pkey_st *key = NULL;
	struct ew_pkey_rsa k;
	enum ew_code rc = cut_public(&k, t, &body, err);

	if (rc != EW_OK)
		return rc;
	if (signature.len != magnitude(k.n).len)
		return ew_keytype_no("is not as long as its key", err);
	if ((rc = ew_pkey_rsa(&key, &k, err)) == EW_OK)
		rc = ew_pkey_verify(key, digest, signature, message, err);
	ew_pkey_free(key);
	return rc;
}

/* The public half once more, its numbers in the other order, and how it is taken apart. */
static enum ew_code
load(struct ew_keysecret *out, const struct ew_keytype *t, struct ew_str *fields, struct ew_str body,
	struct ew_err *err)
{
	struct ew_str n, e;
	struct ew_pkey_rsa k;
	enum ew_code rc = cut_public(&k, t, &body, err);

	if (rc != EW_OK)
		return rc;
	if (!ew_sshbuf_mpint(&n, fields) || !ew_sshbuf_mpint(&e, fields) || !ew_str_eq(n, k.n) ||
		!ew_str_eq(e, k.e) || !ew_sshbuf_mpint(&k.d, fields) ||
		!ew_sshbuf_mpint(&k.qinv, fields) || !ew_sshbuf_mpint(&k.p, fields) ||
		!ew_sshbuf_mpint(&k.q, fields) || k.d.len > n.len || k.qinv.len > n.len ||
		k.p.len > n.len || k.q.len > n.len)
		return ew_keytype_damaged(err);
	return ew_pkey_rsa(&out->pkey, &k, err);
}

static enum ew_code
sign(struct ew_buf *out, const struct ew_keysecret *secret, const char *digest, struct ew_str message,
	struct ew_err *err)
{
	return ew_pkey_sign(out, secret->pkey, digest, message, err);
}

const struct ew_keyalg ew_keyalg_rsa = { check, verify, load, sign };
