/* SPDX-License-Identifier: Apache-2.0 */
/* Intakes: a table on its way into a store, opened.  For import.c and update.c only. */
#ifndef EW_OPS_INTAKE_H
#define EW_OPS_INTAKE_H

#include "ops/import.h"
#include "ops/placer.h"
#include "ops/roster.h"

struct ew_intake {
	struct ew_store *store;
	const struct ew_import_opts *opts;
	struct ew_import_report *report;
	struct ew_map_file *map;
	struct ew_table *table;
	struct ew_stretch *stretch;
	size_t stretches;
	uint64_t rows;
	struct ew_edit *edit;
	struct ew_roster *roster;
	struct ew_arena arena;
	struct ew_str labels; /* name of the collection */
	struct ew_str source; /* of the commits: digest and name of the file */
};

/* Everything but the arguments is its own.  The caller releases it, also after failure. */
EW_MUST_USE enum ew_code ew_intake_open(struct ew_intake *, struct ew_store *,
	const struct ew_import_opts *, struct ew_import_report *, struct ew_err *err);
void ew_intake_release(struct ew_intake *);

/* A row was taken: count it, and now and then say how many there are. */
EW_MUST_USE enum ew_code ew_intake_count(struct ew_intake *, struct ew_err *err);
/* One commit for many labels, `EVENT N labels WHERE SPLIT`. */
EW_MUST_USE enum ew_code ew_intake_commit(struct ew_intake *, enum ew_event, const char *what, uint64_t n,
	const char *where, struct ew_err *err);

#endif
