/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/prose.h"

#include <inttypes.h>

struct verify {
	const char *pin;
	bool json;
};

static const struct opt verify_opts[] = {
	OPT_STR(0, "pin", struct verify, pin, 0, "PIN", "the labels must have this pin"),
	OPT_FLAG(0, "json", struct verify, json, "print the verdict as JSON"),
	OPT_END,
};

static void
print_good(struct cmd_ctx *ctx, const struct ew_verified *v)
{
	out_style(ctx->out, OUT_GREEN);
	out_adds(ctx->out, "Good");
	out_style(ctx->out, OUT_PLAIN);
	out_addf(ctx->out, ": %.*s, %" PRIu64 " labels, %" PRIu64 " signed commits.\n",
		EW_FMT(v->release.p ? v->release : v->rev), v->labels, v->commits);
	out_addf(ctx->out, "  records  %.*s\n  answers  %.*s\n  root     %s\n", EW_FMT(v->records),
		EW_FMT(v->answers), v->root);
	if (v->expires) {
		out_adds(ctx->out, "  expires  ");
		prose_time(ctx->out, v->expires);
		out_adds(ctx->out, "\n");
	}
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct verify *o = opts;
	const struct ew_verify_opts vo = {
		.rev = ew_str(ctx->operands ? ctx->operand[0] : NULL),
		.pin = ew_str(o->pin),
	};
	struct ew_verified v;
	struct ew_buf json = { 0 };
	enum ew_code rc = ew_verify(&v, ctx->store, &vo, err);

	if (rc == EW_OK && o->json) {
		ew_verified_json(&json, &v);
		ew_buf_addc(&json, '\n');
		out_take(ctx->out, &json);
	} else if (rc == EW_OK && v.good) {
		print_good(ctx, &v);
	}
	if (rc == EW_OK && !v.good)
		rc = ew_fail(err, EW_NO, "does not verify: %.*s", EW_FMT(v.problem));
	ew_verified_release(&v);
	return rc;
}

const struct cmd cmd_verify = {
	.name = "verify",
	.synopsis = "[REV] [--pin PIN] [--json]",
	.summary = "Check signatures, declarations and pins from the first commit on",
	.run = run,
	.opts = verify_opts,
	.opts_size = sizeof(struct verify),
	.max_args = 1,
	.flags = CMD_STORE,
};
