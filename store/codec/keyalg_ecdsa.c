/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDSA on NIST's curves: RFC 5656.  A signature is r and s; of n - s in place of s it is
 * one as well, which anybody can make of it, and OpenSSH makes and takes either.
 */
#include "codec/keytype.h"
#include "codec/pkey.h"
#include "codec/sshbuf.h"

/* In DER, which has SSH's form of a number. */
enum { SEQUENCE = 0x30, INTEGER = 2, LONG = 0x81, SHORT_MOST = 127 };

/* The curve's name, and a point: 04, x and y. */
static bool
cut_point(struct ew_str *point, struct ew_str *body, const struct ew_keytype *t)
{
	struct ew_str curve;

	return ew_sshbuf_string(&curve, body) && ew_sshbuf_string(point, body) &&
		ew_str_is(curve, t->curve.ssh) && point->len == 1 + 2 * t->curve.bytes &&
		point->p[0] == 4;
}

/* The public key at the front of `*body`. */
static enum ew_code
open_public(struct evp_pkey_st **out, struct ew_str *body, const struct ew_keytype *t,
	struct ew_err *err)
{
	struct ew_str point;
	enum ew_code rc;

	*out = NULL;
	if (!cut_point(&point, body, t))
		return ew_keytype_malformed(t, err);
	rc = ew_pkey_ec(out, t->curve.openssl, point, (struct ew_str){ NULL, 0 }, err);
	if (rc != EW_REFUSED)
		return rc;
	ew_err_clear(err); /* it is said of the type */
	return ew_keytype_malformed(t, err);
}

static enum ew_code
check(const struct ew_keytype *t, struct ew_str *body, struct ew_err *err)
{
	struct evp_pkey_st *key;
	enum ew_code rc = open_public(&key, body, t, err);

	ew_pkey_free(key);
	return rc;
}

/* --- signatures: SSH's r and s, and DER's --- */

static void
add_integer(struct ew_buf *out, struct ew_str n)
{
	ew_buf_addc(out, INTEGER);
	ew_buf_addc(out, (char)n.len);
	ew_buf_add(out, n);
}

/* r and s in DER; false if `signature` is not these two, neither longer than a coordinate. */
static bool
to_der(struct ew_buf *out, struct ew_str signature, const struct ew_keytype *t)
{
	const size_t most = t->curve.bytes + 1; /* with a zero before it */
	struct ew_str r, s;
	size_t len;

	if (!ew_sshbuf_mpint(&r, &signature) || !ew_sshbuf_mpint(&s, &signature) || signature.len ||
		r.len > most || s.len > most)
		return false;
	len = 2 + r.len + 2 + s.len;
	ew_buf_addc(out, SEQUENCE);
	if (len > SHORT_MOST)
		ew_buf_addc(out, (char)LONG);
	ew_buf_addc(out, (char)len);
	add_integer(out, r);
	add_integer(out, s);
	return true;
}

/* One integer, all shorter than SHORT_MOST, appended as SSH has it. */
static void
move_integer(struct ew_buf *out, struct ew_str *der)
{
	const size_t len = (unsigned char)der->p[1];

	ew_sshbuf_add(out, ew_str_part(*der, 2, 2 + len));
	*der = ew_str_part(*der, 2 + len, der->len);
}

/* What OpenSSL has made, which is good DER. */
static void
from_der(struct ew_buf *out, struct ew_str der)
{
	const size_t head = (unsigned char)der.p[1] == LONG ? 3 : 2;

	der = ew_str_part(der, head, der.len);
	move_integer(out, &der);
	move_integer(out, &der);
}

static enum ew_code
verify(const struct ew_keytype *t, struct ew_str body, const char *digest, struct ew_str signature,
	struct ew_str message, struct ew_err *err)
{
	struct ew_buf der = { 0 };
	struct evp_pkey_st *key = NULL;
	enum ew_code rc;

	if (!to_der(&der, signature, t))
		return ew_keytype_no("is not two numbers in their shortest form", err);
	if ((rc = ew_buf_check(&der, err)) == EW_OK && (rc = open_public(&key, &body, t, err)) == EW_OK)
		rc = ew_pkey_verify(key, digest, ew_buf_str(&der), message, err);
	ew_pkey_free(key);
	ew_buf_release(&der);
	return rc;
}

static enum ew_code
sign(struct ew_buf *out, const struct ew_keysecret *secret, const char *digest, struct ew_str message,
	struct ew_err *err)
{
	struct ew_buf der = { 0 };
	enum ew_code rc = ew_pkey_sign(&der, secret->pkey, digest, message, err);

	if (rc == EW_OK) {
		from_der(out, ew_buf_str(&der));
		rc = ew_buf_check(out, err);
	}
	ew_buf_release(&der);
	return rc;
}

/* The public half once more, and the number that makes it. */
static enum ew_code
load(struct ew_keysecret *out, const struct ew_keytype *t, struct ew_str *fields, struct ew_str body,
	struct ew_err *err)
{
	struct ew_str point, again, number;

	if (!cut_point(&point, &body, t) || !cut_point(&again, fields, t) ||
		!ew_str_eq(again, point) || !ew_sshbuf_mpint(&number, fields) ||
		number.len > t->curve.bytes + 1)
		return ew_keytype_damaged(err);
	return ew_pkey_ec(&out->pkey, t->curve.openssl, point, number, err);
}

const struct ew_keyalg ew_keyalg_ecdsa = { check, verify, load, sign };
