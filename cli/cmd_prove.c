/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/note.h"

struct prove {
	bool answers;
};

static const struct opt prove_opts[] = {
	OPT_FLAG(0, "answers", struct prove, answers,
		"prove what scoring depends on, for an answers pin"),
	OPT_END,
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct prove *o = opts;
	const struct ew_prove_opts po = { .what = ew_str(ctx->operand[0]), .answers = o->answers };
	struct ew_buf proof = { 0 };
	bool absent;
	enum ew_code rc = ew_prove(&proof, &absent, ctx->store, &po, err);

	if (rc == EW_OK && absent)
		note(ctx->out, "%s: there is no such label, which is what this proves", ctx->operand[0]);
	if (rc == EW_OK)
		out_take(ctx->out, &proof);
	ew_buf_release(&proof);
	return rc;
}

const struct cmd cmd_prove = {
	.name = "prove",
	.synopsis = "REV:ID [--answers]",
	.summary = "Write a proof of one label that needs no store to be checked",
	.run = run,
	.opts = prove_opts,
	.opts_size = sizeof(struct prove),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE,
};
