/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/keytype.h"
#include "codec/pkey.h"
#include "codec/sshbuf.h"

#include <sodium.h>
#include <string.h>

enum { USER_PRESENT = 1, AGENT_SHA512 = 4 };

#define NISTP256 { "nistp256", "P-256", 32 }

static const struct ew_keytype table[] = {
	{ "ssh-ed25519", &ew_keyalg_ed25519, .form = { { "ssh-ed25519", NULL } } },
	{ "sk-ssh-ed25519@openssh.com", &ew_keyalg_ed25519, .device = true,
		.form = { { "sk-ssh-ed25519@openssh.com", NULL } } },
	{ "ecdsa-sha2-nistp256", &ew_keyalg_ecdsa, .form = { { "ecdsa-sha2-nistp256", "SHA256" } },
		.curve = NISTP256 },
	{ "ecdsa-sha2-nistp384", &ew_keyalg_ecdsa, .form = { { "ecdsa-sha2-nistp384", "SHA384" } },
		.curve = { "nistp384", "P-384", 48 } },
	{ "ecdsa-sha2-nistp521", &ew_keyalg_ecdsa, .form = { { "ecdsa-sha2-nistp521", "SHA512" } },
		.curve = { "nistp521", "P-521", 66 } },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", &ew_keyalg_ecdsa, .device = true,
		.form = { { "sk-ecdsa-sha2-nistp256@openssh.com", "SHA256" } }, .curve = NISTP256 },
	{ "ssh-rsa", &ew_keyalg_rsa,
		.form = { { "rsa-sha2-512", "SHA512" }, { "rsa-sha2-256", "SHA256" } },
		.agent_flags = AGENT_SHA512 },
};

const struct ew_keytype *
ew_keytype_find(struct ew_str name)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (ew_str_is(name, table[i].name))
			return &table[i];
	return NULL;
}

const struct ew_keytype *
ew_keytype_of(struct ew_str *body, struct ew_str blob)
{
	struct ew_str name;

	*body = blob;
	return ew_sshbuf_string(&name, body) ? ew_keytype_find(name) : NULL;
}

enum ew_code
ew_keytype_start(struct ew_err *err)
{
	if (sodium_init() < 0)
		return ew_fail(err, EW_IO, "libsodium does not start; install it again");
	return EW_OK;
}

void
ew_keysecret_release(struct ew_keysecret *s)
{
	sodium_memzero(s->ed25519, sizeof s->ed25519);
	ew_pkey_free(s->pkey);
	s->pkey = NULL;
}

enum ew_code
ew_keytype_malformed(const struct ew_keytype *t, struct ew_err *err)
{
	return ew_fail(err, EW_REFUSED, "malformed %s key; copy it again from its .pub file", t->name);
}

enum ew_code
ew_keytype_damaged(struct ew_err *err)
{
	return ew_fail(err, EW_REFUSED,
		"damaged key: its private half is malformed or not that of its public half; "
		"restore the file or make another key");
}

enum ew_code
ew_keytype_no(const char *why, struct ew_err *err)
{
	return ew_fail(err, EW_NO, "the signature %s; do not trust it", why);
}

/* OpenSSH reads the application as a C string. */
static bool
is_application(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

enum ew_code
ew_keytype_check(const struct ew_keytype *t, struct ew_str body, struct ew_err *err)
{
	struct ew_str application;
	enum ew_code rc = t->alg->check(t, &body, err);

	if (rc != EW_OK)
		return rc;
	if (t->device && (!ew_sshbuf_string(&application, &body) || !is_application(application)))
		return ew_keytype_malformed(t, err);
	return body.len ? ew_keytype_malformed(t, err) : EW_OK;
}

/* What a device signs. */
struct device_data {
	unsigned char application[32], flags, counter[4], message[32];
};
_Static_assert(sizeof(struct device_data) == 69, "it has no holes");

static void
sha256(unsigned char out[32], struct ew_str s)
{
	crypto_hash_sha256(out, (const unsigned char *)s.p, s.len);
}

/* Flags and counter are cut from `*signature`, the application is the last part of `body`. */
static bool
take_device(struct device_data *out, struct ew_str *signature, struct ew_str body,
	struct ew_str message)
{
	enum { FLAGS = sizeof out->flags + sizeof out->counter };
	struct ew_str application = { NULL, 0 };

	if (signature->len < FLAGS)
		return false;
	memcpy(&out->flags, signature->p, FLAGS);
	*signature = ew_str_part(*signature, FLAGS, signature->len);
	while (ew_sshbuf_string(&application, &body))
		;
	sha256(out->application, application);
	sha256(out->message, message);
	return true;
}

/* The digest of signatures of that name. */
static bool
find_digest(const char **out, const struct ew_keytype *t, struct ew_str name)
{
	for (size_t i = 0; i < sizeof t->form / sizeof t->form[0] && t->form[i].name; i++)
		if (ew_str_is(name, t->form[i].name)) {
			*out = t->form[i].digest;
			return true;
		}
	return false;
}

enum ew_code
ew_keytype_verify(const struct ew_keytype *t, struct ew_str body, struct ew_str signature,
	struct ew_str message, struct ew_err *err)
{
	struct ew_str name, inner = { NULL, 0 };
	struct device_data device;
	const char *digest;
	bool whole;

	if (!ew_sshbuf_string(&name, &signature) || !find_digest(&digest, t, name))
		return ew_keytype_no("is of another type than its key", err);
	whole = ew_sshbuf_string(&inner, &signature);
	if (t->device) {
		if (!take_device(&device, &signature, body, message))
			return ew_keytype_no("lacks the flags and the counter of its device", err);
		if (!(device.flags & USER_PRESENT))
			return ew_keytype_no("was made without anybody touching its device", err);
		message = ew_str_n(&device, sizeof device);
	}
	if (!whole || signature.len)
		inner = (struct ew_str){ NULL, 0 };
	return t->alg->verify(t, body, digest, inner, message, err);
}

enum ew_code
ew_keytype_load(struct ew_keysecret *out, const struct ew_keytype *t, struct ew_str *fields,
	struct ew_str body, struct ew_err *err)
{
	const struct ew_str message = EW_LIT("do the halves belong together?");
	struct ew_buf signature = { 0 };
	struct ew_err why = { 0 };
	enum ew_code rc = t->alg->load(out, t, fields, body, &why);

	/* OpenSSL does not look. */
	if (rc == EW_OK && out->pkey &&
		(rc = ew_keytype_sign(&signature, t, out, message, &why)) == EW_OK)
		rc = ew_keytype_verify(t, body, ew_buf_str(&signature), message, &why);
	ew_buf_release(&signature);
	if (rc == EW_NOMEM)
		return ew_fail_nomem(err);
	return rc == EW_OK ? EW_OK : ew_keytype_damaged(err);
}

enum ew_code
ew_keytype_sign(struct ew_buf *out, const struct ew_keytype *t, const struct ew_keysecret *secret,
	struct ew_str message, struct ew_err *err)
{
	struct ew_buf signature = { 0 };
	enum ew_code rc = t->alg->sign(&signature, secret, t->form[0].digest, message, err);

	if (rc == EW_OK) {
		ew_sshbuf_add(out, ew_str(t->form[0].name));
		ew_sshbuf_add(out, ew_buf_str(&signature));
		rc = ew_buf_check(out, err);
	}
	ew_buf_release(&signature);
	return rc;
}
