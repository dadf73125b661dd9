/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/diff.h"

#include "model/version.h"
#include "ops/compare.h"
#include "repo/blobs.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS = 1024 /* read at a time */ };

/* A record on one side, and a list of those that have none of that id in the same split. */
struct place {
	struct place *next;
	struct ew_str id, split;
	struct ew_oid blob;
};

struct places {
	struct place *first, **array;
	size_t n;
};

/* One id, `there` on one side or on both. */
struct pair {
	struct side {
		bool there;
		struct place at;
	} before, after;
};

struct kept {
	struct kept *next;
	struct ew_diff_change change;
};

struct walk {
	struct ew_store *store;
	struct ew_diff *out;
	const struct ew_diff_opts *opts;
	struct places lone_before, lone_after;
	struct kept *kept;
	struct pair pair[PAIRS]; /* found, and not yet looked at */
	size_t pairs;
	struct ew_oid oid[2 * PAIRS]; /* their records, before and after */
	struct ew_blobs *blobs;
	uint64_t done;
	struct ew_arena arena;   /* as long as the walk */
	struct ew_arena scratch; /* for a pair of labels that is not kept */
};

/* --- the two sides --- */

/* The name and time of the release that a revision is; the commit's time if it is none. */
static enum ew_code
read_release(struct ew_diff_side *side, struct ew_store *s, const struct ew_version_at *at,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_version version;
	struct ew_err none = { 0 };
	struct ew_tag tag;
	enum ew_code rc;

	side->time = at->commit.by.time;
	if (ew_oid_is_zero(&at->rev.tag))
		return EW_OK;
	if ((rc = ew_repo_read(&bytes, s->repo, &at->rev.tag, EW_TAG, err)) == EW_OK &&
	    (rc = ew_tag_parse(&tag, ew_buf_str(&bytes), err)) != EW_OK)
		ew_fail_at(err, "tag %.*s", EW_FMT(at->text));
	if (rc == EW_OK) {
		side->time = tag.by.time;
		if (ew_version_parse(&version, tag.name, &none) == EW_OK &&
		    !(side->release = ew_arena_str(arena, tag.name)).p)
			rc = ew_fail_nomem(err);
	}
	ew_buf_release(&bytes);
	return rc;
}

