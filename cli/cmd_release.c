/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/prose.h"

#include <inttypes.h>

struct release {
	const char *message, *waiver, *expires;
	bool json;
};

static const struct opt release_opts[] = {
	OPT_STR('m', "message", struct release, message, 0, "TEXT", "a text for the tag"),
	OPT_STR(0, "waiver", struct release, waiver, 0, "REASON", "why the step may be smaller than the changes demand"),
	OPT_STR(0, "expires", struct release, expires, 0, "TIME", "after this it is not to be used: a day, a time, or 180d"),
	OPT_FLAG(0, "json", struct release, json, "print the release as JSON"),
	OPT_END,
};

static void
print_text(struct cmd_ctx *ctx, const struct ew_release *r)
{
	out_style(ctx->out, OUT_BOLD);
	out_addf(ctx->out, "Released %.*s", EW_FMT(r->name));
	out_style(ctx->out, OUT_PLAIN);
	out_addf(ctx->out, ", number %" PRIu64 ", %" PRIu64 " labels", r->sequence, r->count);
	if (r->previous.p)
		out_addf(ctx->out, "; %s to %.*s", ew_level_word(r->level), EW_FMT(r->previous));
	out_addf(ctx->out, ".\n  records  %.*s\n  answers  %.*s\n", EW_FMT(r->records), EW_FMT(r->answers));
	if (r->waiver.p)
		out_addf(ctx->out, "  waiver   %.*s\n", EW_FMT(r->waiver));
	if (r->expires) {
		out_adds(ctx->out, "  expires  ");
		prose_time(ctx->out, r->expires);
		out_adds(ctx->out, "\n");
	}
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct release *o = opts;
	const struct ew_release_opts ro = {
		.version = ew_str(ctx->operand[0]),
		.message = ew_str(o->message),
		.waiver = ew_str(o->waiver),
		.expires = ew_str(o->expires),
	};
	struct ew_release r;
	struct ew_buf json = { 0 };
	enum ew_code rc = ew_release(&r, ctx->store, &ro, err);

	if (rc == EW_OK && o->json) {
		ew_release_json(&json, &r);
		ew_buf_addc(&json, '\n');
		out_take(ctx->out, &json);
	} else if (rc == EW_OK) {
		print_text(ctx, &r);
	}
	ew_release_release(&r);
	return rc;
}

const struct cmd cmd_release = {
	.name = "release",
	.synopsis = "VERSION [-m TEXT] [--waiver REASON] [--expires TIME] [--json]",
	.summary = "Sign the present labels as a numbered version",
	.run = run,
	.opts = release_opts,
	.opts_size = sizeof(struct release),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE | CMD_SIGN,
};
