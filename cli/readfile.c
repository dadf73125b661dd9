/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a command line names, read whole; a signal ends the wait for their bytes. */
#include "cli/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 32)
#define START_MAX ((size_t)4 << 20)
#define REPORT_EVERY ((size_t)1 << 22)

/* open() that a signal may end: a pipe opens when its writer comes. */
static int
open_waiting(const char *path, const struct ew_progress *progress, struct ew_err *err)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR && ew_progress(progress, "reading", 0, 0, err) == EW_OK);
	return fd;
}

static enum ew_code
open_named(int *fd, const struct cmd_ctx *ctx, const char *path, struct ew_err *err)
{
	struct ew_buf there = { 0 };

	*fd = open_waiting(path, ctx->opts.progress, err);
	if (*fd < 0 && errno == ENOENT && path[0] != '/' && strcmp(ctx->dir, ".") != 0) {
		ew_buf_addf(&there, "%s/%s", ctx->dir, path);
		if (ew_buf_check(&there, err) == EW_OK)
			*fd = open_waiting(there.p, ctx->opts.progress, err);
		ew_buf_release(&there);
	}
	if (*fd >= 0 || err->code != EW_OK)
		return err->code;
	return ew_fail_errno(err, errno == ENOENT ? EW_NOTFOUND : EW_IO, errno, "%s: cannot open", path);
}

/* `from` on, the input has no newline: one more line would be too long. */
static enum ew_code
check_line(const struct ew_buf *b, size_t from, const char *name, size_t max, struct ew_err *err)
{
	size_t line = 1;

	if (!max || b->len - from <= max)
		return EW_OK;
	for (size_t i = 0; i < from; i++)
		line += b->p[i] == '\n';
	return ew_fail(err, EW_REFUSED, "%s:%zu: the line is longer than %zu bytes; split it", name, line, max);
}

/* How much of a file is read, and how long a line of it may be; 0: no limit but FILE_MAX. */
struct measure {
	size_t start, line;
};

static enum ew_code
read_pieces(struct ew_buf *out, int fd, const struct cmd_ctx *ctx, const char *name,
	const struct measure *most, struct ew_err *err)
{
	size_t line = 0, reported = 0;
	bool more = true;
	enum ew_code rc = EW_OK;

	while (rc == EW_OK && more && (!most->start || out->len <= most->start)) {
		const size_t from = out->len;
		const char *last;

		if ((rc = ew_file_read_piece(out, &more, fd, name, err)) != EW_OK)
			return rc;
		if (out->len > FILE_MAX)
			return ew_fail(err, EW_REFUSED, "%s: larger than %zu bytes; split it", name,
				FILE_MAX);
		last = memrchr(out->p + from, '\n', out->len - from);
		if (last)
			line = (size_t)(last - out->p) + 1;
		rc = check_line(out, line, name, most->line, err);
		if (rc == EW_OK && (out->len == from || out->len - reported >= REPORT_EVERY)) {
			rc = ew_progress(ctx->opts.progress, "reading", out->len, 0, err);
			reported = out->len;
		}
	}
	return rc;
}

const char *
cmd_file_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static enum ew_code
read_named(struct ew_buf *out, const struct cmd_ctx *ctx, const char *path, const struct measure *most,
	struct ew_err *err)
{
	int fd;
	enum ew_code rc;

	if (strcmp(path, "-") == 0)
		return read_pieces(out, STDIN_FILENO, ctx, cmd_file_name(path), most, err);
	if ((rc = open_named(&fd, ctx, path, err)) != EW_OK)
		return rc;
	rc = read_pieces(out, fd, ctx, path, most, err);
	close(fd);
	return rc;
}

enum ew_code
cmd_read_lines(struct ew_buf *out, const struct cmd_ctx *ctx, const char *path, size_t max,
	struct ew_err *err)
{
	return read_named(out, ctx, path, &(struct measure){ .line = max }, err);
}

enum ew_code
cmd_read_file(struct ew_buf *out, const struct cmd_ctx *ctx, const char *path, struct ew_err *err)
{
	return read_named(out, ctx, path, &(struct measure){ .line = 0 }, err);
}

enum ew_code
cmd_read_start(struct ew_buf *out, const struct cmd_ctx *ctx, const char *path, struct ew_err *err)
{
	return read_named(out, ctx, path, &(struct measure){ .start = START_MAX }, err);
}
