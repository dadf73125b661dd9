/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits RECORDS MEASURE ...: prints, a line each, the seconds that a measure takes for one
 * record of a file that has a record on each line, of one processor, everything in memory.
 * These are the costs that no store of this format can do without.
 */
#include <libdeflate.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum {
	RECORDS_MAX = 20000,
	PACKED_MAX = 1 << 16,
	SIGNATURE = 64,
	NODE = 65, /* of the trie: a byte and two digests */
};
#define SECONDS_MIN 0.15

struct bytes {
	unsigned char *p;
	size_t n;
};

static struct bytes record[RECORDS_MAX], packed[RECORDS_MAX];
static unsigned char signature[RECORDS_MAX][SIGNATURE], sodium_signature[RECORDS_MAX][SIGNATURE];
static size_t records;

static EVP_MD *sha1, *sha256;
static EVP_MD_CTX *digest_ctx, *sign_ctx;
static EVP_PKEY *key;
static unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
static z_stream deflater, inflater;
static struct libdeflate_compressor *compressor;
static struct libdeflate_decompressor *decompressor;
static unsigned char scratch[PACKED_MAX];

static void
check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "limits: %s\n", what);
	exit(1);
}

static void
digest(const EVP_MD *md, const unsigned char *p, size_t n)
{
	unsigned len;

	check(EVP_DigestInit_ex(digest_ctx, md, NULL) && EVP_DigestUpdate(digest_ctx, p, n) &&
		EVP_DigestFinal_ex(digest_ctx, scratch, &len), "a digest fails");
}

static void
do_sha1(size_t i)
{
	digest(sha1, record[i].p, record[i].n);
}

static void
do_sha256(size_t i)
{
	digest(sha256, record[i].p, record[i].n);
}

static void
do_node(size_t i)
{
	digest(sha256, record[i].p, record[i].n < NODE ? record[i].n : NODE);
}

static void
do_deflate(size_t i)
{
	check(libdeflate_zlib_compress(compressor, record[i].p, record[i].n, scratch, PACKED_MAX) > 0,
		"libdeflate fails");
}

static void
do_zlib(size_t i)
{
	deflateReset(&deflater);
	deflater.next_in = record[i].p;
	deflater.avail_in = (uInt)record[i].n;
	deflater.next_out = scratch;
	deflater.avail_out = PACKED_MAX;
	check(deflate(&deflater, Z_FINISH) == Z_STREAM_END, "zlib fails");
}

static void
do_inflate(size_t i)
{
	size_t n;

	check(libdeflate_zlib_decompress(decompressor, packed[i].p, packed[i].n, scratch, PACKED_MAX, &n) ==
		LIBDEFLATE_SUCCESS && n == record[i].n, "libdeflate cannot read what it wrote");
}

static void
do_zlib_inflate(size_t i)
{
	inflateReset(&inflater);
	inflater.next_in = packed[i].p;
	inflater.avail_in = (uInt)packed[i].n;
	inflater.next_out = scratch;
	inflater.avail_out = PACKED_MAX;
	check(inflate(&inflater, Z_FINISH) == Z_STREAM_END, "zlib cannot read what libdeflate wrote");
}

static void
do_sign(size_t i)
{
	size_t n = SIGNATURE;

	check(EVP_MD_CTX_reset(sign_ctx) && EVP_DigestSignInit(sign_ctx, NULL, NULL, NULL, key) == 1 &&
		EVP_DigestSign(sign_ctx, signature[i], &n, record[i].p, record[i].n) == 1, "signing fails");
}

static void
do_verify(size_t i)
{
	check(EVP_MD_CTX_reset(sign_ctx) && EVP_DigestVerifyInit(sign_ctx, NULL, NULL, NULL, key) == 1 &&
		EVP_DigestVerify(sign_ctx, signature[i], SIGNATURE, record[i].p, record[i].n) == 1,
		"a signature does not verify");
}

static void
do_sodium_sign(size_t i)
{
	check(crypto_sign_detached(sodium_signature[i], NULL, record[i].p, record[i].n, secret) == 0,
		"libsodium does not sign");
}

static void
do_sodium_verify(size_t i)
{
	check(crypto_sign_verify_detached(sodium_signature[i], record[i].p, record[i].n, public) == 0,
		"libsodium does not verify");
}

static const struct {
	const char *name;
	void (*run)(size_t i);
} measures[] = {
	{ "sha1", do_sha1 },
	{ "sha256", do_sha256 },
	{ "node", do_node },
	{ "deflate", do_deflate },
	{ "zlib", do_zlib },
	{ "inflate", do_inflate },
	{ "zlib-inflate", do_zlib_inflate },
	{ "sign", do_sign },
	{ "verify", do_verify },
	{ "sodium-sign", do_sodium_sign },
	{ "sodium-verify", do_sodium_verify },
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
measure(const char *name)
{
	size_t m = 0, done = 0;
	double start, spent;

	while (m < sizeof measures / sizeof *measures && strcmp(measures[m].name, name) != 0)
		m++;
	check(m < sizeof measures / sizeof *measures, "there is no such measure");
	start = now();
	do {
		/* A few at a time: signing all of them takes longer than is needed. */
		for (size_t i = 0; i < 100; i++)
			measures[m].run(done++ % records);
	} while ((spent = now() - start) < SECONDS_MIN);
	printf("%s %.12f\n", name, spent / (double)done);
}

static void
read_records(const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	check(f != NULL, "cannot open the records");
	while (records < RECORDS_MAX && (n = getline(&line, &cap, f)) > 1) {
		struct bytes *r = &record[records], *z = &packed[records];

		r->n = (size_t)n - 1;
		check(r->n < PACKED_MAX / 2, "a record is too long");
		r->p = (unsigned char *)strndup(line, r->n);
		z->p = malloc(PACKED_MAX / 16);
		check(r->p && z->p, "no memory");
		z->n = libdeflate_zlib_compress(compressor, r->p, r->n, z->p, PACKED_MAX / 16);
		check(z->n > 0, "a record is too long");
		do_sign(records);
		do_sodium_sign(records++);
	}
	check(records > 0, "there are no records");
	free(line);
	fclose(f);
}

int
main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: limits RECORDS MEASURE ...\n");
		return 2;
	}
	sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest_ctx = EVP_MD_CTX_new();
	sign_ctx = EVP_MD_CTX_new();
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	compressor = libdeflate_alloc_compressor(1);
	decompressor = libdeflate_alloc_decompressor();
	check(sha1 && sha256 && digest_ctx && sign_ctx && key && compressor && decompressor &&
		sodium_init() >= 0 &&
		crypto_sign_keypair(public, secret) == 0 && deflateInit(&deflater, 1) == Z_OK &&
		inflateInit(&inflater) == Z_OK, "cannot start");
	read_records(argv[1]);
	for (int i = 2; i < argc; i++)
		measure(argv[i]);
	return 0;
}
