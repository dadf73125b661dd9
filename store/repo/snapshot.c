/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/snapshot.h"

#include "model/id.h"
#include "repo/treefile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const file_name[EW_FILE_COUNT] = {
	[EW_FILE_MANIFEST] = "ellwand.json",
	[EW_FILE_POLICY] = "policy.json",
	[EW_FILE_SIGNERS] = "allowed_signers",
};

/* The folders that hold one collection for each name in them; "instances" is one itself. */
static const char *const grouped[] = { "adjudications", "audits", "labels", "recomputations" };

struct part {
	struct ew_str name; /* "labels/test" */
	struct ew_oid tree;
	struct ew_collection *collection; /* NULL until it is asked for */
};

/* An upper tree as it was written last, which the next version of it differs little from. */
struct upper {
	struct ew_oid oid;
	struct ew_buf bytes;
};

struct ew_snapshot {
	struct ew_repo *repo;
	struct ew_cache *cache;
	struct ew_arena arena;
	struct {
		struct ew_oid oid; /* zero: absent, or set and not yet written */
		struct ew_str bytes; /* .p NULL until read or set */
	} file[EW_FILE_COUNT];
	struct part *part; /* ascending by name */
	size_t parts, room;
	struct ew_pin_split *pin; /* what ew_snapshot_pins() gave last */
	size_t pin_room;
	struct upper group[sizeof grouped / sizeof *grouped], root;
	struct ew_manifest *manifest; /* each NULL until it is asked for */
	struct ew_policy *policy;
	struct ew_signers *signers, *before; /* before: those before the last transition */
};

/* --- reading the upper trees --- */

static enum ew_code
add_part(struct part **out, struct ew_snapshot *s, struct ew_str name, const struct ew_oid *tree,
	struct ew_err *err)
{
	size_t at = 0;

