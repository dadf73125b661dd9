/* SPDX-License-Identifier: Apache-2.0 */
/* Collections that are filled are those that records are put into one by one. */
#include "repo/collection.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 5000 };

struct entry {
	struct ew_leaf leaf;
	struct ew_oid blob;
	char id[16];
};

static struct ew_err err;
static struct ew_hash *hash;
static struct ew_repo *repo;
static struct entry entry[MOST];

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct entry *)a)->leaf.key.b, ((const struct entry *)b)->leaf.key.b, 32);
}

/* Entries from `from` on, of which each `gap`th has no record; ascending by key. */
static void
make_entries(int from, size_t n, size_t gap)
{
	for (size_t i = 0; i < n; i++) {
		struct entry *e = &entry[i];
		struct ew_str id = { e->id, (size_t)snprintf(e->id, sizeof e->id, "Id/%d", from + (int)i) };

		e->leaf.key = ew_sha256_str(hash, id);
		e->leaf.records = ew_pin_leaf(hash, &e->leaf.key, &e->leaf.key);
		e->leaf.answers = ew_pin_leaf(hash, &e->leaf.key, &e->leaf.records);
		e->blob = i % gap == gap - 1 ? (struct ew_oid){ { 0 } } : ew_sha1(hash, &id, 1);
	}
	qsort(entry, n, sizeof *entry, by_key);
}

static void
give(struct ew_put *out, const void *user, size_t i)
{
	const struct entry *e = (const struct entry *)user + i;

	*out = (struct ew_put){ ew_str(e->id), &e->leaf, e->blob };
}

/* Put the entries one by one, the last first, or all at once. */
static bool
add(struct ew_collection *c, struct ew_stage *stage, size_t n, bool at_once)
{
	if (at_once)
		return ew_collection_fill(c, give, entry, n, true, stage, &err) == EW_OK;
	for (size_t i = n; i-- > 0;)
		if (!ew_oid_is_zero(&entry[i].blob) &&
		    ew_collection_put_leaf(c, ew_str(entry[i].id), &entry[i].blob, &entry[i].leaf, true, &err) !=
			    EW_OK)
			return false;
	return true;
}

/* What a collection over `root` comes to, with its objects durable. */
static void
come_to(struct ew_oid *out, struct ew_trie *trie, const struct ew_oid *root, unsigned levels, size_t n,
	bool at_once)
{
	struct ew_collection *c = NULL;
	struct ew_stage *stage = NULL;

	ok(ew_stage_open(&stage, repo, &err) == EW_OK &&
			ew_collection_open(&c, repo, NULL, root, levels, &err) == EW_OK &&
			add(c, stage, n, at_once) && ew_collection_write(out, c, stage, &err) == EW_OK &&
			(!ew_oid_is_zero(root) || ew_collection_trie(trie, c, &err) == EW_OK) &&
			(ew_oid_is_zero(out) || ew_stage_keep(stage, &err) == EW_OK),
		"%zu records in %u levels %s: %s", n, levels, at_once ? "at once" : "one by one", err.msg);
	ew_collection_free(c);
	ew_stage_free(stage);
}

static enum ew_code
count(void *user, const struct ew_entry *e, struct ew_err *why)
{
	(void)e;
	(void)why;
	++*(size_t *)user;
	return EW_OK;
}

static void
test_fill(unsigned levels, size_t n, size_t gap)
{
	struct ew_oid none = { { 0 } }, one, all, more_one, more_all;
	struct ew_trie a, b;
	struct ew_collection *c = NULL;
	size_t there = 0;

	make_entries(0, n, gap);
	come_to(&one, &a, &none, levels, n, false);
	come_to(&all, &b, &none, levels, n, true);
	ok(ew_oid_eq(&one, &all), "the same tree");
	ok(a.count == b.count && ew_sha256_eq(&a.records, &b.records) && ew_sha256_eq(&a.answers, &b.answers),
		"and the same pins");
	ok(ew_collection_open(&c, repo, NULL, &all, levels, &err) == EW_OK &&
			ew_collection_each(c, count, &there, &err) == EW_OK, "it can be read: %s", err.msg);
	is_int(there, n - n / gap, "with every record, but those that are none");
	ew_collection_free(c);
	/* Some folders are there already, some are not. */
	make_entries(MOST, 100, 7);
	come_to(&more_one, &a, &one, levels, 100, false);
	come_to(&more_all, &b, &all, levels, 100, true);
	ok(ew_oid_eq(&more_one, &more_all) && !ew_oid_eq(&one, &more_one), "more come to those that are there");
}

int
main(void)
{
	char dir[64];
	struct ew_oid none = { { 0 } }, root;
	struct ew_trie trie;

	if (!sample_dir(dir))
		return 1;
	if (ok(ew_hash_open(&hash, &err) == EW_OK && ew_repo_init(dir, &err) == EW_OK &&
			    ew_repo_open(&repo, dir, &err) == EW_OK, "a repository: %s", err.msg)) {
		test_fill(0, 30, 4);
		test_fill(1, 300, 5);
		test_fill(2, MOST, 3);
		test_fill(3, MOST, MOST);
		test_fill(4, 3, 2);
		make_entries(0, 40, 1);
		come_to(&root, &trie, &none, 1, 40, true);
		ok(ew_oid_is_zero(&root), "no records make no folder");
	}
	ew_repo_free(repo);
	ew_hash_free(hash);
	sample_remove_dir(dir);
	return tap_done();
}
