/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <string.h>

struct init {
	const char *name, *licence;
};

static const struct opt init_opts[] = {
	OPT_STR(0, "name", struct init, name, OPT_REQUIRED, "NAME", "what the data set is called"),
	OPT_STR(0, "licence", struct init, licence, 0, "LICENCE", "under which terms the labels are, as SPDX writes it"),
	OPT_END,
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct init *o = opts;
	const struct ew_init_opts init = { .name = o->name, .licence = o->licence };
	struct ew_buf dir = { 0 };
	enum ew_code rc;

	if (ctx->operand[0][0] != '/' && strcmp(ctx->dir, ".") != 0)
		ew_buf_addf(&dir, "%s/", ctx->dir);
	ew_buf_adds(&dir, ctx->operand[0]);
	if ((rc = ew_buf_check(&dir, err)) == EW_OK &&
	    (rc = ew_store_init(dir.p, &init, &ctx->opts, err)) == EW_OK)
		out_addf(ctx->out,
			"Made the store of %s: %s\n"
			"Next: ellwand -C %s import TABLE --split test --preset NAME\n",
			o->name, dir.p, dir.p);
	ew_buf_release(&dir);
	return rc;
}

const struct cmd cmd_init = {
	.name = "init",
	.synopsis = "DIR --name NAME [--licence LICENCE]",
	.summary = "Make a store",
	.run = run,
	.opts = init_opts,
	.opts_size = sizeof(struct init),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_SIGN,
};
