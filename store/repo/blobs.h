/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs: the bytes of many blobs at once, read in the order in which they lie on the
 * disk.  Each is compared with its id.
 */
#ifndef EW_REPO_BLOBS_H
#define EW_REPO_BLOBS_H

#include "repo/source.h"

struct ew_blobs;

/* From a source, which outlives it, and in whose thread it is used. */
EW_MUST_USE enum ew_code ew_blobs_open(struct ew_blobs **out, struct ew_source *, struct ew_err *err);
void ew_blobs_free(struct ew_blobs *);
/*
 * Read `n` blobs; a zero id stands for none.  Their bytes are kept until the next reading.
 * EW_CORRUPT, naming it, for one that is damaged, of another type, or missing, which it is
 * in another thread too when only the repository may know of it.
 */
EW_MUST_USE enum ew_code ew_blobs_read(struct ew_blobs *, const struct ew_oid *oid, size_t n,
	struct ew_err *err);
/* The same of small blobs that lie far from each other in large packs. */
EW_MUST_USE enum ew_code ew_blobs_read_apart(struct ew_blobs *, const struct ew_oid *oid, size_t n,
	struct ew_err *err);
/* The bytes of the blob that was the `i`th to be read, borrowed; absent for none. */
struct ew_str ew_blobs_at(const struct ew_blobs *, size_t i);

#endif
