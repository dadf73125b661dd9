/* SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <stddef.h>

enum ew_code
ew_progress(const struct ew_progress *p, const char *step, uint64_t done, uint64_t total,
	struct ew_err *err)
{
	if (p && p->report && p->report(p->user, step, done, total) != 0)
		return ew_fail(err, EW_INTERRUPTED, "%s: interrupted; nothing was written", step);
	return EW_OK;
}
