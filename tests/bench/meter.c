/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meter OUT COMMAND [ARGUMENT ...]: runs a command and writes to the file OUT its
 * seconds, those of processors, the peak memory in KiB of the largest process in it, and
 * its exit status.  A program of its own, since a process inherits the peak of the one
 * that started it, and an interpreter's is larger than what is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int
main(int argc, char **argv)
{
	struct rusage usage;
	double start = now();
	int status;
	FILE *out;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: meter OUT COMMAND [ARGUMENT ...]\n");
		return 2;
	}
	if ((pid = fork()) == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || !(out = fopen(argv[1], "w"))) {
		perror("meter");
		return 1;
	}
	fprintf(out, "%.9f %.6f %ld %d\n", now() - start,
		seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return fclose(out) ? 1 : 0;
}
