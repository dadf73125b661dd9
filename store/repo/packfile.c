/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/packfile.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OID = sizeof(struct ew_oid),
	PACK_HEADER = 12,
	INDEX_HEADER = 8,
	FANOUT = 256,
	INDEX_ROW = OID + 4 + 4, /* an id, its CRC, its offset */
	GUESSES = 3,             /* before bisecting: ids are evenly spread, but for a forger's */
	LINE = 64,               /* bytes that memory gives at once, */
	RECORD = 6 * LINE,       /* how many a record mostly has, */
	ASTRAY = 3 * LINE,       /* and by how many a first guess at the place of an id mostly errs */
	TOGETHER = 32,           /* searches at a time */
	LARGE = 16 << 20,        /* a pack in which objects can lie far apart */
};
#define FAR_OFFSET 0x80000000u /* what is left of it is a place in the index's second table */

struct ew_packfile {
	atomic_uint owners;
	struct ew_mapped pack_map, index_map; /* empty of bytes that are borrowed */
	struct ew_str pack;                   /* without its checksum */
	struct ew_str index;
	const unsigned char *fanout, *oids, *near, *far;
	uint32_t count;
	size_t fars;
	char *path;
	int fd; /* of a large pack; else -1 */
};

static uint32_t
be32(const void *p)
{
	const unsigned char *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint64_t
be64(const void *p)
{
	return (uint64_t)be32(p) << 32 | be32((const unsigned char *)p + 4);
}

/* --- opening --- */

/* The index's tables have their places; false unless they are all there and nothing else. */
static bool
lay_out(struct ew_packfile *f)
{
	const unsigned char *p = (const unsigned char *)f->index.p;
	const size_t fixed = INDEX_HEADER + 4 * FANOUT + 2 * OID;
	size_t rows;

	if (f->index.len < fixed || memcmp(p, "\377tOc\0\0\0\2", INDEX_HEADER) != 0)
		return false;
	f->fanout = p + INDEX_HEADER;
	for (size_t i = 1; i < FANOUT; i++)
		if (be32(f->fanout + 4 * i) < be32(f->fanout + 4 * (i - 1)))
			return false;
	f->count = be32(f->fanout + 4 * (FANOUT - 1));
	rows = (size_t)f->count * INDEX_ROW;
	if (rows > f->index.len - fixed || (f->index.len - fixed - rows) % 8 != 0)
		return false;
	f->fars = (f->index.len - fixed - rows) / 8;
	f->oids = f->fanout + 4 * FANOUT;
	f->near = f->oids + (size_t)f->count * (OID + 4);
	f->far = f->near + (size_t)f->count * 4;
	return f->fars <= f->count;
}

/* Its header, and both files saying the same of its contents. */
static bool
belong(const struct ew_packfile *f, struct ew_str pack)
{
	return pack.len >= PACK_HEADER + OID && memcmp(pack.p, "PACK\0\0\0\2", 8) == 0 &&
	       be32(pack.p + 8) == f->count &&
	       memcmp(pack.p + pack.len - OID, f->index.p + f->index.len - 2 * OID, OID) == 0;
}

enum ew_code
ew_packfile_open_bytes(struct ew_packfile **out, const char *name, struct ew_str pack,
	struct ew_str index, struct ew_err *err)
{
	struct ew_packfile *f = calloc(1, sizeof *f);

	*out = NULL;
	if (!f)
		return ew_fail_nomem(err);
	atomic_init(&f->owners, 1);
	f->fd = -1;
	f->index = index;
	if (!(f->path = strdup(name)))
		ew_fail_nomem(err);
	else if (!lay_out(f))
		ew_fail(err, EW_CORRUPT,
			"%s: its index is damaged, or not of version 2; make it again with git index-pack",
			name);
	else if (!belong(f, pack))
		ew_fail(err, EW_CORRUPT,
			"%s: it is damaged, or its index is another's; fetch the store again, or restore it "
			"from a copy",
			name);
	if (err->code != EW_OK) {
		ew_packfile_free(f);
		return err->code;
	}
	f->pack = ew_str_part(pack, 0, pack.len - OID);
	*out = f;
	return EW_OK;
}

enum ew_code
ew_packfile_open(struct ew_packfile **out, const char *index, struct ew_err *err)
{
	struct ew_mapped pack_map = { { NULL, 0 } }, index_map = { { NULL, 0 } };
	struct ew_buf path = { 0 };
	enum ew_code rc;

	*out = NULL;
	ew_buf_add(&path, ew_str_part(ew_str(index), 0, strlen(index) - strlen(".idx")));
	ew_buf_adds(&path, ".pack");
	if ((rc = ew_buf_check(&path, err)) == EW_OK &&
	    (rc = ew_file_map(&index_map, index, err)) == EW_OK &&
	    (rc = ew_file_map(&pack_map, path.p, err)) == EW_OK)
		rc = ew_packfile_open_bytes(out, path.p, pack_map.bytes, index_map.bytes, err);
	if (rc == EW_OK) {
		(*out)->pack_map = pack_map;
		(*out)->index_map = index_map;
		if (pack_map.bytes.len >= LARGE)
			(*out)->fd = open(path.p, O_RDONLY | O_CLOEXEC);
	} else {
		ew_file_unmap(&pack_map);
		ew_file_unmap(&index_map);
	}
	ew_buf_release(&path);
	return rc;
}

struct ew_packfile *
ew_packfile_hold(struct ew_packfile *f)
{
	atomic_fetch_add(&f->owners, 1);
	return f;
}

void
ew_packfile_free(struct ew_packfile *f)
{
	if (!f || atomic_fetch_sub(&f->owners, 1) != 1)
		return;
	ew_file_unmap(&f->pack_map);
	ew_file_unmap(&f->index_map);
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

/* --- the index --- */

const char *
ew_packfile_path(const struct ew_packfile *f)
{
	return f->path;
}

uint64_t
ew_packfile_checksum(const struct ew_packfile *f)
{
	return be64(f->pack.p + f->pack.len);
}

uint32_t
ew_packfile_count(const struct ew_packfile *f)
{
	return f->count;
}

struct ew_oid
ew_packfile_oid(const struct ew_packfile *f, uint32_t at)
{
	struct ew_oid oid;

	memcpy(oid.b, f->oids + (size_t)at * OID, OID);
	return oid;
}

enum ew_code
ew_packfile_check(const struct ew_packfile *f, struct ew_hash *hash, struct ew_err *err)
{
	struct ew_str all = ew_str_part(f->index, 0, f->index.len - OID);
	struct ew_oid sum = ew_sha1(hash, &all, 1);

	if (memcmp(sum.b, f->index.p + all.len, OID) == 0)
		return EW_OK;
	return ew_fail(err, EW_CORRUPT,
		"%s: its index is damaged; make it again with git index-pack", f->path);
}

/* An offset that is none is found too, as one past the end, so that its object is damaged. */
uint64_t
ew_packfile_offset(const struct ew_packfile *f, uint32_t at)
{
	const uint32_t near = be32(f->near + 4 * (size_t)at), far = near & ~FAR_OFFSET;

	if (near < FAR_OFFSET)
		return near;
	return far < f->fars ? be64(f->far + 8 * (size_t)far) : UINT64_MAX;
}

uint32_t
ew_packfile_crc(const struct ew_packfile *f, uint32_t at)
{
	return be32(f->near - 4 * ((size_t)f->count - at));
}

uint64_t
ew_packfile_end(const struct ew_packfile *f)
{
	return f->pack.len;
}

/* The place of a key between two neighbours, if ids are evenly spread. */
static uint32_t
guess(uint32_t n, uint32_t key, uint32_t low, uint32_t high)
{
	if (key <= low)
		return 0;
	return key >= high ? n - 1 : (uint32_t)((uint64_t)n * (key - low) / (high - low));
}

/* A search for an id, between two neighbours that come nearer. */
struct search {
	const struct ew_oid *oid;
	struct ew_place *place; /* of one among many */
	uint32_t lo, hi, mid;   /* between which places, and where to look next */
	uint32_t low, high;     /* the keys there */
	unsigned tries;
};

static void
begin_search(struct search *s, const struct ew_packfile *f, const struct ew_oid *oid)
{
	const unsigned first = oid->b[0];

	*s = (struct search){ .oid = oid, .high = UINT32_MAX };
	s->lo = first ? be32(f->fanout + 4 * (first - 1)) : 0;
	s->hi = be32(f->fanout + 4 * (size_t)first);
}

/* Choose where to look next; false when nothing is left. */
static bool
aim(struct search *s)
{
	const uint32_t n = s->hi - s->lo;

	if (s->lo >= s->hi)
		return false;
	s->mid = s->lo +
		(s->tries++ < GUESSES ? guess(n, be32(s->oid->b + 1), s->low, s->high) : n / 2);
	return true;
}

/* Look there: true if this is it. */
static bool
hits(struct search *s, const struct ew_packfile *f)
{
	const unsigned char *there = f->oids + (size_t)s->mid * OID;
	const int d = memcmp(there, s->oid->b, OID);

	if (d < 0) {
		s->lo = s->mid + 1;
		s->low = be32(there + 1);
	} else {
		s->hi = s->mid;
		s->high = be32(there + 1);
	}
	return d == 0;
}

/* Have the memory fetched around a first aim, where the next ones mostly are. */
static void
fetch_around(const struct search *s, const struct ew_packfile *f)
{
	const size_t end = (size_t)f->count * OID, at = (size_t)s->mid * OID;
	const size_t to = end - at < ASTRAY ? end : at + ASTRAY;

	__builtin_prefetch(f->near + (size_t)s->mid * 4);
	for (size_t from = at < ASTRAY ? 0 : at - ASTRAY; from < to; from += LINE)
		__builtin_prefetch(f->oids + from);
}

bool
ew_packfile_find(uint64_t *offset, const struct ew_packfile *f, const struct ew_oid *oid)
{
	struct search s;

	begin_search(&s, f, oid);
	while (aim(&s)) {
		if (s.tries == 1)
			fetch_around(&s, f);
		if (hits(&s, f)) {
			*offset = ew_packfile_offset(f, s.mid);
			return true;
		}
	}
	return false;
}

/* Aim, and have the memory there fetched meanwhile. */
static bool
aim_ahead(struct search *s, const struct ew_packfile *f)
{
	if (!aim(s))
		return false;
	__builtin_prefetch(f->oids + (size_t)s->mid * OID);
	return true;
}

/*
 * All searches take one step in turn, so that none waits for memory.  Those that find
 * something, so many, are moved to `found`.
 */
static size_t
search_together(struct search *found, struct search *s, size_t n, const struct ew_packfile *f)
{
	size_t founds = 0;

	while (n)
		for (size_t i = 0; i < n;) {
			const bool is = hits(&s[i], f);

			if (is) {
				__builtin_prefetch(f->near + (size_t)s[i].mid * 4);
				found[founds++] = s[i];
			}
			if (is || !aim_ahead(&s[i], f))
				s[i] = s[--n];
			else
				i++;
		}
	return founds;
}

size_t
ew_packfile_find_all(struct ew_place *place, const struct ew_packfile *f, const struct ew_oid *oid,
	size_t n)
{
	struct search s[TOGETHER], found[TOGETHER];
	size_t all = 0;

	for (size_t i = 0; i < n;) {
		size_t searches = 0, founds;

		for (; i < n && searches < TOGETHER; i++) {
			if (place[i].pack)
				continue;
			begin_search(&s[searches], f, &oid[i]);
			s[searches].place = &place[i];
			searches += aim_ahead(&s[searches], f);
		}
		founds = search_together(found, s, searches, f);
		for (size_t k = 0; k < founds; k++) {
			found[k].place->pack = f;
			found[k].place->offset = ew_packfile_offset(f, found[k].mid);
		}
		all += founds;
	}
	return all;
}

/* --- the pack --- */

static bool
take(unsigned char *out, struct ew_str *s)
{
	if (!s->len)
		return false;
	*out = (unsigned char)*s->p++;
	s->len--;
	return true;
}

/* Type and size: 3 bits of type and 4 of size in the first byte, then 7 bits each. */
static bool
take_header(struct ew_pack_entry *e)
{
	unsigned char c;

	if (!take(&c, &e->zlib))
		return false;
	e->type = c >> 4 & 7;
	e->size = c & 15;
	for (unsigned shift = 4; c & 0x80; shift += 7) {
		if (shift > 56 || !take(&c, &e->zlib))
			return false;
		e->size |= (uint64_t)(c & 0x7f) << shift;
	}
	return true;
}

/* How far before its delta a base begins: 7 bits each, highest first, each but the last plus 1. */
static bool
take_distance(uint64_t *out, struct ew_str *s)
{
	unsigned char c;

	if (!take(&c, s))
		return false;
	*out = c & 0x7f;
	while (c & 0x80) {
		if (*out >> 55 || !take(&c, s))
			return false;
		*out = ((*out + 1) << 7) | (c & 0x7f);
	}
	return true;
}

void
ew_packfile_expect_entry(const struct ew_packfile *f, uint64_t offset)
{
	const uint64_t end = f->pack.len;
	const uint64_t to = offset < end && end - offset > RECORD ? offset + RECORD : end;

	for (; offset < to; offset += LINE)
		__builtin_prefetch(f->pack.p + offset);
}

bool
ew_pack_entry_parse(struct ew_pack_entry *out, struct ew_str bytes, uint64_t offset)
{
	uint64_t back;

	out->base = 0;
	out->zlib = bytes;
	if (!take_header(out))
		return false;
	if (out->type == EW_PACK_OFS_DELTA) {
		if (!take_distance(&back, &out->zlib) || back == 0 || back > offset)
			return false;
		out->base = offset - back;
	}
	return out->type != 0 && out->type != 5;
}

bool
ew_packfile_entry(struct ew_pack_entry *out, const struct ew_packfile *f, uint64_t offset)
{
	struct ew_oid base;

	if (offset < PACK_HEADER || offset >= f->pack.len ||
	    !ew_pack_entry_parse(out, ew_str_part(f->pack, (size_t)offset, f->pack.len), offset))
		return false;
	if (out->type != EW_PACK_REF_DELTA)
		return true;
	if (out->zlib.len < OID)
		return false;
	memcpy(base.b, out->zlib.p, OID);
	out->zlib = ew_str_part(out->zlib, OID, out->zlib.len);
	return ew_packfile_find(&out->base, f, &base);
}

bool
ew_packfile_entry_apart(struct ew_pack_entry *out, const struct ew_packfile *f, uint64_t offset,
	char *room, size_t size)
{
	ssize_t n;

	if (f->fd < 0 || offset < PACK_HEADER || offset >= f->pack.len)
		return false;
	n = pread(f->fd, room, size, (off_t)offset);
	out->base = 0;
	out->zlib = ew_str_n(room, n > 0 ? (size_t)n : 0);
	return take_header(out) && out->type >= 1 && out->type <= 4;
}