	if (s->parts == s->room) {
		size_t room = s->room ? s->room * 2 : 8;
		struct part *more = realloc(s->part, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		s->part = more;
		s->room = room;
	}
	while (at < s->parts && ew_str_cmp(s->part[at].name, name) < 0)
		at++;
	memmove(s->part + at + 1, s->part + at, (s->parts - at) * sizeof *s->part);
	s->part[at] = (struct part){ .tree = *tree, .name = ew_arena_str(&s->arena, name) };
	s->parts++;
	if (out)
		*out = &s->part[at];
	return s->part[at].name.p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
fail_entry(const struct ew_oid *tree, struct ew_str name, struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, tree->b, sizeof tree->b);
	return ew_fail(err, EW_CORRUPT,
		"tree %s: \"%.*s\" has no place in a label store; see LABELS_FORMAT.md section 3", hex,
		EW_FMT(name));
}

static enum ew_code
read_group(struct ew_snapshot *s, struct ew_str group, const struct ew_oid *tree, struct ew_err *err)
{
	struct ew_buf bytes = { 0 }, name = { 0 };
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	enum ew_code rc = ew_repo_read(&bytes, s->repo, tree, EW_TREE, err);

	ew_tree_reader_init(&reader, ew_buf_str(&bytes), tree);
	while (rc == EW_OK && ew_tree_next(&reader, &item, err)) {
		ew_buf_clear(&name);
		ew_buf_addf(&name, "%.*s/%.*s", EW_FMT(group), EW_FMT(item.name));
		if (!item.folder || !ew_split_ok(item.name))
			rc = fail_entry(tree, item.name, err);
		else if ((rc = ew_buf_check(&name, err)) == EW_OK)
			rc = add_part(NULL, s, ew_buf_str(&name), &item.oid, err);
	}
	if (err->code == EW_OK && reader.at == 0)
		fail_entry(tree, group, err);
	ew_buf_release(&bytes);
	ew_buf_release(&name);
	return err->code;
}

static enum ew_code
read_entry(struct ew_snapshot *s, const struct ew_oid *tree, const struct ew_tree_item *item,
	struct ew_err *err)
{
	if (item->folder) {
		if (ew_str_is(item->name, "instances"))
			return add_part(NULL, s, item->name, &item->oid, err);
		for (size_t i = 0; i < sizeof grouped / sizeof *grouped; i++)
			if (ew_str_is(item->name, grouped[i]))
				return read_group(s, item->name, &item->oid, err);
	} else {
		for (int k = 0; k < EW_FILE_COUNT; k++)
			if (ew_str_is(item->name, file_name[k])) {
				s->file[k].oid = item->oid;
				return EW_OK;
			}
	}
	return fail_entry(tree, item->name, err);
}

static enum ew_code
read_root(struct ew_snapshot *s, const struct ew_oid *tree, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_tree_reader reader;
	struct ew_tree_item item;
	enum ew_code rc = ew_repo_read(&bytes, s->repo, tree, EW_TREE, err);

	ew_tree_reader_init(&reader, ew_buf_str(&bytes), tree);
	while (rc == EW_OK && ew_tree_next(&reader, &item, err))
		rc = read_entry(s, tree, &item, err);
	ew_buf_release(&bytes);
	for (int k = 0; err->code == EW_OK && k < EW_FILE_COUNT; k++)
		if (ew_oid_is_zero(&s->file[k].oid))
			ew_fail(err, k == EW_FILE_MANIFEST ? EW_UNSUPPORTED : EW_CORRUPT,
				"no %s here: this is no label store; make one with ellwand init",
				file_name[k]);
	return err->code;
}

enum ew_code
ew_snapshot_open(struct ew_snapshot **out, struct ew_repo *repo, struct ew_cache *cache,
	const struct ew_oid *tree, struct ew_err *err)
{
	struct ew_snapshot *s = calloc(1, sizeof *s);
	enum ew_code rc;

	*out = NULL;
	if (!s)
		return ew_fail_nomem(err);
	s->repo = repo;
	s->cache = cache;
	if (!ew_oid_is_zero(tree) && (rc = read_root(s, tree, err)) != EW_OK) {
		ew_snapshot_free(s);
		return rc;
	}
	*out = s;
	return EW_OK;
}

void
ew_snapshot_free(struct ew_snapshot *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->parts; i++)
		ew_collection_free(s->part[i].collection);
	if (s->signers)
		ew_signers_release(s->signers);
	if (s->before)
		ew_signers_release(s->before);
	for (size_t i = 0; i < sizeof s->group / sizeof *s->group; i++)
		ew_buf_release(&s->group[i].bytes);
	ew_buf_release(&s->root.bytes);
	free(s->part);
	free(s->pin);
	ew_arena_release(&s->arena);
	free(s);
}

/* --- the three files --- */

enum ew_code
ew_snapshot_file(struct ew_str *out, struct ew_snapshot *s, enum ew_file_kind k, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc;

	if (!s->file[k].bytes.p) {
		rc = ew_repo_read(&bytes, s->repo, &s->file[k].oid, EW_BLOB, err);
		if (rc == EW_OK) {
			s->file[k].bytes = ew_arena_str(&s->arena, ew_buf_str(&bytes));
			if (!s->file[k].bytes.p)
				rc = ew_fail_nomem(err);
		}
		ew_buf_release(&bytes);
		if (rc != EW_OK)
			return rc;
	}
	*out = s->file[k].bytes;
	return EW_OK;
}

struct ew_oid
ew_snapshot_file_oid(const struct ew_snapshot *s, enum ew_file_kind k)
{
	return s->file[k].oid;
}

static void
forget_parsed(struct ew_snapshot *s, enum ew_file_kind k)
{
	switch (k) {
	case EW_FILE_MANIFEST:
		s->manifest = NULL;
		return;
	case EW_FILE_POLICY:
		s->policy = NULL;
		return;
	case EW_FILE_SIGNERS:
		if (s->signers)
			ew_signers_release(s->signers);
		s->signers = NULL;
		return;
	case EW_FILE_COUNT:
		return;
	}
}

enum ew_code
ew_snapshot_set_file(struct ew_snapshot *s, enum ew_file_kind k, struct ew_str bytes,
	struct ew_err *err)
{
	struct ew_str copy = ew_arena_str(&s->arena, bytes);

