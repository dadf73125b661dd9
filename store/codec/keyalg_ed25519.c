/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519: RFC 8032, in SSH by RFC 8709.  libsodium holds a key or R of small order, and
 * any number that is not reduced, for no signature.
 */
#include "codec/keytype.h"
#include "codec/sshbuf.h"

#include <sodium.h>

enum {
	SEED = crypto_sign_SEEDBYTES,
	KEY = crypto_sign_PUBLICKEYBYTES,
	SIGNATURE = crypto_sign_BYTES,
};
_Static_assert(crypto_sign_SECRETKEYBYTES == sizeof ((struct ew_keysecret *)0)->ed25519,
	"a secret key has room");

static const unsigned char *
bytes(struct ew_str s)
{
	return (const unsigned char *)s.p;
}

static bool
cut_point(struct ew_str *point, struct ew_str *body)
{
	return ew_sshbuf_string(point, body) && point->len == KEY;
}

static enum ew_code
check(const struct ew_keytype *t, struct ew_str *body, struct ew_err *err)
{
	struct ew_str point;

	return cut_point(&point, body) ? EW_OK : ew_keytype_malformed(t, err);
}

static enum ew_code
verify(const struct ew_keytype *t, struct ew_str body, const char *digest, struct ew_str signature,
	struct ew_str message, struct ew_err *err)
{
	struct ew_str point;

	(void)t;
	(void)digest;
	if (signature.len != SIGNATURE)
		return ew_keytype_no("is not 64 bytes long", err);
	if (!cut_point(&point, &body))
		return ew_keytype_no("comes with a malformed key", err);
	if (crypto_sign_verify_detached(bytes(signature), bytes(message), message.len, bytes(point)) != 0)
		return ew_keytype_no("does not verify", err);
	return EW_OK;
}

/* The private half is the seed and, once more, the public half. */
static enum ew_code
load(struct ew_keysecret *out, const struct ew_keytype *t, struct ew_str *fields, struct ew_str body,
	struct ew_err *err)
{
	struct ew_str point, again, half;
	unsigned char derived[KEY];

	(void)t;
	if (!cut_point(&point, &body) || !ew_sshbuf_string(&again, fields) ||
		!ew_sshbuf_string(&half, fields) || !ew_str_eq(again, point) ||
		half.len != SEED + KEY || !ew_str_eq(ew_str_part(half, SEED, half.len), point))
		return ew_keytype_damaged(err);
	crypto_sign_seed_keypair(derived, out->ed25519, bytes(half));
	return ew_str_eq(ew_str_n(derived, sizeof derived), point) ? EW_OK : ew_keytype_damaged(err);
}

static enum ew_code
sign(struct ew_buf *out, const struct ew_keysecret *secret, const char *digest, struct ew_str message,
	struct ew_err *err)
{
	unsigned char rs[SIGNATURE];

	(void)digest;
	crypto_sign_detached(rs, NULL, bytes(message), message.len, secret->ed25519);
	ew_buf_addmem(out, rs, sizeof rs);
	return ew_buf_check(out, err);
}

const struct ew_keyalg ew_keyalg_ed25519 = { check, verify, load, sign };
