/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

static void
print_size(struct cmd_ctx *ctx, uint64_t bytes)
{
	out_addf(ctx->out, "%.1f MB", (double)bytes / 1e6);
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	struct ew_gc gc;
	enum ew_code rc = ew_gc(&gc, ctx->store, err);

	(void)opts;
	if (rc != EW_OK)
		return rc;
	out_adds(ctx->out, "Objects took ");
	print_size(ctx, gc.before);
	out_adds(ctx->out, ", now ");
	print_size(ctx, gc.after);
	out_adds(ctx->out, ".\n");
	return EW_OK;
}

const struct cmd cmd_gc = {
	.name = "gc",
	.synopsis = "",
	.summary = "Pack the store tightly, as git gc does",
	.run = run,
	.flags = CMD_STORE,
};
