/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: which key signed which commit of a history, for when a later policy revokes one.
 * LABELS_FORMAT.md section 7.  Private to the operations.
 */
#ifndef EW_OPS_USAGE_H
#define EW_OPS_USAGE_H

#include "codec/sshkey.h"
#include "model/policy.h"

struct ew_usage;

EW_MUST_USE enum ew_code ew_usage_open(struct ew_usage **out, struct ew_err *err);
void ew_usage_free(struct ew_usage *);
/* The next commit of the history, and the key that signed it. */
EW_MUST_USE enum ew_code ew_usage_add(struct ew_usage *, const struct ew_oid *commit,
	const struct ew_sshkey *, struct ew_err *err);
/*
 * EW_NO for the oldest commit that a key signed which the policy does not believe there:
 * behind the commit through which it was good (any, when that is not of this history), and
 * not vouched for.  Only the first `n` commits are looked at.
 */
EW_MUST_USE enum ew_code ew_usage_check(const struct ew_usage *, size_t n, struct ew_hash *,
	const struct ew_policy *, struct ew_err *err);
size_t ew_usage_count(const struct ew_usage *);
/* The same for the key of a release's tag: its id must be vouched for. */
EW_MUST_USE enum ew_code ew_usage_check_tag(const struct ew_oid *tag, const struct ew_sshkey *,
	struct ew_hash *, const struct ew_policy *, struct ew_err *err);

#endif
