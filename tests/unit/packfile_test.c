/* SPDX-License-Identifier: Apache-2.0 */
/* packfile.h, unpacker.h and undelta.h: packs of git, the same spoilt, and some of no git. */
#include "repo/undelta.h"
#include "repo/unpacker.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

enum { VERSIONS = 40, FLIPS = 400 };

struct fixture {
	char dir[64];
	struct ew_hash *hash;
	struct ew_inflater *inflater;
	struct ew_unpacker *unpacker;
};

/* 40 versions of a long text, some short ones, a tree of each: what git packs as deltas, and as it is. */
static const char *const prepare =
	"git init -q --bare g && cd g && for i in $(seq 40); do "
	"{ seq 1 200; echo version $i; seq 200 $((400 + i)); } >t$i; echo $i >s$i; done && "
	"git hash-object -w t* s* >blobs && awk 'NR <= 40 { t[NR] = $1 } "
	"NR > 40 { printf \"100644 blob %s\\ts\\n100644 blob %s\\tt\\n\\n\", $1, t[NR - 40] }' blobs | "
	"git mktree --batch | cat blobs - >../ids && "
	"git pack-objects -q --window=50 --depth=50 ../ref <../ids && "
	"git pack-objects -q --window=50 --depth=50 --delta-base-offset ../ofs <../ids && "
	"git pack-objects -q --window=0 ../plain <../ids && "
	"cd .. && "
	"for k in ref ofs plain; do mkdir $k; mv $k-*.pack $k/pack-1.pack; mv $k-*.idx $k/pack-1.idx; "
	"chmod u+w $k/*; done && mkdir far && cp ofs/pack-1.pack far && "
	"git index-pack --index-version=2,0x40 -o far/pack-1.idx far/pack-1.pack";
/* The same with streams that are stored, not deflated. */
static const char *const prepare_stored =
	"git -C g config pack.compression 0 && for k in stored kin; do mkdir $k && "
	"git -C g pack-objects -q --no-reuse-object --delta-base-offset --depth=50 "
	"--window=$([ $k = kin ] && echo 50 || echo 0) ../$k <ids && "
	"mv $k-*.pack $k/pack-1.pack && mv $k-*.idx $k/pack-1.idx && chmod u+w $k/* || exit; done";

static struct ew_packfile *
open_pack(const struct fixture *x, const char *kind, struct ew_err *err)
{
	struct ew_packfile *f = NULL;
	char path[128];

	snprintf(path, sizeof path, "%s/%s/pack-1.idx", x->dir, kind);
	return ew_packfile_open(&f, path, err) == EW_OK ? f : NULL;
}

/* Reads and hashes an object; its type in *type. */
static enum ew_code
read_one(struct ew_buf *out, enum ew_object_type *type, const struct fixture *x,
	const struct ew_packfile *f, const struct ew_oid *oid, struct ew_err *err)
{
	uint64_t offset;
	struct ew_oid got;
	enum ew_code rc;

	ew_buf_clear(out);
	if (!ew_packfile_find(&offset, f, oid))
		return ew_fail(err, EW_NOTFOUND, "not in the pack");
	if ((rc = ew_unpacker_type(type, x->unpacker, f, offset, oid, err)) != EW_OK ||
	    (rc = ew_unpacker_read(out, x->unpacker, f, offset, oid, *type, err)) != EW_OK)
		return rc;
	got = ew_object_oid(x->hash, *type, ew_buf_str(out));
	return ew_oid_eq(&got, oid) ? EW_OK : ew_fail(err, EW_CORRUPT, "other bytes");
}

/* How many objects of the pack are read as they are. */
static unsigned
count_good(const struct fixture *x, const struct ew_packfile *f)
{
	struct ew_buf bytes = { 0 };
	unsigned good = 0;

	for (uint32_t i = 0; i < ew_packfile_count(f); i++) {
		const struct ew_oid oid = ew_packfile_oid(f, i);
		enum ew_object_type type;
		struct ew_err err = { 0 };

		good += read_one(&bytes, &type, x, f, &oid, &err) == EW_OK;
	}
	ew_buf_release(&bytes);
	return good;
}

