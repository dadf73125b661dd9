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

#include "ops/context.h"

/*
 * Judge a commit against its first parent, NULL for the first commit.  `dataset` is
 * the UUID of the history's first commit.  Both were opened with a cache that holds
 * nothing but what this verification computed itself, or with none.
 */
EW_MUST_USE enum ew_code ew_judge(struct ew_store *, const struct ew_version_at *at,
	const struct ew_version_at *parent, struct ew_str dataset, struct ew_err *err);

/*
 * Judge the tag by which `at` was opened: its signature by somebody with the role
 * "release" in the tagged commit's policy, its name against its reference, its pins
 * and counts against the contents, its place behind the release before.  The number
 * it declares goes to *sequence.
 */
EW_MUST_USE enum ew_code ew_judge_release(uint64_t *sequence, struct ew_store *,
	const struct ew_version_at *at, struct ew_err *err);

#endif
