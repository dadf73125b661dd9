/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts of the library on proofs: reads lines "PIN<TAB>SIGNERS<TAB>BASE64" on standard
 * input, where SIGNERS is a file and either may be "-" for none, and prints for each what
 * ellwand verify --proof --json does.  For tests/interop/proof.py.
 */
#include "base/file.h"
#include "codec/base64.h"
#include "ops/proven.h"

#include <stdio.h>
#include <stdlib.h>

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "proof_verdict: %s\n", what);
	exit(2);
}

static struct ew_str
given(struct ew_str word)
{
	return ew_str_is(word, "-") ? ew_str(NULL) : word;
}

static void
judge(struct ew_hash *hash, struct ew_str line)
{
	const struct ew_str pin = given(ew_str_cut(&line, '\t')), file = given(ew_str_cut(&line, '\t'));
	struct ew_buf proof = { 0 }, path = { 0 }, signers = { 0 }, json = { 0 };
	struct ew_proven_opts opts = { .pin = pin };
	struct ew_err err = { 0 };
	struct ew_proven v;

	must(ew_base64_read(&proof, line), "no base64");
	opts.proof = ew_buf_str(&proof);
	if (file.p) {
		ew_buf_add(&path, file);
		must(ew_file_read(&signers, path.p, 0, &err) == EW_OK, err.msg);
		opts.signers = ew_buf_str(&signers);
	}
	must(ew_proof_verify(&v, hash, &opts, &err) == EW_OK, err.msg);
	ew_proven_json(&json, &v);
	must(json.bad == EW_OK && puts(json.p) >= 0, "no room");
	ew_proven_release(&v);
	ew_buf_release(&proof);
	ew_buf_release(&path);
	ew_buf_release(&signers);
	ew_buf_release(&json);
}

int
main(void)
{
	struct ew_hash *hash;
	struct ew_err err = { 0 };
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	must(ew_hash_open(&hash, &err) == EW_OK, err.msg);
	while ((n = getline(&line, &size, stdin)) > 0)
		judge(hash, ew_str_n(line, (size_t)n - (line[n - 1] == '\n')));
	free(line);
	ew_hash_free(hash);
	return fflush(stdout) == 0 ? 0 : 2;
}
