/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/draft.h"

#include "ops/context.h"
#include "ops/subject.h"

#include <stdlib.h>
#include <string.h>

void
ew_draft_maker_release(struct ew_draft_maker *m)
{
	ew_ready_maker_release(&m->ready);
	ew_buf_release(&m->scratch);
}

/* --- the new label --- */

static bool
fits(enum ew_kind kind, struct ew_str value)
{
	const struct ew_answer a = { .kind = kind, .value = value };
	struct ew_err ignored = { 0 };

	return ew_answer_check(&a, &ignored) == EW_OK;
}

/*
 * What an answer that is not said in full takes from the old label: of several readings
 * what is alike in them.  False if there is nothing.
 */
static bool
old_answer(struct ew_answer *out, const struct ew_label *prior)
{
	if (prior->state == EW_INCOMPUTABLE)
		return false;
	if (prior->state == EW_COMPUTABLE) {
		*out = prior->answer;
		return true;
	}
	*out = (struct ew_answer){ .kind = prior->reading[0].answer.kind,
		.unit = prior->reading[0].answer.unit };
	for (size_t i = 1; i < prior->readings; i++) {
		const struct ew_answer *a = &prior->reading[i].answer;

		if (a->kind != out->kind)
			return false;
		if (!ew_str_eq(a->unit, out->unit))
			out->unit = (struct ew_str){ NULL, 0 };
	}
	return true;
}

/*
 * The kind of a value that nobody named: the old one if the value fits it (an integer
 * may become a decimal); where there is none, what the value looks like.
 */
static enum ew_code
choose_kind(enum ew_kind *out, const struct ew_answer *old, struct ew_str id, struct ew_str value,
	struct ew_err *err)
{
	static const enum ew_kind looks[] = { EW_DECIMAL, EW_DATE, EW_DURATION };

	if (old && fits(old->kind, value)) {
		*out = old->kind;
		return EW_OK;
	}
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if ((!old || (old->kind == EW_INTEGER && looks[i] == EW_DECIMAL)) && fits(looks[i], value)) {
			*out = looks[i];
			return EW_OK;
		}
	if (old)
		return ew_fail(err, EW_REFUSED, "%.*s: \"%.*s\" is no %s, which the label is; say it with --kind, or \"kind\"",
			EW_FMT(id), EW_FMT(value), ew_kind_word(old->kind));
	return ew_fail(err, EW_REFUSED, "%.*s: of which kind is \"%.*s\"? say it with --kind, or \"kind\"", EW_FMT(id),
		EW_FMT(value));
}

static enum ew_code
read_kind(enum ew_kind *out, struct ew_str word, struct ew_str id, struct ew_err *err)
{
	if (ew_kind_read(out, word))
		return EW_OK;
	return ew_fail(err, EW_REFUSED,
		"%.*s: \"%.*s\" is no kind; decimal, integer, date, duration, choice, set and text are",
		EW_FMT(id), EW_FMT(word));
}

static int
by_bytes(const void *a, const void *b)
{
	return ew_str_cmp(*(const struct ew_str *)a, *(const struct ew_str *)b);
}

