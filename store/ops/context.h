/* SPDX-License-Identifier: Apache-2.0 */
/* What is inside a store handle; for the operations only, no part of the public interface. */
#ifndef EW_OPS_CONTEXT_H
#define EW_OPS_CONTEXT_H

#include "model/commit.h"
#include "model/instance.h"
#include "ops/store.h"
#include "repo/cache.h"
#include "repo/revision.h"
#include "repo/snapshot.h"

struct ew_store {
	struct ew_repo *repo;
	struct ew_hash *hash; /* the repository's */
	struct ew_cache *cache;
	struct ew_store_opts opts;
	struct ew_arena arena; /* lives as long as the store */
};

/* A revision, looked up and opened. */
struct ew_version_at {
	struct ew_str text; /* as the user wrote it */
	struct ew_rev rev;
	struct ew_commit commit;
	struct ew_message message; /* of the commit */
	struct ew_snapshot *snapshot;
	struct ew_arena arena;
};
/*
 * With the store's digest cache.  The caller releases it, also after failure.  (What
 * verifies gives the store a cache of its own for as long as it works.)
 */
EW_MUST_USE enum ew_code ew_at_open(struct ew_version_at *out, struct ew_store *, struct ew_str rev,
	struct ew_err *err);
/* The same for a commit that is known. */
EW_MUST_USE enum ew_code ew_at_commit(struct ew_version_at *out, struct ew_store *,
	const struct ew_oid *commit, struct ew_err *err);
void ew_at_release(struct ew_version_at *);

/* Read and parse one commit, its strings in the arena. */
EW_MUST_USE enum ew_code ew_read_commit(struct ew_commit *out, struct ew_store *,
	const struct ew_oid *, struct ew_arena *, struct ew_err *err);

/* Read and parse the label in a blob, everything in the arena; EW_CORRUPT names the blob. */
EW_MUST_USE enum ew_code ew_read_label(struct ew_label *out, struct ew_store *,
	const struct ew_oid *blob, struct ew_arena *, struct ew_err *err);
/* The same, and an instance, of bytes that were read from the blob. */
EW_MUST_USE enum ew_code ew_parse_label(struct ew_label *out, struct ew_str bytes,
	const struct ew_oid *blob, struct ew_arena *, struct ew_err *err);
EW_MUST_USE enum ew_code ew_parse_instance(struct ew_instance *out, struct ew_store *,
	struct ew_str bytes, const struct ew_oid *blob, struct ew_arena *, struct ew_err *err);
/* What such bytes were refused for is damage: EW_CORRUPT, naming the blob. */
enum ew_code ew_fail_stored(struct ew_err *err, const struct ew_oid *blob);
/* EW_CORRUPT unless a label that stands at `id` is that one's. */
EW_MUST_USE enum ew_code ew_check_place(const struct ew_label *, struct ew_str id,
	struct ew_err *err);
enum ew_code ew_fail_place(struct ew_err *err, struct ew_str id);
/* The instance of an id in a snapshot; *found false when there is none. */
EW_MUST_USE enum ew_code ew_read_instance(struct ew_instance *out, bool *found, struct ew_store *,
	struct ew_snapshot *, struct ew_str id, struct ew_arena *, struct ew_err *err);

#endif
