/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways against the definition of the trie: down to every key and to keys that are not there,
 * and up again to the root; and those of collections, folder by folder, against these.
 */
#include "model/label.h"
#include "model/way.h"
#include "repo/cache.h"
#include "repo/collection.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

enum { LEAVES = 300, ABSENT = 200 };

static struct ew_hash *hash;

static int
cmp_keys(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

/* Random keys, of which some part late. */
static void
make_leaves(struct ew_leaf leaf[LEAVES])
{
	for (unsigned i = 0; i < LEAVES; i++) {
		struct ew_sha256 d = ew_sha256_str(hash, ew_str_n(&i, sizeof i));

		leaf[i].key = ew_sha256_str(hash, ew_str_n(&d, sizeof d));
		if (i < 62)
			memset(leaf[i].key.b, i % 2 ? 0x5a : 0, i / 2);
		leaf[i].records = ew_pin_leaf(hash, &leaf[i].key, &d);
		leaf[i].answers = ew_pin_leaf(hash, &d, &leaf[i].key);
	}
	qsort(leaf, LEAVES, sizeof leaf[0], cmp_keys);
}

static struct ew_sha256
up(const struct ew_way *w, const struct ew_sha256 *key, const struct ew_leaf *there, bool answers)
{
	struct ew_sha256 sibling[EW_WAY_MAX], place = { { 0 } };

	for (unsigned i = 0; i < w->depth; i++)
		sibling[i] = answers ? w->sibling[i].answers : w->sibling[i].records;
	if (there)
		place = answers ? there->answers : there->records;
	return ew_way_up(hash, key, &place, sibling, w->depth);
}

/* How many labels are beside the way and at its end. */
static uint64_t
count(const struct ew_way *w, const struct ew_leaf *there)
{
	uint64_t n = there ? 1 : 0;

	for (unsigned i = 0; i < w->depth; i++)
		n += w->sibling[i].count;
	return n;
}

/* Whether the way to a key is one that leads to the whole, and ends where it must. */
static bool
is_way(const struct ew_way *w, const struct ew_sha256 *key, const struct ew_leaf *there,
	const struct ew_trie *whole)
{
	const struct ew_sha256 records = up(w, key, there, false), answers = up(w, key, there, true);

	return ew_sha256_eq(&records, &whole->records) && ew_sha256_eq(&answers, &whole->answers) &&
		count(w, there) == whole->count &&
		(w->depth == 0 || w->sibling[w->depth - 1].count > (there ? 0 : 1)) &&
		(!there || ew_way_agree(&there->key, key, w->depth));
}

static void
test_present(size_t n)
{
	struct ew_leaf leaf[LEAVES];
	struct ew_trie whole;
	size_t good = 0, empty = 0;

	make_leaves(leaf);
	whole = ew_pin_trie(hash, leaf, n, 0);
	for (size_t i = 0; i < n; i++) {
		struct ew_way w = { .depth = 0 };
		const struct ew_leaf *there = ew_way_down(&w, hash, &leaf[i].key, leaf, n);

		good += there == &leaf[i] && is_way(&w, &leaf[i].key, there, &whole);
		for (unsigned k = 0; k < w.depth; k++)
			empty += w.sibling[k].count == 0;
	}
	is_int(good, (long long)n, "%zu keys: the way to each leads to the root", n);
	if (n == LEAVES)
		ok(empty > 100, "past empty siblings too: %zu", empty);
}

static void
test_absent(size_t n)
{
	struct ew_leaf leaf[LEAVES];
	struct ew_trie whole;
	size_t good = 0, others = 0;

	make_leaves(leaf);
	whole = ew_pin_trie(hash, leaf, n, 0);
	for (unsigned i = 0; i < ABSENT; i++) {
		struct ew_sha256 key = ew_sha256_str(hash, ew_str_n(&i, 1));
		struct ew_way w = { .depth = 0 };
		const struct ew_leaf *there;

		if (n && i % 2) { /* near one that is there */
			key = leaf[i % n].key;
			key.b[31 - i % 32] ^= (unsigned char)(1u << i % 8);
		}
		there = ew_way_down(&w, hash, &key, leaf, n);
		others += there != NULL;
		good += is_way(&w, &key, there, &whole) && !(there && ew_sha256_eq(&there->key, &key));
	}
	is_int(good, ABSENT, "%zu keys: so does that to what is not there", n);
	ok(n == 0 ? others == 0 : n == 1 ? others == ABSENT : others > 0 && others < ABSENT,
		"where nothing stands or another one: %zu", others);
}

static void
test_deepest(void)
{
	const struct ew_sha256 beside = { { 0x40 } };
	struct ew_leaf leaf[2] = { { .records = { "\1" } }, { .records = { "\2" } } };
	struct ew_way w = { .depth = 0 };
	struct ew_trie whole;

	leaf[1].key.b[31] = 1;
	whole = ew_pin_trie(hash, leaf, 2, 0);
	ok(ew_way_down(&w, hash, &leaf[1].key, leaf, 2) == &leaf[1] && w.depth == 256 &&
			is_way(&w, &leaf[1].key, &leaf[1], &whole),
		"two keys that part at the last bit");
	ok(w.sibling[254].count == 0 && w.sibling[255].count == 1, "past 255 empty siblings");
	leaf[1].key.b[31] = 0x80;
	w.depth = 0;
	whole = ew_pin_trie(hash, leaf, 2, 0);
	ok(!ew_way_down(&w, hash, &beside, leaf, 2) && w.depth == 2 && is_way(&w, &beside, NULL, &whole),
		"nothing stands beside two that part late");
	ok(ew_way_agree(&leaf[0].key, &leaf[1].key, 248) && !ew_way_agree(&leaf[0].key, &leaf[1].key, 249),
		"and those agree up to there");
	ok(ew_way_agree(&leaf[0].key, &leaf[0].key, 256), "as a key does with itself to its end");
}

/* --- collections --- */

struct store {
	char dir[64];
	struct ew_repo *repo;
	struct ew_cache *cache;
	struct ew_err err;
};

static struct ew_str
id_of(struct ew_buf *b, unsigned i)
{
	ew_buf_clear(b);
	ew_buf_addf(b, "id/%u", i);
	return ew_buf_str(b);
}

static void
write_label(struct ew_buf *out, unsigned i)
{
	ew_buf_addf(out, "{\"answer\":{\"kind\":\"integer\",\"value\":\"%u\"},\"confidence\":{\"basis\":"
		"\"imported\"},\"id\":\"id/%u\",\"instance\":\"%064u\",\"provenance\":{\"method\":\"import\"},"
		"\"schema\":\"label/1\",\"state\":\"computable\"}", i, i, 0u);
}

/* A collection of `n` labels, written; their leaves by key. */
static enum ew_code
fill(struct ew_collection *c, struct ew_leaf *leaf, unsigned n, struct store *s)
{
	struct ew_buf id = { 0 }, label = { 0 }, scored = { 0 };
	struct ew_stage *stage = NULL;
	struct ew_oid oid;
	enum ew_code rc = ew_stage_open(&stage, s->repo, &s->err);

	for (unsigned i = 0; i < n && rc == EW_OK; i++) {
		ew_buf_clear(&label);
		ew_buf_clear(&scored);
		write_label(&label, i);
		leaf[i].key = ew_sha256_str(hash, id_of(&id, i));
		if ((rc = ew_label_scored_of(&scored, ew_buf_str(&label), &s->err)) == EW_OK &&
		    (rc = ew_stage_add(&oid, stage, EW_BLOB, ew_buf_str(&label), &s->err)) == EW_OK)
			rc = ew_collection_put(c, ew_buf_str(&id), &oid, ew_buf_str(&label), &s->err);
		ew_pin_leaves(&leaf[i], hash, ew_buf_str(&label), ew_buf_str(&scored));
	}
	qsort(leaf, n, sizeof *leaf, cmp_keys);
	if (rc == EW_OK && (rc = ew_collection_write(&oid, c, stage, &s->err)) == EW_OK)
		rc = ew_stage_keep(stage, &s->err);
	ew_stage_free(stage);
	ew_buf_release(&id);
	ew_buf_release(&label);
	ew_buf_release(&scored);
	return rc;
}

/* Whether the collection's way to an id is that among all leaves, and the same one stands there. */
static bool
same_way(struct ew_collection *c, struct ew_str id, const struct ew_leaf *leaf, size_t n, struct store *s)
{
	const struct ew_sha256 key = ew_sha256_str(hash, id);
	struct ew_way want = { .depth = 0 }, got;
	const struct ew_leaf *there = ew_way_down(&want, hash, &key, leaf, n);
	const struct ew_entry *entry;
	struct ew_sha256 its = { { 0 } };

	if (ew_collection_way(&got, &entry, c, &key, &s->err) != EW_OK || !entry != !there ||
	    got.depth != want.depth)
		return false;
	for (unsigned i = 0; i < want.depth; i++)
		if (got.sibling[i].count != want.sibling[i].count ||
		    !ew_sha256_eq(&got.sibling[i].records, &want.sibling[i].records) ||
		    !ew_sha256_eq(&got.sibling[i].answers, &want.sibling[i].answers))
			return false;
	if (entry)
		its = ew_sha256_str(hash, entry->id);
	return !there || ew_sha256_eq(&its, &there->key);
}

static void
test_collection(struct store *s, unsigned n, unsigned levels)
{
	static const struct ew_oid none;
	struct ew_leaf leaf[LEAVES];
	struct ew_buf id = { 0 };
	struct ew_collection *c = NULL;
	struct ew_oid root;
	unsigned good = 0;

	if (ew_collection_open(&c, s->repo, NULL, &none, levels, &s->err) != EW_OK ||
	    fill(c, leaf, n, s) != EW_OK)
		ok(false, "a collection: %s", s->err.msg);
	for (unsigned i = 0; i < n + ABSENT; i++)
		good += same_way(c, id_of(&id, i), leaf, n, s);
	is_int(good, n + ABSENT, "%u labels below %u levels of folders, as they were filled in %s", n, levels,
		s->err.msg);
	root = ew_collection_tree(c);
	for (unsigned times = 0; times < 2; times++) { /* the cache learns, and is asked */
		ew_collection_free(c);
		if (ew_collection_open(&c, s->repo, s->cache, &root, levels, &s->err) != EW_OK)
			return;
		good = 0;
		for (unsigned i = 0; i < n + ABSENT; i++)
			good += same_way(c, id_of(&id, i), leaf, n, s);
		is_int(good, n + ABSENT, "as they are read, %s", times ? "with a cache" : "with an empty cache");
	}
	ew_collection_free(c);
	ew_buf_release(&id);
}

int
main(void)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 61, 62, 63, LEAVES };
	struct store s = { .repo = NULL };

	if (ew_hash_open(&hash, &s.err) != EW_OK || !sample_dir(s.dir))
		return 1;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		test_present(sizes[i]);
		test_absent(sizes[i]);
	}
	test_deepest();
	if (ok(ew_repo_init(s.dir, &s.err) == EW_OK && ew_repo_open(&s.repo, s.dir, &s.err) == EW_OK &&
			    ew_cache_open(&s.cache, s.repo, &s.err) == EW_OK,
		    "a repository: %s", s.err.msg))
		for (unsigned levels = 0; levels < 4; levels++)
			for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i += 1 + i / 3)
				test_collection(&s, (unsigned)sizes[i], levels);
	ew_cache_free(s.cache);
	ew_repo_free(s.repo);
	sample_remove_dir(s.dir);
	ew_hash_free(hash);
	return tap_done();
}
