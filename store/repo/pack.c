/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/pack.h"

#include "base/crew.h"
#include "base/file.h"
#include "repo/deflate.h"
#include "repo/inflate.h"
#include "repo/packindex.h"
#include "repo/undelta.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PACK_VERSION = 2,
	PACK_HEADER = 12,
	HANDS = 2,             /* the caller's and the thread */
	BATCHES = 4,           /* one is being filled, the others are the thread's */
	BATCH_BYTES = 1 << 18, /* handed to the thread at a time */
	PIECE_BYTES = 1 << 20, /* read back at a time */
};

/* A part of the file on its way there. */
struct batch {
	struct ew_buf bytes;
	uint64_t offset;
};

struct ew_pack {
	char *dir;
	int fd, index_fd;
	struct ew_buf temp, index_temp; /* the paths of the temporary files */

	/* The caller's. */
	struct ew_packed *object;
	size_t count, room;
	uint64_t size;    /* of the file when all is written */
	uint64_t written; /* of these bytes is known that they are in the file */
	struct ew_inflater *inflater;
	struct ew_buf entry, base, delta; /* scratch of reading */

	/* Batches are counted from the first; the i-th is batch[i % BATCHES]. */
	struct ew_crew *crew;
	struct batch batch[BATCHES];
	uint64_t given, taken;
	atomic_bool given_up;

	/* When it has ended. */
	struct ew_oidtable ids;
	struct ew_hash *hash; /* the thread's */
	struct ew_oid sum;
	struct ew_mapped map, index_map;
	struct ew_packfile *file;
};

/* --- the form of an object --- */

static void
add_header(struct ew_buf *out, size_t objects)
{
	ew_buf_adds(out, "PACK");
	ew_buf_addu32be(out, PACK_VERSION);
	ew_buf_addu32be(out, (uint32_t)objects);
}

/* Type and size: 3 bits of type and 4 of size in the first byte, then 7 bits each. */
static void
add_object_header(struct ew_buf *out, unsigned type, uint64_t size)
{
	unsigned char c = (unsigned char)(type << 4 | (size & 15));

	for (size >>= 4; size; size >>= 7) {
		ew_buf_addc(out, (char)(c | 0x80));
		c = (unsigned char)(size & 0x7f);
	}
	ew_buf_addc(out, (char)c);
}

/* How far back the base of a delta stands: 7 bits each, most significant first, less one in all but the last. */
static void
add_distance(struct ew_buf *out, uint64_t n)
{
	unsigned char c[10];
	size_t at = sizeof c;

	c[--at] = n & 127;
	while (n >>= 7)
		c[--at] = (unsigned char)(128 | (--n & 127));
	ew_buf_addmem(out, c + at, sizeof c - at);
}

static uint64_t
end_of(const struct ew_pack *p, size_t number)
{
	return number + 1 < p->count ? p->object[number + 1].offset : p->size;
}

/* --- the thread's work --- */

