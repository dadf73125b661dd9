/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revised.h"

struct withdraw {
	struct revised by;
};

static const struct opt withdraw_opts[] = {
	REVISED_OPTS(struct withdraw),
	OPT_END,
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct withdraw *o = opts;
	struct ew_revise_request q = { .event = EW_WITHDRAW, .idn = ctx->operands };

	q.ids = ew_arena_array(ctx->arena, ctx->operands, sizeof *q.ids);
	if (!q.ids)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < ctx->operands; i++)
		q.ids[i] = ew_str(ctx->operand[i]);
	return revised_run(ctx, &q, &o->by, err);
}

const struct cmd cmd_withdraw = {
	.name = "withdraw",
	.synopsis = "ID ... " REVISED_SYNOPSIS,
	.summary = "Take labels out of the data set",
	.run = run,
	.opts = withdraw_opts,
	.opts_size = sizeof(struct withdraw),
	.min_args = 1,
	.max_args = CMD_ANY,
	.flags = CMD_STORE | CMD_SIGN,
};
