/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ruled.h"

#include <inttypes.h>

void
ruled_print(struct cmd_ctx *ctx, const struct ew_ruled *r, const char *file, bool json)
{
	struct ew_buf b = { 0 };
	const int64_t more = r->wanted - (int64_t)r->signatures;

	if (json) {
		ew_ruled_json(&b, r);
		ew_buf_addc(&b, '\n');
		out_take(ctx->out, &b);
	} else if (*r->commit) {
		out_addf(ctx->out, "%.*s; now at %.12s.\n", EW_FMT(r->subject), r->commit);
	} else {
		out_addf(ctx->out, "%.*s: %zu of %" PRId64 " signatures, in %s.\n", EW_FMT(r->subject),
			r->signatures, r->wanted, file);
		out_addf(ctx->out, more > 1 ? "Next, by another: ellwand sign %s\n"
					    : "Next: ellwand sign %s --commit\n", file);
	}
}

enum ew_code
ruled_finish(struct cmd_ctx *ctx, struct ew_rules *rules, const struct ruled *by, struct ew_str subject,
	struct ew_err *err)
{
	struct ew_ruled r = { .signatures = 0 };
	enum ew_code rc;

	if (!by->reason)
		return cmd_usage(ctx->cmd, err, "say why, with -m REASON");
	rc = ew_rules_finish(&r, rules, subject, ew_str(by->reason), by->proposal != NULL, err);
	if (rc == EW_OK && by->proposal)
		rc = ew_file_replace(by->proposal, ew_buf_str(&r.proposal), err);
	if (rc == EW_OK)
		ruled_print(ctx, &r, by->proposal, by->json);
	ew_ruled_release(&r);
	return rc;
}

void
ruled_join(struct ew_buf *out, const struct cmd_ctx *ctx, size_t first)
{
	for (size_t i = first; i < ctx->operands; i++)
		ew_buf_addf(out, "%s%s", i == first ? "" : " ", ctx->operand[i]);
}