	if (!copy.p)
		return ew_fail_nomem(err);
	forget_parsed(s, k);
	s->file[k].bytes = copy;
	s->file[k].oid = (struct ew_oid){ { 0 } };
	return EW_OK;
}

enum ew_code
ew_snapshot_manifest(struct ew_manifest **out, struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_str bytes;
	enum ew_code rc;

	if (!s->manifest) {
		struct ew_manifest *m = ew_arena_alloc(&s->arena, sizeof *m);

		if (!m)
			return ew_fail_nomem(err);
		if ((rc = ew_snapshot_file(&bytes, s, EW_FILE_MANIFEST, err)) != EW_OK)
			return rc;
		if ((rc = ew_manifest_parse(m, &s->arena, bytes, err)) != EW_OK) {
			if (rc == EW_REFUSED)
				err->code = rc = EW_CORRUPT;
			ew_fail_at(err, "ellwand.json");
			return rc;
		}
		s->manifest = m;
	}
	*out = s->manifest;
	return EW_OK;
}

enum ew_code
ew_snapshot_policy(struct ew_policy **out, struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_str bytes;
	enum ew_code rc;

	if (!s->policy) {
		if ((rc = ew_snapshot_file(&bytes, s, EW_FILE_POLICY, err)) != EW_OK)
			return rc;
		if ((rc = ew_policy_parse(&s->policy, &s->arena, bytes, err)) != EW_OK) {
			s->policy = NULL;
			ew_fail_at(err, "policy.json");
			return rc;
		}
	}
	*out = s->policy;
	return EW_OK;
}

enum ew_code
ew_snapshot_signers(struct ew_signers **out, struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_str bytes;
	enum ew_code rc;

	if (!s->signers) {
		struct ew_signers *k = ew_arena_alloc(&s->arena, sizeof *k);

		if (!k)
			return ew_fail_nomem(err);
		if ((rc = ew_snapshot_file(&bytes, s, EW_FILE_SIGNERS, err)) != EW_OK)
			return rc;
		if ((rc = ew_signers_parse(k, bytes, err)) != EW_OK) {
			ew_signers_release(k);
			ew_fail_at(err, "allowed_signers");
			return rc;
		}
		s->signers = k;
	}
	*out = s->signers;
	return EW_OK;
}

/* --- collections --- */

static struct part *
find_part(struct ew_snapshot *s, struct ew_str name)
{
	for (size_t i = 0; i < s->parts; i++)
		if (ew_str_eq(s->part[i].name, name))
			return &s->part[i];
	return NULL;
}

static enum ew_code
fail_fanout(struct ew_str name, struct ew_err *err)
{
	return ew_fail(err, EW_CORRUPT,
		"ellwand.json: no fan-out for %.*s; restore the store from a good copy", EW_FMT(name));
}

static enum ew_code
open_part(struct ew_collection **out, struct ew_snapshot *s, struct part *p, struct ew_err *err)
{
	struct ew_manifest *m;
	enum ew_code rc;
	int levels;

	if (!p->collection) {
		if ((rc = ew_snapshot_manifest(&m, s, err)) != EW_OK)
			return rc;
		if ((levels = ew_manifest_fanout(m, p->name)) < 0)
			return fail_fanout(p->name, err);
		rc = ew_collection_open(&p->collection, s->repo, s->cache, &p->tree, (unsigned)levels,
			err);
		if (rc != EW_OK)
			return rc;
	}
	*out = p->collection;
	return EW_OK;
}

/* A new collection: its fan-out goes into the manifest, unless it had one before. */
static enum ew_code
make_part(struct part **out, struct ew_snapshot *s, struct ew_str name, uint64_t expected,
	struct ew_err *err)
{
	static const struct ew_oid none;
	struct ew_buf bytes = { 0 };
	struct ew_manifest *m;
	enum ew_code rc = ew_snapshot_manifest(&m, s, err);

