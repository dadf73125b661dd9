/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revised.h"

#include <inttypes.h>

static void
print_json(struct cmd_ctx *ctx, const struct ew_revise_report *r)
{
	struct ew_buf b = { 0 };
	struct ew_jsonw w;

	ew_jsonw_init(&w, &b);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.revise/1"));
	ew_jsonw_str_at(&w, "commit", ew_str(r->tip));
	ew_jsonw_int_at(&w, "events", (int64_t)r->events);
	ew_jsonw_int_at(&w, "commits", (int64_t)r->commits);
	ew_jsonw_int_at(&w, "unchanged", (int64_t)r->unchanged);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(&b, '\n');
	out_take(ctx->out, &b);
}

void
revised_print(struct cmd_ctx *ctx, const struct ew_revise_report *r, bool json)
{
	if (json) {
		print_json(ctx, r);
		return;
	}
	if (r->commits)
		out_addf(ctx->out, "%" PRIu64 " signed commit%s; now at %.12s.\n", r->commits,
			r->commits == 1 ? "" : "s", r->tip);
	if (r->unchanged)
		out_addf(ctx->out, "%" PRIu64 " label%s said so already.\n", r->unchanged,
			r->unchanged == 1 ? "" : "s");
}

enum ew_code
revised_run(struct cmd_ctx *ctx, struct ew_revise_request *q, const struct revised *by,
	struct ew_err *err)
{
	struct ew_revise_report report;
	enum ew_code rc;

	q->reason = ew_str(by->reason);
	q->cause = ew_str(by->cause);
	q->method = ew_str(by->method);
	q->agent = ew_str(by->agent);
	q->rule = ew_str(by->rule);
	q->source = ew_str(by->source);
	q->at = ew_str(by->at);
	if ((rc = ew_revise(&report, ctx->store, q, err)) == EW_OK)
		revised_print(ctx, &report, by->json);
	return rc;
}
