/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sshsig.h"
#include "codec/base64.h"
#include "codec/sshbuf.h"

#include <string.h>

static const char begin[] = "-----BEGIN SSH SIGNATURE-----\n";
static const char end[] = "-----END SSH SIGNATURE-----\n";
#define MAGIC EW_LIT("SSHSIG")

enum { VERSION = 1, LINE = 70, SHA512_LEN = 64 };

/* The parts of a signature that the signed bytes repeat. */
struct terms {
	struct ew_str name_space, reserved, digest_name;
};

static void
add_lines(struct ew_buf *out, struct ew_str base64)
{
	ew_buf_adds(out, begin);
	for (size_t i = 0; i < base64.len; i += LINE) {
		ew_buf_add(out, ew_str_part(base64, i, i + LINE));
		ew_buf_addc(out, '\n');
	}
	ew_buf_adds(out, end);
}

static void
add_blob(struct ew_buf *out, struct ew_str key, const struct terms *t, struct ew_str signature)
{
	ew_buf_add(out, MAGIC);
	ew_buf_addu32be(out, VERSION);
	ew_sshbuf_add(out, key);
	ew_sshbuf_add(out, t->name_space);
	ew_sshbuf_add(out, t->reserved);
	ew_sshbuf_add(out, t->digest_name);
	ew_sshbuf_add(out, signature);
}

static void
add_armour(struct ew_buf *out, const struct ew_buf *blob)
{
	struct ew_buf base64 = { 0 };

	ew_base64_write(&base64, ew_buf_str(blob));
	if (blob->bad == EW_OK && base64.bad == EW_OK)
		add_lines(out, ew_buf_str(&base64));
	else
		out->bad = EW_NOMEM;
	ew_buf_release(&base64);
}

/*
 * Append the bytes that the key signs: the terms and the digest of the message.
 * False if the digest is neither SHA-512 nor SHA-256.
 */
static bool
add_signed(struct ew_buf *out, struct ew_hash *h, const struct terms *t, struct ew_str message)
{
	unsigned char digest[SHA512_LEN];
	size_t len = sizeof digest;

	if (ew_str_is(t->digest_name, "sha512")) {
		ew_sha512(h, message, digest);
	} else if (ew_str_is(t->digest_name, "sha256")) {
		struct ew_sha256 d = ew_sha256_str(h, message);

		len = sizeof d.b;
		memcpy(digest, d.b, len);
	} else {
		return false;
	}
	ew_buf_add(out, MAGIC);
	ew_sshbuf_add(out, t->name_space);
	ew_sshbuf_add(out, t->reserved);
	ew_sshbuf_add(out, t->digest_name);
	ew_sshbuf_add(out, ew_str_n(digest, len));
	return true;
}

/* What a program makes is verified before it is used, and appended only then. */
static enum ew_code
sign_by_program(struct ew_buf *out, struct ew_hash *h, struct ew_signer *s, const char *name_space,
	struct ew_str message, struct ew_err *err)
{
	struct ew_buf armour = { 0 };
	struct ew_sshkey by;
	enum ew_code rc = ew_signer_run(&armour, s, name_space, message, err);

	if (rc == EW_OK &&
	    (rc = ew_sshsig_verify(&by, h, name_space, message, ew_buf_str(&armour), err)) != EW_OK)
		ew_fail_at(err, "key: %s: it made no good signature", ew_signer_program(s));
	if (rc == EW_OK && !ew_sshkey_eq(&by, ew_signer_key(s)))
		rc = ew_fail(err, EW_NO, "key: %s: it signed with another key than was asked for",
			ew_signer_program(s));
	if (rc == EW_OK) {
		ew_buf_add(out, ew_buf_str(&armour));
		rc = ew_buf_check(out, err);
	}
	ew_buf_release(&armour);
	return rc;
}

static enum ew_code
sign_here(struct ew_buf *out, struct ew_hash *h, struct ew_signer *s, const char *name_space,
	struct ew_str message, struct ew_err *err)
{
	const struct terms t = { ew_str(name_space), EW_LIT(""), EW_LIT("sha512") };
	struct ew_buf to_sign = { 0 }, signature = { 0 }, blob = { 0 };
	enum ew_code rc;

	add_signed(&to_sign, h, &t, message);
	rc = ew_buf_check(&to_sign, err);
	if (rc == EW_OK)
		rc = ew_signer_sign(&signature, s, ew_buf_str(&to_sign), err);
	if (rc == EW_OK) {
		add_blob(&blob, ew_sshkey_blob(ew_signer_key(s)), &t, ew_buf_str(&signature));
		add_armour(out, &blob);
		rc = ew_buf_check(out, err);
	}
	ew_buf_release(&to_sign);
	ew_buf_release(&signature);
	ew_buf_release(&blob);
	return rc;
}

