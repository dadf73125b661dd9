/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rosters: the ids of a table beside those of the store.  Each id stands in the table
 * once, and none differs from another, there or in the store, by case alone.  Where a
 * table lacks the columns of the id, a stored attribute finds it.
 */
#ifndef EW_OPS_ROSTER_H
#define EW_OPS_ROSTER_H

#include "model/table.h"
#include "ops/edit.h"

struct ew_roster;

/* Edit and table are borrowed. */
EW_MUST_USE enum ew_code ew_roster_open(struct ew_roster **out, struct ew_edit *,
	const struct ew_table *, struct ew_str split, struct ew_err *err);
void ew_roster_free(struct ew_roster *);

/* From now on find ids by the value of a stored attribute, which the table has in `column`. */
EW_MUST_USE enum ew_code ew_roster_match(struct ew_roster *, struct ew_str attribute,
	struct ew_str column, struct ew_err *err);
/* The id so found; EW_REFUSED where there is not exactly one. */
EW_MUST_USE enum ew_code ew_roster_find(struct ew_str *id, const struct ew_roster *,
	const struct ew_row *, struct ew_err *err);

/* Enter the id of a row, which `*kept` is a copy of; EW_REFUSED if it stands there already. */
EW_MUST_USE enum ew_code ew_roster_enter(struct ew_str *kept, struct ew_roster *, struct ew_str id,
	size_t line, struct ew_err *err);
/* EW_REFUSED if the store has the id, in whichever split. */
EW_MUST_USE enum ew_code ew_roster_check_new(struct ew_roster *, struct ew_str id, size_t line,
	struct ew_err *err);
/* The ids of the split that were not entered. */
EW_MUST_USE enum ew_code ew_roster_missed(struct ew_str **id, size_t *n, struct ew_roster *,
	struct ew_err *err);

#endif
