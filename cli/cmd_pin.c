/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/note.h"
#include "cli/prose.h"

#include <inttypes.h>

struct pin {
	const char *split;
	bool answers, write, force, json;
};

static const struct opt pin_opts[] = {
	OPT_STR(0, "split", struct pin, split, 0, "SPLIT", "of this split only"),
	OPT_FLAG(0, "answers", struct pin, answers,
		"of what scoring depends on, not of whole records"),
	OPT_FLAG(0, "write", struct pin, write, "lock the release in a file, by default ellwand.lock"),
	OPT_FLAG(0, "force", struct pin, force, "whatever release the file locks now"),
	OPT_FLAG(0, "json", struct pin, json, "print both pins, or the lock, as JSON"),
	OPT_END,
};

/* Beside the pin, which stands alone on its line for programs. */
static void
note_expires(struct cmd_ctx *ctx, const struct ew_pinned *p)
{
	struct ew_buf time = { 0 };

	if (!p->expires)
		return;
	ew_time_write(&time, p->expires);
	note(ctx->out, "%.*s %s on %.*s", EW_FMT(p->rev),
		ctx->opts.now > p->expires ? "expired" : "expires", EW_FMT(ew_buf_str(&time)));
	ew_buf_release(&time);
}

static void
print_locked(struct out *out, const struct ew_locked *l, const char *path)
{
	const struct ew_lock *lock = &l->lock;
	struct ew_buf pin = { 0 };
	char root[2 * sizeof lock->root.b + 1];

	out_style(out, OUT_BOLD);
	out_addf(out, "Locked %.*s", EW_FMT(lock->release));
	out_style(out, OUT_PLAIN);
	out_addf(out, ", number %" PRIu64 ", %" PRIu64 " labels, in %s", lock->sequence,
		ew_lock_labels(lock), path);
	if (l->before.p && !ew_str_eq(l->before, lock->release))
		out_addf(out, "; it was %.*s", EW_FMT(l->before));
	ew_pin_write(&pin, &lock->records, false);
	out_addf(out, ".\n  records  %.*s\n", EW_FMT(ew_buf_str(&pin)));
	ew_buf_clear(&pin);
	ew_pin_write(&pin, &lock->answers, true);
	out_addf(out, "  answers  %.*s\n", EW_FMT(ew_buf_str(&pin)));
	ew_buf_release(&pin);
	ew_hex(root, lock->root.b, sizeof lock->root.b);
	out_addf(out, "  root     %s\n", root);
	if (lock->expires) {
		out_adds(out, "  expires  ");
		prose_time(out, lock->expires);
		out_adds(out, "\n");
	}
}

static enum ew_code
write_lock(struct cmd_ctx *ctx, const struct pin *o, struct ew_err *err)
{
	const struct ew_lock_opts lo = {
		.release = ew_str(ctx->operand[0]),
		.path = ctx->operands > 1 ? ctx->operand[1] : "ellwand.lock",
		.force = o->force,
	};
	struct ew_locked l;
	struct ew_buf json = { 0 };
	enum ew_code rc;

	if (!ctx->operands || o->split || o->answers)
		return cmd_usage(ctx->cmd, err,
			"--write needs the name of a release, and goes with neither --split nor --answers");
	if ((rc = ew_lock_move(&l, ctx->store, &lo, err)) == EW_OK && o->json) {
		ew_lock_json(&json, &l.lock);
		out_take(ctx->out, &json);
	} else if (rc == EW_OK) {
		print_locked(ctx->out, &l, lo.path);
	}
	ew_locked_release(&l);
	return rc;
}

static enum ew_code
print_pin(struct cmd_ctx *ctx, const struct pin *o, struct ew_err *err)
{
	struct ew_pinned p;
	struct ew_buf text = { 0 };
	enum ew_code rc = ew_pin(&p, ctx->store, ew_str(ctx->operand[0]), ew_str(o->split), err);

	if (rc == EW_OK) {
		if (o->json) {
			ew_pinned_json(&text, &p);
		} else {
			ew_pin_write(&text, o->answers ? &p.answers : &p.records, o->answers);
			ew_buf_addc(&text, '\n');
			note_expires(ctx, &p);
		}
		out_take(ctx->out, &text);
	}
	ew_pinned_release(&p);
	return rc;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct pin *o = opts;

	if (o->write)
		return write_lock(ctx, o, err);
	if (ctx->operands > 1)
		return cmd_usage(ctx->cmd, err, "takes no more than 1 operand, not %zu, without --write",
			ctx->operands);
	if (o->force)
		return cmd_usage(ctx->cmd, err, "--force goes with --write");
	return print_pin(ctx, o, err);
}

const struct cmd cmd_pin = {
	.name = "pin",
	.synopsis = "[REV[:ID]] [--split SPLIT] [--answers] [--json]\n"
		    "VERSION --write [FILE] [--force] [--json]",
	.summary = "Print the hash that stands for the labels of a version",
	.run = run,
	.opts = pin_opts,
	.opts_size = sizeof(struct pin),
	.max_args = 2,
	.flags = CMD_STORE,
};
