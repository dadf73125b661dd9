/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Succession: what stands between a release and the one before it, for who makes a
 * release and for who judges one.  Private to the operations.
 */
#ifndef EW_OPS_SUCCESSION_H
#define EW_OPS_SUCCESSION_H

#include "ops/tagged.h"

struct ew_succession {
	bool greater;        /* the version is greater than that before; else nothing else is known */
	bool descends;       /* the release before is in this one's history; else nothing below is known */
	enum ew_level level; /* compatibility with the one before */
	enum ew_step step;   /* from that version to this */
	enum ew_step due;    /* what the policy demands for the level */
};
/* Of `commit` as `version`, under `policy`, after `before`. */
EW_MUST_USE enum ew_code ew_succession(struct ew_succession *out, struct ew_store *,
	const struct ew_policy *policy, const struct ew_tagged *before,
	const struct ew_version *version, const struct ew_oid *commit, struct ew_err *err);

#endif
