/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/stage.h"

#include "base/file.h"
#include "base/map.h"
#include "repo/deflate.h"
#include "repo/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOOSE_MOST = 40, /* more objects than this become a pack */
	REPORT_EVERY = 1024,
};

struct staged {
	struct ew_oid oid;
	enum ew_object_type type;
	struct ew_str bytes; /* while it is in memory */
	size_t index;        /* its place among the stage's objects, and in the pack */
};

struct ew_stage {
	struct ew_repo *repo;
	struct ew_deflate *deflate;
	struct ew_pack *pack; /* NULL while everything is in memory */
	struct ew_buf zlib;   /* scratch */
	struct ew_map by_oid; /* 20 bytes of id to struct staged */
	struct ew_arena arena, contents;
	struct staged **object;
	size_t count, room;
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
	ew_pack_free(s->pack);
	ew_deflate_free(s->deflate);
	ew_buf_release(&s->zlib);
	ew_map_release(&s->by_oid);
	ew_arena_release(&s->arena);
	ew_arena_release(&s->contents);
	free(s->object);
	free(s);
}

size_t
ew_stage_count(const struct ew_stage *s)
{
	return s->count;
}

static enum ew_code
to_pack(struct ew_stage *s, struct staged *o, struct ew_str bytes, struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&s->zlib);
	if ((rc = ew_deflate(&s->zlib, s->deflate, &bytes, 1, err)) != EW_OK)
		return rc;
	o->bytes = (struct ew_str){ NULL, 0 };
	return ew_pack_add(s->pack, &o->oid, (unsigned)o->type, bytes.len, ew_buf_str(&s->zlib), err);
}

/* There are many objects: move those in memory to a pack, where the rest will follow. */
static enum ew_code
start_pack(struct ew_stage *s, struct ew_err *err)
{
	struct ew_buf dir = { 0 };
	enum ew_code rc;

	ew_buf_addf(&dir, "%s/objects/pack", ew_repo_path(s->repo));
	if ((rc = ew_buf_check(&dir, err)) == EW_OK)
		rc = ew_pack_open(&s->pack, dir.p, ew_repo_hash(s->repo), err);
	ew_buf_release(&dir);
	for (size_t i = 0; rc == EW_OK && i < s->count; i++)
		rc = to_pack(s, s->object[i], s->object[i]->bytes, err);
	ew_arena_release(&s->contents);
	return rc;
}

static size_t
write_header(char header[32], enum ew_object_type type, size_t len)
{
	return (size_t)snprintf(header, 32, "%s %zu", ew_object_type_word(type), len) + 1;
}

static enum ew_code
remember(struct staged **out, struct ew_stage *s, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	struct staged *o = ew_arena_alloc(&s->arena, sizeof *o);
	enum ew_code rc;

	if (!o)
		return ew_fail_nomem(err);
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		struct staged **more = realloc(s->object, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		s->object = more;
		s->room = room;
	}
	o->oid = *oid;
	o->type = type;
	o->index = s->count;
	rc = ew_map_set(&s->by_oid, ew_str_n(o->oid.b, sizeof o->oid.b), o, err);
	if (rc == EW_OK)
		s->object[s->count++] = *out = o;
	return rc;
}

enum ew_code
ew_stage_add(struct ew_oid *out, struct ew_stage *s, enum ew_object_type type, struct ew_str bytes,
	struct ew_err *err)
{
	char header[32];
	struct ew_str piece[2] = { { header, write_header(header, type, bytes.len) }, bytes };
	struct staged *o = NULL;
	enum ew_code rc;

	*out = ew_sha1(ew_repo_hash(s->repo), piece, 2);
	if (ew_map_get(&s->by_oid, ew_str_n(out->b, sizeof out->b)))
		return EW_OK;
	if (!s->pack && s->count == LOOSE_MOST && (rc = start_pack(s, err)) != EW_OK)
		return rc;
	if ((rc = remember(&o, s, out, type, err)) != EW_OK)
		return rc;
	if (s->pack)
		return to_pack(s, o, bytes, err);
	o->bytes = ew_arena_str(&s->contents, bytes);
	return o->bytes.p ? EW_OK : ew_fail_nomem(err);
}

