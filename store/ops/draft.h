/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drafts: what one event makes of one label, its new record and the words of its commit.
 * They depend on that label and the event alone, so any thread can make them.
 */
#ifndef EW_OPS_DRAFT_H
#define EW_OPS_DRAFT_H

#include "ops/ready.h"
#include "ops/revise.h"

struct ew_draft {
	enum ew_event event; /* EW_IMPORT: the label says so already; there is nothing else here then */
	struct ew_ready label;
	struct ew_str subject, reason;
	struct ew_str band; /* "[24, 26]": went with the old answer, and nobody asked; else absent */
};

/* What makes them; each thread has its own. */
struct ew_draft_maker {
	struct ew_ready_maker ready;
	struct ew_str principal; /* who made a label, if the event does not say; borrowed */
	struct ew_arena *arena;  /* of what the drafts consist of */
	struct ew_buf scratch;
};
void ew_draft_maker_release(struct ew_draft_maker *); /* but for hash and arena */

/*
 * Of a relabel, abstain or disambiguate, whose strings are borrowed, and the record of its
 * label as it is, stored as `blob`: EW_CORRUPT if that is none, or another label's.
 */
EW_MUST_USE enum ew_code ew_draft_make(struct ew_draft *out, struct ew_draft_maker *,
	const struct ew_revise_request *, struct ew_str record, const struct ew_oid *blob,
	struct ew_err *err);

#endif
