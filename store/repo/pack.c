/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/pack.h"

#include "base/file.h"
#include "repo/deflate.h"
#include "repo/inflate.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PACK_VERSION = 2,
	INDEX_VERSION = 2,
	PACK_HEADER = 12,
	OFS_DELTA = 6,        /* git's type number */
	BATCH_BYTES = 1 << 18, /* handed to the thread at a time */
	BATCHES = 4,
};
#define FAR_OFFSET 0x80000000u /* offsets from here on stand in the index's second table */

struct packed {
	struct ew_oid oid;
	uint32_t crc;
	uint64_t offset; /* of its header */
	uint64_t stream; /* of its zlib stream */
	size_t size;     /* of what is compressed */
};

/* An object on its way to the thread; its bytes follow those of the one before. */
struct job {
	struct ew_oid oid;
	unsigned type;
	size_t base, len;
};

struct batch {
	struct ew_buf jobs, bytes;
};

struct ew_pack {
	struct ew_hash *hash;
	char *dir;
	struct ew_buf temp; /* path of the temporary file */

	/* The thread's alone while it runs. */
	struct ew_deflate *deflate;
	int fd;
	struct ew_buf zlib, tail; /* one stream; bytes not yet written */
	uint64_t size;            /* of file and tail */
	uint32_t crc;             /* of all behind the header */
	struct packed *object;
	size_t count, room;
	struct ew_err failure;

	/* Handed over under the mutex: batch[i] is the thread's for done <= i < filled, modulo BATCHES. */
	pthread_t thread;
	bool running;
	pthread_mutex_t mutex;
	pthread_cond_t change;
	struct batch batch[BATCHES];
	uint64_t filled, done;
	bool failed, end;
};

static void
add_header(struct ew_buf *out, size_t objects)
{
	ew_buf_adds(out, "PACK");
	ew_buf_addu32be(out, PACK_VERSION);
	ew_buf_addu32be(out, (uint32_t)objects);
}

/* --- the thread --- */

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

static enum ew_code
next_object(struct packed **out, struct ew_pack *p, struct ew_err *err)
{
	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 256;
		struct packed *more = realloc(p->object, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		p->object = more;
		p->room = room;
	}
	*out = &p->object[p->count++];
	return EW_OK;
}

static enum ew_code
write_object(struct ew_pack *p, const struct job *job, struct ew_str bytes, struct ew_err *err)
{
	const bool delta = job->base != EW_PACK_NO_BASE;
	const size_t from = p->tail.len;
	struct ew_str written;
	struct packed *o = NULL;
	enum ew_code rc = next_object(&o, p, err);

	if (rc != EW_OK)
		return rc;
	ew_buf_clear(&p->zlib);
	if ((rc = ew_deflate(&p->zlib, p->deflate, bytes, err)) != EW_OK)
		return rc;
	o->oid = job->oid;
	o->offset = p->size;
	o->size = bytes.len;
	add_object_header(&p->tail, delta ? OFS_DELTA : job->type, bytes.len);
	if (delta)
		add_distance(&p->tail, o->offset - p->object[job->base].offset);
	o->stream = p->size + (p->tail.len - from);
	ew_buf_add(&p->tail, ew_buf_str(&p->zlib));
	if (p->tail.bad != EW_OK)
		return ew_buf_check(&p->tail, err);
	written = ew_str_part(ew_buf_str(&p->tail), from, p->tail.len);
	o->crc = ew_crc32(0, written);
	p->crc = ew_crc32(p->crc, written);
	p->size += written.len;
	return EW_OK;
}

static enum ew_code
write_batch(struct ew_pack *p, struct batch *b, struct ew_err *err)
{
	const struct job *job = (const struct job *)(const void *)b->jobs.p;
	const size_t n = b->jobs.len / sizeof *job;
	size_t at = 0;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		rc = write_object(p, &job[i], ew_str_part(ew_buf_str(&b->bytes), at, at + job[i].len), err);
		at += job[i].len;
	}
	return rc == EW_OK ? flush(p, err) : rc;
}

