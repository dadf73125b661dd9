/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/changelog.h"

#include "base/map.h"
#include "ops/compare.h"
#include "ops/lineage.h"

#include <stdlib.h>
#include <string.h>

enum { REPORT_EVERY = 256 };

/* The search for the commit that made each change. */
struct search {
	struct ew_store *store;
	struct ew_changelog *out;
	struct ew_map open; /* entries by id; those with a commit are done */
	size_t left;
	const struct ew_version_at *at; /* the commit that is looked at */
	struct ew_changelog_entry by;   /* what it says, in the changelog's arena; empty until needed */
};

/* --- who made it --- */

/* Copy what the commit says; absent strings stay absent. */
static enum ew_code
read_credit(struct search *f, struct ew_err *err)
{
	const struct ew_message *m = &f->at->message;
	const struct ew_str said[] = { m->text, m->subject, f->at->commit.by.email, m->cause };
	struct ew_str *kept[] = { &f->by.reason, &f->by.subject, &f->by.author, &f->by.cause };

	f->by = (struct ew_changelog_entry){ .time = f->at->commit.by.time };
	ew_hex(f->by.commit, f->at->rev.commit.b, sizeof f->at->rev.commit.b);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (said[i].p && !(*kept[i] = ew_arena_str(&f->out->arena, said[i])).p)
			return ew_fail_nomem(err);
	return EW_OK;
}

/* The commit that is looked at changed this label, and is the last that did. */
static enum ew_code
credit(struct search *f, struct ew_str id, struct ew_err *err)
{
	struct ew_changelog_entry *e = ew_map_get(&f->open, id);
	const struct ew_diff_change *change;
	enum ew_code rc;

	if (!e || e->commit[0])
		return EW_OK;
	if (!f->by.commit[0] && (rc = read_credit(f, err)) != EW_OK)
		return rc;
	change = e->change;
	*e = f->by;
	e->change = change;
	f->left--;
	return EW_OK;
}

static enum ew_code
on_pair(void *user, struct ew_str split, const struct ew_entry *a, const struct ew_entry *b,
	struct ew_err *err)
{
	(void)split;
	return credit(user, a ? a->id : b->id, err);
}

/* A commit that names no label may have changed many: its tree says which. */
static enum ew_code
search_tree(struct search *f, struct ew_err *err)
{
	struct ew_version_at parent = { 0 };
	enum ew_code rc;

	if (f->at->commit.parents == 0)
		return EW_OK;
	rc = ew_at_commit(&parent, f->store, &f->at->commit.parent[0], err);
	if (rc == EW_OK)
		rc = ew_compare_labels(parent.snapshot, f->at->snapshot, on_pair, f, err);
	ew_at_release(&parent);
	return rc;
}

static enum ew_code
search_commit(struct search *f, const struct ew_oid *commit, struct ew_err *err)
{
	struct ew_version_at at = { 0 };
	enum ew_code rc = ew_at_commit(&at, f->store, commit, err);

	f->at = &at;
	f->by.commit[0] = '\0';
	if (rc == EW_OK)
		rc = at.message.label.p ? credit(f, at.message.label, err) : search_tree(f, err);
	ew_at_release(&at);
	return rc;
}

static enum ew_code
search_line(struct search *f, const struct ew_lineage *line, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; rc == EW_OK && f->left && i < line->commits; i++) {
		if (i % REPORT_EVERY == 0 &&
		    (rc = ew_progress(f->store->opts.progress, "reading commits", i, line->commits,
			     err)) != EW_OK)
			return rc;
		rc = search_commit(f, &line->commit[i], err);
	}
	return rc;
}

static enum ew_code
search_all(struct ew_changelog *out, struct ew_store *s, struct ew_err *err)
{
	struct search f = { .store = s, .out = out, .left = out->entries };
	struct ew_lineage line = { .commits = 0 };
	struct ew_oid from, to;
	enum ew_code rc = EW_OK;

	/* Both were written by this program. */
	(void)ew_unhex(from.b, sizeof from.b, ew_str(out->diff.from.commit));
	(void)ew_unhex(to.b, sizeof to.b, ew_str(out->diff.to.commit));
	for (size_t i = 0; rc == EW_OK && i < out->entries; i++)
		rc = ew_map_set(&f.open, out->entry[i].change->id, &out->entry[i], err);
	if (rc == EW_OK && (rc = ew_lineage_since(&line, s, &from, &to, err)) == EW_OK)
		rc = search_line(&f, &line, err);
	ew_lineage_release(&line);
	ew_map_release(&f.open);
	return rc;
}

