/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/import.h"

#include "codec/jsonw.h"
#include "model/id.h"
#include "model/map.h"
#include "model/trailer.h"
#include "ops/roster.h"
#include "ops/subject.h"

#include <string.h>

enum { REPORT_EVERY = 4096 };

/* What a row asks for, kept until the edits that come before it are made. */
struct work {
	struct work *next;
	struct ew_label label;
	struct ew_label prior;
	struct ew_instance instance;
	bool put_label, put_instance;
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
	struct ew_edit *edit;
	struct ew_arena arena, scratch; /* for the whole import; for one row */
	struct ew_roster *roster;
	struct works changed, added, metadata;
	struct ew_str source; /* of the commits: digest and name of the file */
	uint64_t rows;
};

/* --- opening --- */

static enum ew_code
open_map(struct import *m, struct ew_err *err)
{
	const struct ew_import_opts *o = m->opts;

	if (o->preset.p && o->map.p)
		return ew_fail(err, EW_USAGE, "both a preset and a map; give one");
	if (o->map.p)
		return ew_map_file_parse(&m->map, o->map, o->map_name, err);
	if (!o->preset.p)
		return ew_fail(err, EW_USAGE,
			"which columns mean what? give --preset NAME or --map MAP.json");
	return ew_map_file_preset(&m->map, o->preset, err);
}

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

