/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/ancestry.h"

#include "base/map.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	REPORT_EVERY = 64,
	THREADS_MOST = 8,
	STRETCH_LEAST = 200, /* commits that are worth a thread */
};

struct ew_ancestry {
	struct ew_store *store;
	struct ew_cache *own, *stores;
	struct ew_map judged; /* commit ids, to themselves */
	struct ew_arena arena;
	struct ew_oid root;
	uint64_t count;
	atomic_size_t fault; /* of the line in work: number of the oldest stretch with one; 0: none */
};

enum ew_code
ew_ancestry_open(struct ew_ancestry **out, struct ew_store *s, struct ew_err *err)
{
	struct ew_ancestry *a = calloc(1, sizeof *a);
	enum ew_code rc;

	*out = NULL;
	if (!a)
		return ew_fail_nomem(err);
	if ((rc = ew_cache_open_empty(&a->own, err)) != EW_OK) {
		free(a);
		return rc;
	}
	a->store = s;
	a->stores = s->cache;
	s->cache = a->own;
	*out = a;
	return EW_OK;
}

void
ew_ancestry_free(struct ew_ancestry *a)
{
	if (!a)
		return;
	a->store->cache = a->stores;
	ew_cache_free(a->own);
	ew_map_release(&a->judged);
	ew_arena_release(&a->arena);
	free(a);
}

uint64_t
ew_ancestry_count(const struct ew_ancestry *a)
{
	return a->count;
}

struct ew_oid
ew_ancestry_root(const struct ew_ancestry *a)
{
	return a->root;
}

/* The commits not judged yet, newest first; below them stands `*below`, zero for nothing. */
struct line {
	struct ew_oid *commit;
	size_t n, room;
	struct ew_oid below;
};

static enum ew_code
walk_back(struct line *l, struct ew_ancestry *a, const struct ew_oid *tip, struct ew_err *err)
{
	struct ew_arena scratch = { 0 };
	struct ew_oid at = *tip;
	struct ew_commit c;
	enum ew_code rc = EW_OK;

	while (rc == EW_OK && !ew_map_get(&a->judged, ew_str_n(at.b, sizeof at.b))) {
		if (l->n == l->room) {
			size_t room = l->room ? l->room * 2 : 256;
			struct ew_oid *more = realloc(l->commit, room * sizeof *more);

			if (!more) {
				rc = ew_fail_nomem(err);
				break;
			}
			l->commit = more;
			l->room = room;
		}
		l->commit[l->n++] = at;
		ew_arena_reset(&scratch);
		if ((rc = ew_read_commit(&c, a->store, &at, &scratch, err)) != EW_OK)
			break;
		if (c.parents == 0) {
			at = (struct ew_oid){ { 0 } };
			break;
		}
		at = c.parent[0];
	}
	l->below = at;
	ew_arena_release(&scratch);
	return rc;
}

enum ew_code
ew_ancestry_trust(struct ew_ancestry *a, const struct ew_oid *commit, struct ew_err *err)
{
	struct ew_str key = ew_arena_str(&a->arena, ew_str_n(commit->b, sizeof commit->b));

	return key.p ? ew_map_set(&a->judged, key, a, err) : ew_fail_nomem(err);
}

/*
 * A stretch of a line, judged by one thread with a store of its own.  What stands is
 * known when every stretch stands: each begins with a parent that another one judges.
 */
struct stretch {
	struct ew_ancestry *ancestry;
	size_t number; /* from 1, the newest */
	struct ew_store *store;
	const struct ew_oid *commit; /* newest first */
	size_t n;
	struct ew_oid below; /* zero: it begins the history */
	bool reports;        /* its progress stands for that of all */
	size_t judged;       /* how many of them stand */
	pthread_t thread;
	bool running;
	struct ew_err err;
};

/* UUID of the data set, from the manifest of the oldest commit at hand. */
static enum ew_code
dataset_of(struct ew_str *out, struct ew_arena *arena, const struct ew_version_at *at,
	struct ew_err *err)
{
	struct ew_manifest *m;
	enum ew_code rc = ew_snapshot_manifest(&m, at->snapshot, err);

	if (rc == EW_OK && !(*out = ew_arena_str(arena, m->dataset)).p)
		rc = ew_fail_nomem(err);
	return rc;
}

static enum ew_code
report(const struct stretch *s, size_t done, struct ew_err *err)
{
	if (done % REPORT_EVERY != 0)
		return EW_OK;
	/* What an older stretch found is said before anything found here could be. */
	if (atomic_load(&s->ancestry->fault) > s->number)
		return ew_fail(err, EW_INTERRUPTED, "verifying: stopped by an older fault");
	return s->reports ? ew_progress(s->ancestry->store->opts.progress, "verifying", done, s->n, err)
			  : EW_OK;
}

