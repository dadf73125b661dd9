/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/signed.h"

#include "codec/sshsig.h"

enum ew_code
ew_signed_by(const struct ew_signers *signers, const struct ew_ident *by, const struct ew_sshkey *key,
	struct ew_err *err)
{
	const struct ew_signers_line *line = ew_signers_find(signers, key);

	if (!line)
		return ew_fail(err, EW_NO, "signed with a key that allowed_signers did not hold before it");
	if (!ew_str_eq(line->principal, by->email))
		return ew_fail(err, EW_NO, "signed with the key of %.*s in the name of %.*s",
			EW_FMT(line->principal), EW_FMT(by->email));
	if (by->time < line->valid_after || by->time > line->valid_before)
		return ew_fail(err, EW_NO, "signed outside the time for which the key of %.*s is valid",
			EW_FMT(line->principal));
	return EW_OK;
}

enum ew_code
ew_signed_check(struct ew_store *s, struct ew_snapshot *trusted, const struct ew_ident *by,
	struct ew_str payload, struct ew_str armour, struct ew_err *err)
{
	struct ew_signers *signers;
	struct ew_sshkey key;
	enum ew_code rc;

	if ((rc = ew_sshsig_verify(&key, s->hash, "git", payload, armour, err)) != EW_OK ||
	    (rc = ew_snapshot_signers(&signers, trusted, err)) != EW_OK)
		return rc;
	return ew_signed_by(signers, by, &key, err);
}

enum ew_code
ew_signed_enough(const struct ew_policy *policy, enum ew_threshold threshold, struct ew_err *err)
{
	if (policy->threshold[threshold] > 1)
		return ew_fail(err, EW_NO, "policy.json wants %lld signatures of this, and one is here",
			(long long)policy->threshold[threshold]);
	return EW_OK;
}
