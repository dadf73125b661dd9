/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/repack.h"

#include "base/crew.h"
#include "repo/deflate.h"
#include "repo/inflate.h"
#include "repo/pack.h"
#include "repo/unpacker.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	LEAST = 128,         /* bytes that are worth compressing: most deltas are shorter */
	READ_BYTES = 32,     /* that a follower's reading is worth */
	SAMPLE = 1000,        /* objects of a pack that are looked at */
	SAVING = 16,          /* repacking pays when it saves one part in so many */
	ROOM = 8,             /* jobs under way */
	JOB_BYTES = 1 << 18,  /* of the old pack, in a job */
	JOB_OBJECTS = 1 << 12,
};

/* An object of the old pack: where it is, its place in the index, and how many are deltas of it. */
struct placed {
	uint64_t offset;
	uint32_t at, followers;
};

/* The old pack. */
struct source {
	const struct ew_packfile *file;
	struct ew_buf places; /* of its objects, in the order of their offsets */
	size_t count;
};

/* An object for the new pack; its stream follows that of the one before. */
struct object {
	unsigned type;
	size_t base;
	uint64_t size;
	size_t stream;
};

/* Objects that follow each other, and what becomes of them. */
struct job {
	const struct source *from;
	size_t first, last;
	struct ew_buf objects, streams;
};

/* What one hand works with. */
struct tool {
	struct ew_inflater *inflater;
	struct ew_deflate *deflate;
	struct ew_buf bytes;
};

struct repacking {
	const char *folder; /* of the packs */
	const struct ew_progress *progress;
	uint64_t done, total; /* objects */
	size_t hands;
	struct tool tool[EW_CREW_MOST];
};

static struct placed *
places(const struct source *s)
{
	return (struct placed *)(void *)s->places.p;
}

