/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
	FIRST_MS = 400,  /* work shorter than this shows nothing */
	AGAIN_MS = 100,  /* between two lines */
	RATE_MS = 1000,  /* before this a rate is a guess */
	COLUMNS = 80,    /* of a terminal that does not say */
};

/* The one thing that a signal handler may write to. */
static volatile sig_atomic_t interrupted;

static void
on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

void
progress_catch_signals(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND }, old;

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
		/* Who started the program may have chosen to ignore a signal. */
		if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(caught[i], &act, NULL);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
describe_left(struct ew_buf *out, uint64_t seconds)
{
	if (seconds < 100)
		ew_buf_addf(out, ", %" PRIu64 " s left", seconds);
	else if (seconds < 100 * 60)
		ew_buf_addf(out, ", %" PRIu64 " min left", seconds / 60);
	else
		ew_buf_addf(out, ", %" PRIu64 " h left", seconds / 3600);
}

void
progress_describe(struct ew_buf *out, const char *step, uint64_t done, uint64_t total,
	int64_t elapsed_ms)
{
	double rate = elapsed_ms > 0 ? (double)done * 1000 / (double)elapsed_ms : 0;

	ew_buf_addf(out, "%s: ", step);
	if (total && done <= total)
		ew_buf_addf(out, "%u%%, %" PRIu64 " of %" PRIu64,
			(unsigned)((double)done * 100 / (double)total), done, total);
	else
		ew_buf_addf(out, "%" PRIu64, done);
	if (elapsed_ms < RATE_MS || rate < 1)
		return;
	ew_buf_addf(out, ", %.0f/s", rate);
	if (done < total)
		describe_left(out, (uint64_t)((double)(total - done) / rate) + 1);
}

static size_t
terminal_columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 ? w.ws_col : COLUMNS;
}

/* Whether the line can be written does not matter to the work. */
static void
print(struct ew_str bytes)
{
	ssize_t n = write(STDERR_FILENO, bytes.p, bytes.len);

	(void)n;
}

static void
draw(const char *step, uint64_t done, uint64_t total, int64_t elapsed_ms)
{
	struct ew_buf text = { 0 }, line = { 0 };

	progress_describe(&text, step, done, total, elapsed_ms);
	ew_buf_adds(&line, "\r");
	ew_display_fit(&line, ew_buf_str(&text), terminal_columns() - 1);
	ew_buf_adds(&line, "\033[K");
	print(ew_buf_str(&line));
	ew_buf_release(&line);
	ew_buf_release(&text);
}

static int
report(void *user, const char *step, uint64_t done, uint64_t total)
{
	struct progress *p = user;
	int64_t now;

	if (interrupted)
		return 1;
	if (!p->draw)
		return 0;
	now = now_ms();
	if (strncmp(p->step, step, sizeof p->step - 1) != 0) {
		snprintf(p->step, sizeof p->step, "%s", step);
		p->began = now;
	}
	if (now - p->last < (p->drawn ? AGAIN_MS : FIRST_MS))
		return 0;
	draw(p->step, done, total, now - p->began);
	p->drawn = true;
	p->last = now;
	return 0;
}

void
progress_init(struct progress *p, bool draw_line)
{
	*p = (struct progress){ .ew = { report, p }, .draw = draw_line, .last = now_ms() };
}

void
progress_clear(struct progress *p)
{
	if (p->drawn)
		print(EW_LIT("\r\033[K"));
	p->drawn = false;
}
