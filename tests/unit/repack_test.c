/* SPDX-License-Identifier: Apache-2.0 */
/* repack.h: packs become smaller and hold what they held; git judges them. */
#include "repo/deflate.h"
#include "repo/delta.h"
#include "repo/pack.h"
#include "repo/repack.h"
#include "repo/stage.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

enum { TEXTS = 1200 };

struct fixture {
	char dir[64];
	struct ew_repo *repo;
};

static int
sh(const struct fixture *x, const char *command)
{
	return sample_run(x->dir,
		"packs() { git count-objects -v | sed -n 's/^size-pack: //p'; }; "
		"all() { git cat-file --batch-all-objects --batch | cksum; }; cd .git/objects/pack || exit; %s",
		command);
}

/* Records that are alike, and of each tenth a long text. */
static void
write_text(struct ew_buf *out, unsigned n)
{
	ew_buf_clear(out);
	ew_buf_addf(out, "{\"id\":\"q/%u\",\"state\":\"computable\",\"value\":\"%u\",\"text\":\"", n, n * 7919);
	for (unsigned i = 0; n % 10 == 0 && i < 300; i++)
		ew_buf_addf(out, "word %u and word %u; ", n / 50 * i % 977, i * i % 89);
	ew_buf_adds(out, "\"}\n");
}

/* A pack of texts, the last of a tree that holds one of them, as the stage makes it. */
static void
make_pack(struct fixture *x, unsigned from)
{
	struct ew_stage *stage = NULL;
	struct ew_buf text = { 0 };
	struct ew_err err = { 0 };
	struct ew_oid oid;
	enum ew_code rc = ew_stage_open(&stage, x->repo, &err);

	for (unsigned n = from; rc == EW_OK && n < from + TEXTS; n++) {
		write_text(&text, n);
		rc = ew_stage_add(&oid, stage, EW_BLOB, ew_buf_str(&text), &err);
	}
	ew_buf_clear(&text);
	ew_buf_adds(&text, "100644 t");
	ew_buf_addc(&text, '\0');
	ew_buf_addmem(&text, oid.b, sizeof oid.b);
	if (rc == EW_OK && (rc = ew_stage_add(&oid, stage, EW_TREE, ew_buf_str(&text), &err)) == EW_OK)
		rc = ew_stage_keep(stage, &err);
	ok(rc == EW_OK, "a pack is made: %s", err.msg);
	ew_stage_free(stage);
	ew_buf_release(&text);
}

static void
start_anew(struct fixture *x)
{
	struct ew_err err = { 0 };

	ew_repo_free(x->repo);
	x->repo = NULL;
	if (sample_run(x->dir, "rm -rf .git") != 0 || ew_repo_init(x->dir, &err) != EW_OK ||
	    ew_repo_open(&x->repo, x->dir, &err) != EW_OK)
		ok(false, "a repository: %s", err.msg);
}

static void
is_repacked(struct fixture *x, size_t want, const char *title)
{
	struct ew_err err = { 0 };
	size_t packs = 99;

	is_int(ew_repack(&packs, x->repo, NULL, &err), EW_OK, "%s %s", title, err.msg);
	is_int(packs, want, "%zu packs", want);
}

static void
test_smaller(struct fixture *x)
{
	start_anew(x);
	is_repacked(x, 0, "nothing to repack");
	make_pack(x, 0);
	make_pack(x, TEXTS);
	is_int(sh(x, "all >../../all; packs >../../size; ls *.pack >../../old"), 0, "git reads two packs");
	is_repacked(x, 2, "both are repacked");
	is_int(sh(x, "all | cmp - ../../all"), 0, "the objects are the same");
	is_int(sh(x, "test $(($(packs) * 2)) -lt $(cat ../../size)"), 0, "in less than half the room");
	is_int(sh(x, "test $(ls | wc -l) -eq 4 && ! ls $(cat ../../old) 2>/dev/null"), 0, "the old packs are gone");
	is_int(sh(x, "for i in *.idx; do git verify-pack $i || exit; git index-pack --strict -o ../../i ${i%idx}pack "
		"&& cmp ../../i $i || exit; done >/dev/null && git fsck --strict --no-dangling"), 0, "git finds them sound");
	is_repacked(x, 0, "a second time there is nothing to do");
}

