/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/pack.h"

#include "base/file.h"
#include "repo/deflate.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FLUSH_AT = 1 << 20,
	PACK_VERSION = 2,
	INDEX_VERSION = 2,
	PACK_HEADER = 12,
};
#define FAR_OFFSET 0x80000000u /* offsets from here on stand in the index's second table */

struct packed {
	struct ew_oid oid;
	uint32_t crc;
	uint64_t offset; /* of its header */
	uint64_t stream; /* of its zlib stream */
	size_t size;     /* of its contents */
};

struct ew_pack {
	struct ew_hash *hash;
	char *dir;
	struct ew_buf temp; /* path of the temporary file */
	int fd;
	struct ew_buf tail; /* bytes not yet written */
	uint64_t size;      /* of file and tail */
	struct packed *object;
	size_t count, room;
};

static void
add_header(struct ew_buf *out, size_t objects)
{
	ew_buf_adds(out, "PACK");
	ew_buf_addu32be(out, PACK_VERSION);
	ew_buf_addu32be(out, (uint32_t)objects);
}

enum ew_code
ew_pack_open(struct ew_pack **out, const char *dir, struct ew_hash *hash, struct ew_err *err)
{
	struct ew_pack *p = calloc(1, sizeof *p);
	enum ew_code rc;

	*out = NULL;
	if (!p)
		return ew_fail_nomem(err);
	p->fd = -1;
	p->hash = hash;
	p->dir = strdup(dir);
	if (!p->dir) {
		ew_pack_free(p);
		return ew_fail_nomem(err);
	}
	if ((rc = ew_file_temp(&p->fd, &p->temp, dir, err)) != EW_OK) {
		ew_pack_free(p);
		return rc;
	}
	add_header(&p->tail, 0);
	p->size = PACK_HEADER;
	*out = p;
	return EW_OK;
}

void
ew_pack_free(struct ew_pack *p)
{
	if (!p)
		return;
	if (p->fd >= 0) {
		close(p->fd);
		unlink(p->temp.p);
	}
	ew_buf_release(&p->temp);
	ew_buf_release(&p->tail);
	free(p->object);
	free(p->dir);
	free(p);
}

static enum ew_code
flush(struct ew_pack *p, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(&p->tail, err);

	if (rc == EW_OK)
		rc = ew_file_write_fd(p->fd, p->temp.p, ew_buf_str(&p->tail), err);
	ew_buf_clear(&p->tail);
	return rc;
}

/* Type and size: 3 bits of type and 4 of size in the first byte, then 7 bits each. */
static void
add_object_header(struct ew_buf *out, unsigned type, size_t size)
{
	unsigned char c = (unsigned char)(type << 4 | (size & 15));

	for (size >>= 4; size; size >>= 7) {
		ew_buf_addc(out, (char)(c | 0x80));
		c = (unsigned char)(size & 0x7f);
	}
	ew_buf_addc(out, (char)c);
}

enum ew_code
ew_pack_add(struct ew_pack *p, const struct ew_oid *oid, unsigned type, size_t size,
	struct ew_str zlib, struct ew_err *err)
{
	const size_t from = p->tail.len;
	struct packed *o;

	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 256;

		o = realloc(p->object, room * sizeof *o);
		if (!o)
			return ew_fail_nomem(err);
		p->object = o;
		p->room = room;
	}
	add_object_header(&p->tail, type, size);
	o = &p->object[p->count];
	o->stream = p->size + (p->tail.len - from);
	ew_buf_add(&p->tail, zlib);
	if (p->tail.bad != EW_OK)
		return ew_buf_check(&p->tail, err);
	p->count++;
	o->oid = *oid;
	o->size = size;
	o->offset = p->size;
	o->crc = ew_crc32(ew_str_part(ew_buf_str(&p->tail), from, p->tail.len));
	p->size += p->tail.len - from;
	return p->tail.len >= FLUSH_AT ? flush(p, err) : EW_OK;
}

enum ew_code
ew_pack_read(struct ew_buf *out, struct ew_pack *p, size_t index, struct ew_err *err)
{
	const struct packed *o = &p->object[index];
	const uint64_t end = index + 1 < p->count ? p->object[index + 1].offset : p->size;
	struct ew_buf zlib = { 0 };
	char *to;
	enum ew_code rc;

	if ((rc = flush(p, err)) != EW_OK)
		return rc;
	to = ew_buf_room(&zlib, (size_t)(end - o->stream));
	if (!to)
		return ew_buf_check(&zlib, err);
	if (pread(p->fd, to, (size_t)(end - o->stream), (off_t)o->stream) !=
		(ssize_t)(end - o->stream))
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot read", p->temp.p);
	else
		rc = ew_inflate(out, ew_str_n(to, (size_t)(end - o->stream)), o->size, err);
	ew_buf_release(&zlib);
	return rc;
}

