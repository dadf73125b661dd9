/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/collection.h"

#include "model/id.h"
#include "model/label.h"
#include "model/manifest.h"
#include "repo/cache.h"
#include "repo/treefile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_LEVELS = 2 };

/* A record in a leaf folder. */
struct slot {
	struct ew_entry entry;
	struct ew_str file; /* name of the file, "….json" */
	struct ew_leaf leaf;
	bool has_leaf;
};

/* A folder: with children by hex digit above the last level, with records on it. */
struct node {
	struct ew_oid tree; /* as stored; meaningless while changed */
	bool there, loaded, changed, has_trie;
	struct ew_trie trie;
	struct ew_arena arena; /* of its children or records */
	struct node *child;    /* all 16, those that are there among them; NULL: none is */
	struct slot **slot; /* ascending by file */
	size_t slots, room;
	bool written;      /* by this program, once at least */
	struct ew_buf was; /* the tree's bytes when it was last written, from the second time on */
};

struct ew_collection {
	struct ew_repo *repo;
	struct ew_hash *hash;
	struct ew_cache *cache;
	unsigned levels;
	struct node root;
	struct ew_arena reported; /* records of folders that are not loaded */
	struct ew_buf scratch, scored;
};

static void
init_node(struct node *n, const struct ew_oid *tree)
{
	n->there = true;
	n->tree = *tree;
	n->loaded = ew_oid_is_zero(tree);
}

/* NULL if it is not there. */
static struct node *
child_of(const struct node *n, unsigned digit)
{
	return n->child && n->child[digit].there ? &n->child[digit] : NULL;
}

static enum ew_code
add_child(struct node *n, unsigned digit, const struct ew_oid *tree, struct ew_err *err)
{
	if (!n->child && !(n->child = ew_arena_array(&n->arena, 16, sizeof *n->child)))
		return ew_fail_nomem(err);
	init_node(&n->child[digit], tree);
	return EW_OK;
}

enum ew_code
ew_collection_open(struct ew_collection **out, struct ew_repo *repo, struct ew_cache *cache,
	const struct ew_oid *root, unsigned levels, struct ew_err *err)
{
	struct ew_collection *c = calloc(1, sizeof *c);

	*out = NULL;
	if (!c)
		return ew_fail_nomem(err);
	c->repo = repo;
	c->hash = ew_repo_hash(repo);
	c->cache = cache;
	c->levels = levels;
	init_node(&c->root, root);
	*out = c;
	return EW_OK;
}

/* Everything below a folder. */
static void
release_below(struct node *n)
{
	for (unsigned d = 0; n->child && d < 16; d++) {
		release_below(&n->child[d]);
		ew_buf_release(&n->child[d].was);
	}
	n->child = NULL;
	n->slot = NULL;
	n->slots = n->room = 0;
	ew_arena_release(&n->arena);
}

void
ew_collection_free(struct ew_collection *c)
{
	if (!c)
		return;
	release_below(&c->root);
	ew_buf_release(&c->root.was);
	ew_arena_release(&c->reported);
	ew_buf_release(&c->scratch);
	ew_buf_release(&c->scored);
	free(c);
}

unsigned
ew_collection_levels(const struct ew_collection *c)
{
	return c->levels;
}

static unsigned
digit_at(const struct ew_sha256 *key, unsigned level)
{
	unsigned char byte = key->b[level / 2];

	return level % 2 ? byte & 15u : byte >> 4;
}

/* --- reading trees --- */

static enum ew_code
fail_tree(struct ew_err *err, const struct node *n, const char *what, struct ew_str name)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, n->tree.b, sizeof n->tree.b);
	return ew_fail(err, EW_CORRUPT, "tree %s: %s: \"%.*s\"; restore the store from a good copy",
		hex, what, EW_FMT(name));
}

