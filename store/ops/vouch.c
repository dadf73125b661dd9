/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/vouch.h"

#include "codec/date.h"
#include "ops/lineage.h"
#include "ops/twins.h"

static enum ew_code
judge_history(struct ew_vouched *out, struct ew_ancestry *a, struct ew_store *s,
	const struct ew_tagged *t, struct ew_str ref, struct ew_err *err)
{
	char hex[2 * sizeof t->commit.b + 1];
	enum ew_code rc = ew_ancestry_judge(a, &t->commit, ref, err);

	out->commits = ew_ancestry_count(a);
	if (rc == EW_OK && (rc = ew_ancestry_look_ahead(a, &t->commit, err)) == EW_OK &&
	    (rc = ew_twins_check(s, ew_ancestry_contents(a), err)) != EW_OK) {
		ew_hex(hex, t->commit.b, sizeof t->commit.b);
		ew_fail_at(err, "commit %s", hex);
	}
	out->history = rc == EW_OK;
	return rc;
}

static enum ew_code
judge_release(struct ew_ancestry *a, struct ew_store *s, const struct ew_tagged *t, struct ew_str ref,
	struct ew_err *err)
{
	struct ew_version_at at;
	uint64_t sequence;
	enum ew_code rc = ew_at_commit(&at, s, &t->commit, err);

	if (rc == EW_OK) {
		at.rev.tag = t->tag;
		at.rev.ref = ref;
		rc = ew_judge_release(
			&sequence, s, &at, ew_ancestry_contents(a), ew_ancestry_later(a), err);
	}
	ew_at_release(&at);
	return rc;
}

/* What is judged is what its tag says. */
static enum ew_code
describe(struct ew_lock *out, struct ew_store *s, const struct ew_tagged *t, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_release_note note;
	struct ew_tag tag;
	enum ew_code rc = ew_tagged_read(&tag, &note, s, t, arena, err);

	if (rc != EW_OK)
		return rc;
	*out = (struct ew_lock){
		.dataset = note.dataset,
		.release = note.name,
		.sequence = note.sequence,
		.tag = t->tag,
		.commit = t->commit,
		.time = tag.by.time,
		.expires = note.expires,
		.records = note.records,
		.answers = note.answers,
		.policy = note.policy,
		.split = note.split,
		.splits = note.splits,
	};
	return ew_lineage_root(&out->root, s, &t->commit, err);
}

enum ew_code
ew_vouch(struct ew_vouched *out, struct ew_ancestry *a, struct ew_store *s,
	const struct ew_tagged *t, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf ref = { 0 };
	enum ew_code rc;

	*out = (struct ew_vouched){ .history = false };
	ew_buf_addf(&ref, "refs/tags/%.*s", EW_FMT(t->name));
	if ((rc = ew_buf_check(&ref, err)) == EW_OK &&
	    (rc = judge_history(out, a, s, t, ew_buf_str(&ref), err)) == EW_OK)
		rc = judge_release(a, s, t, ew_buf_str(&ref), err);
	ew_buf_release(&ref);
	return rc == EW_OK ? describe(&out->lock, s, t, arena, err) : rc;
}

enum ew_code
ew_vouch_follows(bool *out, struct ew_store *s, const struct ew_lock *release,
	const struct ew_lock *before, struct ew_err *err)
{
	struct ew_tagged at = { .name = release->release, .tag = release->tag };
	struct ew_arena scratch = { 0 };
	struct ew_err flaw = { 0 };
	struct ew_release_note note;
	enum ew_code rc = EW_OK;

	for (uint64_t n = release->sequence; rc == EW_OK && n > before->sequence; n--) {
		ew_arena_reset(&scratch);
		rc = ew_tagged_note(&note, s, &at, &scratch, &flaw);
		ew_str_cut(&note.previous, ' ');
		if (rc == EW_OK && (note.sequence != n || !ew_unhex(at.tag.b, sizeof at.tag.b, note.previous)))
			rc = EW_REFUSED;
	}
	ew_arena_release(&scratch);
	*out = rc == EW_OK && ew_oid_eq(&at.tag, &before->tag);
	if (rc != EW_OK && rc != EW_REFUSED)
		return ew_fail(err, rc, "%s", flaw.msg);
	return *out ? ew_lineage_holds(out, s, &before->commit, &release->commit, err) : EW_OK;
}

enum ew_code
ew_vouch_expired(struct ew_str release, int64_t expires, int64_t now, struct ew_err *err)
{
	struct ew_buf last = { 0 };

	if (!expires || now <= expires)
		return EW_OK;
	ew_time_write(&last, expires);
	ew_fail(err, EW_NO, "release %.*s expired on %.*s; fetch a newer one", EW_FMT(release),
		EW_FMT(ew_buf_str(&last)));
	ew_buf_release(&last);
	return EW_NO;
}
