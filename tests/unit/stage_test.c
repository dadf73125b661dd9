/* SPDX-License-Identifier: Apache-2.0 */
/* stage.h: few objects, many, and more than one pack holds; git counts and judges them. */
#include "repo/stage.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

enum { PACK_MOST = 1 << 20 };

struct fixture {
	char dir[64];
	struct ew_repo *repo;
	struct ew_stage *stage;
	struct ew_err err;
};

static void
open_stage(struct fixture *x)
{
	ew_err_clear(&x->err);
	is_int(ew_stage_open(&x->stage, x->repo, &x->err), EW_OK, "a stage opens");
}

static enum ew_code
keep(struct fixture *x)
{
	enum ew_code rc = ew_stage_keep(x->stage, &x->err);

	ew_stage_free(x->stage);
	x->stage = NULL;
	return rc;
}

/* A line by its number, like others so that it is stored as what differs. */
static int
write_line(char text[128], unsigned n)
{
	return snprintf(text, 128, "this line, which is much like others, has the number %u and ends here\n", n);
}

static struct ew_oid
add_line(struct fixture *x, unsigned n)
{
	char text[128];
	const int len = write_line(text, n);
	struct ew_oid oid = { { 0 } };

	if (ew_stage_add(&oid, x->stage, EW_BLOB, ew_str_n(text, (size_t)len), &x->err) != EW_OK)
		ok(false, "line %u is added: %s", n, x->err.msg);
	return oid;
}

/* How many of the lines [from, to) the stage has. */
static unsigned
count_lines(struct fixture *x, unsigned from, unsigned to, unsigned step)
{
	struct ew_buf bytes = { 0 };
	unsigned good = 0;

	for (unsigned n = from; n < to; n += step) {
		char text[128];
		const int len = write_line(text, n);
		const struct ew_str want = ew_str_n(text, (size_t)len);
		const struct ew_oid oid = ew_object_oid(ew_repo_hash(x->repo), EW_BLOB, want);

		ew_buf_clear(&bytes);
		good += ew_stage_read_blob(&bytes, x->stage, &oid, &x->err) == EW_OK &&
			ew_str_eq(ew_buf_str(&bytes), want);
	}
	ew_buf_release(&bytes);
	return good;
}

static int
git(const struct fixture *x, const char *command)
{
	return sample_run(x->dir, "git -c core.fsync=none %s", command);
}

static void
test_few(struct fixture *x)
{
	struct ew_oid a, b;

	open_stage(x);
	for (unsigned n = 0; n < 40; n++)
		a = add_line(x, n);
	b = add_line(x, 39);
	ok(ew_oid_eq(&a, &b), "an object again has its id");
	is_int(count_lines(x, 0, 40, 1), 40, "all are read");
	is_int(git(x, "count-objects >log && grep -q '^0 ' log"), 0, "git sees none");
	is_int(keep(x), EW_OK, "they are kept");
	is_int(git(x, "count-objects >log && grep -q '^40 ' log"), 0, "as loose objects");
	open_stage(x);
	is_int(count_lines(x, 0, 40, 1), 40, "what the repository has is read, too");
	add_line(x, 99);
	ew_stage_free(x->stage);
	is_int(git(x, "count-objects >log && grep -q '^40 ' log"), 0, "what is not kept is not there");
}

static void
test_many(struct fixture *x)
{
	open_stage(x);
	for (unsigned n = 100; n < 3100; n++)
		add_line(x, n);
	add_line(x, 100);
	is_int(count_lines(x, 0, 40, 1) + count_lines(x, 100, 3100, 1), 3040, "all are read");
	is_int(git(x, "count-objects -v >log && grep -qx 'in-pack: 0' log"), 0, "git sees none");
	is_int(keep(x), EW_OK, "they are kept");
	is_int(git(x, "count-objects -v >log && grep -qx 'in-pack: 3000' log && grep -qx 'packs: 1' log"), 0,
		"in a pack, each once");
	is_int(git(x, "fsck --strict --no-dangling 2>log"), 0, "git finds them sound");
}

