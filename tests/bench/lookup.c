/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup STORE REV IDS: looks up the labels whose ids are the lines of a file, in one
 * process, and prints the seconds for one label, and those of processors: "record", its
 * bytes, from a version that is opened for it; "again", the same of a version whose folders
 * are known; "label", parsed and checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/ellwand.h"

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

static void
must_be(bool there, const char *what)
{
	if (there)
		return;
	fprintf(stderr, "lookup: %s: there is no such label\n", what);
	exit(1);
}

static void
read_record(struct ew_reader *reader, const char *what)
{
	struct ew_err err = { 0 };
	struct ew_str split, record;

	check(ew_reader_find(&split, &record, reader, ew_str(what), &err), &err);
	must_be(split.p, what);
}

static void
read_label(struct ew_reader *reader, const char *what)
{
	struct ew_err err = { 0 };
	struct ew_arena arena = { 0 };
	struct ew_label label;
	bool found;

	check(ew_reader_label(&label, &found, reader, ew_str(what), &arena, &err), &err);
	must_be(found, what);
	ew_arena_release(&arena);
}

int
main(int argc, char **argv)
{
	const struct ew_store_opts opts = { 0 };
	struct ew_store *store;
	struct ew_reader *reader;
	struct ew_err err = { 0 };

	if (argc != 4) {
		fprintf(stderr, "usage: lookup STORE REV IDS\n");
		return 2;
	}
	read_ids(argv[3]);
	check(ew_store_open(&store, argv[1], &opts, &err), &err);
	lap(NULL);
	check(ew_reader_open(&reader, store, ew_str(argv[2]), &err), &err);
	for (size_t i = 0; i < ids; i++)
		read_record(reader, id[i]);
	lap("record");
	for (size_t i = 0; i < ids; i++)
		read_record(reader, id[i]);
	lap("again");
	for (size_t i = 0; i < ids; i++)
		read_label(reader, id[i]);
	lap("label");
	ew_reader_free(reader);
	ew_store_free(store);
	return 0;
}
