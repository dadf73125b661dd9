/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/records.h"

#include "base/crew.h"
#include "ops/lookup.h"
#include "ops/twins.h"
#include "repo/blobs.h"

#include <stdlib.h>
#include <string.h>

enum {
	PLACES = 1024, /* in a job */
	JOBS_A_HAND = 2,
	KEPT = 1 << 20, /* bytes of folders */
};

/* A part of what is to be read. */
struct job {
	struct ew_str id[PLACES];
	struct ew_oid oid[2 * PLACES]; /* of the labels, then of the instances; zero: there is none */
	size_t n;
	struct ew_arena arena; /* of ids */
};

/* What one hand works with; the first is the caller's, and sees what its repository does. */
struct hand {
	struct ew_source source;
	struct ew_blobs *blobs;
	struct ew_arena scratch; /* of one place */
};

struct ew_records {
	struct ew_store *store;
	struct ew_snapshot *last; /* the last good one; NULL: none yet */
	uint64_t count;           /* of it */
	struct ew_twins twins;
	struct hand hand[EW_CREW_MOST];
	size_t hands; /* that are open */
	struct job *job; /* in a ring */
	size_t jobs, given;
	struct ew_crew *crew;
};

/* A version while it is checked. */
struct checking {
	struct ew_records *records;
	struct ew_snapshot *now;
	struct ew_lookup *lookup; /* in it */
	struct job *job;          /* that is filled; NULL: the next one */
	uint64_t count, walked;
};

/* --- one place --- */

