/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transitions: a snapshot that becomes that of the next tree, as a history is followed,
 * and what differs between the two.
 */
#ifndef EW_REPO_TRANSITION_H
#define EW_REPO_TRANSITION_H

#include "repo/snapshot.h"

/* What differs between two trees that follow each other. { 0 } at first. */
struct ew_transition_section {
	struct ew_str name; /* of a collection; the snapshot's */
	struct ew_differences differences;
};
struct ew_transition {
	struct ew_transition_section *section; /* ascending by name */
	size_t sections, room;
	bool changed[EW_FILE_COUNT];
	struct ew_manifest *manifest; /* as it was before, until the next step; NULL: there was none */
	struct ew_policy *policy;
	struct ew_signers *signers;
};
void ew_transition_release(struct ew_transition *);
/*
 * Become the snapshot of another tree, reading only what differs, which is listed in *out.
 * One that was changed here cannot follow.  After a failure it is of no more use.
 */
EW_MUST_USE enum ew_code ew_snapshot_follow(struct ew_transition *out, struct ew_snapshot *,
	const struct ew_oid *tree, struct ew_err *err);

/*
 * Let go of what is not needed to follow on: the lists of a large transition, and records
 * that no pin covers; they are read again when they are asked for.
 */
void ew_snapshot_lighten(struct ew_snapshot *, struct ew_transition *);

/*
 * As ew_snapshot_find(), for an id whose key is known; *fresh is true when the label came
 * or changed in the last transition.
 */
EW_MUST_USE enum ew_code ew_snapshot_find_fresh(struct ew_str *split, struct ew_oid *blob, bool *fresh,
	struct ew_snapshot *, const struct ew_sha256 *key, struct ew_str id, struct ew_err *err);
/* The same of an instance; the blob is zero when there is none. */
EW_MUST_USE enum ew_code ew_snapshot_find_instance(struct ew_oid *blob, bool *fresh,
	struct ew_snapshot *, const struct ew_sha256 *key, struct ew_str id, struct ew_err *err);

#endif
