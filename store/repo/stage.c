/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/stage.h"

#include "base/fileset.h"
#include "repo/deflate.h"
#include "repo/delta.h"
#include "repo/kin.h"
#include "repo/oidtable.h"
#include "repo/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOSE_MOST = 40,  /* more objects than this become a pack */
	PACK_MOST = 1 << 20, /* more than this another one: what is known of each is kept in memory */
	CHAIN_MOST = 32,  /* deltas one upon another: what reading the last one may cost */
	CHECK_EVERY = 64, /* of a pack's objects, how many are looked up again */
	CACHE_AGE = 60,   /* seconds after which nobody is still saving one */
};

/* An object in memory. */
struct held {
	enum ew_object_type type;
	struct ew_str bytes;
};

struct ew_stage {
	struct ew_repo *repo;
	struct ew_deflate *deflate; /* of loose objects */
	struct ew_pack **full;      /* packs that have ended */
	size_t fulls, room;
	struct ew_pack *pack;       /* NULL: there is none, or all are full */
	struct ew_kin *kin;         /* of the pack */
	struct ew_oidtable table;   /* of what is held, or of the pack by number */
	struct ew_oid last;
	struct held held[LOOSE_MOST];
	unsigned char *chain; /* how many deltas an object rests on, by number */
	size_t chains;
	struct ew_buf scratch;
	struct ew_arena contents; /* of what is held */
	struct ew_err failure;    /* the first: it is of no more use then */
};

enum ew_code
ew_stage_open(struct ew_stage **out, struct ew_repo *repo, struct ew_err *err)
{
	struct ew_stage *s = calloc(1, sizeof *s);
	enum ew_code rc;

	*out = NULL;
	if (!s)
		return ew_fail_nomem(err);
	s->repo = repo;
	if ((rc = ew_deflate_open(&s->deflate, err)) != EW_OK) {
		ew_stage_free(s);
		return rc;
	}
	*out = s;
	return EW_OK;
}

void
ew_stage_free(struct ew_stage *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->fulls; i++)
		ew_pack_free(s->full[i]);
	free(s->full);
	ew_pack_free(s->pack);
	ew_kin_free(s->kin);
	ew_deflate_free(s->deflate);
	ew_oidtable_release(&s->table);
	ew_buf_release(&s->scratch);
	ew_arena_release(&s->contents);
	free(s->chain);
	free(s);
}

/* Few objects, and no pack. */
static bool
all_held(const struct ew_stage *s)
{
	return !s->pack && s->fulls == 0;
}

/* Trees are no kin: what they say of others is ids. */
static enum ew_code
add_like(struct ew_stage *s, enum ew_object_type type, size_t number, struct ew_str bytes,
	struct ew_err *err)
{
	size_t base = EW_PACK_NO_BASE;

	if (type != EW_TREE)
		bytes = ew_kin_add(&base, s->kin, (unsigned)type, number, bytes);
	return ew_pack_add(s->pack, (unsigned)type, base, bytes, err);
}

/* There are many objects: move those that are held to a pack, where the rest will follow. */
static enum ew_code
start_pack(struct ew_stage *s, struct ew_err *err)
{
	struct ew_buf dir = { 0 };
	enum ew_code rc;

	ew_buf_addf(&dir, "%s/objects/pack", ew_repo_path(s->repo));
	if ((rc = ew_buf_check(&dir, err)) == EW_OK)
		rc = ew_pack_open(&s->pack, dir.p, err);
	if (rc == EW_OK)
		rc = ew_kin_open(&s->kin, err);
	ew_buf_release(&dir);
	for (size_t i = 0; rc == EW_OK && i < s->table.count; i++)
		rc = add_like(s, s->held[i].type, i, s->held[i].bytes, err);
	ew_arena_release(&s->contents);
	return rc;
}

