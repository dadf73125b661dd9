/* SPDX-License-Identifier: Apache-2.0 */
/* pack.h, packindex.h and the stored streams of deflate.h; git judges what was made. */
#include "repo/deflate.h"
#include "repo/gitobject.h"
#include "repo/inflate.h"
#include "repo/kin.h"
#include "repo/pack.h"
#include "repo/packindex.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <fcntl.h>

struct fixture {
	char dir[64];
	char packs[96]; /* objects/pack */
	struct ew_hash *hash;
};

/* --- stored streams --- */

static void
test_stored(void)
{
	static const size_t sizes[] = { 0, 1, 65534, 65535, 65536, 131070, 200000 };
	struct ew_inflater *inflater = NULL;
	struct ew_buf bytes = { 0 }, zlib = { 0 };
	struct ew_err err = { 0 };
	char *back = malloc(200001);

	if (!back || ew_inflater_open(&inflater, &err) != EW_OK)
		abort();
	while (bytes.len < 200000)
		ew_buf_addu32be(&bytes, (uint32_t)(bytes.len * 2654435761u));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const struct ew_str part = ew_str_part(ew_buf_str(&bytes), 0, sizes[i]);
		size_t n = 9;

		ew_buf_clear(&zlib);
		ew_deflate_stored(&zlib, part);
		ok(ew_inflater_whole(inflater, back, 200001, &n, ew_buf_str(&zlib)) == EW_INFLATE_DONE &&
			ew_str_eq(ew_str_n(back, n), part), "%zu bytes come back", sizes[i]);
	}
	ew_inflater_free(inflater);
	ew_buf_release(&bytes);
	ew_buf_release(&zlib);
	free(back);
}

/* --- indexes --- */