static enum ew_code
write_at(struct ew_pack *p, uint64_t at, struct ew_str bytes, struct ew_err *err)
{
	while (bytes.len) {
		ssize_t n = pwrite(p->fd, bytes.p, bytes.len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ew_fail_errno(err, EW_IO, errno, "%s: cannot write", p->temp.p);
		at += (uint64_t)n;
		bytes = ew_str_part(bytes, (size_t)n, bytes.len);
	}
	return EW_OK;
}

static enum ew_code
read_at(struct ew_pack *p, char *to, size_t len, uint64_t at, struct ew_err *err)
{
	while (len) {
		ssize_t n = pread(p->fd, to, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ew_fail_errno(err, EW_IO, errno, "%s: cannot read", p->temp.p);
		if (n == 0)
			return ew_fail(err, EW_IO, "%s: shorter than what was written; is the disk sound?",
				p->temp.p);
		at += (uint64_t)n;
		to += n;
		len -= (size_t)n;
	}
	return EW_OK;
}

/* Where reading back is: in which object, and the checksum of what was seen of it. */
struct reading {
	size_t number;
	uint64_t at;
	uint32_t crc;
};

/* The next bytes of the file behind its header; false if they are not those that were added. */
static bool
compare(struct reading *r, const struct ew_pack *p, struct ew_str bytes)
{
	while (bytes.len) {
		const uint64_t end = end_of(p, r->number);
		const struct ew_str part = ew_str_part(bytes, 0, (size_t)(end - r->at));

		r->crc = ew_crc32(r->crc, part);
		r->at += part.len;
		bytes = ew_str_part(bytes, part.len, bytes.len);
		if (r->at < end)
			break;
		if (r->crc != p->object[r->number++].crc)
			return false;
		r->crc = 0;
	}
	return true;
}

/* Hash the whole file as it can be read, and see that it is what was added. */
static enum ew_code
read_back(struct ew_pack *p, struct ew_str header, struct ew_err *err)
{
	struct reading r = { .at = PACK_HEADER };
	struct ew_buf piece = { 0 };
	char *to = ew_buf_room(&piece, PIECE_BYTES);
	enum ew_code rc = ew_buf_check(&piece, err);

	ew_sha1_begin(p->hash);
	for (uint64_t at = 0; rc == EW_OK && at < p->size; at += PIECE_BYTES) {
		const size_t n = p->size - at < PIECE_BYTES ? (size_t)(p->size - at) : PIECE_BYTES;
		struct ew_str bytes = ew_str_n(to, n);

		if (p->given_up)
			rc = ew_fail(err, EW_INTERRUPTED, "%s: given up", p->temp.p);
		if (rc != EW_OK || (rc = read_at(p, to, n, at, err)) != EW_OK)
			break;
		ew_sha1_add(p->hash, bytes);
		if (at == 0 && !ew_str_eq(ew_str_part(bytes, 0, PACK_HEADER), header))
			break;
		if (!compare(&r, p, ew_str_part(bytes, at == 0 ? PACK_HEADER : 0, n)))
			break;
	}
	ew_buf_release(&piece);
	p->sum = ew_sha1_end(p->hash);
	if (rc == EW_OK && r.number < p->count)
		rc = ew_fail(err, EW_IO, "%s: does not read back as it was written; is the disk sound?",
			p->temp.p);
	return rc;
}

/* The number of objects is known only now. */
static enum ew_code
seal(struct ew_pack *p, struct ew_err *err)
{
	struct ew_buf header = { 0 };
	enum ew_code rc;

	add_header(&header, p->count);
	if ((rc = ew_buf_check(&header, err)) == EW_OK &&
	    (rc = write_at(p, 0, ew_buf_str(&header), err)) == EW_OK &&
	    (rc = read_back(p, ew_buf_str(&header), err)) == EW_OK &&
	    (rc = write_at(p, p->size, ew_str_n(p->sum.b, sizeof p->sum.b), err)) == EW_OK &&
	    fsync(p->fd) != 0)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot sync", p->temp.p);
	ew_buf_release(&header);
	return rc;
}

/* The index in a temporary file of its own, and both as readers will have them. */
static enum ew_code
write_index(struct ew_pack *p, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = ew_file_temp(&p->index_fd, &p->index_temp, p->dir, err)) != EW_OK ||
	    (rc = ew_packindex_write(p->index_fd, p->index_temp.p, p->hash, p->ids.oid, p->object,
		     p->count, &p->sum, err)) != EW_OK)
		return rc;
	if (fsync(p->index_fd) != 0)
		return ew_fail_errno(err, EW_IO, errno, "%s: cannot sync", p->index_temp.p);
	if ((rc = ew_file_map(&p->map, p->temp.p, err)) != EW_OK ||
	    (rc = ew_file_map(&p->index_map, p->index_temp.p, err)) != EW_OK ||
	    (rc = ew_packfile_open_bytes(&p->file, p->temp.p, p->map.bytes, p->index_map.bytes,
		     err)) != EW_OK)
		return rc;
	return ew_packfile_check(p->file, p->hash, err);
}

/* A job is a batch to write or, as the last one, the pack itself, to finish. */
static enum ew_code
work(void *pack, void *job, struct ew_err *err)
{
	struct ew_pack *p = pack;
	const struct batch *b = job;
	enum ew_code rc;

	if (job != p)
		return write_at(p, b->offset, ew_buf_str(&b->bytes), err);
	if ((rc = seal(p, err)) == EW_OK)
		rc = write_index(p, err);
	return rc;
}

