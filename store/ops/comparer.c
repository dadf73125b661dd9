/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/comparer.h"

#include "base/crew.h"
#include "ops/context.h"
#include "ops/subject.h"
#include "repo/blobs.h"

#include <assert.h>
#include <stdlib.h>

enum { SLICE = 32, SLICES = EW_DOUBTS_MOST / SLICE };

/* Some of the rows, compared by one thread. */
struct slice {
	struct ew_comparer *of;
	size_t first, n;
	struct ew_arena arena; /* of what they ask for */
};

struct ew_comparer {
	struct ew_source source;
	struct ew_blobs *blobs;
	struct ew_crew *crew;
	struct ew_desk *desk[EW_CREW_MOST];
	struct slice slice[SLICES];
	const struct ew_doubt *doubt;
	struct ew_comparison *comparison;
	struct ew_oid oid[2 * EW_DOUBTS_MOST]; /* of label and instance, for each row */
};

/* --- one row --- */

/* A row, what is stored of its id, and what both come to. */
struct comparing {
	struct ew_desk *desk;
	const struct ew_doubt *doubt;
	struct ew_sha256 key;
	struct ew_str label_bytes, instance_bytes;
	struct ew_label prior;
	struct ew_instance stored;
	struct ew_placed placed;
	struct ew_comparison *out;
	struct ew_arena *arena; /* of what is given back */
};

static enum ew_code
parse_stored(struct comparing *c, struct ew_err *err)
{
	struct ew_desk *d = c->desk;
	enum ew_code rc = ew_parse_label(&c->prior, c->label_bytes, &c->doubt->label, &d->scratch, err);

	if (rc == EW_OK)
		rc = ew_check_place(&c->prior, c->doubt->id, err);
	if (rc == EW_OK && c->instance_bytes.p &&
	    ew_instance_parse(&c->stored, &d->scratch, d->hash, c->instance_bytes, err) != EW_OK)
		rc = ew_fail_stored(err, &c->doubt->instance);
	return rc;
}

