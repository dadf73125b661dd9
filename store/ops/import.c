/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/import.h"

#include "codec/jsonw.h"
#include "ops/intake.h"
#include "ops/sheaf.h"
#include "ops/update.h"

/* A first import: nothing that is stored has a say. */
struct first {
	struct ew_intake *intake;
	struct ew_placer *placer;
	struct ew_sheaf *sheaf;
};

/* What is looked for may stand anywhere in memory: it is fetched for many rows at once. */
static void
expect_rows(const struct first *f, const struct ew_candidate *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ew_roster_expect(f->intake->roster, &row[i].fold);
		ew_edit_expect(f->intake->edit, &row[i].label);
		ew_edit_expect(f->intake->edit, &row[i].instance);
	}
}

static enum ew_code
take_row(struct first *f, const struct ew_candidate *c, struct ew_err *err)
{
	const char *id;
	enum ew_code rc;

	if ((rc = ew_roster_enter(&id, f->intake->roster, c->id, &c->fold, c->line, err)) != EW_OK ||
	    (rc = ew_sheaf_add(f->sheaf, id, &c->label, &c->instance, err)) != EW_OK)
		return rc;
	f->intake->report->added++;
	return ew_intake_count(f->intake, err);
}

static enum ew_code
take_rows(struct first *f, struct ew_err *err)
{
	const struct ew_candidate *row;
	struct ew_err fault = { 0 };
	size_t n;
	enum ew_code rc = EW_OK;

	do {
		if (ew_placer_next(&row, &n, f->placer, &fault) == EW_OK && n == 0)
			return EW_OK;
		expect_rows(f, row, n);
		for (size_t i = 0; i < n && rc == EW_OK; i++)
			rc = take_row(f, &row[i], err);
	} while (rc == EW_OK && fault.code == EW_OK);
	return rc == EW_OK ? ew_fail(err, fault.code, "%s", fault.msg) : rc;
}

/* Whatever was refused, what the store objects to in the rows before it comes first. */
static enum ew_code
check_rows(struct first *f, struct ew_err *err)
{
	struct ew_roster *r = f->intake->roster;
	struct ew_err met = { 0 };
	enum ew_code rc = take_rows(f, err);

	if ((rc == EW_OK || rc == EW_REFUSED) &&
	    (ew_roster_meet(r, NULL, NULL, false, &met) != EW_OK || ew_roster_refuse(r, &met) != EW_OK)) {
		ew_err_clear(err);
		rc = ew_fail(err, met.code, "%s", met.msg);
	}
	return rc;
}

static enum ew_code
import_first(struct ew_intake *m, struct ew_err *err)
{
	struct first f = { .intake = m };
	enum ew_code rc = ew_placer_open(&f.placer, m->opts, m->table, m->stretch, m->stretches, m->roster,
		(struct ew_str){ NULL, 0 }, err);

	if (rc == EW_OK && (rc = ew_sheaf_open(&f.sheaf, m->edit, m->rows, err)) == EW_OK &&
	    (rc = check_rows(&f, err)) == EW_OK && (rc = ew_sheaf_put(f.sheaf, m->labels, err)) == EW_OK)
		rc = ew_intake_commit(m, EW_IMPORT, "import", m->report->added, "into", err);
	ew_placer_free(f.placer);
	ew_sheaf_free(f.sheaf);
	return rc;
}

static enum ew_code
run(struct ew_intake *m, struct ew_err *err)
{
	struct ew_oid tip;
	enum ew_code rc = m->opts->update ? ew_update(m, err) : import_first(m, err);

	if (rc != EW_OK)
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
	struct ew_intake m;
	enum ew_code rc;

	*out = (struct ew_import_report){ 0 };
	rc = ew_intake_open(&m, store, opts, out, err);
	if (rc == EW_OK)
		rc = run(&m, err);
	ew_intake_release(&m);
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
