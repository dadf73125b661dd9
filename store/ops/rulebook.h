/* SPDX-License-Identifier: Apache-2.0 */
/* Rulebooks: the policy and the keys of one version, to be read. */
#ifndef EW_OPS_RULEBOOK_H
#define EW_OPS_RULEBOOK_H

#include "codec/signers.h"
#include "model/policy.h"
#include "ops/store.h"

struct ew_rulebook {
	char commit[41];
	struct ew_policy *policy;
	struct ew_str policy_json; /* its bytes */
	struct ew_signers signers;
	struct ew_str *print;      /* the fingerprint of each line's key */
	struct ew_arena arena;
};
/* Of a revision, absent for HEAD.  The caller releases it, also after failure. */
EW_MUST_USE enum ew_code ew_rulebook_open(struct ew_rulebook *out, struct ew_store *, struct ew_str rev,
	struct ew_err *err);
void ew_rulebook_release(struct ew_rulebook *);
/* schemas/ellwand.policy.json and schemas/ellwand.keys.json */
void ew_rulebook_policy_json(struct ew_buf *out, const struct ew_rulebook *);
void ew_rulebook_keys_json(struct ew_buf *out, const struct ew_rulebook *);

#endif
