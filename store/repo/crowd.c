/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crew.h"
#include "repo/cache.h"
#include "repo/folder.h"

#include <stdlib.h>
#include <string.h>

enum {
	TAKEN = 16, /* folders at a time, whose records are read in the order of the disk */
	HAND_LEAST = 2 * TAKEN, /* folders that are worth a thread */
};

struct task {
	struct ew_folder *folder;
	unsigned char path[EW_FANOUT_MAX];
	bool was_loaded;
};

/* A few tasks, done together. */
struct job {
	struct task *first;
	size_t n;
	bool to_change;
};

/* What one thread works with; the first is the caller's. */
struct member {
	struct ew_folder_reader *reader, own;
	struct ew_buf oids, slots, places; /* of a job; places are in the order of the disk */
};

struct ew_crowd {
	struct member member[EW_CREW_MOST];
	size_t members; /* that are open */
	struct ew_buf tasks;
};

static enum ew_code
need_crowd(struct ew_collection *c, struct ew_err *err)
{
	struct ew_crowd *w = c->crowd;

	if (w)
		return EW_OK;
	if (!(c->crowd = w = calloc(1, sizeof *w)))
		return ew_fail_nomem(err);
	w->member[0].reader = &c->reader;
	w->members = 1;
	return EW_OK;
}

void
ew_crowd_free(struct ew_crowd *w)
{
	for (size_t i = 0; w && i < w->members; i++) {
		struct member *m = &w->member[i];

		ew_buf_release(&m->oids);
		ew_buf_release(&m->slots);
		ew_buf_release(&m->places);
		ew_folder_reader_release(&m->own);
		ew_source_release(&m->own.source);
	}
	if (w)
		ew_buf_release(&w->tasks);
	free(w);
}

static struct task *
task_at(const struct ew_crowd *w, size_t i)
{
	return (struct task *)(void *)w->tasks.p + i;
}

static size_t
count_tasks(const struct ew_crowd *w)
{
	return w->tasks.len / sizeof(struct task);
}

enum ew_code
ew_crowd_add(struct ew_collection *c, struct ew_folder *f, const unsigned char *path, struct ew_err *err)
{
	struct task t = { .folder = f, .was_loaded = f->loaded };
	enum ew_code rc = need_crowd(c, err);

	if (rc != EW_OK || f->queued)
		return rc;
	memcpy(t.path, path, c->reader.levels);
	ew_buf_addmem(&c->crowd->tasks, &t, sizeof t);
	f->queued = true;
	return ew_buf_check(&c->crowd->tasks, err);
}

/* --- one member --- */

/* The records of a folder that have no leaf yet. */
static void
list_records(struct member *m, struct task *t)
{
	const struct ew_folder *f = t->folder;
	struct ew_err why = { 0 };

	if (ew_folder_load(t->folder, m->reader, m->reader->levels, t->path, &why) != EW_OK)
		return;
	for (size_t i = 0; i < f->slots; i++)
		if (!f->slot[i]->has_leaf) {
			ew_buf_addmem(&m->oids, &f->slot[i]->entry.blob, sizeof f->slot[i]->entry.blob);
			ew_buf_addmem(&m->slots, &f->slot[i], sizeof f->slot[i]);
		}
}

/* Those that lie in packs, in the order in which they lie there. */
static void
hash_records(struct member *m)
{
	struct ew_slot **slot = (struct ew_slot **)(void *)m->slots.p;
	const struct ew_oid *oid = (const struct ew_oid *)(const void *)m->oids.p;
	const size_t n = m->oids.len / sizeof *oid;
	struct ew_packs *packs = ew_packs_hold(ew_odb_packs(m->reader->source.odb));
	struct ew_buf *record = &m->reader->record;
	struct ew_place *place;

	ew_buf_clear(&m->places);
	place = (struct ew_place *)(void *)ew_buf_room(&m->places, n * sizeof *place);
	if (place && m->oids.bad == EW_OK && m->slots.bad == EW_OK) {
		ew_packs_order(place, packs, oid, n);
		for (size_t i = 0; i < n; i++) {
			const size_t k = place[i].index;
			struct ew_err why = { 0 };

			ew_packs_expect(place, i, n);
			ew_buf_clear(record);
			if (place[i].pack && ew_odb_read_at(record, m->reader->source.odb, &place[i], &oid[k],
						    EW_BLOB, &why) == EW_OK)
				(void)!ew_folder_hash_leaf(slot[k], m->reader, ew_buf_str(record), &why);
		}
	}
	ew_packs_free(packs);
}

