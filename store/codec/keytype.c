/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/keytype.h"
#include "codec/sshbuf.h"

#include <sodium.h>

/*
 * Ed25519: RFC 8032, in SSH by RFC 8709.  libsodium holds a key or R of small order, and
 * any number that is not reduced, for no signature.
 */
enum {
	ED25519_SEED = crypto_sign_SEEDBYTES,
	ED25519_KEY = crypto_sign_PUBLICKEYBYTES,
	ED25519_SIGNATURE = crypto_sign_BYTES,
};
_Static_assert(crypto_sign_SECRETKEYBYTES <= EW_KEYTYPE_SECRET_MAX, "a secret key has room");

static const unsigned char *
bytes(struct ew_str s)
{
	return (const unsigned char *)s.p;
}

/* One string of `len` bytes that is all there is. */
static bool
only_string(struct ew_str *out, struct ew_str rest, size_t len)
{
	return ew_sshbuf_string(out, &rest) && rest.len == 0 && out->len == len;
}

static bool
ed25519_check(struct ew_str body)
{
	struct ew_str point;

	return only_string(&point, body, ED25519_KEY);
}

static const char *
ed25519_verify(struct ew_str body, struct ew_str signature, struct ew_str message)
{
	struct ew_str point, type, rs;

	if (!ew_sshbuf_string(&type, &signature) || !ew_str_is(type, "ssh-ed25519"))
		return "is of another type than its key";
	if (!only_string(&rs, signature, ED25519_SIGNATURE))
		return "is not 64 bytes long";
	if (!only_string(&point, body, ED25519_KEY))
		return "comes with a malformed key";
	return crypto_sign_verify_detached(bytes(rs), bytes(message), message.len, bytes(point)) == 0
		? NULL
		: "does not verify";
}

/* The private half is the seed and, once more, the public half. */
static bool
ed25519_load(unsigned char secret[EW_KEYTYPE_SECRET_MAX], struct ew_str *fields, struct ew_str body)
{
	struct ew_str point, again, half;
	unsigned char derived[ED25519_KEY];

	if (!only_string(&point, body, ED25519_KEY) || !ew_sshbuf_string(&again, fields) ||
		!ew_sshbuf_string(&half, fields) || !ew_str_eq(again, point) ||
		half.len != ED25519_SEED + ED25519_KEY ||
		!ew_str_eq(ew_str_part(half, ED25519_SEED, half.len), point))
		return false;
	crypto_sign_seed_keypair(derived, secret, bytes(half));
	return ew_str_eq(ew_str_n(derived, sizeof derived), point);
}

static void
ed25519_sign(struct ew_buf *out, const unsigned char secret[EW_KEYTYPE_SECRET_MAX],
	struct ew_str message)
{
	unsigned char rs[ED25519_SIGNATURE];

	crypto_sign_detached(rs, NULL, bytes(message), message.len, secret);
	ew_sshbuf_add(out, EW_LIT("ssh-ed25519"));
	ew_sshbuf_add(out, ew_str_n(rs, sizeof rs));
}

static const struct ew_keytype table[] = {
	{ "ssh-ed25519", ed25519_check, ed25519_verify, ed25519_load, ed25519_sign },
};

const struct ew_keytype *
ew_keytype_find(struct ew_str name)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (ew_str_is(name, table[i].name))
			return &table[i];
	return NULL;
}
