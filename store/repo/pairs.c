/* SPDX-License-Identifier: Apache-2.0 */
/* Here is ew_collection_compare() too, which is a walk over all pairs. */
#include "repo/pairs.h"

#include "repo/folder.h"

#include <assert.h>
#include <stdlib.h>

enum { CHUNK = 32 /* pairs of folders whose trees are read at once */ };

struct walk {
	struct ew_folder_reader *reader[2];
	unsigned levels;
	struct ew_buf folders[2]; /* pairs of the level that is walked over, and of the next, in turn */
	struct ew_buf trees;         /* the bytes of those of a chunk */
	ew_pair_fn *on_pair;
	void *user;
};

/* One of two folders, read item by item. */
struct side {
	struct ew_folder_reader *reader;
	const struct ew_oid *tree;
	struct ew_tree_reader items;
	struct ew_tree_item item;
	bool more;
};

static void
release_walk(struct walk *w)
{
	ew_buf_release(&w->folders[0]);
	ew_buf_release(&w->folders[1]);
	ew_buf_release(&w->trees);
}

/* --- one side --- */

/* Go on to the next item, which above the last level has to be a folder. */
static enum ew_code
step(struct side *s, const struct walk *w, unsigned level, struct ew_err *err)
{
	unsigned digit;

	s->more = ew_tree_next(&s->items, &s->item, err);
	if (!s->more)
		return err->code;
	return level < w->levels ? ew_folder_item_digit(&digit, s->tree, &s->item, err) : EW_OK;
}

static enum ew_code
open_side(struct side *s, const struct walk *w, unsigned i, const struct ew_folder_pair *p,
	struct ew_str bytes, unsigned level, struct ew_err *err)
{
	s->reader = w->reader[i];
	s->tree = &p->tree[i];
	s->more = false;
	if (ew_oid_is_zero(s->tree))
		return EW_OK;
	if (bytes.len == 0)
		return ew_folder_fail_empty(s->tree, err);
	ew_tree_reader_init(&s->items, bytes, s->tree);
	return step(s, w, level, err);
}

/* --- both --- */

static enum ew_code
report(struct walk *w, const struct ew_folder_pair *p, struct side *before, struct side *after,
	struct ew_err *err)
{
	struct side *side[2] = { before, after };
	struct ew_entry entry[2];
	struct ew_sha256 key;

	for (unsigned i = 0; i < 2; i++)
		if (side[i] && ew_folder_entry(&entry[i], &key, side[i]->reader, side[i]->tree, p->path,
				&side[i]->item, err) != EW_OK)
			return err->code;
	return w->on_pair(w->user, before ? &entry[0] : NULL, after ? &entry[1] : NULL, err);
}

/* The folders of a digit, of which one may not be there, are for the next level. */
static enum ew_code
add_below(struct walk *w, const struct ew_folder_pair *p, unsigned level, const struct side *before,
	const struct side *after, struct ew_err *err)
{
	const struct side *known = before ? before : after;
	struct ew_buf *out = &w->folders[(level + 1) % 2];
	struct ew_folder_pair below = *p;
	unsigned digit;
	enum ew_code rc = ew_folder_item_digit(&digit, known->tree, &known->item, err);

	if (rc != EW_OK)
		return rc;
	below.path[level] = (unsigned char)digit;
	below.tree[0] = before ? before->item.oid : (struct ew_oid){ { 0 } };
	below.tree[1] = after ? after->item.oid : (struct ew_oid){ { 0 } };
	ew_buf_addmem(out, &below, sizeof below);
	return ew_buf_check(out, err);
}

static int
compare(const struct side *a, const struct side *b)
{
	return !a->more ? 1 : !b->more ? -1 : ew_str_cmp(a->item.name, b->item.name);
}

/* Only what differs is looked at, since most in a folder is the same on both sides. */
static enum ew_code
merge(struct walk *w, const struct ew_folder_pair *p, struct ew_str before, struct ew_str after,
	unsigned level, struct ew_err *err)
{
	struct side a, b;
	enum ew_code rc;

	if ((rc = open_side(&a, w, 0, p, before, level, err)) != EW_OK ||
	    (rc = open_side(&b, w, 1, p, after, level, err)) != EW_OK)
		return rc;
	while (a.more || b.more) {
		const int d = compare(&a, &b);
		struct side *x = d <= 0 ? &a : NULL, *y = d >= 0 ? &b : NULL;

		if (!x || !y || !ew_oid_eq(&a.item.oid, &b.item.oid))
			if ((rc = level < w->levels ? add_below(w, p, level, x, y, err)
						    : report(w, p, x, y, err)) != EW_OK)
				return rc;
		if ((x && (rc = step(x, w, level, err)) != EW_OK) ||
		    (y && (rc = step(y, w, level, err)) != EW_OK))
			return rc;
	}
	return EW_OK;
}

