/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sshkey.h"
#include "codec/base64.h"
#include "codec/keytype.h"
#include "codec/sshbuf.h"

#include <string.h>

struct ew_str
ew_sshkey_blob(const struct ew_sshkey *k)
{
	return ew_str_n(k->blob, k->len);
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
	const struct ew_keytype *type = ew_keytype_of(&body, ew_sshkey_blob(k));

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

enum ew_code
ew_sshkey_verify(const struct ew_sshkey *k, struct ew_str signature, struct ew_str message,
	struct ew_err *err)
{
	struct ew_str body;
	const struct ew_keytype *type = ew_keytype_of(&body, ew_sshkey_blob(k));

	if (ew_keytype_start(err) != EW_OK)
		return err->code;
	return type ? ew_keytype_verify(type, body, signature, message, err)
		    : ew_keytype_no("is by an unknown key", err);
}
