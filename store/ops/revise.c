/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/revise.h"

#include "base/crew.h"
#include "codec/jsonw.h"
#include "ops/drafter.h"

#include <stdio.h>

enum {
	REPORT_EVERY = 1024,
	DRAFT_LEAST = 64, /* events that are worth to be drafted on all processors */
};

struct revise {
	struct ew_store *store;
	struct ew_edit *edit;
	struct ew_revise_report *report;
	struct ew_arena arena; /* of one request */
	struct ew_draft_maker maker;
	struct ew_drafter *drafter; /* NULL until there are many events */
	struct ew_buf record, subject;
};

static enum ew_code
carry_out(struct revise *v, const struct ew_revise_request *q, struct ew_str split,
	const struct ew_draft *d, struct ew_err *err)
{
	const struct ew_message message = {
		.event = d->event,
		.label = q->id,
		.cause = q->cause,
		.subject = d->subject,
		.text = d->reason,
	};
	struct ew_revise_report *r = v->report;
	enum ew_code rc;

	if (d->event == EW_IMPORT) {
		r->unchanged++;
		return EW_OK;
	}
	if (d->band.p) {
		r->unbanded++;
		snprintf(r->band, sizeof r->band, "%.*s", EW_FMT(d->band));
	}
	rc = ew_edit_put_label(v->edit, split, &d->label, err);
	return rc == EW_OK ? ew_edit_commit(v->edit, &message, err) : rc;
}

static enum ew_code
change_label(struct revise *v, const struct ew_revise_request *q, struct ew_err *err)
{
	struct ew_draft draft;
	struct ew_str split;
	struct ew_oid blob;
	enum ew_code rc;

	ew_buf_clear(&v->record);
	if ((rc = ew_edit_label(&v->record, &split, &blob, v->edit, q->id, err)) != EW_OK ||
	    (rc = ew_draft_make(&draft, &v->maker, q, ew_buf_str(&v->record), &blob, err)) != EW_OK)
		return rc;
	return carry_out(v, q, split, &draft, err);
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
	enum ew_code rc;

	*v = (struct revise){ .store = store, .report = out };
	*out = (struct ew_revise_report){ 0 };
	if ((rc = ew_edit_open(&v->edit, store, err)) != EW_OK)
		return rc;
	v->maker.ready.hash = store->hash;
	v->maker.principal = ew_edit_principal(v->edit);
	v->maker.arena = &v->arena;
	return EW_OK;
}

/* `drafted` may be NULL. */
static enum ew_code
one_request(struct revise *v, const struct ew_revise_request *q, const struct ew_drafted *drafted,
	struct ew_err *err)
{
	enum ew_code rc;

	ew_arena_reset(&v->arena);
	if (drafted && drafted->made)
		rc = carry_out(v, q, drafted->split, &drafted->draft, err);
	else
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
	ew_drafter_free(v->drafter);
	ew_edit_free(v->edit);
	ew_draft_maker_release(&v->maker);
	ew_arena_release(&v->arena);
	ew_buf_release(&v->record);
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
		rc = one_request(&v, q, NULL, err);
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

/* Draft what can be drafted beside, where there is much of it; else *out is NULL. */
static enum ew_code
draft(const struct ew_drafted **out, struct revise *v, const struct ew_revise_request *q, size_t n,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	*out = NULL;
	if (n < DRAFT_LEAST)
		return EW_OK;
	if (!v->drafter)
		rc = ew_drafter_open(&v->drafter, v->store, v->edit, ew_crew_hands(), err);
	return rc == EW_OK ? ew_drafter_run(out, v->drafter, q, n, err) : rc;
}

/* Stops at the line that fails. */
static enum ew_code
each_line(size_t *line, struct revise *v, struct ew_event_lines *lines, struct ew_err *err)
{
	const struct ew_revise_request *q;
	const struct ew_drafted *drafted;
	size_t n;
	enum ew_code rc;

	for (;;) {
		*line = ew_event_lines_at(lines);
		if ((rc = ew_event_lines_next(&q, &n, lines, err)) != EW_OK || n == 0)
			return rc;
		prepare(v, q, n);
		if ((rc = draft(&drafted, v, q, n, err)) != EW_OK)
			return rc;
		for (size_t i = 0; i < n; i++, ++*line) {
			ew_edit_at(v->edit, *line);
			if ((rc = one_request(v, &q[i], drafted ? &drafted[i] : NULL, err)) != EW_OK)
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
