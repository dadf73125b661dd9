/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story STORE ID TIMES: writes the history of a label as JSON, so many times in one process,
 * and prints the seconds for one, and those of processors.  The first is not counted: it
 * finds the index, or makes it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ops/log.h"

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
check(enum ew_code rc, const struct ew_err *err)
{
	if (rc == EW_OK)
		return;
	fprintf(stderr, "story: %s\n", err->msg);
	exit(1);
}

static void
tell(struct ew_buf *out, struct ew_store *store, struct ew_str id)
{
	const struct ew_logged *item;
	struct ew_err err = { 0 };
	struct ew_log *log;
	bool more;

	ew_buf_clear(out);
	check(ew_log_open(&log, store, id, &err), &err);
	do {
		check(ew_log_next(log, &item, &more, &err), &err);
		if (more)
			ew_logged_json(out, item);
	} while (more);
	ew_log_free(log);
}

int
main(int argc, char **argv)
{
	const struct ew_store_opts opts = { 0 };
	struct ew_buf out = { 0 };
	struct ew_store *store;
	struct ew_err err = { 0 };
	const int times = argc == 4 ? atoi(argv[3]) : 0;
	double wall, cpu;

	if (times < 1) {
		fprintf(stderr, "usage: story STORE ID TIMES\n");
		return 2;
	}
	check(ew_store_open(&store, argv[1], &opts, &err), &err);
	tell(&out, store, ew_str(argv[2]));
	wall = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < times; i++)
		tell(&out, store, ew_str(argv[2]));
	printf("story %.12f %.12f\n", (now(CLOCK_MONOTONIC) - wall) / times,
		(now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / times);
	ew_buf_release(&out);
	ew_store_free(store);
	return 0;
}
