/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/packs.h"

#include "base/buf.h"
#include "base/map.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	LOOKS = 5,        /* at a folder that changes while it is listed */
	RACY_SECONDS = 2, /* within which a folder can change again without a new time */
	FEW = 4,          /* packs: it costs least to look in vain in a small one */
	AHEAD = 2,        /* objects that are fetched from memory while one is read */
};

struct ew_packs {
	atomic_uint owners;
	char *objects;
	struct ew_packfile **pack; /* largest first */
	size_t count, room;
	struct timespec changed; /* the folder, before it was listed */
	bool racy;
	struct ew_err unusable; /* what is wrong with a pack that was left out */
};

/* --- a set --- */

static enum ew_code
new_set(struct ew_packs **out, const char *objects, struct ew_err *err)
{
	struct ew_packs *p = calloc(1, sizeof *p);

	*out = NULL;
	if (!p)
		return ew_fail_nomem(err);
	atomic_init(&p->owners, 1);
	if (!(p->objects = strdup(objects))) {
		ew_packs_free(p);
		return ew_fail_nomem(err);
	}
	*out = p;
	return EW_OK;
}

struct ew_packs *
ew_packs_hold(struct ew_packs *p)
{
	atomic_fetch_add(&p->owners, 1);
	return p;
}

void
ew_packs_free(struct ew_packs *p)
{
	if (!p || atomic_fetch_sub(&p->owners, 1) != 1)
		return;
	for (size_t i = 0; i < p->count; i++)
		ew_packfile_free(p->pack[i]);
	free(p->pack);
	free(p->objects);
	free(p);
}

const char *
ew_packs_folder(const struct ew_packs *p)
{
	return p->objects;
}

size_t
ew_packs_count(const struct ew_packs *p)
{
	return p->count;
}

const struct ew_packfile *
ew_packs_at(const struct ew_packs *p, size_t i)
{
	return p->pack[i];
}

enum ew_code
ew_packs_check(const struct ew_packs *p, struct ew_hash *hash, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (p->unusable.code != EW_OK)
		return ew_fail(err, EW_CORRUPT, "%s", p->unusable.msg);
	for (size_t i = 0; rc == EW_OK && i < p->count; i++)
		rc = ew_packfile_check(p->pack[i], hash, err);
	return rc;
}

/* --- looking at the folder --- */

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* When the folder changed last; it need not be there. */
static enum ew_code
look(struct timespec *out, const char *folder, struct ew_err *err)
{
	struct stat st;

	*out = (struct timespec){ 0 };
	if (stat(folder, &st) == 0)
		*out = st.st_mtim;
	else if (errno != ENOENT)
		return ew_fail_errno(err, EW_IO, errno, "%s: cannot look at it", folder);
	return EW_OK;
}

/* Takes the pack. */
static enum ew_code
append(struct ew_packs *p, struct ew_packfile *f, struct ew_err *err)
{
	if (p->count == p->room) {
		const size_t room = p->room ? p->room * 2 : 16;
		struct ew_packfile **more = realloc(p->pack, room * sizeof *more);

		if (!more) {
			ew_packfile_free(f);
			return ew_fail_nomem(err);
		}
		p->pack = more;
		p->room = room;
	}
	p->pack[p->count++] = f;
	return EW_OK;
}

/* A pack by the path of its index, without the ending: one that was open, or opened now. */
static enum ew_code
add_pack(struct ew_packs *p, struct ew_buf *path, const struct ew_map *open, struct ew_err *err)
{
	struct ew_packfile *f = ew_map_get(open, ew_buf_str(path));
	enum ew_code rc;

	if (f)
		return append(p, ew_packfile_hold(f), err);
	ew_buf_adds(path, ".idx");
	if ((rc = ew_buf_check(path, err)) != EW_OK)
		return rc;
	switch (rc = ew_packfile_open(&f, path->p, err)) {
	case EW_OK:
		return append(p, f, err);
	case EW_CORRUPT:
		p->unusable = *err;
		ew_err_clear(err);
		return EW_OK;
	case EW_NOTFOUND: /* git deletes it just now, or left half of it */
		ew_err_clear(err);
		return EW_OK;
	default:
		return rc;
	}
}

static enum ew_code
list(struct ew_packs *p, const char *folder, const struct ew_map *open, struct ew_err *err)
{
	DIR *d = opendir(folder);
	struct ew_buf path = { 0 };
	const struct dirent *e;
	enum ew_code rc = EW_OK;

	if (!d)
		return errno == ENOENT ? EW_OK
				       : ew_fail_errno(err, EW_IO, errno, "%s: cannot list", folder);
	while (rc == EW_OK && (e = readdir(d))) {
		const struct ew_str name = ew_str(e->d_name);

		if (!ew_str_starts(name, "pack-") || !ew_str_ends(name, ".idx"))
			continue;
		ew_buf_clear(&path);
		ew_buf_addf(&path, "%s/%.*s", folder, EW_FMT(ew_str_part(name, 0, name.len - 4)));
		if ((rc = ew_buf_check(&path, err)) == EW_OK)
			rc = add_pack(p, &path, open, err);
	}
	closedir(d);
	ew_buf_release(&path);
	return rc;
}

