/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pins' trie of a collection of labels, folder by folder, and ways down it.
 * LABELS_FORMAT.md section 6.
 */
#include "repo/cache.h"
#include "repo/folder.h"

#include <stdlib.h>
#include <string.h>

enum { LEAVES_FEW = 128 /* of a folder, for which the stack has room */ };

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct ew_leaf *)a)->key.b, ((const struct ew_leaf *)b)->key.b,
		sizeof(struct ew_sha256));
}

/* Those leaves that `digit` leads to from the folder's level, all with -1, by key; how many. */
static size_t
some_leaves(struct ew_leaf *room, const struct ew_folder *f, const struct ew_folder_reader *r, int digit)
{
	size_t n = 0;

	for (size_t i = 0; i < f->slots; i++)
		if (digit < 0 || ew_folder_digit(&f->slot[i]->leaf.key, r->levels) == (unsigned)digit)
			room[n++] = f->slot[i]->leaf;
	if (n > 1)
		qsort(room, n, sizeof *room, by_key);
	return n;
}

static struct ew_trie
trie_of_some(const struct ew_folder *f, struct ew_folder_reader *r, int digit, struct ew_leaf *room)
{
	const size_t n = some_leaves(room, f, r, digit);

	return ew_pin_trie(r->source.hash, room, n, 4 * (r->levels + (digit >= 0)));
}

/* As if the folder had children: only what changed is hashed. */
static enum ew_code
trie_of_digits(struct ew_folder *f, struct ew_folder_reader *r, struct ew_leaf *room, struct ew_err *err)
{
	const struct ew_trie *child[16];

	if (!f->joins) {
		f->joins = ew_arena_alloc(&f->arena, sizeof *f->joins);
		f->by_digit = ew_arena_array(&f->arena, 16, sizeof *f->by_digit);
		if (!f->joins || !f->by_digit)
			return ew_fail_nomem(err);
		f->stale = 0xffff;
	}
	for (unsigned d = 0; d < 16; d++) {
		if (f->stale >> d & 1)
			f->by_digit[d] = trie_of_some(f, r, (int)d, room);
		child[d] = &f->by_digit[d];
	}
	f->trie = ew_pin_join16(r->source.hash, f->joins, child, f->stale);
	return EW_OK;
}

enum ew_code
ew_folder_trie_of_leaves(struct ew_folder *f, struct ew_folder_reader *r, bool again,
	struct ew_err *err)
{
	struct ew_leaf few[LEAVES_FEW], *many = NULL;
	enum ew_code rc = EW_OK;

	if (f->slots > LEAVES_FEW && !(many = calloc(f->slots, sizeof *many)))
		return ew_fail_nomem(err);
	/* Most folders are hashed once; one that is hashed again will be more often. */
	if (again || f->had_trie)
		rc = trie_of_digits(f, r, many ? many : few, err);
	else
		f->trie = trie_of_some(f, r, -1, many ? many : few);
	free(many);
	f->stale = 0;
	f->has_trie = f->had_trie = rc == EW_OK;
	return rc;
}

/* Fill in a leaf that was not hashed yet. */
static enum ew_code
need_leaf(struct ew_slot *s, struct ew_folder_reader *r, struct ew_err *err)
{
	enum ew_code rc;

	if (s->has_leaf)
		return EW_OK;
	ew_buf_clear(&r->record);
	if ((rc = ew_folder_read_object(&r->record, r, &s->entry.blob, EW_BLOB, err)) == EW_OK &&
	    (rc = ew_folder_hash_leaf(s, r, ew_buf_str(&r->record), err)) == EW_REFUSED)
		err->code = EW_CORRUPT;
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "label %.*s", EW_FMT(s->entry.id));
}

static enum ew_code
trie_of_records(struct ew_collection *c, struct ew_folder *f, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < f->slots && rc == EW_OK; i++)
		rc = need_leaf(f->slot[i], &c->reader, err);
	f->hashed = rc == EW_OK;
	return rc == EW_OK ? ew_folder_trie_of_leaves(f, &c->reader, false, err) : rc;
}

