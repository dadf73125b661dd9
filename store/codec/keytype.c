/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/keytype.h"
#include "codec/sshbuf.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* Ed25519: RFC 8032, in SSH by RFC 8709. */
enum { ED25519_KEY = 32, ED25519_SIGNATURE = 64 };

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
	EVP_PKEY *key = NULL;
	EVP_MD_CTX *ctx = NULL;
	bool good;

	if (!ew_sshbuf_string(&type, &signature) || !ew_str_is(type, "ssh-ed25519"))
		return "is of another type than its key";
	if (!only_string(&rs, signature, ED25519_SIGNATURE))
		return "is not 64 bytes long";
	if (!only_string(&point, body, ED25519_KEY))
		return "comes with a malformed key";
	key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes(point), point.len);
	ctx = EVP_MD_CTX_new();
	good = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		EVP_DigestVerify(ctx, bytes(rs), rs.len, bytes(message), message.len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good ? NULL : "does not verify";
}

/* The private half is the seed and, once more, the public half. */
static EVP_PKEY *
ed25519_load(struct ew_str *fields, struct ew_str body)
{
	struct ew_str point, again, secret;
	unsigned char derived[ED25519_KEY];
	size_t len = sizeof derived;
	EVP_PKEY *key;

	if (!only_string(&point, body, ED25519_KEY) || !ew_sshbuf_string(&again, fields) ||
		!ew_sshbuf_string(&secret, fields) || !ew_str_eq(again, point) ||
		secret.len != 2 * ED25519_KEY ||
		!ew_str_eq(ew_str_part(secret, ED25519_KEY, secret.len), point))
		return NULL;
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes(secret), ED25519_KEY);
	if (key && EVP_PKEY_get_raw_public_key(key, derived, &len) == 1 &&
		ew_str_eq(ew_str_n(derived, len), point))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool
ed25519_sign(struct ew_buf *out, EVP_PKEY *key, EVP_MD_CTX *ctx, struct ew_str message)
{
	unsigned char rs[ED25519_SIGNATURE];
	size_t len = sizeof rs;

	if (EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
		EVP_DigestSign(ctx, rs, &len, bytes(message), message.len) != 1)
		return false;
	ew_sshbuf_add(out, EW_LIT("ssh-ed25519"));
	ew_sshbuf_add(out, ew_str_n(rs, len));
	return true;
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
