/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: what all commands have in common.  It alone reads the environment,
 * prints errors (one line, "ellwand: what; what next") and sets the exit status.
 */
#include "cli/cmd.h"
#include "cli/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
static const char *const colour_words[] = { "auto", "always", "never", NULL };

struct globals {
	struct opt_list dir;
	bool no_pager, progress, no_progress, version;
	int colour;
};

const struct opt cmd_global_opts[] = {
	OPT_LIST('C', NULL, struct globals, dir, 0, "DIR", "the store is in DIR"),
	OPT_FLAG(0, "no-pager", struct globals, no_pager, "print straight to the terminal"),
	OPT_WORD(0, "color", struct globals, colour, 0, colour_words, "WHEN",
		"use colour: auto, always or never"),
	OPT_FLAG(0, "progress", struct globals, progress,
		"show progress although stderr is no terminal"),
	OPT_FLAG(0, "no-progress", struct globals, no_progress, "show no progress"),
	OPT_FLAG(0, "version", struct globals, version, "print the version"),
	OPT_END,
};

const struct opt cmd_sign_opts[] = {
	OPT_STR(0, "key", struct ew_store_opts, key, 0, "KEYFILE", "sign with this SSH key"),
	OPT_STR(0, "principal", struct ew_store_opts, principal, 0, "EMAIL",
		"sign as this principal"),
	OPT_END,
};

struct program {
	struct globals globals;
	struct cmd_ctx ctx;
	struct progress progress;
	struct out out;
	struct ew_arena arena;
};

