/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification: everything about a version is recomputed from the objects:
 * signatures and roles back to the first commit, what each commit declares against
 * what it does, every record, the release, the pins.  What is taken on trust is the
 * first commit, whose own keys and policy begin the chain, and the pin if one is given.
 * A release that has expired by the store's clock is not good either.
 */
#ifndef EW_OPS_VERIFY_H
#define EW_OPS_VERIFY_H

#include "ops/store.h"

struct ew_verify_opts {
	struct ew_str rev; /* absent: HEAD */
	struct ew_str pin; /* "ewr1:..." or "ewa1:...": what the consumer expects; absent: none */
};
struct ew_verified {
	struct ew_str rev, release; /* release: its tag's name, absent when `rev` is none */
	char commit[41];
	char root[41];                  /* the first commit; "" when the history is not good */
	uint64_t commits;               /* judged and good, from the first one on */
	uint64_t labels;                /* of the version; 0 when the history is not good */
	struct ew_str records, answers; /* pins, recomputed; absent when the history is not good */
	int64_t expires;                /* of the release; 0: never, or it is not good otherwise */
	bool good;
	struct ew_str problem; /* when not good: one line, what and where */
	struct ew_arena arena;
};
/*
 * EW_OK with `good` true or false; failures are those of looking (EW_IO, EW_CORRUPT,
 * EW_NOTFOUND), EW_REFUSED for a revision that names no commit, and EW_USAGE or
 * EW_REFUSED for a pin that is none.  The caller releases `out`, also after failure.
 */
EW_MUST_USE enum ew_code ew_verify(struct ew_verified *out, struct ew_store *,
	const struct ew_verify_opts *, struct ew_err *err);
void ew_verified_release(struct ew_verified *);
/* schemas/ellwand.verify.json */
void ew_verified_json(struct ew_buf *out, const struct ew_verified *);

#endif
