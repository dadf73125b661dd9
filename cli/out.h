/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output: the one way to stdout.  It is buffered, and it fails late: functions
 * that print cannot fail, out_finish() says what went wrong.
 *
 * On a terminal everything printed is shown as codec/display.h says, so that no
 * text of a label, whatever it holds, can drive the terminal: escape sequences
 * come from out_style() alone.  Elsewhere bytes go out as they are.  A call prints
 * whole characters; a character in two calls is taken for bytes.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "cli/progress.h"

#include <sys/types.h>

struct out {
	struct ew_buf buf;
	int fd;
	bool terminal, colour;
	const char *pager; /* the command that is to be started with the first bytes, or NULL */
	pid_t paging;      /* the pager that runs, or 0 */
	struct progress *progress;
	struct ew_err err; /* the first failure; nothing is written after it */
	bool closed;       /* the pager was quit */
};

enum out_style { OUT_PLAIN, OUT_BOLD, OUT_DIM, OUT_RED, OUT_GREEN, OUT_YELLOW, OUT_BLUE };

/* To the descriptor; `progress` is cleared before something is printed to a terminal. */
void out_init(struct out *, int fd, bool colour, struct progress *);
/* On a terminal, print through this shell command, started with the first bytes. */
void out_page(struct out *, const char *pager);

void out_add(struct out *, struct ew_str);
void out_adds(struct out *, const char *);
void out_addf(struct out *, const char *fmt, ...) EW_PRINTF(2, 3);
/* Print a buffer and release it; if it is bad, so is the output. */
void out_take(struct out *, struct ew_buf *);
/* For what follows; nothing where there is no colour.  Ends with OUT_PLAIN. */
void out_style(struct out *, enum out_style);
/* True once nobody reads on, or writing failed: a loop may stop. */
bool out_closed(const struct out *);
/* out_add() and out_closed() as the library's ew_sink_fn; `out` is the struct out. */
int out_sink(void *out, struct ew_str);

/*
 * Write what is buffered.  Only a command that fails although its output is to be
 * seen calls this: what is unwritten when a command fails is dropped.
 */
void out_flush(struct out *);
/*
 * Write what is buffered, or drop it; wait for the pager, close, release.  EW_IO
 * if anything could not be written, but not if the user quit the pager.
 */
EW_MUST_USE enum ew_code out_finish(struct out *, bool drop, struct ew_err *err);

#endif