static enum ew_code
read_tree(struct walk *w, const struct ew_place *place, const struct ew_oid *tree, struct ew_err *err)
{
	struct ew_folder_reader *r = w->reader[0];

	if (ew_oid_is_zero(tree))
		return EW_OK;
	return place->pack ? ew_odb_read_at(&w->trees, r->source.odb, place, tree, EW_TREE, err)
			   : ew_folder_read_object(&w->trees, r, tree, EW_TREE, err);
}

/* All trees of a chunk, one behind another; where each ends. */
static enum ew_code
read_trees(size_t *end, struct walk *w, const struct ew_oid *tree, size_t n, struct ew_err *err)
{
	struct ew_odb *odb = w->reader[0]->source.odb;
	struct ew_packs *packs = ew_packs_hold(ew_odb_packs(odb));
	struct ew_place place[2 * CHUNK];
	enum ew_code rc = EW_OK;

	ew_buf_clear(&w->trees);
	ew_odb_find_all(place, odb, tree, n);
	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		ew_packs_expect(place, i, n);
		rc = read_tree(w, &place[i], &tree[i], err);
		end[i] = w->trees.len;
	}
	ew_packs_free(packs);
	return rc;
}

static struct ew_str
tree_at(const struct walk *w, const size_t *end, size_t i)
{
	return ew_str_part(ew_buf_str(&w->trees), i ? end[i - 1] : 0, end[i]);
}

/* First the trees before, then those after: what belongs together lies together. */
static enum ew_code
walk_chunk(struct walk *w, const struct ew_folder_pair *p, size_t n, unsigned level, struct ew_err *err)
{
	struct ew_oid tree[2 * CHUNK];
	size_t end[2 * CHUNK];
	enum ew_code rc;

	for (size_t i = 0; i < n; i++) {
		tree[i] = p[i].tree[0];
		tree[n + i] = p[i].tree[1];
	}
	rc = read_trees(end, w, tree, 2 * n, err);
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = merge(w, &p[i], tree_at(w, end, i), tree_at(w, end, n + i), level, err);
	return rc;
}

static const struct ew_folder_pair *
folders_at(const struct walk *w, unsigned level, size_t *n)
{
	const struct ew_buf *b = &w->folders[level % 2];

	*n = b->len / sizeof(struct ew_folder_pair);
	return (const struct ew_folder_pair *)(const void *)b->p;
}

/* Over the folders of a level, which gives those of the next one, or else records. */
static enum ew_code
walk_level(struct walk *w, unsigned level, struct ew_err *err)
{
	size_t n;
	const struct ew_folder_pair *p = folders_at(w, level, &n);
	enum ew_code rc = EW_OK;

	ew_buf_clear(&w->folders[(level + 1) % 2]);
	for (size_t i = 0; i < n && rc == EW_OK; i += CHUNK)
		rc = walk_chunk(w, p + i, n - i < CHUNK ? n - i : CHUNK, level, err);
	return rc;
}

/* From pairs at one level down to those at another. */
static enum ew_code
walk_down(struct walk *w, const struct ew_folder_pair *p, size_t n, unsigned from, unsigned to,
	struct ew_err *err)
{
	struct ew_buf *first = &w->folders[from % 2];
	enum ew_code rc = EW_OK;

	ew_buf_clear(first);
	for (size_t i = 0; i < n; i++)
		if (!ew_oid_eq(&p[i].tree[0], &p[i].tree[1]))
			ew_buf_addmem(first, &p[i], sizeof *p);
	rc = ew_buf_check(first, err);
	for (unsigned level = from; level < to && rc == EW_OK; level++)
		rc = walk_level(w, level, err);
	return rc;
}

/* And then the records. */
static enum ew_code
walk_records(struct walk *w, const struct ew_folder_pair *p, size_t n, unsigned from,
	struct ew_err *err)
{
	enum ew_code rc = walk_down(w, p, n, from, w->levels, err);

	return rc == EW_OK ? walk_level(w, w->levels, err) : rc;
}

/* --- in parts --- */

struct ew_pairs {
	struct ew_folder_reader reader[2];
	struct walk walk;
};

/* A reader a side, each with scratch of its own. */
static void
set_readers(struct walk *w, struct ew_folder_reader reader[2], const struct ew_source *source,
	unsigned levels)
{
	w->levels = levels;
	for (unsigned i = 0; i < 2; i++) {
		reader[i].source = *source;
		reader[i].levels = levels;
		w->reader[i] = &reader[i];
	}
}

enum ew_code
ew_pairs_open(struct ew_pairs **out, const struct ew_source *source, struct ew_err *err)
{
	struct ew_pairs *p = calloc(1, sizeof *p);

	*out = p;
	if (!p)
		return ew_fail_nomem(err);
	set_readers(&p->walk, p->reader, source, 0);
	return EW_OK;
}

void
ew_pairs_free(struct ew_pairs *p)
{
	if (!p)
		return;
	ew_folder_reader_release(&p->reader[0]);
	ew_folder_reader_release(&p->reader[1]);
	release_walk(&p->walk);
	free(p);
}