/* Bytes of a text, from a set of packs that is held. */
static bool
reads(struct fixture *x, struct ew_packs *packs, unsigned n)
{
	struct ew_odb *odb = NULL;
	struct ew_buf text = { 0 }, got = { 0 };
	struct ew_place place;
	struct ew_err err = { 0 };
	struct ew_oid oid;
	size_t first = 0;
	bool good;

	write_text(&text, n);
	oid = ew_object_oid(ew_repo_hash(x->repo), EW_BLOB, ew_buf_str(&text));
	good = ew_packs_find(&place, packs, &oid, &first) && ew_odb_open(&odb, packs, &err) == EW_OK &&
	       ew_odb_read_at(&got, odb, &place, &oid, EW_BLOB, &err) == EW_OK &&
	       ew_str_eq(ew_buf_str(&got), ew_buf_str(&text));
	ew_odb_free(odb);
	ew_buf_release(&text);
	ew_buf_release(&got);
	return good;
}

static void
test_reader(struct fixture *x)
{
	struct ew_packs *packs;
	struct ew_buf got = { 0 };
	struct ew_err err = { 0 };
	struct ew_oid oid;

	start_anew(x);
	make_pack(x, 0);
	packs = ew_packs_hold(ew_odb_packs(ew_repo_odb(x->repo)));
	is_repacked(x, 1, "a reader has the pack open");
	ok(reads(x, packs, 10) && reads(x, packs, 1100), "and goes on reading");
	write_text(&got, 700);
	oid = ew_object_oid(ew_repo_hash(x->repo), EW_BLOB, ew_buf_str(&got));
	is_int(ew_repo_read(&got, x->repo, &oid, EW_BLOB, &err), EW_OK, "the repository reads the new one %s", err.msg);
	ew_packs_free(packs);
	ew_buf_release(&got);
}

/* A commit of the one tree there is. */
#define COMMIT                                                                                    \
	"git -c user.name=a -c user.email=a commit-tree -m m $(git cat-file --batch-all-objects "  \
	"--batch-check | awk '$2 == \"tree\" { print $1 }')"

/* Packs that git made of these, with streams that are stored still. */
static void
test_gits(struct fixture *x)
{
	start_anew(x);
	make_pack(x, 0);
	is_int(sh(x, "git update-ref refs/heads/main $(" COMMIT ")"), 0, "a commit");
	is_int(sh(x, "all >../../all; git cat-file --batch-all-objects --batch-check='%(objectname)' >../../ids; "
		"for p in *.pack; do mv $p ../../p; rm -f ${p%pack}idx; git unpack-objects -q <../../p; done"), 0,
		"all is loose");
	is_int(sh(x, "git -c core.compression=0 pack-objects -q --window=20 pack <../../ids && git prune-packed && "
		"git verify-pack -v *.idx | grep -q 'chain length = 1'"), 0, "git packs it with deltas by id");
	is_repacked(x, 1, "they are repacked");
	is_int(sh(x, "all | cmp - ../../all && git fsck --strict --no-dangling"), 0, "the objects are the same");
	is_repacked(x, 0, "once");
	is_int(sh(x, "git repack -q -a -d -k -f"), 0, "git packs anew");
	is_repacked(x, 0, "what git compressed stays");
}

