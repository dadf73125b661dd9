/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs: another program, run to its end as git runs its helpers.  It is looked for in
 * $PATH unless its name has a slash, and inherits environment and terminal; its standard
 * input is empty, and what it prints is kept for the caller.
 */
#ifndef EW_BASE_PROGRAM_H
#define EW_BASE_PROGRAM_H

#include "base/buf.h"

struct ew_program {
	const char *const *argv; /* NULL at the end */
	const char *folder;      /* where it runs; NULL: here */
	size_t most;             /* bytes that it may print on each stream */
};

/* What it has printed, and how it ended: its exit status, or 128 plus the signal. */
struct ew_program_end {
	struct ew_buf out, said; /* standard output, standard error */
	int status;
};

/*
 * { 0 } at first; release also after failure.  EW_NOTFOUND if there is no such program;
 * EW_IO if it cannot be started, or prints more than it may.  A signal that the caller
 * handles ends the wait and the program: EW_INTERRUPTED; so does one that ends the program
 * as somebody at the terminal does it.
 */
EW_MUST_USE enum ew_code ew_program_run(struct ew_program_end *, const struct ew_program *,
	struct ew_err *err);
void ew_program_end_release(struct ew_program_end *);

#endif
