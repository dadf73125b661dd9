/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/deflate.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LEVEL = 1 }; /* small records: higher levels cost time and save almost nothing */

struct ew_deflate {
	struct libdeflate_compressor *out;
	struct libdeflate_decompressor *back;
	struct ew_buf check;
};

enum ew_code
ew_deflate_open(struct ew_deflate **out, struct ew_err *err)
{
	struct ew_deflate *d = calloc(1, sizeof *d);

	*out = NULL;
	if (!d)
		return ew_fail_nomem(err);
	d->out = libdeflate_alloc_compressor(LEVEL);
	d->back = libdeflate_alloc_decompressor();
	if (!d->out || !d->back) {
		ew_deflate_free(d);
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
	libdeflate_free_compressor(d->out);
	libdeflate_free_decompressor(d->back);
	ew_buf_release(&d->check);
	free(d);
}

enum ew_code
ew_deflate(struct ew_buf *out, struct ew_deflate *d, struct ew_str bytes, struct ew_err *err)
{
	const size_t bound = libdeflate_zlib_compress_bound(d->out, bytes.len);
	char *to = ew_buf_room(out, bound), *back;
	size_t n;

	if (!to)
		return ew_buf_check(out, err);
	n = libdeflate_zlib_compress(d->out, bytes.p, bytes.len, to, bound);
	ew_buf_clear(&d->check);
	back = ew_buf_room(&d->check, bytes.len);
	if (!back)
		return ew_buf_check(&d->check, err);
	if (n == 0 ||
	    libdeflate_zlib_decompress(d->back, to, n, back, bytes.len, NULL) != LIBDEFLATE_SUCCESS ||
	    (bytes.len && memcmp(back, bytes.p, bytes.len) != 0))
		return ew_fail(err, EW_IO,
			"an object does not come back from compression as it went in; is the memory sound?");
	out->len += n;
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
ew_crc32(uint32_t crc, struct ew_str s)
{
	return libdeflate_crc32(crc, s.p, s.len);
}
