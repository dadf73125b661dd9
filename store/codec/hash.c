/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/hash.h"

/* See hash.h for why these are used; no other file of the store says so. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct ew_hash {
	SHA256_CTX sha256;
	SHA_CTX sha1;
};

enum ew_code
ew_hash_open(struct ew_hash **out, struct ew_err *err)
{
	*out = calloc(1, sizeof **out);
	return *out ? EW_OK : ew_fail_nomem(err);
}

void
ew_hash_free(struct ew_hash *h)
{
	free(h);
}

/* None of these calls can fail: they only add up. */
struct ew_sha256
ew_sha256(struct ew_hash *h, const struct ew_str *piece, size_t n)
{
	struct ew_sha256 d;

	SHA256_Init(&h->sha256);
	for (size_t i = 0; i < n; i++)
		if (piece[i].len)
			SHA256_Update(&h->sha256, piece[i].p, piece[i].len);
	SHA256_Final(d.b, &h->sha256);
	return d;
}

struct ew_sha256
ew_sha256_str(struct ew_hash *h, struct ew_str s)
{
	return ew_sha256(h, &s, 1);
}

struct ew_oid
ew_sha1(struct ew_hash *h, const struct ew_str *piece, size_t n)
{
	ew_sha1_begin(h);
	for (size_t i = 0; i < n; i++)
		ew_sha1_add(h, piece[i]);
	return ew_sha1_end(h);
}

void
ew_sha1_begin(struct ew_hash *h)
{
	SHA1_Init(&h->sha1);
}

void
ew_sha1_add(struct ew_hash *h, struct ew_str piece)
{
	if (piece.len)
		SHA1_Update(&h->sha1, piece.p, piece.len);
}

struct ew_oid
ew_sha1_end(struct ew_hash *h)
{
	struct ew_oid id;

	SHA1_Final(id.b, &h->sha1);
	return id;
}

void
ew_sha512(struct ew_hash *h, struct ew_str s, unsigned char out[64])
{
	SHA512_CTX c;

	(void)h;
	SHA512_Init(&c);
	if (s.len)
		SHA512_Update(&c, s.p, s.len);
	SHA512_Final(out, &c);
}

bool
ew_oid_is_zero(const struct ew_oid *id)
{
	static const struct ew_oid zero;

	return ew_oid_eq(id, &zero);
}

enum ew_code
ew_random(unsigned char *out, size_t n, struct ew_err *err)
{
	while (n) {
		ssize_t got = getrandom(out, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ew_fail_errno(err, EW_IO, errno, "random: the system gives no bytes");
		out += got;
		n -= (size_t)got;
	}
	return EW_OK;
}
