/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library against the example objects and proofs of LABELS_FORMAT.md, each in a fence
 * behind a comment "example: TYPE ID".  The page's path is the first argument, or in
 * EW_FORMAT_DOC.
 */
#include "base/file.h"
#include "codec/signers.h"
#include "codec/sshsig.h"
#include "model/commit.h"
#include "model/event.h"
#include "ops/proven.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fence behind "<!-- example: WHAT"; the rest of that comment's words in `*rest`. */
static struct ew_str
example(struct ew_str page, const char *what, struct ew_str *rest)
{
	struct ew_buf mark = { 0 };
	struct ew_str none = { NULL, 0 }, after;
	const char *at, *end;

	ew_buf_addf(&mark, "<!-- example: %s", what);
	at = memmem(page.p, page.len, mark.p, mark.len);
	after = at ? ew_str_n(at + mark.len, page.len - (size_t)(at + mark.len - page.p)) : none;
	ew_buf_release(&mark);
	if (!at)
		return none;
	*rest = ew_str_trim(ew_str_cut(&after, '-'));
	ew_str_cut(&after, '\n');
	ew_str_cut(&after, '\n'); /* the line that opens the fence */
	end = memmem(after.p, after.len, "\n```", 4);
	return end ? ew_str_n(after.p, (size_t)(end + 1 - after.p)) : none;
}

static void
check_id(struct ew_hash *hash, const char *type, struct ew_str object, struct ew_str id)
{
	char header[64], hex[41];
	struct ew_str piece[2] = { { header, 0 }, object };
	struct ew_oid oid;

	piece[0].len = (size_t)snprintf(header, sizeof header, "%s %zu", type, object.len) + 1;
	oid = ew_sha1(hash, piece, 2);
	ew_hex(hex, oid.b, sizeof oid.b);
	ok(id.len == 40 && ew_str_is(id, hex), "the %s has the id that the page says", type);
}

static void
check_signature(struct ew_hash *hash, const struct ew_signers *signers, const char *type,
	struct ew_str payload, struct ew_str armour, struct ew_str email)
{
	const struct ew_signers_line *line;
	struct ew_err err = { 0 };
	struct ew_sshkey key;

	ok(ew_sshsig_verify(&key, hash, "git", payload, armour, &err) == EW_OK,
		"the %s's signature is good %s", type, err.msg);
	line = ew_signers_find(signers, &key);
	ok(line && ew_str_eq(line->principal, email), "it is by the author");
}

static void
check_commit(struct ew_hash *hash, const struct ew_signers *signers, struct ew_str page)
{
	struct ew_str id = { NULL, 0 }, object = example(page, "commit", &id);
	struct ew_arena arena = { 0 };
	struct ew_buf again = { 0 };
	struct ew_err err = { 0 };
	struct ew_message m;
	struct ew_commit c;

	check_id(hash, "commit", object, id);
	if (ok(ew_commit_parse(&c, &arena, object, &err) == EW_OK, "it parses %s", err.msg)) {
		check_signature(hash, signers, "commit", c.payload, c.signature, c.by.email);
		ok(ew_message_parse(&m, c.message, &err) == EW_OK, "so does its message %s", err.msg);
		ew_message_write(&again, &m);
		ok(ew_str_eq(ew_buf_str(&again), c.message), "which is written the same");
	}
	ew_buf_release(&again);
	ew_arena_release(&arena);
}

static void
check_tag(struct ew_hash *hash, const struct ew_signers *signers, struct ew_str page)
{
	struct ew_str id = { NULL, 0 }, object = example(page, "tag", &id);
	struct ew_arena arena = { 0 };
	struct ew_buf again = { 0 };
	struct ew_err err = { 0 };
	struct ew_release_note note;
	struct ew_tag t;

	check_id(hash, "tag", object, id);
	if (ok(ew_tag_parse(&t, object, &err) == EW_OK, "it parses %s", err.msg)) {
		check_signature(hash, signers, "tag", t.payload, t.signature, t.by.email);
		ok(ew_release_parse(&note, &arena, t.message, &err) == EW_OK,
			"so does its message %s", err.msg);
		ew_release_write(&again, &note);
		ok(ew_str_eq(ew_buf_str(&again), t.message), "which is written the same");
	}
	ew_buf_release(&again);
	ew_arena_release(&arena);
}

static void
check_one_proof(struct ew_hash *hash, const struct ew_proven_opts *opts, enum ew_proven_what what,
	const char *title)
{
	struct ew_proven v;
	struct ew_err err = { 0 };
	enum ew_code rc = ew_proof_verify(&v, hash, opts, &err);

	ok(rc == EW_OK && v.good && v.what == what, "%s: %.*s", title, EW_FMT(v.problem));
	ew_proven_release(&v);
}

/* Against the pins and the keys that are given with them. */
static void
check_proofs(struct ew_hash *hash, struct ew_str page)
{
	static const struct {
		const char *name;
		enum ew_proven_what what;
		bool answers, release;
	} proofs[] = { { "proof record", EW_PROVEN_RECORD, false, true },
		{ "proof answer", EW_PROVEN_ANSWER, true, false },
		{ "proof absence", EW_PROVEN_ABSENCE, false, false } };
	struct ew_str rest, answers = example(page, "proof pins", &rest), records = ew_str_cut(&answers, '\n');

	answers = ew_str_cut(&answers, '\n');
	for (size_t i = 0; i < sizeof proofs / sizeof proofs[0]; i++) {
		struct ew_str text = example(page, proofs[i].name, &rest);
		struct ew_proven_opts opts = { .proof = ew_str_cut(&text, '\n'),
			.pin = proofs[i].answers ? answers : records };

		check_one_proof(hash, &opts, proofs[i].what, proofs[i].name);
		if (!proofs[i].release)
			continue;
		opts.signers = example(page, "proof signers", &rest);
		opts.pin = answers;
		check_one_proof(hash, &opts, proofs[i].what, "and of its release");
	}
}

int
main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : getenv("EW_FORMAT_DOC");
	struct ew_signers signers = { 0 };
	struct ew_buf page = { 0 };
	struct ew_err err = { 0 };
	struct ew_hash *hash = NULL;
	struct ew_str rest;

	if (!ok(ew_hash_open(&hash, &err) == EW_OK &&
			    ew_file_read(&page, path ? path : "LABELS_FORMAT.md", 0, &err) == EW_OK,
		    "the page is there %s", err.msg))
		return tap_done();
	ok(ew_signers_parse(&signers, example(ew_buf_str(&page), "signers", &rest), &err) == EW_OK,
		"its keys parse %s", err.msg);
	check_commit(hash, &signers, ew_buf_str(&page));
	check_tag(hash, &signers, ew_buf_str(&page));
	check_proofs(hash, ew_buf_str(&page));
	ew_signers_release(&signers);
	ew_buf_release(&page);
	ew_hash_free(hash);
	return tap_done();
}
