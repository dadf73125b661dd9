/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <inttypes.h>

struct hook {
	bool server, force;
};

static const struct opt hook_opts[] = {
	OPT_FLAG(0, "server", struct hook, server, "with install: the hooks of a server that people push to"),
	OPT_FLAG(0, "force", struct hook, force, "with install: in place of hooks that are there"),
	OPT_END,
};

/* One line of what git hands to a hook. */
typedef enum ew_code line_fn(struct cmd_ctx *, struct ew_gate *, struct ew_str line, struct ew_err *err);

static enum ew_code
each_line(struct cmd_ctx *ctx, struct ew_gate *gate, line_fn *fn, struct ew_err *err)
{
	struct ew_buf lines = { 0 };
	struct ew_str rest;
	enum ew_code rc = cmd_read_file(&lines, ctx, "-", err);

	rest = ew_buf_str(&lines);
	while (rc == EW_OK && rest.len)
		rc = fn(ctx, gate, ew_str_cut(&rest, '\n'), err);
	ew_buf_release(&lines);
	return rc;
}

/* --- the gate --- */

/* OLD NEW REF: all are let in, or none. */
static enum ew_code
let_in(struct cmd_ctx *ctx, struct ew_gate *gate, struct ew_str ref, struct ew_err *err)
{
	struct ew_str old_id = ew_str_cut(&ref, ' '), new_id = ew_str_cut(&ref, ' ');

	(void)ctx;
	return ew_gate_update(gate, old_id, new_id, ref, err);
}

static enum ew_code
pre_receive(struct cmd_ctx *ctx, const struct hook *o, struct ew_err *err)
{
	struct ew_gate *gate;
	enum ew_code rc = ew_gate_open(&gate, ctx->store, err);

	(void)o;
	if (rc == EW_OK)
		rc = each_line(ctx, gate, let_in, err);
	ew_gate_free(gate);
	return rc;
}

/* LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID, of which an old remote id that is not here cannot be judged. */
static enum ew_code
may_go(struct cmd_ctx *ctx, struct ew_gate *gate, struct ew_str rest, struct ew_err *err)
{
	struct ew_str id, ref;

	(void)ctx;
	ew_str_cut(&rest, ' ');
	id = ew_str_cut(&rest, ' ');
	ref = ew_str_cut(&rest, ' ');
	return ew_gate_update(gate, rest, id, ref, err);
}

static enum ew_code
pre_push(struct cmd_ctx *ctx, const struct hook *o, struct ew_err *err)
{
	struct ew_gate *gate;
	enum ew_code rc = ew_gate_open_copy(&gate, ctx->store, err);

	(void)o;
	if (rc == EW_OK)
		rc = each_line(ctx, gate, may_go, err);
	ew_gate_free(gate);
	return rc;
}

/* --- after it --- */

static enum ew_code
reference_transaction(struct cmd_ctx *ctx, const struct hook *o, struct ew_err *err)
{
	(void)o;
	return ew_hooks_sync(ctx->store, err);
}

static bool
is_none(struct ew_str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.p[i] != '0')
			return false;
	return true;
}

/* What a branch has gained, in the words of the classes of change. */
static enum ew_code
tell(struct cmd_ctx *ctx, struct ew_gate *gate, struct ew_str ref, struct ew_err *err)
{
	static const struct ew_diff_opts stat = { .stat = true };
	struct ew_str old_id = ew_str_cut(&ref, ' '), new_id = ew_str_cut(&ref, ' ');
	struct ew_diff d;
	bool any = false;
	enum ew_code rc;

	(void)gate;
	if (!ew_str_starts(ref, "refs/heads/") || is_none(new_id)) {
		out_addf(ctx->out, "%.*s is in\n", EW_FMT(ref));
		return EW_OK;
	}
	if (is_none(old_id)) {
		out_addf(ctx->out, "%.*s is new\n", EW_FMT(ref));
		return EW_OK;
	}
	if ((rc = ew_diff(&d, ctx->store, old_id, new_id, &stat, err)) == EW_OK) {
		out_addf(ctx->out, "%.*s is %s to what it was", EW_FMT(ref), ew_level_word(d.level));
		for (int c = 0; c < EW_CLASS_COUNT; c++) {
			if (!d.counts[c] || c == EW_SAME)
				continue;
			out_addf(ctx->out, "%s%" PRIu64 " %s", any ? ", " : ": ", d.counts[c],
				ew_class_word((enum ew_class)c));
			any = true;
		}
		out_adds(ctx->out, "\n");
	}
	ew_diff_release(&d);
	return rc;
}

static enum ew_code
post_receive(struct cmd_ctx *ctx, const struct hook *o, struct ew_err *err)
{
	(void)o;
	return each_line(ctx, NULL, tell, err);
}

static enum ew_code
install(struct cmd_ctx *ctx, const struct hook *o, struct ew_err *err)
{
	struct ew_buf names = { 0 };
	enum ew_code rc = ew_hooks_install(&names, ctx->store, o->server, o->force, err);

	if (rc == EW_OK)
		out_addf(ctx->out, "Installed: %.*s\n", EW_FMT(ew_buf_str(&names)));
	ew_buf_release(&names);
	return rc;
}

static const struct {
	const char *name;
	enum ew_code (*run)(struct cmd_ctx *, const struct hook *, struct ew_err *err);
} hooks[] = {
	{ "install", install },
	{ "pre-receive", pre_receive },
	{ "reference-transaction", reference_transaction },
	{ "post-receive", post_receive },
	{ "pre-push", pre_push },
};

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
		if (ew_str_is(ew_str(ctx->operand[0]), hooks[i].name))
			return hooks[i].run(ctx, opts, err);
	return cmd_usage(ctx->cmd, err, "no hook '%s'; pre-receive is one", ctx->operand[0]);
}

const struct cmd cmd_hook = {
	.name = "hook",
	.synopsis = "install [--server] [--force]\n"
		"pre-receive|reference-transaction|post-receive|pre-push",
	.summary = "Judge pushes, as git's hooks, and install them",
	.run = run,
	.opts = hook_opts,
	.opts_size = sizeof(struct hook),
	.min_args = 1,
	.max_args = 1,
	.flags = CMD_STORE,
};