/* The fan-out of a new collection follows the number of rows, so they are counted first. */
static enum ew_code
count_rows(struct import *m, struct ew_err *err)
{
	struct ew_stretch *stretch;
	size_t n;
	enum ew_code rc = ew_table_open(&m->table, m->map, m->opts->bytes, m->opts->name, err);

	if (rc != EW_OK ||
	    (rc = ew_table_cut(&stretch, &n, m->table, REPORT_EVERY, &m->arena, err)) != EW_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		m->rows += stretch[i].rows;
	return m->rows ? EW_OK
		       : ew_fail(err, EW_REFUSED, "%s: it has no rows; nothing to import", m->opts->name);
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

/* --- what a row changes --- */

static enum ew_code
find_id(struct ew_str *id, struct import *m, const struct ew_row *row, struct ew_err *err)
{
	struct ew_buf names = { 0 };
	bool possible;
	enum ew_code rc;

	if (m->opts->match_attribute.p)
		return ew_roster_find(id, m->roster, row, err);
	if ((rc = ew_map_file_id(id, &possible, m->map, m->table, row, &m->scratch, err)) != EW_OK)
		return rc;
	if (!possible) {
		ew_table_columns(&names, m->table);
		rc = ew_fail(err, EW_REFUSED,
			"%s:%zu: a column of the id is missing; find ids with --update --match "
			"ATTRIBUTE=COLUMN; there are %.*s",
			m->opts->name, row->line, EW_FMT(ew_buf_str(&names)));
		ew_buf_release(&names);
	}
	return rc;
}

/* Releases both. */
static bool
same_bytes(struct ew_buf *a, struct ew_buf *b)
{
	bool same = a->bad == EW_OK && b->bad == EW_OK && ew_str_eq(ew_buf_str(a), ew_buf_str(b));

	ew_buf_release(a);
	ew_buf_release(b);
	return same;
}

static bool
same_label(const struct ew_label *a, const struct ew_label *b)
{
	struct ew_buf p = { 0 }, q = { 0 };

	ew_label_write(&p, a);
	ew_label_write(&q, b);
	return same_bytes(&p, &q);
}

static bool
same_instance(const struct ew_instance *a, const struct ew_instance *b)
{
	struct ew_buf p = { 0 }, q = { 0 };

	ew_instance_write(&p, a);
	ew_instance_write(&q, b);
	return same_bytes(&p, &q);
}

/* What the table says of a label whose scored part it leaves as it is. */
static struct ew_label
only_metadata(const struct ew_placed *placed, const struct ew_label *prior)
{
	struct ew_label l = *prior;

	if (placed->has_reason)
		l.reason = placed->label.reason;
	if (placed->has_missing && l.state == EW_INCOMPUTABLE) {
		l.missing = placed->label.missing;
		l.missings = placed->label.missings;
	}
	if (placed->has_confidence)
		l.confidence = placed->label.confidence;
	if (placed->has_provenance)
		l.provenance = placed->label.provenance;
	if (placed->has_evidence) {
		l.evidence = placed->label.evidence;
		l.evidences = placed->label.evidences;
	}
	return l;
}

/* An instance without input and attributes is not stored: its label says all there is. */
static bool
says_nothing(const struct ew_instance *i)
{
	return ew_str_is(i->input, "{}") && (!i->attributes.p || ew_str_is(i->attributes, "{}"));
}

static enum ew_code
push(struct works *list, struct import *m, const struct work *w, struct ew_err *err)
{
	struct work *copy = ew_arena_alloc(&m->arena, sizeof *copy);

	if (!copy)
		return ew_fail_nomem(err);
	*copy = *w;
	copy->next = NULL;
	if (!list->last)
		list->last = &list->first;
	*list->last = copy;
	list->last = &copy->next;
	list->count++;
	return EW_OK;
}

static enum ew_code
compare_row(struct import *m, const struct ew_row *row, struct ew_str id, struct ew_err *err)
{
	struct ew_arena *keep = &m->arena;
	struct ew_instance stored = { .id = { NULL, 0 } };
	struct ew_placed placed;
	struct work w = { .put_label = true, .put_instance = true };
	struct ew_str split;
	enum ew_class class;
	unsigned facets;
	bool has_instance;
	enum ew_code rc;

	/* Placed rows may be kept, and with them all they borrow from. */
	if ((rc = ew_edit_label(&w.prior, &split, m->edit, id, keep, err)) != EW_OK ||
	    (rc = ew_edit_instance(&stored, &has_instance, m->edit, id, keep, err)) != EW_OK ||
	    (rc = ew_map_file_place(&placed, m->map, m->table, row, &w.prior,
		     has_instance ? &stored : NULL, keep, m->store->hash, err)) != EW_OK)
		return rc;
	w.label = placed.label;
	w.instance = placed.instance;
	if (has_instance && (!stored.input.p || m->opts->digest_only))
		w.instance.input = (struct ew_str){ NULL, 0 };
	w.put_instance = has_instance ? !same_instance(&stored, &w.instance)
				      : !says_nothing(&placed.instance);
	class = ew_change_classify(&facets, &w.prior, &w.label, false);
	if (class == EW_METADATA_ONLY) {
		w.label = only_metadata(&placed, &w.prior);
		w.put_label = !same_label(&w.prior, &w.label);
		if (w.put_label || w.put_instance)
			return push(&m->metadata, m, &w, err);
		m->report->unchanged++;
		return EW_OK;
	}
	if (!placed.has_reason && !w.label.reason.p &&
	    (class == EW_FORM_ONLY || class == EW_BAND_ONLY || class == EW_INPUT_ONLY))
		w.label.reason = w.prior.reason;
	return push(&m->changed, m, &w, err);
}

static enum ew_code
add_row(struct import *m, const struct ew_row *row, struct ew_str id, struct ew_err *err)
{
	struct ew_placed placed;
	bool bare;
	enum ew_code rc;

	if ((rc = ew_roster_check_new(m->roster, id, row->line, err)) != EW_OK)
		return rc;
	if (!m->opts->update)
		ew_arena_reset(&m->scratch);
	rc = ew_map_file_place(&placed, m->map, m->table, row, NULL, NULL,
		m->opts->update ? &m->arena : &m->scratch, m->store->hash, err);
	if (rc != EW_OK)
		return rc;
	bare = says_nothing(&placed.instance);
	if (m->opts->digest_only)
		placed.instance.input = (struct ew_str){ NULL, 0 };
	if (m->opts->update)
		return push(&m->added, m,
			&(struct work){ .label = placed.label, .instance = placed.instance,
				.put_label = true, .put_instance = !bare },
			err);
	m->report->added++;
	if ((rc = ew_edit_put_label(m->edit, m->opts->split, &placed.label, m->rows, err)) != EW_OK ||
	    (!bare && (rc = ew_edit_put_instance(m->edit, &placed.instance, m->rows, err)) != EW_OK))
		ew_fail_at(err, "%s:%zu", m->opts->name, row->line);
	return rc;
}

static enum ew_code
take_row(struct import *m, const struct ew_row *row, struct ew_err *err)
{
	struct ew_str id, split;
	struct ew_oid blob;
	enum ew_code rc;

	if ((rc = find_id(&id, m, row, err)) != EW_OK ||
	    (rc = ew_roster_enter(&id, m->roster, id, row->line, err)) != EW_OK)
		return rc;
	if (!m->opts->update)
		return add_row(m, row, id, err);
	if ((rc = ew_snapshot_find(&split, &blob, ew_edit_snapshot(m->edit), id, err)) != EW_OK)
		return rc;
	if (!split.p)
		return add_row(m, row, id, err);
	if (!ew_str_eq(split, m->opts->split))
		return ew_fail(err, EW_REFUSED, "%s:%zu: id \"%.*s\" is in split %.*s; give --split %.*s",
			m->opts->name, row->line, EW_FMT(id), EW_FMT(split), EW_FMT(split));
	return compare_row(m, row, id, err);
}

static enum ew_code
take_rows(struct import *m, struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_rows rows;
	struct ew_row row;
	bool more;
	enum ew_code rc;

	ew_rows_init(&rows, m->table, NULL);
	for (;;) {
		ew_arena_reset(&m->scratch);
		if (!m->opts->update)
			ew_arena_reset(&arena);
		if ((rc = ew_rows_next(&rows, &row, &more, m->opts->update ? &m->arena : &arena, err)) !=
			    EW_OK ||
		    !more || (rc = take_row(m, &row, err)) != EW_OK)
			break;
		if (++m->report->rows % REPORT_EVERY == 0 &&
		    (rc = ew_progress(m->store->opts.progress, "importing", m->report->rows, m->rows,
			     err)) != EW_OK)
			break;
	}
	ew_arena_release(&arena);
	return rc;
}

/* --- commits --- */

static enum ew_code
put(struct import *m, const struct work *w, uint64_t expected, struct ew_err *err)
{
	/* What was placed is checked, but here it may be mixed with what was stored. */
	enum ew_code rc = ew_label_check(&w->label, err);

	if (rc == EW_OK && w->put_label)
		rc = ew_edit_put_label(m->edit, m->opts->split, &w->label, expected, err);
	if (rc == EW_OK && w->put_instance)
		rc = ew_edit_put_instance(m->edit, &w->instance, expected, err);
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

static enum ew_code
commit_changed(struct import *m, struct ew_err *err)
{
	struct ew_buf subject = { 0 };
	struct ew_str note;
	uint64_t done = 0;
	enum ew_code rc = ew_message_text(&note, &m->arena, m->opts->message, err);

	for (const struct work *w = m->changed.first; w && rc == EW_OK; w = w->next) {
		struct ew_message message = {
			.event = ew_event_between(&w->prior, &w->label),
			.label = w->label.id,
			.source = m->source,
			.text = note,
		};

		ew_buf_clear(&subject);
		ew_subject(&subject, message.event, &w->prior, &w->label);
		message.subject = ew_buf_str(&subject);
		if (!note.len && !ew_str_eq(w->label.reason, w->prior.reason))
			rc = ew_subject_text(&message.text, w->label.reason, &m->arena, err);
		if (rc == EW_OK && (rc = ew_buf_check(&subject, err)) == EW_OK &&
		    (rc = put(m, w, 1, err)) == EW_OK)
			rc = ew_edit_commit(m->edit, &message, err);
		count_event(m->report, message.event);
		if (rc == EW_OK && ++done % REPORT_EVERY == 0)
			rc = ew_progress(m->store->opts.progress, "signing", done, m->changed.count, err);
	}
	ew_buf_release(&subject);
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
		rc = put(m, w, list->count, err);
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
	struct ew_oid tip;
	enum ew_code rc;

	if ((rc = check_options(m->opts, err)) != EW_OK || (rc = open_map(m, err)) != EW_OK ||
	    (rc = count_rows(m, err)) != EW_OK || (rc = name_source(m, err)) != EW_OK ||
	    (rc = ew_edit_open(&m->edit, m->store, err)) != EW_OK ||
	    (rc = ew_roster_open(&m->roster, m->edit, m->table, m->opts->split, err)) != EW_OK)
		return rc;
	if (m->opts->match_attribute.p &&
	    (rc = ew_roster_match(m->roster, m->opts->match_attribute, m->opts->match_column, err)) != EW_OK)
		return rc;
	if ((rc = take_rows(m, err)) != EW_OK || (rc = commit_all(m, err)) != EW_OK)
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
	struct import m = { .store = store, .opts = opts, .report = out };
	enum ew_code rc;

	*out = (struct ew_import_report){ 0 };
	rc = run(&m, err);
	ew_roster_free(m.roster);
	ew_edit_free(m.edit);
	ew_table_free(m.table);
	ew_map_file_free(m.map);
	ew_arena_release(&m.arena);
	ew_arena_release(&m.scratch);
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
