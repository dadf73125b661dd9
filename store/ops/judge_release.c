/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement of releases; that of commits is in judge.c. */
#include "ops/judge.h"

#include "model/cosign.h"
#include "ops/signed.h"
#include "ops/succession.h"
#include "ops/usage.h"

/* What is judged, and what was read of it. */
struct judging {
	struct ew_store *store;
	const struct ew_version_at *at;
	struct ew_snapshot *contents;
	const struct ew_policy *later;
	struct ew_buf object;
	struct ew_arena arena;
	struct ew_tag tag;
	struct ew_release_note note;
	struct ew_version version;
	struct ew_policy *policy;
};

static enum ew_code
read_release(struct judging *j, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = ew_repo_read(&j->object, j->store->repo, &j->at->rev.tag, EW_TAG, err)) != EW_OK ||
	    (rc = ew_tag_parse(&j->tag, ew_buf_str(&j->object), err)) != EW_OK ||
	    (rc = ew_release_parse(&j->note, &j->arena, j->tag.message, err)) != EW_OK ||
	    (rc = ew_version_parse(&j->version, j->note.name, err)) != EW_OK)
		return rc;
	return ew_snapshot_policy(&j->policy, j->contents, err);
}

/* The tag, its text and its reference give one name, and it is a tag of this commit. */
static enum ew_code
check_name(const struct judging *j, struct ew_err *err)
{
	static const char tags[] = "refs/tags/";
	struct ew_str name = j->at->rev.ref;

	if (ew_str_starts(name, tags))
		name = ew_str_part(name, sizeof tags - 1, name.len);
	if (!ew_str_eq(j->tag.name, name) || !ew_str_eq(j->note.name, name))
		return ew_fail(err, EW_NO, "it was signed as %.*s", EW_FMT(j->tag.name));
	if (!ew_oid_eq(&j->tag.commit, &j->at->rev.commit))
		return ew_fail(err, EW_NO, "it is the tag of another tag");
	return EW_OK;
}

static enum ew_code
check_consent(struct judging *j, struct ew_err *err)
{
	struct ew_consent consent = { j->policy, NULL, EW_THRESHOLD_RELEASE, &j->tag.by, .cosigns = j->note.cosigns };
	struct ew_signers *signers;
	struct ew_buf text = { 0 };
	enum ew_code rc = ew_snapshot_signers(&signers, j->contents, err);

	ew_cosign_write_tag(&text, &j->tag.commit, j->tag.name, j->note.before);
	if (rc == EW_OK && (rc = ew_buf_check(&text, err)) == EW_OK) {
		consent.signers = signers;
		consent.text = ew_buf_str(&text);
		rc = ew_consent_check(&consent, j->store->hash, err);
	}
	ew_buf_release(&text);
	return rc;
}

static enum ew_code
check_signer(struct judging *j, struct ew_err *err)
{
	const struct ew_ident *by = &j->tag.by;
	struct ew_sshkey key;
	enum ew_code rc;

	rc = ew_signed_check(&key, j->store, j->contents, by, j->tag.payload, j->tag.signature, err);
	if (rc != EW_OK ||
	    (rc = ew_usage_check_tag(&j->at->rev.tag, &key, j->store->hash, j->policy, err)) != EW_OK ||
	    (j->later && (rc = ew_usage_check_tag(&j->at->rev.tag, &key, j->store->hash, j->later,
				  err)) != EW_OK))
		return rc;
	if (!ew_policy_has_role(j->policy, by->email, EW_LIT("release")))
		return ew_fail(err, EW_NO, "%.*s has not the role \"release\"", EW_FMT(by->email));
	/* Else a key whose time is over could still release, by an earlier date. */
	if (by->time < j->at->commit.by.time)
		return ew_fail(err, EW_NO, "is dated before its commit");
	if (j->note.expires && j->note.expires <= by->time)
		return ew_fail(err, EW_NO, "expires before it was signed");
	return check_consent(j, err);
}

static enum ew_code
check_splits(const struct ew_release_note *note, struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_pin_split *split;
	struct ew_pins pins;
	size_t n;
	enum ew_code rc = ew_snapshot_pins(&pins, &split, &n, s, err);

	if (rc != EW_OK)
		return rc;
	if (!ew_sha256_eq(&note->records, &pins.records) || !ew_sha256_eq(&note->answers, &pins.answers))
		return ew_fail(err, EW_NO, "declares pins that its labels do not have");
	if (note->splits != n)
		return ew_fail(err, EW_NO, "declares other splits than there are");
	for (size_t i = 0; i < n; i++)
		if (!ew_str_eq(note->split[i].name, split[i].name) ||
		    note->split[i].trie.count != split[i].trie.count ||
		    !ew_sha256_eq(&note->split[i].trie.records, &split[i].trie.records) ||
		    !ew_sha256_eq(&note->split[i].trie.answers, &split[i].trie.answers))
			return ew_fail(err, EW_NO, "declares of split %.*s what it does not hold",
				EW_FMT(split[i].name));
	return EW_OK;
}

