/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revised.h"

struct disambiguate {
	struct revised by;
	struct opt_list reading;
	const char *kind, *unit;
};

static const struct opt disambiguate_opts[] = {
	OPT_LIST(0, "reading", struct disambiguate, reading, OPT_REQUIRED, "ASSUMPTION=VALUE",
		"one reading and its answer; give two or more"),
	OPT_STR(0, "kind", struct disambiguate, kind, 0, "KIND", "their kind, if not that of the old label"),
	OPT_STR(0, "unit", struct disambiguate, unit, 0, "U", "their unit"),
	REVISED_OPTS(struct disambiguate),
	MADE_OPTS(struct disambiguate),
	OPT_END,
};

/* "ASSUMPTION=VALUE", cut at the last '=', since an assumption may hold one. */
static enum ew_code
read_reading(struct ew_revise_reading *out, struct cmd_ctx *ctx, struct ew_str text,
	struct ew_err *err)
{
	size_t at = text.len;

	while (at && text.p[at - 1] != '=')
		at--;
	out->assuming = ew_str_trim(ew_str_part(text, 0, at ? at - 1 : 0));
	out->value = ew_str_trim(ew_str_part(text, at, text.len));
	if (!out->assuming.len || !out->value.len)
		return cmd_usage(ctx->cmd, err, "--reading takes ASSUMPTION=VALUE, not '%.*s'", EW_FMT(text));
	return EW_OK;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct disambiguate *o = opts;
	struct ew_revise_request q = {
		.event = EW_DISAMBIGUATE,
		.id = ew_str(ctx->operand[0]),
		.kind = ew_str(o->kind),
		.unit = ew_str(o->unit),
		.readings = o->reading.count,
	};
	enum ew_code rc;

	if (o->reading.count < 2)
		return cmd_usage(ctx->cmd, err, "an ambiguous label has two or more readings");
	q.reading = ew_arena_array(ctx->arena, o->reading.count, sizeof *q.reading);
	if (!q.reading)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < o->reading.count; i++)
		if ((rc = read_reading(&q.reading[i], ctx, o->reading.item[i], err)) != EW_OK)
			return rc;
	return revised_run(ctx, &q, &o->by, err);
}

const struct cmd cmd_disambiguate = {
	.name = "disambiguate",
	.synopsis = "ID --reading ASSUMPTION=VALUE [--reading ASSUMPTION=VALUE ...] [--kind KIND] [--unit U] "
		REVISED_SYNOPSIS " " MADE_SYNOPSIS,
	.summary = "Say that a question has several readings, each with its answer",
	.run = run,
	.opts = disambiguate_opts,
	.opts_size = sizeof(struct disambiguate),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE | CMD_SIGN,
};
