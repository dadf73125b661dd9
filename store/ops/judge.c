/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement of commits; that of releases is in judge_release.c. */
#include "ops/judge.h"

#include "model/cosign.h"
#include "ops/deeds.h"
#include "ops/signatures.h"
#include "ops/signed.h"
#include "ops/usage.h"

#include <stdlib.h>

/* By how much a clock may be ahead of ours. */
enum { AHEAD_MOST = 300 };

/* Where the history of a data set is; other branches leave it. */
static const char trunk[] = "refs/heads/main";

struct ew_judge {
	struct ew_store *store;
	int64_t now; /* 0: whatever it is */
	struct ew_deeds *deeds;
	struct ew_signatures *signatures;
	struct ew_usage *usage;
	struct ew_snapshot *contents; /* NULL: after a failure */
	struct ew_transition change;
	struct ew_str dataset; /* UUID of the history; absent before its first commit */
	struct ew_buf ref;     /* that the commit was made for */
	struct ew_oid tree;    /* of the commit that it is after; zero before the first one */
	int64_t time;
	struct ew_buf object; /* of the commit that is judged */
	struct ew_arena arena, history;
};

/* A commit on trial. */
struct trial {
	const struct ew_oid *id;
	struct ew_commit commit;
	struct ew_message message;
	const struct ew_sshsig *signature; /* NULL until it is parsed */
	struct ew_doer doer;
	bool first;
};

enum ew_code
ew_judge_open(struct ew_judge **out, struct ew_store *s, int64_t now, struct ew_err *err)
{
	static const struct ew_oid none;
	struct ew_judge *j = calloc(1, sizeof *j);
	enum ew_code rc;

	*out = NULL;
	if (!j)
		return ew_fail_nomem(err);
	j->store = s;
	j->now = now;
	if ((rc = ew_usage_open(&j->usage, err)) != EW_OK || (rc = ew_deeds_open(&j->deeds, s, err)) != EW_OK ||
	    (rc = ew_signatures_open(&j->signatures, err)) != EW_OK ||
	    (rc = ew_judge_go(j, &none, err)) != EW_OK) {
		ew_judge_free(j);
		return rc;
	}
	*out = j;
	return EW_OK;
}

void
ew_judge_free(struct ew_judge *j)
{
	if (!j)
		return;
	ew_signatures_free(j->signatures);
	ew_usage_free(j->usage);
	ew_buf_release(&j->ref);
	ew_deeds_free(j->deeds);
	ew_snapshot_free(j->contents);
	ew_transition_release(&j->change);
	ew_buf_release(&j->object);
	ew_arena_release(&j->arena);
	ew_arena_release(&j->history);
	free(j);
}

uint64_t
ew_judge_count(const struct ew_judge *j)
{
	return ew_signatures_good(j->signatures);
}

size_t
ew_judge_seen(const struct ew_judge *j)
{
	return ew_usage_count(j->usage);
}

enum ew_code
ew_judge_keys(struct ew_judge *j, size_t n, const struct ew_policy *policy, struct ew_err *err)
{
	return ew_usage_check(j->usage, n, j->store->hash, policy, err);
}

struct ew_str
ew_judge_ref(const struct ew_judge *j)
{
	return ew_buf_str(&j->ref);
}

struct ew_snapshot *
ew_judge_contents(struct ew_judge *j)
{
	return j->contents;
}

/* --- going --- */

/* The data set that a history is of is said by its first manifest, and by no other one after it. */
static enum ew_code
name_dataset(struct ew_judge *j, struct ew_err *err)
{
	struct ew_manifest *m;
	enum ew_code rc = ew_snapshot_manifest(&m, j->contents, err);

	ew_arena_reset(&j->history);
	if (rc == EW_OK && !(j->dataset = ew_arena_str(&j->history, m->dataset)).p)
		rc = ew_fail_nomem(err);
	return rc;
}