/* --- opening and closing --- */

enum ew_code
ew_pack_open(struct ew_pack **out, const char *dir, struct ew_err *err)
{
	struct ew_pack *p = calloc(1, sizeof *p);
	void *const tools[HANDS] = { p, p };
	const size_t hands = ew_crew_hands();
	enum ew_code rc;

	*out = NULL;
	if (!p)
		return ew_fail_nomem(err);
	p->fd = p->index_fd = -1;
	if (!(p->dir = strdup(dir)))
		rc = ew_fail_nomem(err);
	else if ((rc = ew_hash_open(&p->hash, err)) == EW_OK &&
		 (rc = ew_inflater_open(&p->inflater, err)) == EW_OK &&
		 (rc = ew_crew_open(&p->crew, hands < HANDS ? hands : HANDS, BATCHES - 1, work, tools,
			  err)) == EW_OK &&
		 (rc = ew_file_temp(&p->fd, &p->temp, dir, err)) == EW_OK) {
		add_header(&p->batch[0].bytes, 0);
		p->size = PACK_HEADER;
	}
	if (rc != EW_OK) {
		ew_pack_free(p);
		return rc;
	}
	*out = p;
	return EW_OK;
}

static void
remove_temp(int *fd, const struct ew_buf *path)
{
	if (*fd < 0)
		return;
	close(*fd);
	unlink(path->p);
	*fd = -1;
}

/* What is not needed to read a finished pack. */
static void
give_memory_back(struct ew_pack *p)
{
	ew_crew_free(p->crew);
	p->crew = NULL;
	for (size_t i = 0; i < BATCHES; i++)
		ew_buf_release(&p->batch[i].bytes);
	ew_oidtable_release(&p->ids);
	free(p->object);
	p->object = NULL;
}

void
ew_pack_free(struct ew_pack *p)
{
	if (!p)
		return;
	p->given_up = true;
	give_memory_back(p);
	ew_packfile_free(p->file);
	ew_file_unmap(&p->map);
	ew_file_unmap(&p->index_map);
	remove_temp(&p->fd, &p->temp);
	remove_temp(&p->index_fd, &p->index_temp);
	ew_buf_release(&p->temp);
	ew_buf_release(&p->index_temp);
	ew_buf_release(&p->entry);
	ew_buf_release(&p->base);
	ew_buf_release(&p->delta);
	ew_inflater_free(p->inflater);
	ew_hash_free(p->hash);
	free(p->dir);
	free(p);
}

/* --- adding --- */

static struct batch *
filling(struct ew_pack *p)
{
	return &p->batch[p->given % BATCHES];
}

static enum ew_code
take(struct ew_pack *p, struct ew_err *err)
{
	void *job;
	enum ew_code rc = ew_crew_take(&job, p->crew, err);
	const struct batch *b = job;

	if (rc == EW_OK) {
		p->taken++;
		p->written = b->offset + b->bytes.len;
	}
	return rc;
}

/* Give the batch that is being filled to the thread; waits until there is another to fill. */
static enum ew_code
hand_over(struct ew_pack *p, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (!ew_crew_has_room(p->crew) && (rc = take(p, err)) != EW_OK)
		return rc;
	ew_crew_give(p->crew, filling(p));
	p->given++;
	ew_buf_clear(&filling(p)->bytes);
	filling(p)->offset = p->size;
	return rc;
}

static enum ew_code
next_object(struct ew_packed **out, struct ew_pack *p, struct ew_err *err)
{
	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 256;
		struct ew_packed *more = realloc(p->object, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		p->object = more;
		p->room = room;
	}
	*out = &p->object[p->count++];
	return EW_OK;
}