static void *
work(void *pack)
{
	struct ew_pack *p = pack;

	pthread_mutex_lock(&p->mutex);
	for (;;) {
		struct batch *b = &p->batch[p->done % BATCHES];
		enum ew_code rc = p->failure.code;

		while (p->done == p->filled && !p->end)
			pthread_cond_wait(&p->change, &p->mutex);
		if (p->done == p->filled)
			break;
		pthread_mutex_unlock(&p->mutex);
		if (rc == EW_OK)
			rc = write_batch(p, b, &p->failure);
		ew_buf_clear(&b->jobs);
		ew_buf_clear(&b->bytes);
		pthread_mutex_lock(&p->mutex);
		p->failed = rc != EW_OK;
		p->done++;
		pthread_cond_broadcast(&p->change);
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

/* --- the caller's side --- */

/* Give the batch that is being filled to the thread; waits until there is another to fill. */
static bool
hand_over(struct ew_pack *p, bool all)
{
	bool failed;

	pthread_mutex_lock(&p->mutex);
	p->filled++;
	pthread_cond_broadcast(&p->change);
	while (all ? p->done < p->filled : p->filled - p->done >= BATCHES)
		pthread_cond_wait(&p->change, &p->mutex);
	failed = p->failed;
	pthread_mutex_unlock(&p->mutex);
	return !failed;
}

static enum ew_code
fail_thread(struct ew_pack *p, struct ew_err *err)
{
	return ew_fail(err, p->failure.code, "%s", p->failure.msg);
}

/* Wait until everything added is in the file; the thread's part is then ours. */
static enum ew_code
drain(struct ew_pack *p, struct ew_err *err)
{
	return hand_over(p, true) ? EW_OK : fail_thread(p, err);
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
	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->change, NULL);
	p->dir = strdup(dir);
	rc = p->dir ? ew_deflate_open(&p->deflate, err) : ew_fail_nomem(err);
	if (rc == EW_OK)
		rc = ew_file_temp(&p->fd, &p->temp, dir, err);
	if (rc == EW_OK) {
		add_header(&p->tail, 0);
		p->size = PACK_HEADER;
		p->running = pthread_create(&p->thread, NULL, work, p) == 0;
		if (!p->running)
			rc = ew_fail_nomem(err);
	}
	if (rc != EW_OK) {
		ew_pack_free(p);
		return rc;
	}
	*out = p;
	return EW_OK;
}

void
ew_pack_free(struct ew_pack *p)
{
	if (!p)
		return;
	if (p->running) {
		pthread_mutex_lock(&p->mutex);
		p->end = true;
		pthread_cond_broadcast(&p->change);
		pthread_mutex_unlock(&p->mutex);
		pthread_join(p->thread, NULL);
	}
	if (p->fd >= 0) {
		close(p->fd);
		unlink(p->temp.p);
	}
	for (size_t i = 0; i < BATCHES; i++) {
		ew_buf_release(&p->batch[i].jobs);
		ew_buf_release(&p->batch[i].bytes);
	}
	ew_deflate_free(p->deflate);
	ew_buf_release(&p->temp);
	ew_buf_release(&p->zlib);
	ew_buf_release(&p->tail);
	pthread_cond_destroy(&p->change);
	pthread_mutex_destroy(&p->mutex);
	free(p->object);
	free(p->dir);
	free(p);
}

enum ew_code
ew_pack_add(struct ew_pack *p, const struct ew_oid *oid, unsigned type, size_t base,
	struct ew_str bytes, struct ew_err *err)
{
	const struct job job = { *oid, type, base, bytes.len };
	struct batch *b = &p->batch[p->filled % BATCHES];

	ew_buf_addmem(&b->jobs, &job, sizeof job);
	ew_buf_add(&b->bytes, bytes);
	if (b->jobs.bad != EW_OK || b->bytes.bad != EW_OK)
		return ew_fail_nomem(err);
	if (b->bytes.len < BATCH_BYTES || hand_over(p, false))
		return EW_OK;
	return fail_thread(p, err);
}

enum ew_code
ew_pack_read(struct ew_buf *out, struct ew_pack *p, size_t index, struct ew_err *err)
{
	struct ew_inflater *inflater = NULL;
	struct ew_buf zlib = { 0 };
	const struct packed *o;
	size_t length;
	char *from, *to;
	enum ew_code rc = drain(p, err);

	if (rc != EW_OK)
		return rc;
	o = &p->object[index];
	length = (size_t)((index + 1 < p->count ? p->object[index + 1].offset : p->size) - o->stream);
	from = ew_buf_room(&zlib, length);
	to = ew_buf_room(out, o->size);
	if (!from || !to)
		rc = ew_fail_nomem(err);
	else if (pread(p->fd, from, length, (off_t)o->stream) != (ssize_t)length)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot read", p->temp.p);
	else if ((rc = ew_inflater_open(&inflater, err)) == EW_OK &&
		 !ew_inflater_exact(inflater, to, o->size, ew_str_n(from, length)))
		rc = ew_fail(err, EW_IO, "%s: does not read back; is the disk sound?", p->temp.p);
	if (rc == EW_OK)
		out->len += o->size;
	ew_inflater_free(inflater);
	ew_buf_release(&zlib);
	return rc;
}

/* --- finishing --- */

/*
 * The number of objects is known only now: write it, then hash the whole file as it
 * can be read, and see that it is what was written.
 */
static enum ew_code
seal(struct ew_pack *p, struct ew_oid *sum, struct ew_err *err)
{
	struct ew_buf header = { 0 };
	struct ew_mapped map;
	struct ew_str all;
	enum ew_code rc;

	add_header(&header, p->count);
	if ((rc = ew_buf_check(&header, err)) != EW_OK)
		goto done;
	if (pwrite(p->fd, header.p, header.len, 0) != (ssize_t)header.len) {
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot write", p->temp.p);
		goto done;
	}
	if ((rc = ew_file_map(&map, p->temp.p, err)) != EW_OK)
		goto done;
	all = map.bytes;
	*sum = ew_sha1(p->hash, &all, 1);
	if (all.len != p->size || ew_crc32(0, ew_str_part(all, PACK_HEADER, all.len)) != p->crc)
		rc = ew_fail(err, EW_IO, "%s: does not read back as it was written; is the disk sound?",
			p->temp.p);
	ew_file_unmap(&map);
	if (rc == EW_OK)
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

	if ((rc = drain(p, err)) != EW_OK || (rc = seal(p, &sum, err)) != EW_OK)
		return rc;
	assert(p->count > 0 && p->count <= UINT32_MAX);
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