static enum ew_code
append_slot(struct node *n, size_t at, struct slot *s, struct ew_err *err)
{
	if (n->slots == n->room) {
		size_t room = n->room ? n->room * 2 : 16;
		struct slot **more = ew_arena_array(&n->arena, room, sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		if (n->slots)
			memcpy(more, n->slot, n->slots * sizeof *more);
		n->slot = more;
		n->room = room;
	}
	memmove(n->slot + at + 1, n->slot + at, (n->slots - at) * sizeof *n->slot);
	n->slot[at] = s;
	n->slots++;
	return EW_OK;
}

/* A record of a leaf folder; `path` holds the digits that led here, to be compared with the key. */
static enum ew_code
read_slot(struct slot **out, struct ew_arena *arena, struct ew_collection *c, const struct node *n,
	const unsigned char *path, const struct ew_tree_item *item, struct ew_err *err)
{
	struct slot *s = ew_arena_alloc(arena, sizeof *s);
	struct ew_buf *id = &c->scratch;

	if (!s || !(s->file = ew_arena_str(arena, item->name)).p)
		return ew_fail_nomem(err);
	ew_buf_clear(id);
	if (item->folder || !ew_str_ends(item->name, ".json") ||
	    !ew_id_read_name(id, ew_str_part(item->name, 0, item->name.len - 5))) {
		if (id->bad != EW_OK)
			return ew_buf_check(id, err);
		return fail_tree(err, n, "not the name of a record", item->name);
	}
	s->entry.id = ew_arena_str(arena, ew_buf_str(id));
	if (!s->entry.id.p)
		return ew_fail_nomem(err);
	s->entry.blob = item->oid;
	s->leaf.key = ew_sha256_str(c->hash, s->entry.id);
	for (unsigned i = 0; i < c->levels; i++)
		if (digit_at(&s->leaf.key, i) != path[i])
			return fail_tree(err, n, "record in a folder that is not its own", item->name);
	*out = s;
	return EW_OK;
}

static enum ew_code
load_record(struct ew_collection *c, struct node *n, const unsigned char *path,
	const struct ew_tree_item *item, struct ew_err *err)
{
	struct slot *s;
	enum ew_code rc = read_slot(&s, &n->arena, c, n, path, item, err);

	return rc == EW_OK ? append_slot(n, n->slots, s, err) : rc;
}

static enum ew_code
load_folder(struct node *n, const struct ew_tree_item *item, struct ew_err *err)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = item->name.len == 1 ? memchr(digits, item->name.p[0], 16) : NULL;

	if (!item->folder || !at)
		return fail_tree(err, n, "not a folder of the fan-out", item->name);
	return add_child(n, (unsigned)(at - digits), &item->oid, err);
}

static enum ew_code
load(struct ew_collection *c, struct node *n, unsigned level, const unsigned char *path,
	struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	enum ew_code rc;

	if (n->loaded)
		return EW_OK;
	if ((rc = ew_repo_read(&bytes, c->repo, &n->tree, EW_TREE, err)) != EW_OK)
		goto done;
	ew_tree_reader_init(&reader, ew_buf_str(&bytes), &n->tree);
	while (ew_tree_next(&reader, &item, err))
		if ((rc = level == c->levels ? load_record(c, n, path, &item, err)
					     : load_folder(n, &item, err)) != EW_OK)
			goto done;
	if ((rc = err->code) == EW_OK && reader.at == 0)
		rc = fail_tree(err, n, "an empty folder has no place in a store", (struct ew_str){ NULL, 0 });
	n->loaded = rc == EW_OK;
done:
	if (rc != EW_OK)
		release_below(n);
	ew_buf_release(&bytes);
	return rc;
}

/* --- one record --- */

