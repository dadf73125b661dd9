/* SPDX-License-Identifier: Apache-2.0 */
/* Subjects: the first line of a commit that changes one label, for people who read git log. */
#ifndef EW_OPS_SUBJECT_H
#define EW_OPS_SUBJECT_H

#include "model/event.h"

/*
 * Append `EVENT ID: BEFORE -> AFTER`, with the bands where only these differ, cut to
 * a readable length.  `before` may be NULL.
 */
void ew_subject(struct ew_buf *out, enum ew_event, const struct ew_label *before,
	const struct ew_label *after);

/*
 * A label's reason as a commit's text, in the arena: what reasons may hold and messages
 * may not, U+0080 to U+009F, become spaces.
 */
EW_MUST_USE enum ew_code ew_subject_text(struct ew_str *out, struct ew_str reason, struct ew_arena *,
	struct ew_err *err);

/* The event that makes this change, by its class (LABELS_FORMAT.md section 7); NULL as there. */
enum ew_event ew_event_between(const struct ew_label *before, const struct ew_label *after);

#endif
