/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FLUSH_SIZE = 1 << 16, CANNOT_RUN = 126, NOT_FOUND = 127 };

void
out_init(struct out *o, int fd, bool colour, struct progress *progress)
{
	*o = (struct out){ .fd = fd, .colour = colour, .progress = progress };
	o->terminal = isatty(fd);
}

void
out_page(struct out *o, const char *pager)
{
	if (o->terminal)
		o->pager = pager;
}

/* The shell with the pager in it, its input from `in`; 0 or an errno value. */
static int
spawn(pid_t *out, const char *pager, int in)
{
	/* posix_spawn() takes strings that it might change, but does not. */
	union {
		const char *given[4];
		char *taken[4];
	} argv = { .given = { "sh", "-c", pager, NULL } };
	posix_spawn_file_actions_t acts;
	posix_spawnattr_t attr;
	sigset_t signals;
	int rc;

	/* The program ignores SIGPIPE, which the pager must not inherit. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &signals);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, in, STDIN_FILENO);
	rc = posix_spawn(out, "/bin/sh", &acts, &attr, argv.taken, environ);
	posix_spawn_file_actions_destroy(&acts);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static void
start_pager(struct out *o)
{
	const char *pager = o->pager;
	int ends[2], rc;

	o->pager = NULL;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		ew_fail_errno(&o->err, EW_IO, errno, "pager '%s': cannot start", pager);
		return;
	}
	rc = spawn(&o->paging, pager, ends[0]);
	close(ends[0]);
	if (rc != 0) {
		o->paging = 0;
		close(ends[1]);
		ew_fail_errno(&o->err, EW_IO, rc, "pager '%s': cannot start", pager);
		return;
	}
	rc = dup2(ends[1], o->fd);
	close(ends[1]);
	if (rc < 0)
		ew_fail_errno(&o->err, EW_IO, errno, "pager '%s': cannot start", pager);
	/* The pager has the terminal to itself. */
	o->progress->draw = false;
}

void
out_flush(struct out *o)
{
	struct ew_err err = { 0 };

	if (ew_buf_check(&o->buf, &o->err) == EW_OK && o->buf.len && !out_closed(o)) {
		if (o->terminal)
			progress_clear(o->progress);
		if (o->pager)
			start_pager(o);
		if (!out_closed(o) && ew_file_write_fd(o->fd, "standard output",
					      ew_buf_str(&o->buf), &err) != EW_OK) {
			if (o->paging)
				o->closed = true;
			else
				o->err = err;
		}
	}
	ew_buf_clear(&o->buf);
}

void
out_add(struct out *o, struct ew_str s)
{
	if (o->terminal)
		ew_display_add(&o->buf, s, true);
	else
		ew_buf_add(&o->buf, s);
	if (o->buf.len >= FLUSH_SIZE || o->buf.bad != EW_OK)
		out_flush(o);
}

void
out_adds(struct out *o, const char *s)
{
	out_add(o, ew_str(s));
}

void
out_addf(struct out *o, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		ew_fail_nomem(&o->err);
		return;
	}
	out_add(o, ew_str_n(text, (size_t)n));
	free(text);
}

void
out_take(struct out *o, struct ew_buf *b)
{
	if (ew_buf_check(b, &o->err) == EW_OK)
		out_add(o, ew_buf_str(b));
	ew_buf_release(b);
}

void
out_style(struct out *o, enum out_style style)
{
	static const char *const code[] = {
		[OUT_PLAIN] = "\033[m",
		[OUT_BOLD] = "\033[1m",
		[OUT_DIM] = "\033[2m",
		[OUT_RED] = "\033[31m",
		[OUT_GREEN] = "\033[32m",
		[OUT_YELLOW] = "\033[33m",
		[OUT_BLUE] = "\033[34m",
	};

	if (o->colour)
		ew_buf_adds(&o->buf, code[style]);
}

bool
out_closed(const struct out *o)
{
	return o->closed || o->err.code != EW_OK;
}

int
out_sink(void *out, struct ew_str s)
{
	out_add(out, s);
	return out_closed(out);
}

/* The pager decides when it ends; Ctrl-C is for it. */
static void
wait_for_pager(struct out *o)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int status = 0;

	sigaction(SIGINT, &ignore, NULL);
	while (waitpid(o->paging, &status, 0) < 0)
		if (errno != EINTR)
			return;
	if (WIFEXITED(status) &&
		(WEXITSTATUS(status) == NOT_FOUND || WEXITSTATUS(status) == CANNOT_RUN))
		ew_fail(&o->err, EW_IO,
			"the pager cannot be run; set ELLWAND_PAGER or give --no-pager");
}

enum ew_code
out_finish(struct out *o, bool drop, struct ew_err *err)
{
	if (drop)
		ew_buf_clear(&o->buf);
	out_flush(o);
	if (close(o->fd) != 0 && errno != EINTR && !drop && !o->paging)
		ew_fail_errno(&o->err, EW_IO, errno, "standard output: cannot close");
	if (o->paging)
		wait_for_pager(o);
	ew_buf_release(&o->buf);
	return o->err.code == EW_OK ? EW_OK : ew_fail(err, o->err.code, "%s", o->err.msg);
}
