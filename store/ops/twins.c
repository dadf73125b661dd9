/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/twins.h"

#include "base/map.h"
#include "model/id.h"

/* An id that was seen, by its folded form in the map. */
struct seen {
	struct ew_str id;    /* borrowed from its collection */
	struct ew_str split; /* of its label; absent while only its instance was seen */
};

struct twins {
	struct ew_str split; /* of the collection that is walked; absent: of instances */
	struct ew_map ids;
	struct ew_arena arena;
	struct ew_buf fold;
};

static enum ew_code
add_id(struct twins *t, struct ew_str id, struct ew_err *err)
{
	struct ew_str key = ew_arena_str(&t->arena, ew_buf_str(&t->fold));
	struct seen *seen = ew_arena_alloc(&t->arena, sizeof *seen);

	if (!key.p || !seen)
		return ew_fail_nomem(err);
	*seen = (struct seen){ id, t->split };
	return ew_map_set(&t->ids, key, seen, err);
}

static enum ew_code
check_id(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct twins *t = user;
	struct seen *seen;
	enum ew_code rc;

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

enum ew_code
ew_twins_check(struct ew_snapshot *s, struct ew_err *err)
{
	static const char labels[] = "labels/";
	struct twins t = { .split = { NULL, 0 } };
	struct ew_collection *c;
	struct ew_str *name;
	size_t n;
	enum ew_code rc = ew_snapshot_collections(&name, &n, s, err);

	/* Instances come first: their collection's name is the smallest here. */
	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		if (ew_str_starts(name[i], labels))
			t.split = ew_str_part(name[i], sizeof labels - 1, name[i].len);
		if ((rc = ew_snapshot_collection(&c, s, name[i], false, 0, err)) == EW_OK)
			rc = ew_collection_each(c, check_id, &t, err);
	}
	ew_map_release(&t.ids);
	ew_arena_release(&t.arena);
	ew_buf_release(&t.fold);
	return rc;
}