	if (rc == EW_OK && ew_manifest_fanout(m, name) < 0) {
		rc = ew_manifest_set_fanout(m, &s->arena, name, ew_fanout_for(expected), err);
		if (rc == EW_OK) {
			ew_manifest_write(&bytes, m);
			if ((rc = ew_buf_check(&bytes, err)) == EW_OK)
				rc = ew_snapshot_set_file(s, EW_FILE_MANIFEST, ew_buf_str(&bytes), err);
		}
	}
	ew_buf_release(&bytes);
	return rc == EW_OK ? add_part(out, s, name, &none, err) : rc;
}

enum ew_code
ew_snapshot_collection(struct ew_collection **out, struct ew_snapshot *s, struct ew_str name,
	bool make, uint64_t expected, struct ew_err *err)
{
	struct part *p = find_part(s, name);
	enum ew_code rc;

	*out = NULL;
	if (!p && !make)
		return EW_OK;
	if (!p && (rc = make_part(&p, s, name, expected, err)) != EW_OK)
		return rc;
	return open_part(out, s, p, err);
}

enum ew_code
ew_snapshot_labels(struct ew_collection **out, struct ew_snapshot *s, struct ew_str split,
	struct ew_err *err)
{
	struct ew_buf name = { 0 };
	enum ew_code rc;

	ew_buf_addf(&name, "labels/%.*s", EW_FMT(split));
	if ((rc = ew_buf_check(&name, err)) == EW_OK)
		rc = ew_snapshot_collection(out, s, ew_buf_str(&name), false, 0, err);
	ew_buf_release(&name);
	return rc;
}

enum ew_code
ew_snapshot_collections(struct ew_str **out, size_t *n, struct ew_snapshot *s, struct ew_err *err)
{
	*n = 0;
	*out = ew_arena_array(&s->arena, s->parts ? s->parts : 1, sizeof **out);
	if (!*out)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < s->parts; i++)
		(*out)[(*n)++] = s->part[i].name;
	return EW_OK;
}

static struct ew_str
split_of(struct ew_str collection)
{
	return ew_str_starts(collection, "labels/")
		? ew_str_part(collection, sizeof "labels/" - 1, collection.len)
		: (struct ew_str){ NULL, 0 };
}

enum ew_code
ew_snapshot_splits(struct ew_str **out, size_t *n, struct ew_snapshot *s, struct ew_err *err)
{
	enum ew_code rc;
	size_t k = 0;

	/* Every collection, then only those of labels. */
	if ((rc = ew_snapshot_collections(out, n, s, err)) != EW_OK)
		return rc;
	for (size_t i = 0; i < s->parts; i++)
		if (split_of(s->part[i].name).p && !ew_oid_is_zero(&s->part[i].tree))
			(*out)[k++] = split_of(s->part[i].name);
	*n = k;
	return EW_OK;
}

/* In the splits but `except`, which may be absent. */
static enum ew_code
find_label(struct ew_str *split, struct ew_oid *blob, struct ew_snapshot *s, struct ew_str except,
	struct ew_str id, struct ew_err *err)
{
	*split = (struct ew_str){ NULL, 0 };
	for (size_t i = 0; i < s->parts; i++) {
		const struct ew_str name = split_of(s->part[i].name);
		struct ew_collection *c;
		bool found;
		enum ew_code rc;

		if (!name.p || ew_str_eq(name, except))
			continue;
		if ((rc = open_part(&c, s, &s->part[i], err)) != EW_OK ||
		    (rc = ew_collection_find(blob, &found, c, id, err)) != EW_OK)
			return rc;
		if (found) {
			*split = name;
			return EW_OK;
		}
	}
	return EW_OK;
}

enum ew_code
ew_snapshot_find(struct ew_str *split, struct ew_oid *blob, struct ew_snapshot *s, struct ew_str id,
	struct ew_err *err)
{
	return find_label(split, blob, s, (struct ew_str){ NULL, 0 }, id, err);
}

enum ew_code
ew_snapshot_find_elsewhere(struct ew_str *in, struct ew_snapshot *s, struct ew_str split,
	struct ew_str id, struct ew_err *err)
{
	struct ew_oid blob;

	return find_label(in, &blob, s, split, id, err);
}

