/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two rounds, each cut into jobs for a crew: first the folders that differ are looked into,
 * which gives pairs of records, then the pairs are read and classified.  Between the two,
 * what left one split is paired with what came into another.
 */
#include "ops/changes.h"

#include "base/crew.h"
#include "repo/blobs.h"
#include "repo/pairs.h"

#include <stdlib.h>
#include <string.h>

enum {
	BEFORE,
	AFTER,
	UPPER_LEVELS = 2, /* of folders, which are read to find out how much work there is */
	FOLDERS = 4,      /* in a job */
	LABELS = 32,      /* in a job */
	HAND_LEAST = 4,   /* jobs that are worth a thread */
	JOBS = 2 * EW_CREW_MOST,
};

/* Some of the folders to be looked into: those of one split. */
struct plot {
	const struct ew_str *split;
	unsigned levels, level; /* of the collection, of the folders */
	size_t first, n;
};

/* An id whose record is not the same before and after. */
struct pair {
	struct ew_str id;
	const struct ew_str *split[2]; /* NULL: it is not there */
	struct ew_oid blob[2];
};

/* What one thread works with; the first is the caller's. */
struct hand {
	struct finder *finder;
	struct ew_source source;
	struct ew_pairs *pairs;
	struct ew_arena ids, labels;
	struct ew_arena scratch; /* for labels that are not kept */
	struct ew_blobs *records;
};

/* Some folders or some pairs, and what came of them. */
struct job {
	size_t first, n;
	bool failed;
	struct ew_buf found; /* pairs */
	struct ew_diff_change change[LABELS];
};

struct finder {
	struct ew_store *store;
	struct ew_diff *out;
	const struct ew_diff_opts *opts;
	struct ew_buf plots, folders, pairs, kept;
	struct ew_buf lone[2]; /* pairs with one side, by side */
	struct hand hand[EW_CREW_MOST];
	size_t hands; /* that are open */
	struct job job[JOBS];
	struct round {
		const char *name;
		size_t n, each; /* how many there are, and how many in a job */
		enum ew_code (*work)(struct hand *, struct job *, struct ew_err *err);
		enum ew_code (*take)(struct finder *, struct job *, struct ew_err *err);
	} round;
};

static size_t
count_pairs(const struct ew_buf *b)
{
	return b->len / sizeof(struct pair);
}

static struct pair *
pair_at(const struct ew_buf *b, size_t i)
{
	return (struct pair *)(void *)b->p + i;
}

/* --- a crew for a round --- */

/* What another hand cannot do is left to the caller's, which knows why. */
static enum ew_code
work(void *tool, void *given, struct ew_err *err)
{
	struct hand *h = tool;
	struct job *j = given;
	struct ew_err why = { 0 };

	(void)err;
	j->failed = h->finder->round.work(h, j, &why) != EW_OK;
	return EW_OK;
}

static enum ew_code
open_hand(struct finder *f, struct ew_err *err)
{
	struct hand *h = &f->hand[f->hands];
	enum ew_code rc = EW_OK;

	if (f->hands == 0)
		h->source = ew_source_of(f->store->repo);
	else if ((rc = ew_source_open(&h->source, &f->hand[0].source, err)) != EW_OK)
		return rc;
	h->finder = f;
	f->hands++;
	if ((rc = ew_pairs_open(&h->pairs, &h->source, err)) != EW_OK)
		return rc;
	return ew_blobs_open(&h->records, &h->source, err);
}

/* As many hands as there is work for. */
static enum ew_code
need_hands(size_t *n, struct finder *f, struct ew_err *err)
{
	const size_t worth = f->round.n / (f->round.each * HAND_LEAST);
	size_t most = worth ? ew_crew_hands() : 1;
	enum ew_code rc = EW_OK;

	if (most > worth && worth)
		most = worth;
	while (f->hands < most && (rc = open_hand(f, err)) == EW_OK)
		continue;
	*n = most < f->hands ? most : f->hands;
	return rc;
}

