/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs: where two trees of a collection differ, before and after.  Folders that are the
 * same are skipped, the others are read once and not kept, so this costs what changed, in
 * time and in memory.  ew_collection_compare() does it for two collections; what is here
 * does a part of it, for several threads with a part each.
 */
#ifndef EW_REPO_PAIRS_H
#define EW_REPO_PAIRS_H

#include "model/manifest.h"
#include "repo/collection.h"
#include "repo/source.h"

/* Two folders at one place.  Zero: there is none on that side. */
struct ew_folder_pair {
	struct ew_oid tree[2];
	unsigned char path[EW_FANOUT_MAX]; /* the digits that lead there */
};

/* What one thread needs for it: a source to read from, which is copied but stays the caller's. */
struct ew_pairs;
EW_MUST_USE enum ew_code ew_pairs_open(struct ew_pairs **out, const struct ew_source *,
	struct ew_err *err);
void ew_pairs_free(struct ew_pairs *);

/*
 * Of two whole trees, in collections of so many levels: the pairs at level `to` that differ,
 * by path; borrowed until the next call.
 */
EW_MUST_USE enum ew_code ew_pairs_folders(const struct ew_folder_pair **out, size_t *n,
	struct ew_pairs *, unsigned levels, const struct ew_folder_pair *root, unsigned to,
	struct ew_err *err);
/* The records below `n` pairs of one level, by path, within a folder by name. */
EW_MUST_USE enum ew_code ew_pairs_records(struct ew_pairs *, unsigned levels,
	const struct ew_folder_pair *, size_t n, unsigned level, ew_pair_fn *, void *user,
	struct ew_err *err);

#endif