enum ew_code
ew_sshsig_sign(struct ew_buf *out, struct ew_hash *h, struct ew_signer *s, const char *name_space,
	struct ew_str message, struct ew_err *err)
{
	return ew_signer_program(s) ? sign_by_program(out, h, s, name_space, message, err)
				    : sign_here(out, h, s, name_space, message, err);
}

/*
 * The digits inside the armour, `n` of them without the ends of lines; false unless each
 * line but the last is full.
 */
static bool
join_lines(char digits[EW_SSHSIG_MAX], size_t *n, struct ew_str lines)
{
	*n = 0;
	while (lines.len) {
		size_t len = lines.len > LINE ? LINE : lines.len - 1;

		if (len == 0 || lines.p[len] != '\n')
			return false;
		memcpy(digits + *n, lines.p, len);
		*n += len;
		lines = ew_str_part(lines, len + 1, lines.len);
	}
	return true;
}

/* The bytes inside the armour, if making the armour again gives the same text. */
static enum ew_code
read_armour(struct ew_buf *blob, struct ew_str armour, struct ew_err *err)
{
	char digits[EW_SSHSIG_MAX];
	size_t n;

	if (armour.len > EW_SSHSIG_MAX)
		return ew_fail(err, EW_NO, "signature: larger than %d bytes; do not trust it",
			EW_SSHSIG_MAX);
	if (!ew_str_starts(armour, begin) || !ew_str_ends(armour, end) ||
		armour.len < sizeof begin + sizeof end)
		return ew_fail(err, EW_NO,
			"signature: not one whole SSH signature from BEGIN to END; do not trust it");
	armour = ew_str_part(armour, sizeof begin - 1, armour.len - (sizeof end - 1));
	if (join_lines(digits, &n, armour) && ew_base64_read(blob, ew_str_n(digits, n)))
		return EW_OK;
	if (ew_buf_check(blob, err) != EW_OK)
		return err->code;
	return ew_fail(err, EW_NO,
		"signature: not spelt as ssh-keygen spells it; take it as it was made, or "
		"do not trust it");
}

/* Cut a signature into its parts. */
static enum ew_code
cut(struct ew_str *key, struct terms *t, struct ew_str *signature, struct ew_str blob,
	struct ew_err *err)
{
	struct ew_str rest = ew_str_part(blob, MAGIC.len, blob.len);
	uint32_t version;

	if (!ew_str_eq(ew_str_part(blob, 0, MAGIC.len), MAGIC) ||
		!ew_sshbuf_u32(&version, &rest))
		return ew_fail(err, EW_NO, "signature: not an SSHSIG; sign with an SSH key");
	if (version != VERSION)
		return ew_fail(err, EW_NO, "signature: version %u, not 1; do not trust it",
			(unsigned)version);
	if (!ew_sshbuf_string(key, &rest) || !ew_sshbuf_string(&t->name_space, &rest) ||
		!ew_sshbuf_string(&t->reserved, &rest) ||
		!ew_sshbuf_string(&t->digest_name, &rest) || !ew_sshbuf_string(signature, &rest))
		return ew_fail(err, EW_NO, "signature: it ends too early; do not trust it");
	if (rest.len)
		return ew_fail(err, EW_NO, "signature: bytes after its end; do not trust it");
	return EW_OK;
}

/* The key in a signature; what is wrong with it is then an answer of no. */
static enum ew_code
parse_key(struct ew_sshkey *out, struct ew_str blob, struct ew_err *err)
{
	struct ew_err why = { 0 };
	enum ew_code rc = ew_sshkey_parse(out, blob, &why);

	return rc == EW_OK ? EW_OK
		: ew_fail(err, rc == EW_REFUSED ? EW_NO : rc, "signature: %s", why.msg);
}

/* The key and the signature out of `out->blob`, and the bytes that it must be over. */
static enum ew_code
take_apart(struct ew_sshsig *out, struct ew_hash *h, const char *name_space,
	struct ew_str message, struct ew_err *err)
{
	struct ew_str key;
	struct terms t;
	enum ew_code rc;

	rc = cut(&key, &t, &out->signature, ew_buf_str(&out->blob), err);
	if (rc == EW_OK && !ew_str_is(t.name_space, name_space))
		rc = ew_fail(err, EW_NO, "signature: namespace '%.*s', not '%s'; sign with -n %s",
			EW_FMT(ew_str_part(t.name_space, 0, 64)), name_space, name_space);
	if (rc == EW_OK)
		rc = parse_key(&out->by, key, err);
	if (rc == EW_OK && !add_signed(&out->over, h, &t, message))
		rc = ew_fail(err, EW_NO, "signature: digest '%.*s'; use sha512 or sha256",
			EW_FMT(ew_str_part(t.digest_name, 0, 64)));
	return rc == EW_OK ? ew_buf_check(&out->over, err) : rc;
}