/* Results are taken in order; a job that failed is done again, to fail for good or not. */
static enum ew_code
take(struct finder *f, struct job *j, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (j->failed) {
		ew_buf_clear(&j->found);
		rc = f->round.work(&f->hand[0], j, err);
	}
	if (rc == EW_OK)
		rc = f->round.take(f, j, err);
	if (rc == EW_OK)
		rc = ew_progress(f->store->opts.progress, f->round.name, j->first + j->n, f->round.n,
			err);
	return rc;
}

static enum ew_code
run_round(struct finder *f, struct ew_err *err)
{
	struct ew_crew *crew = NULL;
	void *tool[EW_CREW_MOST], *done;
	size_t hands, from = 0, given = 0;
	enum ew_code rc = need_hands(&hands, f, err);

	for (size_t i = 0; rc == EW_OK && i < hands; i++)
		tool[i] = &f->hand[i];
	if (rc != EW_OK || (rc = ew_crew_open(&crew, hands, 2 * hands, work, tool, err)) != EW_OK)
		return rc;
	do {
		for (; from < f->round.n && ew_crew_has_room(crew); from += f->round.each) {
			struct job *j = &f->job[given++ % (2 * hands)];
			const size_t left = f->round.n - from;

			ew_buf_clear(&j->found);
			j->first = from;
			j->n = left < f->round.each ? left : f->round.each;
			ew_crew_give(crew, j);
		}
		rc = ew_crew_take(&done, crew, err);
		if (rc == EW_OK && done)
			rc = take(f, done, err);
	} while (rc == EW_OK && done);
	ew_crew_free(crew);
	return rc;
}

/* --- the folders --- */

static enum ew_code
add_pair(struct ew_buf *out, struct ew_arena *ids, const struct ew_str *split,
	const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct pair p = { .id = ew_arena_str(ids, (b ? b : a)->id) };

	if (!p.id.p)
		return ew_fail_nomem(err);
	if (a) {
		p.split[BEFORE] = split;
		p.blob[BEFORE] = a->blob;
	}
	if (b) {
		p.split[AFTER] = split;
		p.blob[AFTER] = b->blob;
	}
	ew_buf_addmem(out, &p, sizeof p);
	return ew_buf_check(out, err);
}

/* A collection that is walked over. */
struct walk {
	struct ew_buf *out;
	struct ew_arena *ids;
	const struct ew_str *split;
};

static enum ew_code
on_pair(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	const struct walk *w = user;

	return add_pair(w->out, w->ids, w->split, a, b, err);
}

/* The part of a job that is in one plot. */
static enum ew_code
look_into_plot(struct hand *h, struct job *j, const struct plot *plot, struct ew_err *err)
{
	const struct ew_folder_pair *folder =
		(const struct ew_folder_pair *)(const void *)h->finder->folders.p;
	const size_t end = j->first + j->n, plot_end = plot->first + plot->n;
	const size_t from = j->first > plot->first ? j->first : plot->first;
	const size_t to = end < plot_end ? end : plot_end;
	struct walk w = { &j->found, &h->ids, plot->split };

	return from >= to ? EW_OK : ew_pairs_records(h->pairs, plot->levels, folder + from, to - from,
					    plot->level, on_pair, &w, err);
}

static enum ew_code
look_into(struct hand *h, struct job *j, struct ew_err *err)
{
	const struct ew_buf *plots = &h->finder->plots;
	const struct plot *plot = (const struct plot *)(const void *)plots->p;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; rc == EW_OK && i < plots->len / sizeof *plot; i++)
		rc = look_into_plot(h, j, &plot[i], err);
	return rc;
}

static enum ew_code
sort_out(struct finder *f, const struct ew_buf *found, struct ew_err *err)
{
	for (size_t i = 0; i < count_pairs(found); i++) {
		const struct pair *p = pair_at(found, i);

		ew_buf_addmem(p->split[BEFORE] && p->split[AFTER] ? &f->pairs
				: &f->lone[p->split[BEFORE] ? BEFORE : AFTER],
			p, sizeof *p);
	}
	if (ew_buf_check(&f->pairs, err) != EW_OK || ew_buf_check(&f->lone[BEFORE], err) != EW_OK)
		return err->code;
	return ew_buf_check(&f->lone[AFTER], err);
}

static enum ew_code
take_found(struct finder *f, struct job *j, struct ew_err *err)
{
	return sort_out(f, &j->found, err);
}

