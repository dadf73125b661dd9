/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH keys: public keys in their wire form, and what they have signed.  The types of keys
 * are those of LABELS_FORMAT.md section 7.2.
 */
#ifndef EW_CODEC_SSHKEY_H
#define EW_CODEC_SSHKEY_H

#include "base/buf.h"
#include "codec/hash.h"

enum { EW_SSHKEY_BLOB_MAX = 2048 };

/* A public key: the SSH wire form (RFC 4253 6.6). */
struct ew_sshkey {
	unsigned char blob[EW_SSHKEY_BLOB_MAX];
	size_t len;
};

/* From "TYPE BASE64 [COMMENT]", one line; EW_REFUSED for an unknown or malformed key. */
EW_MUST_USE enum ew_code ew_sshkey_read(struct ew_sshkey *out, struct ew_str line,
	struct ew_err *err);
/* From the wire form; EW_REFUSED as above. */
EW_MUST_USE enum ew_code ew_sshkey_parse(struct ew_sshkey *out, struct ew_str blob,
	struct ew_err *err);
/* The wire form, borrowed. */
struct ew_str ew_sshkey_blob(const struct ew_sshkey *);
/* "TYPE BASE64", appended. */
void ew_sshkey_write(struct ew_buf *out, const struct ew_sshkey *);
/* The wire forms are the same bytes. */
bool ew_sshkey_eq(const struct ew_sshkey *, const struct ew_sshkey *);
/* "SHA256:..." as ssh-keygen -l prints it, appended. */
void ew_sshkey_fingerprint(struct ew_buf *out, struct ew_hash *, const struct ew_sshkey *);

/*
 * Verify an SSH signature blob ("string type, string signature") over `message`.
 * EW_NO with the reason if it does not verify or its type is not the key's.
 */
EW_MUST_USE enum ew_code ew_sshkey_verify(const struct ew_sshkey *, struct ew_str signature,
	struct ew_str message, struct ew_err *err);

#endif
