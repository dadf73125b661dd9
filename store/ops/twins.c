/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/twins.h"

#include "base/map.h"
#include "model/id.h"
#include "ops/lookup.h"

#include <stdlib.h>

enum { KEPT = 1 << 20 /* bytes of folders */ };

/* --- all ids of a version, with their texts --- */

/* An id that was seen, by its folded form in the map. */
struct seen {
	struct ew_str id;
	struct ew_str split; /* of its label; absent while only its instance was seen */
};

struct checking {
	struct ew_str split; /* of the collection that is walked; absent: of instances */
	struct ew_map ids;
	struct ew_arena arena;
	struct ew_buf fold;
};

/* Most ids are folded already. */
static enum ew_code
add_id(struct checking *t, struct ew_str id, struct ew_err *err)
{
	struct seen *seen = ew_arena_alloc(&t->arena, sizeof *seen);
	struct ew_str key = ew_arena_str(&t->arena, ew_buf_str(&t->fold));

	if (!seen || !key.p)
		return ew_fail_nomem(err);
	seen->split = t->split;
	seen->id = ew_str_eq(id, key) ? key : ew_arena_str(&t->arena, id);
	return seen->id.p ? ew_map_set(&t->ids, key, seen, err) : ew_fail_nomem(err);
}

static enum ew_code
check_id(void *user, const struct ew_entry *none, const struct ew_entry *e, struct ew_err *err)
{
	struct checking *t = user;
	struct seen *seen;
	enum ew_code rc;

	(void)none;
	ew_buf_clear(&t->fold);
	if ((rc = ew_id_fold(&t->fold, e->id, err)) != EW_OK)
		return rc;
	seen = ew_map_get(&t->ids, ew_buf_str(&t->fold));
	if (!seen)
		return add_id(t, e->id, err);
	if (!ew_str_eq(seen->id, e->id))
		return ew_fail(err, EW_NO, "ids %.*s and %.*s differ by case alone", EW_FMT(seen->id),
			EW_FMT(e->id));
	if (seen->split.p)
		return ew_fail(err, EW_NO, "label %.*s stands in two splits, %.*s and %.*s", EW_FMT(e->id),
			EW_FMT(seen->split), EW_FMT(t->split));
	seen->split = t->split;
	return EW_OK;
}

/* EW_NO naming both if there are twins, for where hashes agree. */
static enum ew_code
compare_texts(struct ew_snapshot *s, struct ew_err *err)
{
	static const char labels[] = "labels/";
	struct checking t = { .split = { NULL, 0 } };
	struct ew_collection *c;
	struct ew_str *name;
	size_t n;
	enum ew_code rc = ew_snapshot_collections(&name, &n, s, err);

	/* Instances come first: their collection's name is the smallest here. */
	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		if (ew_str_starts(name[i], labels))
			t.split = ew_str_part(name[i], sizeof labels - 1, name[i].len);
		if ((rc = ew_snapshot_collection(&c, s, name[i], false, 0, err)) == EW_OK)
			rc = ew_collection_compare(NULL, c, check_id, &t, err);
	}
	ew_map_release(&t.ids);
	ew_arena_release(&t.arena);
	ew_buf_release(&t.fold);
	return rc;
}

/* --- ids that were met --- */

void
ew_twins_release(struct ew_twins *t)
{
	ew_buf_release(&t->met);
	ew_buf_release(&t->fresh);
	ew_buf_release(&t->merged);
	ew_buf_release(&t->fold);
}

enum ew_code
ew_twins_meet(struct ew_twins *t, struct ew_str id, struct ew_err *err)
{
	uint64_t hash;
	enum ew_code rc;

	ew_buf_clear(&t->fold);
	if ((rc = ew_id_fold(&t->fold, id, err)) != EW_OK)
		return rc;
	hash = ew_map_hash(ew_buf_str(&t->fold));
	ew_buf_addmem(&t->fresh, &hash, sizeof hash);
	return ew_buf_check(&t->fresh, err);
}

static int
by_hash(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

enum ew_code
ew_twins_settle(bool *likely, struct ew_twins *t, struct ew_err *err)
{
	const uint64_t *met = (const uint64_t *)(void *)t->met.p;
	uint64_t *fresh = (uint64_t *)(void *)t->fresh.p;
	const size_t n = t->met.len / sizeof *met, m = t->fresh.len / sizeof *fresh;
	struct ew_buf before = t->met;
	uint64_t next, previous = 0;
	size_t i = 0, k = 0;

	*likely = false;
	if (m)
		qsort(fresh, m, sizeof *fresh, by_hash);
	ew_buf_clear(&t->merged);
	while (i < n || k < m) {
		next = k == m || (i < n && met[i] <= fresh[k]) ? met[i++] : fresh[k++];
		if (t->merged.len && next == previous) {
			*likely = true;
			continue;
		}
		ew_buf_addmem(&t->merged, &next, sizeof next);
		previous = next;
	}
	t->met = t->merged;
	t->merged = before;
	ew_buf_clear(&t->fresh);
	return ew_buf_check(&t->met, err);
}

/* --- a version --- */

struct meeting {
	struct ew_twins twins;
	struct ew_lookup *lookup;
};

static enum ew_code
meet_label(void *user, const struct ew_entry *none, const struct ew_entry *e, struct ew_err *err)
{
	struct meeting *m = user;

	(void)none;
	return ew_twins_meet(&m->twins, e->id, err);
}

/* One whose label was met under the same id is nobody's twin. */
static enum ew_code
meet_instance(void *user, const struct ew_entry *none, const struct ew_entry *e, struct ew_err *err)
{
	struct meeting *m = user;
	struct ew_str split;
	struct ew_oid blob;
	enum ew_code rc = ew_lookup_label(&split, &blob, m->lookup, e->id, err);

	(void)none;
	return rc == EW_OK && !split.p ? ew_twins_meet(&m->twins, e->id, err) : rc;
}

static enum ew_code
meet_all(struct meeting *m, struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_collection *c;
	struct ew_str *split;
	size_t n;
	enum ew_code rc = ew_snapshot_splits(&split, &n, s, err);

	for (size_t i = 0; i < n && rc == EW_OK; i++)
		if ((rc = ew_snapshot_labels(&c, s, split[i], err)) == EW_OK)
			rc = ew_collection_compare(NULL, c, meet_label, m, err);
	if (rc == EW_OK)
		rc = ew_snapshot_collection(&c, s, EW_LIT("instances"), false, 0, err);
	return rc == EW_OK ? ew_collection_compare(NULL, c, meet_instance, m, err) : rc;
}

enum ew_code
ew_twins_check(struct ew_store *store, struct ew_snapshot *s, struct ew_err *err)
{
	struct meeting m = { .lookup = NULL };
	bool likely = false;
	enum ew_code rc;

	if ((rc = ew_lookup_open(&m.lookup, store->repo, s, KEPT, err)) == EW_OK &&
	    (rc = meet_all(&m, s, err)) == EW_OK)
		rc = ew_twins_settle(&likely, &m.twins, err);
	ew_lookup_free(m.lookup);
	ew_twins_release(&m.twins);
	return rc == EW_OK && likely ? compare_texts(s, err) : rc;
}
