/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/gate.h"

#include "model/version.h"
#include "ops/ancestry.h"
#include "ops/judge.h"
#include "ops/lineage.h"

#include <stdlib.h>

struct ew_gate {
	struct ew_store *store;
	struct ew_ancestry *ancestry;
	bool copy;
};

/* The branches are as they were let in. */
static enum ew_code
trust_branches(struct ew_gate *g, struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_str *ref;
	size_t n;
	enum ew_code rc = ew_repo_refs(&ref, &n, g->store->repo, "refs/heads/", &arena, err);

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		struct ew_oid oid;

		if ((rc = ew_repo_ref(&oid, g->store->repo, ref[i].p, err)) == EW_OK)
			rc = ew_ancestry_trust(g->ancestry, &oid, err);
	}
	ew_arena_release(&arena);
	return rc;
}

static enum ew_code
open_gate(struct ew_gate **out, struct ew_store *s, bool copy, struct ew_err *err)
{
	struct ew_gate *g = calloc(1, sizeof *g);
	enum ew_code rc;

	*out = NULL;
	if (!g)
		return ew_fail_nomem(err);
	g->store = s;
	g->copy = copy;
	if ((rc = ew_ancestry_open(&g->ancestry, s, true, s->opts.now, err)) != EW_OK ||
	    (!copy && (rc = trust_branches(g, err)) != EW_OK)) {
		ew_gate_free(g);
		return rc;
	}
	*out = g;
	return EW_OK;
}

enum ew_code
ew_gate_open(struct ew_gate **out, struct ew_store *s, struct ew_err *err)
{
	return open_gate(out, s, false, err);
}

enum ew_code
ew_gate_open_copy(struct ew_gate **out, struct ew_store *s, struct ew_err *err)
{
	return open_gate(out, s, true, err);
}

void
ew_gate_free(struct ew_gate *g)
{
	if (!g)
		return;
	ew_ancestry_free(g->ancestry);
	free(g);
}

static enum ew_code
check_forward(struct ew_gate *g, const struct ew_oid *old, const struct ew_oid *new,
	struct ew_err *err)
{
	struct ew_lineage line;
	enum ew_code rc = ew_lineage_since(&line, g->store, old, new, err);

	if (rc == EW_OK && !ew_oid_eq(&line.fork, old))
		rc = ew_fail(err, EW_DENIED,
			"history is not rewritten here; fetch, and make your changes on top of it");
	ew_lineage_release(&line);
	return rc;
}

static enum ew_code
update_branch(struct ew_gate *g, const struct ew_oid *old, const struct ew_oid *new,
	struct ew_str ref, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (!ew_oid_is_zero(old) && (rc = check_forward(g, old, new, err)) == EW_OK && g->copy)
		rc = ew_ancestry_trust(g->ancestry, old, err);
	return rc == EW_OK ? ew_ancestry_judge(g->ancestry, new, ref, err) : rc;
}

/* The tag is not in its place yet, so it is opened by what it names. */
static enum ew_code
update_release(struct ew_gate *g, const struct ew_oid *new, struct ew_str ref, struct ew_err *err)
{
	struct ew_version_at at = { .snapshot = NULL };
	struct ew_arena arena = { 0 };
	struct ew_rev rev;
	char hex[EW_OID_HEX + 1];
	uint64_t sequence;
	enum ew_code rc;

	ew_hex(hex, new->b, sizeof new->b);
	if ((rc = ew_repo_resolve(&rev, g->store->repo, ew_str(hex), &arena, err)) == EW_OK &&
	    ew_oid_is_zero(&rev.tag))
		rc = ew_fail(err, EW_DENIED, "a release is a signed tag; make it with ellwand release");
	if (rc == EW_OK && (rc = ew_ancestry_judge(g->ancestry, &rev.commit, ref, err)) == EW_OK &&
	    (rc = ew_at_commit(&at, g->store, &rev.commit, err)) == EW_OK) {
		at.rev.tag = rev.tag;
		at.rev.ref = ref;
		rc = ew_judge_release(&sequence, g->store, &at, ew_ancestry_contents(g->ancestry), NULL, err);
	}
	ew_at_release(&at);
	ew_arena_release(&arena);
	return rc;
}

static enum ew_code
update(struct ew_gate *g, const struct ew_oid *old, const struct ew_oid *new, struct ew_str ref,
	struct ew_err *err)
{
	struct ew_err why = { 0 };
	struct ew_version version;

	if (ew_oid_is_zero(new))
		return ew_fail(err, EW_DENIED, "nothing is deleted here; withdraw labels instead");
	if (ew_str_starts(ref, "refs/heads/"))
		return update_branch(g, old, new, ref, err);
	if (!ew_str_starts(ref, "refs/tags/") ||
	    ew_version_parse(&version, ew_str_part(ref, sizeof "refs/tags/" - 1, ref.len), &why) !=
		    EW_OK)
		return ew_fail(err, EW_DENIED, "only branches and releases (tags such as v1.0) are kept here");
	if (!ew_oid_is_zero(old))
		return ew_fail(err, EW_DENIED, "a release does not change; make the next one");
	return update_release(g, new, ref, err);
}

enum ew_code
ew_gate_update(struct ew_gate *g, struct ew_str old_id, struct ew_str new_id, struct ew_str ref,
	struct ew_err *err)
{
	struct ew_oid old, new;
	enum ew_code rc;

	if (!ew_unhex(old.b, sizeof old.b, old_id) || !ew_unhex(new.b, sizeof new.b, new_id) || !ref.len)
		return ew_fail(err, EW_USAGE, "pre-receive: a line is not OLD NEW REF as git writes it");
	rc = update(g, &old, &new, ref, err);
	if (rc == EW_OK)
		return EW_OK;
	/* Whatever does not stand is the push's fault; what cannot be read is not. */
	if (rc == EW_NO || rc == EW_REFUSED || rc == EW_NOTFOUND || rc == EW_UNSUPPORTED)
		err->code = rc = EW_DENIED;
	ew_fail_at(err, "%.*s", EW_FMT(ref));
	return rc;
}
