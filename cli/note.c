/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void
note(struct out *out, const char *fmt, ...)
{
	struct ew_err ignored = { 0 };
	struct ew_buf line = { 0 };
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	progress_clear(out->progress);
	ew_buf_adds(&line, "ellwand: ");
	ew_display_add(&line, ew_str(text), false);
	ew_buf_addc(&line, '\n');
	/* Who does not listen misses it. */
	(void)!ew_file_write_fd(STDERR_FILENO, "standard error", ew_buf_str(&line), &ignored);
	ew_buf_release(&line);
}
