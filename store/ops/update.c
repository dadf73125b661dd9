/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An update, in three steps.  All rows are placed as if nothing was stored, and the ids of
 * the records that they come to are noted.  Then the store is walked once, and each of its
 * records held against the one that was noted: most are the same, and nobody reads them.
 * What is left is read, compared row by row, and what it asks for is kept until all rows
 * are done.
 */
#include "ops/update.h"

#include "base/crew.h"
#include "base/large.h"
#include "model/trailer.h"
#include "ops/comparer.h"

#include <stdlib.h>

enum {
	REPORT_EVERY = 4096,
	SAMPLE = 31, /* labels whose sources are looked at */
};

/* A row, and what became of it so far. */
struct row {
	const char *id;
	size_t at;
	uint32_t line;
	bool label_met, label_same, instance_met, instance_same;
	struct ew_oid label, instance; /* that it comes to; once met, that are stored */
};

/* What a row asks for, kept until the commits that come before are made. */
struct work {
	struct work *next;
	struct ew_comparison ask;
};

/* A list in the order of its rows. */
struct works {
	struct work *first, **last;
	uint64_t count;
};

struct update {
	struct ew_intake *intake;
	struct ew_placer *placer;
	struct ew_comparer *comparer; /* NULL until there is something to compare */
	struct row *row;
	size_t rows;
	struct ew_doubt *doubt; /* rows that wait for being compared */
	size_t doubts;
	struct works changed, added, metadata;
};

/* --- the table --- */

/*
 * Labels that were imported say from which file.  A row does not, and is to be placed as
 * if it came from the same: from the one that most labels of a sample name.
 */
struct sample {
	struct ew_intake *intake;
	struct ew_arena scratch;
	struct ew_str source;
	size_t seen, lead; /* of the source, over all others that were seen since */
};

static bool
says_file_only(const struct ew_label *l)
{
	return l->provenance.method == EW_METHOD_IMPORT && l->provenance.source.p && !l->provenance.agent.p &&
		!l->provenance.rule.p && !l->provenance.at.p;
}

static enum ew_code
see_label(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct sample *s = user;
	struct ew_label label;
	enum ew_code rc;

	ew_arena_reset(&s->scratch);
	if (s->seen++ == SAMPLE)
		return ew_fail(err, EW_NO, "enough");
	if ((rc = ew_read_label(&label, s->intake->store, &e->blob, &s->scratch, err)) != EW_OK ||
	    !says_file_only(&label))
		return rc;
	if (s->lead == 0 && !(s->source = ew_arena_str(&s->intake->arena, label.provenance.source)).p)
		return ew_fail_nomem(err);
	s->lead += ew_str_eq(s->source, label.provenance.source) ? 1 : -(size_t)1;
	return EW_OK;
}

/* What cannot be read is found out later, and is compared until then. */
static struct ew_str
usual_source(struct ew_intake *m)
{
	struct sample s = { .intake = m };
	struct ew_err why = { 0 };
	struct ew_collection *c;

	if (ew_snapshot_labels(&c, ew_edit_snapshot(m->edit), m->opts->split, &why) == EW_OK && c)
		(void)!ew_collection_each(c, see_label, &s, &why);
	ew_arena_release(&s.scratch);
	return s.source;
}

static enum ew_code
note_row(struct update *u, const struct ew_candidate *c, struct ew_err *err)
{
	struct row *r = &u->row[u->rows];
	enum ew_code rc = ew_roster_enter(&r->id, u->intake->roster, c->id, &c->fold, c->line, err);

	if (rc != EW_OK)
		return rc;
	r->at = c->at.at;
	r->line = (uint32_t)c->at.line;
	r->label = c->label.oid;
	r->instance = c->instance.oid;
	u->rows++;
	return ew_intake_count(u->intake, err);
}

static enum ew_code
note_rows(struct update *u, struct ew_err *err)
{
	const struct ew_candidate *row;
	struct ew_err fault = { 0 };
	size_t n;
	enum ew_code rc = EW_OK;

	do {
		if (ew_placer_next(&row, &n, u->placer, &fault) == EW_OK && n == 0)
			return EW_OK;
		for (size_t i = 0; i < n; i++)
			ew_roster_expect(u->intake->roster, &row[i].fold);
		for (size_t i = 0; i < n && rc == EW_OK; i++)
			rc = note_row(u, &row[i], err);
	} while (rc == EW_OK && fault.code == EW_OK);
	return rc == EW_OK ? ew_fail(err, fault.code, "%s", fault.msg) : rc;
}

/* --- the store --- */

/* A record that is stored of a row's id. */
static enum ew_code
meet_record(void *user, size_t number, bool instance, const struct ew_oid *blob, struct ew_err *err)
{
	struct update *u = user;
	struct row *r = &u->row[number];

	(void)err;
	if (instance) {
		r->instance_met = true;
		r->instance_same = ew_oid_eq(&r->instance, blob);
		r->instance = *blob;
	} else {
		r->label_met = true;
		r->label_same = ew_oid_eq(&r->label, blob);
		r->label = *blob;
	}
	return EW_OK;
}