/* --- the splits --- */

/* Of a collection that is not there, the tree is zero. */
static enum ew_code
plot_split(struct finder *f, const struct ew_str *split, struct ew_collection *a,
	struct ew_collection *b, struct ew_err *err)
{
	const unsigned levels = ew_collection_levels(a ? a : b);
	const unsigned upper = levels < UPPER_LEVELS ? levels : UPPER_LEVELS;
	struct plot plot = { .split = split, .levels = levels, .level = upper };
	struct ew_folder_pair root = { .path = { 0 } };
	const struct ew_folder_pair *folder;
	enum ew_code rc;

	if (a)
		root.tree[BEFORE] = ew_collection_tree(a);
	if (b)
		root.tree[AFTER] = ew_collection_tree(b);
	rc = ew_pairs_folders(&folder, &plot.n, f->hand[0].pairs, levels, &root, upper, err);
	if (rc != EW_OK)
		return rc;
	plot.first = f->folders.len / sizeof *folder;
	ew_buf_addmem(&f->plots, &plot, sizeof plot);
	ew_buf_addmem(&f->folders, folder, plot.n * sizeof *folder);
	rc = ew_buf_check(&f->plots, err);
	return rc == EW_OK ? ew_buf_check(&f->folders, err) : rc;
}

/* After a change of fan-out, no folder of the one corresponds to one of the other. */
static enum ew_code
compare_resharded(struct finder *f, const struct ew_str *split, struct ew_collection *a,
	struct ew_collection *b, struct ew_err *err)
{
	struct ew_buf found = { 0 };
	struct walk w = { &found, &f->hand[0].ids, split };
	enum ew_code rc = ew_collection_compare(a, b, on_pair, &w, err);

	if (rc == EW_OK)
		rc = sort_out(f, &found, err);
	ew_buf_release(&found);
	return rc;
}

static enum ew_code
begin_split(struct finder *f, struct ew_str name, struct ew_snapshot *from, struct ew_snapshot *to,
	struct ew_err *err)
{
	/* The names of splits end with the snapshots, so the diff has its own. */
	struct ew_str *split = ew_arena_alloc(&f->out->arena, sizeof *split);
	struct ew_collection *a, *b;
	enum ew_code rc;

	if (!split || !(*split = ew_arena_str(&f->out->arena, name)).p)
		return ew_fail_nomem(err);
	if ((rc = ew_snapshot_labels(&a, from, name, err)) != EW_OK ||
	    (rc = ew_snapshot_labels(&b, to, name, err)) != EW_OK)
		return rc;
	return a && b && ew_collection_levels(a) != ew_collection_levels(b)
		? compare_resharded(f, split, a, b, err)
		: plot_split(f, split, a, b, err);
}

static enum ew_code
begin_splits(struct finder *f, struct ew_snapshot *from, struct ew_snapshot *to, struct ew_err *err)
{
	struct ew_str *x, *y;
	size_t i = 0, j = 0, xn, yn;
	enum ew_code rc;

	if ((rc = ew_snapshot_splits(&x, &xn, from, err)) != EW_OK ||
	    (rc = ew_snapshot_splits(&y, &yn, to, err)) != EW_OK)
		return rc;
	while (rc == EW_OK && (i < xn || j < yn)) {
		const int d = i == xn ? 1 : j == yn ? -1 : ew_str_cmp(x[i], y[j]);

		rc = begin_split(f, d <= 0 ? x[i] : y[j], from, to, err);
		i += d <= 0;
		j += d >= 0;
	}
	return rc;
}

static int
by_id(const void *a, const void *b)
{
	return ew_str_cmp(((const struct pair *)a)->id, ((const struct pair *)b)->id);
}

static void
add_lone(struct ew_buf *out, const struct pair *a, const struct pair *b)
{
	struct pair p = a ? *a : *b;

	if (a && b) {
		p.split[AFTER] = b->split[AFTER];
		p.blob[AFTER] = b->blob[AFTER];
	}
	ew_buf_addmem(out, &p, sizeof p);
}

