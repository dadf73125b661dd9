/* SPDX-License-Identifier: Apache-2.0 */
/* Releases: what an annotated tag declares, as its message says it.  LABELS_FORMAT.md section 8. */
#ifndef EW_MODEL_RELEASE_H
#define EW_MODEL_RELEASE_H

#include "base/arena.h"
#include "model/change.h"
#include "model/pin.h"

/* A release's message.  Strings and array are borrowed; absent: .p is NULL. */
struct ew_release_note {
	struct ew_str subject, text; /* as in struct ew_message */
	struct ew_str name;
	uint64_t sequence;
	struct ew_str previous; /* name, space, hex of the tag object; absent for the first */
	enum ew_level level;    /* with previous */
	struct ew_str waiver;   /* one line, or absent */
	int64_t expires;        /* the last second at which it is to be used; 0: always */
	struct ew_str dataset;
	struct ew_sha256 records, answers, policy;
	struct ew_pin_split *split; /* ascending by name, each with labels */
	size_t splits;
	struct ew_str cosigns, before; /* as in struct ew_message */
};

/*
 * EW_REFUSED with the reason unless each trailer's value is as the format says, and
 * exactly the first in sequence has no previous release.
 */
EW_MUST_USE enum ew_code ew_release_check(const struct ew_release_note *, struct ew_err *err);
/*
 * Append the message, ending in one newline.  It must pass ew_release_check(), its
 * text as for ew_message_write(); a subject with nothing in it becomes the name.
 */
void ew_release_write(struct ew_buf *out, const struct ew_release_note *);
/* Append the trailer of one split, as it does. */
void ew_release_write_split(struct ew_buf *out, const struct ew_pin_split *);
/*
 * Parse and check; EW_REFUSED with the reason unless it is exactly what
 * ew_release_write() makes.  The strings are slices of `bytes`, the array is in the arena.
 */
EW_MUST_USE enum ew_code ew_release_parse(struct ew_release_note *out, struct ew_arena *,
	struct ew_str bytes, struct ew_err *err);

#endif
