/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed: one rule for commits and releases.  Private to the operations. */
#ifndef EW_OPS_SIGNED_H
#define EW_OPS_SIGNED_H

#include "ops/context.h"

/*
 * EW_NO unless the key of a signature is one that allowed_signers gives to the person
 * `by`, in its time if it has one.  Whether the key signed is another question.
 */
EW_MUST_USE enum ew_code ew_signed_by(const struct ew_signers *, const struct ew_ident *by,
	const struct ew_sshkey *key, struct ew_err *err);
/*
 * EW_NO unless `armour` is a good signature over `payload` with a key that the
 * allowed_signers of `trusted` give to the person `by`, in its time if it has one.
 */
EW_MUST_USE enum ew_code ew_signed_check(struct ew_store *, struct ew_snapshot *trusted,
	const struct ew_ident *by, struct ew_str payload, struct ew_str armour, struct ew_err *err);

/* EW_NO if the policy wants more signatures of this than the one that a commit or a tag can hold. */
EW_MUST_USE enum ew_code ew_signed_enough(const struct ew_policy *, enum ew_threshold,
	struct ew_err *err);

#endif
