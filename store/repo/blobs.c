/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/blobs.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREAD_LEAST = 256 /* blobs that are worth starting a thread for */ };

/* What one thread reads: the places from `first` on, before `last`. */
struct part {
	const struct ew_blobs *of;
	struct ew_odb *odb;
	size_t first, last;
	struct ew_buf bytes;
	size_t missed;
	struct ew_err err;
};

/* Where the bytes of a blob are; `part` is NULL while they are nowhere. */
struct slice {
	const struct part *part;
	size_t from, to;
};

struct ew_blobs {
	struct ew_repo *repo;
	struct ew_odb *second; /* the second thread's, once there was one */
	struct part part[2];
	struct ew_buf places, slices;
	/* Of the reading that goes on. */
	const struct ew_oid *oid;
	struct ew_place *place; /* in the order of the disk */
	struct slice *slice;    /* in that of `oid` */
};

enum ew_code
ew_blobs_open(struct ew_blobs **out, struct ew_repo *repo, struct ew_err *err)
{
	struct ew_blobs *b = calloc(1, sizeof *b);

	*out = b;
	if (!b)
		return ew_fail_nomem(err);
	b->repo = repo;
	return EW_OK;
}

void
ew_blobs_free(struct ew_blobs *b)
{
	if (!b)
		return;
	ew_odb_free(b->second);
	ew_buf_release(&b->part[0].bytes);
	ew_buf_release(&b->part[1].bytes);
	ew_buf_release(&b->places);
	ew_buf_release(&b->slices);
	free(b);
}

/* --- one thread --- */

static enum ew_code
read_one(struct part *p, const struct ew_place *place, struct ew_err *err)
{
	const struct ew_oid *oid = &p->of->oid[place->index];
	struct slice *to = &p->of->slice[place->index];
	bool found = true;
	enum ew_code rc;

	to->from = p->bytes.len;
	rc = place->pack ? ew_odb_read_at(&p->bytes, p->odb, place, oid, EW_BLOB, err)
			 : ew_odb_read(&p->bytes, &found, p->odb, oid, EW_BLOB, err);
	to->to = p->bytes.len;
	to->part = rc == EW_OK && found ? p : NULL;
	p->missed += !found;
	return rc;
}

static void *
read_part(void *part)
{
	struct part *p = part;

	for (size_t i = p->first; i < p->last; i++)
		if (read_one(p, &p->of->place[i], &p->err) != EW_OK)
			break;
	return NULL;
}

/* --- both --- */

static void
init_part(struct ew_blobs *b, unsigned which, struct ew_odb *odb, size_t first, size_t last)
{
	struct part *p = &b->part[which];

	p->of = b;
	p->odb = odb;
	p->first = first;
	p->last = last;
	p->missed = 0;
	ew_buf_clear(&p->bytes);
	ew_err_clear(&p->err);
}

/* Without a second thread, one after the other. */
static enum ew_code
read_parts(struct ew_blobs *b, struct ew_err *err)
{
	struct part *p = b->part;
	pthread_t thread;
	bool running = p[1].first < p[1].last && pthread_create(&thread, NULL, read_part, &p[1]) == 0;

	read_part(&p[0]);
	if (running)
		pthread_join(thread, NULL);
	else
		read_part(&p[1]);
	for (unsigned i = 0; i < 2; i++)
		if (p[i].err.code != EW_OK)
			return ew_fail(err, p[i].err.code, "%s", p[i].err.msg);
	return EW_OK;
}

/* What no thread found may be where only the repository looks, which else says why it is not. */
static enum ew_code
read_missed(struct ew_blobs *b, size_t n, struct ew_err *err)
{
	struct part *p = &b->part[0];
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		if (b->slice[i].part || ew_oid_is_zero(&b->oid[i]))
			continue;
		b->slice[i].from = p->bytes.len;
		rc = ew_repo_read(&p->bytes, b->repo, &b->oid[i], EW_BLOB, err);
		b->slice[i].to = p->bytes.len;
		b->slice[i].part = p;
	}
	return rc;
}

/* Room for `n` elements of `size` bytes, zeroed. */
static enum ew_code
make_room(void *out, struct ew_buf *b, size_t n, size_t size, struct ew_err *err)
{
	char *p;

	ew_buf_clear(b);
	p = ew_buf_room(b, n * size);
	if (!p)
		return ew_buf_check(b, err);
	memset(p, 0, n * size);
	memcpy(out, &p, sizeof p);
	return EW_OK;
}

/* Where the blobs are, in the order of the disk; how many, since a zero id has no place. */
static size_t
find_places(struct ew_blobs *b, const struct ew_packs *packs, size_t n)
{
	size_t found = 0;

	ew_packs_order(b->place, packs, b->oid, n);
	for (size_t i = 0; i < n; i++)
		if (!ew_oid_is_zero(&b->oid[b->place[i].index]))
			b->place[found++] = b->place[i];
	return found;
}

enum ew_code
ew_blobs_read(struct ew_blobs *b, const struct ew_oid *oid, size_t n, struct ew_err *err)
{
	struct ew_odb *odb = ew_repo_odb(b->repo);
	struct ew_packs *packs = ew_packs_hold(ew_odb_packs(odb));
	size_t places, half;
	enum ew_code rc;

	b->oid = oid;
	if ((rc = make_room(&b->place, &b->places, n, sizeof *b->place, err)) != EW_OK ||
	    (rc = make_room(&b->slice, &b->slices, n, sizeof *b->slice, err)) != EW_OK)
		goto done;
	places = find_places(b, packs, n);
	half = places < THREAD_LEAST ? places : places / 2;
	if (half < places && !b->second && (rc = ew_odb_open(&b->second, packs, err)) != EW_OK)
		goto done;
	init_part(b, 0, odb, 0, half);
	init_part(b, 1, b->second, half, places);
	if ((rc = read_parts(b, err)) == EW_OK && b->part[0].missed + b->part[1].missed)
		rc = read_missed(b, n, err);
done:
	ew_packs_free(packs);
	return rc;
}

struct ew_str
ew_blobs_at(const struct ew_blobs *b, size_t i)
{
	const struct slice *s = &b->slice[i];

	if (!s->part)
		return (struct ew_str){ NULL, 0 };
	return s->from < s->to ? ew_str_part(ew_buf_str(&s->part->bytes), s->from, s->to) : EW_LIT("");
}
