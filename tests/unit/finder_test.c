/* SPDX-License-Identifier: Apache-2.0 */
/* finder.h: what a collection finds, of every fan-out, and trees that are none of a collection. */
#include "repo/finder.h"

#include "model/manifest.h"
#include "repo/collection.h"
#include "repo/treefile.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

enum { RECORDS = 1200, ASKED = 1300, MOST = 1 << 20, FEW = 1 << 13 };

struct store {
	char dir[64];
	struct ew_repo *repo;
	struct ew_err err;
};

/* Ids of all sorts: some begin as others do, some are written otherwise in a name. */
static struct ew_str
id_of(struct ew_buf *b, int i)
{
	static const char *const before[] = { "id-", "id-", "ID/", "\xc3\xa4", "-" };
	static const char *const after[] = { "", ".", "", "", "" };

	ew_buf_clear(b);
	ew_buf_addf(b, "%s%d%s", before[i % 5], i / 5, after[i % 5]);
	return ew_buf_str(b);
}

static struct ew_oid
tree_of(struct store *s, unsigned levels)
{
	struct ew_collection *c = NULL;
	struct ew_stage *stage = NULL;
	struct ew_oid root = { { 0 } }, blob = { { 7 } };
	struct ew_buf id = { 0 };
	enum ew_code rc = ew_stage_open(&stage, s->repo, &s->err);

	if (rc == EW_OK)
		rc = ew_collection_open(&c, s->repo, NULL, &root, levels, &s->err);
	for (int i = 0; i < RECORDS && rc == EW_OK; i++) {
		blob.b[1] = (unsigned char)i;
		blob.b[2] = (unsigned char)(i >> 8);
		rc = ew_collection_put(c, id_of(&id, i), &blob, (struct ew_str){ NULL, 0 }, &s->err);
	}
	if (rc == EW_OK && (rc = ew_collection_write(&root, c, stage, &s->err)) == EW_OK)
		rc = ew_stage_keep(stage, &s->err);
	ok(rc == EW_OK, "a collection of %u levels: %s", levels, s->err.msg);
	ew_buf_release(&id);
	ew_collection_free(c);
	ew_stage_free(stage);
	return root;
}

static void
test_levels(struct store *s, unsigned levels, size_t most)
{
	const struct ew_oid root = tree_of(s, levels);
	struct ew_finder *f = NULL;
	struct ew_buf id = { 0 };
	unsigned good = 0, right;

	ok(ew_finder_open(&f, s->repo, &root, levels, most, &s->err) == EW_OK, "a finder of it");
	for (int k = 0; k < 2 * ASKED; k++) {
		const int i = k % ASKED;
		struct ew_oid blob;
		bool found;

		if (ew_finder_find(&blob, &found, f, id_of(&id, i), &s->err) != EW_OK)
			break;
		right = found && blob.b[0] == 7 && blob.b[1] == (i & 255) && blob.b[2] == i >> 8;
		good += i < RECORDS ? right : !found;
	}
	ok(good == 2 * ASKED, "%u levels, %zu bytes: each is found, others are not, again too: %s",
		levels, most, s->err.msg);
	ew_buf_release(&id);
	ew_finder_free(f);
}

static void
test_empty(struct store *s)
{
	const struct ew_oid none = { { 0 } };
	struct ew_finder *f = NULL;
	struct ew_oid blob;
	bool found = true;

	ok(ew_finder_open(&f, s->repo, &none, 2, MOST, &s->err) == EW_OK &&
			ew_finder_find(&blob, &found, f, EW_LIT("id"), &s->err) == EW_OK && !found,
		"nothing is found where nothing is");
	ew_finder_free(f);
}

/* A tree of one item, which is not read. */
static enum ew_code
write_tree(struct ew_oid *root, struct store *s, bool folder, const char *name)
{
	const struct ew_oid none = { { 0 } }, item = { { 7 } };
	struct ew_stage *stage = NULL;
	struct ew_buf tree = { 0 };
	enum ew_code rc = ew_stage_open(&stage, s->repo, &s->err);

	ew_tree_add(&tree, folder, ew_str(name), &item);
	if (rc == EW_OK && (rc = ew_stage_add_tree(root, stage, ew_buf_str(&tree), &none,
				    (struct ew_str){ NULL, 0 }, &s->err)) == EW_OK)
		rc = ew_stage_keep(stage, &s->err);
	ew_stage_free(stage);
	ew_buf_release(&tree);
	return rc;
}

static void
test_hostile(struct store *s, unsigned levels, bool folder, const char *name, const char *why)
{
	struct ew_finder *f = NULL;
	struct ew_oid root, blob;
	bool found = true;

	if (ok(write_tree(&root, s, folder, name) == EW_OK &&
			    ew_finder_open(&f, s->repo, &root, levels, MOST, &s->err) == EW_OK,
		    "a tree: %s", s->err.msg))
		ok(ew_finder_find(&blob, &found, f, EW_LIT("id"), &s->err) == EW_CORRUPT &&
				strstr(s->err.msg, why) && !found,
			"%s on level 0 of %u: %s", name, levels, s->err.msg);
	ew_err_clear(&s->err);
	ew_finder_free(f);
}

static void
test_missing(struct store *s)
{
	struct ew_oid root;
	struct ew_finder *f = NULL;
	struct ew_oid blob;
	bool found = true;

	memset(root.b, 0x5a, sizeof root.b);
	ok(ew_finder_open(&f, s->repo, &root, 1, MOST, &s->err) == EW_OK &&
			ew_finder_find(&blob, &found, f, EW_LIT("id"), &s->err) == EW_CORRUPT && !found &&
			strstr(s->err.msg, "object 5a5a5a5a") && strstr(s->err.msg, "missing"),
		"a tree that is missing: %s", s->err.msg);
	ew_err_clear(&s->err);
	ew_finder_free(f);
}

int
main(void)
{
	struct store s = { .repo = NULL };

	if (!sample_dir(s.dir))
		return 1;
	if (ok(ew_repo_init(s.dir, &s.err) == EW_OK &&
			    ew_repo_open(&s.repo, s.dir, &s.err) == EW_OK,
		    "a repository: %s", s.err.msg)) {
		for (unsigned levels = 0; levels <= EW_FANOUT_MAX; levels += levels < 3 ? 1 : 5) /* 0 to 3, 8 */
			test_levels(&s, levels, MOST);
		test_levels(&s, 2, FEW);
		test_empty(&s);
		test_hostile(&s, 1, false, "a", "has no place there");
		test_hostile(&s, 1, true, "aa", "has no place there");
		test_hostile(&s, 0, true, "id.json", "has no place there");
		test_hostile(&s, 0, false, "a/b", "no name for a file");
		test_missing(&s);
	}
	ew_repo_free(s.repo);
	sample_remove_dir(s.dir);
	return tap_done();
}