static int
by_size(const void *a, const void *b)
{
	const struct ew_packfile *x = *(struct ew_packfile *const *)a;
	const struct ew_packfile *y = *(struct ew_packfile *const *)b;
	const uint32_t n = ew_packfile_count(x), m = ew_packfile_count(y);

	return n != m ? (n < m ? 1 : -1) : strcmp(ew_packfile_path(x), ew_packfile_path(y));
}

/* A new set, from packs that are open by the path without its ending. */
static enum ew_code
scan(struct ew_packs **out, const char *objects, const struct ew_map *open, struct ew_err *err)
{
	struct ew_packs *p = NULL;
	struct ew_buf folder = { 0 };
	struct timespec after = { 0 }, now;
	enum ew_code rc;

	ew_buf_addf(&folder, "%s/pack", objects);
	if ((rc = ew_buf_check(&folder, err)) != EW_OK)
		goto done;
	for (int looks = 0; looks < LOOKS; looks++) {
		ew_packs_free(p);
		if ((rc = new_set(&p, objects, err)) != EW_OK ||
		    (rc = look(&p->changed, folder.p, err)) != EW_OK ||
		    (rc = list(p, folder.p, open, err)) != EW_OK ||
		    (rc = look(&after, folder.p, err)) != EW_OK)
			goto done;
		if (same_time(p->changed, after))
			break;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	p->racy = now.tv_sec - p->changed.tv_sec < RACY_SECONDS || !same_time(p->changed, after);
	if (p->count)
		qsort(p->pack, p->count, sizeof(struct ew_packfile *), by_size);
done:
	ew_buf_release(&folder);
	if (rc != EW_OK) {
		ew_packs_free(p);
		p = NULL;
	}
	*out = p;
	return rc;
}

enum ew_code
ew_packs_open(struct ew_packs **out, const char *objects, struct ew_err *err)
{
	const struct ew_map none = { 0 };

	return scan(out, objects, &none, err);
}

/* The same files, and the same of them usable. */
static bool
same_set(const struct ew_packs *a, const struct ew_packs *b)
{
	return a->count == b->count && a->unusable.code == b->unusable.code &&
	       (a->count == 0 || memcmp(a->pack, b->pack, a->count * sizeof *a->pack) == 0);
}

enum ew_code
ew_packs_renew(struct ew_packs **packs, bool *changed, struct ew_err *err)
{
	struct ew_packs *old = *packs, *new = NULL;
	struct ew_map open = { 0 };
	struct ew_buf folder = { 0 };
	struct timespec now;
	enum ew_code rc;

	*changed = false;
	ew_buf_addf(&folder, "%s/pack", old->objects);
	if ((rc = ew_buf_check(&folder, err)) != EW_OK || (rc = look(&now, folder.p, err)) != EW_OK)
		goto done;
	if (!old->racy && same_time(now, old->changed) && old->unusable.code == EW_OK)
		goto done;
	for (size_t i = 0; rc == EW_OK && i < old->count; i++) {
		const struct ew_str path = ew_str(ew_packfile_path(old->pack[i]));

		rc = ew_map_set(&open, ew_str_part(path, 0, path.len - strlen(".pack")), old->pack[i],
			err);
	}
	if (rc == EW_OK && (rc = scan(&new, old->objects, &open, err)) == EW_OK) {
		*changed = !same_set(old, new);
		ew_packs_free(old);
		*packs = new;
	}
done:
	ew_map_release(&open);
	ew_buf_release(&folder);
	return rc;
}

/* --- finding --- */

bool
ew_packs_find(struct ew_place *out, const struct ew_packs *p, const struct ew_oid *oid,
	size_t *first)
{
	*out = (struct ew_place){ 0 };
	if (*first < p->count && ew_packfile_find(&out->offset, p->pack[*first], oid)) {
		out->pack = p->pack[*first];
		return true;
	}
	for (size_t i = 0; i < p->count; i++)
		if (i != *first && ew_packfile_find(&out->offset, p->pack[i], oid)) {
			out->pack = p->pack[i];
			*first = i;
			return true;
		}
	return false;
}

static int
by_place(const void *a, const void *b)
{
	const struct ew_place *x = a, *y = b;

	if (x->pack != y->pack)
		return !x->pack || (y->pack && (uintptr_t)x->pack > (uintptr_t)y->pack) ? 1 : -1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void
ew_packs_find_all(struct ew_place *out, const struct ew_packs *p, const struct ew_oid *oid, size_t n,
	size_t *first)
{
	const size_t begin = *first;
	const bool few = p->count <= FEW;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct ew_place){ NULL };
	if (begin < p->count)
		ew_packfile_find_all(out, p->pack[begin], oid, n);
	for (size_t i = 0; i < p->count; i++) {
		const size_t at = few ? p->count - 1 - i : i;

		if (at != begin && ew_packfile_find_all(out, p->pack[at], oid, n))
			*first = at;
	}
}

void
ew_packs_order(struct ew_place *out, const struct ew_packs *p, const struct ew_oid *oid, size_t n)
{
	size_t first = p->count;

	ew_packs_find_all(out, p, oid, n, &first);
	for (size_t i = 0; i < n; i++)
		out[i].index = i;
	if (n)
		qsort(out, n, sizeof *out, by_place);
}

void
ew_packs_expect(const struct ew_place *place, size_t i, size_t n)
{
	if (i + AHEAD < n && place[i + AHEAD].pack)
		ew_packfile_expect_entry(place[i + AHEAD].pack, place[i + AHEAD].offset);
}
