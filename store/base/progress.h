/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress: how long work tells its caller how far it is, and how the caller
 * stops it.  The library never prints; the program draws a line on a terminal.
 */
#ifndef EW_BASE_PROGRESS_H
#define EW_BASE_PROGRESS_H

#include "base/err.h"

#include <stdint.h>

struct ew_progress {
	/*
	 * Called now and then with the step's name, what is done and the total (0 when
	 * not known).  Returning non-zero asks the work to stop with EW_INTERRUPTED;
	 * nothing is then written.
	 */
	int (*report)(void *user, const char *step, uint64_t done, uint64_t total);
	void *user;
};

/* Report, unless `p` or its function is NULL. */
EW_MUST_USE enum ew_code ew_progress(const struct ew_progress *p, const char *step, uint64_t done,
	uint64_t total, struct ew_err *err);

#endif
