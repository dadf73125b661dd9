/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain: the commits of one edit, each signed upon the one before.  All of a commit but
 * its parent is known when it is drafted; so many drafts are signed, in their order, by a
 * thread of the chain's own, while the caller prepares more of them.  What is signed is
 * staged by the caller's calls.  Few drafts are signed without a thread, and so are those
 * that an agent signs, since a signal ends its waits.
 *
 * Drafts wait in batches, of which there are a few: memory does not grow with the chain.
 * A failure is that of the oldest draft that failed; nothing is signed after it.
 */
#ifndef EW_OPS_CHAIN_H
#define EW_OPS_CHAIN_H

#include "codec/sshkey.h"
#include "model/commit.h"
#include "repo/stage.h"

struct ew_chain;

/* What is not a draft's own.  Everything is borrowed, and the signer is the chain's alone. */
struct ew_chain_opts {
	struct ew_signer *signer;
	struct ew_stage *stage;
	const struct ew_ident *by;
	struct ew_oid parent; /* of the first commit; zero: it has none */
};

EW_MUST_USE enum ew_code ew_chain_open(struct ew_chain **out, const struct ew_chain_opts *,
	struct ew_err *err);
/* Drafts that are not signed yet are left. */
void ew_chain_free(struct ew_chain *);

/* Add a draft; `at` is where its event stands in the input.  What fails may be an earlier one. */
EW_MUST_USE enum ew_code ew_chain_add(struct ew_chain *, const struct ew_oid *tree,
	struct ew_str message, size_t at, struct ew_err *err);
/* All drafts signed and staged: *tip is the last commit.  After a failure, *at is whose it was. */
EW_MUST_USE enum ew_code ew_chain_settle(struct ew_oid *tip, size_t *at, struct ew_chain *,
	struct ew_err *err);

#endif