/* What left one split and what came into another: the same id in both was moved. */
static enum ew_code
pair_lone(struct finder *f, struct ew_err *err)
{
	const size_t an = count_pairs(&f->lone[BEFORE]), bn = count_pairs(&f->lone[AFTER]);
	struct pair *a = pair_at(&f->lone[BEFORE], 0), *b = pair_at(&f->lone[AFTER], 0);
	size_t i = 0, j = 0;

	if (an)
		qsort(a, an, sizeof *a, by_id);
	if (bn)
		qsort(b, bn, sizeof *b, by_id);
	while (i < an || j < bn) {
		const int d = i == an ? 1 : j == bn ? -1 : by_id(&a[i], &b[j]);
		const struct pair *x = d <= 0 ? &a[i++] : NULL, *y = d >= 0 ? &b[j++] : NULL;

		add_lone(&f->pairs, x, y);
	}
	return ew_buf_check(&f->pairs, err);
}

/* --- the labels --- */

static bool
is_wanted(const struct finder *f, enum ew_class class)
{
	return !f->opts->stat && (!f->opts->classes || f->opts->classes >> class & 1);
}

static bool
is_identical(const struct pair *p)
{
	return p->split[BEFORE] && p->split[AFTER] && ew_oid_eq(&p->blob[BEFORE], &p->blob[AFTER]);
}

/* The class as far as no record needs to be read for it. */
static enum ew_class
class_unread(const struct pair *p)
{
	return !p->split[BEFORE] ? EW_ADDED : !p->split[AFTER] ? EW_REMOVED : EW_SAME;
}

/* What needs no reading is not read. */
static bool
is_read(const struct finder *f, const struct pair *p)
{
	const enum ew_class class = class_unread(p);

	return (class == EW_SAME && !is_identical(p)) || is_wanted(f, class);
}

/* What a record says, unless it is none. */
static enum ew_code
parse_side(const struct ew_label **label, struct ew_str *record, struct hand *h, const struct pair *p,
	unsigned side, struct ew_str bytes, struct ew_err *err)
{
	struct ew_arena *arena = h->finder->opts->stat ? &h->scratch : &h->labels;
	struct ew_label *l;
	enum ew_code rc;

	if (!p->split[side])
		return EW_OK;
	l = ew_arena_alloc(arena, sizeof *l);
	*record = ew_arena_str(arena, bytes);
	if (!l || !record->p)
		return ew_fail_nomem(err);
	if ((rc = ew_parse_label(l, *record, &p->blob[side], arena, err)) != EW_OK)
		return rc;
	*label = l;
	return ew_check_place(l, p->id, err);
}

static enum ew_code
classify(struct ew_diff_change *c, struct hand *h, const struct pair *p, struct ew_str before,
	struct ew_str after, struct ew_err *err)
{
	enum ew_code rc;

	*c = (struct ew_diff_change){ .cls = class_unread(p) };
	c->split = *p->split[p->split[AFTER] ? AFTER : BEFORE];
	if (p->split[BEFORE] && p->split[AFTER] && p->split[BEFORE] != p->split[AFTER])
		c->moved_from = *p->split[BEFORE];
	if (!is_read(h->finder, p))
		return EW_OK;
	ew_arena_reset(&h->scratch);
	if ((rc = parse_side(&c->before, &c->before_record, h, p, BEFORE, before, err)) != EW_OK ||
	    (rc = parse_side(&c->after, &c->after_record, h, p, AFTER, after, err)) != EW_OK)
		return rc;
	c->cls = ew_change_classify(&c->facets, c->before, c->after, is_identical(p));
	c->id = (c->after ? c->after : c->before)->id;
	return EW_OK;
}

static enum ew_code
compare_labels(struct hand *h, struct job *j, struct ew_err *err)
{
	const struct pair *pair = pair_at(&h->finder->pairs, j->first);
	struct ew_oid blob[2 * LABELS] = { { { 0 } } };
	enum ew_code rc;

	for (size_t i = 0; i < j->n; i++)
		if (is_read(h->finder, &pair[i])) {
			blob[i] = pair[i].blob[BEFORE];
			blob[j->n + i] = pair[i].blob[AFTER];
		}
	rc = ew_blobs_read_apart(h->records, blob, 2 * j->n, err);
	for (size_t i = 0; rc == EW_OK && i < j->n; i++)
		rc = classify(&j->change[i], h, &pair[i], ew_blobs_at(h->records, i),
			ew_blobs_at(h->records, j->n + i), err);
	return rc;
}

