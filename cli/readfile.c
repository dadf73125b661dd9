/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a command line names, read whole. */
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 32)

enum ew_code
cmd_read_file(struct ew_buf *out, const struct cmd_ctx *ctx, const char *path, struct ew_err *err)
{
	struct ew_err absent = { 0 };
	struct ew_buf there = { 0 };
	enum ew_code rc;

	if (strcmp(path, "-") == 0)
		return ew_file_read_fd(out, STDIN_FILENO, "standard input", FILE_MAX, err);
	rc = ew_file_read(out, path, FILE_MAX, &absent);
	if (rc == EW_NOTFOUND && path[0] != '/' && strcmp(ctx->dir, ".") != 0) {
		ew_buf_addf(&there, "%s/%s", ctx->dir, path);
		if (!there.p || access(there.p, F_OK) != 0)
			ew_buf_clear(&there);
	}
	if (there.len)
		rc = ew_file_read(out, there.p, FILE_MAX, err);
	else if (rc != EW_OK)
		rc = ew_fail(err, rc, "%s", absent.msg);
	ew_buf_release(&there);
	return rc;
}