/* The pack has no more objects, and from now on no place in the table. */
static enum ew_code
end_pack(struct ew_stage *s, struct ew_err *err)
{
	enum ew_code rc;

	/* So that no more than one has its memory still, and that a full disk is found early. */
	if (s->fulls && (rc = ew_pack_finish(s->full[s->fulls - 1], err)) != EW_OK)
		return rc;
	if (s->fulls == s->room) {
		const size_t room = s->room ? s->room * 2 : 16;
		struct ew_pack **more = realloc(s->full, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		s->full = more;
		s->room = room;
	}
	rc = ew_pack_end(s->pack, &s->table, err);
	s->full[s->fulls++] = s->pack;
	s->pack = NULL;
	ew_kin_free(s->kin);
	s->kin = NULL;
	if (s->chains)
		memset(s->chain, 0, s->chains);
	return rc;
}

static enum ew_code
hold(struct ew_stage *s, enum ew_object_type type, struct ew_str bytes, struct ew_err *err)
{
	struct held *h = &s->held[s->table.count - 1];

	h->type = type;
	h->bytes = ew_arena_str(&s->contents, bytes);
	return h->bytes.p ? EW_OK : ew_fail_nomem(err);
}

/* *there if an object is in the table already, else it has the next number. */
static enum ew_code
number(bool *there, struct ew_stage *s, const struct ew_oid *oid, struct ew_err *err)
{
	size_t n;
	enum ew_code rc;

	*there = ew_oidtable_find(&n, &s->table, oid);
	if (*there)
		return EW_OK;
	s->last = *oid;
	if (s->table.count == PACK_MOST && (rc = end_pack(s, err)) != EW_OK)
		return rc;
	if (!s->pack && (s->fulls || s->table.count == LOOSE_MOST) &&
	    (rc = start_pack(s, err)) != EW_OK)
		return rc;
	return ew_oidtable_add(&s->table, oid, err);
}

static enum ew_code
add(struct ew_stage *s, const struct ew_oid *oid, enum ew_object_type type, struct ew_str bytes,
	struct ew_err *err)
{
	bool there;
	enum ew_code rc = number(&there, s, oid, err);

	if (rc != EW_OK || there)
		return rc;
	if (!s->pack)
		return hold(s, type, bytes, err);
	return add_like(s, type, s->table.count - 1, bytes, err);
}

void
ew_stage_expect(const struct ew_stage *s, const struct ew_oid *oid)
{
	ew_oidtable_expect(&s->table, oid);
}

/* Where the chain length of an object is kept. */
static enum ew_code
chain_at(unsigned char **out, struct ew_stage *s, size_t n, struct ew_err *err)
{
	if (n >= s->chains) {
		size_t chains = n + n / 2 + 1024;
		unsigned char *more = realloc(s->chain, chains);

		if (!more)
			return ew_fail_nomem(err);
		memset(more + s->chains, 0, chains - s->chains);
		s->chain = more;
		s->chains = chains;
	}
	*out = &s->chain[n];
	return EW_OK;
}

static enum ew_code
add_tree(struct ew_stage *s, const struct ew_oid *oid, struct ew_str bytes, const struct ew_oid *before,
	struct ew_str before_bytes, struct ew_err *err)
{
	unsigned char *chain, length;
	size_t base;
	bool there;
	enum ew_code rc = number(&there, s, oid, err);

	if (rc != EW_OK || there)
		return rc;
	if (!s->pack)
		return hold(s, EW_TREE, bytes, err);
	if (!ew_oidtable_find(&base, &s->table, before))
		return ew_pack_add(s->pack, EW_TREE, EW_PACK_NO_BASE, bytes, err);
	if ((rc = chain_at(&chain, s, base, err)) != EW_OK)
		return rc;
	length = *chain;
	if (length == CHAIN_MOST)
		return ew_pack_add(s->pack, EW_TREE, EW_PACK_NO_BASE, bytes, err);
	if ((rc = chain_at(&chain, s, s->table.count - 1, err)) != EW_OK)
		return rc;
	*chain = (unsigned char)(length + 1);
	ew_buf_clear(&s->scratch);
	ew_delta_write(&s->scratch, before_bytes, bytes);
	if ((rc = ew_buf_check(&s->scratch, err)) != EW_OK)
		return rc;
	return ew_pack_add(s->pack, EW_TREE, base, ew_buf_str(&s->scratch), err);
}

/* Nobody knows what is in a stage where something failed: all that is asked of it then fails, too. */
static enum ew_code
check(const struct ew_stage *s, struct ew_err *err)
{
	return s->failure.code == EW_OK ? EW_OK : ew_fail(err, s->failure.code, "%s", s->failure.msg);
}

enum ew_code
ew_stage_add_known(struct ew_stage *s, const struct ew_oid *oid, enum ew_object_type type,
	struct ew_str bytes, struct ew_err *err)
{
	enum ew_code rc = check(s, err);

	if (rc == EW_OK && (rc = add(s, oid, type, bytes, err)) != EW_OK)
		s->failure = *err;
	return rc;
}

enum ew_code
ew_stage_add(struct ew_oid *out, struct ew_stage *s, enum ew_object_type type, struct ew_str bytes,
	struct ew_err *err)
{
	*out = ew_object_oid(ew_repo_hash(s->repo), type, bytes);
	return ew_stage_add_known(s, out, type, bytes, err);
}

enum ew_code
ew_stage_add_tree(struct ew_oid *out, struct ew_stage *s, struct ew_str bytes,
	const struct ew_oid *before, struct ew_str before_bytes, struct ew_err *err)
{
	enum ew_code rc = check(s, err);

	*out = ew_object_oid(ew_repo_hash(s->repo), EW_TREE, bytes);
	if (rc == EW_OK && (rc = add_tree(s, out, bytes, before, before_bytes, err)) != EW_OK)
		s->failure = *err;
	return rc;
}

bool
ew_stage_has(const struct ew_stage *s, const struct ew_oid *oid)
{
	size_t n;

	return ew_oidtable_find(&n, &s->table, oid);
}

enum ew_code
ew_stage_read_blob(struct ew_buf *out, struct ew_stage *s, const struct ew_oid *oid,
	struct ew_err *err)
{
	size_t n;

	if (ew_oidtable_find(&n, &s->table, oid)) {
		if (s->pack)
			return ew_pack_read(out, s->pack, n, err);
		ew_buf_add(out, s->held[n].bytes);
		return ew_buf_check(out, err);
	}
	for (size_t i = s->fulls; i-- > 0;) {
		bool found;
		enum ew_code rc = ew_pack_find(out, &found, s->full[i], oid, err);

		if (rc != EW_OK || found)
			return rc;
	}
	return ew_repo_read(out, s->repo, oid, EW_BLOB, err);
}

/* --- making them durable --- */

static enum ew_code
add_loose(struct ew_fileset *files, struct ew_stage *s, size_t n, struct ew_err *err)
{
	const struct held *h = &s->held[n];
	char hex[EW_OID_HEX + 1], header[EW_OBJECT_HEADER];
	struct ew_buf path = { 0 }, zlib = { 0 };
	enum ew_code rc;

	ew_hex(hex, s->table.oid[n].b, sizeof s->table.oid[n].b);
	ew_buf_clear(&s->scratch);
	ew_buf_addmem(&s->scratch, header,
		ew_object_header(header, h->type, h->bytes.len));
	ew_buf_add(&s->scratch, h->bytes);
	ew_buf_addf(&path, "%s/objects/%.2s/%s", ew_repo_path(s->repo), hex, hex + 2);
	if ((rc = ew_buf_check(&s->scratch, err)) == EW_OK && (rc = ew_buf_check(&path, err)) == EW_OK &&
	    (rc = ew_deflate(&zlib, s->deflate, ew_buf_str(&s->scratch), err)) == EW_OK)
		rc = ew_fileset_add(files, path.p, ew_buf_str(&zlib), err);
	ew_buf_release(&path);
	ew_buf_release(&zlib);
	return rc;
}

static enum ew_code
keep_loose(struct ew_stage *s, struct ew_err *err)
{
	struct ew_fileset *files = NULL;
	struct ew_buf objects = { 0 };
	enum ew_code rc;

	/* Temporary files there are no bad objects to git, as those in a folder would be. */
	ew_buf_addf(&objects, "%s/objects", ew_repo_path(s->repo));
	if ((rc = ew_buf_check(&objects, err)) == EW_OK)
		rc = ew_fileset_open(&files, objects.p, err);
	for (size_t i = 0; rc == EW_OK && i < s->table.count; i++)
		rc = add_loose(files, s, i, err);
	if (rc == EW_OK)
		rc = ew_fileset_keep(files, err);
	ew_fileset_free(files);
	ew_buf_release(&objects);
	return rc;
}

static enum ew_code
keep_packs(struct ew_stage *s, struct ew_err *err)
{
	enum ew_code rc = s->pack ? end_pack(s, err) : EW_OK;

	for (size_t i = 0; rc == EW_OK && i < s->fulls; i++)
		rc = ew_pack_finish(s->full[i], err);
	for (size_t i = 0; rc == EW_OK && i < s->fulls; i++)
		rc = ew_pack_keep(s->full[i], err);
	return rc;
}

/* Through the repository, as any reader will see it. */
static enum ew_code
read_one_back(struct ew_stage *s, const struct ew_oid *oid, struct ew_err *err)
{
	enum ew_object_type type;
	enum ew_code rc = ew_repo_type(&type, s->repo, oid, err);

	ew_buf_clear(&s->scratch);
	return rc == EW_OK ? ew_repo_read(&s->scratch, s->repo, oid, type, err) : rc;
}

/*
 * Every loose object; of packs, whose bytes were compared with what was added, a sample,
 * which shows that their indexes lead to them, and the last object.
 */
static enum ew_code
read_back(struct ew_stage *s, struct ew_err *err)
{
	enum ew_code rc = ew_repo_refresh(s->repo, err);

	for (size_t i = 0; rc == EW_OK && i < s->table.count; i++)
		rc = read_one_back(s, &s->table.oid[i], err);
	for (size_t k = 0; rc == EW_OK && k < s->fulls; k++) {
		const struct ew_packfile *f = ew_pack_file(s->full[k]);

		for (uint64_t i = 0; rc == EW_OK && i < ew_packfile_count(f); i += CHECK_EVERY) {
			const struct ew_oid oid = ew_packfile_oid(f, (uint32_t)i);

			rc = read_one_back(s, &oid, err);
		}
	}
	return rc == EW_OK && s->fulls ? read_one_back(s, &s->last, err) : rc;
}

enum ew_code
ew_stage_keep(struct ew_stage *s, struct ew_err *err)
{
	enum ew_code rc = check(s, err);

	if (rc == EW_OK)
		rc = all_held(s) ? keep_loose(s, err) : keep_packs(s, err);
	return rc == EW_OK ? read_back(s, err) : rc;
}

/* --- after a crash --- */

static enum ew_code
sweep_dir(size_t *removed, const char *dir, time_t before, struct ew_err *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	if (!d)
		return errno == ENOENT ? EW_OK
				       : ew_fail_errno(err, EW_IO, errno, "%s: cannot list", dir);
	while ((e = readdir(d)))
		if (ew_str_starts(ew_str(e->d_name), "tmp_ellwand_") &&
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_mtime <= before && unlinkat(dirfd(d), e->d_name, 0) == 0)
			++*removed;
	closedir(d);
	return EW_OK;
}

enum ew_code
ew_stage_sweep(size_t *removed, struct ew_repo *repo, struct ew_err *err)
{
	const time_t now = time(NULL);
	const struct {
		const char *dir;
		time_t before;
	} place[] = {
		{ "objects", now },
		{ "objects/pack", now },
		/* Readers save what they computed there, too, at any time. */
		{ "ellwand", now - CACHE_AGE },
	};
	struct ew_buf dir = { 0 };
	enum ew_code rc = EW_OK;

	*removed = 0;
	for (size_t i = 0; i < sizeof place / sizeof *place && rc == EW_OK; i++) {
		ew_buf_clear(&dir);
		ew_buf_addf(&dir, "%s/%s", ew_repo_path(repo), place[i].dir);
		if ((rc = ew_buf_check(&dir, err)) == EW_OK)
			rc = sweep_dir(removed, dir.p, place[i].before, err);
	}
	ew_buf_release(&dir);
	return rc;
}
