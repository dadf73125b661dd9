/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/note.h"

struct pin {
	const char *split;
	bool answers, json;
};

static const struct opt pin_opts[] = {
	OPT_STR(0, "split", struct pin, split, 0, "SPLIT", "of this split only"),
	OPT_FLAG(0, "answers", struct pin, answers,
		"of what scoring depends on, not of whole records"),
	OPT_FLAG(0, "json", struct pin, json, "print both pins as JSON"),
	OPT_END,
};

/* Beside the pin, which stands alone on its line for programs. */
static void
note_expires(struct cmd_ctx *ctx, const struct ew_pinned *p)
{
	struct ew_buf time = { 0 };

	if (!p->expires)
		return;
	ew_time_write(&time, p->expires);
	note(ctx->out, "%.*s %s on %.*s", EW_FMT(p->rev),
		ctx->opts.now > p->expires ? "expired" : "expires", EW_FMT(ew_buf_str(&time)));
	ew_buf_release(&time);
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct pin *o = opts;
	struct ew_pinned p;
	struct ew_buf text = { 0 };
	enum ew_code rc = ew_pin(&p, ctx->store, ew_str(ctx->operand[0]), ew_str(o->split), err);

	if (rc == EW_OK) {
		if (o->json) {
			ew_pinned_json(&text, &p);
		} else {
			ew_pin_write(&text, o->answers ? &p.answers : &p.records, o->answers);
			ew_buf_addc(&text, '\n');
			note_expires(ctx, &p);
		}
		out_take(ctx->out, &text);
	}
	ew_pinned_release(&p);
	return rc;
}

const struct cmd cmd_pin = {
	.name = "pin",
	.synopsis = "[REV[:ID]] [--split SPLIT] [--answers] [--json]",
	.summary = "Print the hash that stands for the labels of a version",
	.run = run,
	.opts = pin_opts,
	.opts_size = sizeof(struct pin),
	.max_args = 1,
	.flags = CMD_STORE,
};
