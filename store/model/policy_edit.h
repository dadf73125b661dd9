/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a policy: one sentence each.  What is changed lives in the arena, beside what
 * stays; the version is the caller's to raise.  EW_REFUSED when the policy says so already,
 * or names what is not there; whether the whole is a policy, parsing what is written says.
 */
#ifndef EW_MODEL_POLICY_EDIT_H
#define EW_MODEL_POLICY_EDIT_H

#include "model/policy.h"

struct ew_policy_editor {
	struct ew_policy *policy;
	struct ew_arena *arena;
	struct ew_err *err;
};

/* A role that is not there is made, if it is allowed something. */
EW_MUST_USE enum ew_code ew_policy_allow(struct ew_policy_editor *, struct ew_str role, enum ew_event);
EW_MUST_USE enum ew_code ew_policy_deny(struct ew_policy_editor *, struct ew_str role, enum ew_event);
/* Limit a role to a split, or an attribute's value, beside those that it is limited to. */
EW_MUST_USE enum ew_code ew_policy_limit_split(struct ew_policy_editor *, struct ew_str role,
	struct ew_str split);
EW_MUST_USE enum ew_code ew_policy_limit_attribute(struct ew_policy_editor *, struct ew_str role,
	struct ew_str name, struct ew_str value);
/* Let it be made everywhere again. */
EW_MUST_USE enum ew_code ew_policy_unlimit(struct ew_policy_editor *, struct ew_str role);
/* Give a person a role, or take it away; a person without any is not in the policy. */
EW_MUST_USE enum ew_code ew_policy_grant(struct ew_policy_editor *, struct ew_str person,
	struct ew_str role);
EW_MUST_USE enum ew_code ew_policy_take(struct ew_policy_editor *, struct ew_str person,
	struct ew_str role);
/* Nobody has two of these roles; or: any more. */
EW_MUST_USE enum ew_code ew_policy_separate(struct ew_policy_editor *, const struct ew_str *role,
	size_t n);
EW_MUST_USE enum ew_code ew_policy_unite(struct ew_policy_editor *, const struct ew_str *role, size_t n);
EW_MUST_USE enum ew_code ew_policy_set_threshold(struct ew_policy_editor *, enum ew_threshold,
	int64_t n);
EW_MUST_USE enum ew_code ew_policy_set_step(struct ew_policy_editor *, enum ew_level, enum ew_step);
/* What labels of a split, or of "*", may be exported for. */
EW_MUST_USE enum ew_code ew_policy_set_uses(struct ew_policy_editor *, struct ew_str split,
	const enum ew_use *, size_t n);
/*
 * Revoke a key, or say anew how far back, or vouch for more; `through` and `reason` may be
 * absent, and are then as they were.
 */
EW_MUST_USE enum ew_code ew_policy_revoke(struct ew_policy_editor *, struct ew_str key,
	struct ew_str through, const struct ew_str *vouched, size_t n, struct ew_str reason);

/* The enum of a threshold's word. */
bool ew_threshold_read(enum ew_threshold *out, struct ew_str word);

#endif
