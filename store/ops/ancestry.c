/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/ancestry.h"

#include "base/map.h"

#include <stdlib.h>

enum { REPORT_EVERY = 256 };

struct ew_ancestry {
	struct ew_store *store;
	struct ew_cache *cache; /* the store's, which it does not have meanwhile */
	struct ew_judge *judge;
	struct ew_map judged; /* commit ids, to themselves */
	struct ew_arena arena;
	struct ew_oid root;
	struct ew_policy *later;
};

enum ew_code
ew_ancestry_open(struct ew_ancestry **out, struct ew_store *s, bool believe, int64_t now,
	struct ew_err *err)
{
	struct ew_ancestry *a = calloc(1, sizeof *a);
	enum ew_code rc;

	*out = NULL;
	if (!a)
		return ew_fail_nomem(err);
	a->store = s;
	a->cache = s->cache;
	if (!believe)
		s->cache = NULL;
	if ((rc = ew_judge_open(&a->judge, s, now, err)) == EW_OK)
		*out = a;
	else
		ew_ancestry_free(a);
	return rc;
}

void
ew_ancestry_free(struct ew_ancestry *a)
{
	if (!a)
		return;
	a->store->cache = a->cache;
	ew_judge_free(a->judge);
	ew_map_release(&a->judged);
	ew_arena_release(&a->arena);
	free(a);
}

uint64_t
ew_ancestry_count(const struct ew_ancestry *a)
{
	return ew_judge_count(a->judge);
}

struct ew_oid
ew_ancestry_root(const struct ew_ancestry *a)
{
	return a->root;
}

struct ew_snapshot *
ew_ancestry_contents(struct ew_ancestry *a)
{
	return ew_judge_contents(a->judge);
}

/* The commits not judged yet, newest first; below them stands `*below`, zero for nothing. */
struct line {
	struct ew_oid *commit;
	size_t n, room;
	struct ew_oid below;
};

static enum ew_code
walk_back(struct line *l, struct ew_ancestry *a, const struct ew_oid *tip, struct ew_err *err)
{
	struct ew_arena scratch = { 0 };
	struct ew_oid at = *tip;
	struct ew_commit c;
	enum ew_code rc = EW_OK;

	while (rc == EW_OK && !ew_map_get(&a->judged, ew_str_n(at.b, sizeof at.b))) {
		if (l->n == l->room) {
			size_t room = l->room ? l->room * 2 : 256;
			struct ew_oid *more = realloc(l->commit, room * sizeof *more);

			if (!more) {
				rc = ew_fail_nomem(err);
				break;
			}
			l->commit = more;
			l->room = room;
		}
		l->commit[l->n++] = at;
		ew_arena_reset(&scratch);
		if ((rc = ew_read_commit(&c, a->store, &at, &scratch, err)) != EW_OK)
			break;
		if (c.parents == 0) {
			at = (struct ew_oid){ { 0 } };
			break;
		}
		at = c.parent[0];
	}
	l->below = at;
	ew_arena_release(&scratch);
	return rc;
}

enum ew_code
ew_ancestry_trust(struct ew_ancestry *a, const struct ew_oid *commit, struct ew_err *err)
{
	struct ew_str key = ew_arena_str(&a->arena, ew_str_n(commit->b, sizeof commit->b));

	return key.p ? ew_map_set(&a->judged, key, a, err) : ew_fail_nomem(err);
}

/* All of a line stands: remember it. */
static enum ew_code
remember(struct ew_ancestry *a, const struct line *l, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < l->n && rc == EW_OK; i++)
		rc = ew_ancestry_trust(a, &l->commit[i], err);
	if (ew_oid_is_zero(&l->below))
		a->root = l->commit[l->n - 1];
	return rc;
}

