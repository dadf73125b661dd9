/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways: from the root of a trie down to the place of one key, level by level, with what
 * stands beside it.  The place is where at most one label is left: the key's own, another
 * one's, or none.  LABELS_FORMAT.md sections 6 and 8.2.
 */
#ifndef EW_MODEL_WAY_H
#define EW_MODEL_WAY_H

#include "model/pin.h"

enum { EW_WAY_MAX = 256 };

/* { 0 } is at the root. */
struct ew_way {
	unsigned depth;
	struct ew_trie sibling[EW_WAY_MAX]; /* of each level, from the root on; count 0: empty */
};

/* Which side a key goes to at a level: true for the right one. */
bool ew_way_right(const struct ew_sha256 *key, unsigned level);
/* Whether two keys go the same way at the first `depth` levels. */
bool ew_way_agree(const struct ew_sha256 *, const struct ew_sha256 *, unsigned depth);

/*
 * Down the levels that one hex digit decides: from `whole`, which the 16 children join to.
 * False when the place was reached before the child was.
 */
bool ew_way_down16(struct ew_way *, const struct ew_trie *whole, const struct ew_pin_joins *joins,
	const struct ew_trie *const child[16], unsigned digit);
/*
 * Down to the place of a key among leaves that ascend by key and agree with it in the
 * levels passed so far.  The leaf that stands there, or NULL.
 */
const struct ew_leaf *ew_way_down(struct ew_way *, struct ew_hash *, const struct ew_sha256 *key,
	const struct ew_leaf *leaf, size_t n);

/* Back up: the root over what stands at the place of a key, and `depth` siblings from the root on. */
struct ew_sha256 ew_way_up(struct ew_hash *, const struct ew_sha256 *key, const struct ew_sha256 *place,
	const struct ew_sha256 *sibling, unsigned depth);

#endif
