/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object database: reads the objects of a repository, packed and loose, and
 * compares each with its id; what does not match is EW_CORRUPT and never served.
 * One thread at a time has one; threads that work together share its packs.
 *
 * git may pack objects anew and delete old packs between two reads: an object that is
 * not where it was is looked for again in what is there now.
 */
#ifndef EW_REPO_ODB_H
#define EW_REPO_ODB_H

#include "base/buf.h"
#include "repo/gitobject.h"
#include "repo/packs.h"

struct ew_odb;

/* Of these packs, and of the loose objects beside them; the caller keeps what he holds. */
EW_MUST_USE enum ew_code ew_odb_open(struct ew_odb **out, struct ew_packs *, struct ew_err *err);
void ew_odb_free(struct ew_odb *);
/* Its packs as it knows them now; borrowed until it reads again, unless held. */
struct ew_packs *ew_odb_packs(struct ew_odb *);

/*
 * Append an object's bytes; *found is false, and nothing fails, if it is not there.
 * EW_CORRUPT, naming it, if it is damaged, of another type or too large; `out` is
 * then as it was.
 */
EW_MUST_USE enum ew_code ew_odb_read(struct ew_buf *out, bool *found, struct ew_odb *,
	const struct ew_oid *, enum ew_object_type, struct ew_err *err);
/* Where `n` objects are in its packs, which the caller holds while he uses the places. */
void ew_odb_find_all(struct ew_place *out, struct ew_odb *, const struct ew_oid *, size_t n);
/* Append the object at a place in a set that is held. */
EW_MUST_USE enum ew_code ew_odb_read_at(struct ew_buf *out, struct ew_odb *,
	const struct ew_place *, const struct ew_oid *, enum ew_object_type, struct ew_err *err);
/* The same of an object that is small, and far from all others that are read. */
EW_MUST_USE enum ew_code ew_odb_read_apart(struct ew_buf *out, struct ew_odb *,
	const struct ew_place *, const struct ew_oid *, enum ew_object_type, struct ew_err *err);
/* The type of an object; its bytes are not looked at. */
EW_MUST_USE enum ew_code ew_odb_type(enum ew_object_type *out, bool *found, struct ew_odb *,
	const struct ew_oid *, struct ew_err *err);

/* See packs that came since. */
EW_MUST_USE enum ew_code ew_odb_refresh(struct ew_odb *, struct ew_err *err);
/* For who misses an object: EW_CORRUPT when a pack or an index is damaged. */
EW_MUST_USE enum ew_code ew_odb_check(struct ew_odb *, struct ew_err *err);

#endif