/* The ids of one split, in `id`, which are then prepared together. */
static enum ew_code
prepare_split(struct ew_snapshot *s, struct ew_str split, const struct ew_str *id, size_t n,
	struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc = ew_snapshot_labels(&c, s, split, err);

	return rc == EW_OK && c ? ew_collection_prepare(c, id, n, err) : rc;
}

enum ew_code
ew_snapshot_prepare(struct ew_snapshot *s, const struct ew_str *id, size_t n, struct ew_err *err)
{
	struct ew_str *split, *in = NULL, *some = NULL;
	struct ew_oid blob;
	size_t splits;
	enum ew_code rc = ew_snapshot_splits(&split, &splits, s, err);

	if (rc != EW_OK || splits == 0 || n == 0)
		return rc;
	if (splits == 1)
		return prepare_split(s, split[0], id, n, err);
	in = calloc(n, sizeof *in);
	some = calloc(n, sizeof *some);
	if (!in || !some)
		rc = ew_fail_nomem(err);
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = ew_snapshot_find(&in[i], &blob, s, id[i], err);
	for (size_t k = 0; k < splits && rc == EW_OK; k++) {
		size_t m = 0;

		for (size_t i = 0; i < n; i++)
			if (ew_str_eq(in[i], split[k]))
				some[m++] = id[i];
		rc = prepare_split(s, split[k], some, m, err);
	}
	free(in);
	free(some);
	return rc;
}

enum ew_code
ew_snapshot_pins(struct ew_pins *out, struct ew_pin_split **split, size_t *splits,
	struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_pin_split *list = s->pin;
	size_t n = 0;
	enum ew_code rc;

	if (!list || s->pin_room < s->parts) {
		list = realloc(s->pin, (s->parts + 1) * sizeof *list);
		if (!list)
			return ew_fail_nomem(err);
		s->pin = list;
		s->pin_room = s->parts + 1;
	}
	for (size_t i = 0; i < s->parts; i++) {
		struct ew_collection *c;

		if (!split_of(s->part[i].name).p)
			continue;
		list[n].name = split_of(s->part[i].name);
		if ((rc = open_part(&c, s, &s->part[i], err)) != EW_OK ||
		    (rc = ew_collection_trie(&list[n].trie, c, err)) != EW_OK)
			return rc;
		if (list[n].trie.count)
			n++;
	}
	*out = ew_pin_dataset(ew_repo_hash(s->repo), list, n);
	if (split) {
		*split = list;
		*splits = n;
	}
	return EW_OK;
}

/* --- from tree to tree --- */

void
ew_transition_release(struct ew_transition *t)
{
	for (size_t i = 0; i < t->room; i++)
		ew_differences_release(&t->part[i].differences);
	free(t->part);
	*t = (struct ew_transition){ .parts = 0 };
}

