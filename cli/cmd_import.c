/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <inttypes.h>

struct import {
	const char *split, *preset, *map, *match, *message;
	bool update, complete, digest_only, json;
};

static const struct opt import_opts[] = {
	OPT_STR(0, "split", struct import, split, OPT_REQUIRED, "SPLIT", "the part of the data set it is, such as test"),
	OPT_STR(0, "preset", struct import, preset, 0, "NAME", "read the table as this shipped map says"),
	OPT_STR(0, "map", struct import, map, 0, "MAP", "read the table as this map file says"),
	OPT_FLAG(0, "update", struct import, update, "compare with what is stored; one commit for each change"),
	OPT_FLAG(0, "complete", struct import, complete, "with --update: withdraw ids that the table lacks"),
	OPT_STR(0, "match", struct import, match, 0, "ATTR=COLUMN", "with --update: find ids by a stored attribute"),
	OPT_FLAG(0, "digest-only", struct import, digest_only, "store digests of the inputs, not the inputs"),
	OPT_STR('m', "message", struct import, message, 0, "TEXT", "why, for the commit"),
	OPT_FLAG(0, "json", struct import, json, "print what was done as JSON"),
	OPT_END,
};

static void
print_text(struct cmd_ctx *ctx, const struct ew_import_report *r)
{
	const struct {
		uint64_t n;
		const char *one, *many;
	} line[] = {
		{ r->rows, "row", "rows" },
		{ r->added, "added", "added" },
		{ r->relabelled, "relabelled", "relabelled" },
		{ r->rebound, "rebound to a changed question", "rebound to changed questions" },
		{ r->abstained, "abstained", "abstained" },
		{ r->disambiguated, "with several readings, or others", "with several readings, or others" },
		{ r->withdrawn, "withdrawn", "withdrawn" },
		{ r->metadata, "with other attributes or reasons", "with other attributes or reasons" },
		{ r->unchanged, "as it was", "as they were" },
		{ r->commits, "signed commit", "signed commits" },
	};

	if (r->commits == 0) {
		out_addf(ctx->out, "Nothing changed: the table says what is stored (%" PRIu64 " %s).\n",
			r->rows, r->rows == 1 ? "row" : "rows");
		return;
	}
	for (size_t i = 0; i < sizeof line / sizeof *line; i++)
		if (line[i].n)
			out_addf(ctx->out, "%8" PRIu64 " %s\n", line[i].n,
				line[i].n == 1 ? line[i].one : line[i].many);
	out_addf(ctx->out, "Now at %.12s.\n", r->tip);
}

static void
print_report(struct cmd_ctx *ctx, const struct ew_import_report *r, bool json)
{
	struct ew_buf b = { 0 };

	if (!json) {
		print_text(ctx, r);
		return;
	}
	ew_import_report_json(&b, r);
	ew_buf_addc(&b, '\n');
	out_take(ctx->out, &b);
}

static enum ew_code
split_match(struct ew_import_opts *i, struct cmd_ctx *ctx, const char *match, struct ew_err *err)
{
	struct ew_str column = ew_str(match);

	if (!match)
		return EW_OK;
	i->match_attribute = ew_str_cut(&column, '=');
	i->match_column = column;
	if (!i->match_attribute.len || !column.len)
		return cmd_usage(ctx->cmd, err, "--match takes ATTRIBUTE=COLUMN");
	return EW_OK;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct import *o = opts;
	struct ew_buf table = { 0 }, map = { 0 };
	struct ew_import_report report;
	struct ew_import_opts i = {
		.name = cmd_file_name(ctx->operand[0]),
		.preset = ew_str(o->preset),
		.map_name = o->map,
		.split = ew_str(o->split),
		.update = o->update,
		.complete = o->complete,
		.digest_only = o->digest_only,
		.message = ew_str(o->message),
	};
	enum ew_code rc;

	if ((rc = split_match(&i, ctx, o->match, err)) != EW_OK ||
	    (o->map && (rc = cmd_read_file(&map, ctx, o->map, err)) != EW_OK) ||
	    (rc = cmd_read_file(&table, ctx, ctx->operand[0], err)) != EW_OK)
		goto done;
	i.bytes = ew_buf_str(&table);
	i.map = ew_buf_str(&map);
	if ((rc = ew_import(&report, ctx->store, &i, err)) == EW_OK)
		print_report(ctx, &report, o->json);
done:
	ew_buf_release(&table);
	ew_buf_release(&map);
	return rc;
}

const struct cmd cmd_import = {
	.name = "import",
	.synopsis = "FILE --split SPLIT (--preset NAME | --map MAP) [--update [--complete] [--match ATTR=COLUMN]] "
		    "[--digest-only] [-m TEXT] [--json]",
	.summary = "Make labels of a table, or compare them with one",
	.run = run,
	.opts = import_opts,
	.opts_size = sizeof(struct import),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE | CMD_SIGN,
};
