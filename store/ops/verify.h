/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification: everything about a version is recomputed from the objects, with
 * no cache: signatures and roles back to the first commit, what each commit
 * declares against what it does, the release, the pins.  `fsck` does so for every
 * branch and tag, and checks every record.
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
	uint64_t commits, signatures, labels; /* checked */
	struct ew_str records, answers;       /* recomputed */
	bool good;
	struct ew_str problem; /* when not good: one line, what and where */
	struct ew_arena arena;
};
/*
 * EW_OK with good set, or not; failures are those of looking (EW_IO, EW_CORRUPT,
 * EW_NOTFOUND).  EW_USAGE for a pin that is none.
 */
EW_MUST_USE enum ew_code ew_verify(struct ew_verified *out, struct ew_store *,
	const struct ew_verify_opts *, struct ew_err *err);
void ew_verified_release(struct ew_verified *);
/* schemas/ellwand.verify.json */
void ew_verified_json(struct ew_buf *out, const struct ew_verified *);

/* Called for each fault that fsck finds: where, what. */
typedef void ew_fault_fn(void *user, const char *where, const char *what);
struct ew_fsck_report {
	uint64_t refs, commits, records, faults;
};
EW_MUST_USE enum ew_code ew_fsck(struct ew_fsck_report *out, struct ew_store *, ew_fault_fn *,
	void *user, struct ew_err *err);

/* Remove what interrupted writers left: stale lock files and temporary files; says how many of each. */
struct ew_recover_report {
	uint64_t locks, temporaries;
};
EW_MUST_USE enum ew_code ew_recover(struct ew_recover_report *out, struct ew_store *,
	struct ew_err *err);

#endif
