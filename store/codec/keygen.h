/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing by a program: ssh-keygen -Y sign, or another that takes its arguments, called as
 * git calls it (gpg.ssh.program): the message in a file, and the signature then in a file
 * of that name with .sig behind it.  The program asks for passphrases, PINs and touches
 * by itself, on the terminal or through $SSH_ASKPASS.
 */
#ifndef EW_CODEC_KEYGEN_H
#define EW_CODEC_KEYGEN_H

#include "base/buf.h"

struct ew_keygen {
	const char *program;
	const char *folder; /* for the files, which do not stay */
	const char *path;   /* of a key, private or public; NULL: `line` is the public key, an agent's */
	struct ew_str line;
};

/*
 * Append what the program leaves as the armoured signature, less the carriage returns that
 * some put in: whether it is one is for the caller to see.  EW_IO with what the program
 * said, in one line, when it fails; EW_INTERRUPTED as base/program.h says.
 */
EW_MUST_USE enum ew_code ew_keygen_sign(struct ew_buf *out, const struct ew_keygen *,
	const char *name_space, struct ew_str message, struct ew_err *err);

#endif
