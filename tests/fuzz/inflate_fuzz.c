/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inflating: two bytes of size, then a stream.  The short way says yes only where
 * libdeflate does, of the same bytes, and writes nothing beyond them.
 */
#include "repo/inflate.h"
#include "repo/shortstream.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "inflate_fuzz: not so: %s\n", what);
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	struct ew_shortstream *x = malloc(sizeof *x);
	char *a, *b;
	size_t n;
	bool good;

	must(d && x, "there is memory");
	if (size >= 2) {
		/* In blocks of their size, so that a sanitizer sees their end. */
		n = (size_t)(data[0] << 8 | data[1]) % (EW_SHORT_MAX + 2);
		a = malloc(n + 1);
		b = malloc(n + 1);
		must(a && b, "there is memory");
		good = libdeflate_zlib_decompress(d, data + 2, size - 2, b + 1, n, NULL) ==
		       LIBDEFLATE_SUCCESS;
		if (ew_shortstream_read(x, a + 1, n, ew_str_n(data + 2, size - 2)))
			must(good && memcmp(a + 1, b + 1, n) == 0, "both give the same");
		free(a);
		free(b);
	}
	free(x);
	libdeflate_free_decompressor(d);
	return 0;
}
