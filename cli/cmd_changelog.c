/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

struct changelog {
	bool markdown, json;
};

static const struct opt changelog_opts[] = {
	OPT_FLAG(0, "markdown", struct changelog, markdown, "print Markdown, for a CHANGELOG.md"),
	OPT_FLAG(0, "json", struct changelog, json, "print one JSON object"),
	OPT_END,
};

/* By its indentation: headings are bold, reasons dim. */
static enum out_style
style_of(struct ew_str line)
{
	size_t indent = 0;

	while (indent < line.len && line.p[indent] == ' ')
		indent++;
	return indent < 4 ? OUT_BOLD : indent == 4 ? OUT_PLAIN : OUT_DIM;
}

static void
print_text(struct out *out, struct ew_str text)
{
	while (text.len && !out_closed(out)) {
		struct ew_str line = ew_str_cut(&text, '\n');

		out_style(out, style_of(line));
		out_add(out, line);
		out_style(out, OUT_PLAIN);
		out_adds(out, "\n");
	}
}

static void
print(struct cmd_ctx *ctx, const struct changelog *o, const struct ew_changelog *log)
{
	struct ew_buf b = { 0 };

	if (o->json)
		ew_changelog_json(&b, log);
	else if (o->markdown)
		ew_changelog_markdown(&b, log);
	else
		ew_changelog_text(&b, log);
	if (o->json || o->markdown || b.bad != EW_OK) {
		out_take(ctx->out, &b);
		return;
	}
	print_text(ctx->out, ew_buf_str(&b));
	ew_buf_release(&b);
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct changelog *o = opts;
	struct ew_changelog log = { .entries = 0 };
	struct ew_range range;
	enum ew_code rc;

	if (o->json && o->markdown)
		return cmd_usage(ctx->cmd, err, "give one of --json and --markdown");
	if ((rc = ew_range_read(&range, ctx->store, ctx->operand, ctx->operands, ctx->arena, err)) !=
	    EW_OK)
		return rc;
	if ((rc = ew_changelog(&log, ctx->store, range.from, range.to, err)) == EW_OK)
		print(ctx, o, &log);
	ew_changelog_release(&log);
	return rc;
}

const struct cmd cmd_changelog = {
	.name = "changelog",
	.synopsis = "[A [B]] [--markdown | --json]\n"
		    "A..B [--markdown | --json]",
	.summary = "Tell what changed between two versions, with reasons and authors",
	.run = run,
	.opts = changelog_opts,
	.opts_size = sizeof(struct changelog),
	.max_args = 2,
	.flags = CMD_STORE | CMD_PAGER,
};
