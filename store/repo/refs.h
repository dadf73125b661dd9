/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References: loose files and packed-refs, as gitrepository-layout(5) has them, read, and
 * loose ones moved.  Starting libgit2 takes longer than all else that a small command does,
 * so it is left what is rare (repo.c): to write what is no loose file yet.
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

/*
 * Move a loose reference that holds an id from `from` to `to`, durably, under git's own
 * lock, which is a file NAME.lock beside it.  When this fails it may have moved.
 */
enum ew_ref_move {
	EW_REF_MOVED,
	EW_REF_LOCKED,    /* by another writer, and did not move */
	EW_REF_ELSEWHERE, /* it is not at `from` */
	EW_REF_NOT_LOOSE, /* or it is symbolic: not for this function */
};
EW_MUST_USE enum ew_code ew_refs_move(enum ew_ref_move *how, const char *git_dir, const char *name,
	const struct ew_oid *from, const struct ew_oid *to, struct ew_err *err);

#endif