/* A set has no order, so its members are stored in one, each once. */
static enum ew_code
sort_members(struct ew_answer *a, struct ew_draft_maker *m, const struct ew_str *member, size_t n,
	struct ew_err *err)
{
	a->member = ew_arena_array(m->arena, n, sizeof *a->member);
	if (!a->member)
		return ew_fail_nomem(err);
	memcpy(a->member, member, n * sizeof *member);
	qsort(a->member, n, sizeof *a->member, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (a->members == 0 || !ew_str_eq(a->member[a->members - 1], a->member[i]))
			a->member[a->members++] = a->member[i];
	return EW_OK;
}

/* Kind and value of an answer for which a value is given. */
static enum ew_code
new_value(struct ew_answer *out, struct ew_draft_maker *m, const struct ew_revise_request *q,
	const struct ew_answer *old, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	*out = (struct ew_answer){ .kind = EW_SET };
	if (q->value.p && !q->value.len)
		return ew_fail(err, EW_USAGE, "%.*s: the value is empty; to say that there is none, abstain",
			EW_FMT(q->id));
	if (q->kind.p)
		rc = read_kind(&out->kind, q->kind, q->id, err);
	else if (!q->members)
		rc = choose_kind(&out->kind, old, q->id, q->value, err);
	if (rc != EW_OK)
		return rc;
	if (q->members && out->kind != EW_SET)
		return ew_fail(err, EW_REFUSED, "%.*s: several values are a set, not one %s; give one value",
			EW_FMT(q->id), ew_kind_word(out->kind));
	if (out->kind == EW_SET)
		return q->members ? sort_members(out, m, q->member, q->members, err)
				  : sort_members(out, m, &q->value, 1, err);
	out->value = q->value;
	return EW_OK;
}

/* The answer as it is but for its kind. */
static enum ew_code
keep_value(struct ew_answer *out, struct ew_draft_maker *m, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	enum ew_code rc;

	if (!q->kind.p && !q->unit.p && !q->lower.p && !q->upper.p)
		return ew_fail(err, EW_USAGE, "%.*s: nothing to change; give a value", EW_FMT(q->id));
	if (prior->state != EW_COMPUTABLE)
		return ew_fail(err, EW_REFUSED, "%.*s: the label has no answer; give a value",
			EW_FMT(q->id));
	*out = prior->answer;
	if (!q->kind.p)
		return EW_OK;
	if ((rc = read_kind(&out->kind, q->kind, q->id, err)) != EW_OK)
		return rc;
	if (out->kind == EW_SET && prior->answer.kind != EW_SET) {
		out->value = (struct ew_str){ NULL, 0 };
		return sort_members(out, m, &prior->answer.value, 1, err);
	}
	if (out->kind != EW_SET && prior->answer.kind == EW_SET)
		return ew_fail(err, EW_REFUSED, "%.*s: a set is no %s; give a value", EW_FMT(q->id),
			ew_kind_word(out->kind));
	return EW_OK;
}

static bool
is_number(enum ew_kind kind)
{
	return kind == EW_DECIMAL || kind == EW_INTEGER;
}

/* An empty text takes away what was there. */
static struct ew_str
given_or(struct ew_str given, struct ew_str old)
{
	if (given.p)
		return given.len ? given : (struct ew_str){ NULL, 0 };
	return old;
}

/* What is not asked for stays where it can: the unit of another number, the band of the same value. */
static enum ew_code
new_answer(struct ew_answer *out, struct ew_draft_maker *m, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	static const struct ew_str none;
	const bool keeps = !q->value.p && !q->members;
	struct ew_answer is;
	const struct ew_answer *old = old_answer(&is, prior) ? &is : NULL;
	bool alike, same;
	enum ew_code rc = keeps ? keep_value(out, m, q, prior, err) : new_value(out, m, q, old, err);

	if (rc != EW_OK)
		return rc;
	alike = old && (old->kind == out->kind || (is_number(old->kind) && is_number(out->kind)));
	out->unit = given_or(q->unit, keeps || alike ? is.unit : none);
	same = keeps || (alike && old->kind == out->kind && ew_answer_same_value(out, old));
	out->lower = given_or(q->lower, same ? is.lower : none);
	out->upper = given_or(q->upper, same ? is.upper : none);
	return EW_OK;
}

static enum ew_code
new_readings(struct ew_label *l, struct ew_draft_maker *m, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	l->reading = ew_arena_array(m->arena, q->readings ? q->readings : 1, sizeof *l->reading);
	if (!l->reading)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < q->readings; i++) {
		struct ew_revise_request one = { .id = q->id };
		const struct ew_revise_reading *r = &q->reading[i];
		enum ew_code rc;

		one.kind = r->kind.p ? r->kind : q->kind;
		one.value = r->value;
		one.unit = r->unit.p ? r->unit : q->unit;
		/* No reading inherits the band, which would be one reading's alone. */
		one.lower = r->lower.p ? r->lower : EW_LIT("");
		one.upper = r->upper.p ? r->upper : EW_LIT("");
		l->reading[i].assuming = r->assuming;
		if ((rc = new_answer(&l->reading[i].answer, m, &one, prior, err)) != EW_OK)
			return rc;
	}
	l->readings = q->readings;
	return EW_OK;
}

static enum ew_code
new_provenance(struct ew_label *l, struct ew_draft_maker *m, const struct ew_revise_request *q,
	struct ew_err *err)
{
	l->provenance.method = EW_METHOD_HUMAN;
	l->provenance.agent = q->agent.p ? q->agent : m->principal;
	l->provenance.rule = q->rule;
	l->provenance.source = q->source;
	l->provenance.at = q->at;
	l->confidence.basis = EW_BASIS_SINGLE;
	l->confidence.votes = q->votes;
	l->confidence.votes_for = q->votes_for;
	l->confidence.votes_of = q->votes_of;
	l->evidence = q->evidence;
	l->evidences = q->evidences;
	if (q->method.p && !ew_method_read(&l->provenance.method, q->method))
		return ew_fail(err, EW_REFUSED,
			"%.*s: \"%.*s\" is no method; human, llm, script, consensus and import are",
			EW_FMT(q->id), EW_FMT(q->method));
	if (q->basis.p && !ew_basis_read(&l->confidence.basis, q->basis))
		return ew_fail(err, EW_REFUSED,
			"%.*s: \"%.*s\" is no basis; imported, single, supermajority and adjudicated are",
			EW_FMT(q->id), EW_FMT(q->basis));
	return EW_OK;
}

