/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/packindex.h"

#include "base/file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	INDEX_VERSION = 2,
	PREFIXES = 1 << 16,    /* of two bytes of an id */
	PIECE_BYTES = 1 << 18, /* written at a time */
};
#define FAR_OFFSET 0x80000000u /* offsets from here on stand in the second table */

/* --- the order --- */

static size_t
prefix_of(const struct ew_oid *oid)
{
	return (size_t)oid->b[0] << 8 | oid->b[1];
}

static int
by_oid(const void *a, const void *b, void *oids)
{
	const struct ew_oid *oid = oids;

	return memcmp(oid[*(const uint32_t *)a].b, oid[*(const uint32_t *)b].b, sizeof *oid);
}

/* The numbers of the objects in the order of their ids: spread by two bytes, then sorted by the rest. */
static enum ew_code
put_in_order(struct ew_buf *out, const struct ew_oid *oid, size_t n, struct ew_err *err)
{
	struct ew_buf scratch = { 0 };
	uint32_t *order = (uint32_t *)(void *)ew_buf_room(out, n * sizeof *order);
	uint32_t *end = (uint32_t *)(void *)ew_buf_room(&scratch, PREFIXES * sizeof *end);
	size_t from = 0;

	if (!order || !end) {
		ew_buf_release(&scratch);
		return ew_fail_nomem(err);
	}
	memset(end, 0, PREFIXES * sizeof *end);
	for (size_t i = 0; i < n; i++)
		end[prefix_of(&oid[i])]++;
	for (size_t k = 1; k < PREFIXES; k++)
		end[k] += end[k - 1];
	for (size_t i = n; i-- > 0;)
		order[--end[prefix_of(&oid[i])]] = (uint32_t)i;
	/* Each end is now where its prefix begins. */
	for (size_t k = 1; k <= PREFIXES; k++) {
		const size_t to = k < PREFIXES ? end[k] : n;

		if (to - from > 1)
			qsort_r(order + from, to - from, sizeof *order, by_oid, (void *)(uintptr_t)oid);
		from = to;
	}
	out->len = n * sizeof *order;
	ew_buf_release(&scratch);
	return EW_OK;
}

/* --- writing --- */

struct sink {
	int fd;
	const char *name;
	struct ew_hash *hash;
	struct ew_buf piece; /* not yet written */
};

static enum ew_code
spill(struct sink *s, size_t more_than, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(&s->piece, err);

	if (rc != EW_OK || s->piece.len <= more_than)
		return rc;
	ew_sha1_add(s->hash, ew_buf_str(&s->piece));
	rc = ew_file_write_fd(s->fd, s->name, ew_buf_str(&s->piece), err);
	ew_buf_clear(&s->piece);
	return rc;
}

static void
add_fanout(struct ew_buf *out, const struct ew_oid *oid, const uint32_t *order, size_t n)
{
	size_t at = 0;

	for (unsigned first = 0; first < 256; first++) {
		while (at < n && oid[order[at]].b[0] <= first)
			at++;
		ew_buf_addu32be(out, (uint32_t)at);
	}
}

static enum ew_code
write_tables(struct sink *s, const struct ew_oid *oid, const struct ew_packed *packed,
	const uint32_t *order, size_t n, struct ew_err *err)
{
	uint32_t far = 0;
	enum ew_code rc = EW_OK;

	ew_buf_addmem(&s->piece, "\377tOc", 4);
	ew_buf_addu32be(&s->piece, INDEX_VERSION);
	add_fanout(&s->piece, oid, order, n);
	for (size_t i = 0; rc == EW_OK && i < n; i++) {
		ew_buf_addmem(&s->piece, oid[order[i]].b, sizeof *oid);
		rc = spill(s, PIECE_BYTES, err);
	}
	for (size_t i = 0; rc == EW_OK && i < n; i++) {
		ew_buf_addu32be(&s->piece, packed[order[i]].crc);
		rc = spill(s, PIECE_BYTES, err);
	}
	for (size_t i = 0; rc == EW_OK && i < n; i++) {
		const uint64_t offset = packed[order[i]].offset;

		ew_buf_addu32be(&s->piece, offset < FAR_OFFSET ? (uint32_t)offset : FAR_OFFSET | far++);
		rc = spill(s, PIECE_BYTES, err);
	}
	for (size_t i = 0; rc == EW_OK && far && i < n; i++)
		if (packed[order[i]].offset >= FAR_OFFSET) {
			ew_buf_addu64be(&s->piece, packed[order[i]].offset);
			rc = spill(s, PIECE_BYTES, err);
		}
	return rc;
}

enum ew_code
ew_packindex_write(int fd, const char *name, struct ew_hash *hash, const struct ew_oid *oid,
	const struct ew_packed *packed, size_t n, const struct ew_oid *sum, struct ew_err *err)
{
	struct sink s = { fd, name, hash, { 0 } };
	struct ew_buf order = { 0 };
	enum ew_code rc = put_in_order(&order, oid, n, err);

	assert(n <= UINT32_MAX);
	ew_sha1_begin(hash);
	if (rc == EW_OK)
		rc = write_tables(&s, oid, packed, (const uint32_t *)(const void *)order.p, n, err);
	if (rc == EW_OK) {
		ew_buf_addmem(&s.piece, sum->b, sizeof sum->b);
		rc = spill(&s, 0, err);
	}
	if (rc == EW_OK) {
		const struct ew_oid own = ew_sha1_end(hash);

		rc = ew_file_write_fd(fd, name, ew_str_n(own.b, sizeof own.b), err);
	}
	ew_buf_release(&order);
	ew_buf_release(&s.piece);
	return rc;
}