/* Oldest first. */
static enum ew_code
judge_line(struct ew_ancestry *a, const struct line *l, struct ew_err *err)
{
	enum ew_code rc = ew_judge_go(a->judge, &l->below, err);

	for (size_t i = l->n; i-- > 0 && rc == EW_OK;) {
		rc = ew_judge_next(a->judge, &l->commit[i], err);
		if (rc == EW_OK && i % REPORT_EVERY == 0)
			rc = ew_progress(a->store->opts.progress, "verifying", l->n - i, l->n, err);
	}
	if (rc == EW_OK)
		rc = ew_judge_settle(a->judge, err);
	return rc == EW_OK ? remember(a, l, err) : rc;
}

/* Whether a tip may stand in a branch. */
static enum ew_code
check_branch(const struct ew_ancestry *a, const struct ew_oid *tip, struct ew_str branch,
	struct ew_err *err)
{
	static const char trunk[] = "refs/heads/main";
	const struct ew_str made = ew_judge_ref(a->judge);
	char hex[EW_OID_HEX + 1];

	if (!ew_str_starts(branch, "refs/heads/") || ew_str_eq(made, branch) || ew_str_is(made, trunk))
		return EW_OK;
	ew_hex(hex, tip->b, sizeof tip->b);
	return ew_fail(err, EW_NO, "commit %s: made for %.*s, but stands in %.*s", hex, EW_FMT(made),
		EW_FMT(branch));
}

enum ew_code
ew_ancestry_judge(struct ew_ancestry *a, const struct ew_oid *tip, struct ew_str ref, struct ew_err *err)
{
	struct line l = { .n = 0 };
	struct ew_policy *policy;
	enum ew_code rc = walk_back(&l, a, tip, err);

	if (rc == EW_OK)
		rc = l.n ? judge_line(a, &l, err) : ew_judge_go(a->judge, tip, err);
	free(l.commit);
	if (rc != EW_OK || (rc = check_branch(a, tip, ref, err)) != EW_OK ||
	    (rc = ew_snapshot_policy(&policy, ew_judge_contents(a->judge), err)) != EW_OK)
		return rc;
	return ew_judge_keys(a->judge, ew_judge_seen(a->judge), policy, err);
}

/* --- looking ahead --- */

/* Its policy outlives the contents that it stands in. */
static enum ew_code
keep_policy(struct ew_ancestry *a, struct ew_err *err)
{
	struct ew_str bytes;
	enum ew_code rc = ew_snapshot_file(&bytes, ew_judge_contents(a->judge), EW_FILE_POLICY, err);

	return rc == EW_OK ? ew_policy_parse(&a->later, &a->arena, bytes, err) : rc;
}

/* What does not stand says nothing. */
static enum ew_code
judge_later(struct ew_ancestry *a, const struct ew_oid *head, const struct ew_oid *tip, struct ew_err *err)
{
	struct line l = { .n = 0 };
	enum ew_code rc = walk_back(&l, a, head, err);

	if (rc == EW_OK && l.n && ew_oid_eq(&l.below, tip) && (rc = judge_line(a, &l, err)) == EW_OK)
		rc = keep_policy(a, err);
	free(l.commit);
	return rc;
}

enum ew_code
ew_ancestry_look_ahead(struct ew_ancestry *a, const struct ew_oid *tip, struct ew_err *err)
{
	const size_t n = ew_judge_seen(a->judge);
	struct ew_err ignored = { 0 };
	struct ew_oid head = { { 0 } };
	struct ew_str ref;
	enum ew_code rc;

	a->later = NULL;
	if (ew_repo_head(&ref, a->store->repo, &a->arena, &ignored) != EW_OK ||
	    ew_repo_ref(&head, a->store->repo, ref.p, &ignored) != EW_OK || ew_oid_is_zero(&head) ||
	    ew_oid_eq(&head, tip))
		return EW_OK;
	rc = judge_later(a, &head, tip, &ignored);
	if (rc == EW_NOMEM || rc == EW_INTERRUPTED)
		return ew_fail(err, rc, "%s", ignored.msg);
	if (rc == EW_OK && a->later && (rc = ew_judge_keys(a->judge, n, a->later, err)) != EW_OK)
		return rc;
	return ew_judge_go(a->judge, tip, err);
}

const struct ew_policy *
ew_ancestry_later(const struct ew_ancestry *a)
{
	return a->later;
}