/* The place of a file name in a leaf folder: where it is, or where it would go. */
static bool
search(const struct node *n, struct ew_str file, size_t *at)
{
	size_t lo = 0, hi = n->slots;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = ew_str_cmp(n->slot[mid]->file, file);

		if (d == 0) {
			*at = mid;
			return true;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	return false;
}

/* What leads from the root to an id's leaf folder. */
struct route {
	struct ew_sha256 key;
	unsigned char path[EW_FANOUT_MAX];
	struct node *node[EW_FANOUT_MAX + 1];
	struct ew_str file; /* in the collection's scratch */
	size_t at;
	bool found;
};

/* With `make`, folders that are missing are added; else the route may end early. */
static enum ew_code
find_route(struct route *r, struct ew_collection *c, struct ew_str id, bool make, struct ew_err *err)
{
	static const struct ew_oid none;
	struct node *n = &c->root;
	enum ew_code rc;

	*r = (struct route){ .key = ew_sha256_str(c->hash, id) };
	for (unsigned level = 0;; level++) {
		unsigned d;

		r->node[level] = n;
		if ((rc = load(c, n, level, r->path, err)) != EW_OK)
			return rc;
		if (level == c->levels)
			break;
		d = digit_at(&r->key, level);
		r->path[level] = (unsigned char)d;
		if (!child_of(n, d) && !make)
			return EW_OK;
		if (!child_of(n, d) && (rc = add_child(n, d, &none, err)) != EW_OK)
			return rc;
		n = child_of(n, d);
	}
	ew_buf_clear(&c->scratch);
	ew_id_write_name(&c->scratch, id);
	ew_buf_adds(&c->scratch, ".json");
	if ((rc = ew_buf_check(&c->scratch, err)) != EW_OK)
		return rc;
	r->file = ew_buf_str(&c->scratch);
	r->found = search(n, r->file, &r->at);
	return EW_OK;
}

static void
mark_changed(struct ew_collection *c, struct route *r)
{
	for (unsigned level = 0; level <= c->levels; level++) {
		r->node[level]->changed = true;
		r->node[level]->has_trie = false;
	}
}

enum ew_code
ew_collection_find(struct ew_oid *blob, bool *found, struct ew_collection *c, struct ew_str id,
	struct ew_err *err)
{
	struct route r;
	enum ew_code rc = find_route(&r, c, id, false, err);

	*found = rc == EW_OK && r.found;
	if (*found)
		*blob = r.node[c->levels]->slot[r.at]->entry.blob;
	return rc;
}

/* Both leaf hashes from the record's bytes. */
static enum ew_code
hash_leaf(struct ew_collection *c, struct slot *s, struct ew_str record, struct ew_err *err)
{
	struct ew_sha256 digest;
	enum ew_code rc;

	ew_buf_clear(&c->scored);
	if ((rc = ew_label_scored_of(&c->scored, record, err)) != EW_OK)
		return rc;
	digest = ew_sha256_str(c->hash, record);
	s->leaf.records = ew_pin_leaf(c->hash, &s->leaf.key, &digest);
	digest = ew_sha256_str(c->hash, ew_buf_str(&c->scored));
	s->leaf.answers = ew_pin_leaf(c->hash, &s->leaf.key, &digest);
	s->has_leaf = true;
	return EW_OK;
}

enum ew_code
ew_collection_put(struct ew_collection *c, struct ew_str id, const struct ew_oid *blob,
	struct ew_str record, struct ew_err *err)
{
	struct route r;
	struct node *leaf;
	struct slot *s;
	enum ew_code rc = find_route(&r, c, id, true, err);

	if (rc != EW_OK)
		return rc;
	leaf = r.node[c->levels];
	if (r.found) {
		s = leaf->slot[r.at];
	} else {
		s = ew_arena_alloc(&leaf->arena, sizeof *s);
		if (!s || !(s->file = ew_arena_str(&leaf->arena, r.file)).p ||
		    !(s->entry.id = ew_arena_str(&leaf->arena, id)).p)
			return ew_fail_nomem(err);
		s->leaf.key = r.key;
		if ((rc = append_slot(leaf, r.at, s, err)) != EW_OK)
			return rc;
	}
	s->entry.blob = *blob;
	s->has_leaf = false;
	mark_changed(c, &r);
	return record.p ? hash_leaf(c, s, record, err) : EW_OK;
}

enum ew_code
ew_collection_remove(struct ew_collection *c, struct ew_str id, struct ew_err *err)
{
	struct route r;
	struct node *n;
	enum ew_code rc = find_route(&r, c, id, false, err);

	if (rc != EW_OK)
		return rc;
	if (!r.found)
		return ew_fail(err, EW_NOTFOUND, "%.*s: there is no such record", EW_FMT(id));
	n = r.node[c->levels];
	n->slots--;
	memmove(n->slot + r.at, n->slot + r.at + 1, (n->slots - r.at) * sizeof *n->slot);
	mark_changed(c, &r);
	return EW_OK;
}

/* --- writing --- */

/* The bytes of a folder whose children are written. */
static void
write_bytes(struct ew_buf *out, const struct ew_collection *c, const struct node *n, unsigned level)
{
	if (level == c->levels)
		for (size_t i = 0; i < n->slots; i++)
			ew_tree_add(out, false, n->slot[i]->file, &n->slot[i]->entry.blob);
	for (unsigned d = 0; d < 16; d++)
		if (child_of(n, d) && !ew_oid_is_zero(&n->child[d].tree))
			ew_tree_add(out, true, ew_str_n(&"0123456789abcdef"[d], 1), &n->child[d].tree);
}

static enum ew_code
write_node(struct ew_collection *c, struct node *n, unsigned level, struct ew_stage *stage,
	struct ew_err *err)
{
	static const struct ew_oid none;
	struct ew_oid before = n->was.len ? n->tree : none;
	struct ew_buf bytes = { 0 };
	enum ew_code rc = EW_OK;

	if (!n->changed)
		return EW_OK;
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++)
		if (child_of(n, d))
			rc = write_node(c, &n->child[d], level + 1, stage, err);
	if (rc != EW_OK)
		return rc;
	write_bytes(&bytes, c, n, level);
	rc = ew_buf_check(&bytes, err);
	if (rc == EW_OK && bytes.len == 0)
		n->tree = none;
	else if (rc == EW_OK)
		rc = ew_stage_add_tree(&n->tree, stage, ew_buf_str(&bytes), &before, ew_buf_str(&n->was),
			err);
	ew_buf_release(&n->was);
	if (n->written)
		n->was = bytes; /* transferred */
	else
		ew_buf_release(&bytes);
	n->written = true;
	if (rc != EW_OK)
		return rc;
	n->changed = false;
	if (n->has_trie && c->cache && !ew_oid_is_zero(&n->tree))
		rc = ew_cache_put(c->cache, &n->tree, level, &n->trie, err);
	return rc;
}

