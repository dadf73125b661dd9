/* SPDX-License-Identifier: Apache-2.0 */
/* odb.h and ew_repo_read(): objects that git changes, packs anew, or that are damaged. */
#include "repo/repo.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <libdeflate.h>
#include <pthread.h>

enum { BLOBS = 300, THREADS = 4 };

struct fixture {
	char dir[64];
	struct ew_hash *hash;
	struct ew_repo *repo;
};

#define MEND "; fetch the store again, or restore it from a copy"

/* A line of text by its number, as git has it too. */
static struct ew_oid
oid_of(const struct fixture *x, unsigned n)
{
	char text[32];
	const int len = snprintf(text, sizeof text, "line %u\n", n);

	return ew_object_oid(x->hash, EW_BLOB, ew_str_n(text, (size_t)len));
}

static int
git(const struct fixture *x, const char *command)
{
	return sample_run(x->dir, "git -c core.fsync=none %s", command);
}

/* Lines [from, to) as loose objects. */
static void
add(const struct fixture *x, unsigned from, unsigned to)
{
	if (sample_run(x->dir, "rm -rf w && mkdir w && for i in $(seq %u %u); do echo line $i >w/$i; done && "
		"git -c core.fsync=none hash-object -w w/*", from, to - 1) != 0)
		ok(false, "lines are added");
}

/* "ok", or what is said of it. */
static struct ew_str
read_as(struct ew_buf *out, const struct fixture *x, const struct ew_oid *oid, enum ew_object_type type)
{
	struct ew_err err = { 0 };

	ew_buf_clear(out);
	if (ew_repo_read(out, x->repo, oid, type, &err) == EW_OK)
		return EW_LIT("ok");
	ok(out->len == 0, "what fails adds nothing");
	ew_buf_clear(out);
	ew_buf_addf(out, "%d %s", err.code, err.msg);
	return ew_buf_str(out);
}

static unsigned
count_good(const struct fixture *x, unsigned from, unsigned to)
{
	struct ew_buf bytes = { 0 };
	unsigned good = 0;

	for (unsigned n = from; n < to; n++) {
		const struct ew_oid oid = oid_of(x, n);
		enum ew_object_type type;
		struct ew_err err = { 0 };

		good += ew_str_is(read_as(&bytes, x, &oid, EW_BLOB), "ok") &&
			ew_repo_type(&type, x->repo, &oid, &err) == EW_OK && type == EW_BLOB;
	}
	ew_buf_release(&bytes);
	return good;
}

/* What is said of a line; %s in `want` stands for its id. */
static void
is_told(const struct fixture *x, unsigned n, enum ew_object_type type, const char *before,
	const char *after, const char *title)
{
	const struct ew_oid oid = oid_of(x, n);
	struct ew_buf got = { 0 }, want = { 0 };
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, oid.b, sizeof oid.b);
	ew_buf_addf(&want, "%s%s%s", before, after ? hex : "", after ? after : "");
	is_str(read_as(&got, x, &oid, type), want.p, "%s", title);
	ew_buf_release(&got);
	ew_buf_release(&want);
}

static void
reopen(struct fixture *x)
{
	struct ew_err err = { 0 };

	ew_repo_free(x->repo);
	x->repo = NULL;
	if (ew_repo_open(&x->repo, x->dir, &err) != EW_OK)
		ok(false, "the repository opens: %s", err.msg);
}

/* --- loose objects --- */

static void
test_loose(struct fixture *x)
{
	struct ew_oid none = { { 0 } };
	enum ew_object_type type;
	struct ew_err err = { 0 };

	add(x, 0, 20);
	is_int(count_good(x, 0, 20), 20, "loose objects are read");
	is_told(x, 3, EW_TREE, "8 object ", " is of another type than its place says" MEND, "a loose blob is no tree");
	is_told(x, 999, EW_BLOB, "8 object ", " is missing" MEND, "what is not there is missing");
	is_int(ew_repo_type(&type, x->repo, &none, &err), EW_NOTFOUND, "and has no type");
	is_str(ew_str(err.msg), "0000000000000000000000000000000000000000: there is no such object", "it is told");
}

/* In place of a file, keeping the old one's bytes in `old`. */
static void
replace(struct ew_buf *old, const char *path, struct ew_str bytes)
{
	struct ew_err err = { 0 };

	ew_buf_clear(old);
	if (ew_file_read(old, path, 0, &err) != EW_OK || ew_file_replace(path, bytes, &err) != EW_OK)
		ok(false, "%s", err.msg);
}

static void
loose_path(char path[128], const struct fixture *x, unsigned n)
{
	const struct ew_oid oid = oid_of(x, n);
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, oid.b, sizeof oid.b);
	snprintf(path, 128, "%s/.git/objects/%.2s/%s", x->dir, hex, hex + 2);
}