/* --- items --- */

/* Classes of which one commit may have changed many labels, with nothing to tell of each. */
static bool
folds(enum ew_class class)
{
	return class == EW_ADDED || class == EW_REMOVED || class == EW_METADATA_ONLY ||
		class == EW_SAME;
}

/* By class; what folds by commit, oldest first; then as the diff has it. */
static int
by_item(const void *a, const void *b)
{
	const struct ew_changelog_entry *x = *(const struct ew_changelog_entry *const *)a;
	const struct ew_changelog_entry *y = *(const struct ew_changelog_entry *const *)b;

	if (x->change->cls != y->change->cls)
		return x->change->cls < y->change->cls ? -1 : 1;
	if (folds(x->change->cls)) {
		int d = strcmp(x->commit, y->commit);

		if (x->time != y->time)
			return x->time < y->time ? -1 : 1;
		if (d)
			return d;
	}
	return x < y ? -1 : x > y;
}

static enum ew_code
make_items(struct ew_changelog *c, struct ew_err *err)
{
	const struct ew_changelog_entry **list = ew_arena_array(&c->arena, c->entries + 1, sizeof *list);

	c->item = ew_arena_array(&c->arena, c->entries + 1, sizeof *c->item);
	if (!list || !c->item)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < c->entries; i++)
		list[i] = &c->entry[i];
	qsort(list, c->entries, sizeof *list, by_item);
	for (size_t i = 0, n; i < c->entries; i += n) {
		enum ew_class class = list[i]->change->cls;

		for (n = 1; folds(class) && i + n < c->entries &&
		     list[i + n]->change->cls == class &&
		     strcmp(list[i + n]->commit, list[i]->commit) == 0; n++)
			;
		c->item[c->items++] = (struct ew_changelog_item){ class, list + i, n };
	}
	return EW_OK;
}

/* --- the whole --- */

static enum ew_code
read_name(struct ew_changelog *c, struct ew_store *s, struct ew_err *err)
{
	struct ew_version_at at = { 0 };
	struct ew_manifest *manifest;
	enum ew_code rc = ew_at_open(&at, s, ew_str(c->diff.to.commit), err);

	if (rc == EW_OK && (rc = ew_snapshot_manifest(&manifest, at.snapshot, err)) == EW_OK &&
	    !(c->name = ew_arena_str(&c->arena, manifest->name)).p)
		rc = ew_fail_nomem(err);
	ew_at_release(&at);
	c->title = c->diff.to.release.p ? c->diff.to.release : EW_LIT("Unreleased");
	c->time = c->diff.to.time;
	return rc;
}

/* Where the commit says no reason, the label may. */
static void
find_reasons(struct ew_changelog *c)
{
	for (size_t i = 0; i < c->entries; i++) {
		const struct ew_diff_change *change = c->entry[i].change;

		if (!c->entry[i].reason.len && change->after && !folds(change->cls))
			c->entry[i].reason = change->after->reason;
	}
}

enum ew_code
ew_changelog(struct ew_changelog *out, struct ew_store *s, struct ew_str from, struct ew_str to,
	struct ew_err *err)
{
	static const struct ew_diff_opts all = { .stat = false };
	enum ew_code rc;

	*out = (struct ew_changelog){ .entries = 0 };
	if ((rc = ew_diff(&out->diff, s, from, to, &all, err)) != EW_OK)
		return rc;
	out->entry = ew_arena_array(&out->arena, out->diff.changes + 1, sizeof *out->entry);
	if (!out->entry)
		return ew_fail_nomem(err);
	for (; out->entries < out->diff.changes; out->entries++)
		out->entry[out->entries].change = &out->diff.change[out->entries];
	if ((rc = read_name(out, s, err)) != EW_OK || (rc = search_all(out, s, err)) != EW_OK)
		return rc;
	find_reasons(out);
	return make_items(out, err);
}

void
ew_changelog_release(struct ew_changelog *c)
{
	ew_diff_release(&c->diff);
	ew_arena_release(&c->arena);
	c->entries = c->items = 0;
}
