/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/release.h"

#include "codec/date.h"
#include "codec/jsonw.h"
#include "ops/edit.h"
#include "ops/judge.h"
#include "ops/part.h"
#include "ops/succession.h"

#include <string.h>

struct releasing {
	struct ew_release *out;
	struct ew_store *store;
	struct ew_edit *edit;
	const struct ew_tagged *last; /* the release before, or NULL */
	struct ew_version version;
	struct ew_release_note note;
	struct ew_policy *policy;
};

/* --- the release before --- */

/* Signed behind a release that nobody will believe, this one would not be believed either. */
static enum ew_code
check_last(struct releasing *r, struct ew_err *err)
{
	struct ew_version_at at = { .snapshot = NULL };
	struct ew_buf ref = { 0 };
	enum ew_code rc;

	ew_buf_addf(&ref, "refs/tags/%.*s", EW_FMT(r->last->name));
	if ((rc = ew_buf_check(&ref, err)) == EW_OK &&
	    (rc = ew_at_open(&at, r->store, ew_buf_str(&ref), err)) == EW_OK)
		rc = ew_judge_release(&r->note.sequence, r->store, &at, at.snapshot, NULL, err);
	if (rc == EW_NO) {
		err->code = rc = EW_REFUSED;
		ew_fail_at(err, "%.*s: the last release does not verify", EW_FMT(r->note.name));
	}
	ew_at_release(&at);
	ew_buf_release(&ref);
	return rc;
}

