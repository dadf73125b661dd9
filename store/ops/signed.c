/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/signed.h"

#include "codec/sshsig.h"
#include "model/cosign.h"

enum ew_code
ew_signed_by(const struct ew_signers *signers, const struct ew_ident *by, const struct ew_sshkey *key,
	int64_t now, struct ew_err *err)
{
	const struct ew_signers_line *line = ew_signers_find(signers, key);

	if (!line)
		return ew_fail(err, EW_NO, "signed with a key that allowed_signers did not hold before it");
	if (!ew_str_eq(line->principal, by->email))
		return ew_fail(err, EW_NO, "signed with the key of %.*s in the name of %.*s",
			EW_FMT(line->principal), EW_FMT(by->email));
	if (by->time < line->valid_after || by->time > line->valid_before || now > line->valid_before)
		return ew_fail(err, EW_NO, "signed outside the time for which the key of %.*s is valid",
			EW_FMT(line->principal));
	return EW_OK;
}

enum ew_code
ew_signed_check(struct ew_sshkey *key, struct ew_store *s, struct ew_snapshot *trusted,
	const struct ew_ident *by, struct ew_str payload, struct ew_str armour, struct ew_err *err)
{
	struct ew_signers *signers;
	enum ew_code rc;

	if ((rc = ew_sshsig_verify(key, s->hash, "git", payload, armour, err)) != EW_OK ||
	    (rc = ew_snapshot_signers(&signers, trusted, err)) != EW_OK)
		return rc;
	return ew_signed_by(signers, by, key, 0, err);
}

/* --- several --- */

/* The event that who counts may make; a release is none, but a role. */
static bool
event_of(enum ew_event *out, enum ew_threshold t)
{
	switch (t) {
	case EW_THRESHOLD_KEYS:
		*out = EW_KEYS;
		return true;
	case EW_THRESHOLD_POLICY:
		*out = EW_POLICY;
		return true;
	case EW_THRESHOLD_RELEASE:
		break;
	}
	return false;
}

static bool
counts(const struct ew_policy *policy, enum ew_threshold threshold, struct ew_str person)
{
	enum ew_event event;

	return event_of(&event, threshold) ? ew_policy_allows(policy, person, event)
					   : ew_policy_has_role(policy, person, EW_LIT("release"));
}

bool
ew_consent_counts(const struct ew_consent *c, struct ew_str person)
{
	return counts(c->policy, c->threshold, person);
}

/* The people who were counted, the first signer at first. */
struct count {
	struct ew_str person[1 + EW_COSIGNS_MAX];
	size_t n;
};

static bool
is_counted(const struct count *count, struct ew_str person)
{
	for (size_t i = 0; i < count->n; i++)
		if (ew_str_eq(count->person[i], person))
			return true;
	return false;
}

static enum ew_code
check_cosign(struct count *count, const struct ew_consent *c, struct ew_str value, struct ew_hash *hash,
	struct ew_err *err)
{
	const struct ew_signers_line *line;
	struct ew_buf armour = { 0 };
	struct ew_sshkey key;
	enum ew_code rc;

	ew_cosign_write_armour(&armour, value);
	if ((rc = ew_buf_check(&armour, err)) == EW_OK)
		rc = ew_sshsig_verify(&key, hash, EW_COSIGN_NAMESPACE, c->text, ew_buf_str(&armour), err);
	ew_buf_release(&armour);
	if (rc != EW_OK)
		return rc;
	line = ew_signers_find(c->signers, &key);
	if (!line)
		return ew_fail(err, EW_NO, "by a key that allowed_signers did not hold before it");
	if (c->by->time < line->valid_after || c->by->time > line->valid_before)
		return ew_fail(err, EW_NO, "outside the time for which the key of %.*s is valid",
			EW_FMT(line->principal));
	if (!ew_consent_counts(c, line->principal))
		return ew_fail(err, EW_NO, "by %.*s, who has no say in it", EW_FMT(line->principal));
	if (is_counted(count, line->principal))
		return ew_fail(err, EW_NO, "by %.*s, who signed it already", EW_FMT(line->principal));
	count->person[count->n++] = line->principal;
	return EW_OK;
}

enum ew_code
ew_consent_check(const struct ew_consent *c, struct ew_hash *hash, struct ew_err *err)
{
	const int64_t wants = c->policy->threshold[c->threshold];
	struct count count = { .person = { c->by->email }, .n = 1 };
	struct ew_str rest = c->cosigns, value;

	while (ew_cosign_next(&value, &rest))
		if (check_cosign(&count, c, value, hash, err) != EW_OK)
			return ew_fail_at(err, "co-signature %zu", count.n);
	if (wants > (int64_t)count.n)
		return ew_fail(err, EW_NO, "policy.json wants %lld signatures of this, and %zu %s here",
			(long long)wants, count.n, count.n == 1 ? "is" : "are");
	return EW_OK;
}

/* --- rules that can be lived with --- */

static bool
has_key(const struct ew_signers *signers, struct ew_str person)
{
	for (size_t i = 0; i < signers->count; i++)
		if (ew_str_eq(signers->line[i].principal, person))
			return true;
	return false;
}

static enum ew_code
check_enough(const struct ew_policy *policy, const struct ew_signers *signers, enum ew_threshold t,
	const char *what, struct ew_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->persons; i++)
		n += has_key(signers, policy->person[i].email) && counts(policy, t, policy->person[i].email);
	if (policy->threshold[t] > (int64_t)n)
		return ew_fail(err, EW_REFUSED,
			"nobody could change the %s again: %lld must sign, and %zu with a key may; keep "
			"enough of them",
			what, (long long)policy->threshold[t], n);
	return EW_OK;
}

enum ew_code
ew_rules_check(const struct ew_policy *policy, const struct ew_signers *signers, struct ew_hash *hash,
	struct ew_err *err)
{
	struct ew_buf print = { 0 };
	enum ew_code rc;

	if ((rc = check_enough(policy, signers, EW_THRESHOLD_POLICY, "policy", err)) != EW_OK ||
	    (rc = check_enough(policy, signers, EW_THRESHOLD_KEYS, "keys", err)) != EW_OK)
		return rc;
	for (size_t i = 0; policy->revokeds && i < signers->count && rc == EW_OK; i++) {
		ew_buf_clear(&print);
		ew_sshkey_fingerprint(&print, hash, &signers->line[i].key);
		rc = ew_buf_check(&print, err);
		if (rc == EW_OK && ew_policy_revoked(policy, ew_buf_str(&print)))
			rc = ew_fail(err, EW_REFUSED,
				"key %.*s of %.*s is revoked, but still in allowed_signers; retire it there",
				EW_FMT(ew_buf_str(&print)), EW_FMT(signers->line[i].principal));
	}
	ew_buf_release(&print);
	return rc;
}
