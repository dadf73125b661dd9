/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/locked.h"

#include <inttypes.h>

static void
print_good(struct out *out, const struct ew_lock_checked *c, const char *path)
{
	out_style(out, OUT_GREEN);
	out_adds(out, "Good");
	out_style(out, OUT_PLAIN);
	out_addf(out, ": %.*s as locked, %" PRIu64 " labels, %" PRIu64 " signed commits.",
		EW_FMT(c->lock.release), ew_lock_labels(&c->lock), c->commits);
	if (c->newer.p)
		out_addf(out, " %.*s is here: ellwand pin %.*s --write %s moves the lock.", EW_FMT(c->newer),
			EW_FMT(c->newer), path);
	if (c->doubtful.p)
		out_addf(out, " %.*s is here too, but does not verify: %.*s.", EW_FMT(c->doubtful),
			EW_FMT(c->doubt));
	out_adds(out, "\n");
}

enum ew_code
locked_check(struct cmd_ctx *ctx, const struct ew_lock_check_opts *opts, bool json, struct ew_err *err)
{
	struct ew_lock_checked c;
	struct ew_buf text = { 0 };
	enum ew_code rc = ew_lock_check(&c, ctx->store, opts, err);

	if (rc == EW_OK && json) {
		ew_lock_checked_json(&text, &c);
		out_take(ctx->out, &text);
	} else if (rc == EW_OK && c.fault == EW_LOCK_GOOD) {
		print_good(ctx->out, &c, opts->path);
	}
	if (rc == EW_OK && c.fault != EW_LOCK_GOOD)
		rc = ew_fail(err, EW_NO, "%s: %s: %.*s", opts->path, ew_lock_fault_word(c.fault),
			EW_FMT(c.problem));
	ew_lock_checked_release(&c);
	return rc;
}
