/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <inttypes.h>

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	struct ew_recovered r;
	enum ew_code rc = ew_recover(&r, ctx->store, err);

	(void)opts;
	if (rc == EW_OK)
		out_addf(ctx->out, "Removed %" PRIu64 " stale locks and %" PRIu64 " temporary files.\n", r.locks,
			r.temporaries);
	return rc;
}

const struct cmd cmd_recover = {
	.name = "recover",
	.synopsis = "",
	.summary = "Remove what a writer that was killed left behind",
	.run = run,
	.flags = CMD_STORE,
};
