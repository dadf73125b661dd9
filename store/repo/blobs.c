/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/blobs.h"

#include <stdlib.h>

/* Where the bytes of a blob are, once it was read. */
struct slice {
	size_t from, to;
	bool there;
};

/* How to read an object at its place. */
typedef enum ew_code read_fn(struct ew_buf *out, struct ew_odb *, const struct ew_place *,
	const struct ew_oid *, enum ew_object_type, struct ew_err *err);

struct ew_blobs {
	struct ew_source *source;
	read_fn *read;
	struct ew_buf bytes, places, slices;
	struct slice *slice; /* in the order of the ids */
};

enum ew_code
ew_blobs_open(struct ew_blobs **out, struct ew_source *source, struct ew_err *err)
{
	struct ew_blobs *b = calloc(1, sizeof *b);

	*out = b;
	if (!b)
		return ew_fail_nomem(err);
	b->source = source;
	return EW_OK;
}

void
ew_blobs_free(struct ew_blobs *b)
{
	if (!b)
		return;
	ew_buf_release(&b->bytes);
	ew_buf_release(&b->places);
	ew_buf_release(&b->slices);
	free(b);
}

/* So many bytes in place of what was there, zeroed; NULL when memory is out. */
static void *
make_room(struct ew_buf *b, size_t bytes)
{
	char *p;

	ew_buf_clear(b);
	p = ew_buf_room(b, bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

static enum ew_code
read_one(struct ew_blobs *b, const struct ew_place *place, const struct ew_oid *oid,
	struct ew_err *err)
{
	struct slice *to = &b->slice[place->index];
	bool found = true;
	enum ew_code rc;

	to->from = b->bytes.len;
	rc = place->pack ? b->read(&b->bytes, b->source->odb, place, oid, EW_BLOB, err)
			 : ew_source_read(&b->bytes, &found, b->source, oid, EW_BLOB, err);
	if (rc == EW_OK && !found)
		rc = ew_object_fail(err, oid, "missing");
	to->to = b->bytes.len;
	to->there = true;
	return rc;
}

/* A zero id has no place in a pack, and is not looked for elsewhere. */
static enum ew_code
read_places(struct ew_blobs *b, const struct ew_place *place, const struct ew_oid *oid, size_t n,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		const struct ew_oid *one = &oid[place[i].index];

		ew_packs_expect(place, i, n);
		if (!ew_oid_is_zero(one))
			rc = read_one(b, &place[i], one, err);
	}
	return rc;
}

static enum ew_code
read_all(struct ew_blobs *b, read_fn *read, const struct ew_oid *oid, size_t n, struct ew_err *err)
{
	/* Places are good as long as these packs, though reading may find others. */
	struct ew_packs *packs = ew_packs_hold(ew_odb_packs(b->source->odb));
	struct ew_place *place = make_room(&b->places, n * sizeof *place);
	enum ew_code rc;

	b->read = read;
	ew_buf_clear(&b->bytes);
	b->slice = make_room(&b->slices, n * sizeof *b->slice);
	if (place && b->slice) {
		ew_packs_order(place, packs, oid, n);
		rc = read_places(b, place, oid, n, err);
	} else {
		rc = ew_fail_nomem(err);
	}
	ew_packs_free(packs);
	return rc;
}

enum ew_code
ew_blobs_read(struct ew_blobs *b, const struct ew_oid *oid, size_t n, struct ew_err *err)
{
	return read_all(b, ew_odb_read_at, oid, n, err);
}

enum ew_code
ew_blobs_read_apart(struct ew_blobs *b, const struct ew_oid *oid, size_t n, struct ew_err *err)
{
	return read_all(b, ew_odb_read_apart, oid, n, err);
}

struct ew_str
ew_blobs_at(const struct ew_blobs *b, size_t i)
{
	const struct slice *s = &b->slice[i];

	if (!s->there)
		return (struct ew_str){ NULL, 0 };
	return s->from < s->to ? ew_str_part(ew_buf_str(&b->bytes), s->from, s->to) : EW_LIT("");
}
