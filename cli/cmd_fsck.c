/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <inttypes.h>

struct fsck {
	bool json;
};

static const struct opt fsck_opts[] = {
	OPT_FLAG(0, "json", struct fsck, json, "print what was found as JSON"),
	OPT_END,
};

/* Faults as they are found: a line each, or elements of the JSON array. */
struct faults {
	struct cmd_ctx *ctx;
	struct ew_jsonw *json; /* NULL: text */
};

static void
add_fault(void *user, struct ew_str where, const char *what)
{
	struct faults *f = user;

	if (!f->json) {
		out_addf(f->ctx->out, "%.*s: %s\n", EW_FMT(where), what);
		return;
	}
	ew_jsonw_object(f->json);
	ew_jsonw_str_at(f->json, "ref", where);
	ew_jsonw_str_at(f->json, "what", ew_str(what));
	ew_jsonw_end(f->json);
}

static enum ew_code
check(struct cmd_ctx *ctx, struct ew_jsonw *w, struct ew_fsck *found, struct ew_err *err)
{
	struct faults f = { ctx, w };
	enum ew_code rc = ew_fsck(found, ctx->store, add_fault, &f, err);

	if (rc == EW_OK && !w && !found->faults)
		out_addf(ctx->out,
			"No faults: %" PRIu64 " branches and releases, %" PRIu64 " commits, %" PRIu64 " records.\n",
			found->refs, found->commits, found->records);
	if (rc == EW_OK && found->faults)
		rc = EW_CORRUPT;
	return rc;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct fsck *o = opts;
	struct ew_buf b = { 0 };
	struct ew_jsonw w;
	struct ew_fsck found;
	enum ew_code rc;

	if (!o->json) {
		rc = check(ctx, NULL, &found, err);
	} else {
		ew_jsonw_init(&w, &b);
		ew_jsonw_object(&w);
		ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.fsck/1"));
		ew_jsonw_name(&w, EW_LIT("faults"));
		ew_jsonw_array(&w);
		rc = check(ctx, &w, &found, err);
		ew_jsonw_end(&w);
		ew_jsonw_int_at(&w, "refs", (int64_t)found.refs);
		ew_jsonw_int_at(&w, "commits", (int64_t)found.commits);
		ew_jsonw_int_at(&w, "records", (int64_t)found.records);
		ew_jsonw_end(&w);
		ew_jsonw_finish(&w);
		ew_buf_addc(&b, '\n');
		out_take(ctx->out, &b);
	}
	if (rc == EW_CORRUPT && err->code == EW_OK) {
		out_flush(ctx->out);
		rc = ew_fail(err, EW_CORRUPT, "%" PRIu64 " fault%s found; restore the store from a good copy",
			found.faults, found.faults == 1 ? "" : "s");
	}
	return rc;
}

const struct cmd cmd_fsck = {
	.name = "fsck",
	.synopsis = "[--json]",
	.summary = "Verify every branch and release, and read every record",
	.run = run,
	.opts = fsck_opts,
	.opts_size = sizeof(struct fsck),
	.flags = CMD_STORE,
};
