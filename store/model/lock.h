/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks: which release a consumer uses, and everything that it was, in a file of the
 * consumer's own.  LABELS_FORMAT.md section 8.3.
 */
#ifndef EW_MODEL_LOCK_H
#define EW_MODEL_LOCK_H

#include "base/arena.h"
#include "codec/jsonw.h"
#include "model/pin.h"

enum { EW_LOCK_MAX = 1 << 20 }; /* bytes */

/* Strings and array are borrowed. */
struct ew_lock {
	struct ew_str dataset; /* UUID */
	struct ew_oid root;    /* the first commit of the history */
	struct ew_str release; /* "v2.0" */
	uint64_t sequence;
	struct ew_oid tag, commit;
	int64_t time, expires; /* when it was signed; its last second, or 0: it never expires */
	struct ew_sha256 records, answers, policy;
	struct ew_pin_split *split; /* ascending by name, each with labels */
	size_t splits;
};

/*
 * Parse; EW_REFUSED with the reason for anything but a lock.  Its bytes may be any JSON
 * that says it: people merge locks by hand.  All is in the arena.
 */
EW_MUST_USE enum ew_code ew_lock_parse(struct ew_lock *out, struct ew_arena *, struct ew_str bytes,
	struct ew_err *err);
/* Append the file: canonical but for its lines, one for each member, so that git shows what changed. */
void ew_lock_write(struct ew_buf *out, const struct ew_lock *);
/* The same as a value in a document. */
void ew_lock_put(struct ew_jsonw *, const struct ew_lock *);
/* The same on a line of its own, canonical; appended. */
void ew_lock_json(struct ew_buf *out, const struct ew_lock *);
/* The first member in which two differ, by its name; NULL if they say the same. */
const char *ew_lock_difference(const struct ew_lock *, const struct ew_lock *);
/* How many labels, in all splits. */
uint64_t ew_lock_labels(const struct ew_lock *);

#endif