/* How many entries are of this type. */
static unsigned
count_type(const struct ew_packfile *f, unsigned type)
{
	struct ew_pack_entry e;
	uint64_t offset;
	unsigned n = 0;

	for (uint32_t i = 0; i < ew_packfile_count(f); i++) {
		const struct ew_oid oid = ew_packfile_oid(f, i);

		n += ew_packfile_find(&offset, f, &oid) && ew_packfile_entry(&e, f, offset) &&
		     e.type == type;
	}
	return n;
}

/* All at once, and one that is not there: as one after the other. */
static bool
agree_together(const struct ew_packfile *f, const struct ew_oid *none)
{
	struct ew_oid oid[3 * VERSIONS + 1];
	struct ew_place place[3 * VERSIONS + 1] = { { NULL } };
	const size_t n = 3 * VERSIONS;
	bool good = true;

	for (uint32_t i = 0; i < n; i++)
		oid[i] = ew_packfile_oid(f, (uint32_t)(i * 7 % n));
	oid[n] = *none;
	place[1].pack = f; /* has a place already, which stays */
	ew_packfile_find_all(place, f, oid, n + 1);
	for (size_t i = 0; i < n && good; i++) {
		uint64_t offset = 0;

		good = i == 1 ? place[i].offset == 0
			      : ew_packfile_find(&offset, f, &oid[i]) && place[i].pack == f &&
				place[i].offset == offset;
	}
	return good && !place[n].pack;
}

static void
test_kind(const struct fixture *x, const char *kind, unsigned deltas)
{
	struct ew_err err = { 0 };
	struct ew_packfile *f = open_pack(x, kind, &err);
	struct ew_oid none = { { 7 } };
	uint64_t offset;

	if (!ok(f, "%s: opens: %s", kind, err.msg))
		return;
	is_int(ew_packfile_count(f), 3 * VERSIONS, "%s: has all objects", kind);
	is_int(count_good(x, f), 3 * VERSIONS, "%s: and each is read as it is", kind);
	is_int(count_good(x, f), 3 * VERSIONS, "%s: and again, upon bases that are kept", kind);
	ok(ew_packfile_check(f, x->hash, &err) == EW_OK, "%s: the index is sound: %s", kind, err.msg);
	ok(!ew_packfile_find(&offset, f, &none), "%s: what is not there is not found", kind);
	ok(agree_together(f, &none), "%s: many are found together", kind);
	if (deltas)
		ok(count_type(f, deltas) > VERSIONS / 2, "%s: holds deltas of its kind", kind);
	else
		is_int(count_type(f, EW_PACK_OFS_DELTA) + count_type(f, EW_PACK_REF_DELTA), 0,
			"%s: holds no delta", kind);
	ew_packfile_free(f);
}

/* --- what is refused --- */

struct bytes {
	struct ew_buf pack, index;
};

static void
load(struct bytes *b, const struct fixture *x, const char *kind)
{
	struct ew_err err = { 0 };
	char path[128];

	snprintf(path, sizeof path, "%s/%s/pack-1.pack", x->dir, kind);
	if (ew_file_read(&b->pack, path, 0, &err) != EW_OK)
		ok(false, "%s", err.msg);
	snprintf(path, sizeof path, "%s/%s/pack-1.idx", x->dir, kind);
	if (ew_file_read(&b->index, path, 0, &err) != EW_OK)
		ok(false, "%s", err.msg);
}

static void
unload(struct bytes *b)
{
	ew_buf_release(&b->pack);
	ew_buf_release(&b->index);
}

static const char damaged_index[] =
	"p: its index is damaged, or not of version 2; make it again with git index-pack";
static const char damaged_pack[] =
	"p: it is damaged, or its index is another's; fetch the store again, or restore it from a copy";

