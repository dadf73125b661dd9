/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lineage: walks along first parents, which are a branch's own past.  Private to the
 * operations.
 */
#ifndef EW_OPS_LINEAGE_H
#define EW_OPS_LINEAGE_H

#include "ops/context.h"

/* The commits of one line that are not of another's, newest first; in its arena. */
struct ew_lineage {
	struct ew_oid *commit;
	size_t commits;
	struct ew_oid fork; /* the newest commit of both lines; zero: they have none in common */
	struct ew_arena arena;
};
/* The caller releases `out`, also after failure. */
EW_MUST_USE enum ew_code ew_lineage_since(struct ew_lineage *out, struct ew_store *,
	const struct ew_oid *base, const struct ew_oid *tip, struct ew_err *err);
void ew_lineage_release(struct ew_lineage *);

/* Whether `commit` is on the line of `tip`, be they what they may; `tip` itself is. */
EW_MUST_USE enum ew_code ew_lineage_holds(bool *out, struct ew_store *, const struct ew_oid *commit,
	const struct ew_oid *tip, struct ew_err *err);
/* The first commit of the line of `tip`. */
EW_MUST_USE enum ew_code ew_lineage_root(struct ew_oid *out, struct ew_store *,
	const struct ew_oid *tip, struct ew_err *err);

/*
 * The name of the newest release on the line of `tip`, that of `tip` itself included,
 * in the arena; absent when there is none.
 */
EW_MUST_USE enum ew_code ew_lineage_release_of(struct ew_str *out, struct ew_store *,
	const struct ew_oid *tip, struct ew_arena *, struct ew_err *err);

#endif
