/* SPDX-License-Identifier: Apache-2.0 */
/* Two collections held against each other: ew_collection_compare(). */
#include "repo/folder.h"

#include <stdlib.h>
#include <string.h>

struct comparing {
	struct ew_collection *a, *b;
	unsigned char path[EW_FANOUT_MAX];
	struct ew_buf bytes[2]; /* of a leaf folder of each */
	ew_pair_fn *fn;
	void *user;
};

/* One side has nothing here: each record of the other is reported alone. */
struct one_side {
	struct comparing *cmp;
	bool is_a;
};

static enum ew_code
report_one(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct one_side *s = user;

	return s->cmp->fn(s->cmp->user, s->is_a ? e : NULL, s->is_a ? NULL : e, err);
}

/* Two lists in the order of their file names. */
static enum ew_code
merge_slots(struct comparing *k, struct ew_slot **a, size_t an, struct ew_slot **b, size_t bn,
	struct ew_err *err)
{
	size_t i = 0, j = 0;
	enum ew_code rc = EW_OK;

	while (rc == EW_OK && (i < an || j < bn)) {
		int d = i == an ? 1 : j == bn ? -1 : ew_str_cmp(a[i]->file, b[j]->file);
		const struct ew_entry *x = d <= 0 ? &a[i++]->entry : NULL;
		const struct ew_entry *y = d >= 0 ? &b[j++]->entry : NULL;

		if (!x || !y || !ew_oid_eq(&x->blob, &y->blob))
			rc = k->fn(k->user, x, y, err);
	}
	return rc;
}

/* One side of two leaf folders that are not loaded. */
struct leaf_reader {
	struct ew_collection *collection;
	struct ew_folder *folder;
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	bool more;
};

static enum ew_code
open_leaf(struct leaf_reader *l, struct ew_collection *c, struct ew_folder *f, struct ew_buf *bytes,
	struct ew_err *err)
{
	enum ew_code rc;

	l->collection = c;
	l->folder = f;
	ew_buf_clear(bytes);
	if ((rc = ew_folder_read_object(bytes, &c->reader, &f->tree, EW_TREE, err)) != EW_OK)
		return rc;
	ew_tree_reader_init(&l->reader, ew_buf_str(bytes), &f->tree);
	l->more = ew_tree_next(&l->reader, &l->item, err);
	return err->code;
}

/* The entry of the item that the reader is at; NULL without `wanted`. */
static enum ew_code
take_entry(const struct ew_entry **out, bool wanted, const struct comparing *k,
	struct leaf_reader *l, struct ew_err *err)
{
	struct ew_slot *s;
	enum ew_code rc;

	*out = NULL;
	if (!wanted)
		return EW_OK;
	rc = ew_folder_slot(&s, &l->collection->reported, &l->collection->reader, &l->folder->tree, k->path,
		&l->item, err);
	if (rc == EW_OK)
		*out = &s->entry;
	return rc;
}

/* Only what differs is looked at, since most in a folder is the same on both sides. */
static enum ew_code
merge_leaves(struct comparing *k, struct ew_folder *a, struct ew_folder *b, struct ew_err *err)
{
	struct leaf_reader x, y;
	const struct ew_entry *before, *after;
	enum ew_code rc;

	if ((rc = open_leaf(&x, k->a, a, &k->bytes[0], err)) != EW_OK ||
	    (rc = open_leaf(&y, k->b, b, &k->bytes[1], err)) != EW_OK)
		return rc;
	while (x.more || y.more) {
		const int d = !x.more ? 1 : !y.more ? -1 : ew_str_cmp(x.item.name, y.item.name);

		if (d != 0 || !ew_oid_eq(&x.item.oid, &y.item.oid))
			if ((rc = take_entry(&before, d <= 0, k, &x, err)) != EW_OK ||
			    (rc = take_entry(&after, d >= 0, k, &y, err)) != EW_OK ||
			    (rc = k->fn(k->user, before, after, err)) != EW_OK)
				return rc;
		if (d <= 0)
			x.more = ew_tree_next(&x.reader, &x.item, err);
		if (d >= 0)
			y.more = ew_tree_next(&y.reader, &y.item, err);
		if (err->code != EW_OK)
			return err->code;
	}
	return EW_OK;
}

static enum ew_code
compare_folders(struct comparing *k, struct ew_folder *a, struct ew_folder *b, unsigned level,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (!a || !b) {
		struct one_side s = { k, a != NULL };
		struct ew_folder *alone = a ? a : b;

		return alone ? ew_folder_each(alone, a ? &k->a->reader : &k->b->reader, level, k->path,
				       report_one, &s, err)
			     : EW_OK;
	}
	if (!a->changed && !b->changed && ew_oid_eq(&a->tree, &b->tree))
		return EW_OK;
	if (level == k->a->reader.levels && !a->loaded && !b->loaded)
		return merge_leaves(k, a, b, err);
	if ((rc = ew_folder_load(a, &k->a->reader, level, k->path, err)) != EW_OK ||
	    (rc = ew_folder_load(b, &k->b->reader, level, k->path, err)) != EW_OK)
		return rc;
	if (level == k->a->reader.levels)
		return merge_slots(k, a->slot, a->slots, b->slot, b->slots, err);
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		k->path[level] = (unsigned char)d;
		rc = compare_folders(k, ew_folder_child(a, d), ew_folder_child(b, d), level + 1, err);
	}
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

/* Fan-outs differ, so no two folders correspond: compare record by record. */
static enum ew_code
compare_listings(struct comparing *k, struct ew_err *err)
{
	struct listing a = { 0 }, b = { 0 };
	enum ew_code rc;

	if ((rc = list_all(&a, k->a, err)) == EW_OK && (rc = list_all(&b, k->b, err)) == EW_OK)
		rc = merge_slots(k, a.slot, a.n, b.slot, b.n, err);
	free(a.slot);
	free(b.slot);
	return rc;
}

enum ew_code
ew_collection_compare(struct ew_collection *a, struct ew_collection *b, ew_pair_fn *fn, void *user,
	struct ew_err *err)
{
	struct comparing k = { .a = a, .b = b, .fn = fn, .user = user };
	enum ew_code rc;

	rc = a && b && a->reader.levels != b->reader.levels
		? compare_listings(&k, err)
		: compare_folders(&k, a ? &a->root : NULL, b ? &b->root : NULL, 0, err);
	ew_buf_release(&k.bytes[0]);
	ew_buf_release(&k.bytes[1]);
	return rc;
}
