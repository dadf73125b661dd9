/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/usage.h"

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct cmd *cmd;

	(void)opts;
	if (ctx->operands == 0) {
		usage_program(ctx->out);
		return EW_OK;
	}
	cmd = cmd_find(ctx->operand[0]);
	if (!cmd)
		return cmd_unknown(ctx->operand[0], err);
	usage_command(ctx->out, cmd);
	return EW_OK;
}

const struct cmd cmd_help = {
	.name = "help",
	.synopsis = "[COMMAND]",
	.summary = "List the commands, or say how one is used",
	.run = run,
	.max_args = 1,
	.flags = CMD_PAGER,
};
