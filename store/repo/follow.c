/* SPDX-License-Identifier: Apache-2.0 */
/* A collection that goes from one tree to the next: ew_collection_follow(). */
#include "repo/folder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
ew_differences_release(struct ew_differences *d)
{
	free(d->at);
	ew_arena_release(&d->arena);
	*d = (struct ew_differences){ 0 };
}

void
ew_differences_clear(struct ew_differences *d)
{
	d->n = 0;
	ew_arena_reset(&d->arena);
}

struct following {
	struct ew_collection *collection;
	struct ew_differences *out;
	unsigned char path[EW_FANOUT_MAX];
};

/* Room for one more, which is zeroed but for its id. */
static enum ew_code
append(struct ew_difference **out, struct ew_differences *d, struct ew_str id, struct ew_err *err)
{
	if (d->n == d->room) {
		size_t room = d->room ? d->room * 2 : 16;
		struct ew_difference *more = realloc(d->at, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		d->at = more;
		d->room = room;
	}
	*out = &d->at[d->n++];
	**out = (struct ew_difference){ .id = id };
	return id.p ? EW_OK : ew_fail_nomem(err);
}

enum ew_code
ew_differences_add(struct ew_differences *d, struct ew_str id, const struct ew_oid *before,
	const struct ew_oid *after, struct ew_err *err)
{
	struct ew_difference *at = NULL;
	enum ew_code rc = append(&at, d, ew_arena_str(&d->arena, id), err);

	if (rc == EW_OK && before)
		at->before = *before;
	if (rc == EW_OK && after)
		at->after = *after;
	return rc;
}

/* A slot that came, or changed. */
static enum ew_code
add_slot(struct following *w, const struct ew_oid *before, struct ew_slot *s, struct ew_err *err)
{
	struct ew_difference *at = NULL;
	enum ew_code rc = append(&at, w->out, s->entry.id, err);

	if (rc != EW_OK)
		return rc;
	s->step = w->collection->reader.step;
	s->has_leaf = false;
	if (before)
		at->before = *before;
	at->after = s->entry.blob;
	at->leaf = &s->leaf;
	at->has_leaf = &s->has_leaf;
	return EW_OK;
}

/* --- folders that are on one side only --- */

static enum ew_code
add_gone(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct following *w = user;

	/* Its slot may go with its folder. */
	return ew_differences_add(w->out, e->id, &e->blob, NULL, err);
}

/* All below a folder are gone, and then the folder. */
static enum ew_code
drop(struct following *w, struct ew_folder *f, unsigned level, struct ew_err *err)
{
	enum ew_code rc = ew_folder_each(f, &w->collection->reader, level, w->path, add_gone, w, err);

	ew_folder_release(f);
	ew_buf_release(&f->was);
	*f = (struct ew_folder){ .there = false };
	return rc;
}

static enum ew_code
add_new(void *user, const struct ew_entry *e, struct ew_err *err)
{
	/* The entry is the first member of its slot, which is ours. */
	return add_slot(user, NULL, (struct ew_slot *)(uintptr_t)e, err);
}

/* --- folders that changed --- */

static enum ew_code follow(struct following *w, struct ew_folder *f, const struct ew_oid *tree,
	unsigned level, struct ew_err *err);

/* The children of a folder, as they are in its new tree. */
static enum ew_code
follow_children(struct following *w, struct ew_folder *f, const struct ew_oid *tree, struct ew_str bytes,
	unsigned level, struct ew_err *err)
{
	struct ew_oid child[16] = { { { 0 } } };
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	enum ew_code rc = EW_OK;
	unsigned d;

	ew_tree_reader_init(&reader, bytes, tree);
	while (ew_tree_next(&reader, &item, err)) {
		if ((rc = ew_folder_item_digit(&d, tree, &item, err)) != EW_OK)
			return rc;
		child[d] = item.oid;
	}
	if (err->code != EW_OK)
		return err->code;
	for (d = 0; d < 16 && rc == EW_OK; d++) {
		struct ew_folder *at = ew_folder_child(f, d);

		w->path[level] = (unsigned char)d;
		if (at && ew_oid_eq(&at->tree, &child[d]))
			continue;
		f->stale |= (uint16_t)(1u << d);
		if (at && ew_oid_is_zero(&child[d])) {
			rc = drop(w, at, level + 1, err);
		} else if (at) {
			rc = follow(w, at, &child[d], level + 1, err);
		} else if (!ew_oid_is_zero(&child[d])) {
			if ((rc = ew_folder_add_child(f, d, &child[d], err)) == EW_OK)
				rc = ew_folder_each(&f->child[d], &w->collection->reader, level + 1, w->path,
					add_new, w, err);
		}
	}
	return rc;
}

/* The slots of a folder while they are merged with its new tree. */
struct merge {
	struct ew_slot **old;
	size_t n, i;
};

/* What was there under names before that of the item, and is no more. */
static enum ew_code
pass(struct following *w, struct ew_folder *f, struct merge *m, const struct ew_tree_item *item,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	while (rc == EW_OK && m->i < m->n && (!item || ew_str_cmp(m->old[m->i]->file, item->name) < 0)) {
		const struct ew_slot *gone = m->old[m->i++];

		ew_folder_touch(f, &w->collection->reader, &gone->leaf.key);
		rc = ew_differences_add(w->out, gone->entry.id, &gone->entry.blob, NULL, err);
	}
	return rc;
}

static enum ew_code
merge_item(struct following *w, struct ew_folder *f, const struct ew_oid *tree, struct merge *m,
	const struct ew_tree_item *item, struct ew_err *err)
{
	const struct ew_oid *was = NULL;
	struct ew_slot *s;
	struct ew_oid before;
	enum ew_code rc = pass(w, f, m, item, err);

	if (rc != EW_OK)
		return rc;
	if (!item->folder && m->i < m->n && ew_str_eq(m->old[m->i]->file, item->name)) {
		s = m->old[m->i++];
		before = s->entry.blob;
		was = &before;
		s->entry.blob = item->oid;
	} else if ((rc = ew_folder_slot(&s, &f->arena, &w->collection->reader, tree, w->path, item, err)) !=
		   EW_OK) {
		return rc;
	}
	if (!was || !ew_oid_eq(was, &item->oid)) {
		ew_folder_touch(f, &w->collection->reader, &s->leaf.key);
		rc = add_slot(w, was, s, err);
	}
	return rc == EW_OK ? ew_folder_insert(f, f->slots, s, err) : rc;
}

/* The same names with other blobs keep their slots, which is what most steps do. */
static enum ew_code
follow_records(struct following *w, struct ew_folder *f, const struct ew_oid *tree, struct ew_str bytes,
	struct ew_err *err)
{
	struct merge m = { .old = malloc((f->slots + 1) * sizeof *m.old), .n = f->slots };
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	enum ew_code rc = m.old ? EW_OK : ew_fail_nomem(err);

	if (rc == EW_OK && f->slots)
		memcpy(m.old, f->slot, f->slots * sizeof *m.old);
	f->slots = 0;
	ew_tree_reader_init(&reader, bytes, tree);
	while (rc == EW_OK && ew_tree_next(&reader, &item, err))
		rc = merge_item(w, f, tree, &m, &item, err);
	if (rc == EW_OK && (rc = err->code) == EW_OK)
		rc = pass(w, f, &m, NULL, err);
	free(m.old);
	return rc;
}

/* A folder that is there before and after. */
static enum ew_code
follow(struct following *w, struct ew_folder *f, const struct ew_oid *tree, unsigned level,
	struct ew_err *err)
{
	struct ew_folder_reader *r = &w->collection->reader;
	struct ew_buf bytes = { 0 };
	enum ew_code rc;

	if ((rc = ew_folder_load(f, r, level, w->path, err)) == EW_OK &&
	    (rc = ew_folder_read_object(&bytes, r, tree, EW_TREE, err)) == EW_OK && bytes.len == 0)
		rc = ew_folder_fail_empty(tree, err);
	if (rc == EW_OK)
		rc = level < r->levels ? follow_children(w, f, tree, ew_buf_str(&bytes), level, err)
				       : follow_records(w, f, tree, ew_buf_str(&bytes), err);
	f->tree = *tree;
	f->has_trie = false;
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_collection_follow(struct ew_differences *out, struct ew_collection *c, const struct ew_oid *root,
	struct ew_err *err)
{
	struct following w = { .collection = c, .out = out };
	enum ew_code rc;

	assert(!c->root.changed);
	c->reader.step++;
	if (ew_oid_eq(&c->root.tree, root))
		return EW_OK;
	if (ew_oid_is_zero(root)) {
		rc = drop(&w, &c->root, 0, err);
		ew_folder_init(&c->root, root);
	} else if (ew_oid_is_zero(&c->root.tree)) {
		ew_folder_release(&c->root);
		c->root = (struct ew_folder){ .there = false };
		ew_folder_init(&c->root, root);
		rc = ew_folder_each(&c->root, &c->reader, 0, w.path, add_new, &w, err);
	} else {
		rc = follow(&w, &c->root, root, 0, err);
	}
	return rc;
}
