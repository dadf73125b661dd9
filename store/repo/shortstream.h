/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short streams: the zlib stream of one record, which is one block with a code of its
 * own (RFC 1950, RFC 1951), inflated in two thirds of the time that a decompressor for
 * long ones takes, which is mostly spent on its tables.  It can say yes only, its bytes then having
 * the Adler-32 of the stream: whatever else it meets, a real decompressor is asked.
 */
#ifndef EW_REPO_SHORTSTREAM_H
#define EW_REPO_SHORTSTREAM_H

#include "base/str.h"

enum { EW_SHORT_MAX = 4096, EW_SHORT_BITS = 10 };

/* Scratch, whatever it holds. */
struct ew_shortstream {
	uint32_t literal[1 << EW_SHORT_BITS], distance[1 << EW_SHORT_BITS], code[1 << 7];
};

/*
 * The stream that `in` begins with, if it holds exactly `size` bytes, at most
 * EW_SHORT_MAX.  False: not found out; up to `size` bytes at `to` are then spoilt.
 */
bool ew_shortstream_read(struct ew_shortstream *, char *to, size_t size, struct ew_str in);

#endif
