/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges: the two versions to compare, as a person names them, and the commits between. */
#ifndef EW_OPS_RANGE_H
#define EW_OPS_RANGE_H

#include "ops/store.h"

/* Revisions, borrowed from the words or in the arena. */
struct ew_range {
	struct ew_str from, to;
};

/*
 * "A B", "A..B" or "A": from A to B, or to HEAD where B is not given.  "A...B": from
 * where the two parted.  No word: from the last release before HEAD, or, where there
 * is none, from the commit before HEAD.
 */
EW_MUST_USE enum ew_code ew_range_read(struct ew_range *out, struct ew_store *, char *const *word,
	size_t n, struct ew_arena *, struct ew_err *err);

#endif