/* Whether what is stored is what the row comes to. */
static bool
says_the_same(const struct row *r)
{
	return r->label_met && r->label_same &&
		(r->instance_met ? r->instance_same : ew_oid_is_zero(&r->instance));
}

/* --- what differs --- */

static enum ew_code
push(struct works *list, struct update *u, const struct ew_comparison *ask, struct ew_err *err)
{
	struct ew_arena *arena = &u->intake->arena;
	struct work *w = ew_arena_alloc(arena, sizeof *w);
	enum ew_code rc;

	if (!w)
		return ew_fail_nomem(err);
	w->ask = *ask;
	if ((rc = ew_ready_keep(&w->ask.label, arena, err)) != EW_OK ||
	    (rc = ew_ready_keep(&w->ask.instance, arena, err)) != EW_OK)
		return rc;
	w->ask.subject = ew_arena_str(arena, ask->subject);
	if (ask->reason.p)
		w->ask.reason = ew_arena_str(arena, ask->reason);
	if (!w->ask.subject.p || !w->ask.reason.p != !ask->reason.p)
		return ew_fail_nomem(err);
	if (!list->last)
		list->last = &list->first;
	*list->last = w;
	list->last = &w->next;
	list->count++;
	return EW_OK;
}

static enum ew_code
push_compared(struct update *u, const struct ew_doubt *d, const struct ew_comparison *ask,
	struct ew_err *err)
{
	if (ew_oid_is_zero(&d->label))
		return push(&u->added, u, ask, err);
	if (ask->changes)
		return push(&u->changed, u, ask, err);
	if (ask->label.bytes.p || ask->instance.bytes.p)
		return push(&u->metadata, u, ask, err);
	u->intake->report->unchanged++;
	return EW_OK;
}

/* Compare the rows that gathered. */
static enum ew_code
settle(struct update *u, struct ew_err *err)
{
	const struct ew_intake *m = u->intake;
	const struct ew_comparison *ask;
	const size_t n = u->doubts, hands = m->stretches > 1 ? ew_crew_hands() : 1;
	enum ew_code rc = EW_OK;

	u->doubts = 0;
	if (n == 0)
		return EW_OK;
	if (!u->comparer)
		rc = ew_comparer_open(&u->comparer, m->store, m->opts, m->table, m->roster, hands, err);
	if (rc == EW_OK)
		rc = ew_comparer_run(&ask, u->comparer, u->doubt, n, err);
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = push_compared(u, &u->doubt[i], &ask[i], err);
	return rc;
}

static enum ew_code
compare_row(struct update *u, const struct row *r, struct ew_err *err)
{
	struct ew_doubt *d = &u->doubt[u->doubts++];

	*d = (struct ew_doubt){ .at = { .at = r->at, .line = r->line, .rows = 1 }, .id = ew_str(r->id) };
	if (r->label_met)
		d->label = r->label;
	if (r->label_met && r->instance_met)
		d->instance = r->instance;
	return u->doubts == EW_DOUBTS_MOST ? settle(u, err) : EW_OK;
}

static enum ew_code
compare_rows(struct update *u, size_t n, struct ew_err *err)
{
	const struct ew_progress *progress = u->intake->store->opts.progress;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		if (says_the_same(&u->row[i]))
			u->intake->report->unchanged++;
		else
			rc = compare_row(u, &u->row[i], err);
		if (rc == EW_OK && (i + 1) % REPORT_EVERY == 0)
			rc = ew_progress(progress, "comparing", i + 1, n, err);
	}
	return rc == EW_OK ? settle(u, err) : rc;
}

/* Another fault takes the place of this one, since it is of an earlier row. */
static enum ew_code
supersede(struct ew_err *fault, const struct ew_err *earlier)
{
	ew_err_clear(fault);
	return ew_fail(fault, earlier->code, "%s", earlier->msg);
}

/* Each step refuses rows that the one before lets pass: of several faults the first row's is told. */
static enum ew_code
take_rows(struct update *u, struct ew_err *err)
{
	struct ew_roster *r = u->intake->roster;
	struct ew_err met = { 0 }, compared = { 0 };
	size_t refused;
	enum ew_code rc = note_rows(u, err);

	if (rc != EW_OK && rc != EW_REFUSED)
		return rc;
	if (ew_roster_meet(r, meet_record, u, u->intake->opts->complete, &met) != EW_OK)
		return supersede(err, &met);
	refused = ew_roster_refused(r);
	if (compare_rows(u, refused < u->rows ? refused : u->rows, &compared) != EW_OK)
		return supersede(err, &compared);
	return ew_roster_refuse(r, &met) != EW_OK ? supersede(err, &met) : rc;
}

