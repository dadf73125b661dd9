/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ancestry: the judgement of a whole history, from its first commit on.  Private to
 * the operations.
 */
#ifndef EW_OPS_ANCESTRY_H
#define EW_OPS_ANCESTRY_H

#include "ops/judge.h"

/* What is judged in one verification; each commit once, whatever refs lead to it. */
struct ew_ancestry;

/*
 * Takes the store's digest cache away until it is freed, so that nothing but what is read
 * is believed; unless `believe`, for a server, whose cache is its own.  `now` as for
 * ew_judge_open().
 */
EW_MUST_USE enum ew_code ew_ancestry_open(struct ew_ancestry **out, struct ew_store *, bool believe,
	int64_t now, struct ew_err *err);
void ew_ancestry_free(struct ew_ancestry *);
/* Take a commit, and with it all before it, for judged: a server's own branches are. */
EW_MUST_USE enum ew_code ew_ancestry_trust(struct ew_ancestry *, const struct ew_oid *commit,
	struct ew_err *err);
/*
 * Judge `tip` and all before it that was not yet, as ew_judge_next(), and the keys that
 * signed it by the policy that it has.  A `ref` that is a branch must be the one that it was
 * made for, or begin in the history of the main one.
 */
EW_MUST_USE enum ew_code ew_ancestry_judge(struct ew_ancestry *, const struct ew_oid *tip,
	struct ew_str ref, struct ew_err *err);
/*
 * Hold what was judged against what the branch that HEAD names says later of the keys: if
 * it goes on from `tip`, the last one judged, and stands.  The tip is then the last again.
 */
EW_MUST_USE enum ew_code ew_ancestry_look_ahead(struct ew_ancestry *, const struct ew_oid *tip,
	struct ew_err *err);
/* The policy that was found so; NULL without. */
const struct ew_policy *ew_ancestry_later(const struct ew_ancestry *);
/* The contents after the tip that was judged last; borrowed until the next. */
struct ew_snapshot *ew_ancestry_contents(struct ew_ancestry *);
/* How many commits were judged, and stand. */
uint64_t ew_ancestry_count(const struct ew_ancestry *);
/* The first commit of the history that was judged last from its beginning; zero before. */
struct ew_oid ew_ancestry_root(const struct ew_ancestry *);

#endif
