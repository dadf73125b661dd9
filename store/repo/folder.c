/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/folder.h"

#include "model/id.h"
#include "model/label.h"

#include <stdlib.h>
#include <string.h>

enum { ITEM_LEAST = sizeof "100644 x.json" + sizeof(struct ew_oid) };

void
ew_folder_init(struct ew_folder *f, const struct ew_oid *tree)
{
	f->there = true;
	f->tree = *tree;
	f->loaded = ew_oid_is_zero(tree);
}

void
ew_folder_release(struct ew_folder *f)
{
	for (unsigned d = 0; f->child && d < 16; d++) {
		ew_folder_release(&f->child[d]);
		ew_buf_release(&f->child[d].was);
	}
	f->child = NULL;
	f->slot = NULL;
	f->slots = f->room = 0;
	f->joins = NULL;
	f->by_digit = NULL;
	f->had_trie = false;
	f->hashed = false;
	f->loaded = ew_oid_is_zero(&f->tree);
	ew_arena_release(&f->arena);
}

enum ew_code
ew_folder_add_child(struct ew_folder *f, unsigned digit, const struct ew_oid *tree, struct ew_err *err)
{
	if (!f->child && !(f->child = ew_arena_array(&f->arena, 16, sizeof *f->child)))
		return ew_fail_nomem(err);
	ew_folder_init(&f->child[digit], tree);
	return EW_OK;
}

/* --- records --- */

enum ew_code
ew_folder_insert(struct ew_folder *f, size_t at, struct ew_slot *s, struct ew_err *err)
{
	if (f->slots == f->room) {
		size_t room = f->room ? f->room * 2 : 16;
		struct ew_slot **more = ew_arena_array(&f->arena, room, sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		if (f->slots)
			memcpy(more, f->slot, f->slots * sizeof *more);
		f->slot = more;
		f->room = room;
	}
	memmove(f->slot + at + 1, f->slot + at, (f->slots - at) * sizeof *f->slot);
	f->slot[at] = s;
	f->slots++;
	return EW_OK;
}

bool
ew_folder_search(const struct ew_folder *f, struct ew_str file, size_t *at)
{
	size_t lo = 0, hi = f->slots;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = ew_str_cmp(f->slot[mid]->file, file);

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

enum ew_code
ew_folder_hash_leaf(struct ew_slot *s, struct ew_folder_reader *r, struct ew_str record,
	struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&r->scored);
	if ((rc = ew_label_scored_of(&r->scored, record, err)) != EW_OK)
		return rc;
	ew_pin_leaves(&s->leaf, r->source.hash, record, ew_buf_str(&r->scored));
	s->has_leaf = true;
	return EW_OK;
}

/* --- reading --- */

void
ew_folder_reader_release(struct ew_folder_reader *r)
{
	ew_buf_release(&r->name);
	ew_buf_release(&r->record);
	ew_buf_release(&r->scored);
}

enum ew_code
ew_folder_read_object(struct ew_buf *out, struct ew_folder_reader *r, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	bool found;
	enum ew_code rc = ew_source_read(out, &found, &r->source, oid, type, err);

	return rc == EW_OK && !found ? ew_object_fail(err, oid, "missing") : rc;
}

static enum ew_code
fail_tree(struct ew_err *err, const struct ew_oid *tree, const char *what, struct ew_str name)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, tree->b, sizeof tree->b);
	return ew_fail(err, EW_CORRUPT, "tree %s: %s: \"%.*s\"; restore the store from a good copy", hex,
		what, EW_FMT(name));
}

enum ew_code
ew_folder_fail_empty(const struct ew_oid *tree, struct ew_err *err)
{
	return fail_tree(err, tree, "an empty folder has no place in a store", EW_LIT(""));
}

/* The id that a file name stands for; most are the name itself. */
static enum ew_code
read_name(struct ew_str *id, struct ew_folder_reader *r, const struct ew_oid *tree,
	const struct ew_tree_item *item, struct ew_err *err)
{
	const struct ew_str bare = ew_str_part(item->name, 0, item->name.len - strlen(".json"));

	ew_buf_clear(&r->name);
	if (item->folder || !ew_str_ends(item->name, ".json") || !ew_id_read_name(&r->name, bare)) {
		if (r->name.bad != EW_OK)
			return ew_buf_check(&r->name, err);
		return fail_tree(err, tree, "not the name of a record", item->name);
	}
	*id = ew_str_eq(ew_buf_str(&r->name), bare) ? bare : ew_buf_str(&r->name);
	return EW_OK;
}