/* The value of a variable; NULL also when it is empty. */
static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* A file opened later must not take the place of a standard stream that was closed. */
static void
fill_standard_streams(void)
{
	int fd;

	do {
		/* Read-only, so that writing to a closed stdout fails. */
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static enum ew_code
read_clock(int64_t *out, struct ew_err *err)
{
	const char *epoch = environment("SOURCE_DATE_EPOCH");
	uint64_t seconds;

	*out = (int64_t)time(NULL);
	if (!epoch)
		return EW_OK;
	if (!ew_str_to_u64(ew_str(epoch), INT64_C(253402300799), &seconds))
		return ew_fail(err, EW_USAGE,
			"SOURCE_DATE_EPOCH: '%s' is no number of seconds; unset it", epoch);
	*out = (int64_t)seconds;
	return EW_OK;
}

static enum ew_code
read_environment(struct ew_store_opts *o, struct ew_err *err)
{
	if (!o->key)
		o->key = environment("ELLWAND_KEY");
	if (!o->principal)
		o->principal = environment("ELLWAND_PRINCIPAL");
	o->agent_socket = environment("SSH_AUTH_SOCK");
	o->home = environment("HOME");
	o->xdg_config_home = environment("XDG_CONFIG_HOME");
	return read_clock(&o->now, err);
}

static const char *
choose_pager(void)
{
	const char *pager = getenv("ELLWAND_PAGER");

	if (!pager)
		pager = getenv("PAGER");
	if (!pager)
		return "less -FRX";
	/* A less of the user's own choice needs to be told as well that colours are colours. */
	setenv("LESS", "FRX", 0);
	return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

static bool
choose_colour(const struct globals *g)
{
	const char *term = environment("TERM");

	if (g->colour != COLOUR_AUTO)
		return g->colour == COLOUR_ALWAYS;
	if (environment("NO_COLOR") || !term || strcmp(term, "dumb") == 0)
		return false;
	return isatty(STDOUT_FILENO);
}

static void
open_output(struct program *pg)
{
	const struct globals *g = &pg->globals;

	progress_init(&pg->progress, !g->no_progress && (g->progress || isatty(STDERR_FILENO)));
	out_init(&pg->out, STDOUT_FILENO, choose_colour(g), &pg->progress);
	pg->ctx.out = &pg->out;
	pg->ctx.arena = &pg->arena;
	pg->ctx.opts.progress = &pg->progress.ew;
}

/* Several -C follow each other, as several cd would. */
static enum ew_code
choose_dir(struct program *pg, struct ew_err *err)
{
	const struct opt_list *dir = &pg->globals.dir;
	struct ew_buf path = { 0 };
	enum ew_code rc;

	for (size_t i = 0; i < dir->count; i++) {
		if (dir->item[i].p[0] == '/')
			ew_buf_clear(&path);
		else if (path.len)
			ew_buf_addc(&path, '/');
		ew_buf_add(&path, dir->item[i]);
	}
	if ((rc = ew_buf_check(&path, err)) == EW_OK) {
		struct ew_str kept = ew_arena_str(&pg->arena, path.len ? ew_buf_str(&path) : EW_LIT("."));

		pg->ctx.dir = kept.p;
		rc = kept.p ? EW_OK : ew_fail_nomem(err);
	}
	ew_buf_release(&path);
	if (rc == EW_OK && access(pg->ctx.dir, X_OK) != 0)
		rc = ew_fail_errno(err, EW_USAGE, errno, "-C %s", pg->ctx.dir);
	return rc;
}

/* The options before the command; what is left of argv are its operands. */
static enum ew_code
parse_globals(struct program *pg, struct opt_parse *p, char **argv, struct ew_err *err)
{
	struct globals *g = &pg->globals;
	struct ew_err why = { 0 };

	*p = (struct opt_parse){ .set = { { cmd_global_opts, g } }, .operands_end = true };
	if (opt_parse(p, argv, &pg->arena, &why) != EW_OK)
		return cmd_usage(NULL, err, "%s", why.msg);
	if (!p->help && !g->version && p->operands == 0)
		return cmd_usage(NULL, err, "no command is given");
	return EW_OK;
}

static enum ew_code
check_operands(const struct cmd *cmd, size_t n, struct ew_err *err)
{
	if (n < cmd->min_args)
		return cmd_usage(cmd, err, "needs %zu operand%s, not %zu", cmd->min_args,
			cmd->min_args == 1 ? "" : "s", n);
	if (n > cmd->max_args)
		return cmd_usage(cmd, err, "takes no more than %zu operand%s, not %zu",
			cmd->max_args, cmd->max_args == 1 ? "" : "s", n);
	return EW_OK;
}

static enum ew_code
run_opened(struct program *pg, const void *opts, struct ew_err *err)
{
	struct cmd_ctx *ctx = &pg->ctx;
	enum ew_code rc = EW_OK;

	if (ctx->cmd->flags & CMD_STORE)
		rc = ew_store_open(&ctx->store, ctx->dir, &ctx->opts, err);
	if (rc == EW_OK)
		rc = ctx->cmd->run(ctx, opts, err);
	ew_store_free(ctx->store);
	return rc;
}

/* `argv` is what follows the command's name. */
static enum ew_code
run_command(struct program *pg, const struct cmd *cmd, char **argv, struct ew_err *err)
{
	struct cmd_ctx *ctx = &pg->ctx;
	void *opts = ew_arena_alloc(&pg->arena, cmd->opts_size + 1);
	struct opt_parse p = { .set = { { cmd->opts, opts } } };
	struct ew_err why = { 0 };

	if (!opts)
		return ew_fail_nomem(err);
	ctx->cmd = cmd;
	if (cmd->flags & CMD_SIGN)
		p.set[1] = (struct opt_set){ cmd_sign_opts, &ctx->opts };
	if (opt_parse(&p, argv, &pg->arena, &why) != EW_OK)
		return cmd_usage(cmd, err, "%s", why.msg);
	if (p.help) {
		usage_command(&pg->out, cmd);
		return EW_OK;
	}
	ctx->operand = p.operand;
	ctx->operands = p.operands;
	if (check_operands(cmd, p.operands, err) != EW_OK ||
		read_environment(&ctx->opts, err) != EW_OK)
		return err->code;
	if ((cmd->flags & CMD_PAGER) && !pg->globals.no_pager)
		out_page(&pg->out, choose_pager());
	return run_opened(pg, opts, err);
}

static enum ew_code
run(struct program *pg, char **argv, struct ew_err *err)
{
	struct opt_parse p;
	enum ew_code rc = parse_globals(pg, &p, argv, err);
	const struct cmd *cmd;

	open_output(pg);
	if (rc != EW_OK || (rc = choose_dir(pg, err)) != EW_OK)
		return rc;
	if (p.help || pg->globals.version)
		return run_command(
			pg, p.help ? &cmd_help : &cmd_version, p.operand + p.operands, err);
	cmd = cmd_find(p.operand[0]);
	return cmd ? run_command(pg, cmd, p.operand + 1, err) : cmd_unknown(p.operand[0], err);
}

static void
print_error(const struct ew_err *err)
{
	struct ew_err ignored = { 0 };
	struct ew_buf line = { 0 };

	ew_buf_adds(&line, "ellwand: ");
	ew_display_add(&line, ew_str(err->msg), false);
	ew_buf_addc(&line, '\n');
	/* There is nobody left to tell if this fails. */
	(void)!ew_file_write_fd(STDERR_FILENO, "standard error", ew_buf_str(&line), &ignored);
	ew_buf_release(&line);
}

/*
 * End the output.  That it was lost counts more than what the command said, unless
 * the command failed; when the command has written to a store, that stays written.
 */
static enum ew_code
finish(struct program *pg, enum ew_code rc, struct ew_err *err)
{
	bool failed = rc != EW_OK && rc != EW_NO;
	struct ew_err lost = { 0 };

	progress_clear(&pg->progress);
	if (out_finish(&pg->out, failed, &lost) != EW_OK && !failed) {
		*err = lost;
		rc = lost.code;
		if (pg->ctx.cmd && (pg->ctx.cmd->flags & CMD_SIGN)) {
			rc = EW_INDETERMINATE;
			ew_fail_at(err, "%s: done, but not reported", pg->ctx.cmd->name);
		}
	}
	if (err->code != EW_OK)
		print_error(err);
	return rc;
}

int
main(int argc, char **argv)
{
	struct program pg = { 0 };
	struct ew_err err = { 0 };
	enum ew_code rc;

	fill_standard_streams();
	signal(SIGPIPE, SIG_IGN);
	progress_catch_signals();
	rc = finish(&pg, run(&pg, argc > 0 ? argv + 1 : argv, &err), &err);
	ew_arena_release(&pg.arena);
	return ew_code_status(rc);
}
