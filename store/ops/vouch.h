/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vouching: a release, with the whole history before it, is judged, and what it is
 * becomes what a lock says of it.  Private to the operations.
 */
#ifndef EW_OPS_VOUCH_H
#define EW_OPS_VOUCH_H

#include "model/lock.h"
#include "ops/ancestry.h"
#include "ops/tagged.h"

struct ew_vouched {
	struct ew_lock lock;
	uint64_t commits; /* of its history that stand; of all histories that were judged so far */
	bool history;     /* all of them do; if it fails nevertheless, then for the release */
};
/*
 * EW_NO or EW_REFUSED with the commit or release and the rule it breaks.  Texts are in the
 * arena.
 */
EW_MUST_USE enum ew_code ew_vouch(struct ew_vouched *out, struct ew_ancestry *, struct ew_store *,
	const struct ew_tagged *, struct ew_arena *, struct ew_err *err);
/*
 * Whether a release that stands came from another, release by release, each naming the
 * tag of the one before.
 */
EW_MUST_USE enum ew_code ew_vouch_follows(bool *out, struct ew_store *, const struct ew_lock *,
	const struct ew_lock *before, struct ew_err *err);

/* EW_NO "release v2.0 expired on ..." if `now` is after its end. */
EW_MUST_USE enum ew_code ew_vouch_expired(struct ew_str release, int64_t expires, int64_t now,
	struct ew_err *err);

#endif