enum ew_code
ew_folder_entry(struct ew_entry *out, struct ew_sha256 *key, struct ew_folder_reader *r,
	const struct ew_oid *tree, const unsigned char *path, const struct ew_tree_item *item,
	struct ew_err *err)
{
	enum ew_code rc = read_name(&out->id, r, tree, item, err);

	if (rc != EW_OK)
		return rc;
	out->blob = item->oid;
	*key = ew_sha256_str(r->source.hash, out->id);
	for (unsigned i = 0; i < r->levels; i++)
		if (ew_folder_digit(key, i) != path[i])
			return fail_tree(err, tree, "record in a folder that is not its own", item->name);
	return EW_OK;
}

enum ew_code
ew_folder_slot(struct ew_slot **out, struct ew_arena *arena, struct ew_folder_reader *r,
	const struct ew_oid *tree, const unsigned char *path, const struct ew_tree_item *item,
	struct ew_err *err)
{
	struct ew_slot *s = ew_arena_alloc(arena, sizeof *s);
	enum ew_code rc;

	if (!s)
		return ew_fail_nomem(err);
	if ((rc = ew_folder_entry(&s->entry, &s->leaf.key, r, tree, path, item, err)) != EW_OK)
		return rc;
	s->file = ew_arena_str(arena, item->name);
	s->entry.id = s->entry.id.p == item->name.p ? ew_str_part(s->file, 0, s->entry.id.len)
						    : ew_arena_str(arena, s->entry.id);
	if (!s->file.p || !s->entry.id.p)
		return ew_fail_nomem(err);
	*out = s;
	return EW_OK;
}

enum ew_code
ew_folder_item_digit(unsigned *out, const struct ew_oid *tree, const struct ew_tree_item *item,
	struct ew_err *err)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = item->name.len == 1 ? memchr(digits, item->name.p[0], 16) : NULL;

	if (!item->folder || !at)
		return fail_tree(err, tree, "not a folder of the fan-out", item->name);
	*out = (unsigned)(at - digits);
	return EW_OK;
}

static enum ew_code
load_item(struct ew_folder *f, struct ew_folder_reader *r, unsigned level, const unsigned char *path,
	const struct ew_tree_item *item, struct ew_err *err)
{
	struct ew_slot *s;
	unsigned digit;
	enum ew_code rc;

	if (level < r->levels) {
		rc = ew_folder_item_digit(&digit, &f->tree, item, err);
		return rc == EW_OK ? ew_folder_add_child(f, digit, &item->oid, err) : rc;
	}
	rc = ew_folder_slot(&s, &f->arena, r, &f->tree, path, item, err);
	return rc == EW_OK ? ew_folder_insert(f, f->slots, s, err) : rc;
}

enum ew_code
ew_folder_load(struct ew_folder *f, struct ew_folder_reader *r, unsigned level,
	const unsigned char *path, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	enum ew_code rc;

	if (f->loaded)
		return EW_OK;
	if ((rc = ew_folder_read_object(&bytes, r, &f->tree, EW_TREE, err)) != EW_OK)
		goto done;
	ew_tree_reader_init(&reader, ew_buf_str(&bytes), &f->tree);
	while (rc == EW_OK && ew_tree_next(&reader, &item, err))
		rc = load_item(f, r, level, path, &item, err);
	if (rc == EW_OK && (rc = err->code) == EW_OK && reader.at == 0)
		rc = ew_folder_fail_empty(&f->tree, err);
	f->loaded = rc == EW_OK;
done:
	if (rc != EW_OK)
		ew_folder_release(f);
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_folder_each(struct ew_folder *f, struct ew_folder_reader *r, unsigned level, unsigned char *path,
	ew_entry_fn *fn, void *user, struct ew_err *err)
{
	enum ew_code rc = ew_folder_load(f, r, level, path, err);

	if (level == r->levels) {
		for (size_t i = 0; i < f->slots && rc == EW_OK; i++)
			rc = fn(user, &f->slot[i]->entry, err);
		return rc;
	}
	for (unsigned d = 0; d < 16 && rc == EW_OK; d++) {
		path[level] = (unsigned char)d;
		if (ew_folder_child(f, d))
			rc = ew_folder_each(&f->child[d], r, level + 1, path, fn, user, err);
	}
	return rc;
}
