/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sshkey.h"
#include "base/file.h"
#include "codec/agent.h"
#include "codec/base64.h"
#include "codec/keyfile.h"
#include "codec/keytype.h"
#include "codec/sshbuf.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct ew_signer {
	struct ew_sshkey key;
	const struct ew_keytype *type;
	struct ew_keysecret secret;
	struct ew_agent *agent; /* NULL: the secret is here */
};

struct ew_str
ew_sshkey_blob(const struct ew_sshkey *k)
{
	return ew_str_n(k->blob, k->len);
}

/* The type of a key that was parsed, and the fields after it. */
static const struct ew_keytype *
type_of(struct ew_str *body, const struct ew_sshkey *k)
{
	struct ew_str name = { NULL, 0 };

	*body = ew_sshkey_blob(k);
	return ew_sshbuf_string(&name, body) ? ew_keytype_find(name) : NULL;
}

static enum ew_code
unknown_type(struct ew_str name, struct ew_err *err)
{
	return ew_fail(err, EW_REFUSED,
		"unknown key type '%.*s'; use an ssh-ed25519 key (ssh-keygen -t ed25519)",
		EW_FMT(ew_str_part(name, 0, 64)));
}

enum ew_code
ew_sshkey_parse(struct ew_sshkey *out, struct ew_str blob, struct ew_err *err)
{
	struct ew_str name, body = blob;
	const struct ew_keytype *type;

	out->len = 0;
	if (blob.len > sizeof out->blob || !ew_sshbuf_string(&name, &body))
		return ew_fail(err, EW_REFUSED, "malformed key; copy it again from its .pub file");
	type = ew_keytype_find(name);
	if (!type)
		return unknown_type(name, err);
	if (ew_keytype_check(type, body, err) != EW_OK)
		return err->code;
	memcpy(out->blob, blob.p, blob.len);
	out->len = blob.len;
	return EW_OK;
}

static bool
has_control(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return true;
	return false;
}

enum ew_code
ew_sshkey_read(struct ew_sshkey *out, struct ew_str line, struct ew_err *err)
{
	struct ew_buf blob = { .max = EW_SSHKEY_BLOB_MAX };
	struct ew_str name, digits, inner, body;

	out->len = 0;
	if (has_control(line))
		return ew_fail(err, EW_REFUSED, "control bytes in a key; give it on one line");
	if (line.len == 0)
		return ew_fail(err, EW_REFUSED, "no key; copy a line from a .pub file");
	name = ew_str_cut(&line, ' ');
	digits = ew_str_cut(&line, ' ');
	if (!ew_keytype_find(name))
		return unknown_type(name, err);
	if (!ew_base64_read(&blob, digits)) {
		if (blob.bad == EW_NOMEM)
			ew_fail_nomem(err);
		ew_fail(err, EW_REFUSED,
			"a key that is not whole base64; copy it again from its .pub file");
	} else if (ew_sshkey_parse(out, ew_buf_str(&blob), err) == EW_OK) {
		body = ew_buf_str(&blob);
		if (!ew_sshbuf_string(&inner, &body) || !ew_str_eq(inner, name)) {
			out->len = 0;
			ew_fail(err, EW_REFUSED,
				"a key of another type than its line says; copy it again from its "
				".pub file");
		}
	}
	ew_buf_release(&blob);
	return err->code;
}

void
ew_sshkey_write(struct ew_buf *out, const struct ew_sshkey *k)
{
	struct ew_str body;
	const struct ew_keytype *type = type_of(&body, k);

	ew_buf_adds(out, type ? type->name : "");
	ew_buf_addc(out, ' ');
	ew_base64_write(out, ew_sshkey_blob(k));
}

bool
ew_sshkey_eq(const struct ew_sshkey *a, const struct ew_sshkey *b)
{
	return ew_str_eq(ew_sshkey_blob(a), ew_sshkey_blob(b));
}

void
ew_sshkey_fingerprint(struct ew_buf *out, struct ew_hash *h, const struct ew_sshkey *k)
{
	struct ew_sha256 digest = ew_sha256_str(h, ew_sshkey_blob(k));

	ew_buf_adds(out, "SHA256:");
	ew_base64_write(out, ew_str_n(digest.b, sizeof digest.b));
	if (out->bad == EW_OK)
		out->p[--out->len] = '\0'; /* ssh-keygen leaves out the one '=' */
}

/* Each use asks for it, in whatever thread: only the first does anything. */
static enum ew_code
start(struct ew_err *err)
{
	if (sodium_init() < 0)
		return ew_fail(err, EW_IO, "libsodium does not start; install it again");
	return EW_OK;
}

enum ew_code
ew_sshkey_verify(const struct ew_sshkey *k, struct ew_str signature, struct ew_str message,
	struct ew_err *err)
{
	struct ew_str body;
	const struct ew_keytype *type = type_of(&body, k);

	if (start(err) != EW_OK)
		return err->code;
	return type ? ew_keytype_verify(type, body, signature, message, err)
		    : ew_keytype_no("is by an unknown key", err);
}

/* Take the key from the agent; `what` says why it must hold it. */
static enum ew_code
use_agent(struct ew_signer *s, const char *what, const char *agent_socket, struct ew_err *err)
{
	enum ew_code rc;

	if (!agent_socket)
		return ew_fail(err, EW_USAGE,
			"%s and there is no agent; add it to ssh-agent (ssh-add) and set "
			"SSH_AUTH_SOCK",
			what);
	rc = ew_agent_open(&s->agent, agent_socket, err);
	if (rc == EW_OK)
		rc = ew_agent_check(s->agent, ew_sshkey_blob(&s->key), err);
	return rc;
}

