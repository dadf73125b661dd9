/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/section.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_LARGE = 4096 };

void
ew_transition_release(struct ew_transition *t)
{
	for (size_t i = 0; i < t->room; i++)
		ew_differences_release(&t->section[i].differences);
	free(t->section);
	*t = (struct ew_transition){ .sections = 0 };
}

static enum ew_code
add_to_transition(struct ew_transition_section **out, struct ew_transition *t, struct ew_str name,
	struct ew_err *err)
{
	if (t->sections == t->room) {
		size_t room = t->room ? t->room * 2 : 8;
		struct ew_transition_section *more = realloc(t->section, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		memset(more + t->room, 0, (room - t->room) * sizeof *more);
		t->section = more;
		t->room = room;
	}
	*out = &t->section[t->sections++];
	(*out)->name = name;
	ew_differences_clear(&(*out)->differences);
	return EW_OK;
}

/* What is there before the step; of an empty snapshot, nothing. */
static enum ew_code
keep_before(struct ew_transition *out, struct ew_snapshot *s, struct ew_err *err)
{
	enum ew_code rc;

	out->sections = 0;
	out->manifest = NULL;
	out->policy = NULL;
	out->signers = NULL;
	if (s->before)
		ew_signers_release(s->before);
	s->before = NULL;
	if (ew_oid_is_zero(&s->file[EW_FILE_MANIFEST].oid))
		return EW_OK;
	if ((rc = ew_snapshot_manifest(&out->manifest, s, err)) != EW_OK ||
	    (rc = ew_snapshot_policy(&out->policy, s, err)) != EW_OK)
		return rc;
	return ew_snapshot_signers(&out->signers, s, err);
}

static void
follow_files(struct ew_transition *out, struct ew_snapshot *s, const struct ew_snapshot *next)
{
	for (int k = 0; k < EW_FILE_COUNT; k++) {
		out->changed[k] = !ew_oid_eq(&s->file[k].oid, &next->file[k].oid);
		if (!out->changed[k])
			continue;
		if (k == EW_FILE_SIGNERS) {
			s->before = s->signers; /* transferred */
			s->signers = NULL;
		}
		ew_snapshot_forget_file(s, (enum ew_file_kind)k);
		s->file[k].oid = next->file[k].oid;
		s->file[k].bytes = (struct ew_str){ NULL, 0 };
	}
}

static enum ew_code
note_pair(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	return ew_differences_add(user, (a ? a : b)->id, a ? &a->blob : NULL, b ? &b->blob : NULL, err);
}

/* Another fan-out: no folder of the one corresponds to one of the other. */
static enum ew_code
replace_collection(struct ew_differences *out, struct ew_snapshot *s, struct ew_section *p,
	const struct ew_oid *tree, unsigned levels, struct ew_err *err)
{
	struct ew_collection *new;
	enum ew_code rc = ew_collection_open(&new, s->repo, s->cache, tree, levels, err);

	if (rc != EW_OK)
		return rc;
	rc = ew_collection_compare(p->collection, new, note_pair, out, err);
	ew_collection_free(p->collection);
	p->collection = new;
	return rc;
}

static enum ew_code
follow_section(struct ew_transition *out, struct ew_snapshot *s, struct ew_section *p,
	const struct ew_oid *tree, struct ew_err *err)
{
	struct ew_transition_section *at = NULL;
	struct ew_manifest *m;
	enum ew_code rc;
	int levels;

	if ((rc = add_to_transition(&at, out, p->name, err)) != EW_OK ||
	    (rc = ew_snapshot_manifest(&m, s, err)) != EW_OK)
		return rc;
	if ((levels = ew_manifest_fanout(m, p->name)) < 0 && !ew_oid_is_zero(tree))
		return ew_section_fail_fanout(p->name, err);
	p->tree = *tree;
	if (!p->collection)
		return EW_OK;
	if (levels >= 0 && ew_collection_levels(p->collection) != (unsigned)levels)
		return replace_collection(&at->differences, s, p, tree, (unsigned)levels, err);
	return ew_collection_follow(&at->differences, p->collection, tree, err);
}

/* Those that will be gone have a zero tree in the next; those that are new, here. */
static enum ew_code
match_sections(struct ew_snapshot *s, struct ew_snapshot *next, struct ew_err *err)
{
	static const struct ew_oid none;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < s->sections && rc == EW_OK; i++)
		if (!ew_section_find(next, s->section[i].name))
			rc = ew_section_add(NULL, next, s->section[i].name, &none, err);
	for (size_t i = 0; i < next->sections && rc == EW_OK; i++)
		if (!ew_section_find(s, next->section[i].name))
			rc = ew_section_add(NULL, s, next->section[i].name, &none, err);
	return rc;
}

