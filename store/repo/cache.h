/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digest cache: the trie of a folder of labels by the id of its git tree and its
 * level, in a file below .git/ellwand/ that can be deleted at any time.  It is keyed by
 * contents, so it is never stale; what verifies does without.
 */
#ifndef EW_REPO_CACHE_H
#define EW_REPO_CACHE_H

#include "model/pin.h"
#include "repo/repo.h"

struct ew_cache;

/* A damaged or foreign file counts as an empty cache. */
EW_MUST_USE enum ew_code ew_cache_open(struct ew_cache **out, struct ew_repo *, struct ew_err *err);
void ew_cache_free(struct ew_cache *);
/*
 * True and the trie if the tree is known at this level of folders.  (One git tree can
 * stand at two levels, and the roots over its labels depend on the depth.)
 */
bool ew_cache_get(struct ew_trie *out, const struct ew_cache *, const struct ew_oid *tree,
	unsigned level);
/* Remember, in memory. */
EW_MUST_USE enum ew_code ew_cache_put(struct ew_cache *, const struct ew_oid *tree, unsigned level,
	const struct ew_trie *, struct ew_err *err);
/* Write what is new.  A failure leaves the old file and is no reason to fail. */
void ew_cache_save(struct ew_cache *);

#endif
