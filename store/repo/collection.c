/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/folder.h"

#include "model/id.h"
#include "repo/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_LEVELS = 2 };

enum ew_code
ew_collection_open(struct ew_collection **out, struct ew_repo *repo, struct ew_cache *cache,
	const struct ew_oid *root, unsigned levels, struct ew_err *err)
{
	struct ew_collection *c = calloc(1, sizeof *c);

	*out = NULL;
	if (!c)
		return ew_fail_nomem(err);
	c->cache = cache;
	c->reader = (struct ew_folder_reader){ .source = ew_source_of(repo), .levels = levels, .step = 1 };
	ew_folder_init(&c->root, root);
	*out = c;
	return EW_OK;
}

void
ew_collection_free(struct ew_collection *c)
{
	if (!c)
		return;
	ew_crowd_free(c->crowd);
	ew_folder_release(&c->root);
	ew_buf_release(&c->root.was);
	ew_folder_reader_release(&c->reader);
	free(c);
}

unsigned
ew_collection_levels(const struct ew_collection *c)
{
	return c->reader.levels;
}

struct ew_oid
ew_collection_tree(const struct ew_collection *c)
{
	return c->root.tree;
}

/* --- one record --- */

/* What leads from the root to a key's folder. */
struct route {
	unsigned char path[EW_FANOUT_MAX];
	struct ew_folder *folder[EW_FANOUT_MAX + 1];
	bool ends_early; /* a folder on the way is not there */
};

/* With `make`, folders that are missing are added. */
static enum ew_code
find_folder(struct route *r, struct ew_collection *c, const struct ew_sha256 *key, bool make,
	struct ew_err *err)
{
	static const struct ew_oid none;
	struct ew_folder *f = &c->root;
	enum ew_code rc;

	r->ends_early = false;
	for (unsigned level = 0;; level++) {
		const unsigned d = level < c->reader.levels ? ew_folder_digit(key, level) : 0;

		r->folder[level] = f;
		if (level == c->reader.levels)
			return EW_OK;
		if ((rc = ew_folder_load(f, &c->reader, level, r->path, err)) != EW_OK)
			return rc;
		r->path[level] = (unsigned char)d;
		if (!ew_folder_child(f, d) && !make) {
			r->ends_early = true;
			return EW_OK;
		}
		if (!ew_folder_child(f, d) && (rc = ew_folder_add_child(f, d, &none, err)) != EW_OK)
			return rc;
		f = ew_folder_child(f, d);
	}
}

/* The place of an id: its folder, loaded, and where in it the record is or would be. */
struct spot {
	struct route route;
	struct ew_folder *folder;
	struct ew_str file; /* in the reader's scratch */
	size_t at;
	bool found;
};

static enum ew_code
find_spot(struct spot *out, struct ew_collection *c, struct ew_str id, const struct ew_sha256 *key,
	bool make, struct ew_err *err)
{
	struct ew_buf *name = &c->reader.name;
	enum ew_code rc = find_folder(&out->route, c, key, make, err);

	out->found = false;
	if (rc != EW_OK || out->route.ends_early)
		return rc;
	out->folder = out->route.folder[c->reader.levels];
	rc = ew_folder_load(out->folder, &c->reader, c->reader.levels, out->route.path, err);
	if (rc != EW_OK)
		return rc;
	ew_buf_clear(name);
	ew_id_write_name(name, id);
	ew_buf_adds(name, ".json");
	if ((rc = ew_buf_check(name, err)) != EW_OK)
		return rc;
	out->file = ew_buf_str(name);
	out->found = ew_folder_search(out->folder, out->file, &out->at);
	return EW_OK;
}

static void
mark_changed(struct ew_collection *c, struct route *r)
{
	for (unsigned level = 0; level <= c->reader.levels; level++) {
		r->folder[level]->changed = true;
		r->folder[level]->has_trie = false;
		if (level < c->reader.levels)
			r->folder[level]->stale |= (uint16_t)(1u << r->path[level]);
	}
}

enum ew_code
ew_collection_find(struct ew_oid *blob, bool *found, struct ew_collection *c, struct ew_str id,
	struct ew_err *err)
{
	const struct ew_sha256 key = ew_sha256_str(c->reader.source.hash, id);
	struct spot s;
	enum ew_code rc = find_spot(&s, c, id, &key, false, err);

	*found = rc == EW_OK && s.found;
	if (*found)
		*blob = s.folder->slot[s.at]->entry.blob;
	return rc;
}

enum ew_code
ew_collection_find_fresh(struct ew_oid *blob, bool *found, bool *fresh, struct ew_collection *c,
	const struct ew_sha256 *key, struct ew_str id, struct ew_err *err)
{
	struct spot s;
	enum ew_code rc = find_spot(&s, c, id, key, false, err);

	*found = rc == EW_OK && s.found;
	*fresh = *found && s.folder->slot[s.at]->step == c->reader.step;
	if (*found)
		*blob = s.folder->slot[s.at]->entry.blob;
	return rc;
}

