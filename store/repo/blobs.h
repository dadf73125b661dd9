/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs: the bytes of many blobs at once, read in the order in which they lie on the
 * disk, half of them by a second thread.  Each is compared with its id, as
 * ew_repo_read() does.
 */
#ifndef EW_REPO_BLOBS_H
#define EW_REPO_BLOBS_H

#include "repo/repo.h"

struct ew_blobs;

EW_MUST_USE enum ew_code ew_blobs_open(struct ew_blobs **out, struct ew_repo *, struct ew_err *err);
void ew_blobs_free(struct ew_blobs *);
/* Read `n` blobs; a zero id stands for none.  Their bytes are kept until the next reading. */
EW_MUST_USE enum ew_code ew_blobs_read(struct ew_blobs *, const struct ew_oid *oid, size_t n,
	struct ew_err *err);
/* The bytes of the blob that was the `i`th to be read, borrowed; absent for none. */
struct ew_str ew_blobs_at(const struct ew_blobs *, size_t i);

#endif