/* A line's loose file holds these bytes. */
static void
spoil(const struct fixture *x, unsigned n, struct ew_str bytes, const char *how, const char *title)
{
	struct ew_buf old = { 0 }, new = { 0 };
	char path[128];

	loose_path(path, x, n);
	replace(&old, path, bytes);
	is_told(x, n, EW_BLOB, "8 object ", how, title);
	replace(&new, path, ew_buf_str(&old));
	is_told(x, n, EW_BLOB, "ok", NULL, "and it is whole again");
	ew_buf_release(&old);
	ew_buf_release(&new);
}

/* The same of what they compress to. */
static void
spoil_zlib(const struct fixture *x, unsigned n, struct ew_str bytes, const char *how, const char *title)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(1);
	const size_t bound = libdeflate_zlib_compress_bound(c, bytes.len);
	struct ew_buf zlib = { 0 };
	char *to = ew_buf_room(&zlib, bound);

	if (!to)
		abort();
	zlib.len = libdeflate_zlib_compress(c, bytes.p, bytes.len, to, bound);
	spoil(x, n, ew_buf_str(&zlib), how, title);
	ew_buf_release(&zlib);
	libdeflate_free_compressor(c);
}

static void
test_spoilt(struct fixture *x)
{
	static const char damaged[] = " is damaged" MEND, large[] = " is larger than the format allows" MEND;
	enum { MUCH = 2000000 };
	struct ew_buf file = { 0 }, much = { 0 };
	struct ew_err err = { 0 };
	char path[128], *to;

	loose_path(path, x, 5);
	if (ew_file_read(&file, path, 0, &err) != EW_OK)
		ok(false, "%s", err.msg);
	spoil(x, 5, EW_LIT(""), damaged, "an empty file");
	spoil(x, 5, ew_str_part(ew_buf_str(&file), 0, file.len - 1), damaged, "a file cut short");
	ew_buf_addc(&file, 'x');
	spoil(x, 5, ew_buf_str(&file), damaged, "a byte behind it");
	spoil(x, 5, EW_LIT("blob 7\0line 5\n"), damaged, "no zlib stream");
	spoil_zlib(x, 5, EW_LIT("blob 7\0line 6\n"), damaged, "another line");
	spoil_zlib(x, 5, EW_LIT("blob 8\0line 5\n"), damaged, "another size");
	spoil_zlib(x, 5, EW_LIT("blub 7\0line 5\n"), damaged, "another word");
	spoil_zlib(x, 5, EW_LIT("blob7\0line 5\n"), damaged, "a word alone");
	spoil_zlib(x, 5, EW_LIT("blob 7line 5\n"), damaged, "no end of the header");
	spoil_zlib(x, 5, EW_LIT(""), damaged, "nothing at all");
	ew_buf_addf(&much, "blob %d", MUCH);
	ew_buf_addc(&much, '\0');
	if (!(to = ew_buf_room(&much, MUCH)))
		abort();
	memset(to, 0, MUCH);
	much.len += MUCH;
	spoil_zlib(x, 5, ew_buf_str(&much), large, "2 MB of zeros");
	if (ew_random((unsigned char *)much.p + 13, MUCH, &err) != EW_OK)
		ok(false, "%s", err.msg);
	spoil_zlib(x, 5, ew_buf_str(&much), large, "2 MB of noise");
	ew_buf_release(&file);
	ew_buf_release(&much);
}

/* --- packs --- */

static void
test_packs(struct fixture *x)
{
	struct ew_err err = { 0 };

	add(x, 20, BLOBS);
	is_int(count_good(x, 0, BLOBS), BLOBS, "objects that were added since are read");
	/* What no reference leads to is packed when it is named. */
	is_int(sample_run(x->dir, "git cat-file --batch-all-objects --batch-check='%%(objectname)' >ids && "
		"git pack-objects -q .git/objects/pack/pack <ids && git prune-packed"), 0,
		"git packs them");
	is_int(count_good(x, 0, BLOBS), BLOBS, "packed behind the reader's back they are read");
	is_int(ew_packs_count(ew_odb_packs(ew_repo_odb(x->repo))), 1, "from the pack");
	is_int(git(x, "repack -q -a -d -k -f --depth=3"), 0, "git packs them again");
	is_int(count_good(x, 0, BLOBS), BLOBS, "from a pack that is gone they are read");
	is_int(ew_repo_refresh(x->repo, &err), EW_OK, "the reader looks again");
	is_int(count_good(x, 0, BLOBS), BLOBS, "and reads them from the new one");
	add(x, BLOBS, BLOBS + 50);
	is_int(git(x, "repack -q -a -d -k"), 0, "git packs more, and deletes what there was");
	is_int(count_good(x, 0, BLOBS + 50), BLOBS + 50, "all are read");
	is_int(ew_packs_count(ew_odb_packs(ew_repo_odb(x->repo))), 1, "from the one pack there is");
	is_told(x, 3, EW_TREE, "8 object ", " is of another type than its place says" MEND, "a packed blob is no tree");
	is_told(x, 999, EW_BLOB, "8 object ", " is missing" MEND, "what is not there is missing");
}

