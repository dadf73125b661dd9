/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/drafter.h"

#include "base/crew.h"
#include "base/map.h"
#include "repo/source.h"

#include <assert.h>
#include <stdlib.h>

enum { SLICE = 32, SLICES = EW_EVENT_BLOCK / SLICE };

/* What one thread works with. */
struct desk {
	struct ew_source source;
	struct ew_draft_maker maker;
	struct ew_buf record;
};

/* Some of the events, drafted by one thread. */
struct slice {
	struct ew_drafter *of;
	size_t first, n;
	struct ew_arena arena; /* of the drafts */
};

struct ew_drafter {
	struct ew_edit *edit;
	struct ew_crew *crew;
	struct desk desk[EW_CREW_MOST];
	struct slice slice[SLICES];
	const struct ew_revise_request *request;
	struct ew_drafted drafted[EW_EVENT_BLOCK];
	struct ew_oid record[EW_EVENT_BLOCK]; /* of the label of each event; zero: not to be drafted */
};

/* --- by one thread --- */

static void
draft(struct desk *d, const struct ew_revise_request *q, const struct ew_oid *record,
	struct ew_drafted *out)
{
	struct ew_err why = { 0 };
	bool found;

	ew_buf_clear(&d->record);
	out->made = ew_source_read(&d->record, &found, &d->source, record, EW_BLOB, &why) == EW_OK &&
		found &&
		ew_draft_make(&out->draft, &d->maker, q, ew_buf_str(&d->record), record, &why) == EW_OK;
}

static enum ew_code
draft_slice(void *tool, void *job, struct ew_err *err)
{
	struct desk *d = tool;
	struct slice *s = job;

	(void)err;
	d->maker.arena = &s->arena;
	for (size_t i = s->first; i < s->first + s->n; i++)
		if (!ew_oid_is_zero(&s->of->record[i]))
			draft(d, &s->of->request[i], &s->of->record[i], &s->of->drafted[i]);
	return EW_OK;
}

/* --- all --- */

enum ew_code
ew_drafter_open(struct ew_drafter **out, struct ew_store *store, struct ew_edit *edit, size_t hands,
	struct ew_err *err)
{
	struct ew_drafter *d = calloc(1, sizeof *d);
	const struct ew_source first = ew_source_of(store->repo);
	void *tool[EW_CREW_MOST];
	enum ew_code rc = d ? EW_OK : ew_fail_nomem(err);

	*out = d;
	if (!d)
		return rc;
	d->edit = edit;
	for (size_t i = 0; i < hands && rc == EW_OK; i++) {
		struct desk *k = &d->desk[i];

		/* The caller's, too, shall not look for long for what is not there. */
		rc = ew_source_open(&k->source, &first, err);
		k->maker.ready.hash = k->source.hash;
		k->maker.principal = ew_edit_principal(edit);
		tool[i] = k;
	}
	return rc == EW_OK ? ew_crew_open(&d->crew, hands, SLICES, draft_slice, tool, err) : rc;
}

void
ew_drafter_free(struct ew_drafter *d)
{
	if (!d)
		return;
	ew_crew_free(d->crew);
	for (size_t i = 0; i < EW_CREW_MOST; i++) {
		ew_draft_maker_release(&d->desk[i].maker);
		ew_buf_release(&d->desk[i].record);
		ew_source_release(&d->desk[i].source);
	}
	for (size_t i = 0; i < SLICES; i++)
		ew_arena_release(&d->slice[i].arena);
	free(d);
}

/* Whether an event's label is as it was when none of these had been carried out yet. */
static enum ew_code
is_first(bool *out, const struct ew_revise_request *q, struct ew_map *seen, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	*out = true;
	for (size_t i = 0; i < q->idn && rc == EW_OK; i++) {
		*out &= !ew_map_get(seen, q->ids[i]);
		rc = ew_map_set(seen, q->ids[i], seen, err);
	}
	return rc;
}

/* The record of an event's label, zero if there is none that can be read beside the edit. */
static void
find_record(struct ew_drafter *d, size_t i)
{
	struct ew_oid *record = &d->record[i];
	struct ew_err why = { 0 };

	if (ew_snapshot_find(&d->drafted[i].split, record, ew_edit_snapshot(d->edit), d->request[i].id,
		    &why) != EW_OK ||
	    !d->drafted[i].split.p || ew_edit_stages(d->edit, record))
		*record = (struct ew_oid){ { 0 } };
}

static enum ew_code
find_records(struct ew_drafter *d, size_t n, struct ew_err *err)
{
	struct ew_map seen = { .slot = NULL };
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		bool first;

		d->drafted[i].made = false;
		d->record[i] = (struct ew_oid){ { 0 } };
		rc = is_first(&first, &d->request[i], &seen, err);
		if (first && d->request[i].event != EW_WITHDRAW)
			find_record(d, i);
	}
	ew_map_release(&seen);
	return rc;
}

enum ew_code
ew_drafter_run(const struct ew_drafted **out, struct ew_drafter *d,
	const struct ew_revise_request *request, size_t n, struct ew_err *err)
{
	void *job;
	enum ew_code rc;

	assert(n <= EW_EVENT_BLOCK);
	*out = d->drafted;
	d->request = request;
	if ((rc = find_records(d, n, err)) != EW_OK)
		return rc;
	for (size_t first = 0; first < n; first += SLICE) {
		struct slice *s = &d->slice[first / SLICE];

		ew_arena_reset(&s->arena);
		s->of = d;
		s->first = first;
		s->n = n - first < SLICE ? n - first : SLICE;
		ew_crew_give(d->crew, s);
	}
	do
		rc = ew_crew_take(&job, d->crew, err);
	while (rc == EW_OK && job);
	return rc;
}
