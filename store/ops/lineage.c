/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/lineage.h"

#include "base/map.h"
#include "ops/tagged.h"

/* A commit on a line, with what the walk needs of it. */
struct step {
	struct ew_oid commit, parent; /* zero: none */
	int64_t time;
};

static struct ew_str
key_of(const struct ew_oid *oid)
{
	return ew_str_n(oid->b, sizeof oid->b);
}

static enum ew_code
read_step(struct step *out, struct ew_store *s, const struct ew_oid *commit,
	struct ew_arena *scratch, struct ew_err *err)
{
	struct ew_commit c;
	enum ew_code rc;

	ew_arena_reset(scratch);
	if ((rc = ew_read_commit(&c, s, commit, scratch, err)) != EW_OK)
		return rc;
	*out = (struct step){ .commit = *commit, .time = c.by.time };
	if (c.parents)
		out->parent = c.parent[0];
	return EW_OK;
}

/* --- two lines --- */

struct links {
	struct link {
		struct link *next;
		struct ew_oid commit;
	} *first, **end;
	size_t n;
	struct ew_map seen;
};

static enum ew_code
add_link(struct links *l, const struct ew_oid *commit, struct ew_arena *arena, struct ew_err *err)
{
	struct link *k = ew_arena_alloc(arena, sizeof *k);

	if (!k)
		return ew_fail_nomem(err);
	k->commit = *commit;
	*l->end = k;
	l->end = &k->next;
	l->n++;
	return ew_map_set(&l->seen, key_of(&k->commit), k, err);
}

/*
 * Times never grow towards the past, so the line whose commit is younger goes on:
 * neither is walked further than needed.  At equal times the tip's goes first, and so
 * it may pass the fork; then the other line comes upon a commit that was seen.
 */
static enum ew_code
find_fork(struct ew_oid *fork, struct links *l, struct ew_store *s, const struct ew_oid *base,
	const struct ew_oid *tip, struct ew_arena *arena, struct ew_arena *scratch, struct ew_err *err)
{
	struct step a, b;
	bool a_left = true, b_left = true;
	enum ew_code rc;

	if ((rc = read_step(&a, s, base, scratch, err)) != EW_OK ||
	    (rc = read_step(&b, s, tip, scratch, err)) != EW_OK)
		return rc;
	while (rc == EW_OK && (a_left || b_left)) {
		if ((b_left && ew_oid_eq(&a.commit, &b.commit)) ||
		    ew_map_get(&l->seen, key_of(&a.commit))) {
			*fork = a.commit;
			return EW_OK;
		}
		if (b_left && (!a_left || b.time >= a.time)) {
			rc = add_link(l, &b.commit, arena, err);
			b_left = !ew_oid_is_zero(&b.parent);
			if (rc == EW_OK && b_left)
				rc = read_step(&b, s, &b.parent, scratch, err);
		} else {
			a_left = !ew_oid_is_zero(&a.parent);
			if (a_left)
				rc = read_step(&a, s, &a.parent, scratch, err);
		}
	}
	return rc;
}

enum ew_code
ew_lineage_since(struct ew_lineage *out, struct ew_store *s, const struct ew_oid *base,
	const struct ew_oid *tip, struct ew_err *err)
{
	struct links l = { .first = NULL };
	struct ew_arena scratch = { 0 };
	enum ew_code rc;

	*out = (struct ew_lineage){ .commit = NULL };
	l.end = &l.first;
	rc = find_fork(&out->fork, &l, s, base, tip, &out->arena, &scratch, err);
	if (rc == EW_OK && !(out->commit = ew_arena_array(&out->arena, l.n + 1, sizeof *out->commit)))
		rc = ew_fail_nomem(err);
	for (const struct link *k = l.first;
	     rc == EW_OK && k && !ew_oid_eq(&k->commit, &out->fork); k = k->next)
		out->commit[out->commits++] = k->commit;
	ew_map_release(&l.seen);
	ew_arena_release(&scratch);
	return rc;
}

void
ew_lineage_release(struct ew_lineage *l)
{
	ew_arena_release(&l->arena);
}

/* --- one line --- */

/* Back from `tip` until there is no parent, or to `until`: the last commit come to. */
static enum ew_code
walk_back(struct ew_oid *last, struct ew_store *s, const struct ew_oid *tip,
	const struct ew_oid *until, struct ew_err *err)
{
	struct ew_arena scratch = { 0 };
	struct step at = { .parent = *tip };
	enum ew_code rc = EW_OK;

	do
		rc = read_step(&at, s, &at.parent, &scratch, err);
	while (rc == EW_OK && !ew_oid_is_zero(&at.parent) && !(until && ew_oid_eq(&at.commit, until)));
	*last = at.commit;
	ew_arena_release(&scratch);
	return rc;
}

enum ew_code
ew_lineage_holds(bool *out, struct ew_store *s, const struct ew_oid *commit,
	const struct ew_oid *tip, struct ew_err *err)
{
	struct ew_oid last;
	enum ew_code rc = walk_back(&last, s, tip, commit, err);

	*out = rc == EW_OK && ew_oid_eq(&last, commit);
	return rc;
}

enum ew_code
ew_lineage_root(struct ew_oid *out, struct ew_store *s, const struct ew_oid *tip, struct ew_err *err)
{
	return walk_back(out, s, tip, NULL, err);
}

/* --- releases --- */

enum ew_code
ew_lineage_release_of(struct ew_str *out, struct ew_store *s, const struct ew_oid *tip,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_arena scratch = { 0 };
	const struct ew_tagged *found = NULL;
	struct ew_tagged *list;
	struct step at = { .parent = *tip };
	size_t n;
	enum ew_code rc = ew_tagged_list(&list, &n, s, arena, err);

	*out = (struct ew_str){ NULL, 0 };
	while (rc == EW_OK && n && !found && !ew_oid_is_zero(&at.parent)) {
		rc = read_step(&at, s, &at.parent, &scratch, err);
		if (rc == EW_OK)
			found = ew_tagged_find(list, n, &at.commit);
	}
	if (rc == EW_OK && found)
		*out = found->name;
	ew_arena_release(&scratch);
	return rc;
}
