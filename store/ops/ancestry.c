/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/ancestry.h"

#include "base/map.h"

#include <stdlib.h>

enum { REPORT_EVERY = 256 };

struct ew_ancestry {
	struct ew_store *store;
	struct ew_cache *own, *stores;
	struct ew_map judged; /* commit ids, to themselves */
	struct ew_arena arena;
	struct ew_oid root;
	uint64_t count;
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

/* UUID of the data set, from the manifest of the oldest commit at hand. */
static enum ew_code
dataset_of(struct ew_str *out, struct ew_ancestry *a, const struct ew_version_at *at,
	struct ew_err *err)
{
	struct ew_manifest *m;
	enum ew_code rc = ew_snapshot_manifest(&m, at->snapshot, err);

	if (rc == EW_OK && !(*out = ew_arena_str(&a->arena, m->dataset)).p)
		rc = ew_fail_nomem(err);
	return rc;
}

/* Oldest first, so that each commit's parent is open when it is judged. */
static enum ew_code
judge_line(struct ew_ancestry *a, const struct line *l, struct ew_err *err)
{
	struct ew_version_at pair[2] = { { .snapshot = NULL }, { .snapshot = NULL } };
	struct ew_version_at *parent = NULL, *at = &pair[0];
	struct ew_str dataset = { NULL, 0 };
	enum ew_code rc = EW_OK;

	if (!ew_oid_is_zero(&l->below)) {
		parent = &pair[1];
		rc = ew_at_commit(parent, a->store, &l->below, err);
		if (rc == EW_OK)
			rc = dataset_of(&dataset, a, parent, err);
	}
	for (size_t i = l->n; i-- > 0 && rc == EW_OK;) {
		if ((rc = ew_at_commit(at, a->store, &l->commit[i], err)) != EW_OK ||
		    (!dataset.p && (rc = dataset_of(&dataset, a, at, err)) != EW_OK) ||
		    (rc = ew_judge(a->store, at, parent, dataset, err)) != EW_OK ||
		    (rc = ew_ancestry_trust(a, &l->commit[i], err)) != EW_OK)
			break;
		a->count++;
		if (parent)
			ew_at_release(parent);
		else
			a->root = l->commit[i];
		parent = at;
		at = at == &pair[0] ? &pair[1] : &pair[0];
		if ((l->n - i) % REPORT_EVERY == 0)
			rc = ew_progress(a->store->opts.progress, "verifying", l->n - i, l->n, err);
	}
	ew_at_release(&pair[0]);
	ew_at_release(&pair[1]);
	return rc;
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
