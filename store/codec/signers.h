/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allowed_signers file, a strict part of OpenSSH's format (ssh-keygen(1)): one
 * literal principal a line (an e-mail, no pattern characters), one key on one line
 * only, options namespaces="git" and valid-after / valid-before with a final Z.
 * A principal may have several keys; without the option namespaces, a key counts
 * for all, so for git too.  A comment may follow the key; lines that are blank or
 * begin with '#' say nothing.
 * What OpenSSH would take as a pattern or in local time is refused here, so that
 * the file means one thing everywhere.
 */
#ifndef EW_CODEC_SIGNERS_H
#define EW_CODEC_SIGNERS_H

#include "base/arena.h"
#include "codec/sshkey.h"

enum { EW_SIGNERS_MAX = 1 << 20 }; /* bytes of the file */

struct ew_signers {
	struct ew_signers_line {
		struct ew_str principal;
		struct ew_sshkey key;
		int64_t valid_after;  /* seconds; INT64_MIN when not given */
		int64_t valid_before; /* the last good second; INT64_MAX when not given */
	} *line;
	size_t count;
	struct ew_arena arena;
};

/*
 * Parse the whole file; EW_REFUSED with "line N: ", also for a file without any
 * key.  Release also after failure.
 */
EW_MUST_USE enum ew_code ew_signers_parse(struct ew_signers *out, struct ew_str text,
	struct ew_err *err);
void ew_signers_release(struct ew_signers *);
/* The line of a key, or NULL. */
const struct ew_signers_line *ew_signers_find(const struct ew_signers *, const struct ew_sshkey *);
/* Append one line for a key: `EMAIL namespaces="git" TYPE BASE64\n`. */
void ew_signers_write_line(struct ew_buf *out, struct ew_str principal, const struct ew_sshkey *);
/*
 * True if `s` can be a principal: an e-mail of printable ASCII, at most 255 bytes,
 * without space, pattern characters or what git strips from a committer's e-mail.
 */
bool ew_principal_ok(struct ew_str s);

#endif