/* Stored as it is, and known from another time. */
static bool
is_known(struct ew_collection *c, struct ew_folder *f, unsigned level)
{
	if (!f->has_trie && c->cache && !f->changed && !ew_oid_is_zero(&f->tree))
		f->has_trie = ew_cache_get(&f->trie, c->cache, &f->tree, level);
	return f->has_trie;
}

static bool
is_hashed(struct ew_folder *f)
{
	bool all = f->loaded;

	for (size_t i = 0; i < f->slots && all && !f->hashed; i++)
		all = f->slot[i]->has_leaf;
	return f->hashed = all;
}

/* Add the folders of the last level that the trie waits for to the crowd's. */
static enum ew_code
gather(struct ew_collection *c, struct ew_folder *f, unsigned level, unsigned char *path,
	struct ew_err *err)
{
	enum ew_code rc;

	if (is_known(c, f, level))
		return EW_OK;
	if (level == c->reader.levels)
		return is_hashed(f) ? EW_OK : ew_crowd_add(c, f, path, err);
	rc = ew_folder_load(f, &c->reader, level, path, err);
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		path[level] = (unsigned char)d;
		if (ew_folder_child(f, d))
			rc = gather(c, &f->child[d], level + 1, path, err);
	}
	return rc;
}

static enum ew_code trie_of(struct ew_collection *c, struct ew_folder *f, unsigned level,
	unsigned char *path, struct ew_err *err);

/* The tries of a folder's children, as far as they are known. */
static void
tries_of_children(const struct ew_trie *child[16], const struct ew_folder *f)
{
	static const struct ew_trie none;

	for (unsigned d = 0; d < 16; d++)
		child[d] = ew_folder_child(f, d) ? &f->child[d].trie : &none;
}

/* Without joins nothing is known of any child; with them, of those that are not stale. */
static enum ew_code
trie_of_children(struct ew_collection *c, struct ew_folder *f, unsigned level, unsigned char *path,
	struct ew_err *err)
{
	const struct ew_trie *child[16];
	enum ew_code rc;

	if (!f->joins) {
		f->joins = ew_arena_alloc(&f->arena, sizeof *f->joins);
		if (!f->joins)
			return ew_fail_nomem(err);
		f->stale = 0xffff;
	}
	for (unsigned d = 0; d < 16; d++) {
		struct ew_folder *at = ew_folder_child(f, d);

		path[level] = (unsigned char)d;
		if (at && f->stale >> d & 1 && (rc = trie_of(c, at, level + 1, path, err)) != EW_OK)
			return rc;
	}
	tries_of_children(child, f);
	f->trie = ew_pin_join16(c->reader.source.hash, f->joins, child, f->stale);
	f->stale = 0;
	f->has_trie = true;
	return EW_OK;
}

static enum ew_code
trie_of(struct ew_collection *c, struct ew_folder *f, unsigned level, unsigned char *path,
	struct ew_err *err)
{
	enum ew_code rc;

	if (is_known(c, f, level))
		return EW_OK;
	if ((rc = ew_folder_load(f, &c->reader, level, path, err)) != EW_OK)
		return rc;
	rc = level == c->reader.levels ? trie_of_records(c, f, err)
				       : trie_of_children(c, f, level, path, err);
	if (rc == EW_OK && c->cache && !f->changed && !ew_oid_is_zero(&f->tree))
		rc = ew_cache_put(c->cache, &f->tree, level, &f->trie, err);
	return rc;
}

enum ew_code
ew_collection_trie(struct ew_trie *out, struct ew_collection *c, struct ew_err *err)
{
	unsigned char path[EW_FANOUT_MAX] = { 0 };
	enum ew_code rc = EW_OK;

	if (!c->root.has_trie && (rc = gather(c, &c->root, 0, path, err)) == EW_OK &&
	    (rc = ew_crowd_run(c, false, err)) == EW_OK)
		rc = trie_of(c, &c->root, 0, path, err);
	*out = c->root.trie;
	return rc;
}

