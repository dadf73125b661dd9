/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References, read: loose files and packed-refs, as gitrepository-layout(5) has
 * them.  Starting libgit2 takes longer than all else that a small command does, so
 * it writes references (repo.c) and these functions read them.
 */
#ifndef EW_REPO_REFS_H
#define EW_REPO_REFS_H

#include "base/arena.h"
#include "base/err.h"
#include "codec/hash.h"

/* True for a name that git-check-ref-format(1) accepts: "HEAD" or two or more parts. */
bool ew_ref_name_ok(struct ew_str name);

/* Where a symbolic reference such as HEAD points, in the arena; absent when it is none. */
EW_MUST_USE enum ew_code ew_refs_symbolic(struct ew_str *target, const char *git_dir,
	const char *name, struct ew_arena *, struct ew_err *err);
/* The id behind a full name, symbolic ones followed; all zero when there is none. */
EW_MUST_USE enum ew_code ew_refs_read(struct ew_oid *out, const char *git_dir, const char *name,
	struct ew_err *err);
/* The full names below a prefix that ends in a slash, sorted, in the arena. */
EW_MUST_USE enum ew_code ew_refs_list(struct ew_str **out, size_t *n, const char *git_dir,
	const char *prefix, struct ew_arena *, struct ew_err *err);

#endif
