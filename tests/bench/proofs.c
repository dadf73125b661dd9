/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proofs STORE REV IDS: proves the labels whose ids are the first lines of a file, in one
 * process, and checks each proof, and prints the seconds for one, and those of processors:
 * "prove", "pin", against a pin, and if REV is a release "signers", against a key; then the
 * bytes beyond the label, "size" MEAN MOST.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/ellwand.h"

enum { IDS_MAX = 1000 };

static char *id[IDS_MAX];
static struct ew_buf proof[IDS_MAX];
static size_t ids;

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* With no name: starts the clocks. */
static void
lap(const char *name)
{
	static double wall, cpu;

	if (name)
		printf("%s %.12f %.12f\n", name, (now(CLOCK_MONOTONIC) - wall) / (double)ids,
			(now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)ids);
	wall = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
}

static void
check(enum ew_code rc, const struct ew_err *err)
{
	if (rc == EW_OK)
		return;
	fprintf(stderr, "proofs: %s\n", err->msg);
	exit(1);
}

static void
read_ids(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t cap = 0;

	if (!f) {
		perror(path);
		exit(1);
	}
	while (ids < IDS_MAX && getline(&id[ids], &cap, f) > 1) {
		id[ids][strcspn(id[ids], "\n")] = '\0';
		ids++;
		cap = 0;
	}
	fclose(f);
}

static void
prove(struct ew_store *store, const char *rev)
{
	struct ew_err err = { 0 };
	struct ew_buf what = { 0 };

	for (size_t i = 0; i < ids; i++) {
		struct ew_prove_opts opts = { .answers = false };
		bool absent;

		ew_buf_clear(&what);
		ew_buf_addf(&what, "%s:%s", rev, id[i]);
		opts.what = ew_buf_str(&what);
		check(ew_prove(&proof[i], &absent, store, &opts, &err), &err);
	}
	ew_buf_release(&what);
}

static void
verify(struct ew_hash *hash, struct ew_proven_opts opts)
{
	struct ew_err err = { 0 };

	for (size_t i = 0; i < ids; i++) {
		struct ew_proven v;

		opts.proof = ew_buf_str(&proof[i]);
		check(ew_proof_verify(&v, hash, &opts, &err), &err);
		if (!v.good)
			check(ew_fail(&err, EW_NO, "%s: %s", id[i], v.problem.p), &err);
		ew_proven_release(&v);
	}
}

/* The label is the first member, and behind it is the next one's name. */
static void
print_sizes(void)
{
	size_t sum = 0, most = 0;

	for (size_t i = 0; i < ids; i++) {
		const char *end = strstr(proof[i].p, "},\"release\":");
		const size_t label = end ? (size_t)(end + 1 - proof[i].p) - strlen("{\"label\":") : 0;

		sum += proof[i].len - label;
		most = proof[i].len - label > most ? proof[i].len - label : most;
	}
	printf("size %zu %zu\n", sum / ids, most);
}

int
main(int argc, char **argv)
{
	const struct ew_store_opts opts = { 0 };
	struct ew_store *store;
	struct ew_pinned pinned;
	struct ew_hash *hash;
	struct ew_buf pin = { 0 }, signers = { 0 };
	struct ew_err err = { 0 };

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: proofs STORE REV IDS [SIGNERS]\n");
		return 2;
	}
	read_ids(argv[3]);
	check(ew_store_open(&store, argv[1], &opts, &err), &err);
	check(ew_pin(&pinned, store, ew_str(argv[2]), ew_str(NULL), &err), &err);
	ew_pin_write(&pin, &pinned.records, false);
	check(ew_hash_open(&hash, &err), &err);
	lap(NULL);
	prove(store, argv[2]);
	lap("prove");
	verify(hash, (struct ew_proven_opts){ .pin = ew_buf_str(&pin) });
	lap("pin");
	if (argc == 5) {
		check(ew_file_read(&signers, argv[4], 0, &err), &err);
		lap(NULL);
		verify(hash, (struct ew_proven_opts){ .signers = ew_buf_str(&signers) });
		lap("signers");
		print_sizes();
	}
	ew_hash_free(hash);
	ew_pinned_release(&pinned);
	ew_store_free(store);
	return 0;
}
