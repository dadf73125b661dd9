/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: where one thread reads objects.  The thread that has the repository open reads
 * all it knows; another one reads the repository's own packs and loose objects, with
 * everything that it needs for that its own.
 */
#ifndef EW_REPO_SOURCE_H
#define EW_REPO_SOURCE_H

#include "repo/repo.h"

struct ew_source {
	struct ew_repo *repo; /* NULL in another thread */
	struct ew_odb *odb;
	struct ew_hash *hash;
};

/* That of the thread that has the repository open; nothing to release. */
struct ew_source ew_source_of(struct ew_repo *);
/* For another thread, beside the packs that the first one sees now. */
EW_MUST_USE enum ew_code ew_source_open(struct ew_source *out, const struct ew_source *first,
	struct ew_err *err);
void ew_source_release(struct ew_source *);
/*
 * Append an object's bytes, compared with its id.  In another thread *found is false,
 * without failure, for what only the repository may know; else what is not there fails.
 */
EW_MUST_USE enum ew_code ew_source_read(struct ew_buf *out, bool *found, struct ew_source *,
	const struct ew_oid *, enum ew_object_type, struct ew_err *err);

#endif