/* A tree of two entries, the second of which is `blob`. */
static void
tree_of(struct ew_buf *out, const struct ew_oid *first, const struct ew_oid *blob)
{
	ew_buf_clear(out);
	ew_buf_adds(out, "100644 a");
	ew_buf_addc(out, '\0');
	ew_buf_addmem(out, first->b, sizeof first->b);
	ew_buf_adds(out, "100644 b");
	ew_buf_addc(out, '\0');
	ew_buf_addmem(out, blob->b, sizeof blob->b);
}

/* Trees, each a version of the one before, where a pack is full; the last one's id. */
static struct ew_oid
add_trees(struct fixture *x, unsigned from, unsigned to)
{
	const struct ew_oid first = add_line(x, 0);
	struct ew_buf was = { 0 }, now = { 0 };
	struct ew_oid before = { { 0 } }, tree = { { 0 } };
	bool good = true;

	for (unsigned n = from; good && n < to; n++) {
		const struct ew_oid blob = add_line(x, n);

		tree_of(&now, &first, &blob);
		good = ew_stage_add_tree(&tree, x->stage, ew_buf_str(&now), &before, ew_buf_str(&was),
			       &x->err) == EW_OK;
		before = tree;
		ew_buf_clear(&was);
		ew_buf_add(&was, ew_buf_str(&now));
	}
	ok(good, "trees are added: %s", x->err.msg);
	ew_buf_release(&was);
	ew_buf_release(&now);
	return tree;
}

static void
test_more_than_a_pack(struct fixture *x)
{
	struct ew_oid tree;
	char hex[EW_OID_HEX + 1];
	size_t removed = 0;

	open_stage(x);
	for (unsigned n = 0; n < PACK_MOST - 50; n++)
		add_line(x, n);
	is_int(sample_run(x->dir, "test $(ls .git/objects/pack/tmp_ellwand_* | wc -l) -eq 1"), 0, "a pack is written");
	tree = add_trees(x, PACK_MOST, PACK_MOST + 100);
	is_int(sample_run(x->dir, "test $(ls .git/objects/pack/tmp_ellwand_* | wc -l) -ge 2"), 0, "and another");
	is_int(count_lines(x, 0, PACK_MOST - 50, 1000) + count_lines(x, PACK_MOST, PACK_MOST + 100, 1),
		(PACK_MOST - 50 + 999) / 1000 + 100, "lines of both are read");
	is_int(git(x, "count-objects -v >log && grep -qx 'packs: 1' log"), 0, "git sees neither");
	is_int(keep(x), EW_OK, "they are kept");
	is_int(git(x, "count-objects -v >log && grep -qx 'packs: 3' log"), 0, "git sees both");
	ew_hex(hex, tree.b, sizeof tree.b);
	is_int(sample_run(x->dir, "git cat-file -p %s:b | grep -q ' number %u ' ", hex, PACK_MOST + 99), 0,
		"and reads the last tree");
	open_stage(x);
	add_line(x, 1);
	is_int(sample_run(x->dir, "touch .git/objects/pack/tmp_ellwand_a .git/objects/tmp_ellwand_b"), 0, "a crash");
	ok(ew_stage_sweep(&removed, x->repo, &x->err) == EW_OK && removed == 2, "is cleared");
	ew_stage_free(x->stage);
}

int
main(void)
{
	struct fixture x = { 0 };

	if (!sample_dir(x.dir) || ew_repo_init(x.dir, &x.err) != EW_OK ||
	    ew_repo_open(&x.repo, x.dir, &x.err) != EW_OK)
		return 1;
	test_few(&x);
	test_many(&x);
	test_more_than_a_pack(&x);
	ew_repo_free(x.repo);
	sample_remove_dir(x.dir);
	return tap_done();
}
