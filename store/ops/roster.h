/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rosters: the ids of a table beside those of the store.  Each id stands in the table
 * once, and none differs from another, there or in the store, by case alone.  Where a
 * table lacks the columns of the id, a stored attribute finds it.
 *
 * Ids are compared by the digest of what they are without case, which takes 32 bytes and
 * the id for each of them.
 */
#ifndef EW_OPS_ROSTER_H
#define EW_OPS_ROSTER_H

#include "model/table.h"
#include "ops/edit.h"

struct ew_roster;

/* All is borrowed; `rows` is how many ids there may be. */
EW_MUST_USE enum ew_code ew_roster_open(struct ew_roster **out, struct ew_store *, struct ew_edit *,
	const struct ew_table *, struct ew_str split, uint64_t rows, struct ew_err *err);
void ew_roster_free(struct ew_roster *);

/* From now on find ids by the value of a stored attribute, which the table has in `column`. */
EW_MUST_USE enum ew_code ew_roster_match(struct ew_roster *, struct ew_str attribute,
	struct ew_str column, struct ew_err *err);
/* The id so found; EW_REFUSED where there is not exactly one.  From any thread. */
EW_MUST_USE enum ew_code ew_roster_find(struct ew_str *id, const struct ew_roster *,
	const struct ew_row *, struct ew_err *err);

/* What an id is compared by; `key` is its SHA-256, `scratch` and hash the caller's.  From any thread. */
EW_MUST_USE enum ew_code ew_roster_fold(struct ew_sha256 *out, struct ew_str id,
	const struct ew_sha256 *key, struct ew_buf *scratch, struct ew_hash *, struct ew_err *err);
/* An id that will be entered soon: fetch its place, so that nobody waits for it. */
void ew_roster_expect(const struct ew_roster *, const struct ew_sha256 *fold);
/*
 * Enter the id of a row, whose number is how many were entered before; EW_REFUSED if it
 * stands there already.  *kept is a copy that ends in NUL.
 */
EW_MUST_USE enum ew_code ew_roster_enter(const char **kept, struct ew_roster *, struct ew_str id,
	const struct ew_sha256 *fold, size_t line, struct ew_err *err);

/*
 * Hold the store as it was against the ids that were entered.  With a function, it is told
 * of each record of theirs: of a label in the split, or of an instance; and with `missed`,
 * ids of the split that were not entered are listed.
 */
typedef enum ew_code ew_roster_fn(void *user, size_t number, bool instance, const struct ew_oid *blob,
	struct ew_err *err);
EW_MUST_USE enum ew_code ew_roster_meet(struct ew_roster *, ew_roster_fn *, void *user, bool missed,
	struct ew_err *err);
/*
 * The number of the first row that the store objects to: its id differs from a stored one
 * by case alone, or has a label in another split, or without a function in any; SIZE_MAX
 * for none.  And EW_REFUSED as that row's, if there is one.
 */
size_t ew_roster_refused(const struct ew_roster *);
EW_MUST_USE enum ew_code ew_roster_refuse(const struct ew_roster *, struct ew_err *err);
/* The ids that were missed; how many. */
size_t ew_roster_missed(struct ew_str **id, const struct ew_roster *);

#endif