static void
test_far_offsets(const struct fixture *x)
{
	enum { N = 500 };
	static struct ew_oid oid[N];
	static struct ew_packed packed[N];
	const struct ew_oid sum = { { 7 } };
	struct ew_buf pack = { 0 };
	struct ew_mapped map = { { NULL, 0 } };
	struct ew_packfile *f = NULL;
	struct ew_err err = { 0 };
	char path[128];
	unsigned good = 0;
	int fd;

	for (unsigned i = 0; i < N; i++) {
		char text[16];
		const int len = snprintf(text, sizeof text, "%u", i);

		oid[i] = ew_object_oid(x->hash, EW_BLOB, ew_str_n(text, (size_t)len));
		/* Some whose first bytes are the same. */
		if (i % 3 == 0)
			oid[i].b[0] = oid[i].b[1] = 77;
		packed[i] = (struct ew_packed){ .offset = (uint64_t)i * 0x1000000 + 12, .crc = i };
	}
	snprintf(path, sizeof path, "%s/far", x->dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	is_int(ew_packindex_write(fd, path, x->hash, oid, packed, N, &sum, &err), EW_OK, "an index is written");
	close(fd);
	ew_buf_adds(&pack, "PACK");
	ew_buf_addu32be(&pack, 2);
	ew_buf_addu32be(&pack, N);
	ew_buf_addmem(&pack, sum.b, sizeof sum.b);
	if (ew_file_map(&map, path, &err) == EW_OK &&
	    ew_packfile_open_bytes(&f, "far", ew_buf_str(&pack), map.bytes, &err) == EW_OK)
		for (unsigned i = 0; i < N; i++) {
			uint64_t at = 0;

			good += ew_packfile_find(&at, f, &oid[i]) && at == packed[i].offset;
		}
	is_int(good, N, "each object is where it says, before 2 GiB and behind");
	ok(f && ew_packfile_check(f, x->hash, &err) == EW_OK, "its checksum is right");
	fd = open("/dev/full", O_WRONLY);
	is_int(ew_packindex_write(fd, "full", x->hash, oid, packed, N, &sum, &err), EW_IO,
		"a full disk is said to be one");
	is_str(ew_str(err.msg), "full: cannot write: No space left on device", "in these words");
	close(fd);
	ew_packfile_free(f);
	ew_file_unmap(&map);
	ew_buf_release(&pack);
}

/* --- packs --- */

/* A text by its number: mostly small, one empty, some of several blocks. */
static void
text_of(struct ew_buf *out, unsigned n)
{
	ew_buf_clear(out);
	for (unsigned i = 0; n && i <= (n % 500 == 77 ? 30000u : n % 40); i++)
		ew_buf_addf(out, "%u %u\n", n, i);
}

enum { TEXTS = 3000 };

static enum ew_code
add(struct ew_pack *p, const struct fixture *x, struct ew_oidtable *ids, enum ew_object_type type,
	struct ew_str bytes, struct ew_err *err)
{
	const struct ew_oid oid = ew_object_oid(x->hash, type, bytes);
	enum ew_code rc = ew_oidtable_add(ids, &oid, err);

	return rc == EW_OK ? ew_pack_add(p, type, EW_PACK_NO_BASE, bytes, err) : rc;
}

/* A pack with all texts in it, many as deltas; NULL when it fails. */
static struct ew_pack *
filled(const struct fixture *x, struct ew_oidtable *ids, struct ew_err *err)
{
	struct ew_pack *p = NULL;
	struct ew_kin *kin = NULL;
	struct ew_buf text = { 0 };
	enum ew_code rc = ew_pack_open(&p, x->packs, err);

	if (rc == EW_OK)
		rc = ew_kin_open(&kin, err);
	for (unsigned n = 0; rc == EW_OK && n < TEXTS; n++) {
		size_t base = EW_PACK_NO_BASE;
		struct ew_str stored;
		struct ew_oid oid;

		text_of(&text, n);
		oid = ew_object_oid(x->hash, EW_BLOB, ew_buf_str(&text));
		stored = ew_kin_add(&base, kin, EW_BLOB, n, ew_buf_str(&text));
		if ((rc = ew_oidtable_add(ids, &oid, err)) == EW_OK)
			rc = ew_pack_add(p, EW_BLOB, base, stored, err);
	}
	ew_kin_free(kin);
	ew_buf_release(&text);
	ok(rc == EW_OK, "a pack is filled: %s", err->msg);
	return p;
}

static unsigned
count_read(struct ew_pack *p)
{
	struct ew_buf got = { 0 }, want = { 0 };
	struct ew_err err = { 0 };
	unsigned good = 0;

	for (unsigned n = 0; n < TEXTS; n++) {
		ew_buf_clear(&got);
		text_of(&want, n);
		good += ew_pack_read(&got, p, n, &err) == EW_OK &&
			ew_str_eq(ew_buf_str(&got), ew_buf_str(&want));
	}
	ew_buf_release(&got);
	ew_buf_release(&want);
	return good;
}

static unsigned
count_found(const struct fixture *x, struct ew_pack *p)
{
	struct ew_buf got = { 0 }, want = { 0 };
	struct ew_err err = { 0 };
	unsigned good = 0;
	bool found;

	for (unsigned n = 0; n < TEXTS; n++) {
		struct ew_oid oid;

		ew_buf_clear(&got);
		text_of(&want, n);
		oid = ew_object_oid(x->hash, EW_BLOB, ew_buf_str(&want));
		good += ew_pack_find(&got, &found, p, &oid, &err) == EW_OK && found &&
			ew_str_eq(ew_buf_str(&got), ew_buf_str(&want));
		oid.b[3] ^= 1;
		good -= ew_pack_find(&got, &found, p, &oid, &err) != EW_OK || found;
	}
	ew_buf_release(&got);
	ew_buf_release(&want);
	return good;
}

static void
test_reading(const struct fixture *x)
{
	struct ew_oidtable ids = { 0 };
	struct ew_err err = { 0 };
	struct ew_pack *p = filled(x, &ids, &err);

	is_int(count_read(p), TEXTS, "every object is read before the end, by its number");
	ok(ew_pack_end(p, &ids, &err) == EW_OK && !ids.oid && ids.count == 0, "the ids are taken");
	is_int(count_found(x, p), TEXTS, "after the end by its id");
	is_int(ew_pack_finish(p, &err), EW_OK, "it is finished");
	is_int(ew_pack_finish(p, &err), EW_OK, "once");
	is_int(count_found(x, p), TEXTS, "then, too");
	is_int(ew_packfile_count(ew_pack_file(p)), TEXTS, "its file can be looked at");
	is_int(sample_run(x->packs, "test $(ls | wc -l) -eq 2 && ls tmp_ellwand_* >../ls"), 0,
		"there are two temporary files");
	ew_pack_free(p);
	is_int(sample_run(x->packs, "test -z \"$(ls)\""), 0, "which go, if it is not kept");
}

static void
test_given_up(const struct fixture *x)
{
	struct ew_oidtable ids = { 0 };
	struct ew_err err = { 0 };
	struct ew_pack *p = filled(x, &ids, &err);

	ew_pack_free(p);
	ew_oidtable_release(&ids);
	p = filled(x, &ids, &err);
	is_int(ew_pack_end(p, &ids, &err), EW_OK, "a pack ends");
	ew_pack_free(p);
	is_int(sample_run(x->packs, "test -z \"$(ls)\""), 0, "given up before and after, nothing is left");
}

/* A tree of one entry. */
static void
tree_of(struct ew_buf *out, const struct ew_oid *blob, char name)
{
	ew_buf_addf(out, "100644 %c", name);
	ew_buf_addc(out, '\0');
	ew_buf_addmem(out, blob->b, sizeof blob->b);
}

/* Beside the texts a chain of trees and a commit, so that git can walk through them. */
static void
test_git(const struct fixture *x)
{
	/* Copies nothing, inserts 29 bytes: a delta need not be small. */
	struct ew_buf tree = { 0 }, delta = { 0 }, commit = { 0 }, text = { 0 };
	struct ew_oidtable ids = { 0 };
	struct ew_err err = { 0 };
	struct ew_oid oid;
	struct ew_pack *p = filled(x, &ids, &err);
	char hex[2][EW_OID_HEX + 1];

	text_of(&text, 5);
	oid = ew_object_oid(x->hash, EW_BLOB, ew_buf_str(&text));
	tree_of(&tree, &oid, 'a');
	ok(add(p, x, &ids, EW_TREE, ew_buf_str(&tree), &err) == EW_OK, "a tree");
	ew_buf_addc(&delta, (char)tree.len);
	ew_buf_clear(&tree);
	text_of(&text, 77);
	oid = ew_object_oid(x->hash, EW_BLOB, ew_buf_str(&text));
	tree_of(&tree, &oid, 'b');
	ew_buf_addc(&delta, (char)tree.len);
	ew_buf_addc(&delta, (char)tree.len);
	ew_buf_add(&delta, ew_buf_str(&tree));
	oid = ew_object_oid(x->hash, EW_TREE, ew_buf_str(&tree));
	ok(ew_oidtable_add(&ids, &oid, &err) == EW_OK &&
		ew_pack_add(p, EW_TREE, TEXTS, ew_buf_str(&delta), &err) == EW_OK, "another as its delta");
	ew_hex(hex[0], oid.b, sizeof oid.b);
	ew_buf_addf(&commit, "tree %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nwhy\n", hex[0]);
	oid = ew_object_oid(x->hash, EW_COMMIT, ew_buf_str(&commit));
	ew_hex(hex[1], oid.b, sizeof oid.b);
	ok(add(p, x, &ids, EW_COMMIT, ew_buf_str(&commit), &err) == EW_OK, "a commit");
	ok(ew_pack_end(p, &ids, &err) == EW_OK && ew_pack_finish(p, &err) == EW_OK, "the pack is finished");
	is_int(sample_run(x->dir, "git cat-file -e %s 2>log", hex[1]), 1, "git does not see it");
	is_int(ew_pack_keep(p, &err), EW_OK, "it is kept: %s", err.msg);
	is_int(count_found(x, p), TEXTS, "it can still be read");
	ew_pack_free(p);
	is_int(sample_run(x->packs, "test \"$(ls | sed 's/-[0-9a-f]*\\././')\" = 'pack.idx\npack.pack'"), 0,
		"nothing but the pack and its index is there");
	is_int(sample_run(x->dir, "git verify-pack objects/pack/pack-*.idx"), 0, "git verifies both");
	is_int(sample_run(x->dir, "cp objects/pack/pack-*.pack p && git index-pack --strict -o i p >log && "
		"cmp i objects/pack/pack-*.idx"), 0, "git makes the same index");
	is_int(sample_run(x->dir, "git update-ref refs/heads/main %s && git fsck --strict --no-dangling >log 2>&1 && "
		"git cat-file -p main:b | head -1 | grep -qx '77 0'", hex[1]), 0, "and finds its way");
	ew_buf_release(&tree);
	ew_buf_release(&delta);
	ew_buf_release(&commit);
	ew_buf_release(&text);
}

/* What is said when a pack's file is spoilt, by the command, before the pack ends. */
static void
is_told(const struct fixture *x, const char *command, enum ew_code code, const char *words)
{
	struct ew_oidtable ids = { 0 };
	struct ew_err err = { 0 };
	struct ew_pack *p = filled(x, &ids, &err);
	const char *said;
	enum ew_code rc;

	is_int(sample_run(x->packs, "%s", command), 0, "%s", command);
	if ((rc = ew_pack_end(p, &ids, &err)) == EW_OK)
		rc = ew_pack_finish(p, &err);
	is_int(rc, code, "is found");
	said = strstr(err.msg, ": ");
	is_str(ew_str(said), words, "and said");
	ew_pack_free(p);
	ew_oidtable_release(&ids);
}

static void
test_spoilt(const struct fixture *x)
{
	is_told(x, "printf x | dd of=$(echo tmp_*) bs=1 seek=100000 conv=notrunc 2>/dev/null", EW_IO,
		": does not read back as it was written; is the disk sound?");
	is_told(x, "printf x | dd of=$(echo tmp_*) bs=1 seek=300 conv=notrunc 2>/dev/null", EW_IO,
		": does not read back as it was written; is the disk sound?");
	is_told(x, "rm tmp_*", EW_NOTFOUND, ": cannot open: No such file or directory");
	is_int(sample_run(x->packs, "rm -f tmp_*"), 0, "all is cleared");
}

int
main(void)
{
	struct fixture x = { 0 };
	struct ew_err err = { 0 };

	if (!sample_dir(x.dir) || ew_hash_open(&x.hash, &err) != EW_OK)
		return 1;
	snprintf(x.packs, sizeof x.packs, "%s/objects/pack", x.dir);
	is_int(sample_run(x.dir, "git init -q --bare ."), 0, "a repository");
	test_stored();
	test_far_offsets(&x);
	test_reading(&x);
	test_given_up(&x);
	test_spoilt(&x);
	test_git(&x);
	ew_hash_free(x.hash);
	sample_remove_dir(x.dir);
	return tap_done();
}
