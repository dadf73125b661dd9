/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drafters: the drafts of many events, made on all processors from the labels as they are
 * before the first of these.  What cannot be drafted so is left to its turn: an event of a
 * label that one before it changed, and all that fails, which can then be told in order.
 */
#ifndef EW_OPS_DRAFTER_H
#define EW_OPS_DRAFTER_H

#include "ops/draft.h"
#include "ops/edit.h"
#include "ops/eventline.h"

struct ew_drafter;

/* `hands` is how many processors it may use. */
EW_MUST_USE enum ew_code ew_drafter_open(struct ew_drafter **out, struct ew_store *, struct ew_edit *,
	size_t hands, struct ew_err *err);
void ew_drafter_free(struct ew_drafter *);

struct ew_drafted {
	bool made;
	struct ew_str split; /* of the label */
	struct ew_draft draft;
};
/* The drafts of a block of events, each at its place; they live until the next call. */
EW_MUST_USE enum ew_code ew_drafter_run(const struct ew_drafted **out, struct ew_drafter *,
	const struct ew_revise_request *, size_t n, struct ew_err *err);

#endif
