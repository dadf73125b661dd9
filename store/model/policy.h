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

/* The longest name of a role. */
enum { EW_ROLE_MAX = 200 };

/* Instances whose attribute `name` has one of these texts as its value. */
struct ew_policy_attribute {
	struct ew_str name, *value;
	size_t values;
};
/* What a role may do, and where: lists that are empty limit nothing. */
struct ew_policy_role {
	struct ew_str name;
	enum ew_event *event;
	struct ew_str *split;
	struct ew_policy_attribute *attribute; /* every one of them must fit */
	size_t events, splits, attributes;
};
struct ew_policy_person {
	struct ew_str email, *role;
	size_t roles;
};
/* Roles of which nobody has two. */
struct ew_policy_apart {
	struct ew_str *role;
	size_t roles;
};
/*
 * A key that was somebody else's as well, or may have been.  What it signed is good up to
 * the commit `through` in the history, nothing if that is absent, and in the commits that
 * are vouched for.
 */
struct ew_policy_revoked {
	struct ew_str key; /* "SHA256:..." */
	struct ew_str through, *vouched; /* ids of commits, 40 hex digits */
	struct ew_str reason;            /* may be absent */
	size_t vouches;
};
struct ew_policy_uses {
	struct ew_str split; /* or "*" */
	bool use[3];         /* by enum ew_use */
};

/* Strings and lists live in the arena that it was parsed into. */
struct ew_policy {
	int64_t version; /* 1 for the first policy of a store, and one more with each change */
	struct ew_policy_person *person;
	struct ew_policy_role *role;
	struct ew_policy_apart *apart;
	struct ew_policy_revoked *revoked;
	struct ew_policy_uses *use;
	size_t persons, roles, aparts, revokeds, uses;
	int64_t threshold[3];  /* by enum ew_threshold: signatures needed, at least 1 */
	enum ew_step step[4];  /* by enum ew_level: the version step that it demands */
};

/*
 * Strict, as ew_label_parse(); also EW_REFUSED when a person has a role that is not
 * defined, or two that are to be apart.
 */
EW_MUST_USE enum ew_code ew_policy_parse(struct ew_policy **out, struct ew_arena *,
	struct ew_str bytes, struct ew_err *err);
/* Append its canonical bytes; whether they are a policy, parsing them says. */
void ew_policy_write(struct ew_buf *out, const struct ew_policy *);
/*
 * Append the policy of a new store: `founder`, a principal, has the roles root,
 * maintainer and release; the step rule is none, patch, minor, major; split "train"
 * may be used for everything, others for evaluation.
 */
void ew_policy_write_first(struct ew_buf *out, struct ew_str founder);

/* True if this person has the role. */
bool ew_policy_has_role(const struct ew_policy *, struct ew_str person, struct ew_str role);
/* NULL when the policy has none of that name. */
const struct ew_policy_person *ew_policy_person(const struct ew_policy *, struct ew_str email);
const struct ew_policy_role *ew_policy_role(const struct ew_policy *, struct ew_str name);
const struct ew_policy_revoked *ew_policy_revoked(const struct ew_policy *, struct ew_str key);

/* True if a role of this person allows the event, anywhere; or everywhere, without limits. */
bool ew_policy_allows(const struct ew_policy *, struct ew_str person, enum ew_event);
bool ew_policy_allows_everywhere(const struct ew_policy *, struct ew_str person, enum ew_event);
/*
 * True if one allows it for a label of this split whose instance has these attributes, the
 * canonical bytes of an object; absent: it has none.
 */
bool ew_policy_allows_at(const struct ew_policy *, struct ew_str person, enum ew_event,
	struct ew_str split, struct ew_str attributes);
/* True if labels of this split may be exported for this use. */
bool ew_policy_use(const struct ew_policy *, struct ew_str split, enum ew_use);

#endif