/* What is far away is opened, since all that is between would be read to follow there. */
static enum ew_code
open_contents(struct ew_judge *j, const struct ew_oid *tree, struct ew_err *err)
{
	ew_snapshot_free(j->contents);
	return ew_snapshot_open(&j->contents, j->store->repo, j->store->cache, tree, err);
}

static enum ew_code
set_ref(struct ew_judge *j, struct ew_str ref, struct ew_err *err)
{
	if (ew_str_eq(ew_buf_str(&j->ref), ref))
		return EW_OK;
	ew_buf_clear(&j->ref);
	ew_buf_add(&j->ref, ref);
	return ew_buf_check(&j->ref, err);
}

enum ew_code
ew_judge_go(struct ew_judge *j, const struct ew_oid *commit, struct ew_err *err)
{
	struct ew_commit c = { .parents = 0 };
	struct ew_message m = { .ref = { NULL, 0 } };
	enum ew_code rc = EW_OK;

	ew_arena_reset(&j->arena);
	if (!ew_oid_is_zero(commit) &&
	    ((rc = ew_read_commit(&c, j->store, commit, &j->arena, err)) != EW_OK ||
		    (rc = ew_message_parse(&m, c.message, err)) != EW_OK))
		return rc;
	if ((rc = set_ref(j, m.ref, err)) != EW_OK)
		return rc;
	if (j->contents && !ew_oid_is_zero(&c.tree) && ew_oid_eq(&c.tree, &j->tree))
		rc = EW_OK;
	else if (!j->contents || ew_oid_is_zero(&c.tree) || ew_oid_is_zero(&j->tree))
		rc = open_contents(j, &c.tree, err);
	else
		rc = ew_snapshot_follow(&j->change, j->contents, &c.tree, err);
	if (rc != EW_OK) {
		ew_snapshot_free(j->contents);
		j->contents = NULL;
		return rc;
	}
	j->tree = c.tree;
	j->time = c.by.time;
	j->dataset = (struct ew_str){ NULL, 0 };
	return ew_oid_is_zero(commit) ? EW_OK : name_dataset(j, err);
}

/* --- judging --- */

static enum ew_code
read_trial(struct trial *t, struct ew_judge *j, const struct ew_oid *commit, struct ew_err *err)
{
	enum ew_code rc;

	*t = (struct trial){ .id = commit, .first = ew_oid_is_zero(&j->tree) };
	ew_arena_reset(&j->arena);
	ew_buf_clear(&j->object);
	if ((rc = ew_repo_read(&j->object, j->store->repo, commit, EW_COMMIT, err)) != EW_OK ||
	    (rc = ew_commit_parse(&t->commit, &j->arena, ew_buf_str(&j->object), err)) != EW_OK)
		return rc;
	return ew_message_parse(&t->message, t->commit.message, err);
}

static enum ew_code
check_event(const struct trial *t, struct ew_err *err)
{
	switch (t->message.event) {
	case EW_INIT:
		return t->first ? EW_OK
				: ew_fail(err, EW_NO, "declares \"init\", but is not the first commit");
	case EW_ADJUDICATE:
	case EW_AUDIT:
	case EW_RECOMPUTE:
	case EW_MERGE:
	case EW_REVERT:
		return ew_fail(err, EW_NO, "declares \"%s\", which this edition of the format reserves",
			ew_event_word(t->message.event));
	case EW_IMPORT:
	case EW_RELABEL:
	case EW_REBIND:
	case EW_ABSTAIN:
	case EW_DISAMBIGUATE:
	case EW_WITHDRAW:
	case EW_POLICY:
	case EW_KEYS:
	case EW_RESHARD:
		break;
	}
	return t->first ? ew_fail(err, EW_NO, "is the first commit, but does not declare \"init\"") : EW_OK;
}

