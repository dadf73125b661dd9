/* SPDX-License-Identifier: Apache-2.0 */
/* Releases: signed, numbered versions.  LABELS_FORMAT.md section 8. */
#ifndef EW_OPS_RELEASE_H
#define EW_OPS_RELEASE_H

#include "model/change.h"
#include "ops/store.h"

struct ew_release_opts {
	struct ew_str version; /* "v1.0" */
	struct ew_str message; /* absent: none */
	struct ew_str waiver;  /* why a smaller step than the changes demand; absent: none */
	/* Until when it is to be used: a day, whose last second it is, a time, or "180d"; absent: always. */
	struct ew_str expires;
};
struct ew_release {
	struct ew_str name, previous; /* previous: absent for the first */
	struct ew_str waiver;         /* absent when the step is as great as the changes demand */
	uint64_t sequence, count;
	int64_t expires;     /* 0: never */
	enum ew_level level; /* against the one before */
	struct ew_str records, answers;
	char commit[41], tag[41];
	struct ew_arena arena;
};

/*
 * Tag HEAD's commit as a version.  EW_REFUSED if the version is not greater than the
 * last release, that one is not in HEAD's history or does not verify, there is no label,
 * or it would expire at once; EW_DENIED if the step is smaller than the changes demand and no waiver says
 * why, the signer has not the role "release", or the policy wants several signatures.
 * The caller releases `out`, also after failure.
 */
EW_MUST_USE enum ew_code ew_release(struct ew_release *out, struct ew_store *,
	const struct ew_release_opts *, struct ew_err *err);
void ew_release_release(struct ew_release *);
/* schemas/ellwand.release.json */
void ew_release_json(struct ew_buf *out, const struct ew_release *);

#endif
