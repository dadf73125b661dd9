/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lookups: where the records of many ids are in one version that is not changed, by
 * finders, which read what is on the way to an id and no more.  Private to the operations.
 */
#ifndef EW_OPS_LOOKUP_H
#define EW_OPS_LOOKUP_H

#include "ops/context.h"

struct ew_lookup;

/* In a snapshot, which outlives it; of each collection at most so many bytes of folders are kept. */
EW_MUST_USE enum ew_code ew_lookup_open(struct ew_lookup **out, struct ew_repo *,
	struct ew_snapshot *, size_t most, struct ew_err *err);
void ew_lookup_free(struct ew_lookup *);
/* The split that holds a label, the snapshot's, and its blob; absent when none does. */
EW_MUST_USE enum ew_code ew_lookup_label(struct ew_str *split, struct ew_oid *blob,
	struct ew_lookup *, struct ew_str id, struct ew_err *err);
/* The instance of an id; *found is false when there is none. */
EW_MUST_USE enum ew_code ew_lookup_instance(struct ew_oid *blob, bool *found, struct ew_lookup *,
	struct ew_str id, struct ew_err *err);

#endif