/* Of the first parent; of the first commit, its own. */
static enum ew_code
trusted_rules(struct ew_policy **policy, struct ew_signers **signers, struct ew_judge *j,
	struct ew_err *err)
{
	enum ew_code rc;

	*policy = j->change.policy;
	*signers = j->change.signers;
	if (*policy)
		return EW_OK;
	rc = ew_snapshot_policy(policy, j->contents, err);
	return rc == EW_OK ? ew_snapshot_signers(signers, j->contents, err) : rc;
}

/* Only what changes the rules can need several signatures, so only that may have them. */
static enum ew_code
check_consent(const struct trial *t, struct ew_judge *j, const struct ew_policy *policy,
	const struct ew_signers *signers, struct ew_err *err)
{
	struct ew_consent consent = { policy, signers, EW_THRESHOLD_POLICY, &t->commit.by,
		.cosigns = t->message.cosigns };
	struct ew_buf text = { 0 };
	enum ew_code rc;

	if (t->message.event != EW_POLICY && t->message.event != EW_KEYS)
		return !t->message.cosigns.p
			? EW_OK
			: ew_fail(err, EW_NO, "has co-signatures, which \"%s\" has no place for",
				  ew_event_word(t->message.event));
	if (t->message.event == EW_KEYS)
		consent.threshold = EW_THRESHOLD_KEYS;
	ew_cosign_write_commit(&text, &t->commit.parent[0], &t->commit.tree, t->message.before);
	if ((rc = ew_buf_check(&text, err)) == EW_OK) {
		consent.text = ew_buf_str(&text);
		rc = ew_consent_check(&consent, j->store->hash, err);
	}
	ew_buf_release(&text);
	return rc;
}

static enum ew_code
check_role(const struct trial *t, struct ew_judge *j, const struct ew_policy *policy,
	const struct ew_signers *signers, struct ew_err *err)
{
	if (!ew_policy_allows(policy, t->commit.by.email, t->message.event))
		return ew_fail(err, EW_NO, "no role of %.*s in policy.json allowed \"%s\" before it",
			EW_FMT(t->commit.by.email), ew_event_word(t->message.event));
	return check_consent(t, j, policy, signers, err);
}

/* Who signed, and whether he might; whether he did is found out beside what follows. */
static enum ew_code
check_signer(struct trial *t, struct ew_judge *j, struct ew_err *err)
{
	struct ew_sshsig *sig = ew_signatures_next(j->signatures);
	struct ew_policy *policy;
	struct ew_signers *signers;
	enum ew_code rc;

	if ((rc = ew_sshsig_parse(sig, j->store->hash, "git", t->commit.payload, t->commit.signature,
		     err)) != EW_OK)
		return rc;
	t->signature = sig;
	if ((rc = trusted_rules(&policy, &signers, j, err)) != EW_OK ||
	    (rc = ew_signed_by(signers, &t->commit.by, &sig->by, j->now, err)) != EW_OK)
		return rc;
	t->doer = (struct ew_doer){ policy, t->commit.by.email };
	return check_role(t, j, policy, signers, err);
}

/* A commit that was made for one branch has no place in another's. */
static enum ew_code
check_ref(const struct trial *t, const struct ew_judge *j, struct ew_err *err)
{
	const struct ew_str before = ew_buf_str(&j->ref);

	if (t->first || ew_str_eq(t->message.ref, before) || ew_str_is(before, trunk))
		return EW_OK;
	return ew_fail(err, EW_NO, "made for %.*s, but follows a commit made for %.*s",
		EW_FMT(t->message.ref), EW_FMT(before));
}

static enum ew_code
check_time(const struct trial *t, const struct ew_judge *j, struct ew_err *err)
{
	const int64_t time = t->commit.by.time;

	if (!t->first && time < j->time)
		return ew_fail(err, EW_NO, "is dated before its parent");
	if (j->now && time > j->now + AHEAD_MOST)
		return ew_fail(err, EW_NO, "is dated %lld seconds after now; set the clock it was made by",
			(long long)(time - j->now));
	return EW_OK;
}

