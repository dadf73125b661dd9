/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/log.h"

#include "model/id.h"
#include "ops/address.h"
#include "ops/logged.h"
#include "ops/tagged.h"
#include "repo/history.h"

#include <stdlib.h>

/* A revision of a label, read once: it is the change's one side, then the next one's other. */
struct chapter {
	struct ew_logged logged;
	struct ew_str split, record; /* absent when it removed the label */
	const struct ew_label *label;
	struct ew_arena arena;
};

struct ew_log {
	struct ew_store *store;
	struct ew_address address;
	struct ew_tagged *tagged;
	size_t tags;
	struct ew_oid next;           /* log of commits: the next; zero: no more */
	struct ew_history *history;   /* story */
	struct ew_revision *revision; /* story: newest first */
	struct ew_str *release;       /* story: of each revision, or absent */
	size_t revisions, at;
	struct chapter chapter[2];    /* story: of the revisions with an even and an odd number */
	struct ew_logged item;
	struct ew_diff_change change;
	struct ew_arena arena, scratch; /* scratch: of an item that is no story's */
};

/* --- which release first held each revision of a label --- */

/*
 * On another line than the story's: the newest revision that the release can hold, whose
 * commit is no younger than the release's, and left the label as the release has it.
 */
static enum ew_code
place_elsewhere(size_t *out, struct ew_log *l, const struct ew_tagged *release, struct ew_err *err)
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
	for (size_t i = 0; rc == EW_OK && *out == l->revisions && i < l->revisions; i++) {
		struct ew_arena scratch = { 0 };
		struct ew_commit c;

		if (!ew_oid_eq(&l->revision[i].blob, &blob))
			continue;
		rc = ew_read_commit(&c, l->store, &l->revision[i].commit, &scratch, err);
		if (rc == EW_OK && c.by.time <= at.commit.by.time)
			*out = i;
		ew_arena_release(&scratch);
	}
	ew_at_release(&at);
	return rc;
}

/* The newest revision that a release holds; l->revisions when it has not the label of this history. */
static enum ew_code
place_release(size_t *out, struct ew_log *l, const struct ew_tagged *release, struct ew_err *err)
{
	const uint32_t number = ew_history_number(l->history, &release->commit);

	if (!number)
		return place_elsewhere(out, l, release, err);
	*out = 0;
	while (*out < l->revisions && l->revision[*out].number > number)
		++*out;
	return EW_OK;
}