struct worker {
	pthread_t thread;
	const struct fixture *x;
	struct ew_packs *packs;
	const struct ew_place *place;
	const struct ew_oid *oid;
	unsigned good;
};

static void *
work(void *user)
{
	struct worker *w = user;
	struct ew_odb *odb;
	struct ew_buf bytes = { 0 };
	struct ew_err err = { 0 };

	if (ew_odb_open(&odb, w->packs, &err) != EW_OK)
		return NULL;
	for (unsigned i = 0; i < BLOBS; i++) {
		ew_buf_clear(&bytes);
		w->good += ew_odb_read_at(&bytes, odb, &w->place[i], &w->oid[w->place[i].index], EW_BLOB,
				   &err) == EW_OK &&
			   ew_str_starts(ew_buf_str(&bytes), "line ");
	}
	ew_buf_release(&bytes);
	ew_odb_free(odb);
	return NULL;
}

static void
test_order(struct fixture *x)
{
	struct ew_packs *packs = ew_packs_hold(ew_odb_packs(ew_repo_odb(x->repo)));
	struct ew_oid oid[BLOBS + 1];
	struct ew_place place[BLOBS + 1];
	struct worker worker[THREADS];
	unsigned rising = 1, known = 0, good = 0;
	bool seen[BLOBS + 1] = { false };

	for (unsigned n = 0; n < BLOBS; n++)
		oid[n] = oid_of(x, n);
	oid[BLOBS] = oid_of(x, 999);
	ew_packs_order(place, packs, oid, BLOBS + 1);
	for (unsigned i = 1; i < BLOBS; i++)
		rising += place[i].offset > place[i - 1].offset;
	for (unsigned i = 0; i <= BLOBS; i++)
		seen[place[i].index] = true;
	for (unsigned i = 0; i <= BLOBS; i++)
		known += seen[i];
	is_int(rising, BLOBS, "places rise");
	is_int(known, BLOBS + 1, "each object has one");
	ok(!place[BLOBS].pack && place[BLOBS].index == BLOBS, "what is in no pack comes last");
	is_int(git(x, "repack -q -a -d -k -f --window=0"), 0, "git packs anew");
	reopen(x);
	for (unsigned i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){ .x = x, .packs = packs, .place = place, .oid = oid };
		if (pthread_create(&worker[i].thread, NULL, work, &worker[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(worker[i].thread, NULL);
		good += worker[i].good;
	}
	is_int(good, THREADS * BLOBS, "threads read what is held, though its file is gone");
	ew_packs_free(packs);
}

/* --- damaged packs --- */

/* The pack's path without its ending. */
static void
pack_path(char path[256], const struct fixture *x)
{
	const struct ew_packs *p = ew_odb_packs(ew_repo_odb(x->repo));
	const struct ew_str full = ew_str(ew_packs_count(p) ? ew_packfile_path(ew_packs_at(p, 0)) : ".....");

	snprintf(path, 256, "%.*s", EW_FMT(ew_str_part(full, 0, full.len - 5)));
}

static void
test_damaged(struct fixture *x)
{
	char path[256], told[512];
	enum ew_object_type type;
	struct ew_err err = { 0 };
	const struct ew_oid oid = oid_of(x, 3);

	reopen(x);
	pack_path(path, x);
	is_int(sample_run(x->dir, "chmod u+w %s.* && cp %s.idx i && cp %s.pack p", path, path, path), 0, "a copy");
	is_int(sample_run(x->dir, "printf x | dd of=%s.idx bs=1 seek=40 conv=notrunc", path), 0, "a bad index");
	reopen(x);
	snprintf(told, sizeof told,
		"8 %s.pack: its index is damaged, or not of version 2; make it again with git index-pack", path);
	is_told(x, 3, EW_BLOB, told, NULL, "is named when an object is not found");
	is_int(ew_repo_type(&type, x->repo, &oid, &err), EW_CORRUPT, "also for a type");
	is_int(sample_run(x->dir, "rm %s.idx && git index-pack %s.pack", path, path), 0, "it is made again");
	is_int(count_good(x, 0, BLOBS), BLOBS, "and all are read, without opening anew");

	is_int(sample_run(x->dir, "chmod u+w %s.idx && printf xxxxxxxxxxxxxxxxxxxxxxxx | dd of=%s.idx bs=1 "
		"seek=2000 conv=notrunc", path, path), 0, "an index with other ids");
	reopen(x);
	snprintf(told, sizeof told, "8 %s.pack: its index is damaged; make it again with git index-pack", path);
	ok(count_good(x, 0, BLOBS) >= BLOBS - 3, "hides no others");
	is_told(x, 999, EW_BLOB, told, NULL, "is named when an object is not found");
	is_int(sample_run(x->dir, "cp -f i %s.idx && head -c 2000 p >%s.pack", path, path), 0, "half a pack");
	reopen(x);
	snprintf(told, sizeof told, "8 %s.pack: it is damaged, or its index is another's" MEND, path);
	is_told(x, 3, EW_BLOB, told, NULL, "is named when an object is not found");
	is_int(sample_run(x->dir, "cp -f p %s.pack", path), 0, "it is restored");
	reopen(x);
	is_int(count_good(x, 0, BLOBS), BLOBS, "and all are read");
}

/* An index that sends each object to its neighbour: found, whole, and another. */
static void
test_exchanged(struct fixture *x)
{
	struct ew_packs *packs = ew_odb_packs(ew_repo_odb(x->repo));
	const size_t n = ew_packfile_count(ew_packs_at(packs, 0)), at = 8 + 4 * 256 + 24 * n;
	struct ew_buf old = { 0 }, new = { 0 }, said = { 0 };
	char path[256], index[300];
	unsigned damaged = 0;

	pack_path(path, x);
	snprintf(index, sizeof index, "%s.idx", path);
	replace(&old, index, EW_LIT(""));
	ew_buf_add(&new, ew_buf_str(&old));
	memcpy(new.p + at, old.p + at + 4, 4 * (n - 1));
	memcpy(new.p + at + 4 * (n - 1), old.p + at, 4);
	replace(&said, index, ew_buf_str(&new));
	reopen(x);
	for (unsigned i = 0; i < BLOBS; i++) {
		const struct ew_oid oid = oid_of(x, i);

		damaged += strstr(read_as(&said, x, &oid, EW_BLOB).p, " is damaged, in ") != NULL;
	}
	is_int(damaged, BLOBS, "no object is served for another");
	replace(&said, index, ew_buf_str(&old));
	reopen(x);
	ew_buf_release(&old);
	ew_buf_release(&new);
	ew_buf_release(&said);
}

/* --- a hook's objects --- */

static void
test_quarantine(struct fixture *x)
{
	char main_dir[128], other[128];
	struct ew_err err = { 0 };
	struct fixture hook = *x;

	snprintf(main_dir, sizeof main_dir, "%s/.git/objects", x->dir);
	snprintf(other, sizeof other, "%s/quarantine", x->dir);
	setenv("GIT_OBJECT_DIRECTORY", other, 1);
	setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", main_dir, 1);
	is_int(sample_run(x->dir, "mkdir -p quarantine/pack && echo line 2000 | git hash-object -w --stdin"), 0,
		"an object of a push");
	hook.repo = NULL;
	if (ew_repo_open(&hook.repo, x->dir, &err) != EW_OK)
		ok(false, "the hook opens: %s", err.msg);
	is_int(count_good(&hook, 2000, 2001), 1, "is read in a hook");
	is_int(count_good(&hook, 0, BLOBS), BLOBS, "as are those that were there");
	is_told(&hook, 2000, EW_TREE, "8 object ", " is of another type than its place says" MEND, "it is no tree");
	is_told(&hook, 999, EW_BLOB, "8 object ", " is missing" MEND, "what is not there is missing");
	ew_repo_free(hook.repo);
	unsetenv("GIT_OBJECT_DIRECTORY");
	unsetenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	is_int(count_good(x, 2000, 2001), 0, "and nowhere else");
}

int
main(void)
{
	struct fixture x = { { 0 }, NULL, NULL };
	struct ew_err err = { 0 };

	if (!sample_dir(x.dir))
		return 1;
	if (ok(ew_hash_open(&x.hash, &err) == EW_OK && ew_repo_init(x.dir, &err) == EW_OK &&
		       ew_repo_open(&x.repo, x.dir, &err) == EW_OK,
		    "a repository: %s", err.msg)) {
		test_loose(&x);
		test_spoilt(&x);
		test_packs(&x);
		test_order(&x);
		test_damaged(&x);
		test_exchanged(&x);
		test_quarantine(&x);
	}
	ew_repo_free(x.repo);
	ew_hash_free(x.hash);
	sample_remove_dir(x.dir);
	return tap_done();
}