static enum ew_code
check_declared(const struct trial *t, struct ew_judge *j, struct ew_err *err)
{
	struct ew_manifest *m;
	struct ew_pins pins;
	enum ew_code rc;

	if (!j->dataset.p && (rc = name_dataset(j, err)) != EW_OK)
		return rc;
	if ((rc = ew_snapshot_manifest(&m, j->contents, err)) != EW_OK ||
	    (rc = ew_snapshot_pins(&pins, NULL, NULL, j->contents, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(t->message.dataset, m->dataset) || !ew_str_eq(m->dataset, j->dataset))
		return ew_fail(err, EW_NO, "made for data set %.*s, but stands in %.*s",
			EW_FMT(t->message.dataset), EW_FMT(j->dataset));
	if (!ew_sha256_eq(&t->message.records, &pins.records))
		return ew_fail(err, EW_NO, "declares a records pin that its labels do not have");
	if (!ew_sha256_eq(&t->message.answers, &pins.answers))
		return ew_fail(err, EW_NO, "declares an answers pin that its labels do not have");
	return EW_OK;
}

static enum ew_code
judge(struct trial *t, struct ew_judge *j, struct ew_err *err)
{
	enum ew_code rc;

	if (t->commit.parents > 1)
		return ew_fail(err, EW_NO, "has two parents; this edition of the format has no merges");
	if ((rc = check_event(t, err)) != EW_OK ||
	    (rc = ew_snapshot_follow(&j->change, j->contents, &t->commit.tree, err)) != EW_OK ||
	    (rc = check_signer(t, j, err)) != EW_OK)
		return rc;
	if ((rc = check_time(t, j, err)) != EW_OK || (rc = check_ref(t, j, err)) != EW_OK)
		return rc;
	if (ew_oid_eq(&t->commit.tree, &j->tree))
		return ew_fail(err, EW_NO, "declares \"%s\", but changes nothing",
			ew_event_word(t->message.event));
	if ((rc = ew_deeds_check(j->deeds, j->contents, &j->change, &t->message, &t->doer, err)) != EW_OK)
		return rc;
	return check_declared(t, j, err);
}

/*
 * What is said of a commit that does not stand.  A signature that is not good, of an
 * earlier commit or its own, comes first.
 */
static enum ew_code
fail_trial(const struct trial *t, struct ew_judge *j, const struct ew_err *fault, struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];
	enum ew_code rc = ew_judge_settle(j, err);

	ew_snapshot_free(j->contents);
	j->contents = NULL;
	if (rc != EW_OK)
		return rc;
	if (!t->signature || (rc = ew_sshsig_check(t->signature, err)) == EW_OK)
		rc = ew_fail(err, fault->code, "%s", fault->msg);
	ew_hex(hex, t->id->b, sizeof t->id->b);
	ew_fail_at(err, "commit %s", hex);
	return rc;
}

enum ew_code
ew_judge_next(struct ew_judge *j, const struct ew_oid *commit, struct ew_err *err)
{
	struct ew_err fault = { 0 };
	struct trial t;
	enum ew_code rc = read_trial(&t, j, commit, &fault);

	if (rc != EW_OK || judge(&t, j, &fault) != EW_OK)
		return fail_trial(&t, j, &fault, err);
	ew_snapshot_lighten(j->contents, &j->change);
	j->tree = t.commit.tree;
	j->time = t.commit.by.time;
	if ((rc = set_ref(j, t.message.ref, err)) != EW_OK ||
	    (rc = ew_usage_add(j->usage, commit, &t.signature->by, err)) != EW_OK)
		return rc;
	return ew_signatures_add(j->signatures, commit, err);
}

enum ew_code
ew_judge_settle(struct ew_judge *j, struct ew_err *err)
{
	return ew_signatures_settle(j->signatures, err);
}
