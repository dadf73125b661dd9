/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: a label store opened for work, with what the operations need from
 * outside: the key, the clock, progress.
 */
#ifndef EW_OPS_STORE_H
#define EW_OPS_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/progress.h"

struct ew_store;

/* Everything is borrowed and must outlive the store; NULL: not given. */
struct ew_store_opts {
	const char *key;          /* a file, or "key::" and a public key; else that of git's settings */
	const char *principal;    /* else the principal of that key in the store; at init, git's user.email */
	const char *agent_socket; /* $SSH_AUTH_SOCK */
	const char *home, *xdg_config_home; /* $HOME and $XDG_CONFIG_HOME, for git's configuration */
	int64_t now;              /* seconds since the epoch: the time of commits, and by which releases expire */
	const struct ew_progress *progress;
};

/*
 * Make a store at `dir`: repository, manifest, policy and keys in one signed
 * commit.  A key that is given is kept as git's user.signingKey.  EW_REFUSED if there
 * is a repository already.
 */
struct ew_init_opts {
	const char *name;
	const char *licence; /* may be NULL */
};
EW_MUST_USE enum ew_code ew_store_init(const char *dir, const struct ew_init_opts *,
	const struct ew_store_opts *, struct ew_err *err);

EW_MUST_USE enum ew_code ew_store_open(struct ew_store **out, const char *dir,
	const struct ew_store_opts *, struct ew_err *err);
void ew_store_free(struct ew_store *);

#endif
