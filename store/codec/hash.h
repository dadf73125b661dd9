/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests: SHA-256, SHA-1 and SHA-512 with OpenSSL's own functions for each.  They are
 * older than its EVP and called deprecated, but EVP takes a millisecond to start, which
 * is half of what a small command takes, and half again as long on small records.
 */
#ifndef EW_CODEC_HASH_H
#define EW_CODEC_HASH_H

#include "base/err.h"
#include "base/str.h"

/* A SHA-256 digest. */
struct ew_sha256 {
	unsigned char b[32];
};
/* A git object id: SHA-1. */
struct ew_oid {
	unsigned char b[20];
};

struct ew_hash; /* what is half done; one thread at a time */

EW_MUST_USE enum ew_code ew_hash_open(struct ew_hash **out, struct ew_err *err);
void ew_hash_free(struct ew_hash *);

/* Digest of the concatenation of `n` pieces. */
struct ew_sha256 ew_sha256(struct ew_hash *, const struct ew_str *piece, size_t n);
struct ew_sha256 ew_sha256_str(struct ew_hash *, struct ew_str);
struct ew_oid ew_sha1(struct ew_hash *, const struct ew_str *piece, size_t n);
/* SHA-1 of pieces that come one by one; between begin and end no other SHA-1 of the handle. */
void ew_sha1_begin(struct ew_hash *);
void ew_sha1_add(struct ew_hash *, struct ew_str);
struct ew_oid ew_sha1_end(struct ew_hash *);
/* SHA-512 of one string into out[64]; for signatures. */
void ew_sha512(struct ew_hash *, struct ew_str, unsigned char out[64]);

static inline bool
ew_sha256_eq(const struct ew_sha256 *a, const struct ew_sha256 *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}
static inline bool
ew_oid_eq(const struct ew_oid *a, const struct ew_oid *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}
bool ew_oid_is_zero(const struct ew_oid *);

/* Random bytes from the system's generator. */
EW_MUST_USE enum ew_code ew_random(unsigned char *out, size_t n, struct ew_err *err);

#endif
