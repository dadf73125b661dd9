/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress: one line on stderr that is drawn again and again, "import: 34%, 340000
 * of 1000000, 52000/s, 13 s left", and gone when the work is done; and how an
 * interrupt from outside reaches work that reports its progress.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "store/ellwand.h"

struct progress {
	struct ew_progress ew; /* what the library takes */
	bool draw;
	bool drawn;            /* the line stands on the terminal */
	char step[64];
	int64_t began, last;   /* milliseconds: of the step, of the line */
};

/* Without `draw` there is only the way for interrupts.  The struct must not move. */
void progress_init(struct progress *, bool draw);
/* Take the line away, so that something else can be printed. */
void progress_clear(struct progress *);

/*
 * From now on the first SIGINT, SIGTERM or SIGHUP makes the next report ask the
 * work to stop; the second ends the program at once, as if there had been no first.
 */
void progress_catch_signals(void);

/* The text of the line, appended. */
void progress_describe(struct ew_buf *out, const char *step, uint64_t done, uint64_t total,
	int64_t elapsed_ms);

#endif
