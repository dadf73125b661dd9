/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>

enum {
	RATIO_MAX = 1032,   /* of deflate: 258 bytes from 2 bits */
	STORED_HEAD = 7,    /* RFC 1950: 2 bytes; RFC 1951: a byte of bits, LEN, NLEN */
	STORED_MAX = 65535,
	ADLER = 4,
};

struct ew_inflater {
	struct libdeflate_decompressor *z;
};

enum ew_code
ew_inflater_open(struct ew_inflater **out, struct ew_err *err)
{
	struct ew_inflater *i = calloc(1, sizeof *i);

	*out = NULL;
	if (!i || !(i->z = libdeflate_alloc_decompressor())) {
		free(i);
		return ew_fail_nomem(err);
	}
	*out = i;
	return EW_OK;
}

void
ew_inflater_free(struct ew_inflater *i)
{
	if (!i)
		return;
	libdeflate_free_decompressor(i->z);
	free(i);
}

bool
ew_inflater_could(size_t in, size_t size)
{
	return size / RATIO_MAX <= in;
}

bool
ew_inflater_exact(struct ew_inflater *i, char *to, size_t size, struct ew_str in)
{
	return libdeflate_zlib_decompress(i->z, in.p, in.len, to, size, NULL) == LIBDEFLATE_SUCCESS;
}

bool
ew_inflater_stored(struct ew_str *out, size_t size, struct ew_str in)
{
	const unsigned char *p = (const unsigned char *)in.p;

	if (size > STORED_MAX || in.len < STORED_HEAD + size + ADLER)
		return false;
	/* Deflate in a window of up to 32 KiB, no dictionary; then the last block, which is stored. */
	if ((p[0] & 15) != 8 || p[0] >> 4 > 7 || p[1] & 32 || (p[0] << 8 | p[1]) % 31 != 0 ||
	    (p[2] & 7) != 1 || (size_t)(p[3] | p[4] << 8) != size || (p[5] ^ p[3]) != 255 ||
	    (p[6] ^ p[4]) != 255)
		return false;
	*out = ew_str_part(in, STORED_HEAD, STORED_HEAD + size);
	p += STORED_HEAD + size;
	return libdeflate_adler32(1, out->p, size) ==
	       ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

enum ew_inflated
ew_inflater_whole(struct ew_inflater *i, char *to, size_t room, size_t *size, struct ew_str in)
{
	size_t used = 0;

	switch (libdeflate_zlib_decompress_ex(i->z, in.p, in.len, to, room, &used, size)) {
	case LIBDEFLATE_SUCCESS:
		return used == in.len ? EW_INFLATE_DONE : EW_INFLATE_DAMAGED;
	case LIBDEFLATE_INSUFFICIENT_SPACE:
		return EW_INFLATE_FULL;
	default:
		return EW_INFLATE_DAMAGED;
	}
}
