/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/revision.h"

#include "repo/refs.h"

#include <stdio.h>
#include <string.h>

/* The id behind `name` in the header line that `rest` begins with; false if it is another. */
static bool
take_id(struct ew_oid *out, struct ew_str *rest, const char *name)
{
	struct ew_str line = ew_str_cut(rest, '\n');

	return ew_str_is(ew_str_cut(&line, ' '), name) && line.len == EW_OID_HEX &&
		ew_unhex(out->b, sizeof out->b, line);
}

/* Follow tags to a commit; rev->tag is the first of them. */
static enum ew_code
peel(struct ew_rev *rev, struct ew_repo *r, struct ew_oid id, struct ew_str text, struct ew_err *err)
{
	enum { NESTED_MOST = 8 };
	struct ew_buf bytes = { 0 };
	enum ew_object_type type = EW_TAG;
	enum ew_code rc = EW_OK;

	for (int i = 0; i < NESTED_MOST && type == EW_TAG && rc == EW_OK; i++) {
		struct ew_str rest;

		if ((rc = ew_repo_type(&type, r, &id, err)) == EW_NOTFOUND) {
			ew_err_clear(err);
			rc = ew_object_fail(err, &id, "missing");
		}
		if (rc != EW_OK || type != EW_TAG)
			break;
		if (i == 0)
			rev->tag = id;
		ew_buf_clear(&bytes);
		if ((rc = ew_repo_read(&bytes, r, &id, EW_TAG, err)) != EW_OK)
			break;
		rest = ew_buf_str(&bytes);
		if (!take_id(&id, &rest, "object"))
			rc = ew_object_fail(err, &id, "no tag that git writes");
	}
	/* Read whole, for it may be damage that makes it look like something else. */
	if (rc == EW_OK && type != EW_COMMIT && (rc = ew_repo_read(&bytes, r, &id, type, err)) == EW_OK)
		rc = ew_fail(err, EW_REFUSED, "%.*s: it names no commit", EW_FMT(text));
	ew_buf_release(&bytes);
	rev->commit = id;
	return rc;
}

static bool
is_hex(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

/* A reference by the name a person gives it, in git's order. */
static enum ew_code
find_ref(struct ew_oid *id, struct ew_str *ref, struct ew_repo *r, struct ew_str base,
	struct ew_arena *arena, struct ew_err *err)
{
	static const char *const place[] = { "", "refs/tags/", "refs/heads/", "refs/remotes/" };
	char name[512];

	for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
		enum ew_code rc;

		if (i == 0 && !ew_str_is(base, "HEAD") && !ew_str_starts(base, "refs/"))
			continue;
		snprintf(name, sizeof name, "%s%.*s", place[i], EW_FMT(base));
		if (!ew_ref_name_ok(ew_str(name)))
			return ew_fail(err, EW_USAGE, "%.*s: this can be no revision", EW_FMT(base));
		if ((rc = ew_repo_ref(id, r, name, err)) != EW_OK)
			return rc;
		if (!ew_oid_is_zero(id)) {
			*ref = ew_arena_str(arena, ew_str(name));
			return ref->p ? EW_OK : ew_fail_nomem(err);
		}
	}
	return EW_OK;
}

static enum ew_code
find_id(struct ew_oid *id, struct ew_repo *r, struct ew_str hex, struct ew_err *err)
{
	enum ew_object_type type;
	enum ew_code rc;

	if (hex.len < EW_OID_HEX)
		return ew_repo_abbreviated(id, r, hex, err);
	if (!ew_unhex(id->b, sizeof id->b, hex))
		return ew_fail(err, EW_USAGE, "%.*s: this can be no revision", EW_FMT(hex));
	if ((rc = ew_repo_type(&type, r, id, err)) == EW_NOTFOUND) {
		ew_err_clear(err);
		rc = ew_fail(err, EW_NOTFOUND, "%.*s: there is no such commit; see ellwand log",
			EW_FMT(hex));
	}
	return rc;
}

/* ~N and ^ behind a revision: how many first parents to go back. */
static enum ew_code
cut_suffix(struct ew_str *base, uint64_t *back, struct ew_str text, struct ew_err *err)
{
	size_t end = 0;

	*back = 0;
	while (end < text.len && text.p[end] != '~' && text.p[end] != '^')
		end++;
	*base = ew_str_part(text, 0, end);
	while (end < text.len) {
		size_t from = end + 1, to = from;
		uint64_t n = 1;

		while (to < text.len && text.p[to] >= '0' && text.p[to] <= '9')
			to++;
		if ((to < text.len && text.p[to] != '~' && text.p[to] != '^') ||
		    (to > from && !ew_str_to_u64(ew_str_part(text, from, to), 1u << 30, &n)) ||
		    (text.p[end] == '^' && n != 1))
			return ew_fail(err, EW_USAGE, "%.*s: this can be no revision", EW_FMT(text));
		*back += n;
		end = to;
	}
	return EW_OK;
}

static enum ew_code
go_back(struct ew_oid *id, struct ew_repo *r, uint64_t back, struct ew_str text, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = EW_OK;

	for (; back && rc == EW_OK; back--) {
		struct ew_str rest;
		struct ew_oid tree;

		ew_buf_clear(&bytes);
		if ((rc = ew_repo_read(&bytes, r, id, EW_COMMIT, err)) != EW_OK)
			break;
		rest = ew_buf_str(&bytes);
		if (!take_id(&tree, &rest, "tree"))
			rc = ew_object_fail(err, id, "no commit that git writes");
		else if (!take_id(id, &rest, "parent"))
			rc = ew_fail(err, EW_NOTFOUND, "%.*s: the history is not that long",
				EW_FMT(text));
	}
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_repo_resolve(struct ew_rev *out, struct ew_repo *r, struct ew_str text, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_str base;
	struct ew_oid id;
	uint64_t back;
	enum ew_code rc;

	*out = (struct ew_rev){ .ref = { NULL, 0 } };
	if ((rc = cut_suffix(&base, &back, text, err)) != EW_OK)
		return rc;
	if (base.len == 0 || base.len > 400 || base.p[0] == '-' || memchr(base.p, 0, base.len))
		return ew_fail(err, EW_USAGE, "%.*s: this can be no revision", EW_FMT(text));
	/* A whole id is that object, as to git: no reference can pass itself off as one. */
	if (!ew_unhex(id.b, sizeof id.b, base) &&
	    (rc = find_ref(&id, &out->ref, r, base, arena, err)) != EW_OK)
		return rc;
	if (!out->ref.p) {
		if (ew_str_is(base, "HEAD"))
			return ew_fail(err, EW_NOTFOUND, "HEAD: the branch has no commit yet");
		if (base.len < 4 || base.len > EW_OID_HEX || !is_hex(base))
			return ew_fail(err, EW_NOTFOUND,
				"%.*s: there is no such release, branch or commit; see git tag, ellwand log",
				EW_FMT(base));
		if ((rc = find_id(&id, r, base, err)) != EW_OK)
			return rc;
	}
	if ((rc = peel(out, r, id, base, err)) != EW_OK)
		return rc;
	if (back) {
		out->tag = (struct ew_oid){ { 0 } };
		out->ref = (struct ew_str){ NULL, 0 };
	}
	return go_back(&out->commit, r, back, text, err);
}
