/* SPDX-License-Identifier: Apache-2.0 */
/*
 * History: which commits changed which label, from an index below .git/ellwand/
 * that is brought up to date when it is asked and can be deleted at any time.  A
 * label's story costs its own revisions, not the length of the history.
 */
#ifndef EW_REPO_HISTORY_H
#define EW_REPO_HISTORY_H

#include "repo/snapshot.h"

struct ew_revision {
	struct ew_oid commit;
	struct ew_oid blob; /* the record after it; zero: removed */
};

/*
 * The commits on the first-parent line of `tip` that changed the label's record,
 * newest first, in the arena.
 */
EW_MUST_USE enum ew_code ew_history_find(struct ew_revision **out, size_t *n, struct ew_repo *,
	const struct ew_oid *tip, struct ew_str id, const struct ew_progress *, struct ew_arena *,
	struct ew_err *err);

#endif
