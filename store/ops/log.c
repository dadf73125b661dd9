/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/log.h"

#include "model/id.h"
#include "ops/address.h"
#include "ops/logged.h"
#include "ops/tagged.h"
#include "repo/history.h"

#include <stdlib.h>

struct ew_log {
	struct ew_store *store;
	struct ew_address address;
	struct ew_tagged *tagged;
	size_t tags;
	struct ew_oid next;            /* log of commits: the next; zero: no more */
	struct ew_revision *revision;  /* story: newest first */
	struct ew_str *release;        /* story: of each revision, or absent */
	size_t revisions, at;
	struct ew_logged item;
	struct ew_diff_change change;
	struct ew_arena arena, scratch; /* scratch: of the item */
};

/* --- which release first held each revision of a label --- */

/*
 * The newest revision that the release can hold: its commit is no younger than the
 * release's, and left the label as the release has it.  (The order of versions alone
 * would not say on which line of history a release is, and walking to it costs the
 * whole line.)  l->revisions when the release has not the label of this history.
 */
static enum ew_code
place_release(size_t *out, struct ew_log *l, const struct ew_tagged *release,
	const int64_t *time, struct ew_err *err)
{
	struct ew_version_at at;
	struct ew_oid blob = { { 0 } };
	struct ew_str split;
	enum ew_code rc;

	*out = l->revisions;
	if ((rc = ew_at_commit(&at, l->store, &release->commit, err)) == EW_OK)
		rc = ew_snapshot_find(&split, &blob, at.snapshot, l->address.id, err);
	if (rc == EW_OK && !split.p)
		blob = (struct ew_oid){ { 0 } };
	for (size_t i = 0; rc == EW_OK && i < l->revisions; i++)
		if (time[i] <= at.commit.by.time && ew_oid_eq(&l->revision[i].blob, &blob)) {
			*out = i;
			break;
		}
	ew_at_release(&at);
	return rc;
}

static enum ew_code
read_times(int64_t *time, struct ew_log *l, struct ew_err *err)
{
	for (size_t i = 0; i < l->revisions; i++) {
		struct ew_arena scratch = { 0 };
		struct ew_commit c;
		enum ew_code rc = ew_read_commit(
			&c, l->store, &l->revision[i].commit, &scratch, err);

		if (rc == EW_OK)
			time[i] = c.by.time;
		ew_arena_release(&scratch);
		if (rc != EW_OK)
			return rc;
	}
	return EW_OK;
}

/* A release holds a revision and all older ones; the first that does is theirs. */
static enum ew_code
assign_releases(struct ew_log *l, struct ew_err *err)
{
	int64_t *time = ew_arena_array(&l->arena, l->revisions + 1, sizeof *time);
	size_t place;
	enum ew_code rc;

	l->release = ew_arena_array(&l->arena, l->revisions + 1, sizeof *l->release);
	if (!time || !l->release)
		return ew_fail_nomem(err);
	if (l->tags == 0)
		return EW_OK;
	if ((rc = read_times(time, l, err)) != EW_OK)
		return rc;
	for (size_t t = 0; t < l->tags; t++) {
		if ((rc = place_release(&place, l, &l->tagged[t], time, err)) != EW_OK)
			return rc;
		for (size_t i = place; i < l->revisions && !l->release[i].p; i++)
			l->release[i] = l->tagged[t].name;
	}
	return EW_OK;
}

/* --- opening --- */

static enum ew_code
open_story(struct ew_log *l, struct ew_err *err)
{
	struct ew_address *a = &l->address;
	struct ew_err flaw = { 0 };
	enum ew_code rc = EW_OK;

	if (ew_id_check(a->id, &flaw) == EW_OK)
		rc = ew_history_find(&l->revision, &l->revisions, l->store->repo, &a->at.rev.commit,
			a->id, l->store->opts.progress, &l->arena, err);
	if (rc == EW_OK && l->revisions == 0)
		return ew_address_fail(a, err);
	return rc == EW_OK ? assign_releases(l, err) : rc;
}

enum ew_code
ew_log_open(struct ew_log **out, struct ew_store *s, struct ew_str what, struct ew_err *err)
{
	struct ew_log *l = calloc(1, sizeof *l);
	enum ew_code rc;

	*out = l;
	if (!l)
		return ew_fail_nomem(err);
	l->store = s;
	if ((rc = ew_address_open(&l->address, s, what, EW_ADDRESS_ID_FIRST, err)) == EW_OK &&
	    (rc = ew_tagged_list(&l->tagged, &l->tags, s, &l->arena, err)) == EW_OK) {
		l->next = l->address.at.rev.commit;
		if (l->address.id.p)
			rc = open_story(l, err);
	}
	if (rc != EW_OK) {
		ew_log_free(l);
		*out = NULL;
	}
	return rc;
}

