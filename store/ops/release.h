/* SPDX-License-Identifier: Apache-2.0 */
/* Releases: signed, numbered versions. */
#ifndef EW_OPS_RELEASE_H
#define EW_OPS_RELEASE_H

#include "ops/diff.h"

/*
 * Tag HEAD's commit as `version`.  EW_REFUSED if the tag exists or is not greater
 * than the last release, or there is no label; EW_DENIED if its step is smaller than
 * the changes demand and no waiver says why, or the signer has not the role
 * "release".  The report's strings live in its arena.
 */
struct ew_release_opts {
	struct ew_str version, message, waiver;
};
struct ew_release {
	struct ew_str name;
	uint64_t sequence;
	enum ew_level level; /* against the release before; EW_IDENTICAL for the first */
	struct ew_str records, answers;
	uint64_t count;
	char commit[41], tag[41];
	struct ew_arena arena;
};
EW_MUST_USE enum ew_code ew_release(struct ew_release *out, struct ew_store *,
	const struct ew_release_opts *, struct ew_err *err);
void ew_release_release(struct ew_release *);

#endif