static void
refuse(struct ew_str pack, struct ew_str index, const char *want, const char *title)
{
	struct ew_err err = { 0 };
	struct ew_packfile *f;

	is_int(ew_packfile_open_bytes(&f, "p", pack, index, &err), EW_CORRUPT, "%s", title);
	is_str(ew_str(err.msg), want, "%s is named", title);
	ok(!f, "%s gives nothing", title);
}

/* With one byte of one of the files changed. */
static void
refuse_byte(struct bytes *b, struct ew_buf *which, size_t at, const char *want, const char *title)
{
	which->p[at] ^= 1;
	refuse(ew_buf_str(&b->pack), ew_buf_str(&b->index), want, title);
	which->p[at] ^= 1;
}

static void
test_refused(const struct fixture *x)
{
	struct bytes b = { { 0 }, { 0 } }, other = { { 0 }, { 0 } };
	struct ew_err err = { 0 };
	struct ew_packfile *f;
	struct ew_str pack, index;
	char path[128];

	load(&b, x, "ofs");
	load(&other, x, "plain");
	pack = ew_buf_str(&b.pack);
	index = ew_buf_str(&b.index);
	refuse(pack, ew_str_part(index, 0, 0), damaged_index, "an empty index");
	refuse(pack, ew_str_part(index, 0, index.len - 1), damaged_index, "a cut index");
	refuse(pack, ew_str_part(index, 0, 1071), damaged_index, "half of an index");
	refuse_byte(&b, &b.index, 0, damaged_index, "another magic number");
	refuse_byte(&b, &b.index, 7, damaged_index, "another version of the index");
	refuse_byte(&b, &b.index, 8 + 4 * 10, damaged_index, "counts that fall");
	refuse_byte(&b, &b.index, 8 + 4 * 255 + 3, damaged_index, "another count");
	refuse(ew_str_part(pack, 0, 0), index, damaged_pack, "an empty pack");
	refuse(ew_str_part(pack, 0, pack.len - 1), index, damaged_pack, "a cut pack");
	refuse(ew_buf_str(&other.pack), index, damaged_pack, "another pack");
	refuse_byte(&b, &b.pack, 0, damaged_pack, "no pack");
	refuse_byte(&b, &b.pack, 7, damaged_pack, "a pack of version 3");
	refuse_byte(&b, &b.pack, 11, damaged_pack, "a pack of more objects");
	refuse_byte(&b, &b.pack, pack.len - 1, damaged_pack, "another checksum");
	snprintf(path, sizeof path, "%s/none/pack-1.idx", x->dir);
	is_int(ew_packfile_open(&f, path, &err), EW_NOTFOUND, "no index");
	ew_err_clear(&err);
	ok(sample_run(x->dir, "mkdir half && cp ofs/pack-1.idx half") == 0, "an index without its pack");
	ok(!open_pack(x, "half", &err) && err.code == EW_NOTFOUND, "is not found either");
	unload(&b);
	unload(&other);
}

/*
 * A flip of a bit among the objects spoils at least one of them; but for those that mean
 * nothing, as between the end of a stream and its checksum.
 */
static void
test_flips(struct fixture *x, const char *kind)
{
	struct bytes b = { { 0 }, { 0 } };
	struct ew_err err = { 0 };
	struct ew_packfile *f;
	unsigned unseen = 0, inner;

	load(&b, x, kind);
	inner = (unsigned)b.pack.len - 12 - 20;
	for (unsigned i = 0; i < FLIPS; i++) {
		/* Bases that are kept from before would hide the flip. */
		ew_unpacker_free(x->unpacker);
		if (ew_unpacker_open(&x->unpacker, x->inflater, &err) != EW_OK)
			break;
		b.pack.p[12 + i * 7919u % inner] ^= (char)(1 << i % 8);
		if (ew_packfile_open_bytes(&f, "p", ew_buf_str(&b.pack), ew_buf_str(&b.index), &err) != EW_OK)
			break;
		unseen += count_good(x, f) == 3 * VERSIONS;
		ew_packfile_free(f);
		b.pack.p[12 + i * 7919u % inner] ^= (char)(1 << i % 8);
	}
	ok(err.code == EW_OK, "%s: %d flips: %s", kind, FLIPS, err.msg);
	ok(unseen < FLIPS / 20, "%s: all are seen but %u, which mean nothing", kind, unseen);
	unload(&b);
}