enum ew_code
ew_collection_write(struct ew_oid *root, struct ew_collection *c, struct ew_stage *stage,
	struct ew_err *err)
{
	enum ew_code rc = write_node(c, &c->root, 0, stage, err);

	*root = c->root.tree;
	return rc;
}

/* --- pins --- */

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct ew_leaf *)a)->key.b, ((const struct ew_leaf *)b)->key.b,
		sizeof(struct ew_sha256));
}

/* Fill in a leaf that was not hashed yet. */
static enum ew_code
need_leaf(struct ew_collection *c, struct slot *s, struct ew_err *err)
{
	enum ew_code rc;

	if (s->has_leaf)
		return EW_OK;
	if (c->cache && ew_cache_get_leaf(&s->leaf, c->cache, &s->entry.blob)) {
		s->has_leaf = true;
		return EW_OK;
	}
	ew_buf_clear(&c->scratch);
	if ((rc = ew_repo_read(&c->scratch, c->repo, &s->entry.blob, EW_BLOB, err)) == EW_OK &&
	    (rc = hash_leaf(c, s, ew_buf_str(&c->scratch), err)) == EW_REFUSED)
		err->code = EW_CORRUPT;
	if (rc != EW_OK)
		return ew_fail_at(err, "label %.*s", EW_FMT(s->entry.id));
	return c->cache ? ew_cache_put_leaf(c->cache, &s->leaf, &s->entry.blob, err) : EW_OK;
}