/* The private half out of the fields of an unencrypted file. */
static enum ew_code
load_private(struct ew_signer *s, struct ew_str fields, struct ew_err *err)
{
	struct ew_str name, body;

	if (start(err) != EW_OK)
		return err->code;
	type_of(&body, &s->key);
	if (!ew_sshbuf_string(&name, &fields) || !ew_str_is(name, s->type->name))
		return ew_keytype_damaged(err);
	if (ew_keytype_load(&s->secret, s->type, &fields, body, err) != EW_OK)
		return err->code;
	return ew_keyfile_ends(fields) ? EW_OK : ew_keytype_damaged(err);
}

static enum ew_code
open_private(struct ew_signer *s, struct ew_str text, const char *agent_socket, struct ew_err *err)
{
	struct ew_keyfile file;
	struct ew_str body;
	enum ew_code rc = ew_keyfile_parse(&file, text, err);

	if (rc == EW_OK && (rc = ew_sshkey_parse(&s->key, file.public_blob, err)) == EW_OK) {
		s->type = type_of(&body, &s->key);
		if (s->type->device)
			rc = use_agent(s, "the key is in a device", agent_socket, err);
		else if (!file.fields.p)
			rc = use_agent(s, "the key is encrypted", agent_socket, err);
		else
			rc = load_private(s, file.fields, err);
	}
	ew_keyfile_release(&file);
	return rc;
}

static enum ew_code
open_public(struct ew_signer *s, struct ew_str text, const char *agent_socket, struct ew_err *err)
{
	struct ew_str body;
	enum ew_code rc = ew_sshkey_read(&s->key, ew_str_trim(text), err);

	if (rc != EW_OK)
		return rc;
	s->type = type_of(&body, &s->key);
	return use_agent(s, "this is the public half only", agent_socket, err);
}

/*
 * Append the file to `text`, which gets its room at once, so that growing leaves no
 * copy of a secret behind.
 */
static enum ew_code
read_file(struct ew_buf *text, const char *path, struct ew_err *err)
{
	struct ew_err why = { 0 };
	enum ew_code rc;

	ew_buf_room(text, 4 * (size_t)EW_KEYFILE_MAX);
	rc = ew_file_read(text, path, EW_KEYFILE_MAX, &why);
	if (rc == EW_NOMEM)
		return ew_fail_nomem(err);
	if (rc == EW_NOTFOUND)
		return ew_fail(err, rc, "cannot open %s; give --key FILE", path);
	if (rc == EW_REFUSED)
		return ew_fail(err, rc, "%s: too large for a key; give --key FILE", path);
	if (rc != EW_OK)
		return ew_fail(err, rc, "%s; give --key FILE", why.msg);
	return EW_OK;
}

enum ew_code
ew_signer_open(struct ew_signer **out, const char *path, const char *agent_socket,
	struct ew_err *err)
{
	struct ew_signer *s = calloc(1, sizeof *s);
	struct ew_buf text = { 0 };
	enum ew_code rc;

	*out = NULL;
	if (!s)
		return ew_fail_nomem(err);
	rc = read_file(&text, path, err);
	if (rc == EW_OK) {
		rc = ew_keyfile_is_private(ew_buf_str(&text))
			? open_private(s, ew_buf_str(&text), agent_socket, err)
			: open_public(s, ew_buf_str(&text), agent_socket, err);
		if (rc != EW_OK)
			ew_fail_at(err, "%s", path);
	}
	ew_keyfile_wipe(&text);
	if (rc != EW_OK) {
		ew_signer_free(s);
		return ew_fail_at(err, "key");
	}
	*out = s;
	return EW_OK;
}

void
ew_signer_free(struct ew_signer *s)
{
	if (!s)
		return;
	ew_keysecret_release(&s->secret);
	ew_agent_free(s->agent);
	free(s);
}

const struct ew_sshkey *
ew_signer_key(const struct ew_signer *s)
{
	return &s->key;
}

bool
ew_signer_asks(const struct ew_signer *s)
{
	return s->agent != NULL;
}

/* The agent's answer goes through a buffer of its own: nothing unverified is appended. */
static enum ew_code
sign_by_agent(struct ew_buf *out, struct ew_signer *s, struct ew_str message, struct ew_err *err)
{
	struct ew_buf signature = { 0 };
	enum ew_code rc;

	rc = ew_agent_sign(&signature, s->agent, ew_sshkey_blob(&s->key), message,
		s->type->agent_flags, err);
	if (rc == EW_OK &&
		ew_sshkey_verify(&s->key, ew_buf_str(&signature), message, err) != EW_OK)
		rc = ew_fail_at(err, "agent: it signed with another key than was asked for");
	if (rc == EW_OK)
		ew_buf_add(out, ew_buf_str(&signature));
	ew_buf_release(&signature);
	return rc == EW_OK ? ew_buf_check(out, err) : rc;
}

enum ew_code
ew_signer_sign(struct ew_buf *out, struct ew_signer *s, struct ew_str message, struct ew_err *err)
{
	if (s->agent)
		return sign_by_agent(out, s, message, err);
	return ew_keytype_sign(out, s->type, &s->secret, message, err);
}
