/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	(void)opts;
	(void)err;
	out_adds(ctx->out, "ellwand " EW_VERSION "\n");
	return EW_OK;
}

const struct cmd cmd_version = {
	.name = "version",
	.synopsis = "",
	.summary = "Print the version of the program",
	.run = run,
};