/* A release holds a revision and all older ones; the first that does is theirs. */
static enum ew_code
assign_releases(struct ew_log *l, struct ew_err *err)
{
	size_t place;
	enum ew_code rc;

	l->release = ew_arena_array(&l->arena, l->revisions + 1, sizeof *l->release);
	if (!l->release)
		return ew_fail_nomem(err);
	for (size_t t = 0; t < l->tags; t++) {
		if ((rc = place_release(&place, l, &l->tagged[t], err)) != EW_OK)
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

	if (ew_id_check(a->id, &flaw) == EW_OK &&
	    (rc = ew_history_open(&l->history, l->store->repo, &a->at.rev.commit,
		     l->store->opts.progress, err)) == EW_OK)
		rc = ew_history_find(&l->revision, &l->revisions, l->history, a->id, &l->arena, err);
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
	ew_history_free(l->history);
	ew_arena_release(&l->chapter[0].arena);
	ew_arena_release(&l->chapter[1].arena);
	ew_arena_release(&l->arena);
	ew_arena_release(&l->scratch);
	free(l);
}

/* --- the items --- */

/* The split that a commit left the label in; where there is one only, nothing is looked up. */
static enum ew_code
find_split(struct ew_str *out, struct ew_log *l, const struct ew_oid *tree, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_snapshot *s;
	struct ew_str *name, in = { NULL, 0 };
	struct ew_oid blob;
	size_t n = 0;
	enum ew_code rc;

	if ((rc = ew_snapshot_open(&s, l->store->repo, NULL, tree, err)) != EW_OK)
		return rc;
	rc = ew_snapshot_splits(&name, &n, s, err);
	if (rc == EW_OK && n == 1)
		in = name[0];
	else if (rc == EW_OK)
		rc = ew_snapshot_find(&in, &blob, s, l->address.id, err);
	*out = ew_arena_str(arena, in);
	ew_snapshot_free(s);
	return rc == EW_OK && !out->p ? ew_fail_nomem(err) : rc;
}

static enum ew_code
read_label(struct chapter *c, struct ew_log *l, const struct ew_oid *blob, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_label *label = ew_arena_alloc(&c->arena, sizeof *label);
	enum ew_code rc = ew_repo_read(&bytes, l->store->repo, blob, EW_BLOB, err);

	c->record = ew_arena_str(&c->arena, ew_buf_str(&bytes));
	ew_buf_release(&bytes);
	if (rc != EW_OK)
		return rc;
	c->label = label;
	return !label || !c->record.p ? ew_fail_nomem(err)
				      : ew_parse_label(label, c->record, blob, &c->arena, err);
}

/* What a revision says, and the label as it left it. */
static enum ew_code
read_chapter(struct chapter *c, struct ew_log *l, size_t revision, struct ew_err *err)
{
	const struct ew_revision *r = &l->revision[revision];
	struct ew_commit commit;
	enum ew_code rc;

	ew_arena_reset(&c->arena);
	c->split = c->record = (struct ew_str){ NULL, 0 };
	c->label = NULL;
	rc = ew_logged_read(&c->logged, &commit, l->store, &r->commit, &c->arena, err);
	if (rc != EW_OK || ew_oid_is_zero(&r->blob))
		return rc;
	if ((rc = find_split(&c->split, l, &commit.tree, &c->arena, err)) != EW_OK)
		return ew_fail_at(err, "commit %s", c->logged.commit);
	return read_label(c, l, &r->blob, err);
}

/* Whether the revision left the record as it found it: it moved to another split. */
static bool
is_same(const struct ew_log *l, size_t revision)
{
	const struct ew_revision *r = &l->revision[revision];

	return revision + 1 < l->revisions && ew_oid_eq(&r[0].blob, &r[1].blob);
}

static void
tell_change(struct ew_log *l, const struct chapter *before, const struct chapter *after)
{
	struct ew_diff_change *c = &l->change;

	*c = (struct ew_diff_change){
		.id = l->address.id,
		.cls = EW_SAME,
		.split = after->label ? after->split : before->split,
		.before = before->label,
		.after = after->label,
		.before_record = before->record,
		.after_record = after->record,
	};
	if (c->before && c->after && !ew_str_eq(before->split, after->split))
		c->moved_from = before->split;
	if (c->before || c->after)
		c->cls = ew_change_classify(&c->facets, c->before, c->after, is_same(l, l->at));
}

static enum ew_code
next_of_story(struct ew_log *l, bool *more, struct ew_err *err)
{
	const struct chapter none = { .label = NULL };
	const size_t i = l->at;
	struct chapter *after = &l->chapter[i % 2], *before = &l->chapter[(i + 1) % 2];
	const bool is_first = i + 1 >= l->revisions;
	enum ew_code rc;

	*more = i < l->revisions;
	if (!*more)
		return EW_OK;
	if (i == 0 && (rc = read_chapter(after, l, i, err)) != EW_OK)
		return rc;
	if (!is_first && (rc = read_chapter(before, l, i + 1, err)) != EW_OK)
		return rc;
	tell_change(l, is_first ? &none : before, after);
	l->item = after->logged;
	l->item.change = &l->change;
	l->item.release = l->release[i];
	l->at++;
	return EW_OK;
}

static enum ew_code
next_of_commits(struct ew_log *l, bool *more, struct ew_err *err)
{
	const struct ew_oid oid = l->next;
	const struct ew_tagged *release;
	struct ew_commit commit;
	enum ew_code rc;

	*more = !ew_oid_is_zero(&oid);
	if (!*more)
		return EW_OK;
	if ((rc = ew_logged_read(&l->item, &commit, l->store, &oid, &l->scratch, err)) != EW_OK)
		return rc;
	l->next = commit.parents ? commit.parent[0] : (struct ew_oid){ { 0 } };
	release = ew_tagged_find(l->tagged, l->tags, &oid);
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