static enum ew_code
trie_of_records(struct ew_collection *c, struct node *n, struct ew_err *err)
{
	struct ew_leaf *leaf = calloc(n->slots ? n->slots : 1, sizeof *leaf);
	enum ew_code rc = leaf ? EW_OK : ew_fail_nomem(err);

	for (size_t i = 0; i < n->slots && rc == EW_OK; i++) {
		rc = need_leaf(c, n->slot[i], err);
		leaf[i] = n->slot[i]->leaf;
	}
	if (rc == EW_OK) {
		qsort(leaf, n->slots, sizeof *leaf, by_key);
		n->trie = ew_pin_trie(c->hash, leaf, n->slots, 4 * c->levels);
	}
	free(leaf);
	return rc;
}

static enum ew_code
trie_of(struct ew_collection *c, struct node *n, unsigned level, unsigned char *path,
	struct ew_err *err)
{
	struct ew_trie child[16] = { { 0 } };
	enum ew_code rc;

	if (n->has_trie)
		return EW_OK;
	if (c->cache && !n->changed && !ew_oid_is_zero(&n->tree) &&
	    ew_cache_get(&n->trie, c->cache, &n->tree, level)) {
		n->has_trie = true;
		return EW_OK;
	}
	if ((rc = load(c, n, level, path, err)) != EW_OK)
		return rc;
	if (level == c->levels) {
		if ((rc = trie_of_records(c, n, err)) != EW_OK)
			return rc;
	} else {
		for (unsigned d = 0; d < 16; d++) {
			if (!child_of(n, d))
				continue;
			path[level] = (unsigned char)d;
			if ((rc = trie_of(c, &n->child[d], level + 1, path, err)) != EW_OK)
				return rc;
			child[d] = n->child[d].trie;
		}
		n->trie = ew_pin_join16(c->hash, child);
	}
	n->has_trie = true;
	if (c->cache && !n->changed && !ew_oid_is_zero(&n->tree))
		rc = ew_cache_put(c->cache, &n->tree, level, &n->trie, err);
	return rc;
}

enum ew_code
ew_collection_trie(struct ew_trie *out, struct ew_collection *c, struct ew_err *err)
{
	unsigned char path[EW_FANOUT_MAX] = { 0 };
	enum ew_code rc = trie_of(c, &c->root, 0, path, err);

	*out = c->root.trie;
	return rc;
}

/* --- walking --- */

/* Loads a folder and calls `fn` for each record below it. */
static enum ew_code
each(struct ew_collection *c, struct node *n, unsigned level, unsigned char *path, ew_entry_fn *fn,
	void *user, struct ew_err *err)
{
	enum ew_code rc = load(c, n, level, path, err);

	if (level == c->levels) {
		for (size_t i = 0; i < n->slots && rc == EW_OK; i++)
			rc = fn(user, &n->slot[i]->entry, err);
		return rc;
	}
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		path[level] = (unsigned char)d;
		if (child_of(n, d))
			rc = each(c, &n->child[d], level + 1, path, fn, user, err);
	}
	return rc;
}

enum ew_code
ew_collection_each(struct ew_collection *c, ew_entry_fn *fn, void *user, struct ew_err *err)
{
	unsigned char path[EW_FANOUT_MAX] = { 0 };

	return each(c, &c->root, 0, path, fn, user, err);
}

/* A folder that nothing was changed in is read again when it is needed. */
static void
forget(struct node *n)
{
	if (!n->changed && !ew_oid_is_zero(&n->tree)) {
		release_below(n);
		n->loaded = false;
		return;
	}
	for (unsigned d = 0; d < 16; d++)
		if (child_of(n, d))
			forget(&n->child[d]);
}

