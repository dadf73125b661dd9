/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key files: the container that ssh-keygen writes private keys in (OpenSSH's
 * PROTOCOL.key, "openssh-key-v1").  Exactly one key; unencrypted ones are opened,
 * of encrypted ones the public half is.
 */
#ifndef EW_CODEC_KEYFILE_H
#define EW_CODEC_KEYFILE_H

#include "base/buf.h"

enum { EW_KEYFILE_MAX = 1 << 16 };

struct ew_keyfile {
	struct ew_str public_blob;
	struct ew_str fields; /* "string type" and what follows; absent when encrypted */
	struct ew_buf secret; /* the bytes of both */
};

/* True if `text` is meant to be a private key, of whatever format. */
bool ew_keyfile_is_private(struct ew_str text);

/* EW_REFUSED for anything but one whole key.  Release also after failure. */
EW_MUST_USE enum ew_code ew_keyfile_parse(struct ew_keyfile *out, struct ew_str text,
	struct ew_err *err);
/* True if `rest`, what a key's own fields leave, is a comment and the padding 1, 2, 3... */
bool ew_keyfile_ends(struct ew_str rest);
/* Wipes. */
void ew_keyfile_release(struct ew_keyfile *);

/* Overwrite all memory of a buffer and release it. */
void ew_keyfile_wipe(struct ew_buf *);

#endif
