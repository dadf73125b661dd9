/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/fsck.h"

#include "base/map.h"
#include "ops/ancestry.h"
#include "ops/records.h"

/* A release by its number. */
struct numbered {
	uint64_t sequence;
	struct ew_str ref;
};

struct checking {
	struct ew_fsck *out;
	struct ew_store *store;
	struct ew_ancestry *ancestry;
	struct ew_records *records;
	struct ew_version_at *at; /* the tip that is looked at */
	struct ew_map trees;      /* root trees that were, to themselves */
	struct ew_map releases;   /* struct numbered by sequence */
	struct ew_arena arena;
};

static enum ew_code
check_tree(struct checking *k, struct ew_err *err)
{
	struct ew_str key = ew_str_n(k->at->commit.tree.b, sizeof k->at->commit.tree.b);
	uint64_t records;
	enum ew_code rc;

	if (ew_map_get(&k->trees, key))
		return EW_OK;
	key = ew_arena_str(&k->arena, key);
	if (!key.p)
		return ew_fail_nomem(err);
	if ((rc = ew_map_set(&k->trees, key, k, err)) == EW_OK)
		rc = ew_records_check(&records, k->records, &k->at->commit.tree, err);
	if (rc == EW_OK)
		k->out->records += records;
	return rc;
}

/* Two releases of one number are two stories of one data set. */
static enum ew_code
check_number(struct checking *k, struct ew_str ref, uint64_t sequence, struct ew_err *err)
{
	struct numbered *n = ew_arena_alloc(&k->arena, sizeof *n);
	const struct numbered *other;

	if (!n)
		return ew_fail_nomem(err);
	*n = (struct numbered){ sequence, ref };
	other = ew_map_get(&k->releases, ew_str_n(&n->sequence, sizeof n->sequence));
	if (other)
		return ew_fail(err, EW_NO, "it is number %llu, as is %.*s", (unsigned long long)sequence,
			EW_FMT(other->ref));
	return ew_map_set(&k->releases, ew_str_n(&n->sequence, sizeof n->sequence), n, err);
}

static enum ew_code
check_release(struct checking *k, struct ew_str ref, struct ew_err *err)
{
	uint64_t sequence;
	enum ew_code rc;

	if (ew_oid_is_zero(&k->at->rev.tag))
		return ew_fail(err, EW_NO, "it is no signed tag; release with ellwand release");
	if ((rc = ew_judge_release(&sequence, k->store, k->at, ew_ancestry_contents(k->ancestry), NULL, err)) != EW_OK)
		return rc;
	return check_number(k, ref, sequence, err);
}

static enum ew_code
check_ref(struct checking *k, struct ew_str ref, struct ew_err *err)
{
	struct ew_version_at at = { .snapshot = NULL };
	enum ew_code rc;

	k->at = &at;
	if ((rc = ew_at_open(&at, k->store, ref, err)) == EW_OK &&
	    (rc = ew_ancestry_judge(k->ancestry, &at.rev.commit, ref, err)) == EW_OK &&
	    (rc = check_tree(k, err)) == EW_OK && ew_str_starts(ref, "refs/tags/"))
		rc = check_release(k, ref, err);
	ew_at_release(&at);
	return rc;
}

/* HEAD names the branch that commands work on, so there must be one. */
static enum ew_code
check_head(struct checking *k, ew_fault_fn *fault, void *user, struct ew_err *err)
{
	struct ew_err why = { 0 };
	struct ew_str ref;
	struct ew_oid oid;
	enum ew_code rc = ew_repo_head(&ref, k->store->repo, &k->arena, &why);

	if (rc == EW_OK && (rc = ew_repo_ref(&oid, k->store->repo, ref.p, &why)) == EW_OK &&
	    ew_oid_is_zero(&oid))
		rc = ew_fail(&why, EW_NO, "it names %.*s, which is not there", EW_FMT(ref));
	if (rc == EW_NOMEM)
		return ew_fail_nomem(err);
	if (rc != EW_OK) {
		k->out->faults++;
		fault(user, EW_LIT("HEAD"), why.msg);
	}
	return EW_OK;
}

/* Faults are counted and reported; only what keeps us from looking ends the check. */
static enum ew_code
check_refs(struct checking *k, const char *prefix, ew_fault_fn *fault, void *user,
	struct ew_err *err)
{
	struct ew_str *ref;
	size_t n;
	enum ew_code rc = ew_repo_refs(&ref, &n, k->store->repo, prefix, &k->arena, err);

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		struct ew_err why = { 0 };

		k->out->refs++;
		rc = check_ref(k, ref[i], &why);
		if (rc == EW_OK)
			continue;
		if (rc == EW_IO || rc == EW_NOMEM || rc == EW_INTERRUPTED)
			return ew_fail(err, rc, "%s", why.msg);
		rc = EW_OK;
		k->out->faults++;
		fault(user, ref[i], why.msg);
	}
	return rc;
}

enum ew_code
ew_fsck(struct ew_fsck *out, struct ew_store *s, ew_fault_fn *fault, void *user, struct ew_err *err)
{
	struct checking k = { .out = out, .store = s };
	enum ew_code rc;

	*out = (struct ew_fsck){ 0 };
	if ((rc = ew_ancestry_open(&k.ancestry, s, false, 0, err)) == EW_OK &&
	    (rc = ew_records_open(&k.records, s, err)) == EW_OK &&
	    (rc = check_head(&k, fault, user, err)) == EW_OK &&
	    (rc = check_refs(&k, "refs/heads/", fault, user, err)) == EW_OK)
		rc = check_refs(&k, "refs/tags/", fault, user, err);
	if (k.ancestry)
		out->commits = ew_ancestry_count(k.ancestry);
	ew_records_free(k.records);
	ew_ancestry_free(k.ancestry);
	ew_map_release(&k.trees);
	ew_map_release(&k.releases);
	ew_arena_release(&k.arena);
	return rc;
}
