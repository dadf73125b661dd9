/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/note.h"

#include <inttypes.h>
#include <unistd.h>

#define X(name, word) word,
static const char *const use_words[] = { EW_USES(X) NULL };
#undef X
static const char *const format_words[] = { "jsonl", "csv", NULL };

struct export {
	const char *split, *file;
	int use, format;
	bool raw;
};

static const struct opt export_opts[] = {
	OPT_STR(0, "split", struct export, split, 0, "SPLIT", "this split only"),
	OPT_WORD(0, "use", struct export, use, OPT_REQUIRED, use_words, "USE",
		"what for: evaluation, training or reward"),
	OPT_WORD(0, "format", struct export, format, OPT_REQUIRED, format_words, "FORMAT",
		"jsonl or csv"),
	OPT_FLAG(0, "raw", struct export, raw,
		"csv: leave texts as they are that look like formulas"),
	OPT_STR('o', "output", struct export, file, 0, "FILE",
		"write this file, whole or not at all"),
	OPT_END,
};

/* Where the labels go: stdout, or a temporary file that becomes the one named. */
struct target {
	struct cmd_ctx *ctx;
	const struct export *opts;
	int fd;
	struct ew_buf temp;
	struct ew_err err;
};

static int
sink(void *user, struct ew_str bytes)
{
	struct target *t = user;

	if (t->fd < 0)
		return out_sink(t->ctx->out, bytes);
	return ew_file_write_fd(t->fd, t->opts->file, bytes, &t->err) != EW_OK;
}

static void
left_out(void *user, struct ew_str split)
{
	const struct target *t = user;

	note(t->ctx->out, "left out split %.*s: the policy does not allow it for %s", EW_FMT(split),
		use_words[t->opts->use]);
}

static enum ew_code
open_target(struct target *t, struct ew_err *err)
{
	return t->opts->file ? ew_file_temp_for(&t->fd, &t->temp, t->opts->file, err) : EW_OK;
}

static enum ew_code
keep_target(struct target *t, struct ew_err *err)
{
	const int fd = t->fd;

	t->fd = -1;
	return ew_file_keep(fd, t->temp.p, t->opts->file, err);
}

static void
close_target(struct target *t, bool kept)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->temp.len && !kept)
		unlink(t->temp.p);
	ew_buf_release(&t->temp);
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct export *o = opts;
	struct target t = { .ctx = ctx, .opts = o, .fd = -1 };
	const struct ew_export_opts x = {
		.rev = ew_str(ctx->operand[0]),
		.split = ew_str(o->split),
		.use = (enum ew_use)o->use,
		.format = o->format ? EW_EXPORT_CSV : EW_EXPORT_JSONL,
		.raw = o->raw,
		.left_out = left_out,
	};
	struct ew_err lost = { 0 };
	uint64_t count;
	enum ew_code rc;

	if (o->raw && !o->format)
		return cmd_usage(ctx->cmd, err, "--raw goes with --format csv");
	if ((rc = open_target(&t, err)) == EW_OK) {
		rc = ew_export(&count, ctx->store, &x, sink, &t, &lost);
		/* Why the output takes no more is known here. */
		if (rc != EW_OK)
			*err = t.err.code != EW_OK ? t.err :
				ctx->out->err.code != EW_OK ? ctx->out->err : lost;
	}
	if (rc == EW_OK && o->file && (rc = keep_target(&t, err)) == EW_OK)
		out_addf(ctx->out, "Wrote %" PRIu64 " labels to %s.\n", count, o->file);
	close_target(&t, rc == EW_OK);
	return rc;
}

const struct cmd cmd_export = {
	.name = "export",
	.synopsis = "REV [--split SPLIT] --use USE --format FORMAT [--raw] [-o FILE]",
	.summary = "Write labels and questions as JSON Lines or CSV",
	.run = run,
	.opts = export_opts,
	.opts_size = sizeof(struct export),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE,
};
