/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ruled.h"

struct sign {
	bool commit, json;
};

static const struct opt sign_opts[] = {
	OPT_FLAG(0, "commit", struct sign, commit, "as the last one: make the commit"),
	OPT_FLAG(0, "json", struct sign, json, "print it as JSON"),
	OPT_END,
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct sign *o = opts;
	const char *file = ctx->operand[0];
	struct ew_ruled r = { .signatures = 0 };
	struct ew_buf text = { 0 };
	enum ew_code rc;

	if ((rc = cmd_read_file(&text, ctx, file, err)) == EW_OK &&
	    (rc = ew_rules_sign(&r, ctx->store, ew_buf_str(&text), o->commit, err)) == EW_OK && !o->commit)
		rc = ew_file_replace(file, ew_buf_str(&r.proposal), err);
	if (rc == EW_OK)
		ruled_print(ctx, &r, file, o->json);
	ew_buf_release(&text);
	ew_ruled_release(&r);
	return rc;
}

const struct cmd cmd_sign = {
	.name = "sign",
	.synopsis = "FILE [--commit] [--json]",
	.summary = "Sign a change of the rules that somebody proposes",
	.run = run,
	.opts = sign_opts,
	.opts_size = sizeof(struct sign),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE | CMD_SIGN,
};