static void
finish(struct member *m, struct task *t, bool to_change)
{
	struct ew_folder *f = t->folder;
	struct ew_err why = { 0 };

	f->hashed = f->loaded;
	for (size_t i = 0; i < f->slots; i++)
		f->hashed &= f->slot[i]->has_leaf;
	if (f->hashed && ew_folder_trie_of_leaves(f, m->reader, to_change, &why) == EW_OK && !to_change &&
	    !t->was_loaded)
		ew_folder_release(f);
}

static enum ew_code
work(void *tool, void *work, struct ew_err *err)
{
	struct member *m = tool;
	const struct job *j = work;

	(void)err;
	ew_buf_clear(&m->oids);
	ew_buf_clear(&m->slots);
	for (size_t i = 0; i < j->n; i++)
		list_records(m, &j->first[i]);
	hash_records(m);
	for (size_t i = 0; i < j->n; i++)
		finish(m, &j->first[i], j->to_change);
	return EW_OK;
}

/* --- all of them --- */

static bool
open_member(struct ew_collection *c, struct ew_crowd *w)
{
	struct member *m = &w->member[w->members];
	struct ew_err why = { 0 };

	*m = (struct member){ .reader = &m->own };
	m->own.levels = c->reader.levels;
	if (ew_source_open(&m->own.source, &c->reader.source, &why) != EW_OK)
		return false;
	w->members++;
	return true;
}

/* As many hands as there is work for. */
static size_t
need_members(struct ew_collection *c)
{
	struct ew_crowd *w = c->crowd;
	const size_t worth = count_tasks(w) / HAND_LEAST;
	size_t n = ew_crew_hands();

	if (n > worth)
		n = worth ? worth : 1;
	while (w->members < n && open_member(c, w))
		continue;
	return n < w->members ? n : w->members;
}

/* All tasks, by `n` hands. */
static enum ew_code
work_all(struct ew_crowd *w, size_t n, bool to_change, struct ew_err *err)
{
	struct job job[2 * EW_CREW_MOST] = { { NULL } };
	const size_t room = 2 * n, all = count_tasks(w);
	void *tool[EW_CREW_MOST], *done = NULL;
	struct ew_crew *crew;
	size_t from = 0, given = 0;
	enum ew_code rc;

	for (size_t i = 0; i < n; i++)
		tool[i] = &w->member[i];
	if ((rc = ew_crew_open(&crew, n, room, work, tool, err)) != EW_OK)
		return rc;
	do {
		for (; from < all && ew_crew_has_room(crew); from += TAKEN) {
			struct job *j = &job[given++ % room];

			*j = (struct job){ task_at(w, from), all - from < TAKEN ? all - from : TAKEN, to_change };
			ew_crew_give(crew, j);
		}
		rc = ew_crew_take(&done, crew, err);
	} while (rc == EW_OK && done);
	ew_crew_free(crew);
	return rc;
}

/* What others hashed is remembered here: the cache is the caller's thread's. */
static enum ew_code
remember(struct ew_collection *c, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < count_tasks(c->crowd) && rc == EW_OK; i++) {
		const struct ew_folder *f = task_at(c->crowd, i)->folder;

		if (c->cache && f->has_trie && !f->changed && !ew_oid_is_zero(&f->tree))
			rc = ew_cache_put(c->cache, &f->tree, c->reader.levels, &f->trie, err);
	}
	return rc;
}

enum ew_code
ew_crowd_run(struct ew_collection *c, bool to_change, struct ew_err *err)
{
	struct ew_crowd *w = c->crowd;
	enum ew_code rc;

	if (!w || !w->tasks.len)
		return EW_OK;
	rc = work_all(w, need_members(c), to_change, err);
	if (rc == EW_OK && !to_change)
		rc = remember(c, err);
	for (size_t i = 0; i < count_tasks(w); i++)
		task_at(w, i)->folder->queued = false;
	ew_buf_clear(&w->tasks);
	return rc;
}
