/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revised.h"

struct apply {
	bool json;
};

static const struct opt apply_opts[] = {
	OPT_FLAG(0, "json", struct apply, json, "print what was done as JSON"),
	OPT_END,
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct apply *o = opts;
	struct ew_buf events = { 0 };
	struct ew_revise_report report;
	enum ew_code rc = cmd_read_lines(&events, ctx, ctx->operand[0], EW_EVENT_LINE_MAX, err);

	if (rc == EW_OK &&
	    (rc = ew_apply(&report, ctx->store, ew_buf_str(&events), cmd_file_name(ctx->operand[0]),
		     err)) == EW_OK)
		revised_print(ctx, &report, o->json, "\"lower\" and \"upper\" beside a value set one");
	ew_buf_release(&events);
	return rc;
}

const struct cmd cmd_apply = {
	.name = "apply",
	.synopsis = "EVENTS [--json]",
	.summary = "Carry out a file of events, one signed commit a line, all or nothing",
	.run = run,
	.opts = apply_opts,
	.opts_size = sizeof(struct apply),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE | CMD_SIGN,
};