static enum ew_code
write_pin(struct ew_str *out, const struct ew_sha256 *root, bool answers, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_buf text = { 0 };

	ew_pin_write(&text, root, answers);
	*out = ew_arena_str(arena, ew_buf_str(&text));
	if (text.bad != EW_OK)
		out->p = NULL;
	ew_buf_release(&text);
	return out->p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
fill_side(struct ew_diff_side *side, struct ew_store *s, const struct ew_version_at *at,
	const struct ew_pins *pins, struct ew_arena *arena, struct ew_err *err)
{
	enum ew_code rc;

	ew_hex(side->commit, at->rev.commit.b, sizeof at->rev.commit.b);
	side->count = pins->count;
	side->rev = ew_arena_str(arena, at->text);
	if (!side->rev.p)
		return ew_fail_nomem(err);
	if ((rc = write_pin(&side->records, &pins->records, false, arena, err)) != EW_OK ||
	    (rc = write_pin(&side->answers, &pins->answers, true, arena, err)) != EW_OK)
		return rc;
	return read_release(side, s, at, arena, err);
}

/* --- one change --- */

bool
ew_diff_rescores(enum ew_class class, unsigned facets)
{
	switch (class) {
	case EW_ADDED:
	case EW_REMOVED:
	case EW_METADATA_ONLY:
	case EW_SAME:
		return false;
	case EW_WITHIN_BAND:
	case EW_FORM_ONLY:
		/* Under the same limits in the same unit the same values are accepted. */
		return facets & (EW_FACET_BAND | EW_FACET_UNIT | EW_FACET_INSTANCE);
	default:
		return true;
	}
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

static bool
is_wanted(const struct walk *w, enum ew_class class)
{
	return !w->opts->stat && (!w->opts->classes || w->opts->classes >> class & 1);
}

static enum ew_code
parse_side(const struct ew_label **out, struct walk *w, const struct side *s, struct ew_str record,
	struct ew_err *err)
{
	struct ew_arena *arena = w->opts->stat ? &w->scratch : &w->out->arena;
	struct ew_label *label;
	enum ew_code rc;

	*out = NULL;
	if (!s->there)
		return EW_OK;
	label = ew_arena_alloc(arena, sizeof *label);
	if (!label)
		return ew_fail_nomem(err);
	if ((rc = ew_parse_label(label, record, &s->at.blob, arena, err)) != EW_OK ||
	    (rc = ew_check_place(label, s->at.id, err)) != EW_OK)
		return rc;
	*out = label;
	return EW_OK;
}

static enum ew_code
keep(struct walk *w, const struct ew_diff_change *change, struct ew_err *err)
{
	struct kept *k = ew_arena_alloc(&w->arena, sizeof *k);

	if (!k)
		return ew_fail_nomem(err);
	k->change = *change;
	k->next = w->kept;
	w->kept = k;
	w->out->changes++;
	return EW_OK;
}

static bool
is_moved(const struct pair *p)
{
	return p->before.there && p->after.there && !ew_str_eq(p->before.at.split, p->after.at.split);
}

/* The names of splits end with the snapshots, so the diff has its own. */
static enum ew_code
name_splits(struct ew_diff_change *c, struct walk *w, const struct pair *p, struct ew_err *err)
{
	struct ew_arena *arena = &w->out->arena;

	c->split = ew_arena_str(arena, p->after.there ? p->after.at.split : p->before.at.split);
	if (is_moved(p))
		c->moved_from = ew_arena_str(arena, p->before.at.split);
	return c->split.p ? EW_OK : ew_fail_nomem(err);
}

static bool
is_identical(const struct pair *p)
{
	return p->before.there && p->after.there && ew_oid_eq(&p->before.at.blob, &p->after.at.blob);
}

/* The class as far as no record needs to be read for it. */
static enum ew_class
class_unread(const struct pair *p)
{
	return !p->before.there ? EW_ADDED : !p->after.there ? EW_REMOVED : EW_SAME;
}

/* What needs no reading is not read. */
static bool
is_read(const struct walk *w, const struct pair *p)
{
	return (p->before.there && p->after.there && !is_identical(p)) || is_wanted(w, class_unread(p));
}

static enum ew_code
add_change(struct walk *w, const struct pair *p, struct ew_str before, struct ew_str after,
	struct ew_err *err)
{
	struct ew_diff_change c = { .cls = class_unread(p) };
	enum ew_code rc;

	ew_arena_reset(&w->scratch);
	if (is_read(w, p)) {
		if ((rc = parse_side(&c.before, w, &p->before, before, err)) != EW_OK ||
		    (rc = parse_side(&c.after, w, &p->after, after, err)) != EW_OK)
			return rc;
		c.cls = ew_change_classify(&c.facets, c.before, c.after, is_identical(p));
		c.id = c.after ? c.after->id : c.before->id;
	}
	if (is_moved(p))
		c.moved_from = p->before.at.split;
	tally(w->out, &c);
	if (!is_wanted(w, c.cls))
		return EW_OK;
	rc = name_splits(&c, w, p, err);
	return rc == EW_OK ? keep(w, &c, err) : rc;
}

/* Look at the pairs that were found. */
static enum ew_code
add_changes(struct walk *w, struct ew_err *err)
{
	const size_t n = w->pairs;
	enum ew_code rc = ew_progress(w->store->opts.progress, "comparing", w->done, 0, err);

	memset(w->oid, 0, 2 * n * sizeof *w->oid);
	for (size_t i = 0; i < n; i++) {
		if (!is_read(w, &w->pair[i]))
			continue;
		w->oid[i] = w->pair[i].before.at.blob;
		w->oid[n + i] = w->pair[i].after.at.blob;
	}
	if (rc == EW_OK)
		rc = ew_blobs_read(w->blobs, w->oid, 2 * n, err);
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = add_change(w, &w->pair[i], ew_blobs_at(w->blobs, i), ew_blobs_at(w->blobs, n + i),
			err);
	w->done += n;
	w->pairs = 0;
	return rc;
}

/* With NULL for the side that lacks the id. */
static enum ew_code
add_pair(struct walk *w, const struct place *a, const struct place *b, struct ew_err *err)
{
	const struct place none = { NULL };

	w->pair[w->pairs++] = (struct pair){ { a, a ? *a : none }, { b, b ? *b : none } };
	return w->pairs == PAIRS ? add_changes(w, err) : EW_OK;
}

/* --- walking --- */

static enum ew_code
add_lone(struct places *list, struct walk *w, const struct place *at, struct ew_err *err)
{
	struct place *p = ew_arena_alloc(&w->arena, sizeof *p);

	if (!p)
		return ew_fail_nomem(err);
	*p = *at;
	p->next = list->first;
	list->first = p;
	list->n++;
	return EW_OK;
}

static enum ew_code
on_pair(void *user, struct ew_str split, const struct ew_entry *a, const struct ew_entry *b,
	struct ew_err *err)
{
	struct walk *w = user;
	struct place before = { .split = split }, after = { .split = split };

	if (a) {
		before.id = a->id;
		before.blob = a->blob;
	}
	if (b) {
		after.id = b->id;
		after.blob = b->blob;
	}
	if (a && b)
		return add_pair(w, &before, &after, err);
	return a ? add_lone(&w->lone_before, w, &before, err) : add_lone(&w->lone_after, w, &after, err);
}

static int
by_id(const void *a, const void *b)
{
	return ew_str_cmp((*(struct place *const *)a)->id, (*(struct place *const *)b)->id);
}

static enum ew_code
sort_places(struct places *list, struct walk *w, struct ew_err *err)
{
	size_t i = 0;

	list->array = ew_arena_array(&w->arena, list->n + 1, sizeof *list->array);
	if (!list->array)
		return ew_fail_nomem(err);
	for (struct place *p = list->first; p; p = p->next)
		list->array[i++] = p;
	qsort(list->array, list->n, sizeof *list->array, by_id);
	return EW_OK;
}

/* What left one split and what came into another: the same id in both was moved. */
static enum ew_code
pair_lone(struct walk *w, struct ew_err *err)
{
	const struct places *a = &w->lone_before, *b = &w->lone_after;
	size_t i = 0, j = 0;
	enum ew_code rc;

	if ((rc = sort_places(&w->lone_before, w, err)) != EW_OK ||
	    (rc = sort_places(&w->lone_after, w, err)) != EW_OK)
		return rc;
	while (rc == EW_OK && (i < a->n || j < b->n)) {
		int d = i == a->n ? 1 : j == b->n ? -1 : by_id(&a->array[i], &b->array[j]);
		const struct place *x = d <= 0 ? a->array[i++] : NULL;
		const struct place *y = d >= 0 ? b->array[j++] : NULL;

		rc = add_pair(w, x, y, err);
	}
	return rc == EW_OK ? add_changes(w, err) : rc;
}

static int
by_split_and_id(const void *a, const void *b)
{
	const struct ew_diff_change *x = a, *y = b;
	int d = ew_str_cmp(x->split, y->split);

	return d ? d : ew_str_cmp(x->id, y->id);
}

static enum ew_code
list_changes(struct walk *w, struct ew_err *err)
{
	struct ew_diff *d = w->out;
	size_t i = 0;

	d->change = ew_arena_array(&d->arena, d->changes + 1, sizeof *d->change);
	if (!d->change)
		return ew_fail_nomem(err);
	for (const struct kept *k = w->kept; k; k = k->next)
		d->change[i++] = k->change;
	qsort(d->change, d->changes, sizeof *d->change, by_split_and_id);
	return EW_OK;
}

/* The labels that no folder was opened for are known by number alone. */
static void
count_same(struct ew_diff *d)
{
	d->common = d->from.count - d->counts[EW_REMOVED];
	d->counts[EW_SAME] = d->common;
	for (int c = 0; c < EW_SAME; c++)
		if (c != EW_ADDED && c != EW_REMOVED)
			d->counts[EW_SAME] -= d->counts[c];
}

static enum ew_code
find_changes(struct walk *w, struct ew_version_at *from, struct ew_version_at *to,
	struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = ew_blobs_open(&w->blobs, w->store->repo, err)) == EW_OK &&
	    (rc = ew_compare_labels(from->snapshot, to->snapshot, on_pair, w, err)) == EW_OK &&
	    (rc = pair_lone(w, err)) == EW_OK)
		rc = list_changes(w, err);
	ew_blobs_free(w->blobs);
	return rc;
}

