/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finders: where the record of an id is, for who looks up many ids of one collection and
 * changes none.  Only the folders on the way to an id are read, and kept as they are
 * stored; of the other records in them nothing is known, which is what makes it cheap.
 */
#ifndef EW_REPO_FINDER_H
#define EW_REPO_FINDER_H

#include "repo/repo.h"

struct ew_finder;

/*
 * Over the tree `root` (all zero: empty), fan-out `levels`; the repository outlives it.
 * When it has kept `most` bytes of folders, it forgets them and begins anew.
 */
EW_MUST_USE enum ew_code ew_finder_open(struct ew_finder **out, struct ew_repo *,
	const struct ew_oid *root, unsigned levels, size_t most, struct ew_err *err);
void ew_finder_free(struct ew_finder *);
/* The record of an id; *found is false when there is none. */
EW_MUST_USE enum ew_code ew_finder_find(struct ew_oid *blob, bool *found, struct ew_finder *,
	struct ew_str id, struct ew_err *err);

#endif
