/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/deflate.h"

#include <stdlib.h>
#include <zlib.h>

enum { LEVEL = 1 }; /* small records: higher levels cost time and save almost nothing */

struct ew_deflate {
	z_stream z;
};

enum ew_code
ew_deflate_open(struct ew_deflate **out, struct ew_err *err)
{
	struct ew_deflate *d = calloc(1, sizeof *d);

	*out = NULL;
	if (!d)
		return ew_fail_nomem(err);
	if (deflateInit(&d->z, LEVEL) != Z_OK) {
		free(d);
		return ew_fail_nomem(err);
	}
	*out = d;
	return EW_OK;
}

void
ew_deflate_free(struct ew_deflate *d)
{
	if (!d)
		return;
	deflateEnd(&d->z);
	free(d);
}

enum ew_code
ew_deflate(struct ew_buf *out, struct ew_deflate *d, const struct ew_str *piece, size_t n,
	struct ew_err *err)
{
	size_t total = 0, bound;
	char *to;
	int z = Z_OK;

	for (size_t i = 0; i < n; i++)
		total += piece[i].len;
	deflateReset(&d->z);
	bound = deflateBound(&d->z, total);
	if (bound > UINT32_MAX)
		return ew_fail(err, EW_REFUSED, "an object of %zu bytes is too large", total);
	to = ew_buf_room(out, bound);
	if (!to)
		return ew_buf_check(out, err);
	d->z.next_out = (Bytef *)to;
	d->z.avail_out = (uInt)bound;
	for (size_t i = 0; i < n; i++) {
		d->z.next_in = (Bytef *)(uintptr_t)piece[i].p;
		d->z.avail_in = (uInt)piece[i].len;
		z = deflate(&d->z, i + 1 < n ? Z_NO_FLUSH : Z_FINISH);
	}
	/* With room for the bound, and a sound stream, deflate cannot but end. */
	if (z != Z_STREAM_END)
		return ew_fail_nomem(err);
	out->len += bound - d->z.avail_out;
	return EW_OK;
}

enum ew_code
ew_inflate(struct ew_buf *out, struct ew_str zlib, size_t size, struct ew_err *err)
{
	uLongf got = size;
	char *to = ew_buf_room(out, size);

	if (!to)
		return ew_buf_check(out, err);
	if (uncompress((Bytef *)to, &got, (const Bytef *)zlib.p, zlib.len) != Z_OK || got != size)
		return ew_fail(err, EW_CORRUPT, "a compressed object is damaged; run it again");
	out->len += size;
	return EW_OK;
}

uint32_t
ew_crc32(struct ew_str s)
{
	return (uint32_t)crc32_z(0, (const Bytef *)s.p, s.len);
}
