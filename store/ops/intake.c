/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/intake.h"

#include "model/id.h"
#include "model/trailer.h"

#include <string.h>

enum {
	REPORT_EVERY = 4096,
	STRETCH = 256, /* rows that a thread places at a time */
};

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
open_table(struct ew_intake *m, struct ew_err *err)
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

/* Two texts as one, in the arena. */
static enum ew_code
join(struct ew_str *out, struct ew_intake *m, const char *a, struct ew_str b, struct ew_err *err)
{
	struct ew_buf both = { 0 };
	enum ew_code rc;

	ew_buf_adds(&both, a);
	ew_buf_add(&both, b);
	if ((rc = ew_buf_check(&both, err)) == EW_OK && !(*out = ew_arena_str(&m->arena, ew_buf_str(&both))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&both);
	return rc;
}

/* "sha256:DIGEST NAME", the name without its folders. */
static enum ew_code
name_source(struct ew_intake *m, struct ew_err *err)
{
	const char *slash = strrchr(m->opts->name, '/');
	const char *name = slash ? slash + 1 : m->opts->name;
	struct ew_sha256 digest = ew_sha256_str(m->store->hash, m->opts->bytes);
	char head[sizeof "sha256: " + 2 * sizeof digest.b] = "sha256:";
	char *hex = head + strlen(head);

	if (!ew_line_ok(ew_str(name)))
		return ew_fail(err, EW_REFUSED,
			"%s: the name is recorded, and is not one line of UTF-8; rename the file",
			m->opts->name);
	ew_hex(hex, digest.b, sizeof digest.b);
	hex[2 * sizeof digest.b] = ' ';
	hex[2 * sizeof digest.b + 1] = '\0';
	return join(&m->source, m, head, ew_str(name), err);
}

static enum ew_code
open_roster(struct ew_intake *m, struct ew_err *err)
{
	const struct ew_import_opts *o = m->opts;
	enum ew_code rc =
		ew_roster_open(&m->roster, m->store, m->edit, m->table, o->split, m->rows, err);

	if (rc == EW_OK && o->match_attribute.p)
		rc = ew_roster_match(m->roster, o->match_attribute, o->match_column, err);
	return rc;
}

enum ew_code
ew_intake_open(struct ew_intake *m, struct ew_store *store, const struct ew_import_opts *opts,
	struct ew_import_report *report, struct ew_err *err)
{
	enum ew_code rc;

	*m = (struct ew_intake){ .store = store, .opts = opts, .report = report };
	if ((rc = check_options(opts, err)) != EW_OK || (rc = open_table(m, err)) != EW_OK ||
	    (rc = name_source(m, err)) != EW_OK ||
	    (rc = join(&m->labels, m, "labels/", opts->split, err)) != EW_OK ||
	    (rc = ew_edit_open(&m->edit, store, err)) != EW_OK)
		return rc;
	return open_roster(m, err);
}

void
ew_intake_release(struct ew_intake *m)
{
	ew_roster_free(m->roster);
	ew_edit_free(m->edit);
	ew_table_free(m->table);
	ew_map_file_free(m->map);
	ew_arena_release(&m->arena);
}

enum ew_code
ew_intake_count(struct ew_intake *m, struct ew_err *err)
{
	if (++m->report->rows % REPORT_EVERY != 0)
		return EW_OK;
	return ew_progress(m->store->opts.progress, "importing", m->report->rows, m->rows, err);
}

enum ew_code
ew_intake_commit(struct ew_intake *m, enum ew_event event, const char *what, uint64_t n,
	const char *where, struct ew_err *err)
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
