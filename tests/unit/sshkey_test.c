/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sshkey.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

static void
refused(enum ew_code got, enum ew_code want, struct ew_err *err, const char *message,
	const char *text)
{
	is_int(got, want, "%s: refused", text);
	ok(strstr(err->msg, message) != NULL, "%s: says '%s'", text, err->msg);
	ew_err_clear(err);
}

static void
test_public(struct ew_hash *h)
{
	struct ew_buf line = { 0 }, out = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key, same, other;

	sample_public(&line, 1);
	ok(ew_sshkey_read(&key, ew_buf_str(&line), &err) == EW_OK, "a public key is read");
	ew_sshkey_write(&out, &key);
	ok(ew_str_eq(ew_buf_str(&out), ew_buf_str(&line)), "and written as it was");
	ew_buf_adds(&line, " a comment\twith = and a tab");
	ok(ew_sshkey_read(&same, ew_buf_str(&line), &err) == EW_OK && ew_sshkey_eq(&key, &same),
		"a comment does not matter");
	ok(ew_sshkey_parse(&same, ew_sshkey_blob(&key), &err) == EW_OK &&
			ew_sshkey_eq(&key, &same),
		"the wire form is read");
	ew_buf_clear(&line);
	sample_public(&line, 2);
	ok(ew_sshkey_read(&other, ew_buf_str(&line), &err) == EW_OK && !ew_sshkey_eq(&key, &other),
		"another key is not equal");
	ew_buf_clear(&out);
	ew_sshkey_read(&key,
		EW_LIT("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmBkrYzTOkXzYq7uAKdJQWBHrDVLUZ87hYiL9ojiI2/"),
		&err) == EW_OK
		? ew_sshkey_fingerprint(&out, h, &key)
		: (void)0;
	is_str(ew_buf_str(&out), "SHA256:qdQ3liTBcvkS8ER2outvm+SiKuFEaRtZTGN0KF6tTrU",
		"the fingerprint is ssh-keygen's");
	ew_buf_release(&line);
	ew_buf_release(&out);
}

static void
test_public_refusals(void)
{
#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAIHmBkrYzTOkXzYq7uAKdJQWBHrDVLUZ87hYiL9ojiI2/"
	static const struct {
		const char *line, *message;
	} bad[] = {
		{ "", "no key; copy a line from a .pub file" },
		{ "ssh-ed25519", "malformed key" },
		{ "ssh-ed25519 ", "malformed key" },
		{ "ssh-rsa " KEY, "a key of another type than its line says" },
		{ "ssh-dss AAAA", "unknown key type 'ssh-dss'; use an ssh-ed25519 key" },
		{ "rsa-sha2-512 " KEY, "unknown key type 'rsa-sha2-512'" },
		{ "ssh-ed25519-cert-v01@openssh.com " KEY, "unknown key type 'ssh-ed25519-cert" },
		{ "SSH-ED25519 " KEY, "unknown key type 'SSH-ED25519'" },
		{ " ssh-ed25519 " KEY, "unknown key type ''" },
		{ "ssh-ed25519  " KEY, "malformed key" },
		{ "ssh-ed25519 " KEY "=", "not whole base64" },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmBkrYzTOkXzYq7", "malformed ssh-ed25519" },
		{ "ssh-ed25519 " KEY "AAAA", "malformed ssh-ed25519" },
		{ "ssh-ed25519 AAAAB3NzaC1yc2E=", "malformed ssh-rsa key" },
		{ "ssh-ed25519 " KEY "\nssh-ed25519 " KEY, "control bytes in a key" },
		{ "ssh-ed25519 " KEY "\r", "control bytes in a key" },
	};
	struct ew_err err = { 0 };
	struct ew_sshkey key;
	struct ew_buf big = { 0 };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		refused(ew_sshkey_read(&key, ew_str(bad[i].line), &err), EW_REFUSED, &err,
			bad[i].message, bad[i].message);
		is_int(key.len, 0, "and no key is left");
	}
	for (int i = 0; i < EW_SSHKEY_BLOB_MAX + 1; i++)
		ew_buf_addc(&big, '\0');
	refused(ew_sshkey_parse(&key, ew_buf_str(&big), &err), EW_REFUSED, &err, "malformed key",
		"a wire form that is too long");
	ew_buf_release(&big);
#undef KEY
}

int
main(void)
{
	struct ew_err err = { 0 };
	struct ew_hash *h;

	if (!ok(ew_hash_open(&h, &err) == EW_OK, "start: %s", err.msg))
		return tap_done();
	test_public(h);
	test_public_refusals();
	ew_hash_free(h);
	return tap_done();
}
