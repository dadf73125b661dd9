/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample SSH keys for tests, made from a seed so that no key file is in the tree:
 * key files of openssh-key-v1 with any one part twisted, and a scratch directory
 * to put them in.
 */
#ifndef TESTS_LIB_SSHSAMPLE_H
#define TESTS_LIB_SSHSAMPLE_H

#include "base/file.h"
#include "codec/base64.h"
#include "codec/sshbuf.h"
#include "codec/sshkey.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What to do otherwise than ssh-keygen; { 0 } is a good key. */
struct sample_twist {
	const char *magic, *cipher, *kdf, *kdf_options, *type, *inner_type, *padding, *after;
	unsigned keys;       /* 0: one */
	bool check_differs, other_point, other_again, other_half, other_seed, cut_fields;
};

static inline void
sample_point(unsigned char point[32], unsigned char seed[32], unsigned char first)
{
	EVP_PKEY *key;
	size_t len = 32;

	for (unsigned i = 0; i < 32; i++)
		seed[i] = (unsigned char)(first + i);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	if (!key || EVP_PKEY_get_raw_public_key(key, point, &len) != 1)
		abort();
	EVP_PKEY_free(key);
}

static inline void
sample_blob(struct ew_buf *out, const char *type, const unsigned char point[32])
{
	ew_sshbuf_add(out, ew_str(type));
	ew_sshbuf_add(out, ew_str_n(point, 32));
}

static inline const char *
sample_or(const char *twisted, const char *plain)
{
	return twisted ? twisted : plain;
}

/* Type and private fields of the sample key. */
static inline void
sample_fields(struct ew_buf *out, const struct sample_twist *t, unsigned char point[32],
	unsigned char seed[32])
{
	unsigned char other_seed[32], other[32];
	struct ew_buf secret = { 0 };

	sample_point(other, other_seed, 99);
	ew_buf_addmem(&secret, t->other_seed ? other_seed : seed, 32);
	ew_buf_addmem(&secret, t->other_half ? other : point, 32);
	ew_sshbuf_add(out, ew_str(sample_or(t->inner_type, "ssh-ed25519")));
	ew_sshbuf_add(out, ew_str_n(t->other_again ? other : point, 32));
	if (!t->cut_fields)
		ew_sshbuf_add(out, ew_buf_str(&secret));
	ew_buf_release(&secret);
}

static inline void
sample_section(struct ew_buf *out, struct ew_str fields, const struct sample_twist *t)
{
	ew_buf_addu32be(out, 0x12345678);
	ew_buf_addu32be(out, t->check_differs ? 0x12345679 : 0x12345678);
	ew_buf_add(out, fields);
	ew_sshbuf_add(out, EW_LIT("sample"));
	if (t->padding)
		ew_buf_adds(out, t->padding);
	else
		for (char c = 1; out->len % 8; c++)
			ew_buf_addc(out, c);
}

/* The text of a key file with these two halves. */
static inline void
sample_container(struct ew_buf *out, struct ew_str blob, struct ew_str fields,
	const struct sample_twist *t)
{
	struct ew_buf section = { 0 }, bytes = { 0 }, text = { 0 };
	struct ew_str all;

	sample_section(&section, fields, t);
	ew_buf_adds(&bytes, sample_or(t->magic, "openssh-key-v1"));
	ew_buf_addc(&bytes, '\0');
	ew_sshbuf_add(&bytes, ew_str(sample_or(t->cipher, "none")));
	ew_sshbuf_add(&bytes, ew_str(sample_or(t->kdf, "none")));
	ew_sshbuf_add(&bytes, ew_str(sample_or(t->kdf_options, "")));
	ew_buf_addu32be(&bytes, t->keys ? t->keys : 1);
	ew_sshbuf_add(&bytes, blob);
	ew_sshbuf_add(&bytes, ew_buf_str(&section));
	ew_buf_adds(&bytes, sample_or(t->after, ""));
	ew_base64_write(&text, ew_buf_str(&bytes));
	ew_buf_adds(out, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	all = ew_buf_str(&text);
	for (size_t i = 0; i < all.len; i += 70) {
		ew_buf_add(out, ew_str_part(all, i, i + 70));
		ew_buf_addc(out, '\n');
	}
	ew_buf_adds(out, "-----END OPENSSH PRIVATE KEY-----\n");
	ew_buf_release(&section);
	ew_buf_release(&bytes);
	ew_buf_release(&text);
}

/* The text of a private key file; keys of different `first` differ. */
static inline void
sample_private(struct ew_buf *out, unsigned char first, const struct sample_twist *t)
{
	unsigned char point[32], seed[32], other[32], other_seed[32];
	struct ew_buf blob = { 0 }, fields = { 0 };

	sample_point(point, seed, first);
	sample_point(other, other_seed, 99);
	sample_blob(&blob, sample_or(t->type, "ssh-ed25519"), t->other_point ? other : point);
	sample_fields(&fields, t, point, seed);
	sample_container(out, ew_buf_str(&blob), ew_buf_str(&fields), t);
	ew_buf_release(&blob);
	ew_buf_release(&fields);
}

/* "ssh-ed25519 BASE64" of the sample key. */
static inline void
sample_public(struct ew_buf *out, unsigned char first)
{
	unsigned char point[32], seed[32];
	struct ew_buf blob = { 0 };

	sample_point(point, seed, first);
	sample_blob(&blob, "ssh-ed25519", point);
	ew_buf_adds(out, "ssh-ed25519 ");
	ew_base64_write(out, ew_buf_str(&blob));
	ew_buf_release(&blob);
}

/* A scratch directory of the test; NULL if there can be none. */
static inline const char *
sample_dir(char path[64])
{
	snprintf(path, 64, "/tmp/ellwand_test_XXXXXX");
	return mkdtemp(path);
}

static inline void
sample_remove_dir(const char *dir)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (system(command) != 0)
		printf("# cannot remove %s\n", dir);
}

/* Write DIR/NAME, mode 0600 as ssh-keygen wants it; its path is good until `path` changes. */
static inline const char *
sample_file(struct ew_buf *path, const char *dir, const char *name, struct ew_str text)
{
	FILE *f;

	ew_buf_clear(path);
	ew_buf_addf(path, "%s/%s", dir, name);
	f = fopen(path->p, "w");
	if (!f || fwrite(text.p, 1, text.len, f) != text.len || fchmod(fileno(f), 0600) != 0 ||
		fclose(f) != 0)
		abort();
	return path->p;
}

/* Run a command in `dir`, its output thrown away; its exit status. */
static inline int EW_PRINTF(2, 3)
sample_run(const char *dir, const char *fmt, ...)
{
	char command[1024];
	int n = snprintf(command, sizeof command, "cd %s && exec </dev/null >/dev/null 2>&1 && ", dir);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command + n, sizeof command - (size_t)n, fmt, ap);
	va_end(ap);
	n = system(command);
	return WIFEXITED(n) ? WEXITSTATUS(n) : 255;
}

static inline bool
sample_have(const char *program)
{
	return sample_run("/", "command -v %s", program) == 0;
}

#endif
