/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judgement: whether a commit, or a release, is authentic and does what it
 * declares.  The one place that decides; LABELS_FORMAT.md sections 7 and 8.
 * Private to the operations.
 *
 * What does not stand is EW_NO, with the commit and the rule it breaks; what cannot
 * be read is EW_CORRUPT or EW_IO.
 */
#ifndef EW_OPS_JUDGE_H
#define EW_OPS_JUDGE_H

#include "model/release.h"
#include "ops/context.h"

/*
 * Judges a history commit by commit.  It holds the contents as they are after the last
 * one, so each costs what it changes; signatures are checked by other threads meanwhile.
 */
struct ew_judge;

/*
 * Before the first commit of any history.  It uses the store's digest cache, which is to
 * hold nothing but what may be believed, or be none.  With `now`, seconds, not 0, what is
 * judged has just arrived: it cannot be of the future, nor its key's time be over.
 */
EW_MUST_USE enum ew_code ew_judge_open(struct ew_judge **out, struct ew_store *, int64_t now,
	struct ew_err *err);
void ew_judge_free(struct ew_judge *);
/* Go to the contents after a commit that is known to stand; zero: before the first one. */
EW_MUST_USE enum ew_code ew_judge_go(struct ew_judge *, const struct ew_oid *commit,
	struct ew_err *err);
/*
 * Judge the commit that follows, against the contents after its first parent, where the
 * judge must be; it is then after it.  That its signature, or an earlier one's, is not
 * good may be said by a later call.  After a failure go somewhere else first.
 */
EW_MUST_USE enum ew_code ew_judge_next(struct ew_judge *, const struct ew_oid *commit,
	struct ew_err *err);
/* Wait for the signatures: only then do the commits stand. */
EW_MUST_USE enum ew_code ew_judge_settle(struct ew_judge *, struct ew_err *err);
/* How many commits stand, of all that were judged; up to the first fault. */
uint64_t ew_judge_count(const struct ew_judge *);
/* How many commits were judged, with or without a verdict on their signatures. */
size_t ew_judge_seen(const struct ew_judge *);
/*
 * EW_NO if a key signed one of the first `n` of them, where this policy does not believe
 * it any more.
 */
EW_MUST_USE enum ew_code ew_judge_keys(struct ew_judge *, size_t n, const struct ew_policy *,
	struct ew_err *err);
/* The branch that the commit where the judge is was made for; absent before the first. */
struct ew_str ew_judge_ref(const struct ew_judge *);
/* The contents where the judge is, computed from what it read. */
struct ew_snapshot *ew_judge_contents(struct ew_judge *);

/*
 * Judge the tag by which `at` was opened: its signature by somebody with the role
 * "release" in the tagged commit's policy, its name against its reference, its pins
 * and counts against the contents, its place behind the release before.  The number
 * it declares goes to *sequence.  `later`, if not NULL, is a policy that may have revoked
 * the key since.
 */
EW_MUST_USE enum ew_code ew_judge_release(uint64_t *sequence, struct ew_store *,
	const struct ew_version_at *at, struct ew_snapshot *contents, const struct ew_policy *later,
	struct ew_err *err);
/* Of that, whether the contents are those that a release's tag declares. */
EW_MUST_USE enum ew_code ew_judge_declared(const struct ew_release_note *, struct ew_store *,
	struct ew_snapshot *contents, struct ew_err *err);

#endif
