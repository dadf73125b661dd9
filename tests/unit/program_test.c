/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"
#include "tests/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static enum ew_code
shell(struct ew_program_end *end, const char *line, const char *folder, struct ew_err *err)
{
	const char *const argv[] = { "sh", "-c", line, "sh", "one", "two words", NULL };

	return ew_program_run(end, &(struct ew_program){ .argv = argv, .folder = folder, .most = 10000 }, err);
}

static void
does(const char *line, const char *folder, int status, const char *out, const char *said)
{
	struct ew_program_end end = { .status = -1 };
	struct ew_err err = { 0 };

	is_int(shell(&end, line, folder, &err), EW_OK, "%s: %s", line, err.msg);
	is_int(end.status, status, "its status");
	is_str(ew_buf_str(&end.out), out, "what it prints");
	is_str(ew_buf_str(&end.said), said, "what it says");
	ew_program_end_release(&end);
}

static void
fails(const char *line, enum ew_code want, const char *message)
{
	struct ew_program_end end = { .status = -1 };
	struct ew_err err = { 0 };

	is_int(shell(&end, line, NULL, &err), want, "%s: fails", line);
	is_str(ew_str(err.msg), message, "and says why");
	is_int(waitpid(-1, NULL, WNOHANG), -1, "it is gone");
	ew_program_end_release(&end);
}

/* As much as it may, on both streams, in turn. */
static void
test_both(void)
{
	struct ew_program_end end = { .status = -1 };
	struct ew_err err = { 0 };

	is_int(shell(&end, "for i in 1 2 3 4 5; do printf %02000d 0; printf %02000d 0 >&2; done", NULL, &err), EW_OK,
		"both streams are read");
	ok(end.status == 0 && end.out.len == 10000 && end.said.len == 10000, "to their ends");
	ew_program_end_release(&end);
}

static void
test_absent(void)
{
	static const char *const name[] = { "nonesuch-program", "/nonexistent/program", "/", "/etc/passwd" };
	static const enum ew_code want[] = { EW_NOTFOUND, EW_NOTFOUND, EW_IO, EW_IO };

	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		const char *const argv[] = { name[i], NULL };
		struct ew_program_end end = { .status = -1 };
		struct ew_err err = { 0 };

		is_int(ew_program_run(&end, &(struct ew_program){ .argv = argv, .most = 1 }, &err), want[i], "%s: %s",
			name[i], err.msg);
		ok(ew_str_starts(ew_str(err.msg), name[i]) && strstr(err.msg, ": cannot run it: "), "says so");
		ew_program_end_release(&end);
	}
	is_int(waitpid(-1, NULL, WNOHANG), -1, "nothing is left of them");
}

/* What is ignored here is not there, and what is blocked stays blocked. */
static void
test_signals(void)
{
	sigset_t usr1, after;

	signal(SIGPIPE, SIG_IGN);
	does("yes | head -n 1 2>&1; kill -13 $$", NULL, 128 + SIGPIPE, "y\n", "");
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	does("kill -USR1 $$; echo blocked", NULL, 0, "blocked\n", "");
	fails("kill -TERM $PPID; exec sleep 60", EW_INTERRUPTED, "sh: interrupted; nothing was written");
	sigprocmask(SIG_SETMASK, NULL, &after);
	ok(sigismember(&after, SIGUSR1) == 1 && sigismember(&after, SIGTERM) == 0, "and stays so here");
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
}

static void
on_signal(int number)
{
	(void)number;
}

/* Somebody does not want to wait; the program ends, too. */
static void
test_interrupt(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	const struct itimerval soon = { .it_value.tv_usec = 50000, .it_interval.tv_usec = 50000 };
	const struct itimerval never = { .it_value.tv_usec = 0 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	fails("exec sleep 60", EW_INTERRUPTED, "sh: interrupted; nothing was written");
	fails("exec >/dev/null 2>&1 </dev/null; exec sleep 60", EW_INTERRUPTED, "sh: interrupted; nothing was written");
	setitimer(ITIMER_REAL, &never, NULL);
	fails("kill -INT $$", EW_INTERRUPTED, "sh: interrupted; nothing was written");
	fails("kill -TERM $$", EW_INTERRUPTED, "sh: interrupted; nothing was written");
}

int
main(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	signal(SIGINT, SIG_DFL); /* a shell's jobs behind its back ignore it */
	does("echo out; echo said >&2; exit 7", NULL, 7, "out\n", "said\n");
	does("printf '%s\\n' \"$@\"", NULL, 0, "one\ntwo words\n", "");
	does("cat; echo end", NULL, 0, "end\n", "");
	does("pwd", "/", 0, "/\n", "");
	does("kill -9 $$", NULL, 128 + 9, "", "");
	setenv("PROGRAM_TEST", "here", 1);
	does("echo $PROGRAM_TEST", NULL, 0, "here\n", "");
	test_both();
	test_absent();
	fails("yes", EW_IO, "sh: it prints more than 10000 bytes");
	fails("yes >&2", EW_IO, "sh: it prints more than 10000 bytes");
	sigaction(SIGTERM, &action, NULL);
	test_signals();
	test_interrupt();
	return tap_done();
}
