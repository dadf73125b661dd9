/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <string.h>

/* One line for each reference of the push: all are let in, or none. */
static enum ew_code
pre_receive(struct cmd_ctx *ctx, struct ew_str lines, struct ew_err *err)
{
	struct ew_gate *gate;
	enum ew_code rc = ew_gate_open(&gate, ctx->store, err);

	while (rc == EW_OK && lines.len) {
		struct ew_str ref = ew_str_cut(&lines, '\n');
		struct ew_str old_id = ew_str_cut(&ref, ' '), new_id = ew_str_cut(&ref, ' ');

		rc = ew_gate_update(gate, old_id, new_id, ref, err);
	}
	ew_gate_free(gate);
	return rc;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	struct ew_buf lines = { 0 };
	enum ew_code rc;

	(void)opts;
	if (strcmp(ctx->operand[0], "pre-receive") != 0)
		return cmd_usage(ctx->cmd, err, "no hook '%s'; pre-receive is one", ctx->operand[0]);
	if ((rc = cmd_read_file(&lines, ctx, "-", err)) == EW_OK)
		rc = pre_receive(ctx, ew_buf_str(&lines), err);
	ew_buf_release(&lines);
	return rc;
}

const struct cmd cmd_hook = {
	.name = "hook",
	.synopsis = "pre-receive",
	.summary = "Judge a push, as git's pre-receive hook of a server",
	.run = run,
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE,
};