static enum ew_code
add_slot(struct ew_slot **out, struct spot *at, struct ew_str id, struct ew_err *err)
{
	struct ew_arena *arena = &at->folder->arena;
	const struct ew_str bare = ew_str_part(at->file, 0, at->file.len - strlen(".json"));
	struct ew_slot *s = ew_arena_alloc(arena, sizeof *s);

	if (!s || !(s->file = ew_arena_str(arena, at->file)).p)
		return ew_fail_nomem(err);
	s->entry.id = ew_str_eq(bare, id) ? ew_str_part(s->file, 0, id.len) : ew_arena_str(arena, id);
	*out = s;
	return s->entry.id.p ? ew_folder_insert(at->folder, at->at, s, err) : ew_fail_nomem(err);
}

/* The slot of an id, new if need be, over another blob. */
static enum ew_code
put(struct ew_slot **out, struct ew_collection *c, struct ew_str id, const struct ew_oid *blob,
	const struct ew_sha256 *key, struct ew_err *err)
{
	struct spot at;
	enum ew_code rc = find_spot(&at, c, id, key, true, err);

	if (rc != EW_OK)
		return rc;
	if (at.found)
		*out = at.folder->slot[at.at];
	else if ((rc = add_slot(out, &at, id, err)) != EW_OK)
		return rc;
	(*out)->entry.blob = *blob;
	(*out)->leaf.key = *key;
	(*out)->has_leaf = false;
	ew_folder_touch(at.folder, &c->reader, key);
	mark_changed(c, &at.route);
	return EW_OK;
}

enum ew_code
ew_collection_put(struct ew_collection *c, struct ew_str id, const struct ew_oid *blob,
	struct ew_str record, struct ew_err *err)
{
	const struct ew_sha256 key = ew_sha256_str(c->reader.source.hash, id);
	struct ew_slot *s;
	enum ew_code rc = put(&s, c, id, blob, &key, err);

	return rc == EW_OK && record.p ? ew_folder_hash_leaf(s, &c->reader, record, err) : rc;
}

enum ew_code
ew_collection_put_leaf(struct ew_collection *c, struct ew_str id, const struct ew_oid *blob,
	const struct ew_leaf *leaf, bool hashed, struct ew_err *err)
{
	struct ew_slot *s;
	enum ew_code rc = put(&s, c, id, blob, &leaf->key, err);

	if (rc != EW_OK || !hashed)
		return rc;
	s->leaf = *leaf;
	s->has_leaf = true;
	return EW_OK;
}

enum ew_code
ew_collection_remove(struct ew_collection *c, struct ew_str id, struct ew_err *err)
{
	const struct ew_sha256 key = ew_sha256_str(c->reader.source.hash, id);
	struct spot s;
	enum ew_code rc = find_spot(&s, c, id, &key, false, err);

	if (rc != EW_OK)
		return rc;
	if (!s.found)
		return ew_fail(err, EW_NOTFOUND, "%.*s: there is no such record", EW_FMT(id));
	s.folder->slots--;
	memmove(s.folder->slot + s.at, s.folder->slot + s.at + 1,
		(s.folder->slots - s.at) * sizeof *s.folder->slot);
	ew_folder_touch(s.folder, &c->reader, &key);
	mark_changed(c, &s.route);
	return EW_OK;
}

enum ew_code
ew_collection_prepare(struct ew_collection *c, const struct ew_str *id, size_t n, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		const struct ew_sha256 key = ew_sha256_str(c->reader.source.hash, id[i]);
		struct ew_folder *f;
		struct route r;

		rc = find_folder(&r, c, &key, false, err);
		if (rc != EW_OK || r.ends_early)
			continue;
		f = r.folder[c->reader.levels];
		if (!f->hashed)
			rc = ew_crowd_add(c, f, r.path, err);
	}
	return rc == EW_OK ? ew_crowd_run(c, true, err) : rc;
}

/* --- writing --- */

/* The bytes of a folder whose children are written. */
static void
write_bytes(struct ew_buf *out, const struct ew_folder *f)
{
	/* About as much room as it takes, at once: the names in a folder are of about one length. */
	(void)ew_buf_room(out, f->slots ? f->slots * (f->slot[0]->file.len + 32) : 16 * 32);
	for (size_t i = 0; i < f->slots; i++)
		ew_tree_add(out, false, f->slot[i]->file, &f->slot[i]->entry.blob);
	for (unsigned d = 0; d < 16; d++)
		if (ew_folder_child(f, d) && !ew_oid_is_zero(&f->child[d].tree))
			ew_tree_add(out, true, ew_str_n(&"0123456789abcdef"[d], 1), &f->child[d].tree);
}

