/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots: the contents of one commit, its manifest, policy, keys and
 * collections, read lazily, and changed in memory until they are written as the
 * tree of the next commit.
 */
#ifndef EW_REPO_SNAPSHOT_H
#define EW_REPO_SNAPSHOT_H

#include "model/manifest.h"
#include "model/policy.h"
#include "codec/signers.h"
#include "repo/collection.h"

struct ew_snapshot;

/* Of a tree; the zero id gives an empty one. */
EW_MUST_USE enum ew_code ew_snapshot_open(struct ew_snapshot **out, struct ew_repo *,
	struct ew_cache *cache, const struct ew_oid *tree, struct ew_err *err);
void ew_snapshot_free(struct ew_snapshot *);

/* Parsed when first asked for; owned by the snapshot. */
EW_MUST_USE enum ew_code ew_snapshot_manifest(struct ew_manifest **out, struct ew_snapshot *,
	struct ew_err *err);
EW_MUST_USE enum ew_code ew_snapshot_policy(struct ew_policy **out, struct ew_snapshot *,
	struct ew_err *err);
EW_MUST_USE enum ew_code ew_snapshot_signers(struct ew_signers **out, struct ew_snapshot *,
	struct ew_err *err);
/* The bytes of one of the three files, as they will be written. */
enum ew_file_kind { EW_FILE_MANIFEST, EW_FILE_POLICY, EW_FILE_SIGNERS, EW_FILE_COUNT };
EW_MUST_USE enum ew_code ew_snapshot_file(struct ew_str *out, struct ew_snapshot *,
	enum ew_file_kind, struct ew_err *err);
/* The blob of one of them; zero when it is absent or was just set. */
struct ew_oid ew_snapshot_file_oid(const struct ew_snapshot *, enum ew_file_kind);
EW_MUST_USE enum ew_code ew_snapshot_set_file(struct ew_snapshot *, enum ew_file_kind,
	struct ew_str bytes, struct ew_err *err);

/* The names of the splits that hold labels, as read or last written, ascending; owned by the snapshot. */
EW_MUST_USE enum ew_code ew_snapshot_splits(struct ew_str **out, size_t *n, struct ew_snapshot *,
	struct ew_err *err);
/*
 * A collection by its name ("labels/test", "instances"); NULL in *out when there
 * is none and `make` is false.  With `make`, a new one gets the fan-out that
 * `expected` records ask for, recorded in the manifest.
 */
EW_MUST_USE enum ew_code ew_snapshot_collection(struct ew_collection **out, struct ew_snapshot *,
	struct ew_str name, bool make, uint64_t expected, struct ew_err *err);
/* The collection of labels of a split; NULL when there is none. */
EW_MUST_USE enum ew_code ew_snapshot_labels(struct ew_collection **out, struct ew_snapshot *,
	struct ew_str split, struct ew_err *err);
/* The names of all collections there are, ascending. */
EW_MUST_USE enum ew_code ew_snapshot_collections(struct ew_str **out, size_t *n,
	struct ew_snapshot *, struct ew_err *err);

/* The split that holds a label, absent when none does, and its blob. */
EW_MUST_USE enum ew_code ew_snapshot_find(struct ew_str *split, struct ew_oid *blob,
	struct ew_snapshot *, struct ew_str id, struct ew_err *err);

/* The split other than `split` that holds a label, absent when none does. */
EW_MUST_USE enum ew_code ew_snapshot_find_elsewhere(struct ew_str *in, struct ew_snapshot *,
	struct ew_str split, struct ew_str id, struct ew_err *err);

/*
 * Read and hash, on all processors, what labels of these ids will be changed in, before
 * the first of them is: reading it folder by folder takes longer.
 */
EW_MUST_USE enum ew_code ew_snapshot_prepare(struct ew_snapshot *, const struct ew_str *id, size_t n,
	struct ew_err *err);

/* The pins of the data set, and of its splits (unless NULL; *split is the snapshot's until the next call). */
EW_MUST_USE enum ew_code ew_snapshot_pins(struct ew_pins *out, struct ew_pin_split **split,
	size_t *splits, struct ew_snapshot *, struct ew_err *err);

/* Tell the cache what ew_snapshot_pins() found of what was written; see ew_collection_remember(). */
EW_MUST_USE enum ew_code ew_snapshot_remember(struct ew_snapshot *, struct ew_err *err);
/* Write everything that changed; the tree's id. */
EW_MUST_USE enum ew_code ew_snapshot_write(struct ew_oid *tree, struct ew_snapshot *,
	struct ew_stage *, struct ew_err *err);

#endif
