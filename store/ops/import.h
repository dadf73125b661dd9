/* SPDX-License-Identifier: Apache-2.0 */
/* Imports: a foreign table becomes labels and instances, or is compared with those there are. */
#ifndef EW_OPS_IMPORT_H
#define EW_OPS_IMPORT_H

#include "ops/store.h"

/* Strings are borrowed; absent (.p NULL): not given. */
struct ew_import_opts {
	struct ew_str bytes;  /* the table */
	const char *name;     /* its file name, for messages and provenance */
	struct ew_str preset; /* one of preset, map text */
	struct ew_str map;
	const char *map_name;
	struct ew_str split;
	bool update;      /* compare with the stored labels: one commit for each relabel, abstention, ... */
	bool complete;    /* with update: ids the table lacks are withdrawn */
	bool digest_only; /* store the digests of inputs, not the inputs */
	struct ew_str match_attribute, match_column; /* find ids by the value of a stored attribute */
	struct ew_str message;
};

struct ew_import_report {
	uint64_t rows, added, relabelled, rebound, abstained, disambiguated, withdrawn, metadata,
		unchanged, commits;
	char tip[41];
};

EW_MUST_USE enum ew_code ew_import(struct ew_import_report *out, struct ew_store *,
	const struct ew_import_opts *, struct ew_err *err);

#endif
