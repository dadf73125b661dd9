/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proposals: a change of the rules that waits for signatures, in a file that people send
 * each other.  LABELS_FORMAT.md section 7.
 */
#ifndef EW_MODEL_PROPOSAL_H
#define EW_MODEL_PROPOSAL_H

#include "base/arena.h"
#include "codec/hash.h"
#include "model/cosign.h"

enum { EW_PROPOSAL_MAX = 4 << 20 }; /* bytes of the file */

struct ew_proposal {
	struct ew_str parent;          /* of the commit: 40 hex digits */
	struct ew_str message;         /* the commit's, without co-signatures */
	struct ew_str policy, signers; /* the files as they shall be; absent: as they are */
	struct ew_str cosign[EW_COSIGNS_MAX]; /* values of trailers, ascending */
	size_t cosigns;
};

/* Strict: EW_REFUSED with the reason.  Strings are in the arena. */
EW_MUST_USE enum ew_code ew_proposal_parse(struct ew_proposal *out, struct ew_arena *,
	struct ew_str bytes, struct ew_err *err);
/* Append its canonical bytes and a newline. */
void ew_proposal_write(struct ew_buf *out, const struct ew_proposal *);
/* Add a co-signature in its place; EW_REFUSED when there is no room. */
EW_MUST_USE enum ew_code ew_proposal_add(struct ew_proposal *, struct ew_str value,
	struct ew_err *err);

#endif