enum ew_code
ew_sshsig_parse(struct ew_sshsig *out, struct ew_hash *h, const char *name_space,
	struct ew_str message, struct ew_str armour, struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&out->blob);
	ew_buf_clear(&out->over);
	rc = read_armour(&out->blob, armour, err);
	if (rc == EW_OK)
		rc = take_apart(out, h, name_space, message, err);
	if (rc != EW_OK)
		out->by.len = 0;
	return rc;
}

enum ew_code
ew_sshsig_check(const struct ew_sshsig *s, struct ew_err *err)
{
	if (ew_sshkey_verify(&s->by, s->signature, ew_buf_str(&s->over), err) != EW_OK)
		return ew_fail_at(err, "signature");
	return EW_OK;
}

void
ew_sshsig_release(struct ew_sshsig *s)
{
	ew_buf_release(&s->blob);
	ew_buf_release(&s->over);
	s->by.len = 0;
}

enum ew_code
ew_sshsig_verify(struct ew_sshkey *by, struct ew_hash *h, const char *name_space,
	struct ew_str message, struct ew_str armour, struct ew_err *err)
{
	struct ew_sshsig s = { 0 };
	enum ew_code rc = ew_sshsig_parse(&s, h, name_space, message, armour, err);

	by->len = 0;
	if (rc == EW_OK)
		rc = ew_sshsig_check(&s, err);
	if (rc == EW_OK)
		*by = s.by;
	ew_sshsig_release(&s);
	return rc;
}

/* --- without what nearly all have alike --- */

enum { KEY = 32, SIGNATURE = EW_SSHSIG_SHORT - KEY };

/* A blob of the type's name and some bytes. */
static void
add_typed(struct ew_buf *out, struct ew_str bytes)
{
	ew_sshbuf_add(out, EW_LIT("ssh-ed25519"));
	ew_sshbuf_add(out, bytes);
}

/* What is in the armour of a short one. */
static void
add_short(struct ew_buf *out, const char *name_space, struct ew_str bytes)
{
	const struct terms t = { ew_str(name_space), EW_LIT(""), EW_LIT("sha512") };
	struct ew_buf key = { 0 }, signature = { 0 };

	add_typed(&key, ew_str_part(bytes, 0, KEY));
	add_typed(&signature, ew_str_part(bytes, KEY, EW_SSHSIG_SHORT));
	add_blob(out, ew_buf_str(&key), &t, ew_buf_str(&signature));
	if (key.bad != EW_OK || signature.bad != EW_OK)
		out->bad = EW_NOMEM;
	ew_buf_release(&key);
	ew_buf_release(&signature);
}

void
ew_sshsig_dress(struct ew_buf *out, const char *name_space, struct ew_str bytes)
{
	struct ew_buf blob = { 0 };

	if (bytes.len == EW_SSHSIG_SHORT)
		add_short(&blob, name_space, bytes);
	else
		ew_buf_add(&blob, bytes);
	add_armour(out, &blob);
	ew_buf_release(&blob);
}

/* The key, R and S, if `blob` is one of Ed25519; if it is not, some bytes of it, or none. */
static void
take_short(struct ew_buf *out, struct ew_str blob)
{
	struct ew_str rest = ew_str_part(blob, MAGIC.len, blob.len), key;
	uint32_t version;

	if (!ew_sshbuf_u32(&version, &rest) || !ew_sshbuf_string(&key, &rest) || key.len < KEY ||
		blob.len < SIGNATURE)
		return;
	ew_buf_add(out, ew_str_part(key, key.len - KEY, key.len));
	ew_buf_add(out, ew_str_part(blob, blob.len - SIGNATURE, blob.len));
}

enum ew_code
ew_sshsig_strip(struct ew_buf *out, const char *name_space, struct ew_str armour, struct ew_err *err)
{
	struct ew_buf blob = { 0 }, bytes = { 0 }, again = { 0 };
	enum ew_code rc = read_armour(&blob, armour, err);

	if (rc == EW_OK) {
		take_short(&bytes, ew_buf_str(&blob));
		if (bytes.len)
			add_short(&again, name_space, ew_buf_str(&bytes));
		ew_buf_add(out, ew_buf_str(ew_str_eq(ew_buf_str(&again), ew_buf_str(&blob)) ? &bytes : &blob));
		if ((rc = ew_buf_check(&bytes, err)) == EW_OK && (rc = ew_buf_check(&again, err)) == EW_OK)
			rc = ew_buf_check(out, err);
	}
	ew_buf_release(&blob);
	ew_buf_release(&bytes);
	ew_buf_release(&again);
	return rc;
}
