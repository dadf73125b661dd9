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

/* The event that makes this change, by its class; LABELS_FORMAT.md section 7.  NULL as for ew_change_classify(). */
enum ew_event ew_event_between(const struct ew_label *before, const struct ew_label *after);

#endif
