/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits: the only way anything is written.  An edit locks the store, opens the
 * branch of HEAD, and chains signed commits in memory; finishing it makes all of
 * them durable and moves the branch once, by compare and swap.  An edit that is
 * freed unfinished leaves no trace.
 */
#ifndef EW_OPS_EDIT_H
#define EW_OPS_EDIT_H

#include "ops/context.h"
#include "ops/ready.h"

struct ew_edit;

/* EW_USAGE without a key; EW_DENIED when the key is none of the store's. */
EW_MUST_USE enum ew_code ew_edit_open(struct ew_edit **out, struct ew_store *, struct ew_err *err);
/* The same for a store with no commit yet, by its founder. */
EW_MUST_USE enum ew_code ew_edit_open_first(struct ew_edit **out, struct ew_store *,
	struct ew_str founder, struct ew_err *err);
void ew_edit_free(struct ew_edit *);

/* The contents as they will be in the next commit. */
struct ew_snapshot *ew_edit_snapshot(struct ew_edit *);
/* The signer's principal. */
struct ew_str ew_edit_principal(const struct ew_edit *);
/* How many commits so far. */
size_t ew_edit_commits(const struct ew_edit *);

/*
 * Set a record that is ready, which whoever made it has checked.  `expected` is the number
 * of records that a collection not there yet will get (for its fan-out).
 */
EW_MUST_USE enum ew_code ew_edit_put_ready(struct ew_edit *, struct ew_str collection,
	const struct ew_ready *, uint64_t expected, struct ew_err *err);
/* The same of a label, in a split that there is; EW_REFUSED if another one has its id. */
EW_MUST_USE enum ew_code ew_edit_put_label(struct ew_edit *, struct ew_str split,
	const struct ew_ready *, struct ew_err *err);
/*
 * Stage such a record only; ew_edit_fill() sets all of them at once, as
 * ew_collection_fill() says, and is the last to change the collection.
 */
EW_MUST_USE enum ew_code ew_edit_stage(struct ew_edit *, const struct ew_ready *, struct ew_err *err);
/* One that will be staged soon is staged faster. */
void ew_edit_expect(const struct ew_edit *, const struct ew_ready *);
EW_MUST_USE enum ew_code ew_edit_fill(struct ew_edit *, struct ew_str collection, ew_put_fn *,
	const void *user, size_t n, bool hashed, struct ew_err *err);
/* Remove the label of an id and its instance; EW_NOTFOUND when there is no label. */
EW_MUST_USE enum ew_code ew_edit_withdraw(struct ew_edit *, struct ew_str id, struct ew_err *err);
/* Append the record of a label as it is now, which stands in `split` as `blob`; EW_NOTFOUND when there is none. */
EW_MUST_USE enum ew_code ew_edit_label(struct ew_buf *out, struct ew_str *split,
	struct ew_oid *blob, struct ew_edit *, struct ew_str id, struct ew_err *err);
/* Whether a record is known to be in this edit alone, where another thread cannot read it. */
bool ew_edit_stages(const struct ew_edit *, const struct ew_oid *blob);
/* The instance of an id; *found is false when there is none. */
EW_MUST_USE enum ew_code ew_edit_instance(struct ew_instance *out, bool *found, struct ew_edit *,
	struct ew_str id, struct ew_arena *, struct ew_err *err);

/*
 * Sign what has changed since the commit before as one more commit.  Of the message
 * the caller sets subject, text, event, label, cause and source; the edit adds the
 * rest.  EW_REFUSED when it is no message of the format, EW_DENIED when the policy of
 * the commit before does not let the signer.  Signing may go on beside the caller: what
 * fails may be an earlier commit.
 */
EW_MUST_USE enum ew_code ew_edit_commit(struct ew_edit *, const struct ew_message *,
	struct ew_err *err);
/*
 * What the next commit will be but for its signature, without making it: parent, tree, and
 * the bytes of the message, borrowed until the next call.  For what others sign before it.
 */
struct ew_preview {
	struct ew_oid parent, tree;
	struct ew_str message;
};
EW_MUST_USE enum ew_code ew_edit_preview(struct ew_preview *out, struct ew_edit *,
	const struct ew_message *, struct ew_err *err);
/* Append an armoured signature of a text that is neither commit nor tag, under a name space of its own. */
EW_MUST_USE enum ew_code ew_edit_sign(struct ew_buf *armour, struct ew_edit *, const char *name_space,
	struct ew_str text, struct ew_err *err);
/* The branch that is edited. */
struct ew_str ew_edit_ref(const struct ew_edit *);
/* Where in its input the caller is; the commits that follow come from there. */
void ew_edit_at(struct ew_edit *, size_t at);
/* Wait until all commits are signed.  A failure is that of the oldest one; it came from *at. */
EW_MUST_USE enum ew_code ew_edit_settle(size_t *at, struct ew_edit *, struct ew_err *err);

/*
 * Sign and publish an annotated tag of the branch's commit, in an edit without
 * commits; `message` is what a release's message holds.  EW_REFUSED if it exists.
 */
EW_MUST_USE enum ew_code ew_edit_tag(struct ew_oid *tag, struct ew_edit *, struct ew_str name,
	struct ew_str message, struct ew_err *err);
/* The branch's commit when the edit was opened. */
struct ew_oid ew_edit_head(const struct ew_edit *);

/* Publish.  With no commits it does nothing.  *tip is the branch's commit then. */
EW_MUST_USE enum ew_code ew_edit_finish(struct ew_oid *tip, struct ew_edit *, struct ew_err *err);

#endif
