/* SPDX-License-Identifier: Apache-2.0 */
/* Status: the store at a glance. */
#ifndef EW_OPS_STATUS_H
#define EW_OPS_STATUS_H

#include "ops/store.h"

/* Of HEAD.  Strings live in the arena; absent: .p is NULL. */
struct ew_status {
	struct ew_str name, dataset, licence;
	struct ew_str branch; /* "main"; absent when HEAD names none */
	char commit[41];
	struct ew_str author; /* of that commit, a principal */
	int64_t time;
	struct ew_status_split {
		struct ew_str name;
		uint64_t labels;
	} *split; /* ascending by name, those that hold labels */
	size_t splits;
	uint64_t labels; /* in all of them */
	struct ew_str records, answers; /* pins, "ewr1:..." */
	struct ew_str release; /* the last one on this history, or absent */
	int64_t expires;       /* of that release; 0: never */
	uint64_t since;        /* commits since it; 0: HEAD is that release */
	struct ew_arena arena;
};

/* The caller releases `out`, also after failure. */
EW_MUST_USE enum ew_code ew_status(struct ew_status *out, struct ew_store *, struct ew_err *err);
void ew_status_release(struct ew_status *);
/* schemas/ellwand.status.json */
void ew_status_json(struct ew_buf *out, const struct ew_status *);

#endif