static struct walk *
set_levels(struct ew_pairs *p, unsigned levels)
{
	p->walk.levels = p->reader[0].levels = p->reader[1].levels = levels;
	return &p->walk;
}

enum ew_code
ew_pairs_folders(const struct ew_folder_pair **out, size_t *n, struct ew_pairs *p, unsigned levels,
	const struct ew_folder_pair *root, unsigned to, struct ew_err *err)
{
	struct walk *w = set_levels(p, levels);
	enum ew_code rc;

	assert(to <= levels);
	rc = walk_down(w, root, 1, 0, to, err);
	*out = folders_at(w, to, n);
	return rc;
}

enum ew_code
ew_pairs_records(struct ew_pairs *p, unsigned levels, const struct ew_folder_pair *pair, size_t n,
	unsigned level, ew_pair_fn *fn, void *user, struct ew_err *err)
{
	struct walk *w = set_levels(p, levels);

	assert(level <= levels);
	w->on_pair = fn;
	w->user = user;
	return walk_records(w, pair, n, level, err);
}

/* --- collections --- */

/* One that is not there has no tree.  Who is told of a pair may look up another in its collection. */
static enum ew_code
compare_trees(struct ew_collection *a, struct ew_collection *b, ew_pair_fn *fn, void *user,
	struct ew_err *err)
{
	const struct ew_folder_reader *known = b ? &b->reader : &a->reader;
	struct ew_folder_pair roots = { .path = { 0 } };
	struct ew_folder_reader reader[2] = { { .step = 0 } };
	struct walk w = { .on_pair = fn, .user = user };
	enum ew_code rc;

	set_readers(&w, reader, &known->source, known->levels);
	if (a)
		roots.tree[0] = ew_collection_tree(a);
	if (b)
		roots.tree[1] = ew_collection_tree(b);
	rc = walk_records(&w, &roots, 1, 0, err);
	release_walk(&w);
	ew_folder_reader_release(&reader[0]);
	ew_folder_reader_release(&reader[1]);
	return rc;
}

/* All records of a collection, in the order of their file names. */
struct listing {
	struct ew_slot **slot;
	size_t n;
};

static int
by_file(const void *a, const void *b)
{
	return ew_str_cmp((*(struct ew_slot *const *)a)->file, (*(struct ew_slot *const *)b)->file);
}

static enum ew_code
list_one(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct listing *l = user;

	(void)err;
	/* The entry is the first member of its slot. */
	l->slot[l->n++] = (struct ew_slot *)(uintptr_t)e;
	return EW_OK;
}

static enum ew_code
list_all(struct listing *l, struct ew_collection *c, struct ew_err *err)
{
	uint64_t n;
	enum ew_code rc = ew_collection_count(&n, c, err);

	l->n = 0;
	if (rc != EW_OK)
		return rc;
	l->slot = calloc(n ? (size_t)n : 1, sizeof *l->slot);
	if (!l->slot)
		return ew_fail_nomem(err);
	if ((rc = ew_collection_each(c, list_one, l, err)) == EW_OK)
		qsort(l->slot, l->n, sizeof *l->slot, by_file);
	return rc;
}

static enum ew_code
merge_listings(const struct listing *a, const struct listing *b, ew_pair_fn *fn, void *user,
	struct ew_err *err)
{
	size_t i = 0, j = 0;
	enum ew_code rc = EW_OK;

	while (rc == EW_OK && (i < a->n || j < b->n)) {
		int d = i == a->n ? 1 : j == b->n ? -1 : by_file(&a->slot[i], &b->slot[j]);
		const struct ew_entry *x = d <= 0 ? &a->slot[i++]->entry : NULL;
		const struct ew_entry *y = d >= 0 ? &b->slot[j++]->entry : NULL;

		if (!x || !y || !ew_oid_eq(&x->blob, &y->blob))
			rc = fn(user, x, y, err);
	}
	return rc;
}

/* Fan-outs differ, so no two folders correspond: compare record by record. */
static enum ew_code
compare_listings(struct ew_collection *a, struct ew_collection *b, ew_pair_fn *fn, void *user,
	struct ew_err *err)
{
	struct listing x = { 0 }, y = { 0 };
	enum ew_code rc;

	if ((rc = list_all(&x, a, err)) == EW_OK && (rc = list_all(&y, b, err)) == EW_OK)
		rc = merge_listings(&x, &y, fn, user, err);
	free(x.slot);
	free(y.slot);
	return rc;
}

enum ew_code
ew_collection_compare(struct ew_collection *a, struct ew_collection *b, ew_pair_fn *fn, void *user,
	struct ew_err *err)
{
	if (!a && !b)
		return EW_OK;
	return a && b && a->reader.levels != b->reader.levels
		? compare_listings(a, b, fn, user, err)
		: compare_trees(a, b, fn, user, err);
}
