/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports: a version's labels as a stream, with their instances, split by split in
 * the order of the store.
 *
 * JSON Lines: one label a line.  Its members are those that the preset "jsonl" of
 * imports reads (id, state, kind, value, unit, lower, upper, missing, reason,
 * readings, input, attributes), and split, instance, confidence, provenance and
 * evidence as the record has them.
 *
 * CSV: a header, then one label a row: id, split, state, kind, value, unit, lower,
 * upper, reason, and each attribute as a column of its name, "attributes." before it
 * where the name is taken.  A set is a JSON array.  Readings, what is missing, and
 * inputs have no column.
 */
#ifndef EW_OPS_EXPORT_H
#define EW_OPS_EXPORT_H

#include "model/policy.h"
#include "ops/store.h"

enum ew_export_format { EW_EXPORT_JSONL, EW_EXPORT_CSV };

/* Called with pieces of output in order; non-zero stops with EW_IO. */
typedef int ew_sink_fn(void *user, struct ew_str bytes);

struct ew_export_opts {
	struct ew_str rev;   /* absent: HEAD */
	struct ew_str split; /* absent: all that the use is allowed for */
	enum ew_use use;
	enum ew_export_format format;
	bool raw; /* CSV: no protection against formulas */
	/* Called for each split that is left out since the use is not allowed; or NULL. */
	void (*left_out)(void *user, struct ew_str split);
};

/*
 * `count` is the number of labels.  EW_DENIED when the policy of that version does not
 * allow the use for the split asked for, or for any there is; EW_NOTFOUND for a split
 * that is not there.  Nothing is given to the sink before these.
 */
EW_MUST_USE enum ew_code ew_export(uint64_t *count, struct ew_store *,
	const struct ew_export_opts *, ew_sink_fn *, void *user, struct ew_err *err);

#endif