static void
tally(struct ew_diff *d, const struct ew_diff_change *c)
{
	d->counts[c->cls]++;
	d->moved += c->moved_from.p != NULL;
	d->rescored += ew_diff_rescores(c->cls, c->facets);
	for (unsigned i = 0; i < EW_FACET_COUNT; i++)
		d->facets[i] += c->facets >> i & 1;
}

static enum ew_code
take_changes(struct finder *f, struct job *j, struct ew_err *err)
{
	for (size_t i = 0; i < j->n; i++) {
		tally(f->out, &j->change[i]);
		if (is_wanted(f, j->change[i].cls))
			ew_buf_addmem(&f->kept, &j->change[i], sizeof j->change[i]);
	}
	return ew_buf_check(&f->kept, err);
}

static int
by_split_and_id(const void *a, const void *b)
{
	const struct ew_diff_change *x = a, *y = b;
	const int d = ew_str_cmp(x->split, y->split);

	return d ? d : ew_str_cmp(x->id, y->id);
}

/* The changes that are kept, and what they point to, become the diff's. */
static enum ew_code
hand_over(struct finder *f, struct ew_err *err)
{
	struct ew_diff *d = f->out;
	const size_t n = f->kept.len / sizeof *d->change;

	for (size_t i = 0; i < f->hands; i++)
		ew_arena_move(&d->arena, &f->hand[i].labels);
	d->change = ew_arena_array(&d->arena, n + 1, sizeof *d->change);
	if (!d->change)
		return ew_fail_nomem(err);
	if (n) {
		memcpy(d->change, f->kept.p, f->kept.len);
		qsort(d->change, n, sizeof *d->change, by_split_and_id);
	}
	d->changes = n;
	return EW_OK;
}

/* --- all --- */

static void
release_finder(struct finder *f)
{
	for (size_t i = 0; i < f->hands; i++) {
		struct hand *h = &f->hand[i];

		ew_pairs_free(h->pairs);
		ew_source_release(&h->source);
		ew_arena_release(&h->ids);
		ew_arena_release(&h->labels);
		ew_arena_release(&h->scratch);
		ew_blobs_free(h->records);
	}
	for (size_t i = 0; i < JOBS; i++)
		ew_buf_release(&f->job[i].found);
	ew_buf_release(&f->plots);
	ew_buf_release(&f->folders);
	ew_buf_release(&f->pairs);
	ew_buf_release(&f->kept);
	ew_buf_release(&f->lone[BEFORE]);
	ew_buf_release(&f->lone[AFTER]);
}

static enum ew_code
run_rounds(struct finder *f, struct ew_snapshot *from, struct ew_snapshot *to, struct ew_err *err)
{
	size_t hands;
	enum ew_code rc;

	f->round = (struct round){ "find changes", 0, FOLDERS, look_into, take_found };
	if ((rc = need_hands(&hands, f, err)) != EW_OK || (rc = begin_splits(f, from, to, err)) != EW_OK)
		return rc;
	f->round.n = f->folders.len / sizeof(struct ew_folder_pair);
	if ((rc = run_round(f, err)) != EW_OK || (rc = pair_lone(f, err)) != EW_OK)
		return rc;
	f->round = (struct round){ "compare labels", count_pairs(&f->pairs), LABELS, compare_labels,
		take_changes };
	rc = run_round(f, err);
	return rc == EW_OK ? hand_over(f, err) : rc;
}

enum ew_code
ew_changes_find(struct ew_diff *out, struct ew_store *s, struct ew_snapshot *from,
	struct ew_snapshot *to, const struct ew_diff_opts *opts, struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct finder *f = ew_arena_alloc(&arena, sizeof *f);
	enum ew_code rc;

	if (!f)
		return ew_fail_nomem(err);
	f->store = s;
	f->out = out;
	f->opts = opts;
	rc = run_rounds(f, from, to, err);
	release_finder(f);
	ew_arena_release(&arena);
	return rc;
}