/* Oldest first, so that each commit's parent is open when it is judged. */
static enum ew_code
judge_stretch(struct stretch *s, struct ew_err *err)
{
	struct ew_version_at pair[2] = { { .snapshot = NULL }, { .snapshot = NULL } };
	struct ew_version_at *parent = NULL, *at = &pair[0];
	struct ew_str dataset = { NULL, 0 };
	struct ew_arena arena = { 0 };
	enum ew_code rc = EW_OK;

	if (!ew_oid_is_zero(&s->below)) {
		parent = &pair[1];
		rc = ew_at_commit(parent, s->store, &s->below, err);
		if (rc == EW_OK)
			rc = dataset_of(&dataset, &arena, parent, err);
	}
	for (size_t i = s->n; i-- > 0 && rc == EW_OK;) {
		if ((rc = ew_at_commit(at, s->store, &s->commit[i], err)) != EW_OK ||
		    (!dataset.p && (rc = dataset_of(&dataset, &arena, at, err)) != EW_OK) ||
		    (rc = ew_judge(s->store, at, parent, dataset, err)) != EW_OK)
			break;
		if (parent)
			ew_at_release(parent);
		parent = at;
		at = at == &pair[0] ? &pair[1] : &pair[0];
		rc = report(s, ++s->judged, err);
	}
	ew_at_release(&pair[0]);
	ew_at_release(&pair[1]);
	ew_arena_release(&arena);
	return rc;
}

static void
judge_and_tell(struct stretch *s)
{
	size_t known = atomic_load(&s->ancestry->fault);

	if (judge_stretch(s, &s->err) == EW_OK)
		return;
	while (known < s->number &&
	       !atomic_compare_exchange_weak(&s->ancestry->fault, &known, s->number))
		continue;
}

/* In a thread of its own: nothing but the objects on disk is shared. */
static void *
run_stretch(void *stretch)
{
	struct stretch *s = stretch;
	const struct ew_store *first = s->ancestry->store;
	struct ew_store_opts opts = first->opts;

	opts.progress = NULL;
	if (ew_store_open(&s->store, ew_repo_path(first->repo), &opts, &s->err) == EW_OK) {
		ew_cache_free(s->store->cache);
		if (ew_cache_open_empty(&s->store->cache, &s->err) == EW_OK)
			judge_and_tell(s);
	}
	ew_store_free(s->store);
	return NULL;
}

/* How many threads a line is worth: one a processor, if each has enough to do. */
static size_t
count_stretches(size_t commits)
{
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = processors < 1 ? 1 : processors > THREADS_MOST ? THREADS_MOST : (size_t)processors;

	if (n > commits / STRETCH_LEAST)
		n = commits / STRETCH_LEAST;
	return n ? n : 1;
}

static void
cut_line(struct stretch *s, size_t n, struct ew_ancestry *a, const struct line *l)
{
	for (size_t i = 0; i < n; i++) {
		const size_t from = l->n * i / n, to = l->n * (i + 1) / n;

		s[i] = (struct stretch){
			.ancestry = a,
			.number = i + 1,
			.commit = l->commit + from,
			.n = to - from,
			.below = to < l->n ? l->commit[to] : l->below,
		};
	}
	/* The oldest is judged here: its faults come first, and it begins with the most work. */
	s[n - 1].store = a->store;
	s[n - 1].reports = true;
}

/* All of a line stands: remember it. */
static enum ew_code
remember(struct ew_ancestry *a, const struct line *l, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < l->n && rc == EW_OK; i++)
		rc = ew_ancestry_trust(a, &l->commit[i], err);
	if (ew_oid_is_zero(&l->below))
		a->root = l->commit[l->n - 1];
	return rc;
}

static enum ew_code
judge_line(struct ew_ancestry *a, const struct line *l, struct ew_err *err)
{
	struct stretch s[THREADS_MOST];
	const size_t n = count_stretches(l->n);

	atomic_store(&a->fault, 0);
	cut_line(s, n, a, l);
	for (size_t i = 0; i + 1 < n; i++)
		s[i].running = pthread_create(&s[i].thread, NULL, run_stretch, &s[i]) == 0;
	judge_and_tell(&s[n - 1]);
	for (size_t i = 0; i + 1 < n; i++) {
		if (s[i].running)
			pthread_join(s[i].thread, NULL);
		else
			run_stretch(&s[i]);
	}
	for (size_t i = n; i-- > 0;) {
		a->count += s[i].judged;
		if (s[i].err.code != EW_OK)
			return ew_fail(err, s[i].err.code, "%s", s[i].err.msg);
	}
	return remember(a, l, err);
}

enum ew_code
ew_ancestry_judge(struct ew_ancestry *a, const struct ew_oid *tip, struct ew_err *err)
{
	struct line l = { .n = 0 };
	enum ew_code rc = walk_back(&l, a, tip, err);

	if (rc == EW_OK && l.n)
		rc = judge_line(a, &l, err);
	free(l.commit);
	return rc;
}