static enum ew_code
follow(struct releasing *r, struct ew_err *err)
{
	struct ew_buf b = { 0 };
	char hex[EW_OID_HEX + 1];
	enum ew_code rc = EW_OK;

	if (r->last && (rc = check_last(r, err)) != EW_OK)
		return rc;
	r->note.sequence++;
	if (!r->last)
		return EW_OK;
	ew_hex(hex, r->last->tag.b, sizeof r->last->tag.b);
	ew_buf_addf(&b, "%.*s %s", EW_FMT(r->last->name), hex);
	if ((rc = ew_buf_check(&b, err)) == EW_OK &&
	    !(r->note.previous = ew_arena_str(&r->out->arena, ew_buf_str(&b))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&b);
	return rc;
}

/* The step must be as great as the changes demand, or somebody signs why it is not. */
static enum ew_code
check_step(struct releasing *r, struct ew_str waiver, struct ew_err *err)
{
	const struct ew_oid head = ew_edit_head(r->edit);
	struct ew_str name = r->note.name, last;
	struct ew_succession is;
	enum ew_code rc;

	if (!r->last)
		return EW_OK;
	last = r->last->name;
	if ((rc = ew_succession(&is, r->store, r->policy, r->last, &r->version, &head, err)) != EW_OK)
		return rc;
	if (!is.greater)
		return ew_fail(err, EW_REFUSED,
			"%.*s is not greater than the last release, %.*s; see ellwand compat %.*s HEAD",
			EW_FMT(name), EW_FMT(last), EW_FMT(last));
	if (!is.descends)
		return ew_fail(err, EW_REFUSED,
			"%.*s: the last release, %.*s, is not in this branch's history; switch to the branch "
			"that holds it",
			EW_FMT(name), EW_FMT(last));
	r->note.level = is.level;
	if (is.step >= is.due)
		return EW_OK;
	if (!waiver.len)
		return ew_fail(err, EW_DENIED,
			"%.*s is a %s step, but the changes since %.*s are %s and demand a %s one; "
			"release it so, or say why not with --waiver REASON",
			EW_FMT(name), ew_step_word(is.step), EW_FMT(last), ew_level_word(is.level),
			ew_step_word(is.due));
	r->note.waiver = waiver;
	return EW_OK;
}

/* --- what it declares --- */

enum { SECONDS_PER_DAY = 86400, DAYS_MOST = 99999 };

/* A day, a time, or a number of days from `now` on. */
static bool
read_expires(int64_t *out, struct ew_str text, int64_t now)
{
	uint64_t days;
	int64_t day;

	if (ew_date_parse(&day, text)) {
		*out = (day + 1) * SECONDS_PER_DAY - 1;
		return true;
	}
	if (ew_str_ends(text, "d") &&
	    ew_str_to_u64(ew_str_part(text, 0, text.len - 1), DAYS_MOST, &days)) {
		*out = now + (int64_t)days * SECONDS_PER_DAY;
		return true;
	}
	return ew_time_parse(out, text);
}

static enum ew_code
fill_expires(struct releasing *r, struct ew_str text, struct ew_err *err)
{
	const int64_t now = r->store->opts.now;

	if (!text.p)
		return EW_OK;
	if (!read_expires(&r->note.expires, text, now))
		return ew_fail(err, EW_USAGE,
			"'%.*s' is no time; write 2027-06-30, 2027-06-30T12:00:00Z, or 180d for days from now",
			EW_FMT(ew_str_part(text, 0, 100)));
	if (r->note.expires <= now)
		return ew_fail(err, EW_REFUSED, "%.*s would expire at once; give a later time than now",
			EW_FMT(r->note.name));
	return EW_OK;
}

static enum ew_code
fill_note(struct releasing *r, const struct ew_release_opts *opts, struct ew_err *err)
{
	struct ew_snapshot *s = ew_edit_snapshot(r->edit);
	struct ew_manifest *m;
	struct ew_pins pins;
	struct ew_str policy;
	struct ew_buf b = { 0 };
	enum ew_code rc;

	if ((rc = ew_snapshot_manifest(&m, s, err)) != EW_OK ||
	    (rc = ew_snapshot_file(&policy, s, EW_FILE_POLICY, err)) != EW_OK ||
	    (rc = ew_snapshot_pins(&pins, &r->note.split, &r->note.splits, s, err)) != EW_OK ||
	    (rc = ew_message_text(&r->note.text, &r->out->arena, opts->message, err)) != EW_OK)
		return rc;
	/* git would take what follows such a line for the tag's signature. */
	if (r->note.text.p && (ew_str_starts(r->note.text, "-----BEGIN ") ||
				      memmem(r->note.text.p, r->note.text.len, "\n-----BEGIN ", 12)))
		return ew_fail(err, EW_REFUSED,
			"%.*s: a line of the text begins with -----BEGIN, as a signature does; indent it",
			EW_FMT(r->note.name));
	if (pins.count == 0)
		return ew_fail(err, EW_REFUSED, "%.*s: there is no label to release; import some first",
			EW_FMT(r->note.name));
	r->note.dataset = m->dataset;
	r->note.records = pins.records;
	r->note.answers = pins.answers;
	r->note.policy = ew_sha256_str(r->store->hash, policy);
	r->out->count = pins.count;
	ew_buf_addf(&b, "%.*s %.*s", EW_FMT(m->name), EW_FMT(r->note.name));
	if ((rc = ew_buf_check(&b, err)) == EW_OK &&
	    !(r->note.subject = ew_arena_str(&r->out->arena, ew_buf_str(&b))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&b);
	return rc;
}

static enum ew_code
publish(struct releasing *r, struct ew_err *err)
{
	struct ew_buf message = { 0 };
	struct ew_oid tag;
	enum ew_code rc = ew_release_check(&r->note, err);

	if (rc != EW_OK)
		return rc;
	ew_release_write(&message, &r->note);
	if ((rc = ew_buf_check(&message, err)) == EW_OK &&
	    (rc = ew_edit_tag(&tag, r->edit, r->note.name, ew_buf_str(&message), err)) == EW_OK)
		ew_hex(r->out->tag, tag.b, sizeof tag.b);
	ew_buf_release(&message);
	return rc;
}

static enum ew_code
report(struct releasing *r, struct ew_err *err)
{
	const struct ew_oid head = ew_edit_head(r->edit);
	struct ew_arena *arena = &r->out->arena;
	struct ew_buf b = { 0 };

	ew_hex(r->out->commit, head.b, sizeof head.b);
	r->out->name = r->note.name;
	r->out->sequence = r->note.sequence;
	r->out->level = r->note.level;
	r->out->waiver = r->note.waiver;
	r->out->expires = r->note.expires;
	if (r->last)
		r->out->previous = r->last->name;
	ew_pin_write(&b, &r->note.records, false);
	r->out->records = ew_arena_str(arena, ew_buf_str(&b));
	ew_buf_clear(&b);
	ew_pin_write(&b, &r->note.answers, true);
	r->out->answers = ew_arena_str(arena, ew_buf_str(&b));
	ew_buf_release(&b);
	return r->out->records.p && r->out->answers.p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
check_rights(struct releasing *r, struct ew_err *err)
{
	struct ew_str who = ew_edit_principal(r->edit);

	if (!ew_policy_has_role(r->policy, who, EW_LIT("release")))
		return ew_fail(err, EW_DENIED,
			"%.*s has not the role \"release\" in policy.json; ask one who has", EW_FMT(who));
	if (r->policy->threshold[EW_THRESHOLD_RELEASE] > 1)
		return ew_fail(err, EW_DENIED,
			"policy.json wants %lld signatures of a release, and a tag holds one; lower the threshold",
			(long long)r->policy->threshold[EW_THRESHOLD_RELEASE]);
	return EW_OK;
}

static enum ew_code
run(struct releasing *r, const struct ew_release_opts *opts, struct ew_err *err)
{
	struct ew_tagged *list;
	size_t n;
	enum ew_code rc;

	if ((rc = ew_version_parse(&r->version, opts->version, err)) != EW_OK)
		return rc;
	r->note.name = ew_arena_str(&r->out->arena, opts->version);
	if (!r->note.name.p)
		return ew_fail_nomem(err);
	if ((rc = fill_expires(r, opts->expires, err)) != EW_OK ||
	    (rc = ew_edit_open(&r->edit, r->store, err)) != EW_OK ||
	    (rc = ew_snapshot_policy(&r->policy, ew_edit_snapshot(r->edit), err)) != EW_OK)
		return rc;
	if ((rc = check_rights(r, err)) != EW_OK ||
	    (rc = ew_tagged_list(&list, &n, r->store, &r->out->arena, err)) != EW_OK)
		return rc;
	r->last = n ? &list[n - 1] : NULL;
	if ((rc = check_step(r, opts->waiver, err)) != EW_OK ||
	    (rc = fill_note(r, opts, err)) != EW_OK || (rc = follow(r, err)) != EW_OK ||
	    (rc = publish(r, err)) != EW_OK)
		return rc;
	return report(r, err);
}

enum ew_code
ew_release(struct ew_release *out, struct ew_store *s, const struct ew_release_opts *opts,
	struct ew_err *err)
{
	struct releasing r = { .out = out, .store = s };
	enum ew_code rc;

	*out = (struct ew_release){ .sequence = 0 };
	rc = run(&r, opts, err);
	ew_edit_free(r.edit);
	return rc;
}

void
ew_release_release(struct ew_release *r)
{
	ew_arena_release(&r->arena);
}

void
ew_release_json(struct ew_buf *out, const struct ew_release *r)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.release/1"));
	ew_jsonw_str_at(&w, "release", r->name);
	ew_jsonw_int_at(&w, "sequence", (int64_t)r->sequence);
	ew_jsonw_str_or_null_at(&w, "previous", r->previous);
	ew_jsonw_str_or_null_at(&w, "level", ew_str(r->previous.p ? ew_level_word(r->level) : NULL));
	ew_jsonw_str_or_null_at(&w, "waiver", r->waiver);
	ew_part_expires(&w, r->expires);
	ew_jsonw_str_at(&w, "commit", ew_str(r->commit));
	ew_jsonw_str_at(&w, "tag", ew_str(r->tag));
	ew_jsonw_int_at(&w, "labels", (int64_t)r->count);
	ew_jsonw_str_at(&w, "records", r->records);
	ew_jsonw_str_at(&w, "answers", r->answers);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
