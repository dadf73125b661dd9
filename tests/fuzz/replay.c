/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz harness without libFuzzer, the same way every time.
 *
 *   NAME_fuzz               the seeds in tests/fuzz/seeds/NAME, then mutations of them; TAP
 *   NAME_fuzz -n ROUNDS     the same with more or fewer mutations
 *   NAME_fuzz FILE...       these inputs, as to run again one that was found
 *
 * An input that brings the harness down is left beside the program as NAME_fuzz.found.
 */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 20000, INPUT_MAX = 1 << 16, SEEDS_MAX = 256, STEPS_MAX = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a signal's handler can see: the input at work, and where to leave it. */
static const unsigned char *volatile input;
static volatile size_t input_size;
static char found_path[4096];

struct seeds {
	struct ew_buf at[SEEDS_MAX];
	size_t count;
};

static void
on_crash(int sig)
{
	int fd = open(found_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	signal(sig, SIG_DFL);
	if (fd >= 0 && write(fd, (const void *)input, input_size) == (ssize_t)input_size) {
		(void)!write(STDERR_FILENO, "# the input is in ", 18);
		(void)!write(STDERR_FILENO, found_path, strlen(found_path));
		(void)!write(STDERR_FILENO, "\n", 1);
	}
	raise(sig);
}

/* The input in a block of its own size, so that a sanitizer sees its end. */
static void
run(struct ew_str bytes)
{
	unsigned char *copy = malloc(bytes.len + 1);

	if (!copy)
		abort();
	if (bytes.len)
		memcpy(copy + 1, bytes.p, bytes.len);
	input_size = bytes.len;
	input = copy + 1;
	LLVMFuzzerTestOneInput(copy + 1, bytes.len);
	free(copy);
}

static void
die(const char *what, const char *why)
{
	printf("Bail out!  %s: %s\n", what, why);
	exit(2);
}

static void
read_input(struct ew_buf *out, const char *path)
{
	struct ew_err err = { 0 };

	if (ew_file_read(out, path, INPUT_MAX, &err) != EW_OK)
		die("input", err.msg);
}

/* xorshift64*: the same numbers in every run. */
static size_t
below(uint64_t *state, size_t n)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return n ? (size_t)((*state * UINT64_C(2685821657736338717)) >> 33) % n : 0;
}

/* A part of any seed. */
static struct ew_str
piece(const struct seeds *s, uint64_t *r)
{
	struct ew_str all = ew_buf_str(&s->at[below(r, s->count)]);
	size_t from = below(r, all.len + 1);

	return ew_str_part(all, from, from + 1 + below(r, 32));
}

/* One change: `out` becomes `in` with [from, to) replaced, repeated or, way 4, left out. */
static void
mutate(struct ew_buf *out, struct ew_str in, const struct seeds *s, uint64_t *r)
{
	static const char bytes[] = "\0\t\n\r \"#%+-./0129:=Zaz{}[]\\\x7f\x80\xc3\xa9\xe2\x80\xae\xff";
	size_t from = below(r, in.len + 1);
	size_t to = from + below(r, in.len - from + 1);
	size_t way = below(r, 5);

	/* Most changes are small. */
	if (to > from && below(r, 4))
		to = from + 1 + below(r, to - from < 8 ? to - from : 8);
	ew_buf_clear(out);
	ew_buf_add(out, ew_str_part(in, 0, from));
	if (way == 0)
		ew_buf_addc(out, bytes[below(r, sizeof bytes - 1)]);
	else if (way == 1 && from < in.len)
		ew_buf_addc(out, (char)(in.p[from] ^ (1 << below(r, 8))));
	else if (way == 2)
		ew_buf_add(out, piece(s, r));
	else if (way == 3)
		for (size_t n = 1 + below(r, 3); n > 0; n--)
			ew_buf_add(out, ew_str_part(in, from, to));
	if (way == 1)
		to = from + 1;
	ew_buf_add(out, ew_str_part(in, to, in.len));
}

static void
run_mutations(const struct seeds *s, size_t rounds)
{
	struct ew_buf a = { 0 }, b = { 0 };
	uint64_t r = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < rounds; i++) {
		struct ew_buf *in = &a, *out = &b;

		ew_buf_clear(in);
		ew_buf_add(in, ew_buf_str(&s->at[i % s->count]));
		for (size_t n = 1 + below(&r, STEPS_MAX); n > 0; n--) {
			struct ew_buf *swap = in;

			mutate(out, ew_buf_str(in), s, &r);
			in = out;
			out = swap;
		}
		run(ew_buf_str(in));
	}
	ew_buf_release(&a);
	ew_buf_release(&b);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All files of a folder, in the order of their names. */
static void
read_seeds(struct seeds *s, const char *folder)
{
	char *name[SEEDS_MAX], path[8192];
	size_t n = 0;
	DIR *d = opendir(folder);
	struct dirent *e;

	if (!d)
		die(folder, "no such folder; run it in the project's root");
	while (n < SEEDS_MAX && (e = readdir(d)))
		if (e->d_name[0] != '.')
			name[n++] = strdup(e->d_name);
	closedir(d);
	qsort(name, n, sizeof *name, by_name);
	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, name[i]);
		read_input(&s->at[s->count++], path);
		free(name[i]);
	}
	if (n == 0)
		die(folder, "holds no seeds");
}

static void
replay(const char *program, size_t rounds)
{
	static struct seeds seeds;
	const char *slash = strrchr(program, '/');
	struct ew_str rest = ew_str(slash ? slash + 1 : program), name = ew_str_cut(&rest, '_');
	char folder[4096];

	snprintf(folder, sizeof folder, "tests/fuzz/seeds/%.*s", EW_FMT(name));
	read_seeds(&seeds, folder);
	for (size_t i = 0; i < seeds.count; i++)
		run(ew_buf_str(&seeds.at[i]));
	printf("ok 1 - %zu seeds\n", seeds.count);
	fflush(stdout);
	run_mutations(&seeds, rounds);
	printf("ok 2 - %zu mutations of them\n1..2\n", rounds);
	for (size_t i = 0; i < seeds.count; i++)
		ew_buf_release(&seeds.at[i]);
}

int
main(int argc, char **argv)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	uint64_t rounds = ROUNDS;

	snprintf(found_path, sizeof found_path, "%s.found", argv[0]);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], on_crash);
	if (argc == 1 || (argc == 3 && strcmp(argv[1], "-n") == 0)) {
		if (argc == 3 && !ew_str_to_u64(ew_str(argv[2]), UINT32_MAX, &rounds))
			die("-n", "takes a number");
		replay(argv[0], rounds);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		struct ew_buf file = { 0 };

		read_input(&file, argv[i]);
		run(ew_buf_str(&file));
		ew_buf_release(&file);
	}
	return 0;
}