enum ew_code
ew_judge_declared(const struct ew_release_note *note, struct ew_store *s, struct ew_snapshot *contents,
	struct ew_err *err)
{
	struct ew_manifest *m;
	struct ew_str policy;
	struct ew_sha256 digest;
	enum ew_code rc;

	if ((rc = ew_snapshot_manifest(&m, contents, err)) != EW_OK ||
	    (rc = ew_snapshot_file(&policy, contents, EW_FILE_POLICY, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(m->dataset, note->dataset))
		return ew_fail(err, EW_NO, "it is a release of data set %.*s", EW_FMT(note->dataset));
	digest = ew_sha256_str(s->hash, policy);
	if (!ew_sha256_eq(&digest, &note->policy))
		return ew_fail(err, EW_NO, "declares another policy than it holds");
	return check_splits(note, contents, err);
}

/* The release before, as it is named: the very tag that is there, one lower in number. */
static enum ew_code
find_before(struct ew_tagged *out, struct judging *j, struct ew_err *err)
{
	struct ew_str hex = j->note.previous, name = ew_str_cut(&hex, ' ');
	struct ew_release_note before;
	struct ew_oid named;
	bool found;
	enum ew_code rc = ew_tagged_named(out, &found, j->store, name, &j->arena, err);

	if (rc != EW_OK)
		return rc;
	if (!found)
		return ew_fail(err, EW_NO, "follows release %.*s, which is not here", EW_FMT(name));
	if (!ew_unhex(named.b, sizeof named.b, hex) || !ew_oid_eq(&named, &out->tag))
		return ew_fail(err, EW_NO, "follows another release %.*s than the one that is here",
			EW_FMT(name));
	if ((rc = ew_tagged_note(&before, j->store, out, &j->arena, err)) != EW_OK)
		return rc;
	if (before.sequence + 1 != j->note.sequence)
		return ew_fail(err, EW_NO, "is number %llu, though the release before is %llu",
			(unsigned long long)j->note.sequence, (unsigned long long)before.sequence);
	return EW_OK;
}

static enum ew_code
check_succession(struct judging *j, struct ew_err *err)
{
	struct ew_tagged before;
	struct ew_succession is;
	enum ew_code rc;

	if (!j->note.previous.p)
		return EW_OK;
	if ((rc = find_before(&before, j, err)) != EW_OK ||
	    (rc = ew_succession(&is, j->store, j->policy, &before, &j->version, &j->at->rev.commit,
		     err)) != EW_OK)
		return rc;
	if (!is.greater)
		return ew_fail(err, EW_NO, "is not greater than %.*s, which it follows",
			EW_FMT(before.name));
	if (!is.descends)
		return ew_fail(err, EW_NO, "follows %.*s, which is not in its history",
			EW_FMT(before.name));
	if (is.level != j->note.level)
		return ew_fail(err, EW_NO, "declares to be %s to %.*s, but is %s",
			ew_level_word(j->note.level), EW_FMT(before.name), ew_level_word(is.level));
	if (is.step < is.due && !j->note.waiver.p)
		return ew_fail(err, EW_NO,
			"is a %s step from %.*s where the policy demands a %s one, and no waiver says why",
			ew_step_word(is.step), EW_FMT(before.name), ew_step_word(is.due));
	return EW_OK;
}

static enum ew_code
judge(struct judging *j, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = read_release(j, err)) != EW_OK || (rc = check_name(j, err)) != EW_OK ||
	    (rc = check_signer(j, err)) != EW_OK ||
	    (rc = ew_judge_declared(&j->note, j->store, j->contents, err)) != EW_OK)
		return rc;
	return check_succession(j, err);
}

enum ew_code
ew_judge_release(uint64_t *sequence, struct ew_store *s, const struct ew_version_at *at,
	struct ew_snapshot *contents, const struct ew_policy *later, struct ew_err *err)
{
	struct judging j = { .store = s, .at = at, .contents = contents, .later = later };
	enum ew_code rc = judge(&j, err);

	*sequence = j.note.sequence;
	if (rc != EW_OK)
		ew_fail_at(err, "release %.*s", EW_FMT(at->rev.ref.p ? at->rev.ref : at->text));
	ew_buf_release(&j.object);
	ew_arena_release(&j.arena);
	return rc;
}