static enum ew_code
new_label(struct ew_label *out, struct ew_draft_maker *m, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	enum ew_code rc;

	*out = (struct ew_label){ .id = prior->id, .instance = prior->instance };
	if ((rc = new_provenance(out, m, q, err)) != EW_OK ||
	    (rc = ew_message_text(&out->reason, m->arena, q->reason, err)) != EW_OK)
		return rc;
	if (!out->reason.len)
		return ew_fail(err, EW_USAGE, "%.*s: no reason given; say why with -m, or \"reason\"",
			EW_FMT(q->id));
	switch (q->event) {
	case EW_RELABEL:
		out->state = EW_COMPUTABLE;
		return new_answer(&out->answer, m, q, prior, err);
	case EW_DISAMBIGUATE:
		out->state = EW_AMBIGUOUS;
		return new_readings(out, m, q, prior, err);
	default:
		out->state = EW_INCOMPUTABLE;
		out->missing = q->missing;
		out->missings = q->missings;
		return EW_OK;
	}
}

/* --- the draft --- */

/* A band that went with its value, unasked for, is something to tell. */
static bool
lost_band(const struct ew_revise_request *q, const struct ew_label *prior, const struct ew_label *label)
{
	const struct ew_answer *old = &prior->answer, *new = &label->answer;
	const bool had = prior->state == EW_COMPUTABLE && (old->lower.p || old->upper.p);

	if (!had || label->state == EW_INCOMPUTABLE || new->lower.p || new->upper.p || q->lower.p ||
		q->upper.p)
		return false;
	for (size_t i = 0; i < label->readings; i++)
		if (label->reading[i].answer.lower.p || label->reading[i].answer.upper.p)
			return false;
	return true;
}

/* What is in the scratch, in the arena. */
static enum ew_code
take(struct ew_str *out, struct ew_draft_maker *m, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(&m->scratch, err);

	if (rc != EW_OK)
		return rc;
	*out = ew_arena_str(m->arena, ew_buf_str(&m->scratch));
	return out->p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
describe(struct ew_draft *out, struct ew_draft_maker *m, const struct ew_revise_request *q,
	const struct ew_label *prior, const struct ew_label *label, struct ew_err *err)
{
	static const struct ew_str open = EW_LIT_INIT("...");
	const struct ew_str lower = prior->answer.lower, upper = prior->answer.upper;
	enum ew_code rc;

	out->reason = label->reason;
	ew_buf_clear(&m->scratch);
	ew_subject(&m->scratch, out->event, prior, label);
	if ((rc = take(&out->subject, m, err)) != EW_OK || !lost_band(q, prior, label))
		return rc;
	ew_buf_clear(&m->scratch);
	ew_buf_addf(&m->scratch, "[%.*s, %.*s]", EW_FMT(lower.p ? lower : open), EW_FMT(upper.p ? upper : open));
	return take(&out->band, m, err);
}

enum ew_code
ew_draft_make(struct ew_draft *out, struct ew_draft_maker *m, const struct ew_revise_request *q,
	struct ew_str record, const struct ew_oid *blob, struct ew_err *err)
{
	struct ew_label prior, label;
	struct ew_sha256 key;
	enum ew_code rc;

	*out = (struct ew_draft){ .event = EW_IMPORT };
	if ((rc = ew_parse_label(&prior, record, blob, m->arena, err)) != EW_OK ||
	    (rc = ew_check_place(&prior, q->id, err)) != EW_OK ||
	    (rc = new_label(&label, m, q, &prior, err)) != EW_OK)
		return rc;
	if (ew_label_check(&label, err) != EW_OK)
		return ew_fail_at(err, "%.*s", EW_FMT(q->id));
	out->event = ew_event_between(&prior, &label);
	if (out->event == EW_IMPORT)
		return EW_OK;
	key = ew_sha256_str(m->ready.hash, q->id);
	if ((rc = ew_ready_label(&out->label, &m->ready, &label, &key, m->arena, err)) != EW_OK)
		return rc;
	return describe(out, m, q, &prior, &label, err);
}