static enum ew_code
place(struct comparing *c, struct ew_err *err)
{
	struct ew_desk *d = c->desk;
	struct ew_rows rows;
	struct ew_row row;
	bool more;
	enum ew_code rc;

	ew_rows_init(&rows, d->table, &c->doubt->at);
	if ((rc = ew_rows_next(&rows, &row, &more, &d->scratch, err)) != EW_OK)
		return rc;
	return ew_desk_place(&c->placed, d, &row, c->label_bytes.p ? &c->prior : NULL,
		c->instance_bytes.p ? &c->stored : NULL, err);
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

/* The record of the label, unless it is the stored one. */
static enum ew_code
ask_label(struct comparing *c, const struct ew_label *l, struct ew_err *err)
{
	struct ew_ready *ready = &c->out->label;
	enum ew_code rc = ew_label_check(l, err);

	if (rc == EW_OK)
		rc = ew_ready_label(ready, &c->desk->maker, l, &c->key, c->arena, err);
	if (rc == EW_OK && ew_str_eq(ready->bytes, c->label_bytes))
		ready->bytes = (struct ew_str){ NULL, 0 };
	ready->id = c->doubt->id;
	return rc;
}

/* The record of the instance, unless it is the stored one, or there is none and nothing to say. */
static enum ew_code
ask_instance(struct comparing *c, struct ew_err *err)
{
	struct ew_ready *ready = &c->out->instance;
	struct ew_instance *i = &c->placed.instance;
	const bool stored = c->instance_bytes.p, stores = stored || ew_desk_stores(i);
	enum ew_code rc;

	if (c->desk->opts->digest_only || (stored && !c->stored.input.p))
		i->input = (struct ew_str){ NULL, 0 };
	if (!stores)
		return EW_OK;
	rc = ew_ready_instance(ready, &c->desk->maker, i, &c->key, c->arena, err);
	if (rc == EW_OK && stored && ew_str_eq(ready->bytes, c->instance_bytes))
		ready->bytes = (struct ew_str){ NULL, 0 };
	ready->id = c->doubt->id;
	return rc;
}

/* What the commit of a change says. */
static enum ew_code
tell(struct comparing *c, const struct ew_label *l, struct ew_err *err)
{
	struct ew_comparison *out = c->out;
	struct ew_buf subject = { 0 };
	enum ew_code rc;

	out->event = ew_event_between(&c->prior, l);
	ew_subject(&subject, out->event, &c->prior, l);
	if ((rc = ew_buf_check(&subject, err)) == EW_OK &&
	    !(out->subject = ew_arena_str(c->arena, ew_buf_str(&subject))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&subject);
	if (rc == EW_OK && !ew_str_eq(l->reason, c->prior.reason))
		rc = ew_subject_text(&out->reason, l->reason, c->arena, err);
	return rc;
}

static enum ew_code
ask(struct comparing *c, struct ew_err *err)
{
	struct ew_label l = c->placed.label;
	enum ew_class class;
	unsigned facets;
	enum ew_code rc;

	if (!c->label_bytes.p)
		return ask_label(c, &l, err);
	class = ew_change_classify(&facets, &c->prior, &l, false);
	if (class == EW_METADATA_ONLY) {
		l = only_metadata(&c->placed, &c->prior);
		return ask_label(c, &l, err);
	}
	if (!c->placed.has_reason && !l.reason.p &&
	    (class == EW_FORM_ONLY || class == EW_BAND_ONLY || class == EW_INPUT_ONLY))
		l.reason = c->prior.reason;
	c->out->changes = true;
	rc = ask_label(c, &l, err);
	return rc == EW_OK ? tell(c, &l, err) : rc;
}

static enum ew_code
compare_row(struct comparing *c, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	ew_arena_reset(&c->desk->scratch);
	if (c->label_bytes.p)
		rc = parse_stored(c, err);
	if (rc == EW_OK)
		rc = place(c, err);
	if (rc == EW_OK)
		rc = ask_instance(c, err);
	return rc == EW_OK ? ask(c, err) : rc;
}

/* --- all --- */

static enum ew_code
compare_slice(void *tool, void *job, struct ew_err *err)
{
	struct slice *s = job;
	struct ew_comparer *of = s->of;
	enum ew_code rc = EW_OK;

	for (size_t i = s->first; i < s->first + s->n && rc == EW_OK; i++) {
		struct ew_desk *desk = tool;
		struct comparing c = {
			.desk = desk,
			.doubt = &of->doubt[i],
			.key = ew_sha256_str(desk->hash, of->doubt[i].id),
			.label_bytes = ew_blobs_at(of->blobs, 2 * i),
			.instance_bytes = ew_blobs_at(of->blobs, 2 * i + 1),
			.out = &of->comparison[i],
			.arena = &s->arena,
		};

		*c.out = (struct ew_comparison){ 0 };
		rc = compare_row(&c, err);
	}
	return rc;
}

enum ew_code
ew_comparer_open(struct ew_comparer **out, struct ew_store *store, const struct ew_import_opts *opts,
	const struct ew_table *table, const struct ew_roster *roster, size_t hands, struct ew_err *err)
{
	struct ew_comparer *c = calloc(1, sizeof *c);
	void *tool[EW_CREW_MOST];
	enum ew_code rc;

	*out = c;
	if (!c || !(c->comparison = calloc(EW_DOUBTS_MOST, sizeof *c->comparison)))
		return ew_fail_nomem(err);
	c->source = ew_source_of(store->repo);
	rc = ew_blobs_open(&c->blobs, &c->source, err);
	for (size_t i = 0; i < hands && rc == EW_OK; i++) {
		rc = ew_desk_open(&c->desk[i], opts, table, roster, err);
		tool[i] = c->desk[i];
	}
	return rc == EW_OK ? ew_crew_open(&c->crew, hands, SLICES, compare_slice, tool, err) : rc;
}

void
ew_comparer_free(struct ew_comparer *c)
{
	if (!c)
		return;
	ew_crew_free(c->crew);
	for (size_t i = 0; i < EW_CREW_MOST; i++)
		ew_desk_free(c->desk[i]);
	for (size_t i = 0; i < SLICES; i++)
		ew_arena_release(&c->slice[i].arena);
	ew_blobs_free(c->blobs);
	free(c->comparison);
	free(c);
}

static enum ew_code
read_stored(struct ew_comparer *c, size_t n, struct ew_err *err)
{
	for (size_t i = 0; i < n; i++) {
		c->oid[2 * i] = c->doubt[i].label;
		c->oid[2 * i + 1] = c->doubt[i].instance;
	}
	return ew_blobs_read(c->blobs, c->oid, 2 * n, err);
}

/* Wait for all slices, also behind one that failed: what they work on is the caller's. */
static enum ew_code
take_all(struct ew_comparer *c, struct ew_err *err)
{
	enum ew_code rc = EW_OK;
	void *job;

	do {
		struct ew_err why = { 0 };
		const enum ew_code is = ew_crew_take(&job, c->crew, &why);

		if (rc == EW_OK && is != EW_OK)
			rc = ew_fail(err, is, "%s", why.msg);
	} while (job);
	return rc;
}

enum ew_code
ew_comparer_run(const struct ew_comparison **out, struct ew_comparer *c, const struct ew_doubt *doubt,
	size_t n, struct ew_err *err)
{
	enum ew_code rc;

	assert(n <= EW_DOUBTS_MOST);
	*out = c->comparison;
	c->doubt = doubt;
	if ((rc = read_stored(c, n, err)) != EW_OK)
		return rc;
	for (size_t first = 0; first < n; first += SLICE) {
		struct slice *s = &c->slice[first / SLICE];

		ew_arena_reset(&s->arena);
		s->of = c;
		s->first = first;
		s->n = n - first < SLICE ? n - first : SLICE;
		ew_crew_give(c->crew, s);
	}
	return take_all(c, err);
}