void
ew_log_free(struct ew_log *l)
{
	if (!l)
		return;
	ew_address_release(&l->address);
	ew_arena_release(&l->arena);
	ew_arena_release(&l->scratch);
	free(l);
}

/* --- the items --- */

static enum ew_code
read_label(const struct ew_label **out, struct ew_str *record, struct ew_log *l,
	const struct ew_oid *blob, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_label *label = ew_arena_alloc(&l->scratch, sizeof *label);
	enum ew_code rc = ew_repo_read(&bytes, l->store->repo, blob, EW_BLOB, err);

	*record = ew_arena_str(&l->scratch, ew_buf_str(&bytes));
	ew_buf_release(&bytes);
	if (rc != EW_OK)
		return rc;
	*out = label;
	return !label || !record->p ? ew_fail_nomem(err)
				    : ew_parse_label(label, *record, blob, &l->scratch, err);
}

/* The label as a revision left it; none when it removed it, or there is no such revision. */
static enum ew_code
read_side(const struct ew_label **out, struct ew_str *record, struct ew_str *split, struct ew_log *l,
	size_t revision, struct ew_err *err)
{
	struct ew_version_at at;
	struct ew_str in = { NULL, 0 };
	struct ew_oid blob;
	enum ew_code rc;

	*out = NULL;
	*split = *record = in;
	if (revision == l->revisions || ew_oid_is_zero(&l->revision[revision].blob))
		return EW_OK;
	rc = ew_at_commit(&at, l->store, &l->revision[revision].commit, err);
	if (rc == EW_OK)
		rc = ew_snapshot_find(&in, &blob, at.snapshot, l->address.id, err);
	if (rc == EW_OK) {
		*split = ew_arena_str(&l->scratch, in);
		rc = split->p ? read_label(out, record, l, &l->revision[revision].blob, err)
			      : ew_fail_nomem(err);
	}
	ew_at_release(&at);
	return rc;
}

/* Whether the revision left the record as it found it: it moved to another split. */
static bool
is_same(const struct ew_log *l, size_t revision)
{
	const struct ew_revision *r = &l->revision[revision];

	return revision + 1 < l->revisions && ew_oid_eq(&r[0].blob, &r[1].blob);
}

static enum ew_code
read_change(struct ew_log *l, size_t revision, struct ew_err *err)
{
	struct ew_diff_change *c = &l->change;
	struct ew_str was;
	enum ew_code rc;

	*c = (struct ew_diff_change){ .id = l->address.id, .cls = EW_SAME };
	if ((rc = read_side(&c->after, &c->after_record, &c->split, l, revision, err)) != EW_OK ||
	    (rc = read_side(&c->before, &c->before_record, &was, l, revision + 1, err)) != EW_OK)
		return rc;
	if (!c->after)
		c->split = was;
	else if (c->before && !ew_str_eq(c->split, was))
		c->moved_from = was;
	if (c->before || c->after)
		c->cls = ew_change_classify(&c->facets, c->before, c->after,
			is_same(l, revision));
	l->item.change = c;
	return EW_OK;
}

static enum ew_code
next_of_story(struct ew_log *l, bool *more, struct ew_err *err)
{
	struct ew_oid parent;
	size_t i = l->at;
	enum ew_code rc;

	*more = i < l->revisions;
	if (!*more)
		return EW_OK;
	if ((rc = ew_logged_read(&l->item, &parent, l->store, &l->revision[i].commit, &l->scratch,
		     err)) != EW_OK ||
	    (rc = read_change(l, i, err)) != EW_OK)
		return rc;
	l->item.release = l->release[i];
	l->at++;
	return EW_OK;
}

static enum ew_code
next_of_commits(struct ew_log *l, bool *more, struct ew_err *err)
{
	const struct ew_oid commit = l->next;
	const struct ew_tagged *release;
	enum ew_code rc;

	*more = !ew_oid_is_zero(&commit);
	if (!*more)
		return EW_OK;
	if ((rc = ew_logged_read(&l->item, &l->next, l->store, &commit, &l->scratch, err)) != EW_OK)
		return rc;
	release = ew_tagged_find(l->tagged, l->tags, &commit);
	if (release)
		l->item.release = release->name;
	return EW_OK;
}

enum ew_code
ew_log_next(struct ew_log *l, const struct ew_logged **out, bool *more, struct ew_err *err)
{
	ew_arena_reset(&l->scratch);
	*out = &l->item;
	return l->address.id.p ? next_of_story(l, more, err) : next_of_commits(l, more, err);
}
