/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling: many records are put at once.  In the order of their keys those of a folder
 * stand together, and a folder that was not there before holds nothing else: its tree and
 * its trie are made of the list alone, by whichever thread has the time, and its records
 * are not kept.
 */
#include "base/crew.h"
#include "model/id.h"
#include "repo/folder.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLICE = 1024, /* records that a thread takes at a time, or a few more */
	JOBS_A_HAND = 2,
};

struct fill {
	struct ew_collection *collection;
	struct ew_stage *stage;
	ew_put_fn *fn;
	const void *user;
	size_t n;
	bool hashed;
};

/* A folder that is no more than records of the list. */
struct made {
	size_t first, n; /* of the list */
	struct ew_oid tree;
	struct ew_trie trie;
	size_t from, to; /* the tree's bytes */
};

/* A record, by its file. */
struct item {
	struct ew_put put;
	size_t from;
	struct ew_str file;
};

/* A part of the list that ends with a folder, and what was made of it. */
struct job {
	const struct fill *of;
	size_t first, last; /* before it */
	struct ew_buf made, trees;
};

/* What one thread works with. */
struct hand {
	struct ew_hash *hash;
	struct ew_buf items, names, leaves;
};

static struct ew_put
put_at(const struct fill *f, size_t i)
{
	struct ew_put p;

	f->fn(&p, f->user, i);
	return p;
}

static bool
same_folder(const struct ew_sha256 *a, const struct ew_sha256 *b, unsigned levels)
{
	unsigned i = 0;

	while (i < levels && ew_folder_digit(a, i) == ew_folder_digit(b, i))
		i++;
	return i == levels;
}

/* --- one folder --- */

static void
add_item(struct hand *h, const struct ew_put *put)
{
	const struct item item = { .put = *put, .from = h->names.len };

	ew_buf_addmem(&h->items, &item, sizeof item);
	ew_id_write_name(&h->names, put->id);
	ew_buf_adds(&h->names, ".json");
}

/* The records of a folder, which begins at `first`; its end. */
static size_t
gather(struct hand *h, const struct job *j, size_t first)
{
	const unsigned levels = j->of->collection->reader.levels;
	const struct ew_sha256 *key = &put_at(j->of, first).leaf->key;
	size_t i = first;

	ew_buf_clear(&h->items);
	ew_buf_clear(&h->names);
	for (; i < j->last; i++) {
		const struct ew_put put = put_at(j->of, i);

		if (!same_folder(key, &put.leaf->key, levels))
			break;
		if (!ew_oid_is_zero(&put.blob))
			add_item(h, &put);
	}
	return i;
}

static int
by_file(const void *a, const void *b)
{
	return ew_str_cmp(((const struct item *)a)->file, ((const struct item *)b)->file);
}

/* The trie of what was gathered, which is in the order of the keys. */
static enum ew_code
make_trie(struct made *m, struct hand *h, unsigned levels, struct ew_err *err)
{
	const struct item *item = (const struct item *)(const void *)h->items.p;

	ew_buf_clear(&h->leaves);
	for (size_t i = 0; i < h->items.len / sizeof *item; i++)
		ew_buf_addmem(&h->leaves, item[i].put.leaf, sizeof *item[i].put.leaf);
	m->trie = ew_pin_trie(h->hash, (const struct ew_leaf *)(const void *)h->leaves.p,
		h->leaves.len / sizeof *item->put.leaf, 4 * levels);
	return ew_buf_check(&h->leaves, err);
}

/* The tree of what was gathered, whose order it changes. */
static void
make_tree(struct made *m, struct ew_buf *trees, struct hand *h)
{
	struct item *item = (struct item *)(void *)h->items.p;
	const size_t n = h->items.len / sizeof *item;

	for (size_t i = 0; i < n; i++)
		item[i].file = ew_str_part(ew_buf_str(&h->names), item[i].from,
			i + 1 < n ? item[i + 1].from : h->names.len);
	qsort(item, n, sizeof *item, by_file);
	m->from = trees->len;
	for (size_t i = 0; i < n; i++)
		ew_tree_add(trees, false, item[i].file, &item[i].put.blob);
	m->to = trees->len;
	m->tree = ew_object_oid(h->hash, EW_TREE, ew_str_part(ew_buf_str(trees), m->from, m->to));
}

static enum ew_code
make_folder(struct job *j, struct hand *h, struct made *m, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = ew_buf_check(&h->items, err)) != EW_OK || (rc = ew_buf_check(&h->names, err)) != EW_OK)
		return rc;
	if (h->items.len == 0)
		return EW_OK;
	if (j->of->hashed && (rc = make_trie(m, h, j->of->collection->reader.levels, err)) != EW_OK)
		return rc;
	make_tree(m, &j->trees, h);
	ew_buf_addmem(&j->made, m, sizeof *m);
	rc = ew_buf_check(&j->trees, err);
	return rc == EW_OK ? ew_buf_check(&j->made, err) : rc;
}

static enum ew_code
make_folders(void *tool, void *work, struct ew_err *err)
{
	struct job *j = work;
	enum ew_code rc = EW_OK;

	for (size_t i = j->first, end; i < j->last && rc == EW_OK; i = end) {
		struct made m = { .first = i };

		end = gather(tool, j, i);
		m.n = end - i;
		rc = make_folder(j, tool, &m, err);
	}
	return rc;
}

