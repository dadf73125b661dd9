/* SPDX-License-Identifier: Apache-2.0 */
/* Pins of a version: of all its labels, of one split, of one label (its leaf). */
#ifndef EW_OPS_PINNED_H
#define EW_OPS_PINNED_H

#include "model/pin.h"
#include "ops/store.h"

struct ew_pinned {
	struct ew_str rev;        /* as written */
	char commit[41];
	int64_t expires;          /* of the release that `rev` names; 0: never, or it names none */
	struct ew_str split, id;  /* absent: of all labels; with an id, the split that holds it */
	uint64_t labels;          /* that it commits to */
	struct ew_sha256 records, answers;
	struct ew_arena arena;
};

/*
 * `what` is REV, REV:ID, or absent for HEAD; `split` absent: all.  EW_NOTFOUND for a
 * split or id that is not there.  The caller releases `out`, also after failure.
 */
EW_MUST_USE enum ew_code ew_pin(struct ew_pinned *out, struct ew_store *, struct ew_str what,
	struct ew_str split, struct ew_err *err);
void ew_pinned_release(struct ew_pinned *);
/* schemas/ellwand.pin.json */
void ew_pinned_json(struct ew_buf *out, const struct ew_pinned *);

#endif
