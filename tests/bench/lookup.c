/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup STORE REV IDS: looks up the labels whose ids are the lines of a file, in one
 * process, and prints the seconds for one label, and those of processors: "record", its
 * bytes, from a version that was just opened; "label", the same parsed, from a version
 * that is warm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops/context.h"

enum { IDS_MAX = 100000 };

static char *id[IDS_MAX];
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
	fprintf(stderr, "lookup: %s\n", err->msg);
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

static struct ew_oid
find(struct ew_version_at *at, const char *what)
{
	struct ew_err err = { 0 };
	struct ew_oid blob;
	struct ew_str split;

	check(ew_snapshot_find(&split, &blob, at->snapshot, ew_str(what), &err), &err);
	if (!split.p) {
		fprintf(stderr, "lookup: %s: there is no such label\n", what);
		exit(1);
	}
	return blob;
}

static void
read_record(struct ew_store *store, struct ew_version_at *at, const char *what)
{
	static struct ew_buf buf;
	struct ew_err err = { 0 };
	struct ew_oid blob = find(at, what);

	ew_buf_clear(&buf);
	check(ew_repo_read(&buf, store->repo, &blob, EW_BLOB, &err), &err);
}

static void
read_label(struct ew_store *store, struct ew_version_at *at, const char *what)
{
	struct ew_err err = { 0 };
	struct ew_oid blob = find(at, what);
	struct ew_arena arena = { 0 };
	struct ew_label label;

	check(ew_read_label(&label, store, &blob, &arena, &err), &err);
	ew_arena_release(&arena);
}

int
main(int argc, char **argv)
{
	const struct ew_store_opts opts = { 0 };
	struct ew_store *store;
	struct ew_version_at at;
	struct ew_err err = { 0 };

	if (argc != 4) {
		fprintf(stderr, "usage: lookup STORE REV IDS\n");
		return 2;
	}
	read_ids(argv[3]);
	check(ew_store_open(&store, argv[1], &opts, &err), &err);
	lap(NULL);
	check(ew_at_open(&at, store, ew_str(argv[2]), &err), &err);
	for (size_t i = 0; i < ids; i++)
		read_record(store, &at, id[i]);
	lap("record");
	for (size_t i = 0; i < ids; i++)
		read_label(store, &at, id[i]);
	lap("label");
	ew_at_release(&at);
	ew_store_free(store);
	return 0;
}