/* --- ways --- */

/* Through a folder to its child by the key's digit; *on is false when the place comes before it. */
static enum ew_code
go_through(struct ew_way *way, bool *on, struct ew_collection *c, struct ew_folder *f, unsigned level,
	unsigned char *path, const struct ew_sha256 *key, struct ew_err *err)
{
	const unsigned digit = ew_folder_digit(key, level);
	const struct ew_trie *child[16];
	enum ew_code rc;

	if ((rc = ew_folder_load(f, &c->reader, level, path, err)) != EW_OK ||
	    (rc = trie_of_children(c, f, level, path, err)) != EW_OK)
		return rc;
	tries_of_children(child, f);
	*on = ew_way_down16(way, &f->trie, f->joins, child, digit) && ew_folder_child(f, digit);
	path[level] = (unsigned char)digit;
	return EW_OK;
}

/* Among the records of a folder of the last level. */
static enum ew_code
go_among(struct ew_way *way, struct ew_collection *c, struct ew_folder *f, const unsigned char *path,
	const struct ew_sha256 *key, struct ew_err *err)
{
	struct ew_leaf *leaf;
	enum ew_code rc;

	if ((rc = ew_folder_load(f, &c->reader, c->reader.levels, path, err)) != EW_OK ||
	    (rc = trie_of_records(c, f, err)) != EW_OK)
		return rc;
	leaf = calloc(f->slots + 1, sizeof *leaf);
	if (!leaf)
		return ew_fail_nomem(err);
	ew_way_down(way, c->reader.source.hash, key, leaf, some_leaves(leaf, f, &c->reader, -1));
	free(leaf);
	return EW_OK;
}

/* Whether a child's digit at a level is the key's, as far as the first `depth` bits go. */
static bool
leads_there(unsigned digit, const struct ew_sha256 *key, unsigned level, unsigned depth)
{
	const unsigned passed = 4 * level, bits = depth <= passed ? 0 : depth - passed < 4 ? depth - passed : 4;

	return (digit ^ ew_folder_digit(key, level)) >> (4 - bits) == 0;
}

/* The one record below a folder that agrees with the key in its first `depth` bits; else *out stays. */
static enum ew_code
find_there(const struct ew_entry **out, struct ew_collection *c, struct ew_folder *f, unsigned level,
	unsigned char *path, const struct ew_sha256 *key, unsigned depth, struct ew_err *err)
{
	enum ew_code rc = ew_folder_load(f, &c->reader, level, path, err);

	if (level == c->reader.levels) {
		for (size_t i = 0; i < f->slots && rc == EW_OK; i++)
			if (ew_way_agree(&f->slot[i]->leaf.key, key, depth))
				*out = &f->slot[i]->entry;
		return rc;
	}
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		path[level] = (unsigned char)d;
		if (ew_folder_child(f, d) && leads_there(d, key, level, depth))
			rc = find_there(out, c, &f->child[d], level + 1, path, key, depth, err);
	}
	return rc;
}

enum ew_code
ew_collection_way(struct ew_way *out, const struct ew_entry **there, struct ew_collection *c,
	const struct ew_sha256 *key, struct ew_err *err)
{
	unsigned char path[EW_FANOUT_MAX] = { 0 };
	struct ew_folder *f = &c->root;
	struct ew_trie whole;
	bool on = true;
	enum ew_code rc = ew_collection_trie(&whole, c, err);

	*out = (struct ew_way){ .depth = 0 };
	*there = NULL;
	for (unsigned level = 0; rc == EW_OK && on && level < c->reader.levels; level++) {
		rc = go_through(out, &on, c, f, level, path, key, err);
		f = ew_folder_child(f, path[level]);
	}
	if (rc == EW_OK && on)
		rc = go_among(out, c, f, path, key, err);
	return rc == EW_OK ? find_there(there, c, &c->root, 0, path, key, out->depth, err) : rc;
}
