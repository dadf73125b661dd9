/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/tagged.h"

#include <stdlib.h>
#include <string.h>

static const char prefix[] = "refs/tags/";

/* *is is false for other tags, which may stand beside the releases. */
static enum ew_code
read_tagged(struct ew_tagged *out, bool *is, struct ew_store *s, struct ew_str ref,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_err flaw = { 0 };
	struct ew_rev rev;
	enum ew_code rc;

	*is = false;
	out->name = ew_str_part(ref, sizeof prefix - 1, ref.len);
	if (ew_version_parse(&out->version, out->name, &flaw) != EW_OK)
		return EW_OK;
	ew_err_clear(&flaw);
	rc = ew_repo_resolve(&rev, s->repo, ref, arena, &flaw);
	/* A tag of something else than a commit, or none: not a release, whatever its name. */
	if (rc == EW_REFUSED || rc == EW_NOTFOUND)
		return EW_OK;
	if (rc != EW_OK)
		return ew_fail(err, rc, "%s", flaw.msg);
	*is = !ew_oid_is_zero(&rev.tag);
	out->tag = rev.tag;
	out->commit = rev.commit;
	return EW_OK;
}

enum ew_code
ew_tagged_named(struct ew_tagged *out, bool *found, struct ew_store *s, struct ew_str name,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf ref = { 0 };
	struct ew_str kept;

	*found = false;
	ew_buf_addf(&ref, "%s%.*s", prefix, EW_FMT(name));
	kept = ew_arena_str(arena, ew_buf_str(&ref));
	ew_buf_release(&ref);
	if (!kept.p)
		return ew_fail_nomem(err);
	return read_tagged(out, found, s, kept, arena, err);
}

static int
by_version(const void *a, const void *b)
{
	const struct ew_tagged *x = a, *y = b;
	int d = ew_version_cmp(&x->version, &y->version);

	return d ? d : ew_str_cmp(x->name, y->name);
}

enum ew_code
ew_tagged_list(struct ew_tagged **out, size_t *n, struct ew_store *s, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_str *ref;
	size_t refs;
	enum ew_code rc = ew_repo_refs(&ref, &refs, s->repo, prefix, arena, err);

	*n = 0;
	if (rc != EW_OK)
		return rc;
	*out = ew_arena_array(arena, refs + 1, sizeof **out);
	if (!*out)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < refs; i++) {
		bool is;

		if ((rc = read_tagged(*out + *n, &is, s, ref[i], arena, err)) != EW_OK)
			return rc;
		*n += is;
	}
	qsort(*out, *n, sizeof **out, by_version);
	return EW_OK;
}

enum ew_code
ew_tagged_read(struct ew_tag *tag, struct ew_release_note *note, struct ew_store *s,
	const struct ew_tagged *t, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf object = { 0 };
	struct ew_str kept;
	enum ew_code rc = ew_repo_read(&object, s->repo, &t->tag, EW_TAG, err);

	kept = ew_arena_str(arena, ew_buf_str(&object));
	ew_buf_release(&object);
	if (rc == EW_OK && !kept.p)
		rc = ew_fail_nomem(err);
	if (rc == EW_OK && ((rc = ew_tag_parse(tag, kept, err)) != EW_OK ||
				   (rc = ew_release_parse(note, arena, tag->message, err)) != EW_OK))
		ew_fail_at(err, "release %.*s", EW_FMT(t->name));
	return rc;
}

enum ew_code
ew_tagged_note(struct ew_release_note *out, struct ew_store *s, const struct ew_tagged *t,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_tag tag;

	return ew_tagged_read(&tag, out, s, t, arena, err);
}

enum ew_code
ew_tagged_expires(int64_t *out, struct ew_store *s, const struct ew_oid *tag, struct ew_err *err)
{
	const struct ew_tagged t = { .tag = *tag };
	struct ew_arena arena = { 0 };
	struct ew_err flaw = { 0 };
	struct ew_release_note note;
	enum ew_code rc = ew_tagged_note(&note, s, &t, &arena, &flaw);

	*out = rc == EW_OK ? note.expires : 0;
	ew_arena_release(&arena);
	return rc == EW_OK || rc == EW_REFUSED ? EW_OK : ew_fail(err, rc, "%s", flaw.msg);
}

const struct ew_tagged *
ew_tagged_find(const struct ew_tagged *list, size_t n, const struct ew_oid *commit)
{
	while (n--)
		if (ew_oid_eq(&list[n].commit, commit))
			return &list[n];
	return NULL;
}