static enum ew_code
add_to_transition(struct ew_transition_part **out, struct ew_transition *t, struct ew_str name,
	struct ew_err *err)
{
	if (t->parts == t->room) {
		size_t room = t->room ? t->room * 2 : 8;
		struct ew_transition_part *more = realloc(t->part, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		memset(more + t->room, 0, (room - t->room) * sizeof *more);
		t->part = more;
		t->room = room;
	}
	*out = &t->part[t->parts++];
	(*out)->name = name;
	ew_differences_clear(&(*out)->differences);
	return EW_OK;
}

/* What is there before the step; of an empty snapshot, nothing. */
static enum ew_code
keep_before(struct ew_transition *out, struct ew_snapshot *s, struct ew_err *err)
{
	enum ew_code rc;

	out->parts = 0;
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
		forget_parsed(s, (enum ew_file_kind)k);
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
replace_collection(struct ew_differences *out, struct ew_snapshot *s, struct part *p,
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
follow_part(struct ew_transition *out, struct ew_snapshot *s, struct part *p,
	const struct ew_oid *tree, struct ew_err *err)
{
	struct ew_transition_part *at = NULL;
	struct ew_manifest *m;
	enum ew_code rc;
	int levels;

	if ((rc = add_to_transition(&at, out, p->name, err)) != EW_OK ||
	    (rc = ew_snapshot_manifest(&m, s, err)) != EW_OK)
		return rc;
	if ((levels = ew_manifest_fanout(m, p->name)) < 0 && !ew_oid_is_zero(tree))
		return fail_fanout(p->name, err);
	p->tree = *tree;
	if (!p->collection)
		return EW_OK;
	if (levels >= 0 && ew_collection_levels(p->collection) != (unsigned)levels)
		return replace_collection(&at->differences, s, p, tree, (unsigned)levels, err);
	return ew_collection_follow(&at->differences, p->collection, tree, err);
}

/* Those that will be gone have a zero tree in the next; those that are new, here. */
static enum ew_code
match_parts(struct ew_snapshot *s, struct ew_snapshot *next, struct ew_err *err)
{
	static const struct ew_oid none;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < s->parts && rc == EW_OK; i++)
		if (!find_part(next, s->part[i].name))
			rc = add_part(NULL, next, s->part[i].name, &none, err);
	for (size_t i = 0; i < next->parts && rc == EW_OK; i++)
		if (!find_part(s, next->part[i].name))
			rc = add_part(NULL, s, next->part[i].name, &none, err);
	return rc;
}

static void
drop_empty(struct ew_snapshot *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->parts; i++)
		if (ew_oid_is_zero(&s->part[i].tree))
			ew_collection_free(s->part[i].collection);
		else
			s->part[n++] = s->part[i];
	s->parts = n;
}

/* What will change is opened as the manifest before has it, what is new as the next one has. */
static enum ew_code
follow(struct ew_transition *out, struct ew_snapshot *s, struct ew_snapshot *next, struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc = match_parts(s, next, err);

	for (size_t i = 0; i < s->parts && rc == EW_OK; i++)
		if (!ew_oid_is_zero(&s->part[i].tree) &&
		    !ew_oid_eq(&s->part[i].tree, &next->part[i].tree))
			rc = open_part(&c, s, &s->part[i], err);
	follow_files(out, s, next);
	for (size_t i = 0; i < s->parts && rc == EW_OK; i++) {
		if (ew_oid_is_zero(&s->part[i].tree))
			rc = open_part(&c, s, &s->part[i], err);
		if (rc == EW_OK)
			rc = follow_part(out, s, &s->part[i], &next->part[i].tree, err);
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

enum ew_code
ew_snapshot_find_fresh(struct ew_str *split, struct ew_oid *blob, bool *fresh, struct ew_snapshot *s,
	const struct ew_sha256 *key, struct ew_str id, struct ew_err *err)
{
	bool found = false;
	enum ew_code rc = EW_OK;

	*split = (struct ew_str){ NULL, 0 };
	*fresh = false;
	for (size_t i = 0; i < s->parts && rc == EW_OK && !found; i++) {
		struct ew_collection *c;

		if (!split_of(s->part[i].name).p)
			continue;
		if ((rc = open_part(&c, s, &s->part[i], err)) == EW_OK)
			rc = ew_collection_find_fresh(blob, &found, fresh, c, key, id, err);
		if (found)
			*split = split_of(s->part[i].name);
	}
	return rc;
}

enum ew_code
ew_snapshot_find_instance(struct ew_oid *blob, bool *fresh, struct ew_snapshot *s,
	const struct ew_sha256 *key, struct ew_str id, struct ew_err *err)
{
	struct part *p = find_part(s, EW_LIT("instances"));
	struct ew_collection *c;
	bool found;
	enum ew_code rc;

	*blob = (struct ew_oid){ { 0 } };
	*fresh = false;
	if (!p)
		return EW_OK;
	rc = open_part(&c, s, p, err);
	return rc == EW_OK ? ew_collection_find_fresh(blob, &found, fresh, c, key, id, err) : rc;
}

/* --- writing --- */

static enum ew_code
write_file(struct ew_snapshot *s, enum ew_file_kind k, struct ew_stage *stage, struct ew_err *err)
{
	if (!ew_oid_is_zero(&s->file[k].oid))
		return EW_OK;
	assert(s->file[k].bytes.p);
	return ew_stage_add(&s->file[k].oid, stage, EW_BLOB, s->file[k].bytes, err);
}

/* Takes the bytes. */
static enum ew_code
write_upper(struct ew_oid *out, struct upper *u, struct ew_buf *bytes, struct ew_stage *stage,
	struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(bytes, err);

	*out = (struct ew_oid){ { 0 } };
	if (rc == EW_OK && bytes->len)
		rc = ew_stage_add_tree(out, stage, ew_buf_str(bytes), &u->oid, ew_buf_str(&u->bytes), err);
	ew_buf_release(&u->bytes);
	*u = (struct upper){ *out, *bytes };
	*bytes = (struct ew_buf){ 0 }; /* transferred */
	return rc;
}

static int
by_folder(const void *a, const void *b)
{
	return ew_tree_folder_cmp((*(struct part *const *)a)->name, (*(struct part *const *)b)->name);
}

/* The tree of one group, zero when none of its collections holds a record. */
static enum ew_code
write_group(struct ew_oid *out, struct ew_snapshot *s, size_t group, struct ew_stage *stage,
	struct ew_err *err)
{
	struct part **list = calloc(s->parts ? s->parts : 1, sizeof *list);
	struct ew_buf bytes = { 0 };
	size_t n = 0;

	if (!list)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < s->parts; i++) {
		struct ew_str rest = s->part[i].name;

		if (ew_str_is(ew_str_cut(&rest, '/'), grouped[group]) && !ew_oid_is_zero(&s->part[i].tree))
			list[n++] = &s->part[i];
	}
	qsort(list, n, sizeof *list, by_folder);
	for (size_t i = 0; i < n; i++) {
		struct ew_str rest = list[i]->name;

		ew_str_cut(&rest, '/');
		ew_tree_add(&bytes, true, rest, &list[i]->tree);
	}
	free(list);
	return write_upper(out, &s->group[group], &bytes, stage, err);
}

/* The entries of the root tree, in git's order. */
static const struct {
	const char *name;
	int file;     /* enum ew_file_kind, or -1 for a folder */
	size_t group; /* of a folder: its place in `grouped`, or past its end */
} root_entry[] = {
	{ "adjudications", -1, 0 },
	{ "allowed_signers", EW_FILE_SIGNERS, 0 },
	{ "audits", -1, 1 },
	{ "ellwand.json", EW_FILE_MANIFEST, 0 },
	{ "instances", -1, sizeof grouped / sizeof *grouped },
	{ "labels", -1, 2 },
	{ "policy.json", EW_FILE_POLICY, 0 },
	{ "recomputations", -1, 3 },
};

enum ew_code
ew_snapshot_write(struct ew_oid *tree, struct ew_snapshot *s, struct ew_stage *stage,
	struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < s->parts && rc == EW_OK; i++)
		if (s->part[i].collection)
			rc = ew_collection_write(&s->part[i].tree, s->part[i].collection, stage, err);
	for (size_t i = 0; i < sizeof root_entry / sizeof *root_entry && rc == EW_OK; i++) {
		const struct ew_str name = ew_str(root_entry[i].name);
		const int file = root_entry[i].file;
		struct part *alone = file < 0 ? find_part(s, name) : NULL;
		struct ew_oid oid = { { 0 } };

		if (file >= 0) {
			rc = write_file(s, (enum ew_file_kind)file, stage, err);
			oid = s->file[file].oid;
		} else if (alone) {
			oid = alone->tree;
		} else if (root_entry[i].group < sizeof grouped / sizeof *grouped) {
			rc = write_group(&oid, s, root_entry[i].group, stage, err);
		}
		if (rc == EW_OK && !ew_oid_is_zero(&oid))
			ew_tree_add(&bytes, file < 0, name, &oid);
	}
	if (rc == EW_OK)
		return write_upper(tree, &s->root, &bytes, stage, err);
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_snapshot_remember(struct ew_snapshot *s, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < s->parts && rc == EW_OK; i++)
		if (s->part[i].collection && split_of(s->part[i].name).p)
			rc = ew_collection_remember(s->part[i].collection, err);
	return rc;
}
