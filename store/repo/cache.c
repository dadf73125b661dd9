/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/cache.h"

#include "base/map.h"
#include "repo/runs.h"

#include <stdlib.h>
#include <string.h>

/* A row: the level, the tree, the number of labels, both roots. */
enum { TREE = 20, KEY = 1 + TREE, COUNT = 8, PIN = 32, ROW = KEY + COUNT + 2 * PIN };

struct ew_cache {
	struct ew_hash *hash;
	struct ew_buf dir;
	struct ew_runs *runs;
	struct ew_arena arena; /* what is new: its rows, by tree in the map */
	struct ew_map fresh;
};

static enum ew_code
open_runs(struct ew_runs **out, const struct ew_cache *c, struct ew_err *err)
{
	return ew_runs_open(out, c->hash, c->dir.p, "tries", ROW, err);
}

enum ew_code
ew_cache_open(struct ew_cache **out, struct ew_repo *repo, struct ew_err *err)
{
	struct ew_cache *c = calloc(1, sizeof *c);
	enum ew_code rc;

	*out = NULL;
	if (!c)
		return ew_fail_nomem(err);
	c->hash = ew_repo_hash(repo);
	ew_buf_addf(&c->dir, "%s/ellwand", ew_repo_path(repo));
	rc = ew_buf_check(&c->dir, err);
	if (rc == EW_OK)
		rc = open_runs(&c->runs, c, err);
	if (rc != EW_OK) {
		ew_cache_free(c);
		return rc;
	}
	*out = c;
	return EW_OK;
}

void
ew_cache_free(struct ew_cache *c)
{
	if (!c)
		return;
	ew_runs_free(c->runs);
	ew_map_release(&c->fresh);
	ew_arena_release(&c->arena);
	ew_buf_release(&c->dir);
	free(c);
}

static void
put_key(unsigned char key[KEY], const struct ew_oid *tree, unsigned level)
{
	key[0] = (unsigned char)level;
	memcpy(key + 1, tree->b, TREE);
}

static void
put_row(unsigned char row[ROW], const unsigned char key[KEY], const struct ew_trie *trie)
{
	memcpy(row, key, KEY);
	for (int i = 0; i < COUNT; i++)
		row[KEY + i] = (unsigned char)(trie->count >> (8 * (COUNT - 1 - i)));
	memcpy(row + KEY + COUNT, trie->records.b, PIN);
	memcpy(row + KEY + COUNT + PIN, trie->answers.b, PIN);
}

static void
get_row(struct ew_trie *out, const unsigned char row[ROW])
{
	out->count = 0;
	for (int i = 0; i < COUNT; i++)
		out->count = out->count << 8 | row[KEY + i];
	memcpy(out->records.b, row + KEY + COUNT, PIN);
	memcpy(out->answers.b, row + KEY + COUNT + PIN, PIN);
}

bool
ew_cache_get(struct ew_trie *out, const struct ew_cache *c, const struct ew_oid *tree,
	unsigned level)
{
	unsigned char bytes[KEY] = { 0 };
	struct ew_str key = ew_str_n(bytes, KEY);
	const unsigned char *row;

	put_key(bytes, tree, level);
	row = ew_map_get(&c->fresh, key);

	if (!row)
		row = ew_runs_find(c->runs, key);
	if (row)
		get_row(out, row);
	return row;
}

enum ew_code
ew_cache_put(struct ew_cache *c, const struct ew_oid *tree, unsigned level,
	const struct ew_trie *trie, struct ew_err *err)
{
	unsigned char bytes[KEY] = { 0 };
	struct ew_str key = ew_str_n(bytes, KEY);
	unsigned char *row;

	put_key(bytes, tree, level);
	row = ew_map_get(&c->fresh, key);

	if (row || ew_runs_find(c->runs, key))
		return EW_OK;
	row = ew_arena_alloc(&c->arena, ROW);
	if (!row)
		return ew_fail_nomem(err);
	put_row(row, bytes, trie);
	return ew_map_set(&c->fresh, ew_str_n(row, KEY), row, err);
}

/* What is new, on top of what other processes saved meanwhile. */
static enum ew_code
save_rows(struct ew_cache *c, struct ew_str rows, struct ew_err *err)
{
	const struct ew_runs_mark none = { { 0 } };
	struct ew_runs *now;
	enum ew_code rc = open_runs(&now, c, err);

	if (rc != EW_OK)
		return rc;
	ew_runs_free(c->runs);
	c->runs = now;
	/* A file that turned out to be damaged is left out the next time. */
	while ((rc = ew_runs_add(now, rows, &none, err)) == EW_CORRUPT)
		ew_err_clear(err);
	return rc;
}

void
ew_cache_save(struct ew_cache *c)
{
	struct ew_buf rows = { 0 };
	struct ew_err why = { 0 };

	if (c->fresh.count == 0)
		return;
	for (size_t i = 0; i < c->fresh.size; i++)
		if (c->fresh.slot[i].value)
			ew_buf_addmem(&rows, c->fresh.slot[i].value, ROW);
	if (ew_buf_check(&rows, &why) == EW_OK && save_rows(c, ew_buf_str(&rows), &why) == EW_OK) {
		ew_map_release(&c->fresh);
		ew_arena_reset(&c->arena);
	}
	ew_buf_release(&rows);
}
