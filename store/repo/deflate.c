/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/deflate.h"

#include <libdeflate.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
	LEVEL = 1, /* small records: higher levels cost time and save almost nothing */
	ZLIB_HEADER = 2,
	STORED_HEADER = 5, /* last or not, the length and its complement */
	STORED_MAX = 65535,
};

struct ew_deflate {
	struct libdeflate_compressor *out;
	z_stream back;
	bool started; /* `back` is */
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
	d->started = inflateInit(&d->back) == Z_OK;
	if (!d->out || !d->started) {
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
	if (d->started)
		inflateEnd(&d->back);
	ew_buf_release(&d->check);
	free(d);
}

/* True if the stream holds these bytes and nothing else; `back` has room for one byte more. */
static bool
comes_back(struct ew_deflate *d, struct ew_str zlib, struct ew_str bytes, char *back)
{
	if (zlib.len > UINT_MAX || bytes.len >= UINT_MAX || inflateReset(&d->back) != Z_OK)
		return false;
	d->back.next_in = (Bytef *)(uintptr_t)zlib.p; /* zlib only reads it */
	d->back.avail_in = (uInt)zlib.len;
	d->back.next_out = (Bytef *)back;
	d->back.avail_out = (uInt)bytes.len + 1;
	return inflate(&d->back, Z_FINISH) == Z_STREAM_END && d->back.avail_in == 0 &&
	       d->back.avail_out == 1 && (bytes.len == 0 || memcmp(back, bytes.p, bytes.len) == 0);
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
	if (!(back = ew_buf_room(&d->check, bytes.len + 1)))
		return ew_buf_check(&d->check, err);
	if (n == 0 || !comes_back(d, ew_str_n(to, n), bytes, back))
		return ew_fail(err, EW_IO,
			"an object does not come back from compression as it went in; is the memory sound?");
	out->len += n;
	return EW_OK;
}

void
ew_deflate_stored(struct ew_buf *out, struct ew_str bytes)
{
	struct ew_str rest = bytes;

	ew_buf_addmem(out, "\x78\x01", ZLIB_HEADER);
	do {
		const struct ew_str block = ew_str_part(rest, 0, STORED_MAX);
		const size_t n = block.len;

		rest = ew_str_part(rest, n, rest.len);
		ew_buf_addmem(out,
			(unsigned char[STORED_HEADER]){ rest.len == 0, (unsigned char)n,
				(unsigned char)(n >> 8), (unsigned char)~n, (unsigned char)(~n >> 8) },
			STORED_HEADER);
		ew_buf_add(out, block);
	} while (rest.len);
	ew_buf_addu32be(out, libdeflate_adler32(1, bytes.p, bytes.len));
}

bool
ew_deflate_is_stored(struct ew_str zlib)
{
	/* The type of the first block: the second and third lowest bits. */
	return zlib.len > ZLIB_HEADER && (zlib.p[ZLIB_HEADER] & 6) == 0;
}

uint32_t
ew_crc32(uint32_t crc, struct ew_str s)
{
	return libdeflate_crc32(crc, s.p, s.len);
}
