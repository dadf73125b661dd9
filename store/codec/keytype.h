/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key types: the kinds of SSH keys, one entry of a table each: what keys and signatures
 * are called, by which algorithm they are good, and whether the key is in a FIDO device.
 * Of a key and of a signature one encoding is good, the shortest.  Private to sshkey.c
 * and signer.c, and to the algorithms, keyalg_NAME.c.
 */
#ifndef EW_CODEC_KEYTYPE_H
#define EW_CODEC_KEYTYPE_H

#include "base/buf.h"

struct evp_pkey_st;

/* What a type's load() makes and its sign() uses; { 0 } at first. */
struct ew_keysecret {
	unsigned char ed25519[64];
	struct evp_pkey_st *pkey; /* ECDSA and RSA */
};
/* Wipes. */
void ew_keysecret_release(struct ew_keysecret *);

struct ew_keytype {
	const char *name;
	const struct ew_keyalg *alg;
	/*
	 * A device (OpenSSH's PROTOCOL.u2f): an application follows the key, flags and a
	 * counter follow the signature, and all these are signed with a digest of the message.
	 */
	bool device;
	/* The names of its signatures, each with its digest; the first is the one to make. */
	struct {
		const char *name, *digest;
	} form[2];
	uint32_t agent_flags; /* that ask an agent for the first form */
	struct {              /* of ECDSA: its names in SSH and OpenSSL, bytes of a coordinate */
		const char *ssh, *openssl;
		size_t bytes;
	} curve;
};

/* NULL for a type that is not known. */
const struct ew_keytype *ew_keytype_find(struct ew_str name);
/* The type of a whole public key, and what follows it; NULL as above. */
const struct ew_keytype *ew_keytype_of(struct ew_str *body, struct ew_str blob);

/* Before whatever follows, in any thread: only the first time does anything. */
EW_MUST_USE enum ew_code ew_keytype_start(struct ew_err *err);

/* EW_REFUSED unless `body`, a public key without its type, is well formed. */
EW_MUST_USE enum ew_code ew_keytype_check(const struct ew_keytype *, struct ew_str body,
	struct ew_err *err);
/* EW_NO unless `signature`, a whole signature blob, is good over `message` by the key `body`. */
EW_MUST_USE enum ew_code ew_keytype_verify(const struct ew_keytype *, struct ew_str body,
	struct ew_str signature, struct ew_str message, struct ew_err *err);
/*
 * Cut the private fields from `*fields` and make of them what signs; EW_REFUSED if they
 * are malformed, or do not belong to the public key `body`.  Not for a device.
 */
EW_MUST_USE enum ew_code ew_keytype_load(struct ew_keysecret *out, const struct ew_keytype *,
	struct ew_str *fields, struct ew_str body, struct ew_err *err);
/* Append the signature blob over `message`. */
EW_MUST_USE enum ew_code ew_keytype_sign(struct ew_buf *out, const struct ew_keytype *,
	const struct ew_keysecret *, struct ew_str message, struct ew_err *err);

/* What an algorithm does; keys and signatures without what is common to all of them. */
struct ew_keyalg {
	/* Cut the public key from `*body`. */
	enum ew_code (*check)(const struct ew_keytype *, struct ew_str *body, struct ew_err *err);
	/* `body` was checked; a signature that is absent was not framed as it must be. */
	enum ew_code (*verify)(const struct ew_keytype *, struct ew_str body, const char *digest,
		struct ew_str signature, struct ew_str message, struct ew_err *err);
	enum ew_code (*load)(struct ew_keysecret *out, const struct ew_keytype *,
		struct ew_str *fields, struct ew_str body, struct ew_err *err);
	enum ew_code (*sign)(struct ew_buf *out, const struct ew_keysecret *, const char *digest,
		struct ew_str message, struct ew_err *err);
};
extern const struct ew_keyalg ew_keyalg_ed25519, ew_keyalg_ecdsa, ew_keyalg_rsa;

/* EW_REFUSED, for check() and load(); EW_NO, for verify(), `why` to follow "the signature". */
enum ew_code ew_keytype_malformed(const struct ew_keytype *, struct ew_err *err);
enum ew_code ew_keytype_damaged(struct ew_err *err);
enum ew_code ew_keytype_no(const char *why, struct ew_err *err);

#endif
