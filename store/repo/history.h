/* SPDX-License-Identifier: Apache-2.0 */
/*
 * History: which commits changed which label, from an index below .git/ellwand/
 * that is brought up to date when it is asked and can be deleted at any time.  A
 * label's story costs its own revisions, not the length of the history.
 */
#ifndef EW_REPO_HISTORY_H
#define EW_REPO_HISTORY_H

#include "repo/snapshot.h"

/* Of the first-parent line of one commit. */
struct ew_history;

struct ew_revision {
	struct ew_oid commit;
	struct ew_oid blob; /* the record after it; zero: removed */
	uint32_t number;    /* of the commit on the line, whose first has 1 */
};

/* Brings the index up to date, which costs what is new since the last time. */
EW_MUST_USE enum ew_code ew_history_open(struct ew_history **out, struct ew_repo *,
	const struct ew_oid *tip, const struct ew_progress *, struct ew_err *err);
void ew_history_free(struct ew_history *);
/* The commits that changed the label's record, newest first, in the arena. */
EW_MUST_USE enum ew_code ew_history_find(struct ew_revision **out, size_t *n, struct ew_history *,
	struct ew_str id, struct ew_arena *, struct ew_err *err);
/* The number of a commit; 0 if it is not on the line, or not known to be. */
uint32_t ew_history_number(struct ew_history *, const struct ew_oid *commit);

#endif