static void
drop_empty(struct ew_snapshot *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->sections; i++)
		if (ew_oid_is_zero(&s->section[i].tree))
			ew_collection_free(s->section[i].collection);
		else
			s->section[n++] = s->section[i];
	s->sections = n;
}

/* What will change is opened as the manifest before has it, what is new as the next one has. */
static enum ew_code
follow(struct ew_transition *out, struct ew_snapshot *s, struct ew_snapshot *next, struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc = match_sections(s, next, err);

	for (size_t i = 0; i < s->sections && rc == EW_OK; i++)
		if (!ew_oid_is_zero(&s->section[i].tree) &&
		    !ew_oid_eq(&s->section[i].tree, &next->section[i].tree))
			rc = ew_section_open(&c, s, &s->section[i], err);
	follow_files(out, s, next);
	for (size_t i = 0; i < s->sections && rc == EW_OK; i++) {
		if (ew_oid_is_zero(&s->section[i].tree))
			rc = ew_section_open(&c, s, &s->section[i], err);
		if (rc == EW_OK)
			rc = follow_section(out, s, &s->section[i], &next->section[i].tree, err);
	}
	drop_empty(s);
	return rc;
}

enum ew_code
ew_snapshot_follow(struct ew_transition *out, struct ew_snapshot *s, const struct ew_oid *tree,
	struct ew_err *err)
{
	struct ew_snapshot *next;
	enum ew_code rc;

	if ((rc = keep_before(out, s, err)) != EW_OK ||
	    (rc = ew_snapshot_open(&next, s->repo, NULL, tree, err)) != EW_OK)
		return rc;
	rc = follow(out, s, next, err);
	ew_snapshot_free(next);
	return rc;
}

void
ew_snapshot_lighten(struct ew_snapshot *s, struct ew_transition *t)
{
	for (size_t i = 0; i < t->sections; i++)
		if (t->section[i].differences.room > LIST_LARGE)
			ew_differences_release(&t->section[i].differences);
	for (size_t i = 0; i < s->sections; i++)
		if (s->section[i].collection && !ew_section_split(&s->section[i]).p)
			ew_collection_forget(s->section[i].collection);
}

enum ew_code
ew_snapshot_find_fresh(struct ew_str *split, struct ew_oid *blob, bool *fresh, struct ew_snapshot *s,
	const struct ew_sha256 *key, struct ew_str id, struct ew_err *err)
{
	bool found = false;
	enum ew_code rc = EW_OK;

	*split = (struct ew_str){ NULL, 0 };
	*fresh = false;
	for (size_t i = 0; i < s->sections && rc == EW_OK && !found; i++) {
		struct ew_collection *c;

		if (!ew_section_split(&s->section[i]).p)
			continue;
		if ((rc = ew_section_open(&c, s, &s->section[i], err)) == EW_OK)
			rc = ew_collection_find_fresh(blob, &found, fresh, c, key, id, err);
		if (found)
			*split = ew_section_split(&s->section[i]);
	}
	return rc;
}

enum ew_code
ew_snapshot_find_instance(struct ew_oid *blob, bool *fresh, struct ew_snapshot *s,
	const struct ew_sha256 *key, struct ew_str id, struct ew_err *err)
{
	struct ew_section *p = ew_section_find(s, EW_LIT("instances"));
	struct ew_collection *c;
	bool found;
	enum ew_code rc;

	*blob = (struct ew_oid){ { 0 } };
	*fresh = false;
	if (!p)
		return EW_OK;
	rc = ew_section_open(&c, s, p, err);
	return rc == EW_OK ? ew_collection_find_fresh(blob, &found, fresh, c, key, id, err) : rc;
}
