/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <inttypes.h>

struct compat {
	bool json;
};

static const struct opt compat_opts[] = {
	OPT_FLAG(0, "json", struct compat, json, "print one JSON object"),
	OPT_END,
};

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_level(struct out *out, const struct ew_compat *c)
{
	static const struct {
		enum out_style style;
		const char *text;
	} said[] = {
		[EW_IDENTICAL] = { OUT_GREEN, "the labels are the same" },
		[EW_SCORE_COMPATIBLE] = { OUT_GREEN, "every prediction scores as before" },
		[EW_EXTENDED] = { OUT_YELLOW, "labels were added, none changed its score" },
		[EW_SCORE_AFFECTING] = { OUT_RED, "the same predictions can score otherwise" },
	};

	out_style(out, OUT_BOLD);
	out_addf(out, "%.*s → %.*s: ", EW_FMT(ew_diff_side_name(&c->diff.from)),
		EW_FMT(ew_diff_side_name(&c->diff.to)));
	out_style(out, said[c->level].style);
	out_adds(out, ew_level_word(c->level));
	out_style(out, OUT_PLAIN);
	out_addf(out, ", %s.\n", said[c->level].text);
}

static void
print_step(struct out *out, const struct ew_compat *c)
{
	const struct ew_str release = c->diff.from.release;

	if (c->step == EW_STEP_NONE)
		out_adds(out, "The policy demands no new version.\n");
	else if (c->advised.p)
		out_addf(out, "The policy demands a %s step: from %.*s to %.*s at least.\n",
			ew_step_word(c->step), EW_FMT(release), EW_FMT(c->advised));
	else
		out_addf(out, "The policy demands a %s step.\n", ew_step_word(c->step));
}

static void
print_why(struct out *out, const struct ew_compat *c)
{
	if (c->level == EW_IDENTICAL)
		return;
	out_adds(out, "\nWhat changed:\n");
	for (int k = 0; k < EW_SAME; k++) {
		bool affects = ew_compat_affects((enum ew_class)k);

		if (!c->diff.counts[k])
			continue;
		out_addf(out, "%8" PRIu64 "  ", c->diff.counts[k]);
		out_style(out, affects ? OUT_RED : OUT_DIM);
		out_adds(out, ew_class_text((enum ew_class)k));
		out_style(out, OUT_PLAIN);
		out_adds(out, "\n");
	}
	if (c->diff.moved)
		out_addf(out, "%8" PRIu64 "  moved to another split\n", c->diff.moved);
}

/* In tenths, rounded up: it is a bound. */
static void
print_effect(struct out *out, const struct ew_compat *c)
{
	uint64_t common = c->diff.common, n = c->diff.rescored;
	uint64_t tenths = common ? (n * 1000 + common - 1) / common : 0;

	out_addf(out,
		"\n%" PRIu64 " of the %" PRIu64 " labels in common can score otherwise: a score over these\n"
		"can move by %s%" PRIu64 ".%" PRIu64 " points.\n",
		n, common, n ? "at most " : "", tenths / 10, tenths % 10);
}

static void
print_results(struct out *out, const struct ew_compat *c)
{
	uint64_t new = c->diff.counts[EW_ADDED];
	const struct ew_str from = ew_diff_side_name(&c->diff.from);

	switch (c->results) {
	case EW_RESULTS_VALID:
		out_addf(out, "\nResults published against %.*s stay valid.\n", EW_FMT(from));
		return;
	case EW_RESULTS_REGRADE:
		out_addf(out,
			"\nResults published against %.*s have to be graded again; the predictions serve.\n",
			EW_FMT(from));
		return;
	case EW_RESULTS_RERUN:
		break;
	}
	out_addf(out, "\nResults published against %.*s do not cover this version.  The model has to answer\n",
		EW_FMT(from));
	if (c->reasked)
		out_addf(out, "%8" PRIu64 "  changed question%s\n", c->reasked, plural(c->reasked));
	if (new)
		out_addf(out, "%8" PRIu64 "  new question%s\n", new, plural(new));
	out_adds(out, "The other predictions can be graded again as they are.\n");
}

static void
print_text(struct out *out, const struct ew_compat *c)
{
	print_level(out, c);
	print_step(out, c);
	print_why(out, c);
	if (c->level == EW_EXTENDED || c->level == EW_SCORE_AFFECTING)
		print_effect(out, c);
	print_results(out, c);
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct compat *o = opts;
	struct ew_compat c = { .step = EW_STEP_NONE };
	struct ew_buf b = { 0 };
	struct ew_range range;
	enum ew_code rc;

	if ((rc = ew_range_read(&range, ctx->store, ctx->operand, ctx->operands, ctx->arena, err)) !=
	    EW_OK)
		return rc;
	if ((rc = ew_compat(&c, ctx->store, range.from, range.to, err)) == EW_OK) {
		if (o->json)
			ew_compat_json(&b, &c);
		else
			print_text(ctx->out, &c);
		out_take(ctx->out, &b);
	}
	ew_compat_release(&c);
	return rc;
}

const struct cmd cmd_compat = {
	.name = "compat",
	.synopsis = "[A [B]] [--json]\n"
		    "A..B [--json]",
	.summary = "Say whether results of one version hold for another",
	.run = run,
	.opts = compat_opts,
	.opts_size = sizeof(struct compat),
	.max_args = 2,
	.flags = CMD_STORE,
};
