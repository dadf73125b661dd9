/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/prose.h"

#include <inttypes.h>

struct status {
	bool json;
};

static const struct opt status_opts[] = {
	OPT_FLAG(0, "json", struct status, json, "print JSON"),
	OPT_END,
};

static void
print_head(struct out *out, const struct ew_status *st)
{
	out_style(out, OUT_BOLD);
	out_add(out, st->name);
	out_style(out, OUT_PLAIN);
	if (st->licence.p)
		out_addf(out, " (%.*s)", EW_FMT(st->licence));
	if (st->branch.p)
		out_addf(out, "\nbranch %.*s at ", EW_FMT(st->branch));
	else
		out_adds(out, "\nno branch, HEAD at ");
	out_style(out, OUT_YELLOW);
	out_addf(out, "%.7s", st->commit);
	out_style(out, OUT_PLAIN);
	out_adds(out, ", ");
	prose_date(out, st->time);
	out_addf(out, " by %.*s\n", EW_FMT(st->author));
}

static void
print_release(struct out *out, const struct ew_status *st, int64_t now)
{
	if (!st->release.p) {
		out_adds(out, "no release yet\n");
		return;
	}
	out_adds(out, "last release ");
	out_style(out, OUT_GREEN);
	out_add(out, st->release);
	out_style(out, OUT_PLAIN);
	if (st->since)
		out_addf(out, ", %" PRIu64 " commit%s since", st->since,
			st->since == 1 ? "" : "s");
	else
		out_adds(out, ", which is what HEAD holds");
	if (st->expires) {
		out_adds(out, now > st->expires ? "; it expired on " : "; it expires on ");
		prose_time(out, st->expires);
	}
	out_adds(out, "\n");
}

static void
print_splits(struct out *out, const struct ew_status *st)
{
	struct table t;

	if (st->splits == 0) {
		out_adds(out, "\nNo labels yet.\n");
		return;
	}
	out_adds(out, "\n");
	table_init(&t, 2, 2);
	t.right[1] = true;
	for (size_t i = 0; i < st->splits; i++) {
		table_add(&t, st->split[i].name);
		table_addu(&t, st->split[i].labels);
	}
	if (st->splits > 1) {
		table_add(&t, EW_LIT("all labels"));
		table_addu(&t, st->labels);
	}
	table_print(&t, out);
	out_addf(out, "\nrecords  %.*s\nanswers  %.*s\n", EW_FMT(st->records), EW_FMT(st->answers));
}

/* What one would most likely do now. */
static void
print_next(struct out *out, const struct ew_status *st, int64_t now)
{
	const struct ew_str r = st->release;

	out_adds(out, "\n");
	out_style(out, OUT_DIM);
	out_adds(out, "Next: ");
	if (st->labels == 0)
		out_adds(out, "ellwand import TABLE --split test --preset jsonl");
	else if (!r.p)
		out_adds(out, "ellwand release v1.0 gives this version a number");
	else if (st->since)
		out_addf(out, "ellwand compat %.*s HEAD says what number the next release needs",
			EW_FMT(r));
	else if (st->expires && now > st->expires)
		out_adds(out, "ellwand release signs these labels as the next version, with a later end");
	else
		out_addf(out, "ellwand pin %.*s prints what a consumer writes down", EW_FMT(r));
	out_style(out, OUT_PLAIN);
	out_adds(out, "\n");
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct status *o = opts;
	struct ew_status st;
	struct ew_buf json = { 0 };
	enum ew_code rc = ew_status(&st, ctx->store, err);

	if (rc == EW_OK && o->json) {
		ew_status_json(&json, &st);
		out_take(ctx->out, &json);
	} else if (rc == EW_OK) {
		print_head(ctx->out, &st);
		print_release(ctx->out, &st, ctx->opts.now);
		print_splits(ctx->out, &st);
		print_next(ctx->out, &st, ctx->opts.now);
	}
	ew_status_release(&st);
	return rc;
}

const struct cmd cmd_status = {
	.name = "status",
	.synopsis = "[--json]",
	.summary = "Show the store at a glance",
	.run = run,
	.opts = status_opts,
	.opts_size = sizeof(struct status),
	.flags = CMD_STORE,
};
