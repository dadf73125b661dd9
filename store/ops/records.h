/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: those of a version read, each held against all rules of the format, its place,
 * and what else it must agree with.  Of several versions only what differs from the last
 * good one is read.  Private to the operations.
 */
#ifndef EW_OPS_RECORDS_H
#define EW_OPS_RECORDS_H

#include "ops/context.h"

struct ew_records;

EW_MUST_USE enum ew_code ew_records_open(struct ew_records **out, struct ew_store *,
	struct ew_err *err);
void ew_records_free(struct ew_records *);
/*
 * Check the labels and instances of a root tree, of which there are *count.  EW_NO for
 * what does not agree, EW_CORRUPT for what cannot be read.
 */
EW_MUST_USE enum ew_code ew_records_check(uint64_t *count, struct ew_records *,
	const struct ew_oid *tree, struct ew_err *err);

#endif
