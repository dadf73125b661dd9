/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct cmd_entry cmd_table[] = {
#define GROUP(title) { title, NULL },
#define CMD(name) { NULL, &cmd_##name },
#include "cli/commands.def"
#undef CMD
#undef GROUP
	{ NULL, NULL },
};

const struct cmd *
cmd_find(const char *name)
{
	for (const struct cmd_entry *e = cmd_table; e->group || e->cmd; e++)
		if (e->cmd && strcmp(e->cmd->name, name) == 0)
			return e->cmd;
	return NULL;
}

enum ew_code
cmd_unknown(const char *name, struct ew_err *err)
{
	const char *meant;
	struct nearest n;

	nearest_init(&n, name);
	for (const struct cmd_entry *e = cmd_table; e->group || e->cmd; e++)
		if (e->cmd)
			nearest_try(&n, e->cmd->name);
	meant = nearest_word(&n);
	if (meant)
		return cmd_usage(NULL, err, "no command '%s', did you mean '%s'", name, meant);
	return cmd_usage(NULL, err, "no command '%s'", name);
}

enum ew_code
cmd_usage(const struct cmd *cmd, struct ew_err *err, const char *what, ...)
{
	char text[sizeof err->msg / 2];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof text, what, ap);
	va_end(ap);
	if (cmd)
		return ew_fail(
			err, EW_USAGE, "%s: %s; see ellwand %s -h", cmd->name, text, cmd->name);
	return ew_fail(err, EW_USAGE, "%s; see ellwand -h", text);
}
