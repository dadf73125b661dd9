/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>

enum { RATIO_MAX = 1032 }; /* of deflate: 258 bytes from 2 bits */

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