static enum ew_code
check_label(struct ew_label *out, struct hand *h, const struct job *j, size_t i, struct ew_err *err)
{
	const struct ew_str record = ew_blobs_at(h->blobs, i);
	enum ew_code rc;

	if (!record.p)
		return EW_OK;
	if ((rc = ew_parse_label(out, record, &j->oid[i], &h->scratch, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(out->id, j->id[i]))
		return ew_fail(err, EW_NO, "the record of label %.*s is that of %.*s", EW_FMT(j->id[i]),
			EW_FMT(out->id));
	return EW_OK;
}

static enum ew_code
check_instance(struct ew_instance *out, struct hand *h, const struct job *j, size_t i,
	struct ew_err *err)
{
	const struct ew_str record = ew_blobs_at(h->blobs, j->n + i);

	if (!record.p)
		return EW_OK;
	if (ew_instance_parse(out, &h->scratch, h->source.hash, record, err) != EW_OK)
		return ew_fail_stored(err, &j->oid[j->n + i]);
	if (!ew_str_eq(out->id, j->id[i]))
		return ew_fail(err, EW_NO, "the record of instance %.*s is that of %.*s",
			EW_FMT(j->id[i]), EW_FMT(out->id));
	return EW_OK;
}

static enum ew_code
check_place(struct hand *h, const struct job *j, size_t i, struct ew_err *err)
{
	struct ew_label label = { .id = { NULL, 0 } };
	struct ew_instance instance = { .id = { NULL, 0 } };
	enum ew_code rc;

	ew_arena_reset(&h->scratch);
	if ((rc = check_label(&label, h, j, i, err)) != EW_OK ||
	    (rc = check_instance(&instance, h, j, i, err)) != EW_OK)
		return rc;
	if (label.id.p && instance.id.p && !ew_sha256_eq(&label.instance, &instance.digest))
		return ew_fail(err, EW_NO, "label %.*s is bound to another question than is stored",
			EW_FMT(j->id[i]));
	return EW_OK;
}

static enum ew_code
do_job(void *tool, void *work, struct ew_err *err)
{
	struct hand *h = tool;
	struct job *j = work;
	enum ew_code rc = ew_blobs_read(h->blobs, j->oid, 2 * j->n, err);

	for (size_t i = 0; i < j->n && rc == EW_OK; i++)
		rc = check_place(h, j, i, err);
	return rc;
}

/* --- jobs --- */

/* Take the oldest; *none when none is under way.  What another hand fails at the caller's tries again. */
static enum ew_code
take_job(bool *none, struct ew_records *r, struct ew_err *err)
{
	struct ew_err why = { 0 };
	void *job;
	enum ew_code rc = ew_crew_take(&job, r->crew, &why);

	*none = !job;
	return rc == EW_OK ? EW_OK : do_job(&r->hand[0], job, err);
}

static void
give_job(struct checking *k)
{
	struct ew_records *r = k->records;
	struct job *j = k->job;

	if (!j)
		return;
	/* Ids of instances follow those of labels without a gap. */
	memmove(j->oid + j->n, j->oid + PLACES, j->n * sizeof *j->oid);
	r->given++;
	ew_crew_give(r->crew, j);
	k->job = NULL;
}

/* A place for one more id, in the job that is filled. */
static enum ew_code
add_place(struct checking *k, struct ew_str id, const struct ew_oid *label,
	const struct ew_oid *instance, struct ew_err *err)
{
	static const struct ew_oid none;
	struct ew_records *r = k->records;
	bool empty;
	struct job *j;
	enum ew_code rc;

	if (!k->job) {
		while (!ew_crew_has_room(r->crew))
			if ((rc = take_job(&empty, r, err)) != EW_OK)
				return rc;
		k->job = &r->job[r->given % r->jobs];
		k->job->n = 0;
		ew_arena_reset(&k->job->arena);
	}
	j = k->job;
	if (!(j->id[j->n] = ew_arena_str(&j->arena, id)).p)
		return ew_fail_nomem(err);
	j->oid[j->n] = label ? *label : none;
	j->oid[PLACES + j->n] = instance ? *instance : none;
	if (++j->n == PLACES)
		give_job(k);
	return EW_OK;
}

/* --- walking --- */

static enum ew_code
count_pair(struct checking *k, const struct ew_entry *before, const struct ew_entry *after,
	struct ew_err *err)
{
	k->count += !before;
	k->count -= !after;
	if (++k->walked % PLACES)
		return EW_OK;
	return ew_progress(k->records->store->opts.progress, "reading records", k->walked, 0, err);
}

static enum ew_code
on_label(void *user, const struct ew_entry *before, const struct ew_entry *after, struct ew_err *err)
{
	struct checking *k = user;
	struct ew_oid instance;
	bool found;
	enum ew_code rc = count_pair(k, before, after, err);

	if (rc != EW_OK || !after)
		return rc;
	if ((!before && (rc = ew_twins_meet(&k->records->twins, after->id, err)) != EW_OK) ||
	    (rc = ew_lookup_instance(&instance, &found, k->lookup, after->id, err)) != EW_OK)
		return rc;
	return add_place(k, after->id, &after->blob, found ? &instance : NULL, err);
}

/* With its label, which may be as it was; that of a first version was read with it already. */
static enum ew_code
on_instance(void *user, const struct ew_entry *before, const struct ew_entry *after,
	struct ew_err *err)
{
	struct checking *k = user;
	struct ew_str split;
	struct ew_oid label;
	enum ew_code rc = count_pair(k, before, after, err);

	if (rc != EW_OK || !after ||
	    (rc = ew_lookup_label(&split, &label, k->lookup, after->id, err)) != EW_OK)
		return rc;
	if (split.p && !k->records->last)
		return EW_OK;
	if (!split.p && !before && (rc = ew_twins_meet(&k->records->twins, after->id, err)) != EW_OK)
		return rc;
	return add_place(k, after->id, split.p ? &label : NULL, &after->blob, err);
}

/* Of one collection, what differs from the last version, which is NULL before the first. */
static enum ew_code
compare(struct checking *k, struct ew_collection *last, struct ew_collection *now, ew_pair_fn *fn,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	/* With another fan-out everything moved. */
	if (last && now && ew_collection_levels(last) != ew_collection_levels(now)) {
		rc = ew_collection_compare(last, NULL, fn, k, err);
		last = NULL;
	}
	return rc == EW_OK ? ew_collection_compare(last, now, fn, k, err) : rc;
}

static enum ew_code
walk_split(struct checking *k, struct ew_str split, struct ew_err *err)
{
	struct ew_collection *last = NULL, *now;
	enum ew_code rc;

	if ((k->records->last &&
		    (rc = ew_snapshot_labels(&last, k->records->last, split, err)) != EW_OK) ||
	    (rc = ew_snapshot_labels(&now, k->now, split, err)) != EW_OK)
		return rc;
	return compare(k, last, now, on_label, err);
}

static enum ew_code
walk_labels(struct checking *k, struct ew_err *err)
{
	struct ew_str *x = NULL, *y;
	size_t i = 0, j = 0, xn = 0, yn;
	enum ew_code rc;

	if ((k->records->last &&
		    (rc = ew_snapshot_splits(&x, &xn, k->records->last, err)) != EW_OK) ||
	    (rc = ew_snapshot_splits(&y, &yn, k->now, err)) != EW_OK)
		return rc;
	while (rc == EW_OK && (i < xn || j < yn)) {
		const int d = i == xn ? 1 : j == yn ? -1 : ew_str_cmp(x[i], y[j]);

		rc = walk_split(k, d <= 0 ? x[i] : y[j], err);
		i += d <= 0;
		j += d >= 0;
	}
	return rc;
}

static enum ew_code
walk_instances(struct checking *k, struct ew_err *err)
{
	static const struct ew_str name = { "instances", sizeof "instances" - 1 };
	struct ew_collection *last = NULL, *now;
	enum ew_code rc = EW_OK;

	if (k->records->last)
		rc = ew_snapshot_collection(&last, k->records->last, name, false, 0, err);
	if (rc == EW_OK)
		rc = ew_snapshot_collection(&now, k->now, name, false, 0, err);
	return rc == EW_OK ? compare(k, last, now, on_instance, err) : rc;
}

/* --- a version --- */

static enum ew_code
walk(struct checking *k, struct ew_err *err)
{
	bool none = false;
	enum ew_code rc;

	if ((rc = ew_lookup_open(&k->lookup, k->records->store->repo, k->now, KEPT, err)) != EW_OK ||
	    (rc = walk_labels(k, err)) != EW_OK || (rc = walk_instances(k, err)) != EW_OK)
		return rc;
	give_job(k);
	while (rc == EW_OK && !none)
		rc = take_job(&none, k->records, err);
	return rc;
}

/* Results that nobody waits for any more. */
static void
drain(struct ew_records *r)
{
	struct ew_err why = { 0 };
	void *job;

	do
		(void)!ew_crew_take(&job, r->crew, &why);
	while (job);
}

/* Twins make other faults, so they are said first. */
static enum ew_code
check_version(struct checking *k, struct ew_err *err)
{
	struct ew_err why = { 0 };
	bool likely;
	enum ew_code found = walk(k, &why), rc;

	drain(k->records);
	if ((rc = ew_twins_settle(&likely, &k->records->twins, err)) != EW_OK)
		return rc;
	if ((likely || found == EW_NO || found == EW_CORRUPT) &&
	    (rc = ew_twins_check(k->records->store, k->now, err)) != EW_OK)
		return rc;
	return found == EW_OK ? EW_OK : ew_fail(err, found, "%s", why.msg);
}

enum ew_code
ew_records_check(uint64_t *count, struct ew_records *r, const struct ew_oid *tree, struct ew_err *err)
{
	struct checking k = { .records = r, .count = r->count };
	enum ew_code rc = ew_snapshot_open(&k.now, r->store->repo, NULL, tree, err);

	*count = 0;
	if (rc == EW_OK)
		rc = check_version(&k, err);
	ew_lookup_free(k.lookup);
	if (rc == EW_OK) {
		ew_snapshot_free(r->last);
		r->last = k.now;
		*count = r->count = k.count;
	} else {
		ew_snapshot_free(k.now);
	}
	return rc;
}

static enum ew_code
open_hand(struct ew_records *r, struct ew_err *err)
{
	struct hand *h = &r->hand[r->hands];
	enum ew_code rc = EW_OK;

	if (r->hands == 0)
		h->source = ew_source_of(r->store->repo);
	else if ((rc = ew_source_open(&h->source, &r->hand[0].source, err)) != EW_OK)
		return rc;
	r->hands++;
	return ew_blobs_open(&h->blobs, &h->source, err);
}

static enum ew_code
open_crew(struct ew_records *r, struct ew_err *err)
{
	const size_t hands = ew_crew_hands();
	void *tool[EW_CREW_MOST];
	enum ew_code rc;

	for (size_t i = 0; i < hands; i++) {
		tool[i] = &r->hand[i];
		if ((rc = open_hand(r, err)) != EW_OK)
			return rc;
	}
	r->jobs = JOBS_A_HAND * hands;
	if (!(r->job = calloc(r->jobs, sizeof *r->job)))
		return ew_fail_nomem(err);
	return ew_crew_open(&r->crew, hands, r->jobs, do_job, tool, err);
}

enum ew_code
ew_records_open(struct ew_records **out, struct ew_store *s, struct ew_err *err)
{
	struct ew_records *r = calloc(1, sizeof *r);
	enum ew_code rc;

	*out = NULL;
	if (!r)
		return ew_fail_nomem(err);
	r->store = s;
	if ((rc = open_crew(r, err)) == EW_OK)
		*out = r;
	else
		ew_records_free(r);
	return rc;
}

void
ew_records_free(struct ew_records *r)
{
	if (!r)
		return;
	ew_crew_free(r->crew);
	for (size_t i = 0; i < r->hands; i++) {
		ew_blobs_free(r->hand[i].blobs);
		ew_source_release(&r->hand[i].source);
		ew_arena_release(&r->hand[i].scratch);
	}
	for (size_t i = 0; r->job && i < r->jobs; i++)
		ew_arena_release(&r->job[i].arena);
	free(r->job);
	ew_snapshot_free(r->last);
	ew_twins_release(&r->twins);
	free(r);
}
