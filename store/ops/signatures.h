/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures that are checked by other threads, many at a time, while the history that
 * they stand in is read on.  Private to the operations.
 */
#ifndef EW_OPS_SIGNATURES_H
#define EW_OPS_SIGNATURES_H

#include "codec/sshsig.h"

struct ew_signatures;

EW_MUST_USE enum ew_code ew_signatures_open(struct ew_signatures **out, struct ew_err *err);
void ew_signatures_free(struct ew_signatures *);
/* Where the next signature is to be parsed; it counts once it is added. */
struct ew_sshsig *ew_signatures_next(struct ew_signatures *);
/*
 * The signature that was parsed last, of a commit.  EW_NO, naming the commit, when one
 * that was added before turns out not to be good: the oldest one.
 */
EW_MUST_USE enum ew_code ew_signatures_add(struct ew_signatures *, const struct ew_oid *commit,
	struct ew_err *err);
/* Wait for all: EW_NO for the oldest that is not good.  None are left then. */
EW_MUST_USE enum ew_code ew_signatures_settle(struct ew_signatures *, struct ew_err *err);
/* How many were found good, before the oldest that was not. */
uint64_t ew_signatures_good(const struct ew_signatures *);

#endif