enum ew_code
ew_stage_read(struct ew_buf *out, struct ew_stage *s, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	const struct staged *o = ew_map_get(&s->by_oid, ew_str_n(oid->b, sizeof oid->b));

	if (!o || o->type != type)
		return ew_repo_read(out, s->repo, oid, type, err);
	if (!o->bytes.p)
		return ew_pack_read(out, s->pack, o->index, err);
	ew_buf_add(out, o->bytes);
	return ew_buf_check(out, err);
}

/* --- making them durable --- */

static enum ew_code
keep_loose(struct ew_stage *s, const struct staged *o, struct ew_err *err)
{
	char hex[EW_OID_HEX + 1], header[32];
	struct ew_str piece[2] = { { header, write_header(header, o->type, o->bytes.len) }, o->bytes };
	struct ew_buf path = { 0 };
	enum ew_code rc;

	ew_hex(hex, o->oid.b, sizeof o->oid.b);
	ew_buf_clear(&s->zlib);
	if ((rc = ew_deflate(&s->zlib, s->deflate, piece, 2, err)) != EW_OK)
		return rc;
	ew_buf_addf(&path, "%s/objects/%.2s", ew_repo_path(s->repo), hex);
	if ((rc = ew_buf_check(&path, err)) == EW_OK && access(path.p, F_OK) != 0)
		rc = ew_file_mkdir(path.p, err);
	ew_buf_addf(&path, "/%s", hex + 2);
	if (rc == EW_OK && (rc = ew_buf_check(&path, err)) == EW_OK)
		rc = ew_file_replace(path.p, ew_buf_str(&s->zlib), err);
	ew_buf_release(&path);
	return rc;
}

/* Every object, through the repository as any reader will see it. */
static enum ew_code
read_back(struct ew_stage *s, const struct ew_progress *progress, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = ew_repo_refresh(s->repo, err);

	for (size_t i = 0; rc == EW_OK && i < s->count; i++) {
		ew_buf_clear(&bytes);
		if (i % REPORT_EVERY == 0)
			rc = ew_progress(progress, "reading back", i, s->count, err);
		if (rc == EW_OK)
			rc = ew_repo_read(&bytes, s->repo, &s->object[i]->oid, s->object[i]->type, err);
	}
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_stage_keep(struct ew_stage *s, const struct ew_progress *progress, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (s->pack)
		rc = ew_pack_keep(s->pack, err);
	else
		for (size_t i = 0; rc == EW_OK && i < s->count; i++)
			rc = keep_loose(s, s->object[i], err);
	if (rc == EW_OK)
		rc = read_back(s, progress, err);
	return rc;
}

/* --- after a crash --- */

static enum ew_code
sweep_dir(size_t *removed, const char *dir, struct ew_err *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return errno == ENOENT ? EW_OK
				       : ew_fail_errno(err, EW_IO, errno, "%s: cannot list", dir);
	while ((e = readdir(d)))
		if (ew_str_starts(ew_str(e->d_name), "tmp_ellwand_") &&
		    unlinkat(dirfd(d), e->d_name, 0) == 0)
			++*removed;
	closedir(d);
	return EW_OK;
}

enum ew_code
ew_stage_sweep(size_t *removed, struct ew_repo *repo, struct ew_err *err)
{
	struct ew_buf dir = { 0 };
	enum ew_code rc = EW_OK;

	*removed = 0;
	for (int i = 0; i <= 257 && rc == EW_OK; i++) {
		ew_buf_clear(&dir);
		if (i < 256)
			ew_buf_addf(&dir, "%s/objects/%02x", ew_repo_path(repo), (unsigned)i);
		else
			ew_buf_addf(&dir, "%s/%s", ew_repo_path(repo),
				i == 256 ? "objects/pack" : "ellwand");
		if ((rc = ew_buf_check(&dir, err)) == EW_OK)
			rc = sweep_dir(removed, dir.p, err);
	}
	ew_buf_release(&dir);
	return rc;
}
