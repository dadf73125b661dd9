/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inflating: the contents of zlib streams (RFC 1950), their Adler-32 checked, with one
 * decompressor for all.  One thread at a time; nothing is written past the room given.
 */
#ifndef EW_REPO_INFLATE_H
#define EW_REPO_INFLATE_H

#include "base/err.h"
#include "base/str.h"

struct ew_inflater;

EW_MUST_USE enum ew_code ew_inflater_open(struct ew_inflater **out, struct ew_err *err);
void ew_inflater_free(struct ew_inflater *);

/* False when a stream of `in` bytes cannot possibly hold `size`: asked before room is made. */
bool ew_inflater_could(size_t in, size_t size);
/* The stream that `in` begins with, which holds exactly `size` bytes; false if it does not. */
bool ew_inflater_exact(struct ew_inflater *, char *to, size_t size, struct ew_str in);
/*
 * The contents of the stream that `in` begins with, where they stand, if it is one stored
 * block of `size` bytes; else false, and the stream may be sound.
 */
bool ew_inflater_stored(struct ew_str *out, size_t size, struct ew_str in);
/*
 * All of `in`, which is one stream and nothing behind it; *size is what it holds.
 * EW_INFLATE_FULL: more than there is room for.
 */
enum ew_inflated { EW_INFLATE_DONE, EW_INFLATE_FULL, EW_INFLATE_DAMAGED };
enum ew_inflated ew_inflater_whole(struct ew_inflater *, char *to, size_t room, size_t *size,
	struct ew_str in);

#endif