/* Takes the bytes. */
static enum ew_code
stage_tree(struct ew_folder *f, struct ew_buf *bytes, struct ew_stage *stage, struct ew_err *err)
{
	const struct ew_oid before = f->was.len ? f->tree : (struct ew_oid){ { 0 } };
	enum ew_code rc = ew_buf_check(bytes, err);

	if (rc == EW_OK && bytes->len == 0)
		f->tree = (struct ew_oid){ { 0 } };
	else if (rc == EW_OK)
		rc = ew_stage_add_tree(&f->tree, stage, ew_buf_str(bytes), &before, ew_buf_str(&f->was), err);
	ew_buf_release(&f->was);
	if (f->written)
		f->was = *bytes; /* transferred */
	else
		ew_buf_release(bytes);
	f->written = true;
	return rc;
}

static enum ew_code
write_folder(struct ew_folder *f, struct ew_stage *stage, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = EW_OK;

	if (!f->changed)
		return EW_OK;
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++)
		if (ew_folder_child(f, d))
			rc = write_folder(&f->child[d], stage, err);
	if (rc != EW_OK)
		return rc;
	write_bytes(&bytes, f);
	if ((rc = stage_tree(f, &bytes, stage, err)) == EW_OK)
		f->changed = false;
	return rc;
}

enum ew_code
ew_collection_write(struct ew_oid *root, struct ew_collection *c, struct ew_stage *stage,
	struct ew_err *err)
{
	enum ew_code rc = write_folder(&c->root, stage, err);

	*root = c->root.tree;
	return rc;
}

static enum ew_code
remember(struct ew_collection *c, const struct ew_folder *f, unsigned level, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (!f->written)
		return EW_OK;
	if (f->has_trie && !f->changed && !ew_oid_is_zero(&f->tree))
		rc = ew_cache_put(c->cache, &f->tree, level, &f->trie, err);
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++)
		if (ew_folder_child(f, d))
			rc = remember(c, &f->child[d], level + 1, err);
	return rc;
}

enum ew_code
ew_collection_remember(struct ew_collection *c, struct ew_err *err)
{
	return c->cache ? remember(c, &c->root, 0, err) : EW_OK;
}

/* --- walking --- */

enum ew_code
ew_collection_each(struct ew_collection *c, ew_entry_fn *fn, void *user, struct ew_err *err)
{
	unsigned char path[EW_FANOUT_MAX] = { 0 };

	return ew_folder_each(&c->root, &c->reader, 0, path, fn, user, err);
}

/* A folder that nothing was changed in is read again when it is needed. */
static void
forget(struct ew_folder *f)
{
	if (!f->changed && !ew_oid_is_zero(&f->tree)) {
		ew_folder_release(f);
		return;
	}
	for (unsigned d = 0; d < 16; d++)
		if (ew_folder_child(f, d))
			forget(&f->child[d]);
}

void
ew_collection_forget(struct ew_collection *c)
{
	forget(&c->root);
}

struct batches {
	struct ew_collection *collection;
	unsigned char path[EW_FANOUT_MAX];
	struct ew_buf entries;
	ew_batch_fn *fn;
	void *user;
};

static enum ew_code
add_to_batch(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct batches *b = user;

	ew_buf_addmem(&b->entries, e, sizeof *e);
	return ew_buf_check(&b->entries, err);
}

static enum ew_code
give_batches(struct batches *b, struct ew_err *err)
{
	const struct ew_entry *entry = (const struct ew_entry *)(const void *)b->entries.p;
	const size_t n = b->entries.len / sizeof *entry;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i += EW_BATCH)
		rc = b->fn(b->user, entry + i, n - i < EW_BATCH ? n - i : EW_BATCH, err);
	ew_buf_clear(&b->entries);
	return rc;
}

/* Folders with so few levels below them are read as a whole, and then let go of. */
static enum ew_code
each_batch(struct batches *b, struct ew_folder *f, unsigned level, struct ew_err *err)
{
	struct ew_collection *c = b->collection;
	enum ew_code rc;

	if (level + BATCH_LEVELS >= c->reader.levels) {
		rc = ew_folder_each(f, &c->reader, level, b->path, add_to_batch, b, err);
		if (rc == EW_OK)
			rc = give_batches(b, err);
		forget(f);
		return rc;
	}
	rc = ew_folder_load(f, &c->reader, level, b->path, err);
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		b->path[level] = (unsigned char)d;
		if (ew_folder_child(f, d))
			rc = each_batch(b, &f->child[d], level + 1, err);
	}
	return rc;
}

enum ew_code
ew_collection_each_batch(struct ew_collection *c, ew_batch_fn *fn, void *user, struct ew_err *err)
{
	struct batches b = { .collection = c, .fn = fn, .user = user };
	enum ew_code rc = each_batch(&b, &c->root, 0, err);

	ew_buf_release(&b.entries);
	return rc;
}

static enum ew_code
count_one(void *user, const struct ew_entry *e, struct ew_err *err)
{
	(void)e;
	(void)err;
	++*(uint64_t *)user;
	return EW_OK;
}

enum ew_code
ew_collection_count(uint64_t *out, struct ew_collection *c, struct ew_err *err)
{
	*out = 0;
	if (c->root.has_trie) {
		*out = c->root.trie.count;
		return EW_OK;
	}
	return ew_collection_each(c, count_one, out, err);
}