/* The number of objects is known only now: write it, and hash the whole file. */
static enum ew_code
seal(struct ew_pack *p, struct ew_oid *sum, struct ew_err *err)
{
	struct ew_buf header = { 0 };
	struct ew_mapped map;
	struct ew_str all;
	enum ew_code rc;

	add_header(&header, p->count);
	if ((rc = ew_buf_check(&header, err)) != EW_OK || (rc = flush(p, err)) != EW_OK)
		goto done;
	if (pwrite(p->fd, header.p, header.len, 0) != (ssize_t)header.len) {
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot write", p->temp.p);
		goto done;
	}
	if ((rc = ew_file_map(&map, p->temp.p, err)) != EW_OK)
		goto done;
	all = map.bytes;
	*sum = ew_sha1(p->hash, &all, 1);
	ew_file_unmap(&map);
	rc = ew_file_write_fd(p->fd, p->temp.p, ew_str_n(sum->b, sizeof sum->b), err);
done:
	ew_buf_release(&header);
	return rc;
}

static int
by_oid(const void *a, const void *b)
{
	return memcmp(((const struct packed *)a)->oid.b, ((const struct packed *)b)->oid.b,
		sizeof(struct ew_oid));
}

static void
add_index(struct ew_buf *out, struct ew_pack *p, const struct ew_oid *sum)
{
	uint32_t far = 0;
	size_t at = 0;
	struct ew_str all;
	struct ew_oid own;

	ew_buf_addmem(out, "\377tOc", 4);
	ew_buf_addu32be(out, INDEX_VERSION);
	for (unsigned first = 0; first < 256; first++) {
		while (at < p->count && p->object[at].oid.b[0] <= first)
			at++;
		ew_buf_addu32be(out, (uint32_t)at);
	}
	for (size_t i = 0; i < p->count; i++)
		ew_buf_addmem(out, p->object[i].oid.b, sizeof(struct ew_oid));
	for (size_t i = 0; i < p->count; i++)
		ew_buf_addu32be(out, p->object[i].crc);
	for (size_t i = 0; i < p->count; i++)
		ew_buf_addu32be(out, p->object[i].offset < FAR_OFFSET ? (uint32_t)p->object[i].offset
								      : FAR_OFFSET | far++);
	for (size_t i = 0; i < p->count; i++)
		if (p->object[i].offset >= FAR_OFFSET)
			ew_buf_addu64be(out, p->object[i].offset);
	ew_buf_addmem(out, sum->b, sizeof sum->b);
	all = ew_buf_str(out);
	own = ew_sha1(p->hash, &all, 1);
	ew_buf_addmem(out, own.b, sizeof own.b);
}

enum ew_code
ew_pack_keep(struct ew_pack *p, struct ew_err *err)
{
	struct ew_buf index = { 0 }, path = { 0 };
	struct ew_oid sum;
	char hex[2 * sizeof sum.b + 1];
	int fd;
	enum ew_code rc;

	assert(p->count > 0 && p->count <= UINT32_MAX);
	if ((rc = seal(p, &sum, err)) != EW_OK)
		return rc;
	ew_hex(hex, sum.b, sizeof sum.b);
	qsort(p->object, p->count, sizeof *p->object, by_oid);
	add_index(&index, p, &sum);
	ew_buf_addf(&path, "%s/pack-%s.pack", p->dir, hex);
	if ((rc = ew_buf_check(&index, err)) != EW_OK || (rc = ew_buf_check(&path, err)) != EW_OK)
		goto done;
	fd = p->fd;
	p->fd = -1; /* closed by ew_file_keep() */
	if ((rc = ew_file_keep(fd, p->temp.p, path.p, err)) != EW_OK) {
		unlink(p->temp.p);
		goto done;
	}
	ew_buf_clear(&path);
	ew_buf_addf(&path, "%s/pack-%s.idx", p->dir, hex);
	rc = ew_file_replace(path.p, ew_buf_str(&index), err);
done:
	ew_buf_release(&index);
	ew_buf_release(&path);
	return rc;
}
