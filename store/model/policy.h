/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy, policy.json: who may do what, and what labels may be used for.
 * LABELS_FORMAT.md section 4.4.
 */
#ifndef EW_MODEL_POLICY_H
#define EW_MODEL_POLICY_H

#include "model/event.h"

#define EW_USES(X)                     \
	X(EW_EVALUATION, "evaluation")    \
	X(EW_TRAINING, "training")        \
	X(EW_REWARD, "reward")
enum ew_use {
#define X(name, word) name,
	EW_USES(X)
#undef X
};
const char *ew_use_word(enum ew_use);
bool ew_use_read(enum ew_use *out, struct ew_str word);

/* What needs signatures by several. */
#define EW_THRESHOLDS(X)               \
	X(EW_THRESHOLD_KEYS, "keys")     \
	X(EW_THRESHOLD_POLICY, "policy") \
	X(EW_THRESHOLD_RELEASE, "release")
enum ew_threshold {
#define X(name, word) name,
	EW_THRESHOLDS(X)
#undef X
};

struct ew_policy; /* owned by the arena it was parsed into */

/* Strict, as ew_label_parse(); also EW_REFUSED when a person has a role that is not defined. */
EW_MUST_USE enum ew_code ew_policy_parse(struct ew_policy **out, struct ew_arena *,
	struct ew_str bytes, struct ew_err *err);
/*
 * Append the policy of a new store: `founder`, a principal, has the roles root,
 * maintainer and release; the step rule is none, patch, minor, major; split "train"
 * may be used for everything, others for evaluation.
 */
void ew_policy_write_first(struct ew_buf *out, struct ew_str founder);

/* 1 for the first policy of a store, and one more with each change. */
int64_t ew_policy_version(const struct ew_policy *);
/* True if this person has the role. */
bool ew_policy_has_role(const struct ew_policy *, struct ew_str person, struct ew_str role);
/* True if a role of this person allows the event. */
bool ew_policy_allows(const struct ew_policy *, struct ew_str person, enum ew_event);
/* How many signatures this needs, at least 1. */
int64_t ew_policy_threshold(const struct ew_policy *, enum ew_threshold);
/* The version step that a change of this level demands. */
enum ew_step ew_policy_step(const struct ew_policy *, enum ew_level);
/* True if labels of this split may be exported for this use. */
bool ew_policy_use(const struct ew_policy *, struct ew_str split, enum ew_use);

#endif