static enum ew_code
compare(struct ew_diff *d, struct ew_store *s, struct ew_version_at *from, struct ew_version_at *to,
	const struct ew_diff_opts *opts, struct ew_err *err)
{
	struct walk *w = ew_arena_alloc(&d->arena, sizeof *w);
	struct ew_pins a, b;
	enum ew_code rc;

	if (!w)
		return ew_fail_nomem(err);
	w->store = s;
	w->out = d;
	w->opts = opts;
	if ((rc = ew_snapshot_pins(&a, NULL, NULL, from->snapshot, err)) != EW_OK ||
	    (rc = ew_snapshot_pins(&b, NULL, NULL, to->snapshot, err)) != EW_OK ||
	    (rc = fill_side(&d->from, s, from, &a, &d->arena, err)) != EW_OK ||
	    (rc = fill_side(&d->to, s, to, &b, &d->arena, err)) != EW_OK)
		return rc;
	if ((rc = find_changes(w, from, to, err)) == EW_OK) {
		count_same(d);
		d->level = ew_level_of(d->counts, ew_sha256_eq(&a.records, &b.records),
			ew_sha256_eq(&a.answers, &b.answers));
	}
	ew_arena_release(&w->arena);
	ew_arena_release(&w->scratch);
	return rc;
}

enum ew_code
ew_diff(struct ew_diff *out, struct ew_store *s, struct ew_str from, struct ew_str to,
	const struct ew_diff_opts *opts, struct ew_err *err)
{
	struct ew_version_at a = { 0 }, b = { 0 };
	enum ew_code rc;

	*out = (struct ew_diff){ .changes = 0 };
	if ((rc = ew_at_open(&a, s, from, err)) == EW_OK &&
	    (rc = ew_at_open(&b, s, to, err)) == EW_OK)
		rc = compare(out, s, &a, &b, opts, err);
	ew_at_release(&a);
	ew_at_release(&b);
	return rc;
}

void
ew_diff_release(struct ew_diff *d)
{
	ew_arena_release(&d->arena);
	d->change = NULL;
	d->changes = 0;
}
