/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deltas: git's form of an object as changes to another (gitformat-pack(5)).  One kind is
 * made for trees of which one entry was patched, the other for records and commits that
 * say the same of something else.  No object of theirs is larger than EW_DELTA_MAX.
 */
#ifndef EW_REPO_DELTA_H
#define EW_REPO_DELTA_H

#include "base/buf.h"

enum { EW_DELTA_MAX = 0xffffff };

/*
 * Append the delta that makes `target` of `base`: what both begin and end with is copied,
 * what is between is inserted.
 */
void ew_delta_write(struct ew_buf *out, struct ew_str base, struct ew_str target);

/* A base in which pieces are looked for; its bytes are borrowed. */
struct ew_delta_base {
	struct ew_str bytes;
	uint16_t slot[4096]; /* where a piece of it begins, + 1 */
};
void ew_delta_base_init(struct ew_delta_base *, struct ew_str bytes);
/* Append the delta that makes `target` of the base: pieces of 8 bytes and more that are in it are copied. */
void ew_delta_find(struct ew_buf *out, const struct ew_delta_base *, struct ew_str target);

#endif