/* Deltas that name their bases by id, before them, as in a thin pack that was completed. */
static void
test_by_id(struct fixture *x)
{
	struct ew_hash *hash;
	struct ew_buf base = { 0 }, text = { 0 }, delta = { 0 }, stream = { 0 }, dir = { 0 };
	struct ew_oidtable ids = { 0 };
	struct ew_pack *p = NULL;
	struct ew_err err = { 0 };
	struct ew_oid oid[2];
	enum ew_code rc;

	start_anew(x);
	hash = ew_repo_hash(x->repo);
	write_text(&base, 10);
	write_text(&text, 20);
	oid[0] = ew_object_oid(hash, EW_BLOB, ew_buf_str(&text));
	oid[1] = ew_object_oid(hash, EW_BLOB, ew_buf_str(&base));
	ew_delta_write(&delta, ew_buf_str(&base), ew_buf_str(&text));
	ew_buf_addmem(&stream, oid[1].b, sizeof oid[1].b);
	ew_deflate_stored(&stream, ew_buf_str(&delta));
	ew_buf_addf(&dir, "%s/objects/pack", ew_repo_path(x->repo));
	if ((rc = ew_oidtable_add(&ids, &oid[0], &err)) == EW_OK &&
	    (rc = ew_oidtable_add(&ids, &oid[1], &err)) == EW_OK &&
	    (rc = ew_pack_open(&p, dir.p, &err)) == EW_OK &&
	    (rc = ew_pack_add_stream(p, EW_PACK_REF_DELTA, EW_PACK_NO_BASE, delta.len, ew_buf_str(&stream),
		     &err)) == EW_OK &&
	    (rc = ew_pack_add(p, EW_BLOB, EW_PACK_NO_BASE, ew_buf_str(&base), &err)) == EW_OK &&
	    (rc = ew_pack_end(p, &ids, &err)) == EW_OK && (rc = ew_pack_finish(p, &err)) == EW_OK)
		rc = ew_pack_keep(p, &err);
	ew_pack_free(p);
	is_int(rc, EW_OK, "a pack with a delta by id before its base %s", err.msg);
	is_int(sh(x, "git verify-pack *.idx && all >../../all"), 0, "git reads it");
	is_repacked(x, 1, "it is repacked");
	is_int(sh(x, "all | cmp - ../../all && git verify-pack *.idx"), 0, "the objects are the same");
	ew_buf_release(&base);
	ew_buf_release(&text);
	ew_buf_release(&delta);
	ew_buf_release(&stream);
	ew_buf_release(&dir);
}

static void
test_left_alone(struct fixture *x)
{
	start_anew(x);
	make_pack(x, 0);
	is_int(sh(x, "git multi-pack-index write && for p in *.pack; do touch ${p%pack}keep; done"), 0,
		"a pack that is to be kept");
	is_repacked(x, 0, "is left alone");
	is_int(sh(x, "test -f multi-pack-index && rm *.keep"), 0, "as the index over packs");
	is_repacked(x, 1, "until it need not be kept");
	is_int(sh(x, "! test -e multi-pack-index && git fsck --strict --no-dangling"), 0,
		"then the index goes that names what is gone");
}

static int
give_up(void *user, const char *step, uint64_t done, uint64_t total)
{
	unsigned *left = user;

	(void)step;
	(void)done;
	(void)total;
	return (*left)-- == 0;
}

static void
test_given_up(struct fixture *x)
{
	unsigned left = 0;
	const struct ew_progress progress = { give_up, &left };
	struct ew_err err = { 0 };
	size_t packs;

	start_anew(x);
	make_pack(x, 0);
	is_int(sh(x, "ls >../../before"), 0, "a pack");
	is_int(ew_repack(&packs, x->repo, &progress, &err), EW_INTERRUPTED, "the user gives up");
	is_str(ew_str(err.msg), "compressing: interrupted; nothing was written", "it is said");
	is_int(sh(x, "ls | cmp - ../../before"), 0, "nothing changed");
}

/* What is said of a pack after the command. */
static void
is_refused(struct fixture *x, const char *command, const char *words)
{
	struct ew_err err = { 0 };
	size_t packs;

	start_anew(x);
	make_pack(x, 0);
	is_int(sh(x, command), 0, "%s", command);
	is_int(sh(x, "cat * | cksum >../../before"), 0, "what there is");
	is_int(ew_repack(&packs, x->repo, NULL, &err), EW_CORRUPT, "a damaged pack is found");
	ok(strncmp(err.msg, "object ", 7) == 0 && strstr(err.msg, words), "and its object named: %s", err.msg);
	is_int(sh(x, "cat * | cksum | cmp - ../../before"), 0, "the pack stays as it is");
}

static void
test_damaged(struct fixture *x)
{
	is_refused(x, "chmod u+w *.pack; printf x | dd of=$(echo *.pack) bs=1 seek=40000 conv=notrunc 2>/dev/null",
		" is damaged, in ");
	is_refused(x, "chmod u+w *.pack; printf x | dd of=$(echo *.pack) bs=1 seek=200 conv=notrunc 2>/dev/null",
		" is damaged, in ");
}

int
main(void)
{
	struct fixture x = { 0 };

	if (!sample_dir(x.dir))
		return 1;
	test_smaller(&x);
	test_reader(&x);
	test_gits(&x);
	test_by_id(&x);
	test_left_alone(&x);
	test_given_up(&x);
	test_damaged(&x);
	ew_repo_free(x.repo);
	sample_remove_dir(x.dir);
	return tap_done();
}
