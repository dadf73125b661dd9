/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: the first byte chooses a public key's line, a key file, or bytes to put in a
 * key file's armour.  A line that is accepted is written back as it was, less its
 * comment; a key file that opens signs what its own public half verifies.
 */
#include "base/file.h"
#include "codec/base64.h"
#include "codec/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "sshkey_fuzz: not so: %s\n", what);
		abort();
	}
}

static void
check_line(struct ew_str line)
{
	struct ew_err err = { 0 };
	struct ew_buf out = { 0 };
	struct ew_sshkey key;

	if (ew_sshkey_read(&key, line, &err) != EW_OK) {
		must(err.code == EW_REFUSED && key.len == 0, "refused, without a key");
		return;
	}
	ew_sshkey_write(&out, &key);
	must(ew_str_starts(line, out.p), "a key is written as it was read");
	must(line.len == out.len || line.p[out.len] == ' ', "and nothing but a comment is left out");
	ew_buf_release(&out);
}

/* Through a file in memory, since a signer is opened by its path. */
static void
check_file(struct ew_str text)
{
	struct ew_err err = { 0 };
	struct ew_buf sig = { 0 };
	struct ew_signer *s;
	char path[32];
	int fd = memfd_create("key", 0);

	must(fd >= 0 && ew_file_write_fd(fd, "key", text, &err) == EW_OK, "a file in memory");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (ew_signer_open(&s, &(struct ew_signer_opts){ .key = path }, &err) == EW_OK &&
	    !ew_signer_asks(s)) {
		must(ew_signer_sign(&sig, s, EW_LIT("hello"), &err) == EW_OK, "it signs");
		must(ew_sshkey_verify(ew_signer_key(s), ew_buf_str(&sig), EW_LIT("hello"), &err) ==
				EW_OK,
			"which verifies");
	} else if (!s) {
		must(err.code == EW_REFUSED || err.code == EW_USAGE, "refused, or for an agent");
		must(strncmp(err.msg, "key: ", 5) == 0, "with a message");
	}
	ew_signer_free(s);
	ew_buf_release(&sig);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_buf text = { 0 };
	struct ew_str rest;

	if (size == 0)
		return 0;
	rest = ew_str_n(data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:
		check_line(rest);
		break;
	case 1:
		check_file(rest);
		break;
	default:
		ew_buf_adds(&text, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
		ew_base64_write(&text, rest);
		ew_buf_adds(&text, "\n-----END OPENSSH PRIVATE KEY-----\n");
		check_file(ew_buf_str(&text));
	}
	ew_buf_release(&text);
	return 0;
}
