/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSHSIG: a signature of "hello", as text, or (first byte odd) as bytes that are put
 * in good armour.  What is accepted has one spelling, a key that reads again, and is
 * good under its namespace only; what is refused leaves no key and says no.
 */
#include "codec/base64.h"
#include "codec/sshsig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "sshsig_fuzz: not so: %s\n", what);
		abort();
	}
}

static void
add_armour(struct ew_buf *out, struct ew_str blob)
{
	struct ew_buf text = { 0 };
	struct ew_str all;

	ew_base64_write(&text, blob);
	all = ew_buf_str(&text);
	ew_buf_adds(out, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t i = 0; i < all.len; i += 70) {
		ew_buf_add(out, ew_str_part(all, i, i + 70));
		ew_buf_addc(out, '\n');
	}
	ew_buf_adds(out, "-----END SSH SIGNATURE-----\n");
	ew_buf_release(&text);
}

static void
check_accepted(const struct ew_sshkey *by, struct ew_hash *h, struct ew_str text)
{
	struct ew_err err = { 0 };
	struct ew_sshkey again;

	must(ew_sshkey_parse(&again, ew_sshkey_blob(by), &err) == EW_OK, "its key reads again");
	must(ew_sshkey_eq(&again, by), "as the same key");
	must(!memchr(text.p, '\r', text.len), "no line ends in CR LF");
	must(ew_sshsig_verify(&again, h, "file", EW_LIT("hello"), text, &err) == EW_NO,
		"not good under another namespace");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_err err = { 0 };
	struct ew_buf text = { 0 };
	struct ew_sshkey by;
	struct ew_hash *h;

	if (size == 0 || ew_hash_open(&h, &err) != EW_OK)
		return 0;
	if (data[0] & 1)
		add_armour(&text, ew_str_n(data + 1, size - 1));
	else
		ew_buf_addmem(&text, data + 1, size - 1);
	if (ew_sshsig_verify(&by, h, "git", EW_LIT("hello"), ew_buf_str(&text), &err) == EW_OK) {
		check_accepted(&by, h, ew_buf_str(&text));
	} else {
		must(err.code == EW_NO && by.len == 0, "refused: the answer is no, without a key");
		must(strncmp(err.msg, "signature: ", 11) == 0, "and a message");
	}
	ew_hash_free(h);
	ew_buf_release(&text);
	return 0;
}
