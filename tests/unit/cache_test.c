/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/cache.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"


struct store {
	char dir[64];
	struct ew_repo *repo;
	struct ew_cache *cache;
};

static void
reopen(struct store *s)
{
	struct ew_err err = { 0 };

	ew_cache_free(s->cache);
	if (ew_cache_open(&s->cache, s->repo, &err) != EW_OK)
		ok(false, "the cache opens: %s", err.msg);
}

static struct ew_oid
tree(unsigned n)
{
	struct ew_oid oid = { { 0 } };

	oid.b[0] = (unsigned char)(n * 7);
	oid.b[18] = (unsigned char)(n >> 8);
	oid.b[19] = (unsigned char)n;
	return oid;
}

static struct ew_trie
trie(unsigned n)
{
	struct ew_trie t = { .count = 1000000000000u + n };

	memset(t.records.b, (int)(n % 251), 32);
	memset(t.answers.b, (int)(n % 239), 32);
	return t;
}

static void
put(struct store *s, unsigned from, unsigned to)
{
	struct ew_err err = { 0 };

	for (unsigned n = from; n < to; n++) {
		struct ew_oid key = tree(n);
		struct ew_trie value = trie(n);

		if (ew_cache_put(s->cache, &key, n % 3, &value, &err) != EW_OK)
			ok(false, "put: %s", err.msg);
	}
}

/* How many of these the cache knows; -1 if it says something else of one. */
static int
known(const struct store *s, unsigned from, unsigned to)
{
	int found = 0;

	for (unsigned n = from; n < to; n++) {
		struct ew_oid key = tree(n);
		struct ew_trie want = trie(n), got;

		if (ew_cache_get(&got, s->cache, &key, n % 3 + 1))
			return -1; /* known at a level where it is not */
		if (!ew_cache_get(&got, s->cache, &key, n % 3))
			continue;
		if (memcmp(&got, &want, sizeof got) != 0)
			return -1;
		found++;
	}
	return found;
}

static void
test_saving(struct store *s)
{
	reopen(s);
	is_int(known(s, 0, 10), 0, "a new cache knows nothing");
	ew_cache_save(s->cache);
	is_int(sample_run(s->dir, "test -e .git/ellwand"), 1, "and writes nothing");
	put(s, 0, 300);
	put(s, 0, 300);
	is_int(known(s, 0, 400), 300, "what was put is known before it is saved");
	reopen(s);
	is_int(known(s, 0, 400), 0, "what was not saved is gone");
	put(s, 0, 300);
	ew_cache_save(s->cache);
	is_int(known(s, 0, 400), 300, "it is known after it is saved");
	reopen(s);
	is_int(known(s, 0, 400), 300, "and when it is opened again");
	put(s, 300, 310);
	ew_cache_save(s->cache);
	put(s, 300, 320);
	ew_cache_save(s->cache);
	reopen(s);
	is_int(known(s, 0, 400), 320, "more is saved beside it");
}

static void
test_two(struct store *s)
{
	struct store other = *s;

	other.cache = NULL;
	reopen(&other);
	put(s, 400, 450);
	put(&other, 420, 480);
	ew_cache_save(s->cache);
	ew_cache_save(other.cache);
	ew_cache_free(other.cache);
	reopen(s);
	is_int(known(s, 400, 480), 80, "what two processes save is all there");
}

static void
test_damage(struct store *s)
{
	is_int(sample_run(s->dir, "cd .git/ellwand && for f in tries-*.run; do chmod u+w $f && "
		"printf x | dd of=$f bs=1 seek=300 conv=notrunc; done"), 0, "each file is damaged");
	reopen(s);
	ok(known(s, 0, 480) >= 0, "what a damaged cache says is right");
	put(s, 0, 480);
	ew_cache_save(s->cache);
	reopen(s);
	is_int(known(s, 0, 480), 480, "what is saved again is there again");
	is_int(sample_run(s->dir, "rm -rf .git/ellwand"), 0, "all is deleted");
	reopen(s);
	is_int(known(s, 0, 480), 0, "and forgotten");
	is_int(sample_run(s->dir, "echo >.git/ellwand"), 0, "a file stands in its place");
	put(s, 0, 5);
	ew_cache_save(s->cache);
	is_int(known(s, 0, 10), 5, "what cannot be saved is kept in memory");
}

int
main(void)
{
	struct store s = { { 0 }, NULL, NULL };
	struct ew_err err = { 0 };

	if (!sample_dir(s.dir))
		return 1;
	if (ok(ew_repo_init(s.dir, &err) == EW_OK && ew_repo_open(&s.repo, s.dir, &err) == EW_OK,
		    "a repository: %s", err.msg)) {
		test_saving(&s);
		test_two(&s);
		test_damage(&s);
	}
	ew_cache_free(s.cache);
	ew_repo_free(s.repo);
	sample_remove_dir(s.dir);
	return tap_done();
}
