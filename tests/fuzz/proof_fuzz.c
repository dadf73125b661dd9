/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs: any bytes.  What is accepted has one spelling, holds against the pin that it
 * leads to, and against no other; its release is made again as the tag it came from.
 */
#include "model/proof.h"
#include "ops/proven.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "proof_fuzz: not so: %s\n", what);
	abort();
}

/* Whether it is good against its own pin, but for one bit of that. */
static bool
holds(const struct ew_proof *p, struct ew_hash *h, struct ew_str bytes, unsigned char flip)
{
	struct ew_sha256 root = p->answers ? p->pins.answers : p->pins.records;
	struct ew_proven_opts opts = { .proof = bytes };
	struct ew_buf pin = { 0 };
	struct ew_proven v;
	struct ew_err err = { 0 };
	bool good;

	root.b[31] ^= flip;
	ew_pin_write(&pin, &root, p->answers);
	opts.pin = ew_buf_str(&pin);
	must(ew_proof_verify(&v, h, &opts, &err) == EW_OK, "it can be held against a pin");
	must(v.good == !v.problem.p && v.good == (v.id.p != NULL), "good, or with a problem");
	good = v.good;
	ew_proven_release(&v);
	ew_buf_release(&pin);
	return good;
}

static void
check_accepted(const struct ew_proof *p, struct ew_arena *arena, struct ew_hash *h, struct ew_str bytes)
{
	struct ew_statement again;
	struct ew_buf written = { 0 };
	struct ew_err err = { 0 };

	ew_proof_write(&written, p);
	must(ew_str_eq(ew_buf_str(&written), bytes), "it has one spelling");
	must(!p->label.p == !ew_proof_split(p).p, "a label stands in a split");
	must(p->release.object.p || holds(p, h, bytes, 0), "it holds against its pin");
	must(!holds(p, h, bytes, 1), "and against no other");
	if (p->release.object.p)
		must(ew_statement_parse(&again, arena, p->release.object, &err) == EW_OK &&
				again.note.splits == p->splits,
			"its release is one, of these splits");
	ew_buf_release(&written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ew_str bytes = ew_str_n(data, size);
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_proof p;
	struct ew_hash *h;

	if (ew_hash_open(&h, &err) != EW_OK)
		return 0;
	if (ew_proof_parse(&p, &arena, h, bytes, &err) == EW_OK)
		check_accepted(&p, &arena, h, bytes);
	else
		must(err.code == EW_REFUSED && ew_str_starts(ew_str(err.msg), "proof: "), "refused with a reason");
	ew_arena_release(&arena);
	ew_hash_free(h);
	return 0;
}