/* An object begins; its stream is to follow in the batch that is being filled. */
static enum ew_code
begin_object(struct ew_pack *p, unsigned type, size_t base, uint64_t size, struct ew_err *err)
{
	const bool delta = base != EW_PACK_NO_BASE;
	struct ew_buf *to = &filling(p)->bytes;
	struct ew_packed *o = NULL;
	enum ew_code rc = next_object(&o, p, err);

	if (rc != EW_OK)
		return rc;
	assert(!delta || base < p->count - 1);
	o->offset = p->size;
	add_object_header(to, delta ? EW_PACK_OFS_DELTA : type, size);
	if (delta)
		add_distance(to, o->offset - p->object[base].offset);
	return EW_OK;
}

static enum ew_code
end_object(struct ew_pack *p, struct ew_err *err)
{
	const struct batch *b = filling(p);
	struct ew_packed *o = &p->object[p->count - 1];
	const struct ew_str bytes =
		ew_str_part(ew_buf_str(&b->bytes), (size_t)(o->offset - b->offset), b->bytes.len);
	enum ew_code rc = ew_buf_check(&b->bytes, err);

	if (rc != EW_OK)
		return rc;
	o->crc = ew_crc32(0, bytes);
	p->size += bytes.len;
	return b->bytes.len < BATCH_BYTES ? EW_OK : hand_over(p, err);
}

enum ew_code
ew_pack_add(struct ew_pack *p, unsigned type, size_t base, struct ew_str bytes, struct ew_err *err)
{
	enum ew_code rc = begin_object(p, type, base, bytes.len, err);

	if (rc != EW_OK)
		return rc;
	ew_deflate_stored(&filling(p)->bytes, bytes);
	return end_object(p, err);
}

enum ew_code
ew_pack_add_stream(struct ew_pack *p, unsigned type, size_t base, uint64_t size, struct ew_str zlib,
	struct ew_err *err)
{
	enum ew_code rc = begin_object(p, type, base, size, err);

	if (rc != EW_OK)
		return rc;
	ew_buf_add(&filling(p)->bytes, zlib);
	return end_object(p, err);
}

/* --- reading what was added --- */

/* Bytes of the file that are still in a batch. */
static struct ew_str
in_memory(const struct ew_pack *p, uint64_t at, size_t len)
{
	const struct batch *b;
	uint64_t i = p->given;

	while (p->batch[i % BATCHES].offset > at)
		i--;
	b = &p->batch[i % BATCHES];
	at -= b->offset;
	return ew_str_part(ew_buf_str(&b->bytes), (size_t)at, (size_t)at + len);
}

static enum ew_code
fail_read(struct ew_pack *p, struct ew_err *err)
{
	return ew_fail(err, EW_IO, "%s: does not read back; is the disk sound?", p->temp.p);
}

/* Append what an object's stream holds: its bytes or a delta. */
static enum ew_code
inflate(struct ew_buf *out, struct ew_pack *p, const struct ew_pack_entry *e, struct ew_err *err)
{
	char *to = ew_buf_room(out, e->size);

	if (!to)
		return ew_buf_check(out, err);
	if (!ew_inflater_exact(p->inflater, to, e->size, e->zlib))
		return fail_read(p, err);
	out->len += e->size;
	out->p[out->len] = '\0';
	return EW_OK;
}

static int
by_offset(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = ((const struct ew_packed *)b)->offset;

	return x < y ? -1 : x > y;
}

/* What stands at an offset, wherever its bytes are now; they are good until the next call. */
static enum ew_code
look_at(struct ew_pack_entry *out, struct ew_pack *p, uint64_t offset, struct ew_err *err)
{
	const struct ew_packed *o;
	struct ew_str bytes;
	size_t len;
	enum ew_code rc;

	if (p->file)
		return ew_packfile_entry(out, p->file, offset) ? EW_OK : fail_read(p, err);
	o = bsearch(&offset, p->object, p->count, sizeof *o, by_offset);
	if (!o)
		return fail_read(p, err);
	len = (size_t)(end_of(p, (size_t)(o - p->object)) - offset);
	if (offset >= p->written) {
		bytes = in_memory(p, offset, len);
	} else {
		ew_buf_clear(&p->entry);
		if (!ew_buf_room(&p->entry, len))
			return ew_fail_nomem(err);
		if ((rc = read_at(p, p->entry.p, len, offset, err)) != EW_OK)
			return rc;
		bytes = ew_str_n(p->entry.p, len);
	}
	return ew_pack_entry_parse(out, bytes, offset) ? EW_OK : fail_read(p, err);
}