static int
by_offset(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The object at an offset, if it is before the one with this number; else NULL. */
static struct placed *
find_before(const struct source *s, size_t number, uint64_t offset)
{
	const struct placed key = { .offset = offset };

	return bsearch(&key, places(s), number, sizeof key, by_offset);
}

/* --- one object --- */

/* An object as it stands in the old pack. */
struct entry {
	const struct source *of;
	size_t number;
	struct ew_pack_entry e;
	struct ew_str all; /* header and stream */
	struct ew_str id;  /* before the stream of a reference delta: that of its base */
	struct ew_str zlib;
};

static enum ew_code
fail_damaged(const struct source *s, size_t number, struct ew_err *err)
{
	const struct placed *p = &places(s)[number];
	const struct ew_oid oid = ew_packfile_oid(s->file, p->at);

	return ew_unpacker_fail(err, s->file, p->offset, &oid);
}

static enum ew_code
look_at(struct entry *out, const struct source *s, size_t number, struct ew_err *err)
{
	const struct placed *p = &places(s)[number];
	const uint64_t all = ew_packfile_end(s->file);
	const uint64_t end = number + 1 < s->count ? p[1].offset : all;
	size_t header;

	out->of = s;
	out->number = number;
	if (!ew_packfile_entry(&out->e, s->file, p->offset))
		return fail_damaged(s, number, err);
	header = (size_t)(all - p->offset) - out->e.zlib.len;
	out->all = ew_str_n(out->e.zlib.p - header, (size_t)(end - p->offset));
	out->zlib = ew_str_part(out->all, header, out->all.len);
	out->id = (struct ew_str){ NULL, 0 };
	if (out->e.type == EW_PACK_REF_DELTA)
		out->id = ew_str_part(out->all, header - sizeof(struct ew_oid), header);
	if (ew_crc32(0, out->all) != ew_packfile_crc(s->file, p->at))
		return fail_damaged(s, number, err);
	return EW_OK;
}

/* A stored stream that is worth compressing; one with many followers is read too often. */
static bool
is_loose(const struct ew_pack_entry *e, uint32_t followers)
{
	return e->size >= LEAST && e->size / READ_BYTES >= followers && ew_deflate_is_stored(e->zlib);
}

/* Append what a stored stream holds, compressed; *sound is false if it holds something else. */
static enum ew_code
compress(struct ew_buf *out, bool *sound, struct tool *t, const struct ew_pack_entry *e,
	struct ew_err *err)
{
	char *to;

	*sound = ew_inflater_could(e->zlib.len, e->size);
	if (!*sound)
		return EW_OK;
	ew_buf_clear(&t->bytes);
	if (!(to = ew_buf_room(&t->bytes, e->size)))
		return ew_buf_check(&t->bytes, err);
	*sound = ew_inflater_exact(t->inflater, to, e->size, e->zlib);
	return *sound ? ew_deflate(out, t->deflate, ew_str_n(to, e->size), err) : EW_OK;
}

/* Append the stream of an object, compressed if it is stored and that makes it smaller. */
static enum ew_code
add_stream(struct ew_buf *out, struct tool *t, const struct entry *x, struct ew_err *err)
{
	const size_t from = out->len;
	bool sound = true;
	enum ew_code rc;

	if (is_loose(&x->e, places(x->of)[x->number].followers)) {
		if ((rc = compress(out, &sound, t, &x->e, err)) != EW_OK)
			return rc;
		if (!sound)
			return fail_damaged(x->of, x->number, err);
		if (out->len - from < x->zlib.len)
			return EW_OK;
		out->len = from;
	}
	ew_buf_add(out, x->zlib);
	return ew_buf_check(out, err);
}

static enum ew_code
do_object(struct job *j, struct tool *t, size_t number, struct ew_err *err)
{
	const struct placed *base;
	const size_t from = j->streams.len;
	struct object o = { .base = EW_PACK_NO_BASE };
	struct entry x;
	enum ew_code rc = look_at(&x, j->from, number, err);

	if (rc != EW_OK)
		return rc;
	if (x.e.type == EW_PACK_OFS_DELTA) {
		if (!(base = find_before(j->from, number, x.e.base)))
			return fail_damaged(j->from, number, err);
		o.base = (size_t)(base - places(j->from));
	}
	ew_buf_add(&j->streams, x.id);
	if ((rc = add_stream(&j->streams, t, &x, err)) != EW_OK)
		return rc;
	o.type = x.e.type;
	o.size = x.e.size;
	o.stream = j->streams.len - from;
	ew_buf_addmem(&j->objects, &o, sizeof o);
	return ew_buf_check(&j->objects, err);
}

static enum ew_code
open_tool(struct tool *t, struct ew_err *err)
{
	enum ew_code rc = ew_inflater_open(&t->inflater, err);

	return rc == EW_OK ? ew_deflate_open(&t->deflate, err) : rc;
}

static void
release_tool(struct tool *t)
{
	ew_inflater_free(t->inflater);
	ew_deflate_free(t->deflate);
	ew_buf_release(&t->bytes);
}

static enum ew_code
do_job(void *tool, void *job, struct ew_err *err)
{
	struct job *j = job;
	enum ew_code rc = EW_OK;

	ew_buf_clear(&j->objects);
	ew_buf_clear(&j->streams);
	for (size_t i = j->first; rc == EW_OK && i < j->last; i++)
		rc = do_object(j, tool, i, err);
	return rc;
}

/* --- one pack --- */

static enum ew_code
open_source(struct source *s, const struct ew_packfile *file, struct ew_err *err)
{
	struct placed *p;

	s->file = file;
	s->count = ew_packfile_count(file);
	if (!(p = (struct placed *)(void *)ew_buf_room(&s->places, s->count * sizeof *p)))
		return ew_buf_check(&s->places, err);
	for (uint32_t at = 0; at < s->count; at++)
		p[at] = (struct placed){ .offset = ew_packfile_offset(file, at), .at = at };
	qsort(p, s->count, sizeof *p, by_offset);
	for (size_t i = 0; i < s->count; i++) {
		struct ew_pack_entry e;
		struct placed *base;

		if (!ew_packfile_entry(&e, file, p[i].offset))
			return fail_damaged(s, i, err);
		if (e.type == EW_PACK_OFS_DELTA && (base = find_before(s, i, e.base)))
			base->followers++;
	}
	return EW_OK;
}

/* How much smaller all objects would be, judged by a sample evenly spread over their places. */
static enum ew_code
saving(uint64_t *out, const struct source *s, struct tool *t, struct ew_err *err)
{
	const size_t step = s->count / SAMPLE + 1;
	struct ew_buf stream = { 0 };
	enum ew_code rc = EW_OK;

	*out = 0;
	for (size_t i = 0; rc == EW_OK && i < s->count; i += step) {
		struct entry x;

		ew_buf_clear(&stream);
		if ((rc = look_at(&x, s, i, err)) == EW_OK && (rc = add_stream(&stream, t, &x, err)) == EW_OK)
			*out += (x.zlib.len - stream.len) * step;
	}
	ew_buf_release(&stream);
	return rc;
}

/* Give the crew a job for the objects from `first` on; returns the first that is not in it. */
static size_t
give(struct ew_crew *crew, struct job *j, const struct source *s, size_t first)
{
	const struct placed *p = places(s);

	j->from = s;
	j->first = j->last = first;
	while (j->last < s->count && j->last - first < JOB_OBJECTS &&
	       p[j->last].offset - p[first].offset < JOB_BYTES)
		j->last++;
	ew_crew_give(crew, j);
	return j->last;
}

static enum ew_code
add_job(struct ew_pack *pack, struct ew_oidtable *ids, const struct job *j, struct ew_err *err)
{
	const struct object *o = (const struct object *)(const void *)j->objects.p;
	struct ew_str rest = ew_buf_str(&j->streams);
	enum ew_code rc = EW_OK;

	for (size_t i = j->first; rc == EW_OK && i < j->last; i++, o++) {
		const struct ew_oid oid = ew_packfile_oid(j->from->file, places(j->from)[i].at);

		if ((rc = ew_oidtable_add(ids, &oid, err)) == EW_OK)
			rc = ew_pack_add_stream(pack, o->type, o->base, o->size,
				ew_str_part(rest, 0, o->stream), err);
		rest = ew_str_part(rest, o->stream, rest.len);
	}
	return rc;
}

/* All objects, side by side and then in order, into the new pack. */
static enum ew_code
copy(struct ew_pack *pack, struct ew_oidtable *ids, const struct source *s, struct repacking *r,
	struct ew_err *err)
{
	struct job job[ROOM] = { { 0 } };
	void *tools[EW_CREW_MOST], *done;
	struct ew_crew *crew = NULL;
	size_t given = 0, next = 0;
	enum ew_code rc;

	for (size_t i = 0; i < r->hands; i++)
		tools[i] = &r->tool[i];
	rc = ew_crew_open(&crew, r->hands, ROOM, do_job, tools, err);
	while (rc == EW_OK) {
		while (next < s->count && ew_crew_has_room(crew))
			next = give(crew, &job[given++ % ROOM], s, next);
		if ((rc = ew_crew_take(&done, crew, err)) != EW_OK || !done)
			break;
		if ((rc = add_job(pack, ids, done, err)) == EW_OK)
			rc = ew_progress(r->progress, "compressing", r->done + ids->count, r->total, err);
	}
	ew_crew_free(crew);
	for (size_t i = 0; i < ROOM; i++) {
		ew_buf_release(&job[i].objects);
		ew_buf_release(&job[i].streams);
	}
	return rc;
}

static enum ew_code
remove_file(const struct ew_buf *path, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(path, err);

	if (rc == EW_OK && unlink(path->p) != 0 && errno != ENOENT)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot remove it", path->p);
	return rc;
}

/* The pack's path with another ending than "pack". */
static void
write_path(struct ew_buf *out, const struct ew_packfile *file, const char *ending)
{
	const struct ew_str pack = ew_str(ew_packfile_path(file));

	ew_buf_clear(out);
	ew_buf_add(out, ew_str_part(pack, 0, pack.len - strlen("pack")));
	ew_buf_adds(out, ending);
}

/* Its index first, so that nobody finds half of it. */
static enum ew_code
remove_pack(const struct ew_packfile *file, struct ew_err *err)
{
	static const char *const endings[] = { "idx", "bitmap", "rev", "pack" };
	struct ew_buf path = { 0 };
	enum ew_code rc = EW_OK;

	for (size_t i = 0; rc == EW_OK && i < sizeof endings / sizeof *endings; i++) {
		write_path(&path, file, endings[i]);
		rc = remove_file(&path, err);
	}
	ew_buf_release(&path);
	return rc;
}

/* An index over several packs, which names those that go; git makes it anew where it is wanted. */
static enum ew_code
remove_multi_index(const char *folder, struct ew_err *err)
{
	DIR *d = opendir(folder);
	struct ew_buf path = { 0 };
	const struct dirent *e;
	enum ew_code rc = EW_OK;

	if (!d)
		return ew_fail_errno(err, EW_IO, errno, "%s: cannot list", folder);
	while (rc == EW_OK && (e = readdir(d))) {
		if (!ew_str_starts(ew_str(e->d_name), "multi-pack-index"))
			continue;
		ew_buf_clear(&path);
		ew_buf_addf(&path, "%s/%s", folder, e->d_name);
		rc = remove_file(&path, err);
	}
	closedir(d);
	ew_buf_release(&path);
	return rc;
}

/* A pack of the same objects takes the place of this one. */
static enum ew_code
replace(struct repacking *r, const struct source *s, struct ew_err *err)
{
	struct ew_oidtable ids = { 0 };
	struct ew_pack *pack = NULL;
	enum ew_code rc;

	if ((rc = ew_pack_open(&pack, r->folder, err)) == EW_OK &&
	    (rc = copy(pack, &ids, s, r, err)) == EW_OK && (rc = ew_pack_end(pack, &ids, err)) == EW_OK &&
	    (rc = ew_pack_finish(pack, err)) == EW_OK && (rc = ew_pack_keep(pack, err)) == EW_OK &&
	    (rc = remove_multi_index(r->folder, err)) == EW_OK)
		rc = remove_pack(s->file, err);
	ew_pack_free(pack);
	ew_oidtable_release(&ids);
	return rc;
}

/* Replace the pack, if that pays; *done is then one more. */
static enum ew_code
repack(size_t *done, struct repacking *r, const struct ew_packfile *file, struct ew_err *err)
{
	struct source s = { 0 };
	uint64_t saved;
	enum ew_code rc;

	if ((rc = open_source(&s, file, err)) == EW_OK &&
	    (rc = saving(&saved, &s, &r->tool[0], err)) == EW_OK &&
	    saved > ew_packfile_end(file) / SAVING && (rc = replace(r, &s, err)) == EW_OK)
		++*done;
	r->done += s.count;
	ew_buf_release(&s.places);
	return rc;
}

/* --- all packs --- */

/* Somebody wants it as it is. */
static enum ew_code
is_kept(bool *out, const struct ew_packfile *file, struct ew_err *err)
{
	static const char *const endings[] = { "keep", "promisor" };
	struct ew_buf path = { 0 };
	enum ew_code rc = EW_OK;

	*out = false;
	for (size_t i = 0; rc == EW_OK && i < sizeof endings / sizeof *endings; i++) {
		write_path(&path, file, endings[i]);
		if ((rc = ew_buf_check(&path, err)) == EW_OK && access(path.p, F_OK) == 0)
			*out = true;
	}
	ew_buf_release(&path);
	return rc;
}

/* Whether a pack has streams that are stored; a look at some objects, which ids spread evenly. */
static bool
stores(const struct ew_packfile *file)
{
	const uint32_t count = ew_packfile_count(file), step = count / SAMPLE + 1;
	uint64_t stored = 0;

	for (uint64_t at = 0; at < count; at += step) {
		struct ew_pack_entry e;

		if (ew_packfile_entry(&e, file, ew_packfile_offset(file, (uint32_t)at)) && is_loose(&e, 0))
			stored += e.size;
	}
	return stored * step > ew_packfile_end(file) / SAVING;
}

/* Mark the packs that may be worth it. */
static enum ew_code
choose(bool *chosen, struct repacking *r, const struct ew_packs *packs, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; rc == EW_OK && i < ew_packs_count(packs); i++) {
		const struct ew_packfile *file = ew_packs_at(packs, i);
		bool kept;

		rc = is_kept(&kept, file, err);
		chosen[i] = rc == EW_OK && !kept && stores(file);
		if (chosen[i])
			r->total += ew_packfile_count(file);
	}
	return rc;
}

