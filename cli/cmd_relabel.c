/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revised.h"

struct relabel {
	struct revised by;
	struct opt_list value;
	const char *kind, *unit, *lower, *upper;
};

static const struct opt relabel_opts[] = {
	OPT_LIST(0, "value", struct relabel, value, 0, "V", "the answer; several times for the members of a set"),
	OPT_STR(0, "kind", struct relabel, kind, 0, "KIND", "its kind, if not that of the old one"),
	OPT_STR(0, "unit", struct relabel, unit, 0, "U", "its unit; empty for none"),
	OPT_STR(0, "lower", struct relabel, lower, 0, "L", "lower limit of the band; empty for none"),
	OPT_STR(0, "upper", struct relabel, upper, 0, "U", "upper limit of the band; empty for none"),
	REVISED_OPTS(struct relabel),
	MADE_OPTS(struct relabel),
	OPT_END,
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct relabel *o = opts;
	struct ew_revise_request q = {
		.event = EW_RELABEL,
		.id = ew_str(ctx->operand[0]),
		.kind = ew_str(o->kind),
		.unit = ew_str(o->unit),
		.lower = ew_str(o->lower),
		.upper = ew_str(o->upper),
	};

	if (o->value.count == 1) {
		q.value = o->value.item[0];
	} else {
		q.member = o->value.item;
		q.members = o->value.count;
	}
	return revised_run(ctx, &q, &o->by, err);
}

const struct cmd cmd_relabel = {
	.name = "relabel",
	.synopsis = "ID [--value V ...] [--kind KIND] [--unit U] [--lower L] [--upper U] "
		REVISED_SYNOPSIS " " MADE_SYNOPSIS,
	.summary = "Give a label another answer",
	.run = run,
	.opts = relabel_opts,
	.opts_size = sizeof(struct relabel),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE | CMD_SIGN,
};
