/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSHSIG: OpenSSH's signature format for files (PROTOCOL.sshsig), as git uses it.
 * What is read must be canonical: version 1, the armour byte for byte as
 * ssh-keygen writes it (base64 in lines of 70, one final newline), SHA-512 or
 * SHA-256, nothing before or after.  So a signature has one spelling, and a commit
 * that carries it one id.
 */
#ifndef EW_CODEC_SSHSIG_H
#define EW_CODEC_SSHSIG_H

#include "codec/sshkey.h"

enum { EW_SSHSIG_MAX = 8192 };

/* Append the armoured signature of `message` under `name_space` (SHA-512) to `out`. */
EW_MUST_USE enum ew_code ew_sshsig_sign(struct ew_buf *out, struct ew_hash *, struct ew_signer *,
	const char *name_space, struct ew_str message, struct ew_err *err);

/*
 * Check that `armour` is a good signature of `message` under `name_space` by the
 * key it carries, which is stored in `*by`.  Whether that key may sign is for the
 * caller to ask (signers.h).  EW_NO with the reason otherwise.
 */
EW_MUST_USE enum ew_code ew_sshsig_verify(struct ew_sshkey *by, struct ew_hash *,
	const char *name_space, struct ew_str message, struct ew_str armour, struct ew_err *err);

#endif
