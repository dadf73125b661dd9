/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key types: what differs between the kinds of SSH keys, one entry each.  Private
 * to sshkey.c, which does what is common to all and starts libsodium.
 */
#ifndef EW_CODEC_KEYTYPE_H
#define EW_CODEC_KEYTYPE_H

#include "base/buf.h"

enum { EW_KEYTYPE_SECRET_MAX = 64 };

struct ew_keytype {
	const char *name;
	/* True if `body`, a public key without its type, is well formed. */
	bool (*check)(struct ew_str body);
	/*
	 * NULL if `signature`, a whole signature blob, is good over `message` by the key
	 * `body`; otherwise the reason, to follow "the signature".
	 */
	const char *(*verify)(struct ew_str body, struct ew_str signature, struct ew_str message);
	/*
	 * Cut the type's private fields from `*fields` and make of them what signs; false
	 * if they are malformed or do not belong to the public key `body`.  This pointer is
	 * NULL for a type whose private half is never in a file.
	 */
	bool (*load)(unsigned char secret[EW_KEYTYPE_SECRET_MAX], struct ew_str *fields,
		struct ew_str body);
	/* Append the signature blob over `message`. */
	void (*sign)(struct ew_buf *out, const unsigned char secret[EW_KEYTYPE_SECRET_MAX],
		struct ew_str message);
};

/* NULL for a type that is not known. */
const struct ew_keytype *ew_keytype_find(struct ew_str name);

#endif
