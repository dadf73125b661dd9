/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed: one rule for commits and releases.  Private to the operations. */
#ifndef EW_OPS_SIGNED_H
#define EW_OPS_SIGNED_H

#include "ops/context.h"

/*
 * EW_NO unless the key of a signature is one that allowed_signers gives to the person
 * `by`, in its time if it has one, which (unless `now` is 0) is not over now either.
 * Whether the key signed is another question.
 */
EW_MUST_USE enum ew_code ew_signed_by(const struct ew_signers *, const struct ew_ident *by,
	const struct ew_sshkey *key, int64_t now, struct ew_err *err);
/*
 * EW_NO unless `armour` is a good signature over `payload` with a key that the
 * allowed_signers of `trusted` give to the person `by`, in its time if it has one; the key.
 */
EW_MUST_USE enum ew_code ew_signed_check(struct ew_sshkey *key, struct ew_store *,
	struct ew_snapshot *trusted, const struct ew_ident *by, struct ew_str payload,
	struct ew_str armour, struct ew_err *err);

/* Who has signed something that several may have to sign, and what they signed. */
struct ew_consent {
	const struct ew_policy *policy;   /* that must allow it */
	const struct ew_signers *signers;
	enum ew_threshold threshold;
	const struct ew_ident *by;        /* the committer or tagger, who may do it */
	struct ew_str text, cosigns;      /* what a co-signature is over; the lines of them, or absent */
};
/* Whether this person counts: who may make such a commit, or release. */
bool ew_consent_counts(const struct ew_consent *, struct ew_str person);
/*
 * EW_NO unless every co-signature is good, each of another person who counts, and they
 * are with the first one as many as the policy wants.
 */
EW_MUST_USE enum ew_code ew_consent_check(const struct ew_consent *, struct ew_hash *,
	struct ew_err *err);
/*
 * EW_REFUSED if under these rules nobody could change them again, too few have a key for
 * it, or a revoked key is still allowed.
 */
EW_MUST_USE enum ew_code ew_rules_check(const struct ew_policy *, const struct ew_signers *,
	struct ew_hash *, struct ew_err *err);

#endif
