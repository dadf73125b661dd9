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

#include "codec/signer.h"

enum { EW_SSHSIG_MAX = 8192 };

/* Append the armoured signature of `message` under `name_space` (SHA-512) to `out`. */
EW_MUST_USE enum ew_code ew_sshsig_sign(struct ew_buf *out, struct ew_hash *, struct ew_signer *,
	const char *name_space, struct ew_str message, struct ew_err *err);

/*
 * A signature taken apart: whose it is said to be, and what it must be over.  Good for
 * nothing until it was checked.  { 0 } at first; what is parsed next reuses its memory.
 */
struct ew_sshsig {
	struct ew_sshkey by;     /* len 0 after a failure */
	struct ew_str signature; /* the end of `blob` */
	struct ew_buf blob, over;
};

/*
 * The first half of verifying, a microsecond or two, with a key of ECDSA 20: all but the
 * curve.  Nothing is borrowed from `message` and `armour`.  EW_NO with the reason.  Whether
 * the key may sign is for the caller to ask (signers.h).
 */
EW_MUST_USE enum ew_code ew_sshsig_parse(struct ew_sshsig *out, struct ew_hash *,
	const char *name_space, struct ew_str message, struct ew_str armour, struct ew_err *err);
/*
 * The second half, some 40 microseconds for Ed25519: EW_NO unless the key signed, also after
 * a failure to parse.  It changes nothing, so another thread may do it.
 */
EW_MUST_USE enum ew_code ew_sshsig_check(const struct ew_sshsig *, struct ew_err *err);
void ew_sshsig_release(struct ew_sshsig *);

/*
 * Both halves: check that `armour` is a good signature of `message` under `name_space` by
 * the key it carries, which is stored in `*by`.
 */
EW_MUST_USE enum ew_code ew_sshsig_verify(struct ew_sshkey *by, struct ew_hash *,
	const char *name_space, struct ew_str message, struct ew_str armour, struct ew_err *err);

/*
 * A signature's bytes for who has little room, appended: of Ed25519 and SHA-512, as nearly
 * all are, the key, R and S, which is all that they do not have alike; of others all that is
 * in the armour.  EW_NO for an armour that is none.
 */
enum { EW_SSHSIG_SHORT = 96 };
EW_MUST_USE enum ew_code ew_sshsig_strip(struct ew_buf *out, const char *name_space,
	struct ew_str armour, struct ew_err *err);
/* Append the armour of such bytes, whatever they are. */
void ew_sshsig_dress(struct ew_buf *out, const char *name_space, struct ew_str bytes);

#endif
