/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs: commits, newest first, along first parents: all of a revision, or those that
 * changed one label, which is its story.
 */
#ifndef EW_OPS_LOG_H
#define EW_OPS_LOG_H

#include "model/event.h"
#include "ops/diff.h"

struct ew_logged {
	char commit[41];
	struct ew_str author; /* principal */
	int64_t time;
	struct ew_message message;
	/*
	 * A release, or absent: in a log of commits, the last that is of this commit; in a
	 * label's story, the first that holds the label as this commit left it, or as a
	 * commit left it that came after, when no release came between.
	 */
	struct ew_str release;
	/* Of a label's story: what the commit did to it; NULL in a log of commits. */
	const struct ew_diff_change *change;
};

struct ew_log;
/*
 * `what` is REV, REV:ID, ID (of a label of HEAD, or of one that was removed), or
 * absent for HEAD.  An id of HEAD goes before a revision that is spelled the same.
 */
EW_MUST_USE enum ew_code ew_log_open(struct ew_log **out, struct ew_store *, struct ew_str what,
	struct ew_err *err);
/* The next commit, borrowed until the next call; *more is false at the end. */
EW_MUST_USE enum ew_code ew_log_next(struct ew_log *, const struct ew_logged **out, bool *more,
	struct ew_err *err);
void ew_log_free(struct ew_log *);

/* schemas/ellwand.log.json: one object on a line. */
void ew_logged_json(struct ew_buf *out, const struct ew_logged *);

#endif
