/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/range.h"

#include "ops/lineage.h"

#include <string.h>

/* From the last release, or the commit before. */
static enum ew_code
since_release(struct ew_str *out, struct ew_store *s, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_rev head;
	struct ew_commit c;
	enum ew_code rc;

	if ((rc = ew_repo_resolve(&head, s->repo, EW_LIT("HEAD"), arena, err)) != EW_OK ||
	    (rc = ew_lineage_release_of(out, s, &head.commit, arena, err)) != EW_OK || out->p)
		return rc;
	if ((rc = ew_read_commit(&c, s, &head.commit, arena, err)) != EW_OK)
		return rc;
	if (c.parents == 0)
		return ew_fail(err, EW_NOTFOUND,
			"there is no release yet, and no commit before HEAD; name two versions");
	*out = EW_LIT("HEAD~1");
	return EW_OK;
}

static enum ew_code
fork_of(struct ew_range *r, struct ew_store *s, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_lineage line = { .commits = 0 };
	struct ew_rev a, b;
	char hex[EW_OID_HEX + 1];
	enum ew_code rc;

	if ((rc = ew_repo_resolve(&a, s->repo, r->from, arena, err)) == EW_OK &&
	    (rc = ew_repo_resolve(&b, s->repo, r->to, arena, err)) == EW_OK &&
	    (rc = ew_lineage_since(&line, s, &a.commit, &b.commit, err)) == EW_OK &&
	    ew_oid_is_zero(&line.fork))
		rc = ew_fail(err, EW_NOTFOUND, "%.*s and %.*s have no commit in common",
			EW_FMT(r->from), EW_FMT(r->to));
	if (rc == EW_OK) {
		ew_hex(hex, line.fork.b, sizeof line.fork.b);
		r->from = ew_arena_str(arena, ew_str(hex));
		if (!r->from.p)
			rc = ew_fail_nomem(err);
	}
	ew_lineage_release(&line);
	return rc;
}

/* "A..B", where either may be missing and then is HEAD, or "A" alone. */
static enum ew_code
read_word(struct ew_range *out, struct ew_store *s, struct ew_str word, struct ew_arena *arena,
	struct ew_err *err)
{
	const char *dots = memmem(word.p, word.len, "..", 2);
	size_t at = dots ? (size_t)(dots - word.p) : word.len;
	bool three = ew_str_starts(ew_str_part(word, at, word.len), "...");

	out->from = ew_str_part(word, 0, at);
	out->to = ew_str_part(word, at + (three ? 3 : 2), word.len);
	if (out->from.len == 0 && dots)
		out->from = EW_LIT("HEAD");
	if (out->to.len == 0)
		out->to = EW_LIT("HEAD");
	return three ? fork_of(out, s, arena, err) : EW_OK;
}

enum ew_code
ew_range_read(struct ew_range *out, struct ew_store *s, char *const *word, size_t n,
	struct ew_arena *arena, struct ew_err *err)
{
	*out = (struct ew_range){ .to = EW_LIT("HEAD") };
	if (n == 0)
		return since_release(&out->from, s, arena, err);
	if (n == 1)
		return read_word(out, s, ew_str(word[0]), arena, err);
	*out = (struct ew_range){ ew_str(word[0]), ew_str(word[1]) };
	return EW_OK;
}