void
ew_collection_forget(struct ew_collection *c)
{
	forget(&c->root);
	ew_arena_release(&c->reported);
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
each_batch(struct batches *b, struct node *n, unsigned level, struct ew_err *err)
{
	struct ew_collection *c = b->collection;
	enum ew_code rc;

	if (level + BATCH_LEVELS >= c->levels) {
		rc = each(c, n, level, b->path, add_to_batch, b, err);
		if (rc == EW_OK)
			rc = give_batches(b, err);
		forget(n);
		return rc;
	}
	rc = load(c, n, level, b->path, err);
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		b->path[level] = (unsigned char)d;
		if (child_of(n, d))
			rc = each_batch(b, &n->child[d], level + 1, err);
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

/* --- comparing --- */

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
merge_slots(struct comparing *k, struct slot **a, size_t an, struct slot **b, size_t bn,
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
	struct node *node;
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	bool more;
};

static enum ew_code
open_leaf(struct leaf_reader *l, struct ew_collection *c, struct node *n, struct ew_buf *bytes,
	struct ew_err *err)
{
	enum ew_code rc;

	l->collection = c;
	l->node = n;
	ew_buf_clear(bytes);
	if ((rc = ew_repo_read(bytes, c->repo, &n->tree, EW_TREE, err)) != EW_OK)
		return rc;
	ew_tree_reader_init(&l->reader, ew_buf_str(bytes), &n->tree);
	l->more = ew_tree_next(&l->reader, &l->item, err);
	return err->code;
}

/* The entry of the item that the reader is at; NULL without `wanted`. */
static enum ew_code
take_entry(const struct ew_entry **out, bool wanted, const struct comparing *k,
	struct leaf_reader *l, struct ew_err *err)
{
	struct slot *s;
	enum ew_code rc;

	*out = NULL;
	if (!wanted)
		return EW_OK;
	rc = read_slot(&s, &l->collection->reported, l->collection, l->node, k->path, &l->item, err);
	if (rc == EW_OK)
		*out = &s->entry;
	return rc;
}

/* Only what differs is looked at, since most in a folder is the same on both sides. */
static enum ew_code
merge_leaves(struct comparing *k, struct node *a, struct node *b, struct ew_err *err)
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
compare_nodes(struct comparing *k, struct node *a, struct node *b, unsigned level,
	struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (!a || !b) {
		struct one_side s = { k, a != NULL };

		return !a && !b ? EW_OK
				: each(a ? k->a : k->b, a ? a : b, level, k->path, report_one, &s, err);
	}
	if (!a->changed && !b->changed && ew_oid_eq(&a->tree, &b->tree))
		return EW_OK;
	if (level == k->a->levels && !a->loaded && !b->loaded)
		return merge_leaves(k, a, b, err);
	if ((rc = load(k->a, a, level, k->path, err)) != EW_OK ||
	    (rc = load(k->b, b, level, k->path, err)) != EW_OK)
		return rc;
	if (level == k->a->levels)
		return merge_slots(k, a->slot, a->slots, b->slot, b->slots, err);
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		k->path[level] = (unsigned char)d;
		rc = compare_nodes(k, child_of(a, d), child_of(b, d), level + 1, err);
	}
	return rc;
}

/* All records of a collection, in the order of their file names. */
struct listing {
	struct slot **slot;
	size_t n;
};

static int
by_file(const void *a, const void *b)
{
	return ew_str_cmp((*(struct slot *const *)a)->file, (*(struct slot *const *)b)->file);
}

static enum ew_code
list_one(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct listing *l = user;

	(void)err;
	/* The entry is the first member of its slot. */
	l->slot[l->n++] = (struct slot *)(uintptr_t)e;
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

	rc = a && b && a->levels != b->levels
		? compare_listings(&k, err)
		: compare_nodes(&k, a ? &a->root : NULL, b ? &b->root : NULL, 0, err);
	ew_buf_release(&k.bytes[0]);
	ew_buf_release(&k.bytes[1]);
	return rc;
}
