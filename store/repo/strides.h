/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strides: the commits of a line, one after the other, and the labels that each of them
 * changed: its tree is compared with the one before, by all processors.  Private to
 * history.c.
 */
#ifndef EW_REPO_STRIDES_H
#define EW_REPO_STRIDES_H

#include "base/progress.h"
#include "repo/snapshot.h"

struct ew_stride {
	struct ew_oid commit, tree;
};

/* Stride i changed the label with this key: its record's blob, or zero when it was removed. */
typedef enum ew_code ew_stride_fn(void *user, size_t i, const struct ew_sha256 *key,
	const struct ew_oid *blob, struct ew_err *err);
/*
 * All that `n` strides changed, in their order, the first of them compared with the tree
 * `before`, or with nothing if that is zero.  A function that fails stops it.
 */
EW_MUST_USE enum ew_code ew_strides_compare(struct ew_repo *, const struct ew_oid *before,
	const struct ew_stride *, size_t n, const struct ew_progress *, ew_stride_fn *, void *user,
	struct ew_err *err);

#endif
