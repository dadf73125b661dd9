/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands.  To add one: write cli/cmd_NAME.c with its option table, its run
 * function and `const struct cmd cmd_NAME`; add its line to cli/commands.def and
 * its subsection to cli/ellwand.1.  tests/lint/doc.t compares the two.
 *
 * A command only translates: operands and options to one call of the library, its
 * result to output.  It never exits, never reads the environment, never writes to
 * stdout or stderr but through `out`; main() prints the one line of an error.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "cli/opt.h"
#include "cli/out.h"
#include "cli/table.h"

enum {
	CMD_STORE = 1, /* open the store of the current directory first */
	CMD_SIGN = 2,  /* takes --key and --principal; writes to a store */
	CMD_PAGER = 4, /* output may be long: on a terminal through the pager */
};

enum { CMD_ANY = 1000000 }; /* max_args: as many operands as there are */

struct cmd_ctx {
	struct ew_store *store;    /* open under CMD_STORE; else NULL */
	const char *dir;           /* where the store is: -C, else "." */
	struct ew_store_opts opts; /* key, principal, agent, clock, progress */
	struct out *out;
	struct ew_arena *arena;    /* memory for as long as the command runs */
	char **operand;            /* between min_args and max_args of them, then NULL */
	size_t operands;
	const struct cmd *cmd;
};

struct cmd {
	const char *name;
	const char *synopsis; /* what follows the name; one line for each way of use */
	const char *summary;  /* what it does, a few words, capital first, no stop */
	/*
	 * `opts` is the command's own struct, filled in.  EW_NO without a message means
	 * that the answer is no and there is nothing to explain.
	 */
	enum ew_code (*run)(struct cmd_ctx *, const void *opts, struct ew_err *err);
	const struct opt *opts; /* or NULL */
	size_t opts_size;       /* of the struct that the table is about */
	size_t min_args, max_args;
	unsigned flags;
};

#define GROUP(title)
#define CMD(name) extern const struct cmd cmd_##name;
#include "cli/commands.def"
#undef CMD
#undef GROUP

/* All commands, in the order of the manual; where a group begins, an entry with its title. */
struct cmd_entry {
	const char *group;
	const struct cmd *cmd; /* NULL for a group's title; both NULL at the end */
};
extern const struct cmd_entry cmd_table[];

/* The command of that name, or NULL. */
const struct cmd *cmd_find(const char *name);
/* EW_USAGE that there is no such command, with the one that may be meant. */
EW_MUST_USE enum ew_code cmd_unknown(const char *name, struct ew_err *err);

/*
 * EW_USAGE "NAME: what; see ellwand NAME -h", for what a table cannot say, such as
 * an option that goes only with another.  `cmd` NULL: the program itself.
 */
enum ew_code cmd_usage(const struct cmd *, struct ew_err *err, const char *what, ...)
	EW_PRINTF(3, 4);

/* A file that the user names, for messages and records: "standard input" for "-". */
const char *cmd_file_name(const char *path);
/*
 * Append a file that the user names: from where the user stands or, if there is no
 * such file there, from the store's folder.  "-" is standard input, once.
 */
EW_MUST_USE enum ew_code cmd_read_file(struct ew_buf *out, const struct cmd_ctx *, const char *path,
	struct ew_err *err);
/* The same for lines; one longer than `max` is refused as soon as it is seen. */
EW_MUST_USE enum ew_code cmd_read_lines(struct ew_buf *out, const struct cmd_ctx *, const char *path,
	size_t max, struct ew_err *err);
/*
 * The same for what is never large: little more is read than 4 MiB, and that there is more
 * than it takes is for its reader to say.
 */
EW_MUST_USE enum ew_code cmd_read_start(struct ew_buf *out, const struct cmd_ctx *, const char *path,
	struct ew_err *err);

/* Options before the command, and those of all commands with CMD_SIGN. */
extern const struct opt cmd_global_opts[], cmd_sign_opts[];

#endif
