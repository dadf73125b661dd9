/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/strides.h"

#include "base/crew.h"

#include <string.h>

enum {
	TOGETHER = 32,   /* strides that are a job */
	HAND_LEAST = 4,  /* jobs that are worth a thread */
	JOBS = 2 * EW_CREW_MOST,
	REPORT = 4096,   /* labels between two reports of progress */
};

struct change {
	size_t stride;
	struct ew_sha256 key;
	struct ew_oid blob;
};

/* What one thread works with; the first is the caller's. */
struct hand {
	struct walk *walk;
	struct ew_repo *repo;
	size_t stride;   /* that is being compared */
	size_t labels;   /* it changed, so far */
	struct ew_buf *out;
};

struct job {
	size_t first, n;
	bool failed;
	struct ew_buf changes;
};

struct walk {
	struct ew_oid before;
	const struct ew_stride *stride;
	size_t n;
	const struct ew_progress *progress;
	ew_stride_fn *fn;
	void *user;
	struct hand hand[EW_CREW_MOST];
	size_t hands;
	struct job job[JOBS];
};

/* --- one stride --- */

static bool
is_callers(const struct hand *h)
{
	return h == &h->walk->hand[0];
}

static enum ew_code
note_change(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct hand *h = user;
	struct change c = { .stride = h->stride };

	c.key = ew_sha256_str(ew_repo_hash(h->repo), (b ? b : a)->id);
	if (b)
		c.blob = b->blob;
	ew_buf_addmem(h->out, &c, sizeof c);
	if (++h->labels % REPORT || !is_callers(h))
		return ew_buf_check(h->out, err);
	return ew_progress(h->walk->progress, "index history", h->stride, h->walk->n, err);
}

/* The labels of one split; either snapshot may lack it. */
static enum ew_code
compare_split(struct hand *h, struct ew_snapshot *a, struct ew_snapshot *b, struct ew_str split,
	struct ew_err *err)
{
	struct ew_collection *x, *y;
	enum ew_code rc = ew_snapshot_labels(&x, a, split, err);

	if (rc == EW_OK)
		rc = ew_snapshot_labels(&y, b, split, err);
	if (rc == EW_OK)
		rc = ew_collection_compare(x, y, note_change, h, err);
	return rc;
}

static enum ew_code
compare_snapshots(struct hand *h, struct ew_snapshot *a, struct ew_snapshot *b, struct ew_err *err)
{
	struct ew_str *x, *y;
	size_t i = 0, j = 0, m, n;
	enum ew_code rc;

	if ((rc = ew_snapshot_splits(&x, &m, a, err)) != EW_OK ||
	    (rc = ew_snapshot_splits(&y, &n, b, err)) != EW_OK)
		return rc;
	while (rc == EW_OK && (i < m || j < n)) {
		const int d = i == m ? 1 : j == n ? -1 : ew_str_cmp(x[i], y[j]);

		rc = compare_split(h, a, b, d <= 0 ? x[i] : y[j], err);
		i += d <= 0;
		j += d >= 0;
	}
	return rc;
}

/* Compare a commit with the one before it, whose snapshot `*last` makes way for this one's. */
static enum ew_code
compare_stride(struct hand *h, struct ew_snapshot **last, const struct ew_stride *s, struct ew_err *err)
{
	struct ew_snapshot *next;
	char hex[EW_OID_HEX + 1];
	enum ew_code rc = ew_snapshot_open(&next, h->repo, NULL, &s->tree, err);

	h->labels = 0;
	if (rc == EW_OK)
		rc = compare_snapshots(h, *last, next, err);
	if (rc != EW_OK && rc != EW_INTERRUPTED) {
		ew_hex(hex, s->commit.b, sizeof s->commit.b);
		ew_fail_at(err, "commit %s", hex);
	}
	ew_snapshot_free(*last);
	*last = next;
	return rc;
}

/* --- all of them --- */