/* --- commits --- */

/* What a row asks for; `expected` is for a collection that is not there yet. */
static enum ew_code
put(struct update *u, const struct ew_comparison *ask, uint64_t expected, struct ew_err *err)
{
	struct ew_edit *e = u->intake->edit;
	enum ew_code rc = EW_OK;

	if (ask->label.bytes.p)
		rc = ew_edit_put_ready(e, u->intake->labels, &ask->label, expected, err);
	if (rc == EW_OK && ask->instance.bytes.p)
		rc = ew_edit_put_ready(e, EW_LIT("instances"), &ask->instance, expected, err);
	return rc;
}

static void
count_event(struct ew_import_report *r, enum ew_event event)
{
	if (event == EW_ABSTAIN)
		r->abstained++;
	else if (event == EW_DISAMBIGUATE)
		r->disambiguated++;
	else if (event == EW_REBIND)
		r->rebound++;
	else
		r->relabelled++;
}

/* Read what will be changed while nothing is yet; what cannot be read is found out later. */
static void
prepare(struct update *u)
{
	struct ew_err why = { 0 };
	struct ew_str *id = ew_arena_array(&u->intake->arena, u->changed.count, sizeof *id);
	size_t n = 0;

	for (const struct work *w = u->changed.first; w && id; w = w->next)
		id[n++] = w->ask.label.id;
	if (n)
		(void)!ew_snapshot_prepare(ew_edit_snapshot(u->intake->edit), id, n, &why);
}

static enum ew_code
commit_changed(struct update *u, struct ew_err *err)
{
	struct ew_intake *m = u->intake;
	struct ew_str note;
	uint64_t done = 0;
	enum ew_code rc = ew_message_text(&note, &m->arena, m->opts->message, err);

	prepare(u);
	for (const struct work *w = u->changed.first; w && rc == EW_OK; w = w->next) {
		const struct ew_message message = {
			.event = w->ask.event,
			.label = w->ask.label.id,
			.source = m->source,
			.subject = w->ask.subject,
			.text = note.len ? note : w->ask.reason,
		};

		if ((rc = put(u, &w->ask, 1, err)) == EW_OK)
			rc = ew_edit_commit(m->edit, &message, err);
		count_event(m->report, message.event);
		if (rc == EW_OK && ++done % REPORT_EVERY == 0)
			rc = ew_progress(m->store->opts.progress, "signing", done, u->changed.count, err);
	}
	return rc;
}

static enum ew_code
commit_list(struct update *u, const struct works *list, const char *what, const char *where,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (const struct work *w = list->first; w && rc == EW_OK; w = w->next)
		rc = put(u, &w->ask, list->count, err);
	if (rc != EW_OK || list->count == 0)
		return rc;
	return ew_intake_commit(u->intake, EW_IMPORT, what, list->count, where, err);
}

static enum ew_code
withdraw_missed(struct ew_intake *m, struct ew_err *err)
{
	struct ew_str *id;
	const size_t n = ew_roster_missed(&id, m->roster);
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = ew_edit_withdraw(m->edit, id[i], err);
	m->report->withdrawn = n;
	return rc == EW_OK && n ? ew_intake_commit(m, EW_WITHDRAW, "withdraw", n, "from", err) : rc;
}

static enum ew_code
commit_all(struct update *u, struct ew_err *err)
{
	struct ew_intake *m = u->intake;
	enum ew_code rc;

	m->report->added = u->added.count;
	m->report->metadata = u->metadata.count;
	if ((rc = commit_changed(u, err)) == EW_OK &&
	    (rc = commit_list(u, &u->added, "import", "into", err)) == EW_OK && m->opts->complete)
		rc = withdraw_missed(m, err);
	return rc == EW_OK ? commit_list(u, &u->metadata, "describe", "of", err) : rc;
}

static enum ew_code
open_update(struct update *u, struct ew_err *err)
{
	struct ew_intake *m = u->intake;

	u->row = ew_large_array((size_t)m->rows, sizeof *u->row);
	u->doubt = ew_arena_array(&m->arena, EW_DOUBTS_MOST, sizeof *u->doubt);
	if (!u->row || !u->doubt)
		return ew_fail_nomem(err);
	return ew_placer_open(&u->placer, m->opts, m->table, m->stretch, m->stretches, m->roster,
		usual_source(m), err);
}

enum ew_code
ew_update(struct ew_intake *m, struct ew_err *err)
{
	struct update u = { .intake = m };
	enum ew_code rc = open_update(&u, err);

	if (rc == EW_OK && (rc = take_rows(&u, err)) == EW_OK)
		rc = commit_all(&u, err);
	ew_placer_free(u.placer);
	ew_comparer_free(u.comparer);
	free(u.row);
	return rc;
}