/* A flip in the index either hides an object, or spoils it, or is seen by its checksum. */
static void
test_index_flips(struct fixture *x)
{
	struct bytes b = { { 0 }, { 0 } };
	struct ew_packfile *f;
	unsigned unseen = 0;

	load(&b, x, "far");
	for (unsigned i = 0; i < FLIPS; i++) {
		const size_t at = i * 7919u % b.index.len;
		struct ew_err err = { 0 };

		b.index.p[at] ^= (char)(1 << i % 8);
		if (ew_packfile_open_bytes(&f, "p", ew_buf_str(&b.pack), ew_buf_str(&b.index), &err) == EW_OK) {
			unseen += ew_packfile_check(f, x->hash, &err) == EW_OK;
			(void)count_good(x, f);
			ew_packfile_free(f);
		}
		b.index.p[at] ^= (char)(1 << i % 8);
	}
	is_int(unseen, 0, "each flip of the index is seen");
	unload(&b);
}

/* --- packs that no git writes --- */

static void
add_stored(struct ew_buf *out, struct ew_str s)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < s.len; i++) {
		a = (a + (unsigned char)s.p[i]) % 65521;
		b = (b + a) % 65521;
	}
	ew_buf_addmem(out, "\x78\x01\x01", 3);
	ew_buf_addc(out, (char)s.len);
	ew_buf_addc(out, (char)(s.len >> 8));
	ew_buf_addc(out, (char)~s.len);
	ew_buf_addc(out, (char)(~s.len >> 8));
	ew_buf_add(out, s);
	ew_buf_addu32be(out, b << 16 | a);
}

/* One object, whose id is zero, its entry's head and its stream given; or `offset` in the index. */
static enum ew_code
read_forged(const struct fixture *x, struct ew_str head, struct ew_str zlib, uint32_t offset,
	enum ew_object_type type, struct ew_err *err)
{
	struct ew_buf pack = { 0 }, index = { 0 }, out = { 0 };
	const struct ew_oid zero = { { 0 } };
	struct ew_packfile *f;
	uint64_t at;
	enum ew_code rc;

	ew_buf_addmem(&pack, "PACK\0\0\0\2\0\0\0\1", 12);
	ew_buf_add(&pack, head);
	ew_buf_add(&pack, zlib);
	ew_buf_addmem(&pack, zero.b, 20);
	ew_buf_addmem(&index, "\377tOc\0\0\0\2", 8);
	for (unsigned i = 0; i < 256; i++)
		ew_buf_addu32be(&index, 1);
	ew_buf_addmem(&index, zero.b, 20);
	ew_buf_addu32be(&index, 0);
	ew_buf_addu32be(&index, offset);
	ew_buf_addmem(&index, zero.b, 20);
	ew_buf_addmem(&index, zero.b, 20);
	rc = ew_packfile_open_bytes(&f, "p", ew_buf_str(&pack), ew_buf_str(&index), err);
	if (rc == EW_OK && !ew_packfile_find(&at, f, &zero))
		rc = ew_fail(err, EW_NOTFOUND, "not found");
	if (rc == EW_OK)
		rc = ew_unpacker_read(&out, x->unpacker, f, at, &zero, type, err);
	ok(rc == EW_OK || out.len == 0, "what fails adds nothing");
	ew_packfile_free(f);
	ew_buf_release(&pack);
	ew_buf_release(&index);
	ew_buf_release(&out);
	return rc;
}

