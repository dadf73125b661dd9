/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File sets: a few new files that become durable side by side.  What makes a file durable
 * is mostly waiting for the disk, which serves many as fast as one; so all of them are
 * written first, and then synced and named by a crew of hands.
 */
#ifndef EW_BASE_FILESET_H
#define EW_BASE_FILESET_H

#include "base/buf.h"

struct ew_fileset;

/* Temporary files are made in `dir`, which is copied, in the file system where the files will be. */
EW_MUST_USE enum ew_code ew_fileset_open(struct ew_fileset **out, const char *dir, struct ew_err *err);
/* Removes what has no name yet. */
void ew_fileset_free(struct ew_fileset *);
/* Write one more file, which will replace `path`; it stays open.  A set where this failed can only be freed. */
EW_MUST_USE enum ew_code ew_fileset_add(struct ew_fileset *, const char *path, struct ew_str bytes,
	struct ew_err *err);
/*
 * Sync each, give it its name and sync its folder, which is made if it is not there.  All
 * are durable then; after a failure, some may be.
 */
EW_MUST_USE enum ew_code ew_fileset_keep(struct ew_fileset *, struct ew_err *err);

#endif
