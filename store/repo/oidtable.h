/* SPDX-License-Identifier: Apache-2.0 */
/* A table of object ids: each has the number of its adding, from 0; 36 bytes or so an id. */
#ifndef EW_REPO_OIDTABLE_H
#define EW_REPO_OIDTABLE_H

#include "base/err.h"
#include "codec/hash.h"

struct ew_oidslot {
	uint32_t number; /* + 1; 0 is free */
	uint32_t part;   /* of the id, so that few others need be looked at */
};

struct ew_oidtable {
	struct ew_oid *oid; /* by number */
	size_t count, room;
	struct ew_oidslot *slot;
	size_t slots; /* a power of two */
};

/* { 0 } is a valid empty table. */
void ew_oidtable_release(struct ew_oidtable *);
/* The number of an id; false if it is not there. */
bool ew_oidtable_find(size_t *number, const struct ew_oidtable *, const struct ew_oid *);
/* An id that will be asked for or added soon: fetch its place, so that nobody waits for it. */
void ew_oidtable_expect(const struct ew_oidtable *, const struct ew_oid *);
/* Add an id that is not there; its number is the count before. */
EW_MUST_USE enum ew_code ew_oidtable_add(struct ew_oidtable *, const struct ew_oid *,
	struct ew_err *err);

#endif
