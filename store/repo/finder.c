/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/finder.h"

#include "base/map.h"
#include "model/id.h"
#include "model/manifest.h"
#include "repo/treefile.h"

#include <stdlib.h>
#include <string.h>

/* A folder as it is stored: its items are all folders, or all records. */
struct folder {
	struct ew_str bytes;
	const uint32_t *name; /* where each item's is, which a NUL ends; ascending */
	size_t items;
};

struct ew_finder {
	struct ew_repo *repo;
	struct ew_oid root;
	unsigned levels;
	size_t most;
	struct ew_map folders; /* struct folder by the digits of its path */
	struct ew_arena arena; /* theirs */
	struct ew_buf bytes, names; /* of the folder that is read */
	struct ew_buf file; /* name of the file that is looked for */
};

enum ew_code
ew_finder_open(struct ew_finder **out, struct ew_repo *repo, const struct ew_oid *root,
	unsigned levels, size_t most, struct ew_err *err)
{
	struct ew_finder *f = calloc(1, sizeof *f);

	*out = f;
	if (!f)
		return ew_fail_nomem(err);
	f->repo = repo;
	f->root = *root;
	f->levels = levels;
	f->most = most;
	return EW_OK;
}

static void
forget(struct ew_finder *f)
{
	ew_map_release(&f->folders);
	ew_arena_release(&f->arena);
}

void
ew_finder_free(struct ew_finder *f)
{
	if (!f)
		return;
	forget(f);
	ew_buf_release(&f->bytes);
	ew_buf_release(&f->names);
	ew_buf_release(&f->file);
	free(f);
}

/* --- reading a folder --- */

static enum ew_code
fail_item(const struct ew_oid *tree, struct ew_str name, struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, tree->b, sizeof tree->b);
	return ew_fail(err, EW_CORRUPT,
		"tree %s: \"%.*s\" has no place there; restore the store from a good copy", hex,
		EW_FMT(name));
}

/* Note where the names are.  That they ascend is so when all items are of one sort. */
static enum ew_code
index_names(struct ew_finder *f, const struct ew_oid *tree, unsigned level, struct ew_err *err)
{
	struct ew_tree_reader reader;
	struct ew_tree_item item;

	ew_buf_clear(&f->names);
	ew_tree_reader_init(&reader, ew_buf_str(&f->bytes), tree);
	while (ew_tree_next(&reader, &item, err)) {
		const uint32_t at = (uint32_t)(item.name.p - f->bytes.p);

		if (item.folder ? level == f->levels || item.name.len != 1 : level < f->levels)
			return fail_item(tree, item.name, err);
		ew_buf_addmem(&f->names, &at, sizeof at);
	}
	return err->code == EW_OK ? ew_buf_check(&f->names, err) : err->code;
}

/* Keep the folder that was read, by its path. */
static enum ew_code
keep(struct folder **out, struct ew_finder *f, struct ew_str path, struct ew_err *err)
{
	struct folder *folder;
	struct ew_str key;
	uint32_t *name;

	if (f->arena.total >= f->most)
		forget(f);
	folder = ew_arena_alloc(&f->arena, sizeof *folder);
	name = ew_arena_alloc(&f->arena, f->names.len);
	key = ew_arena_str(&f->arena, path);
	if (!folder || !name || !key.p ||
	    !(folder->bytes = ew_arena_str(&f->arena, ew_buf_str(&f->bytes))).p)
		return ew_fail_nomem(err);
	if (f->names.len)
		memcpy(name, f->names.p, f->names.len);
	folder->name = name;
	folder->items = f->names.len / sizeof *name;
	*out = folder;
	return ew_map_set(&f->folders, key, folder, err);
}

static enum ew_code
read_folder(struct folder **out, struct ew_finder *f, struct ew_str path, const struct ew_oid *tree,
	struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&f->bytes);
	if ((rc = ew_repo_read(&f->bytes, f->repo, tree, EW_TREE, err)) != EW_OK ||
	    (rc = index_names(f, tree, (unsigned)path.len, err)) != EW_OK)
		return rc;
	return keep(out, f, path, err);
}

/* --- finding --- */

/* The object behind a name, which a NUL ends. */
static bool
search(struct ew_oid *out, const struct folder *folder, const char *name)
{
	size_t lo = 0, hi = folder->items;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const char *there = folder->bytes.p + folder->name[mid];
		const int d = strcmp(there, name);

		if (d == 0) {
			memcpy(out->b, there + strlen(name) + 1, sizeof out->b);
			return true;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* The folder at the end of a path of digits; NULL if there is none. */
static enum ew_code
need_folder(struct folder **out, struct ew_finder *f, struct ew_str path, struct ew_err *err)
{
	struct ew_oid tree = f->root;
	enum ew_code rc;

	if ((*out = ew_map_get(&f->folders, path)))
		return EW_OK;
	if (path.len) {
		const char digit[2] = { path.p[path.len - 1] };
		struct folder *above;

		rc = need_folder(&above, f, ew_str_part(path, 0, path.len - 1), err);
		if (rc != EW_OK || !above || !search(&tree, above, digit))
			return rc;
	}
	return ew_oid_is_zero(&tree) ? EW_OK : read_folder(out, f, path, &tree, err);
}

enum ew_code
ew_finder_find(struct ew_oid *blob, bool *found, struct ew_finder *f, struct ew_str id,
	struct ew_err *err)
{
	const struct ew_sha256 key = ew_sha256_str(ew_repo_hash(f->repo), id);
	char digits[2 * sizeof key.b + 1];
	struct folder *folder;
	enum ew_code rc;

	*found = false;
	ew_hex(digits, key.b, (EW_FANOUT_MAX + 1) / 2);
	if ((rc = need_folder(&folder, f, ew_str_n(digits, f->levels), err)) != EW_OK || !folder)
		return rc;
	ew_buf_clear(&f->file);
	ew_id_write_name(&f->file, id);
	ew_buf_adds(&f->file, ".json");
	if ((rc = ew_buf_check(&f->file, err)) == EW_OK)
		*found = search(blob, folder, f->file.p);
	return rc;
}