static enum ew_code
compare_job(struct hand *h, struct job *j, struct ew_err *err)
{
	const struct walk *w = h->walk;
	const struct ew_oid *before = j->first ? &w->stride[j->first - 1].tree : &w->before;
	struct ew_snapshot *last;
	enum ew_code rc = ew_snapshot_open(&last, h->repo, NULL, before, err);

	ew_buf_clear(&j->changes);
	h->out = &j->changes;
	for (size_t i = j->first; i < j->first + j->n && rc == EW_OK; i++) {
		h->stride = i;
		rc = compare_stride(h, &last, &w->stride[i], err);
		if (rc == EW_OK && is_callers(h))
			rc = ew_progress(w->progress, "index history", i + 1, w->n, err);
	}
	ew_snapshot_free(last);
	return rc == EW_OK ? ew_buf_check(&j->changes, err) : rc;
}

/* What another thread cannot do is left to the caller's, which knows why, unless it is to stop. */
static enum ew_code
work(void *tool, void *given, struct ew_err *err)
{
	struct hand *h = tool;
	struct job *j = given;
	struct ew_err why = { 0 };

	if (is_callers(h))
		return compare_job(h, j, err);
	j->failed = compare_job(h, j, &why) != EW_OK;
	return EW_OK;
}

static enum ew_code
take(struct walk *w, struct job *j, struct ew_err *err)
{
	const struct change *c;
	enum ew_code rc = EW_OK;

	if (j->failed)
		rc = compare_job(&w->hand[0], j, err);
	c = (const struct change *)(const void *)j->changes.p;
	for (size_t i = 0; rc == EW_OK && i < j->changes.len / sizeof *c; i++)
		rc = w->fn(w->user, c[i].stride, &c[i].key, &c[i].blob, err);
	/* An import may have left a large one. */
	ew_buf_release(&j->changes);
	return rc;
}

/* As many hands as there is work for, and as can be had. */
static void
open_hands(struct walk *w, struct ew_repo *repo)
{
	const size_t worth = w->n / (TOGETHER * HAND_LEAST), most = ew_crew_hands();
	struct ew_err why = { 0 };

	w->hand[0] = (struct hand){ .walk = w, .repo = repo };
	for (w->hands = 1; w->hands < most && w->hands < worth; w->hands++) {
		struct hand *h = &w->hand[w->hands];

		*h = (struct hand){ .walk = w };
		if (ew_repo_open(&h->repo, ew_repo_path(repo), &why) != EW_OK)
			break;
	}
}

static enum ew_code
compare_all(struct walk *w, struct ew_err *err)
{
	const size_t room = 2 * w->hands;
	struct ew_crew *crew = NULL;
	void *tool[EW_CREW_MOST], *done;
	size_t from = 0, given = 0;
	enum ew_code rc;

	for (size_t i = 0; i < w->hands; i++)
		tool[i] = &w->hand[i];
	if ((rc = ew_crew_open(&crew, w->hands, room, work, tool, err)) != EW_OK)
		return rc;
	do {
		for (; from < w->n && ew_crew_has_room(crew); from += TOGETHER) {
			struct job *j = &w->job[given++ % room];

			j->first = from;
			j->n = w->n - from < TOGETHER ? w->n - from : TOGETHER;
			j->failed = false;
			ew_crew_give(crew, j);
		}
		rc = ew_crew_take(&done, crew, err);
		if (rc == EW_OK && done)
			rc = take(w, done, err);
	} while (rc == EW_OK && done);
	ew_crew_free(crew);
	return rc;
}

enum ew_code
ew_strides_compare(struct ew_repo *repo, const struct ew_oid *before, const struct ew_stride *stride, size_t n,
	const struct ew_progress *progress, ew_stride_fn *fn, void *user, struct ew_err *err)
{
	struct walk w = { .before = *before, .stride = stride, .n = n, .progress = progress, .fn = fn,
		.user = user };
	enum ew_code rc;

	if (n == 0)
		return EW_OK;
	open_hands(&w, repo);
	rc = compare_all(&w, err);
	for (size_t i = 1; i < w.hands; i++)
		ew_repo_free(w.hand[i].repo);
	for (size_t i = 0; i < JOBS; i++)
		ew_buf_release(&w.job[i].changes);
	return rc;
}
