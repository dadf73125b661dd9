/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs: all packs of a repository, as they were at one moment.  A set never changes,
 * so threads share one, each with an ew_odb of its own; who wants to see newer packs
 * exchanges his set for a newer one, in which files that stayed are not mapped again.
 * What a set maps can be read as long as it is held, even after git has deleted it.
 */
#ifndef EW_REPO_PACKS_H
#define EW_REPO_PACKS_H

#include "repo/packfile.h"

struct ew_packs;

/* Of the folder OBJECTS.  Packs that cannot be used are left out; ew_packs_check() names one. */
EW_MUST_USE enum ew_code ew_packs_open(struct ew_packs **out, const char *objects,
	struct ew_err *err);
/* One owner more or less, from any thread. */
struct ew_packs *ew_packs_hold(struct ew_packs *);
void ew_packs_free(struct ew_packs *);
/* Give the set away for that of now; *changed is false, and it stays, if no pack came or went. */
EW_MUST_USE enum ew_code ew_packs_renew(struct ew_packs **packs, bool *changed, struct ew_err *err);

/* The folder OBJECTS. */
const char *ew_packs_folder(const struct ew_packs *);
size_t ew_packs_count(const struct ew_packs *);
const struct ew_packfile *ew_packs_at(const struct ew_packs *, size_t);
/*
 * For who misses an object: EW_CORRUPT, naming it, when a pack was left out, or when an
 * index is not what it was when it was made (which reads all of them).
 */
EW_MUST_USE enum ew_code ew_packs_check(const struct ew_packs *, struct ew_hash *,
	struct ew_err *err);

/*
 * Where an object is; good as long as the set.  `first` is the number of the pack to look
 * into first, and that of the one it was in.
 */
bool ew_packs_find(struct ew_place *out, const struct ew_packs *, const struct ew_oid *,
	size_t *first);
/* Where `n` objects are, in half the time; `first` need not be the number of any. */
void ew_packs_find_all(struct ew_place *out, const struct ew_packs *, const struct ew_oid *,
	size_t n, size_t *first);
/*
 * The same in the order in which they lie on the disk, which is by far
 * the fastest to read them; those that are in no pack come last.
 */
void ew_packs_order(struct ew_place *out, const struct ew_packs *, const struct ew_oid *, size_t n);
/* Before the `i`th of these objects is read: memory is slow, and fetches those behind it meanwhile. */
void ew_packs_expect(const struct ew_place *, size_t i, size_t n);

#endif
