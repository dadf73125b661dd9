/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/revise.h"

#include "codec/jsonw.h"
#include "ops/edit.h"
#include "ops/eventline.h"
#include "ops/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_EVERY = 1024 };

struct revise {
	struct ew_store *store;
	struct ew_edit *edit;
	struct ew_revise_report *report;
	struct ew_arena arena; /* of one request */
	struct ew_buf subject;
};

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
sort_members(struct ew_answer *a, struct revise *v, const struct ew_str *member, size_t n,
	struct ew_err *err)
{
	a->member = ew_arena_array(&v->arena, n, sizeof *a->member);
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
new_value(struct ew_answer *out, struct revise *v, const struct ew_revise_request *q,
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
		return q->members ? sort_members(out, v, q->member, q->members, err)
				  : sort_members(out, v, &q->value, 1, err);
	out->value = q->value;
	return EW_OK;
}

/* The answer as it is but for its kind. */
static enum ew_code
keep_value(struct ew_answer *out, struct revise *v, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	enum ew_code rc;

	if (!q->kind.p && !q->unit.p && !q->lower.p && !q->upper.p)
		return ew_fail(err, EW_USAGE, "%.*s: nothing to change; give a value", EW_FMT(q->id));
	if (prior->state != EW_COMPUTABLE)
		return ew_fail(err, EW_REFUSED, "%.*s: the label has no answer; give a value",
			EW_FMT(q->id));
	*out = prior->answer;
	if (!q->kind.p || (rc = read_kind(&out->kind, q->kind, q->id, err)) != EW_OK)
		return q->kind.p ? rc : EW_OK;
	if (out->kind == EW_SET && prior->answer.kind != EW_SET) {
		out->value = (struct ew_str){ NULL, 0 };
		return sort_members(out, v, &prior->answer.value, 1, err);
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
new_answer(struct ew_answer *out, struct revise *v, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	static const struct ew_str none;
	const bool keeps = !q->value.p && !q->members;
	struct ew_answer is;
	const struct ew_answer *old = old_answer(&is, prior) ? &is : NULL;
	bool alike, same;
	enum ew_code rc = keeps ? keep_value(out, v, q, prior, err) : new_value(out, v, q, old, err);

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
new_readings(struct ew_label *l, struct revise *v, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	l->reading = ew_arena_array(&v->arena, q->readings ? q->readings : 1, sizeof *l->reading);
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
		if ((rc = new_answer(&l->reading[i].answer, v, &one, prior, err)) != EW_OK)
			return rc;
	}
	l->readings = q->readings;
	return EW_OK;
}

static enum ew_code
new_provenance(struct ew_label *l, struct revise *v, const struct ew_revise_request *q,
	struct ew_err *err)
{
	l->provenance.method = EW_METHOD_HUMAN;
	l->provenance.agent = q->agent.p ? q->agent : ew_edit_principal(v->edit);
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
new_label(struct ew_label *out, struct revise *v, const struct ew_revise_request *q,
	const struct ew_label *prior, struct ew_err *err)
{
	enum ew_code rc;

	*out = (struct ew_label){ .id = prior->id, .instance = prior->instance };
	if ((rc = new_provenance(out, v, q, err)) != EW_OK ||
	    (rc = ew_message_text(&out->reason, &v->arena, q->reason, err)) != EW_OK)
		return rc;
	if (!out->reason.len)
		return ew_fail(err, EW_USAGE, "%.*s: no reason given; say why with -m, or \"reason\"",
			EW_FMT(q->id));
	switch (q->event) {
	case EW_RELABEL:
		out->state = EW_COMPUTABLE;
		return new_answer(&out->answer, v, q, prior, err);
	case EW_DISAMBIGUATE:
		out->state = EW_AMBIGUOUS;
		return new_readings(out, v, q, prior, err);
	default:
		out->state = EW_INCOMPUTABLE;
		out->missing = q->missing;
		out->missings = q->missings;
		return EW_OK;
	}
}

/* --- commits --- */

/* A band that went with its value, unasked for, is something to tell. */
static void
note_band(struct ew_revise_report *r, const struct ew_revise_request *q, const struct ew_label *prior,
	const struct ew_label *label)
{
	static const struct ew_str open = EW_LIT_INIT("...");
	const struct ew_answer *old = &prior->answer, *new = &label->answer;
	const bool had = prior->state == EW_COMPUTABLE && (old->lower.p || old->upper.p);

	if (!had || label->state == EW_INCOMPUTABLE || new->lower.p || new->upper.p || q->lower.p ||
		q->upper.p)
		return;
	for (size_t i = 0; i < label->readings; i++)
		if (label->reading[i].answer.lower.p || label->reading[i].answer.upper.p)
			return;
	r->unbanded++;
	snprintf(r->band, sizeof r->band, "[%.*s, %.*s]", EW_FMT(old->lower.p ? old->lower : open),
		EW_FMT(old->upper.p ? old->upper : open));
}

static enum ew_code
change_label(struct revise *v, const struct ew_revise_request *q, struct ew_err *err)
{
	struct ew_message message = { .label = q->id, .cause = q->cause };
	struct ew_label prior, label;
	struct ew_str split;
	enum ew_code rc;

	if ((rc = ew_edit_label(&prior, &split, v->edit, q->id, &v->arena, err)) != EW_OK ||
	    (rc = new_label(&label, v, q, &prior, err)) != EW_OK)
		return rc;
	if ((rc = ew_label_check(&label, err)) != EW_OK) {
		ew_fail_at(err, "%.*s", EW_FMT(q->id));
		return rc;
	}
	message.event = ew_event_between(&prior, &label);
	if (message.event == EW_IMPORT) {
		v->report->unchanged++;
		return EW_OK;
	}
	note_band(v->report, q, &prior, &label);
	ew_buf_clear(&v->subject);
	ew_subject(&v->subject, message.event, &prior, &label);
	message.subject = ew_buf_str(&v->subject);
	message.text = label.reason;
	if ((rc = ew_buf_check(&v->subject, err)) != EW_OK ||
	    (rc = ew_edit_put_label(v->edit, split, &label, 1, err)) != EW_OK)
		return rc;
	return ew_edit_commit(v->edit, &message, err);
}

static enum ew_code
withdraw(struct revise *v, const struct ew_revise_request *q, struct ew_err *err)
{
	struct ew_message message = { .event = EW_WITHDRAW, .cause = q->cause };
	enum ew_code rc = ew_message_text(&message.text, &v->arena, q->reason, err);

	if (rc != EW_OK)
		return rc;
	if (!message.text.len)
		return ew_fail(err, EW_USAGE, "withdraw: no reason given; say why with -m, or \"reason\"");
	for (size_t i = 0; i < q->idn; i++)
		if ((rc = ew_edit_withdraw(v->edit, q->ids[i], err)) != EW_OK)
			return rc;
	ew_buf_clear(&v->subject);
	if (q->idn == 1)
		ew_buf_addf(&v->subject, "withdraw %.*s", EW_FMT(q->ids[0]));
	else
		ew_buf_addf(&v->subject, "withdraw %zu labels", q->idn);
	message.subject = ew_buf_str(&v->subject);
	if (q->idn == 1)
		message.label = q->ids[0];
	rc = ew_buf_check(&v->subject, err);
	return rc == EW_OK ? ew_edit_commit(v->edit, &message, err) : rc;
}

static enum ew_code
open_revise(struct revise *v, struct ew_store *store, struct ew_revise_report *out,
	struct ew_err *err)
{
	*v = (struct revise){ .store = store, .report = out };
	*out = (struct ew_revise_report){ 0 };
	return ew_edit_open(&v->edit, store, err);
}

static enum ew_code
one_request(struct revise *v, const struct ew_revise_request *q, struct ew_err *err)
{
	enum ew_code rc;

	ew_arena_reset(&v->arena);
	rc = q->event == EW_WITHDRAW ? withdraw(v, q, err) : change_label(v, q, err);
	if (rc == EW_OK && ++v->report->events % REPORT_EVERY == 0)
		rc = ew_progress(v->store->opts.progress, "signing", v->report->events, 0, err);
	return rc;
}

/* Publishes if all went well; releases either way. */
static enum ew_code
close_revise(struct revise *v, enum ew_code rc, struct ew_err *err)
{
	struct ew_oid tip;

	if (rc == EW_OK) {
		v->report->commits = ew_edit_commits(v->edit);
		if ((rc = ew_edit_finish(&tip, v->edit, err)) == EW_OK)
			ew_hex(v->report->tip, tip.b, sizeof tip.b);
	}
	ew_edit_free(v->edit);
	ew_arena_release(&v->arena);
	ew_buf_release(&v->subject);
	return rc;
}

enum ew_code
ew_revise(struct ew_revise_report *out, struct ew_store *store, const struct ew_revise_request *q,
	struct ew_err *err)
{
	struct revise v;
	enum ew_code rc = open_revise(&v, store, out, err);

	if (rc == EW_OK)
		rc = one_request(&v, q, err);
	return close_revise(&v, rc, err);
}

/* --- batches --- */

/* Read what the labels of these events stand in, together. */
static void
prepare(struct revise *v, const struct ew_revise_request *q, size_t n)
{
	/* What is wrong there is so still for the event that needs it, which can say so. */
	struct ew_err why = { 0 };
	struct ew_str *id;
	size_t ids = 0;

	for (size_t i = 0; i < n; i++)
		ids += q[i].idn;
	ew_arena_reset(&v->arena);
	if (!(id = ew_arena_array(&v->arena, ids, sizeof *id)))
		return;
	ids = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < q[i].idn; k++)
			id[ids++] = q[i].ids[k];
	(void)!ew_snapshot_prepare(ew_edit_snapshot(v->edit), id, ids, &why);
}

/* Stops at the line that fails. */
static enum ew_code
each_line(size_t *line, struct revise *v, struct ew_event_lines *lines, struct ew_err *err)
{
	const struct ew_revise_request *q;
	size_t n;
	enum ew_code rc;

	for (;;) {
		*line = ew_event_lines_at(lines);
		if ((rc = ew_event_lines_next(&q, &n, lines, err)) != EW_OK || n == 0)
			return rc;
		prepare(v, q, n);
		for (size_t i = 0; i < n; i++, ++*line) {
			ew_edit_at(v->edit, *line);
			if ((rc = one_request(v, &q[i], err)) != EW_OK)
				return rc;
		}
	}
}

/* What fails names its line, which is an earlier one when that cannot be signed. */
static enum ew_code
all_lines(struct revise *v, struct ew_str text, const char *name, struct ew_err *err)
{
	struct ew_event_lines *lines;
	struct ew_err earlier = { 0 };
	size_t line;
	enum ew_code rc = ew_event_lines_open(&lines, text, err);

	if (rc != EW_OK)
		return rc;
	if (each_line(&line, v, lines, err) != EW_INTERRUPTED &&
	    ew_edit_settle(&line, v->edit, &earlier) != EW_OK)
		*err = earlier;
	ew_event_lines_free(lines);
	if (err->code == EW_OK)
		return EW_OK;
	/* What is wrong with the line is wrong with the input. */
	if (err->code == EW_USAGE || err->code == EW_NOTFOUND)
		err->code = EW_REFUSED;
	return ew_fail_at(err, "%s:%zu", name, line);
}

enum ew_code
ew_apply(struct ew_revise_report *out, struct ew_store *store, struct ew_str text, const char *name,
	struct ew_err *err)
{
	struct revise v;
	enum ew_code rc = open_revise(&v, store, out, err);

	if (rc == EW_OK)
		rc = all_lines(&v, text, name, err);
	if (rc == EW_OK && out->events == 0)
		rc = ew_fail(err, EW_REFUSED, "%s: it holds no event; write one a line", name);
	return close_revise(&v, rc, err);
}

void
ew_revise_report_json(struct ew_buf *out, const struct ew_revise_report *r)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.revise/1"));
	ew_jsonw_str_at(&w, "commit", ew_str(r->tip));
	ew_jsonw_int_at(&w, "events", (int64_t)r->events);
	ew_jsonw_int_at(&w, "commits", (int64_t)r->commits);
	ew_jsonw_int_at(&w, "unchanged", (int64_t)r->unchanged);
	ew_jsonw_int_at(&w, "unbanded", (int64_t)r->unbanded);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
