/* SPDX-License-Identifier: Apache-2.0 */
/* Revisions: how a person names a commit. */
#ifndef EW_REPO_REVISION_H
#define EW_REPO_REVISION_H

#include "repo/repo.h"

/*
 * A revision as a person writes it: HEAD, a tag, a branch, a remote branch
 * ("origin/main"), a full reference, a commit id of 4 to 40 digits, each with
 * ~N or ^ behind.  `commit` is the commit; `tag` the tag object it came by, or
 * zero; `ref` the full reference, or absent.  EW_USAGE for what can be no
 * revision, EW_NOTFOUND for one that is not there.
 */
struct ew_rev {
	struct ew_oid commit, tag;
	struct ew_str ref;
};
EW_MUST_USE enum ew_code ew_repo_resolve(struct ew_rev *out, struct ew_repo *, struct ew_str text,
	struct ew_arena *, struct ew_err *err);

#endif