#define OBJECT "object 0000000000000000000000000000000000000000 is "
#define MEND "; fetch the store again, or restore it from a copy"
#define DAMAGED OBJECT "damaged, in p at 12" MEND

static void
forge(const struct fixture *x, struct ew_str head, struct ew_str zlib, enum ew_object_type type,
	const char *want, const char *title)
{
	struct ew_err err = { 0 };

	is_int(read_forged(x, head, zlib, 12, type, &err), *want ? EW_CORRUPT : EW_OK, "%s", title);
	is_str(ew_str(err.msg), want, "%s: is told", title);
}

static void
test_forged(const struct fixture *x)
{
	struct ew_buf abc = { 0 };
	struct ew_err err = { 0 };
	struct ew_str z, ref = EW_LIT("\x73\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");

	add_stored(&abc, EW_LIT("abc"));
	z = ew_buf_str(&abc);
	forge(x, EW_LIT("\x33"), z, EW_BLOB, "", "a blob of 3 bytes");
	forge(x, EW_LIT("\xb3\0"), z, EW_BLOB, "", "its size on two bytes");
	forge(x, EW_LIT("\x33"), z, EW_TREE, OBJECT "of another type than its place says" MEND, "no tree");
	forge(x, EW_LIT("\x34"), z, EW_BLOB, DAMAGED, "a size too large");
	forge(x, EW_LIT("\x32"), z, EW_BLOB, DAMAGED, "a size too small");
	forge(x, EW_LIT("\x33"), ew_str_part(z, 0, z.len - 1), EW_BLOB, DAMAGED, "a stream cut short");
	forge(x, EW_LIT("\x33"), EW_LIT(""), EW_BLOB, DAMAGED, "no stream");
	forge(x, EW_LIT("\x03"), z, EW_BLOB, DAMAGED, "type 0");
	forge(x, EW_LIT("\x53"), z, EW_BLOB, DAMAGED, "type 5");
	forge(x, EW_LIT("\xb1\x80\x80\x80\x02"), z, EW_BLOB, OBJECT "larger than the format allows" MEND,
		"4 MiB, which is not inflated");
	forge(x, EW_LIT("\xa1\x80\x80\x80\x02"), z, EW_TREE, DAMAGED, "4 MiB that 14 bytes cannot hold");
	forge(x, EW_LIT("\xb3\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), z, EW_BLOB, DAMAGED,
		"a size of more than 64 bits");
	forge(x, EW_LIT("\xb3\xff\xff"), EW_LIT(""), EW_BLOB, DAMAGED, "a size without end");
	forge(x, EW_LIT("\x63\x01"), z, EW_BLOB, DAMAGED, "a base before the objects");
	forge(x, EW_LIT("\x63\x7f"), z, EW_BLOB, DAMAGED, "a base before the pack");
	forge(x, EW_LIT("\x63\0"), z, EW_BLOB, DAMAGED, "a delta upon itself");
	forge(x, EW_LIT("\x63\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), z, EW_BLOB, DAMAGED,
		"a distance of more than 64 bits");
	forge(x, ref, z, EW_BLOB, DAMAGED, "a delta upon its own id, for ever");
	forge(x, ew_str_part(ref, 0, 20), EW_LIT(""), EW_BLOB, DAMAGED, "half the id of a base");
	forge(x, EW_LIT("\x73\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), z, EW_BLOB, DAMAGED,
		"a base that is not there");
	is_int(read_forged(x, EW_LIT("\x33"), z, 11, EW_BLOB, &err), EW_CORRUPT, "an offset in the header");
	ew_err_clear(&err);
	is_int(read_forged(x, EW_LIT("\x33"), z, 13 + 14, EW_BLOB, &err), EW_CORRUPT, "one in the checksum");
	ew_err_clear(&err);
	is_int(read_forged(x, EW_LIT("\x33"), z, 0x80000000u, EW_BLOB, &err), EW_CORRUPT,
		"one in a table that is not there");
	ew_buf_release(&abc);
}

/* --- deltas --- */

static void
undelta(struct ew_str delta, const char *want, const char *title)
{
	struct ew_undelta d;
	char to[64];
	const bool good = ew_undelta_init(&d, delta) && d.size <= sizeof to &&
			  ew_undelta_apply(to, &d, EW_LIT("0123456789"));

	if (!want)
		ok(!good, "a delta is refused: %s", title);
	else if (ok(good, "a delta is undone: %s", title))
		is_str(ew_str_n(to, (size_t)d.size), want, "and says what it says: %s", title);
}

static void
test_undelta(void)
{
	undelta(EW_LIT("\x0a\x03\x03xyz"), "xyz", "bytes of its own");
	undelta(EW_LIT("\x0a\x04\x91\x03\x04"), "3456", "a copy");
	undelta(EW_LIT("\x0a\x06\x90\x02\x01-\x91\x07\x03"), "01-789", "both");
	undelta(EW_LIT("\x8a\x00\x83\x80\x00\x03xyz"), "xyz", "sizes on more bytes");
	undelta(EW_LIT("\x0a\x00"), "", "an empty object");
	undelta(EW_LIT(""), NULL, "no sizes");
	undelta(EW_LIT("\x0a"), NULL, "one size");
	undelta(EW_LIT("\x8a"), NULL, "half a size");
	undelta(EW_LIT("\x0b\x03\x03xyz"), NULL, "of a larger base");
	undelta(EW_LIT("\x0a\x04\x03xyz"), NULL, "too few bytes");
	undelta(EW_LIT("\x0a\x02\x03xyz"), NULL, "too many bytes");
	undelta(EW_LIT("\x0a\x03\x03xy"), NULL, "bytes that are not there");
	undelta(EW_LIT("\x0a\x03\x00\x03xyz"), NULL, "step 0");
	undelta(EW_LIT("\x0a\x04\x91\x07\x04"), NULL, "a copy past the end");
	undelta(EW_LIT("\x0a\x04\x91\x0b\x04"), NULL, "a copy from past the end");
	undelta(EW_LIT("\x0a\x03\x91\x03\x04"), NULL, "a copy of too much");
	undelta(EW_LIT("\x0a\x04\x91\x03"), NULL, "half a copy");
	undelta(EW_LIT("\x0a\x04\x80"), NULL, "a copy of 64 KiB");
	undelta(EW_LIT("\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), NULL, "a size of 71 bits");
}

int
main(void)
{
	struct fixture x = { { 0 }, NULL, NULL, NULL };
	struct ew_err err = { 0 };

	if (!sample_dir(x.dir))
		return 1;
	if (ok(ew_hash_open(&x.hash, &err) == EW_OK && ew_inflater_open(&x.inflater, &err) == EW_OK &&
		       ew_unpacker_open(&x.unpacker, x.inflater, &err) == EW_OK,
		    "a reader: %s", err.msg) &&
	    ok(sample_run(x.dir, "%s", prepare) == 0 && sample_run(x.dir, "%s", prepare_stored) == 0, "git makes packs")) {
		test_kind(&x, "ref", EW_PACK_REF_DELTA);
		test_kind(&x, "ofs", EW_PACK_OFS_DELTA);
		test_kind(&x, "far", EW_PACK_OFS_DELTA);
		test_kind(&x, "plain", 0);
		test_kind(&x, "stored", 0);
		test_kind(&x, "kin", EW_PACK_OFS_DELTA);
		test_refused(&x);
		test_flips(&x, "ofs");
		test_flips(&x, "ref");
		test_flips(&x, "plain");
		test_flips(&x, "stored");
		test_flips(&x, "kin");
		test_index_flips(&x);
	}
	test_forged(&x);
	test_undelta();
	ew_unpacker_free(x.unpacker);
	ew_inflater_free(x.inflater);
	ew_hash_free(x.hash);
	sample_remove_dir(x.dir);
	return tap_done();
}
