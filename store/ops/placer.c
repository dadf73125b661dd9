/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/placer.h"

#include "base/crew.h"

#include <stdlib.h>

enum { JOBS_A_HAND = 2 };

/* A stretch, and what became of its rows. */
struct job {
	const struct ew_placer *of;
	const struct ew_stretch *stretch;
	struct ew_candidate *row;
	size_t n;
	struct ew_arena arena; /* of both */
};

struct ew_placer {
	struct ew_str source;
	const struct ew_stretch *stretch;
	size_t stretches, given;
	struct ew_crew *crew;
	struct ew_desk *desk[EW_CREW_MOST];
	size_t room;
	struct job *job; /* the i-th stretch has job[i % room] */
};

/* --- one row --- */

/* The records of a row that nothing is stored of. */
static enum ew_code
make_records(struct ew_candidate *c, struct ew_desk *d, struct ew_placed *placed,
	struct ew_arena *arena, struct ew_err *err)
{
	const bool stores = ew_desk_stores(&placed->instance);
	enum ew_code rc = ew_ready_label(&c->label, &d->maker, &placed->label, &c->key, arena, err);

	if (d->opts->digest_only)
		placed->instance.input = (struct ew_str){ NULL, 0 };
	if (rc == EW_OK && stores)
		rc = ew_ready_instance(&c->instance, &d->maker, &placed->instance, &c->key, arena, err);
	if (rc != EW_OK)
		return ew_fail_at(err, "%s:%zu", d->opts->name, placed->line);
	c->label.id = c->instance.id = c->id;
	return EW_OK;
}

/* Their ids, in an update. */
static enum ew_code
note_records(struct ew_candidate *c, struct ew_desk *d, struct ew_placed *placed, struct ew_str source,
	struct ew_err *err)
{
	const bool stores = ew_desk_stores(&placed->instance);
	struct ew_err why = { 0 };
	enum ew_code rc;

	if (!placed->has_provenance && source.p)
		placed->label.provenance.source = source;
	if (d->opts->digest_only)
		placed->instance.input = (struct ew_str){ NULL, 0 };
	rc = ew_ready_label_oid(&c->label.oid, &d->maker, &placed->label, &why);
	if (rc == EW_OK && stores)
		rc = ew_ready_instance_oid(&c->instance.oid, &d->maker, &placed->instance, &why);
	if (rc == EW_REFUSED)
		c->label.oid = c->instance.oid = (struct ew_oid){ { 0 } };
	return rc == EW_OK || rc == EW_REFUSED ? EW_OK : ew_fail(err, rc, "%s", why.msg);
}

static enum ew_code
take_id(struct ew_candidate *c, struct ew_desk *d, struct ew_str id, struct ew_arena *arena,
	struct ew_err *err)
{
	c->id = ew_arena_str(arena, id);
	if (!c->id.p)
		return ew_fail_nomem(err);
	c->key = ew_sha256_str(d->hash, c->id);
	return ew_roster_fold(&c->fold, c->id, &c->key, &d->fold, d->hash, err);
}

static enum ew_code
take_row(struct ew_candidate *c, struct job *j, struct ew_desk *d, const struct ew_row *row,
	struct ew_err *err)
{
	struct ew_arena *arena = &j->arena;
	struct ew_err why = { 0 };
	struct ew_placed placed;
	struct ew_str id;
	enum ew_code rc;

	if (!d->opts->match_attribute.p && ew_desk_place(&placed, d, row, NULL, NULL, &why) == EW_OK) {
		if ((rc = take_id(c, d, placed.label.id, arena, err)) != EW_OK)
			return rc;
		return d->opts->update ? note_records(c, d, &placed, j->of->source, err)
				       : make_records(c, d, &placed, arena, err);
	}
	/* What is wrong with the id is said before anything else. */
	rc = ew_desk_id(&id, d, row, err);
	if (rc == EW_OK && why.code != EW_OK && (why.code != EW_REFUSED || !d->opts->update))
		rc = ew_fail(err, why.code, "%s", why.msg);
	return rc == EW_OK ? take_id(c, d, id, arena, err) : rc;
}

/* --- a stretch --- */

static enum ew_code
place_stretch(void *tool, void *work, struct ew_err *err)
{
	struct ew_desk *d = tool;
	struct job *j = work;
	struct ew_rows rows;
	struct ew_row row;
	bool more = true;
	enum ew_code rc;

	j->row = ew_arena_array(&j->arena, j->stretch->rows, sizeof *j->row);
	if (!j->row)
		return ew_fail_nomem(err);
	ew_rows_init(&rows, d->table, j->stretch);
	while (more) {
		const struct ew_stretch at = ew_rows_here(&rows);

		ew_arena_reset(&d->scratch);
		if ((rc = ew_rows_next(&rows, &row, &more, &d->scratch, err)) != EW_OK)
			return rc;
		if (!more)
			break;
		j->row[j->n].at = at;
		j->row[j->n].line = row.line;
		if ((rc = take_row(&j->row[j->n], j, d, &row, err)) != EW_OK)
			return rc;
		j->n++;
	}
	return EW_OK;
}

/* --- all --- */

enum ew_code
ew_placer_open(struct ew_placer **out, const struct ew_import_opts *opts, const struct ew_table *table,
	const struct ew_stretch *stretch, size_t stretches, const struct ew_roster *roster,
	struct ew_str source, struct ew_err *err)
{
	const size_t processors = ew_crew_hands(), hands = stretches < processors ? stretches : processors;
	struct ew_placer *p = calloc(1, sizeof *p);
	void *tool[EW_CREW_MOST];
	enum ew_code rc = EW_OK;

	*out = p;
	if (!p)
		return ew_fail_nomem(err);
	p->source = source;
	p->stretch = stretch;
	p->stretches = stretches;
	p->room = hands * JOBS_A_HAND + 1;
	p->job = calloc(p->room, sizeof *p->job);
	if (!p->job)
		rc = ew_fail_nomem(err);
	for (size_t i = 0; i < hands && rc == EW_OK; i++) {
		rc = ew_desk_open(&p->desk[i], opts, table, roster, err);
		tool[i] = p->desk[i];
	}
	return rc == EW_OK ? ew_crew_open(&p->crew, hands, p->room, place_stretch, tool, err) : rc;
}

void
ew_placer_free(struct ew_placer *p)
{
	if (!p)
		return;
	ew_crew_free(p->crew);
	for (size_t i = 0; i < EW_CREW_MOST; i++)
		ew_desk_free(p->desk[i]);
	for (size_t i = 0; i < p->room && p->job; i++)
		ew_arena_release(&p->job[i].arena);
	free(p->job);
	free(p);
}

/* The jobs that are free work on what comes next. */
static void
give(struct ew_placer *p)
{
	for (; p->given < p->stretches && ew_crew_has_room(p->crew); p->given++) {
		struct job *j = &p->job[p->given % p->room];

		ew_arena_reset(&j->arena);
		j->of = p;
		j->stretch = &p->stretch[p->given];
		j->n = 0;
		ew_crew_give(p->crew, j);
	}
}

enum ew_code
ew_placer_next(const struct ew_candidate **out, size_t *n, struct ew_placer *p, struct ew_err *err)
{
	struct job *j;
	void *done;
	enum ew_code rc;

	give(p);
	rc = ew_crew_take(&done, p->crew, err);
	j = done;
	*out = j ? j->row : NULL;
	*n = j ? j->n : 0;
	return rc;
}
