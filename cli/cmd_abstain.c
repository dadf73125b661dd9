/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revised.h"

struct abstain {
	struct revised by;
	struct opt_list missing;
};

static const struct opt abstain_opts[] = {
	OPT_LIST(0, "missing", struct abstain, missing, OPT_COMMAS, "A,B", "what the input lacks"),
	REVISED_OPTS(struct abstain),
	MADE_OPTS(struct abstain),
	OPT_END,
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct abstain *o = opts;
	struct ew_revise_request q = {
		.event = EW_ABSTAIN,
		.id = ew_str(ctx->operand[0]),
		.missing = o->missing.item,
		.missings = o->missing.count,
	};

	return revised_run(ctx, &q, &o->by, err);
}

const struct cmd cmd_abstain = {
	.name = "abstain",
	.synopsis = "ID [--missing A,B] " REVISED_SYNOPSIS " " MADE_SYNOPSIS,
	.summary = "Say that the right answer is to abstain",
	.run = run,
	.opts = abstain_opts,
	.opts_size = sizeof(struct abstain),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE | CMD_SIGN,
};
