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

/* What was done, in labels but for rows and commits. */
#define EW_IMPORT_COUNTS(X) \
	X(rows) X(added) X(relabelled) X(rebound) X(abstained) X(disambiguated) X(withdrawn) \
	X(metadata) X(unchanged) X(commits)
struct ew_import_report {
#define X(member) uint64_t member;
	EW_IMPORT_COUNTS(X)
#undef X
	char tip[41]; /* the branch after it */
};

EW_MUST_USE enum ew_code ew_import(struct ew_import_report *out, struct ew_store *,
	const struct ew_import_opts *, struct ew_err *err);
/* As schemas/ellwand.import.json says, appended. */
void ew_import_report_json(struct ew_buf *out, const struct ew_import_report *);

#endif
