/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placers: the rows of a table become records, ready to be stored, on all processors.
 * They are handed out in the order of the table, and so is the first fault.
 */
#ifndef EW_OPS_PLACER_H
#define EW_OPS_PLACER_H

#include "ops/desk.h"

/*
 * A row.  Of an instance that is not stored the id is zero.  In an update there are the ids
 * of the records only, and both are zero when the row cannot be placed by itself, since
 * what is stored may complete it; so they are where ids are found by an attribute.
 */
struct ew_candidate {
	struct ew_stretch at; /* it alone */
	size_t line;
	struct ew_str id;
	struct ew_sha256 key, fold; /* of the id, and as ew_roster_fold() has it */
	struct ew_ready label, instance;
};

struct ew_placer;

/*
 * Over the stretches of a table, all borrowed.  In an update, `source` is what labels say
 * they are from whose rows do not; absent: from the table.
 */
EW_MUST_USE enum ew_code ew_placer_open(struct ew_placer **out, const struct ew_import_opts *,
	const struct ew_table *, const struct ew_stretch *, size_t stretches, const struct ew_roster *,
	struct ew_str source, struct ew_err *err);
void ew_placer_free(struct ew_placer *);

/*
 * The next rows, which live until the next call; *n is 0 at the end.  With a failure come
 * the rows before the one that is at fault.
 */
EW_MUST_USE enum ew_code ew_placer_next(const struct ew_candidate **out, size_t *n, struct ew_placer *,
	struct ew_err *err);

#endif