static enum ew_code
repack_all(size_t *done, struct repacking *r, const struct ew_packs *packs, struct ew_err *err)
{
	const size_t n = ew_packs_count(packs);
	struct ew_buf folder = { 0 }, marks = { 0 };
	bool *chosen = (bool *)ew_buf_room(&marks, n);
	enum ew_code rc;

	ew_buf_addf(&folder, "%s/pack", ew_packs_folder(packs));
	if ((rc = ew_buf_check(&marks, err)) != EW_OK || (rc = ew_buf_check(&folder, err)) != EW_OK)
		goto done;
	r->folder = folder.p;
	rc = choose(chosen, r, packs, err);
	for (size_t i = 0; rc == EW_OK && i < n; i++)
		if (chosen[i])
			rc = repack(done, r, ew_packs_at(packs, i), err);
done:
	ew_buf_release(&folder);
	ew_buf_release(&marks);
	return rc;
}

enum ew_code
ew_repack(size_t *packs, struct ew_repo *repo, const struct ew_progress *progress, struct ew_err *err)
{
	struct repacking r = { .progress = progress, .hands = ew_crew_hands() };
	struct ew_packs *set;
	enum ew_code rc = ew_repo_refresh(repo, err);

	*packs = 0;
	for (size_t i = 0; rc == EW_OK && i < r.hands; i++)
		rc = open_tool(&r.tool[i], err);
	if (rc == EW_OK) {
		set = ew_packs_hold(ew_odb_packs(ew_repo_odb(repo)));
		rc = repack_all(packs, &r, set, err);
		ew_packs_free(set);
	}
	for (size_t i = 0; i < r.hands; i++)
		release_tool(&r.tool[i]);
	return rc;
}
