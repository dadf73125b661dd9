/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revised.h"

#include <inttypes.h>

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_text(struct cmd_ctx *ctx, const struct ew_revise_report *r, const char *set_band)
{
	if (r->commits)
		out_addf(ctx->out, "%" PRIu64 " signed commit%s; now at %.12s.\n", r->commits,
			plural(r->commits), r->tip);
	if (r->unchanged)
		out_addf(ctx->out, "%" PRIu64 " label%s said so already; reason and provenance stay.\n",
			r->unchanged, plural(r->unchanged));
	if (r->unbanded == 1)
		out_addf(ctx->out, "The band %s went with the old answer; %s.\n", r->band, set_band);
	else if (r->unbanded)
		out_addf(ctx->out, "The bands of %" PRIu64 " old answers went with them; %s.\n", r->unbanded,
			set_band);
}

void
revised_print(struct cmd_ctx *ctx, const struct ew_revise_report *r, bool json, const char *set_band)
{
	struct ew_buf b = { 0 };

	if (!json) {
		print_text(ctx, r, set_band);
		return;
	}
	ew_revise_report_json(&b, r);
	ew_buf_addc(&b, '\n');
	out_take(ctx->out, &b);
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
		revised_print(ctx, &report, by->json,
			q->event == EW_RELABEL ? "give --lower and --upper to set one"
					       : "each reading can have one in an event of ellwand apply");
	return rc;
}
