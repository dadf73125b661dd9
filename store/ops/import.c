/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An import takes the rows of its table in their order, as a placer hands them out.  A
 * first one puts their records at once.  An update asks what is stored of each: most rows
 * come to the very record that is, and are done with; the rest is compared, and what it
 * asks for is kept until all rows are read.
 */
#include "ops/import.h"

#include "base/crew.h"
#include "codec/jsonw.h"
#include "model/id.h"
#include "model/trailer.h"
#include "ops/comparer.h"
#include "ops/placer.h"
#include "ops/sheaf.h"

#include <string.h>

enum {
	REPORT_EVERY = 4096,
	STRETCH = 256, /* rows that a thread places at a time */
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

struct import {
	struct ew_store *store;
	const struct ew_import_opts *opts;
	struct ew_import_report *report;
	struct ew_map_file *map;
	struct ew_table *table;
	struct ew_stretch *stretch;
	size_t stretches;
	struct ew_edit *edit;
	struct ew_roster *roster;
	struct ew_placer *placer;
	struct ew_sheaf *sheaf;       /* of a first import */
	struct ew_comparer *comparer; /* of an update with something to compare */
	struct ew_arena arena;
	struct ew_buf labels;     /* name of the collection */
	struct ew_doubt *doubt;   /* rows that wait for being compared */
	size_t doubts;
	size_t fault_line; /* of the row that was at fault when it was compared; else SIZE_MAX */
	struct works changed, added, metadata;
	struct ew_str source; /* of the commits: digest and name of the file */
	uint64_t rows;
};

/* --- opening --- */

static enum ew_code
check_options(const struct ew_import_opts *o, struct ew_err *err)
{
	if (!ew_split_ok(o->split))
		return ew_fail(err, EW_USAGE,
			"%.*s: no name for a split; use 1 to 64 of a-z 0-9 _ -, not beginning with -",
			EW_FMT(o->split));
	if (o->complete && !o->update)
		return ew_fail(err, EW_USAGE, "--complete goes with --update");
	if (o->match_attribute.p && !o->update)
		return ew_fail(err, EW_USAGE, "--match goes with --update");
	return EW_OK;
}

static enum ew_code
open_table(struct import *m, struct ew_err *err)
{
	const struct ew_import_opts *o = m->opts;
	enum ew_code rc;

	if ((rc = ew_desk_map(&m->map, o, err)) != EW_OK ||
	    (rc = ew_table_open(&m->table, m->map, o->bytes, o->name, err)) != EW_OK ||
	    (rc = ew_table_cut(&m->stretch, &m->stretches, m->table, STRETCH, &m->arena, err)) != EW_OK)
		return rc;
	for (size_t i = 0; i < m->stretches; i++)
		m->rows += m->stretch[i].rows;
	return m->rows ? EW_OK
		       : ew_fail(err, EW_REFUSED, "%s: it has no rows; nothing to import", o->name);
}

/* "sha256:DIGEST NAME", the name without its folders. */
static enum ew_code
name_source(struct import *m, struct ew_err *err)
{
	const char *slash = strrchr(m->opts->name, '/');
	const char *name = slash ? slash + 1 : m->opts->name;
	struct ew_sha256 digest = ew_sha256_str(m->store->hash, m->opts->bytes);
	char hex[2 * sizeof digest.b + 1];
	struct ew_buf b = { 0 };
	enum ew_code rc;

	if (!ew_line_ok(ew_str(name)))
		return ew_fail(err, EW_REFUSED,
			"%s: the name is recorded, and is not one line of UTF-8; rename the file",
			m->opts->name);
	ew_hex(hex, digest.b, sizeof digest.b);
	ew_buf_addf(&b, "sha256:%s %s", hex, name);
	if ((rc = ew_buf_check(&b, err)) == EW_OK &&
	    !(m->source = ew_arena_str(&m->arena, ew_buf_str(&b))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&b);
	return rc;
}

static enum ew_code
open_roster(struct import *m, struct ew_err *err)
{
	const struct ew_import_opts *o = m->opts;
	enum ew_code rc =
		ew_roster_open(&m->roster, m->store, m->edit, m->table, o->split, m->rows, err);

	if (rc == EW_OK && o->match_attribute.p)
		rc = ew_roster_match(m->roster, o->match_attribute, o->match_column, err);
	return rc;
}

/* --- records --- */

/* What a row asks for; `expected` is for a collection that is not there yet. */
static enum ew_code
put(struct import *m, const struct ew_comparison *ask, uint64_t expected, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (ask->label.bytes.p)
		rc = ew_edit_put_ready(m->edit, ew_buf_str(&m->labels), &ask->label, expected, err);
	if (rc == EW_OK && ask->instance.bytes.p)
		rc = ew_edit_put_ready(m->edit, EW_LIT("instances"), &ask->instance, expected, err);
	return rc;
}

/* --- what rows change --- */

static enum ew_code
push(struct works *list, struct import *m, const struct ew_comparison *ask, struct ew_err *err)
{
	struct work *w = ew_arena_alloc(&m->arena, sizeof *w);
	enum ew_code rc;

	if (!w)
		return ew_fail_nomem(err);
	w->ask = *ask;
	if ((rc = ew_ready_keep(&w->ask.label, &m->arena, err)) != EW_OK ||
	    (rc = ew_ready_keep(&w->ask.instance, &m->arena, err)) != EW_OK)
		return rc;
	w->ask.subject = ew_arena_str(&m->arena, ask->subject);
	if (ask->reason.p)
		w->ask.reason = ew_arena_str(&m->arena, ask->reason);
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
push_compared(struct import *m, const struct ew_doubt *d, const struct ew_comparison *ask,
	struct ew_err *err)
{
	if (ew_oid_is_zero(&d->label))
		return push(&m->added, m, ask, err);
	if (ask->changes)
		return push(&m->changed, m, ask, err);
	if (ask->label.bytes.p || ask->instance.bytes.p)
		return push(&m->metadata, m, ask, err);
	m->report->unchanged++;
	return EW_OK;
}

/* Compare the rows that gathered. */
static enum ew_code
settle(struct import *m, struct ew_err *err)
{
	const struct ew_comparison *ask;
	const size_t n = m->doubts, hands = m->stretches > 1 ? ew_crew_hands() : 1;
	size_t done;
	enum ew_code rc = EW_OK;

	m->doubts = 0;
	if (n == 0)
		return EW_OK;
	if (!m->comparer)
		rc = ew_comparer_open(&m->comparer, m->store, m->opts, m->table, m->roster, hands, err);
	if (rc == EW_OK && (rc = ew_comparer_run(&ask, &done, m->comparer, m->doubt, n, err)) != EW_OK)
		m->fault_line = m->doubt[done].line;
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = push_compared(m, &m->doubt[i], &ask[i], err);
	return rc;
}

/* What is stored of a row's id. */
static enum ew_code
find_stored(struct ew_doubt *d, struct import *m, const struct ew_candidate *c, struct ew_err *err)
{
	struct ew_snapshot *s = ew_edit_snapshot(m->edit);
	struct ew_collection *instances;
	struct ew_str split;
	bool found;
	enum ew_code rc;

	*d = (struct ew_doubt){ .at = c->at, .line = c->line, .id = c->id, .key = c->key };
	if ((rc = ew_snapshot_find(&split, &d->label, s, c->id, err)) != EW_OK || !split.p)
		return rc;
	if (!ew_str_eq(split, m->opts->split))
		return ew_fail(err, EW_REFUSED, "%s:%zu: id \"%.*s\" is in split %.*s; give --split %.*s",
			m->opts->name, c->line, EW_FMT(c->id), EW_FMT(split), EW_FMT(split));
	rc = ew_snapshot_collection(&instances, s, EW_LIT("instances"), false, 0, err);
	return rc == EW_OK && instances
		? ew_collection_find(&d->instance, &found, instances, c->id, err)
		: rc;
}

/* Whether a row that was placed by itself comes to what is stored. */
static bool
says_the_same(const struct ew_candidate *c, const struct ew_doubt *d)
{
	return ew_oid_eq(&c->label.oid, &d->label) && ew_oid_eq(&c->instance.oid, &d->instance);
}

static enum ew_code
compare_row(struct import *m, const struct ew_candidate *c, struct ew_err *err)
{
	struct ew_doubt *d = &m->doubt[m->doubts];
	const char *id;
	bool is_new;
	enum ew_code rc = find_stored(d, m, c, err);

	if (rc != EW_OK)
		return rc;
	is_new = ew_oid_is_zero(&d->label);
	if ((rc = ew_roster_enter(&id, m->roster, c->id, &c->fold, c->line, is_new, err)) != EW_OK)
		return rc;
	if (c->label.bytes.p && is_new)
		return push(&m->added, m, &(struct ew_comparison){ .label = c->label, .instance = c->instance },
			err);
	if (c->label.bytes.p && says_the_same(c, d)) {
		m->report->unchanged++;
		return EW_OK;
	}
	d->id = ew_str(id);
	return ++m->doubts == EW_DOUBTS_MOST ? settle(m, err) : EW_OK;
}

static enum ew_code
add_row(struct import *m, const struct ew_candidate *c, struct ew_err *err)
{
	const char *id;
	enum ew_code rc = ew_roster_enter(&id, m->roster, c->id, &c->fold, c->line, true, err);

	m->report->added++;
	return rc == EW_OK ? ew_sheaf_add(m->sheaf, id, &c->label, &c->instance, err) : rc;
}

static enum ew_code
take_row(struct import *m, const struct ew_candidate *c, struct ew_err *err)
{
	enum ew_code rc = m->opts->update ? compare_row(m, c, err) : add_row(m, c, err);

	if (rc == EW_OK && ++m->report->rows % REPORT_EVERY == 0)
		rc = ew_progress(m->store->opts.progress, "importing", m->report->rows, m->rows, err);
	return rc;
}

/* What is looked for may stand anywhere in memory: it is fetched for many rows at once. */
static void
expect_rows(const struct import *m, const struct ew_candidate *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ew_roster_expect(m->roster, &row[i].fold);
		if (m->sheaf) {
			ew_edit_expect(m->edit, &row[i].label);
			ew_edit_expect(m->edit, &row[i].instance);
		}
	}
}

static enum ew_code
each_row(struct import *m, struct ew_err *err)
{
	const struct ew_candidate *row;
	struct ew_err fault;
	size_t n;
	enum ew_code rc = EW_OK;

	do {
		fault = (struct ew_err){ 0 };
		if (ew_placer_next(&row, &n, m->placer, &fault) == EW_OK && n == 0)
			return EW_OK;
		expect_rows(m, row, n);
		for (size_t i = 0; i < n && rc == EW_OK; i++)
			rc = take_row(m, &row[i], err);
	} while (rc == EW_OK && fault.code == EW_OK);
	return rc == EW_OK ? ew_fail(err, fault.code, "%s", fault.msg) : rc;
}

/* Another fault takes the place of this one, since it is of an earlier row. */
static enum ew_code
supersede(struct ew_err *fault, const struct ew_err *earlier)
{
	ew_err_clear(fault);
	return ew_fail(fault, earlier->code, "%s", earlier->msg);
}

/* Some faults are looked for in many rows at once: of several, that of the first row is told. */
static enum ew_code
take_rows(struct import *m, struct ew_err *err)
{
	struct ew_err settling = { 0 }, checking = { 0 };
	enum ew_code rc = each_row(m, err);

	if ((rc == EW_OK || rc == EW_REFUSED) && settle(m, &settling) != EW_OK)
		rc = supersede(err, &settling);
	if ((rc == EW_OK || rc == EW_REFUSED) &&
	    ew_roster_check_new(m->roster, m->fault_line, &checking) != EW_OK)
		rc = supersede(err, &checking);
	return rc;
}

/* --- commits --- */

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
prepare(struct import *m)
{
	struct ew_err why = { 0 };
	struct ew_str *id = ew_arena_array(&m->arena, m->changed.count, sizeof *id);
	size_t n = 0;

	for (const struct work *w = m->changed.first; w && id; w = w->next)
		id[n++] = w->ask.label.id;
	if (n)
		(void)!ew_snapshot_prepare(ew_edit_snapshot(m->edit), id, n, &why);
}

static enum ew_code
commit_changed(struct import *m, struct ew_err *err)
{
	struct ew_str note;
	uint64_t done = 0;
	enum ew_code rc = ew_message_text(&note, &m->arena, m->opts->message, err);

	prepare(m);
	for (const struct work *w = m->changed.first; w && rc == EW_OK; w = w->next) {
		const struct ew_message message = {
			.event = w->ask.event,
			.label = w->ask.label.id,
			.source = m->source,
			.subject = w->ask.subject,
			.text = note.len ? note : w->ask.reason,
		};

		if ((rc = put(m, &w->ask, 1, err)) == EW_OK)
			rc = ew_edit_commit(m->edit, &message, err);
		count_event(m->report, message.event);
		if (rc == EW_OK && ++done % REPORT_EVERY == 0)
			rc = ew_progress(m->store->opts.progress, "signing", done, m->changed.count, err);
	}
	return rc;
}

/* One commit for many labels: `what` is a format for their number. */
static enum ew_code
commit_many(struct import *m, enum ew_event event, const char *what, uint64_t n, const char *where,
	struct ew_err *err)
{
	struct ew_message message = { .event = event, .source = m->source };
	struct ew_buf subject = { 0 };
	enum ew_code rc = ew_message_text(&message.text, &m->arena, m->opts->message, err);

	ew_buf_addf(&subject, "%s %llu label%s %s %.*s", what, (unsigned long long)n, n == 1 ? "" : "s",
		where, EW_FMT(m->opts->split));
	message.subject = ew_buf_str(&subject);
	if (rc == EW_OK && (rc = ew_buf_check(&subject, err)) == EW_OK)
		rc = ew_edit_commit(m->edit, &message, err);
	ew_buf_release(&subject);
	return rc;
}

static enum ew_code
commit_list(struct import *m, const struct works *list, const char *what, const char *where,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (const struct work *w = list->first; w && rc == EW_OK; w = w->next)
		rc = put(m, &w->ask, list->count, err);
	if (rc != EW_OK || list->count == 0)
		return rc;
	return commit_many(m, EW_IMPORT, what, list->count, where, err);
}

static enum ew_code
withdraw_missed(struct import *m, struct ew_err *err)
{
	struct ew_str *id;
	size_t n;
	enum ew_code rc = ew_roster_missed(&id, &n, m->roster, err);

	if (rc != EW_OK || n == 0)
		return rc;
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = ew_edit_withdraw(m->edit, id[i], err);
	m->report->withdrawn = n;
	return rc == EW_OK ? commit_many(m, EW_WITHDRAW, "withdraw", n, "from", err) : rc;
}

static enum ew_code
commit_all(struct import *m, struct ew_err *err)
{
	enum ew_code rc;

	if (!m->opts->update) {
		if ((rc = ew_sheaf_put(m->sheaf, ew_buf_str(&m->labels), err)) == EW_OK)
			rc = commit_many(m, EW_IMPORT, "import", m->report->added, "into", err);
	} else {
		m->report->added = m->added.count;
		m->report->metadata = m->metadata.count;
		if ((rc = commit_changed(m, err)) == EW_OK &&
		    (rc = commit_list(m, &m->added, "import", "into", err)) == EW_OK &&
		    m->opts->complete)
			rc = withdraw_missed(m, err);
		if (rc == EW_OK)
			rc = commit_list(m, &m->metadata, "describe", "of", err);
	}
	return rc;
}

static enum ew_code
run(struct import *m, struct ew_err *err)
{
	const struct ew_import_opts *o = m->opts;
	struct ew_oid tip;
	enum ew_code rc;

	if ((rc = check_options(o, err)) != EW_OK || (rc = open_table(m, err)) != EW_OK ||
	    (rc = name_source(m, err)) != EW_OK || (rc = ew_edit_open(&m->edit, m->store, err)) != EW_OK ||
	    (rc = open_roster(m, err)) != EW_OK ||
	    (rc = ew_placer_open(&m->placer, o, m->table, m->stretch, m->stretches, m->roster, err)) !=
		    EW_OK)
		return rc;
	ew_buf_addf(&m->labels, "labels/%.*s", EW_FMT(o->split));
	if (!o->update)
		rc = ew_sheaf_open(&m->sheaf, m->edit, m->rows, err);
	else if (!(m->doubt = ew_arena_array(&m->arena, EW_DOUBTS_MOST, sizeof *m->doubt)))
		rc = ew_fail_nomem(err);
	if (rc != EW_OK || (rc = ew_buf_check(&m->labels, err)) != EW_OK || (rc = take_rows(m, err)) != EW_OK ||
	    (rc = commit_all(m, err)) != EW_OK)
		return rc;
	m->report->commits = ew_edit_commits(m->edit);
	if ((rc = ew_edit_finish(&tip, m->edit, err)) == EW_OK)
		ew_hex(m->report->tip, tip.b, sizeof tip.b);
	return rc;
}

enum ew_code
ew_import(struct ew_import_report *out, struct ew_store *store, const struct ew_import_opts *opts,
	struct ew_err *err)
{
	struct import m = { .store = store, .opts = opts, .report = out, .fault_line = SIZE_MAX };
	enum ew_code rc;

	*out = (struct ew_import_report){ 0 };
	rc = run(&m, err);
	ew_placer_free(m.placer);
	ew_comparer_free(m.comparer);
	ew_sheaf_free(m.sheaf);
	ew_roster_free(m.roster);
	ew_edit_free(m.edit);
	ew_table_free(m.table);
	ew_map_file_free(m.map);
	ew_arena_release(&m.arena);
	ew_buf_release(&m.labels);
	return rc;
}

void
ew_import_report_json(struct ew_buf *out, const struct ew_import_report *r)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.import/1"));
	ew_jsonw_str_at(&w, "commit", ew_str(r->tip));
#define X(member) ew_jsonw_int_at(&w, #member, (int64_t)r->member);
	EW_IMPORT_COUNTS(X)
#undef X
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
