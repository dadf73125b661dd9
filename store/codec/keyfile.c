/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/keyfile.h"
#include "codec/base64.h"
#include "codec/sshbuf.h"

#include <sodium.h>

static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
static const char end[] = "-----END OPENSSH PRIVATE KEY-----";
static const char magic[] = "openssh-key-v1"; /* its NUL is part of it */

enum { BLOCK = 8 }; /* padding of cipher "none" */

static enum ew_code
damaged(struct ew_err *err, const char *what)
{
	return ew_fail(err, EW_REFUSED, "damaged key: %s; restore the file or make another key",
		what);
}

bool
ew_keyfile_is_private(struct ew_str text)
{
	return ew_str_starts(text, "-----BEGIN");
}

void
ew_keyfile_wipe(struct ew_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	ew_buf_release(b);
}

void
ew_keyfile_release(struct ew_keyfile *k)
{
	ew_keyfile_wipe(&k->secret);
	*k = (struct ew_keyfile){ 0 };
}

/*
 * The bytes inside the armour.  Both buffers have their room from the start, so that
 * growing leaves no copy of a secret behind.
 */
static enum ew_code
read_armour(struct ew_buf *out, struct ew_str text, struct ew_err *err)
{
	struct ew_buf digits = { 0 };
	bool good;

	if (!ew_str_starts(text, begin))
		return ew_fail(err, EW_REFUSED,
			"not in OpenSSH's key format; convert it with ssh-keygen -p -f FILE");
	text = ew_str_trim(text);
	good = ew_str_ends(text, end);
	if (good && ew_buf_room(&digits, text.len)) {
		text = ew_str_part(text, sizeof begin - 1, text.len - (sizeof end - 1));
		while (text.len)
			ew_buf_add(&digits, ew_str_cut(&text, '\n'));
		good = ew_base64_read(out, ew_buf_str(&digits));
	}
	if (ew_buf_check(&digits, err) == EW_OK && ew_buf_check(out, err) == EW_OK && !good)
		damaged(err, "not whole base64 between its BEGIN and END lines");
	ew_keyfile_wipe(&digits);
	return err->code;
}

/* The section that would be encrypted: two equal numbers and then the fields. */
static enum ew_code
open_section(struct ew_str *fields, struct ew_str section, struct ew_err *err)
{
	uint32_t check[2];

	if (section.len % BLOCK != 0)
		return damaged(err, "its private part is no whole number of blocks");
	if (!ew_sshbuf_u32(&check[0], &section) || !ew_sshbuf_u32(&check[1], &section) ||
		check[0] != check[1])
		return damaged(err, "its check numbers differ");
	*fields = section;
	return EW_OK;
}

enum ew_code
ew_keyfile_parse(struct ew_keyfile *out, struct ew_str text, struct ew_err *err)
{
	struct ew_str rest, cipher, kdf, options, section;
	uint32_t count;
	enum ew_code rc;

	*out = (struct ew_keyfile){ 0 };
	rc = read_armour(&out->secret, text, err);
	if (rc != EW_OK)
		return rc;
	rest = ew_buf_str(&out->secret);
	if (!ew_str_eq(ew_str_part(rest, 0, sizeof magic), ew_str_n(magic, sizeof magic)))
		return damaged(err, "not openssh-key-v1");
	rest = ew_str_part(rest, sizeof magic, rest.len);
	if (!ew_sshbuf_string(&cipher, &rest) || !ew_sshbuf_string(&kdf, &rest) ||
		!ew_sshbuf_string(&options, &rest) || !ew_sshbuf_u32(&count, &rest))
		return damaged(err, "it ends too early");
	if (count != 1)
		return ew_fail(err, EW_REFUSED,
			"the file holds %u keys; give a file with one key", (unsigned)count);
	if (!ew_sshbuf_string(&out->public_blob, &rest) || !ew_sshbuf_string(&section, &rest))
		return damaged(err, "it ends too early");
	if (!ew_str_is(cipher, "none"))
		return EW_OK; /* encrypted: an agent must hold it */
	if (!ew_str_is(kdf, "none") || options.len)
		return damaged(err, "a key derivation without a cipher");
	if (rest.len)
		return damaged(err, "bytes after its end");
	return open_section(&out->fields, section, err);
}

bool
ew_keyfile_ends(struct ew_str rest)
{
	struct ew_str comment;

	if (!ew_sshbuf_string(&comment, &rest) || rest.len >= BLOCK)
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if ((unsigned char)rest.p[i] != i + 1)
			return false;
	return true;
}
