/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNAL_STATUS = 128 };

/* A program that runs. */
struct running {
	const char *name;
	pid_t pid;
	int fd[2];       /* its output and its errors; -1 when at its end */
	sigset_t before; /* the signals that were blocked */
};

void
ew_program_end_release(struct ew_program_end *e)
{
	ew_buf_release(&e->out);
	ew_buf_release(&e->said);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- starting --- */

/* Its streams; `to` are the ends of the pipes that it writes to. */
static int
set_streams(posix_spawn_file_actions_t *a, const int to[2], const char *folder)
{
	int e = posix_spawn_file_actions_addopen(a, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (e == 0)
		e = posix_spawn_file_actions_adddup2(a, to[0], STDOUT_FILENO);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(a, to[1], STDERR_FILENO);
	if (e == 0 && folder)
		e = posix_spawn_file_actions_addchdir_np(a, folder);
	return e;
}

/* Signals as they were, and a pipe without a reader ends it, whatever is so for the caller. */
static int
set_signals(posix_spawnattr_t *a, const sigset_t *mask)
{
	sigset_t defaults;
	int e = posix_spawnattr_setsigmask(a, mask);

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	if (e == 0)
		e = posix_spawnattr_setsigdefault(a, &defaults);
	if (e == 0)
		e = posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return e;
}

static int
spawn(struct running *r, const struct ew_program *p, const int to[2])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char **argv;
	int e;

	/* It does not change them, whatever its declaration says. */
	memcpy(&argv, &p->argv, sizeof argv);
	if ((e = posix_spawn_file_actions_init(&actions)) != 0)
		return e;
	if ((e = posix_spawnattr_init(&attributes)) == 0) {
		if ((e = set_streams(&actions, to, p->folder)) == 0 &&
		    (e = set_signals(&attributes, &r->before)) == 0)
			e = posix_spawnp(&r->pid, p->argv[0], &actions, &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return e;
}

static enum ew_code
start(struct running *r, const struct ew_program *p, struct ew_err *err)
{
	int out[2] = { -1, -1 }, said[2] = { -1, -1 }, e = 0;

	if (pipe2(out, O_CLOEXEC) != 0 || pipe2(said, O_CLOEXEC) != 0)
		e = errno;
	else
		e = spawn(r, p, (const int[]){ out[1], said[1] });
	close_fd(&out[1]);
	close_fd(&said[1]);
	r->fd[0] = out[0];
	r->fd[1] = said[0];
	if (e == 0)
		return EW_OK;
	close_fd(&r->fd[0]);
	close_fd(&r->fd[1]);
	return ew_fail_errno(err, e == ENOENT ? EW_NOTFOUND : EW_IO, e, "%s: cannot run it", r->name);
}

/* --- waiting --- */

static enum ew_code
read_piece(struct ew_buf *to, int *fd, const struct running *r, size_t most, struct ew_err *err)
{
	bool more;

	if (ew_file_read_piece(to, &more, *fd, r->name, err) != EW_OK)
		return err->code;
	if (!more)
		close_fd(fd);
	return to->len <= most ? EW_OK
			       : ew_fail(err, EW_IO, "%s: it prints more than %zu bytes", r->name, most);
}

static enum ew_code
interrupted(const struct running *r, struct ew_err *err)
{
	return ew_fail(err, EW_INTERRUPTED, "%s: interrupted; nothing was written", r->name);
}

/* Until both streams are at their ends; signals come in while it waits, and only then. */
static enum ew_code
collect(struct running *r, struct ew_program_end *end, size_t most, struct ew_err *err)
{
	struct ew_buf *const to[2] = { &end->out, &end->said };
	enum ew_code rc = EW_OK;

	while (rc == EW_OK && (r->fd[0] >= 0 || r->fd[1] >= 0)) {
		struct pollfd p[2] = { { .fd = r->fd[0], .events = POLLIN },
			{ .fd = r->fd[1], .events = POLLIN } };

		if (ppoll(p, 2, NULL, &r->before) < 0)
			return errno == EINTR ? interrupted(r, err)
				: ew_fail_errno(err, EW_IO, errno, "%s: cannot wait for it", r->name);
		for (size_t i = 0; i < 2 && rc == EW_OK; i++)
			if (p[i].revents)
				rc = read_piece(to[i], &r->fd[i], r, most, err);
	}
	return rc;
}

/* How it ended; unless all went well, it is asked to. */
static enum ew_code
wait_for(int *status, const struct running *r, enum ew_code rc, struct ew_err *err)
{
	int how = 0;

	if (rc != EW_OK)
		kill(r->pid, SIGTERM);
	while (waitpid(r->pid, &how, 0) < 0)
		if (errno != EINTR)
			return ew_fail_errno(err, EW_IO, errno, "%s: it was lost", r->name);
		else if (rc == EW_OK && kill(r->pid, SIGTERM) == 0)
			rc = interrupted(r, err);
	*status = WIFSIGNALED(how) ? SIGNAL_STATUS + WTERMSIG(how) : WEXITSTATUS(how);
	if (rc == EW_OK && WIFSIGNALED(how) &&
	    (WTERMSIG(how) == SIGINT || WTERMSIG(how) == SIGTERM || WTERMSIG(how) == SIGHUP))
		return interrupted(r, err);
	return rc;
}

enum ew_code
ew_program_run(struct ew_program_end *end, const struct ew_program *p, struct ew_err *err)
{
	struct running r = { .name = p->argv[0], .fd = { -1, -1 } };
	sigset_t all;
	enum ew_code rc;

	ew_buf_clear(&end->out);
	ew_buf_clear(&end->said);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &r.before);
	if ((rc = start(&r, p, err)) == EW_OK) {
		rc = collect(&r, end, p->most, err);
		close_fd(&r.fd[0]);
		close_fd(&r.fd[1]);
		pthread_sigmask(SIG_SETMASK, &r.before, NULL);
		return wait_for(&end->status, &r, rc, err);
	}
	pthread_sigmask(SIG_SETMASK, &r.before, NULL);
	return rc;
}
