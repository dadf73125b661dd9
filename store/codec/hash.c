/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/hash.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* An algorithm fetched once, and the context that every digest of it reuses. */
struct algorithm {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

struct ew_hash {
	struct algorithm sha256, sha1, sha512;
};

static bool
fetch(struct algorithm *a, const char *name)
{
	a->md = EVP_MD_fetch(NULL, name, NULL);
	a->ctx = EVP_MD_CTX_new();
	return a->md && a->ctx && EVP_DigestInit_ex2(a->ctx, a->md, NULL) == 1;
}

static void
release(struct algorithm *a)
{
	EVP_MD_CTX_free(a->ctx);
	EVP_MD_free(a->md);
}

enum ew_code
ew_hash_open(struct ew_hash **out, struct ew_err *err)
{
	struct ew_hash *h = calloc(1, sizeof *h);

	*out = NULL;
	if (!h)
		return ew_fail_nomem(err);
	if (!fetch(&h->sha256, "SHA256") || !fetch(&h->sha1, "SHA1") ||
		!fetch(&h->sha512, "SHA512")) {
		ew_hash_free(h);
		return ew_fail(err, EW_IO,
			"digest: OpenSSL offers no SHA-1, SHA-256 or SHA-512; check openssl.cnf");
	}
	*out = h;
	return EW_OK;
}

void
ew_hash_free(struct ew_hash *h)
{
	if (!h)
		return;
	release(&h->sha256);
	release(&h->sha1);
	release(&h->sha512);
	free(h);
}

static void
must(int good)
{
	assert(good == 1);
	(void)good; /* with NDEBUG */
}

static void
begin(struct algorithm *a)
{
	must(EVP_DigestInit_ex2(a->ctx, NULL, NULL));
}

static void
add(struct algorithm *a, struct ew_str piece)
{
	if (piece.len)
		must(EVP_DigestUpdate(a->ctx, piece.p, piece.len));
}

static void
end(struct algorithm *a, unsigned char *out)
{
	must(EVP_DigestFinal_ex(a->ctx, out, NULL));
}

static void
digest(struct algorithm *a, const struct ew_str *piece, size_t n, unsigned char *out)
{
	begin(a);
	for (size_t i = 0; i < n; i++)
		add(a, piece[i]);
	end(a, out);
}

struct ew_sha256
ew_sha256(struct ew_hash *h, const struct ew_str *piece, size_t n)
{
	struct ew_sha256 d;

	digest(&h->sha256, piece, n, d.b);
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
	struct ew_oid id;

	digest(&h->sha1, piece, n, id.b);
	return id;
}

void
ew_sha1_begin(struct ew_hash *h)
{
	begin(&h->sha1);
}

void
ew_sha1_add(struct ew_hash *h, struct ew_str piece)
{
	add(&h->sha1, piece);
}

struct ew_oid
ew_sha1_end(struct ew_hash *h)
{
	struct ew_oid id;

	end(&h->sha1, id.b);
	return id;
}

void
ew_sha512(struct ew_hash *h, struct ew_str s, unsigned char out[64])
{
	digest(&h->sha512, &s, 1, out);
}

bool
ew_sha256_eq(const struct ew_sha256 *a, const struct ew_sha256 *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool
ew_oid_eq(const struct ew_oid *a, const struct ew_oid *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
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
