/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/section.h"

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
static const char *const grouped[EW_GROUPS] = { "adjudications", "audits", "labels", "recomputations" };

/* --- reading the upper trees --- */

enum ew_code
ew_section_add(struct ew_section **out, struct ew_snapshot *s, struct ew_str name, const struct ew_oid *tree,
	struct ew_err *err)
{
	size_t at = 0;

	if (s->sections == s->room) {
		size_t room = s->room ? s->room * 2 : 8;
		struct ew_section *more = realloc(s->section, room * sizeof *more);

		if (!more)
			return ew_fail_nomem(err);
		s->section = more;
		s->room = room;
	}
	while (at < s->sections && ew_str_cmp(s->section[at].name, name) < 0)
		at++;
	memmove(s->section + at + 1, s->section + at, (s->sections - at) * sizeof *s->section);
	s->section[at] = (struct ew_section){ .tree = *tree, .name = ew_arena_str(&s->arena, name) };
	s->sections++;
	if (out)
		*out = &s->section[at];
	return s->section[at].name.p ? EW_OK : ew_fail_nomem(err);
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
			rc = ew_section_add(NULL, s, ew_buf_str(&name), &item.oid, err);
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
			return ew_section_add(NULL, s, item->name, &item->oid, err);
		for (size_t i = 0; i < EW_GROUPS; i++)
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
	for (size_t i = 0; i < s->sections; i++)
		ew_collection_free(s->section[i].collection);
	if (s->signers)
		ew_signers_release(s->signers);
	if (s->before)
		ew_signers_release(s->before);
	for (size_t i = 0; i < EW_GROUPS; i++)
		ew_buf_release(&s->group[i].bytes);
	ew_buf_release(&s->root.bytes);
	free(s->section);
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

void
ew_snapshot_forget_file(struct ew_snapshot *s, enum ew_file_kind k)
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
	ew_snapshot_forget_file(s, k);
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

struct ew_section *
ew_section_find(struct ew_snapshot *s, struct ew_str name)
{
	for (size_t i = 0; i < s->sections; i++)
		if (ew_str_eq(s->section[i].name, name))
			return &s->section[i];
	return NULL;
}

enum ew_code
ew_section_fail_fanout(struct ew_str name, struct ew_err *err)
{
	return ew_fail(err, EW_CORRUPT,
		"ellwand.json: no fan-out for %.*s; restore the store from a good copy", EW_FMT(name));
}

enum ew_code
ew_section_open(struct ew_collection **out, struct ew_snapshot *s, struct ew_section *p, struct ew_err *err)
{
	struct ew_manifest *m;
	enum ew_code rc;
	int levels;

	if (!p->collection) {
		if ((rc = ew_snapshot_manifest(&m, s, err)) != EW_OK)
			return rc;
		if ((levels = ew_manifest_fanout(m, p->name)) < 0)
			return ew_section_fail_fanout(p->name, err);
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
make_section(struct ew_section **out, struct ew_snapshot *s, struct ew_str name, uint64_t expected,
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
	return rc == EW_OK ? ew_section_add(out, s, name, &none, err) : rc;
}

enum ew_code
ew_snapshot_collection(struct ew_collection **out, struct ew_snapshot *s, struct ew_str name,
	bool make, uint64_t expected, struct ew_err *err)
{
	struct ew_section *p = ew_section_find(s, name);
	enum ew_code rc;

	*out = NULL;
	if (!p && !make)
		return EW_OK;
	if (!p && (rc = make_section(&p, s, name, expected, err)) != EW_OK)
		return rc;
	return ew_section_open(out, s, p, err);
}

enum ew_code
ew_snapshot_collections(struct ew_str **out, size_t *n, struct ew_snapshot *s, struct ew_err *err)
{
	*n = 0;
	*out = ew_arena_array(&s->arena, s->sections ? s->sections : 1, sizeof **out);
	if (!*out)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < s->sections; i++)
		(*out)[(*n)++] = s->section[i].name;
	return EW_OK;
}

struct ew_str
ew_section_split(const struct ew_section *p)
{
	static const char labels[] = "labels/";

	return ew_str_starts(p->name, labels) ? ew_str_part(p->name, sizeof labels - 1, p->name.len)
					      : (struct ew_str){ NULL, 0 };
}

enum ew_code
ew_snapshot_labels(struct ew_collection **out, struct ew_snapshot *s, struct ew_str split,
	struct ew_err *err)
{
	*out = NULL;
	for (size_t i = 0; i < s->sections; i++) {
		const struct ew_str name = ew_section_split(&s->section[i]);

		if (name.p && ew_str_eq(name, split))
			return ew_section_open(out, s, &s->section[i], err);
	}
	return EW_OK;
}

enum ew_code
ew_snapshot_splits(struct ew_str **out, size_t *n, struct ew_snapshot *s, struct ew_err *err)
{
	enum ew_code rc;
	size_t k = 0;

	/* Every collection, then only those of labels. */
	if ((rc = ew_snapshot_collections(out, n, s, err)) != EW_OK)
		return rc;
	for (size_t i = 0; i < s->sections; i++)
		if (ew_section_split(&s->section[i]).p && !ew_oid_is_zero(&s->section[i].tree))
			(*out)[k++] = ew_section_split(&s->section[i]);
	*n = k;
	return EW_OK;
}

/* In the splits but `except`, which may be absent. */
static enum ew_code
find_label(struct ew_str *split, struct ew_oid *blob, struct ew_snapshot *s, struct ew_str except,
	struct ew_str id, struct ew_err *err)
{
	*split = (struct ew_str){ NULL, 0 };
	for (size_t i = 0; i < s->sections; i++) {
		const struct ew_str name = ew_section_split(&s->section[i]);
		struct ew_collection *c;
		bool found;
		enum ew_code rc;

		if (!name.p || ew_str_eq(name, except))
			continue;
		if ((rc = ew_section_open(&c, s, &s->section[i], err)) != EW_OK ||
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

	if (!list || s->pin_room < s->sections) {
		list = realloc(s->pin, (s->sections + 1) * sizeof *list);
		if (!list)
			return ew_fail_nomem(err);
		s->pin = list;
		s->pin_room = s->sections + 1;
	}
	for (size_t i = 0; i < s->sections; i++) {
		struct ew_collection *c;

		if (!ew_section_split(&s->section[i]).p)
			continue;
		list[n].name = ew_section_split(&s->section[i]);
		if ((rc = ew_section_open(&c, s, &s->section[i], err)) != EW_OK ||
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
write_upper(struct ew_oid *out, struct ew_upper *u, struct ew_buf *bytes, struct ew_stage *stage,
	struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(bytes, err);

	*out = (struct ew_oid){ { 0 } };
	if (rc == EW_OK && bytes->len)
		rc = ew_stage_add_tree(out, stage, ew_buf_str(bytes), &u->oid, ew_buf_str(&u->bytes), err);
	ew_buf_release(&u->bytes);
	*u = (struct ew_upper){ *out, *bytes };
	*bytes = (struct ew_buf){ 0 }; /* transferred */
	return rc;
}

static int
by_folder(const void *a, const void *b)
{
	return ew_tree_folder_cmp((*(struct ew_section *const *)a)->name, (*(struct ew_section *const *)b)->name);
}

/* The tree of one group, zero when none of its collections holds a record. */
static enum ew_code
write_group(struct ew_oid *out, struct ew_snapshot *s, size_t group, struct ew_stage *stage,
	struct ew_err *err)
{
	struct ew_section **list = calloc(s->sections ? s->sections : 1, sizeof *list);
	struct ew_buf bytes = { 0 };
	size_t n = 0;

	if (!list)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < s->sections; i++) {
		struct ew_str rest = s->section[i].name;

		if (ew_str_is(ew_str_cut(&rest, '/'), grouped[group]) && !ew_oid_is_zero(&s->section[i].tree))
			list[n++] = &s->section[i];
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
	{ "instances", -1, EW_GROUPS },
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

	for (size_t i = 0; i < s->sections && rc == EW_OK; i++)
		if (s->section[i].collection)
			rc = ew_collection_write(&s->section[i].tree, s->section[i].collection, stage, err);
	for (size_t i = 0; i < sizeof root_entry / sizeof *root_entry && rc == EW_OK; i++) {
		const struct ew_str name = ew_str(root_entry[i].name);
		const int file = root_entry[i].file;
		struct ew_section *alone = file < 0 ? ew_section_find(s, name) : NULL;
		struct ew_oid oid = { { 0 } };

		if (file >= 0) {
			rc = write_file(s, (enum ew_file_kind)file, stage, err);
			oid = s->file[file].oid;
		} else if (alone) {
			oid = alone->tree;
		} else if (root_entry[i].group < EW_GROUPS) {
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

	for (size_t i = 0; i < s->sections && rc == EW_OK; i++)
		if (s->section[i].collection && ew_section_split(&s->section[i]).p)
			rc = ew_collection_remember(s->section[i].collection, err);
	return rc;
}
