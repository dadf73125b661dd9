/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: who may do what, and whose keys these are.  A change of policy.json and
 * allowed_signers is one signed commit; where the policy wants several signatures of it, it
 * is written as a proposal first, which others sign, the last of them making the commit.
 */
#ifndef EW_OPS_RULES_H
#define EW_OPS_RULES_H

#include "codec/sshkey.h"
#include "model/policy_edit.h"
#include "ops/store.h"

/* A change in the making; the store is locked until it is freed. */
struct ew_rules;

EW_MUST_USE enum ew_code ew_rules_open(struct ew_rules **out, struct ew_store *, struct ew_err *err);
void ew_rules_free(struct ew_rules *);
/* By which the policy is changed; the rules' own. */
struct ew_policy_editor *ew_rules_editor(struct ew_rules *, struct ew_err *err);
/*
 * Let a person sign with a key, from and until times as allowed_signers writes them
 * ("20270101000000Z"; absent: always).  EW_REFUSED if it is somebody's already.
 */
EW_MUST_USE enum ew_code ew_rules_add_key(struct ew_rules *, struct ew_str person,
	const struct ew_sshkey *, struct ew_str from, struct ew_str until, struct ew_err *err);
/* Take a key out: what it has signed stays good.  EW_NOTFOUND when it is not there. */
EW_MUST_USE enum ew_code ew_rules_retire_key(struct ew_rules *, struct ew_str fingerprint,
	struct ew_err *err);

/* What became of it. */
struct ew_ruled {
	char commit[41];         /* "" while it is a proposal */
	struct ew_buf proposal;  /* what to write to the file, if it is one */
	enum ew_event event;
	struct ew_str subject;
	size_t signatures;       /* there are */
	int64_t wanted;
	struct ew_arena arena;
};
/*
 * Commit the change, or write it as a proposal that the caller has signed.  EW_DENIED if
 * the caller may not do it, or several must; EW_REFUSED for rules that could not be lived
 * with.  The caller releases `out`, also after failure.
 */
EW_MUST_USE enum ew_code ew_rules_finish(struct ew_ruled *out, struct ew_rules *,
	struct ew_str subject, struct ew_str reason, bool propose, struct ew_err *err);
/*
 * Sign a proposal as one more; or commit it, as the last one.  EW_REFUSED when the branch
 * has moved on, or the proposal is not what it says.
 */
EW_MUST_USE enum ew_code ew_rules_sign(struct ew_ruled *out, struct ew_store *, struct ew_str proposal,
	bool commit, struct ew_err *err);
void ew_ruled_release(struct ew_ruled *);
/* schemas/ellwand.rules.json */
void ew_ruled_json(struct ew_buf *out, const struct ew_ruled *);

/* The key that one line of text, or of a .pub file, holds. */
EW_MUST_USE enum ew_code ew_rules_read_key(struct ew_sshkey *out, struct ew_str text, struct ew_err *err);
/* A key's fingerprint, and the id of the commit that a revision names, in the arena. */
EW_MUST_USE enum ew_code ew_rules_fingerprint(struct ew_str *out, struct ew_store *,
	const struct ew_sshkey *, struct ew_arena *, struct ew_err *err);
EW_MUST_USE enum ew_code ew_rules_commit(struct ew_str *hex, struct ew_store *, struct ew_str rev,
	struct ew_arena *, struct ew_err *err);

#endif