/* --- the collection --- */

/* The folder of a key, marked on the way there as one that changes. */
static enum ew_code
lead_to(struct ew_folder **out, struct ew_collection *c, const struct ew_sha256 *key, struct ew_err *err)
{
	static const struct ew_oid none;
	unsigned char path[EW_FANOUT_MAX];
	struct ew_folder *f = &c->root;
	enum ew_code rc;

	for (unsigned level = 0; level < c->reader.levels; level++) {
		const unsigned d = ew_folder_digit(key, level);

		if ((rc = ew_folder_load(f, &c->reader, level, path, err)) != EW_OK)
			return rc;
		f->changed = true;
		f->has_trie = false;
		f->stale |= (uint16_t)(1u << d);
		path[level] = (unsigned char)d;
		if (!ew_folder_child(f, d) && (rc = ew_folder_add_child(f, d, &none, err)) != EW_OK)
			return rc;
		f = ew_folder_child(f, d);
	}
	*out = f;
	return EW_OK;
}

/* Nothing is there, and nothing was. */
static bool
is_new(const struct ew_folder *f)
{
	return ew_oid_is_zero(&f->tree) && !f->changed && f->slots == 0;
}

/* Records of a folder that has others. */
static enum ew_code
put_records(struct fill *f, const struct made *m, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = m->first; i < m->first + m->n && rc == EW_OK; i++) {
		const struct ew_put put = put_at(f, i);

		if (!ew_oid_is_zero(&put.blob))
			rc = ew_collection_put_leaf(f->collection, put.id, &put.blob, put.leaf, f->hashed, err);
	}
	return rc;
}

static enum ew_code
take_folder(struct fill *f, const struct made *m, struct ew_str tree, struct ew_err *err)
{
	struct ew_folder *to;
	enum ew_code rc = lead_to(&to, f->collection, &put_at(f, m->first).leaf->key, err);

	if (rc != EW_OK)
		return rc;
	if (!is_new(to))
		return put_records(f, m, err);
	to->tree = m->tree;
	to->trie = m->trie;
	to->has_trie = f->hashed;
	to->written = true;
	to->loaded = false;
	return ew_stage_add_known(f->stage, &m->tree, EW_TREE, tree, err);
}

static enum ew_code
take_job(struct fill *f, const struct job *j, struct ew_err *err)
{
	const struct made *m = (const struct made *)(const void *)j->made.p;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < j->made.len / sizeof *m && rc == EW_OK; i++)
		rc = take_folder(f, &m[i], ew_str_part(ew_buf_str(&j->trees), m[i].from, m[i].to), err);
	return rc;
}

/* --- all --- */

/* The end of a part of the list that begins at `first`: no folder is in two parts. */
static size_t
end_of(const struct fill *f, size_t first)
{
	const unsigned levels = f->collection->reader.levels;
	size_t i = f->n - first > SLICE ? first + SLICE : f->n;

	while (i < f->n && same_folder(&put_at(f, i - 1).leaf->key, &put_at(f, i).leaf->key, levels))
		i++;
	return i;
}

static enum ew_code
fill_with(struct fill *f, struct ew_crew *crew, struct job *job, size_t jobs, struct ew_err *err)
{
	size_t at = 0, given = 0;
	void *done;
	enum ew_code rc;

	do {
		for (; at < f->n && ew_crew_has_room(crew); given++) {
			struct job *j = &job[given % jobs];

			ew_buf_clear(&j->made);
			ew_buf_clear(&j->trees);
			j->of = f;
			j->first = at;
			j->last = at = end_of(f, at);
			ew_crew_give(crew, j);
		}
		if ((rc = ew_crew_take(&done, crew, err)) == EW_OK && done)
			rc = take_job(f, done, err);
	} while (rc == EW_OK && done);
	return rc;
}

enum ew_code
ew_collection_fill(struct ew_collection *c, ew_put_fn *fn, const void *user, size_t n, bool hashed,
	struct ew_stage *stage, struct ew_err *err)
{
	struct fill f = { c, stage, fn, user, n, hashed };
	struct hand hand[EW_CREW_MOST] = { 0 };
	struct job job[EW_CREW_MOST * JOBS_A_HAND] = { 0 };
	struct ew_crew *crew = NULL;
	void *tool[EW_CREW_MOST];
	size_t hands = ew_crew_hands();
	enum ew_code rc = EW_OK;

	if (hands > n / SLICE + 1)
		hands = n / SLICE + 1;
	for (size_t i = 0; i < hands && rc == EW_OK; i++) {
		rc = ew_hash_open(&hand[i].hash, err);
		tool[i] = &hand[i];
	}
	if (rc == EW_OK)
		rc = ew_crew_open(&crew, hands, hands * JOBS_A_HAND, make_folders, tool, err);
	if (rc == EW_OK)
		rc = fill_with(&f, crew, job, hands * JOBS_A_HAND, err);
	ew_crew_free(crew);
	for (size_t i = 0; i < EW_CREW_MOST; i++) {
		ew_hash_free(hand[i].hash);
		ew_buf_release(&hand[i].items);
		ew_buf_release(&hand[i].names);
		ew_buf_release(&hand[i].leaves);
	}
	for (size_t i = 0; i < sizeof job / sizeof *job; i++) {
		ew_buf_release(&job[i].made);
		ew_buf_release(&job[i].trees);
	}
	return rc;
}
