/* SPDX-License-Identifier: Apache-2.0 */
/*
 * allowed_signers: what is accepted has good principals, each key once, and times in
 * order; a line written for each of its keys reads as that key and principal.
 */
#include "codec/signers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "signers_fuzz: not so: %s\n", what);
		abort();
	}
}

static void
check_line(const struct ew_signers *all, const struct ew_signers_line *line)
{
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };
	struct ew_signers again;

	must(ew_principal_ok(line->principal), "a good principal");
	must(line->valid_after < line->valid_before, "times in order");
	must(ew_signers_find(all, &line->key) == line, "no key twice");
	ew_signers_write_line(&out, line->principal, &line->key);
	must(ew_signers_parse(&again, ew_buf_str(&out), &err) == EW_OK && again.count == 1,
		"what is written is read");
	must(ew_str_eq(again.line[0].principal, line->principal) &&
			ew_sshkey_eq(&again.line[0].key, &line->key),
		"as the same");
	ew_signers_release(&again);
	ew_buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_err err = { 0 };
	struct ew_signers s;

	if (ew_signers_parse(&s, ew_str_n(data, size), &err) == EW_OK) {
		must(s.count > 0, "a key at least");
		for (size_t i = 0; i < s.count; i++)
			check_line(&s, &s.line[i]);
	} else {
		must(err.code == EW_REFUSED && err.msg[0], "refused, with a message");
	}
	ew_signers_release(&s);
	return 0;
}
