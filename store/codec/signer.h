/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signer: a private key, or a way to one.  The private half is in an unencrypted file of
 * OpenSSH (openssh-key-v1, cipher "none"), or an ssh-agent has it, or a program as git's
 * gpg.ssh.program signs with it.
 */
#ifndef EW_CODEC_SIGNER_H
#define EW_CODEC_SIGNER_H

#include "codec/sshkey.h"

struct ew_signer;

/* Borrowed until the signer is freed; NULL: not given. */
struct ew_signer_opts {
	const char *key;          /* a file with either half, or "key::" and the line of a public key */
	const char *agent_socket;
	const char *program;      /* signs, whatever the key; else ssh-keygen if nothing else can */
	const char *folder;       /* for the files of programs; without it none may be run */
};

/*
 * Open the key.  A private half that can be read is used by itself.  One that is encrypted
 * or in a FIDO device is the agent's if that holds it, else ssh-keygen's.  Of a public half
 * in a file KEY.pub the agent has the other, or the file KEY beside it; of one that is
 * given as a line, the agent.
 * EW_NOTFOUND if there is no such file, EW_REFUSED if it is no key or is damaged, EW_USAGE
 * if there is no way to the private half: the agent lacks it, or there is none, EW_IO if
 * the agent cannot be asked.  One thread at a time.
 */
EW_MUST_USE enum ew_code ew_signer_open(struct ew_signer **out, const struct ew_signer_opts *,
	struct ew_err *err);
/* Wipes the private key. */
void ew_signer_free(struct ew_signer *);
const struct ew_sshkey *ew_signer_key(const struct ew_signer *);
/*
 * Whether an agent or a program is asked for each signature, which may take long; a signal
 * ends the wait.
 */
bool ew_signer_asks(const struct ew_signer *);

/* The program that signs, which makes whole signatures only; NULL: none. */
const char *ew_signer_program(const struct ew_signer *);
/*
 * Append the SSH signature blob over `message`; not by a program.  An agent's answer is
 * verified before it is used: by another key, it is EW_NO and nothing is appended.
 * An agent that refuses, breaks off or keeps silent for half a minute is EW_IO.
 */
EW_MUST_USE enum ew_code ew_signer_sign(struct ew_buf *out, struct ew_signer *,
	struct ew_str message, struct ew_err *err);
/*
 * Append the armoured signature that the program makes, not verified; EW_USAGE when
 * ssh-keygen fails, which may be for want of an agent, else EW_IO.
 */
EW_MUST_USE enum ew_code ew_signer_run(struct ew_buf *out, struct ew_signer *,
	const char *name_space, struct ew_str message, struct ew_err *err);

#endif
