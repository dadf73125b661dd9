/* SPDX-License-Identifier: Apache-2.0 */
/* One commit as the log shows it.  Private to the operations. */
#ifndef EW_OPS_LOGGED_H
#define EW_OPS_LOGGED_H

#include "ops/context.h"
#include "ops/log.h"

/* Read a commit, everything in the arena. */
EW_MUST_USE enum ew_code ew_logged_read(struct ew_logged *out, struct ew_commit *commit,
	struct ew_store *, const struct ew_oid *, struct ew_arena *, struct ew_err *err);
/* Its members that every commit has, into an object that is open. */
void ew_logged_write(struct ew_jsonw *, const struct ew_logged *);

#endif
