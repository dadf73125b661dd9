/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deeds: what a commit does to the contents, held against the event that it declares.
 * LABELS_FORMAT.md section 7.  Private to the operations.
 */
#ifndef EW_OPS_DEEDS_H
#define EW_OPS_DEEDS_H

#include "ops/context.h"
#include "repo/transition.h"

/* What checks them: a store, and other threads' means to read it. */
struct ew_deeds;

EW_MUST_USE enum ew_code ew_deeds_open(struct ew_deeds **out, struct ew_store *, struct ew_err *err);
void ew_deeds_free(struct ew_deeds *);
/* Who made the commit, and under which policy. */
struct ew_doer {
	const struct ew_policy *policy;
	struct ew_str person;
};
/*
 * EW_NO unless the way from the first parent's contents to those of the snapshot is what
 * the message declares, and done where the doer may do it; EW_CORRUPT for records that are
 * none.  Each label that came or changed is read here, and with it the hashes of its leaf,
 * which the pins need, are known.
 */
EW_MUST_USE enum ew_code ew_deeds_check(struct ew_deeds *, struct ew_snapshot *now,
	const struct ew_transition *, const struct ew_message *, const struct ew_doer *,
	struct ew_err *err);

#endif
