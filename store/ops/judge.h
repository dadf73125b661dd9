/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judgement: whether one commit is authentic and does what it declares.  The one
 * function that decides; LABELS_FORMAT.md section 7.  Private to the operations.
 */
#ifndef EW_OPS_JUDGE_H
#define EW_OPS_JUDGE_H

#include "ops/context.h"

/*
 * Judge `commit` (opened as `at`) against its first parent (`parent`, NULL for the
 * first commit): signature, signer, role, trailers, pins, tree difference, time.
 * EW_NO with the reason, naming the commit and the rule, if it does not stand.
 * `dataset` is the UUID that the first commit of the history declares.
 */
EW_MUST_USE enum ew_code ew_judge(struct ew_store *, const struct ew_version_at *at,
	const struct ew_version_at *parent, struct ew_str dataset, struct ew_err *err);

#endif
