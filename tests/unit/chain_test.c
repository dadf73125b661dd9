/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of commits: few and many, in their order, and where they break. */
#include "ops/chain.h"

#include "codec/sshsig.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <string.h>

static const struct ew_oid none;

struct fixture {
	char dir[64];
	struct ew_repo *repo;
	struct ew_signer *signer;
	struct ew_stage *stage;
	struct ew_chain *chain;
	struct ew_err err;
};

static void
close_chain(struct fixture *f)
{
	ew_chain_free(f->chain);
	ew_stage_free(f->stage);
	f->chain = NULL;
	f->stage = NULL;
	ew_err_clear(&f->err);
}

/* A stage and a chain in it. */
static bool
open_chain(struct fixture *f, const struct ew_oid *parent)
{
	static const struct ew_ident by = {
		.name = EW_LIT_INIT("tester"),
		.email = EW_LIT_INIT("tester@example.org"),
		.time = 1767225600,
	};
	struct ew_chain_opts opts = { .signer = f->signer, .by = &by, .parent = *parent };

	close_chain(f);
	if (ew_stage_open(&f->stage, f->repo, &f->err) != EW_OK)
		return false;
	opts.stage = f->stage;
	return ew_chain_open(&f->chain, &opts, &f->err) == EW_OK;
}

static struct ew_oid
tree_of(size_t i)
{
	struct ew_oid tree = { { 1 } };

	memcpy(tree.b + 1, &i, sizeof i);
	return tree;
}

static void
write_message(struct ew_buf *out, size_t i, size_t length)
{
	ew_buf_clear(out);
	ew_buf_addf(out, "commit %zu\n\nx", i);
	while (out->len < length)
		ew_buf_addc(out, 'x');
	ew_buf_addc(out, '\n');
}

/* Drafts 0 to n - 1 of which number `bad` is too long. */
static enum ew_code
add(struct fixture *f, size_t n, size_t bad)
{
	struct ew_buf message = { 0 };
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		const struct ew_oid tree = tree_of(i);

		write_message(&message, i, i == bad ? EW_OBJECT_MAX : i % 100 == 7 ? 100000 : 0);
		rc = ew_chain_add(f->chain, &tree, ew_buf_str(&message), 1000 + i, &f->err);
	}
	ew_buf_release(&message);
	return rc;
}

/* How many commits, from the last back to `last`, are what was drafted and signed. */
static size_t
count_good(struct fixture *f, struct ew_oid at, size_t n, const struct ew_oid *last)
{
	struct ew_buf bytes = { 0 }, message = { 0 };
	struct ew_arena arena = { 0 };
	size_t good = 0;

	while (n-- && !ew_oid_eq(&at, last)) {
		const struct ew_oid tree = tree_of(n);
		struct ew_commit c;
		struct ew_sshkey key;

		ew_buf_clear(&bytes);
		ew_arena_reset(&arena);
		write_message(&message, n, n % 100 == 7 ? 100000 : 0);
		if (ew_repo_read(&bytes, f->repo, &at, EW_COMMIT, &f->err) != EW_OK ||
		    ew_commit_parse(&c, &arena, ew_buf_str(&bytes), &f->err) != EW_OK ||
		    ew_sshsig_verify(&key, ew_repo_hash(f->repo), "git", c.payload, c.signature, &f->err) != EW_OK)
			break;
		good += ew_oid_eq(&c.tree, &tree) && ew_str_eq(c.message, ew_buf_str(&message)) &&
			ew_sshkey_eq(&key, ew_signer_key(f->signer));
		at = c.parents ? c.parent[0] : none;
	}
	ew_buf_release(&bytes);
	ew_buf_release(&message);
	ew_arena_release(&arena);
	return good + (ew_oid_eq(&at, last) ? 0 : 1000000);
}

static void
test_lengths(struct fixture *f)
{
	static const size_t length[] = { 1, 2, 63, 64, 65, 128, 600 };
	struct ew_oid first = none, tip, again;
	size_t at;

	for (size_t i = 0; i < sizeof length / sizeof *length; i++) {
		const size_t n = length[i];

		ok(open_chain(f, &first) && add(f, n, n) == EW_OK &&
				ew_chain_settle(&tip, &at, f->chain, &f->err) == EW_OK &&
				ew_chain_settle(&again, &at, f->chain, &f->err) == EW_OK &&
				ew_oid_eq(&tip, &again),
			"%zu drafts: %s", n, f->err.msg);
		ok(ew_stage_keep(f->stage, &f->err) == EW_OK && count_good(f, tip, n, &first) == n,
			"are signed, one upon the other: %s", f->err.msg);
		if (i == 0)
			first = tip;
	}
	ok(open_chain(f, &first) && ew_chain_settle(&tip, &at, f->chain, &f->err) == EW_OK &&
			ew_oid_eq(&tip, &first),
		"no draft: the tip is where it was");
	ok(open_chain(f, &none) && add(f, 70, 70) == EW_OK && ew_chain_settle(&tip, &at, f->chain, &f->err) == EW_OK &&
			add(f, 70, 70) == EW_OK && ew_chain_settle(&again, &at, f->chain, &f->err) == EW_OK &&
			!ew_oid_eq(&tip, &again),
		"more after it was settled");
}

static void
test_failures(struct fixture *f)
{
	static const size_t bad[] = { 0, 1, 63, 64, 200, 598 };
	struct ew_oid tip;
	size_t at;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct ew_err err = { 0 };
		enum ew_code rc;

		at = 0;
		rc = open_chain(f, &none) ? add(f, 600, bad[i]) : EW_NO;
		ok((rc == EW_OK || rc == EW_REFUSED) && ew_chain_settle(&tip, &at, f->chain, &err) == EW_REFUSED &&
				at == 1000 + bad[i] && strstr(err.msg, "message is too long; shorten the reason"),
			"draft %zu is refused, and told of: %s", bad[i], err.msg);
		ew_err_clear(&err);
		ok(add(f, 1, 1) == EW_REFUSED && ew_chain_settle(&tip, &at, f->chain, &err) == EW_REFUSED &&
				at == 1000 + bad[i],
			"and after it nothing is signed");
	}
	ok(open_chain(f, &none) && add(f, 300, 300) == EW_OK, "drafts that are left");
	close_chain(f);
}

int
main(void)
{
	struct fixture f = { .repo = NULL };
	struct ew_buf path = { 0 }, text = { 0 };

	if (!sample_dir(f.dir))
		return 1;
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	if (ok(ew_signer_open(&f.signer, &(struct ew_signer_opts){ .key = sample_file(&path, f.dir, "key", ew_buf_str(&text)) }, &f.err) == EW_OK &&
			    ew_repo_init(f.dir, &f.err) == EW_OK && ew_repo_open(&f.repo, f.dir, &f.err) == EW_OK,
		    "a repository and a key: %s", f.err.msg)) {
		test_lengths(&f);
		test_failures(&f);
	}
	close_chain(&f);
	ew_signer_free(f.signer);
	ew_repo_free(f.repo);
	ew_buf_release(&path);
	ew_buf_release(&text);
	sample_remove_dir(f.dir);
	return tap_done();
}
