/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing: which key signs, and what makes the signatures.  What was asked for goes before
 * git's own settings, which are taken as git takes them (git-config(1)): user.signingKey, a
 * path or a public key; else the first line that gpg.ssh.defaultKeyCommand prints; and
 * gpg.ssh.program, which signs in place of this library.
 */
#ifndef EW_OPS_SIGNING_H
#define EW_OPS_SIGNING_H

#include "codec/signer.h"
#include "ops/store.h"
#include "repo/repo.h"

/*
 * `repo` is NULL where there is none yet: then the user's own settings count, and the
 * signer is good for its key alone.  *key, in the arena, is what names the key from now on
 * (signer.h).  EW_USAGE if there is no key, or git is set to sign otherwise than with SSH;
 * for the rest see ew_signer_open().
 */
EW_MUST_USE enum ew_code ew_signing_open(struct ew_signer **out, struct ew_str *key,
	const struct ew_store_opts *, struct ew_repo *repo, struct ew_arena *, struct ew_err *err);

#endif