/* Append the object at an offset, which is no delta of a delta. */
static enum ew_code
read_object(struct ew_buf *out, struct ew_pack *p, uint64_t offset, struct ew_err *err)
{
	struct ew_pack_entry e;
	struct ew_undelta d;
	char *to;
	enum ew_code rc = look_at(&e, p, offset, err);

	if (rc != EW_OK || e.type != EW_PACK_OFS_DELTA)
		return rc == EW_OK ? inflate(out, p, &e, err) : rc;
	ew_buf_clear(&p->delta);
	ew_buf_clear(&p->base);
	if ((rc = inflate(&p->delta, p, &e, err)) != EW_OK ||
	    (rc = look_at(&e, p, e.base, err)) != EW_OK || (rc = inflate(&p->base, p, &e, err)) != EW_OK)
		return rc;
	if (e.type == EW_PACK_OFS_DELTA || !ew_undelta_init(&d, ew_buf_str(&p->delta)))
		return fail_read(p, err);
	if (!(to = ew_buf_room(out, d.size)))
		return ew_buf_check(out, err);
	if (!ew_undelta_apply(to, &d, ew_buf_str(&p->base)))
		return fail_read(p, err);
	out->len += d.size;
	out->p[out->len] = '\0';
	return EW_OK;
}

enum ew_code
ew_pack_read(struct ew_buf *out, struct ew_pack *p, size_t number, struct ew_err *err)
{
	return read_object(out, p, p->object[number].offset, err);
}

enum ew_code
ew_pack_find(struct ew_buf *out, bool *found, struct ew_pack *p, const struct ew_oid *oid,
	struct ew_err *err)
{
	uint64_t offset = 0;
	size_t number;

	*found = p->file ? ew_packfile_find(&offset, p->file, oid)
			 : ew_oidtable_find(&number, &p->ids, oid);
	if (!*found)
		return EW_OK;
	return p->file ? read_object(out, p, offset, err) : ew_pack_read(out, p, number, err);
}

/* --- finishing --- */

enum ew_code
ew_pack_end(struct ew_pack *p, struct ew_oidtable *ids, struct ew_err *err)
{
	enum ew_code rc = hand_over(p, err);

	assert(p->count > 0 && p->count == ids->count);
	while (rc == EW_OK && p->taken < p->given)
		rc = take(p, err);
	p->ids = *ids;
	*ids = (struct ew_oidtable){ 0 };
	if (rc == EW_OK)
		ew_crew_give(p->crew, p);
	return rc;
}

enum ew_code
ew_pack_finish(struct ew_pack *p, struct ew_err *err)
{
	void *job;
	enum ew_code rc;

	if (!p->crew)
		return EW_OK;
	if ((rc = ew_crew_take(&job, p->crew, err)) == EW_OK)
		give_memory_back(p);
	return rc;
}

const struct ew_packfile *
ew_pack_file(const struct ew_pack *p)
{
	return p->file;
}

/* Rename a temporary file to "DIR/pack-SUM" and an ending. */
static enum ew_code
keep_as(struct ew_pack *p, int *fd, const struct ew_buf *temp, const char *ending, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	char hex[2 * sizeof p->sum.b + 1];
	const int file = *fd;
	enum ew_code rc;

	ew_hex(hex, p->sum.b, sizeof p->sum.b);
	ew_buf_addf(&path, "%s/pack-%s%s", p->dir, hex, ending);
	if ((rc = ew_buf_check(&path, err)) == EW_OK) {
		*fd = -1; /* closed by ew_file_keep() */
		if ((rc = ew_file_keep(file, temp->p, path.p, err)) != EW_OK)
			unlink(temp->p);
	}
	ew_buf_release(&path);
	return rc;
}

enum ew_code
ew_pack_keep(struct ew_pack *p, struct ew_err *err)
{
	enum ew_code rc = keep_as(p, &p->fd, &p->temp, ".pack", err);

	return rc == EW_OK ? keep_as(p, &p->index_fd, &p->index_temp, ".idx", err) : rc;
}
