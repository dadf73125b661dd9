/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proving: one label of a version, or that it has none of an id, in a small file that
 * whoever has the pin, or the key of the release, can check without the store (proven.h).
 */
#ifndef EW_OPS_PROVE_H
#define EW_OPS_PROVE_H

#include "ops/store.h"

struct ew_prove_opts {
	struct ew_str what; /* REV:ID */
	bool answers;       /* of what scoring depends on alone, for an answers pin */
};
/*
 * Append the proof, schemas/proof.json, that is checked as its reader will.  *absent says
 * which of the two it proves.  EW_USAGE when no label is named, EW_REFUSED for what can be
 * no id, EW_NO when the version does not hold what its commit or release declares.
 */
EW_MUST_USE enum ew_code ew_prove(struct ew_buf *out, bool *absent, struct ew_store *,
	const struct ew_prove_opts *, struct ew_err *err);

#endif
