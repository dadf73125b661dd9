/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/usage.h"

enum { LINE_MAX_COLUMNS = 79, INDENT = 2 };

static void
heading(struct out *out, const char *text)
{
	out_adds(out, "\n");
	out_style(out, OUT_BOLD);
	out_adds(out, text);
	out_style(out, OUT_PLAIN);
	out_adds(out, "\n");
}

/* The next word of a synopsis: up to a blank that is not inside brackets. */
static struct ew_str
next_word(struct ew_str *rest)
{
	struct ew_str word;
	size_t i, depth = 0;

	for (i = 0; i < rest->len && (depth || rest->p[i] != ' '); i++) {
		depth += rest->p[i] == '[';
		depth -= rest->p[i] == ']' && depth;
	}
	word = ew_str_part(*rest, 0, i);
	*rest = ew_str_part(*rest, i + 1, rest->len);
	return word;
}

/* One way of use; goes on below its first word when the line is full. */
static void
way(struct out *out, const char *lead, const char *name, struct ew_str synopsis)
{
	struct ew_buf line = { 0 };
	size_t margin, column;

	ew_buf_addf(&line, "%sellwand", lead);
	margin = line.len;
	if (name)
		ew_buf_addf(&line, " %s", name);
	column = line.len;
	while (synopsis.len) {
		struct ew_str word = next_word(&synopsis);

		if (column + 1 + word.len > LINE_MAX_COLUMNS) {
			ew_buf_addf(&line, "\n%*s", (int)margin, "");
			column = margin;
		}
		ew_buf_addf(&line, " %.*s", EW_FMT(word));
		column += 1 + word.len;
	}
	ew_buf_addc(&line, '\n');
	out_take(out, &line);
}

static void
ways(struct out *out, const char *name, const char *synopsis)
{
	struct ew_str rest = ew_str(synopsis);
	const char *lead = "usage: ";

	do {
		way(out, lead, name, ew_str_cut(&rest, '\n'));
		lead = "   or: ";
	} while (rest.p);
}

static void
options(struct out *out, const char *title, const struct opt *o)
{
	struct table t;

	if (!o || (!o->name && !o->brief))
		return;
	heading(out, title);
	table_init(&t, 2, INDENT);
	for (; o->name || o->brief; o++) {
		struct ew_buf spelled = { 0 };

		opt_spell(&spelled, o);
		table_add(&t, ew_buf_str(&spelled));
		table_add(&t, ew_str(o->help));
		ew_buf_release(&spelled);
	}
	table_print(&t, out);
}

void
usage_command(struct out *out, const struct cmd *cmd)
{
	ways(out, cmd->name, cmd->synopsis);
	out_addf(out, "\n%s.\n", cmd->summary);
	options(out, "Options:", cmd->opts);
	if (cmd->flags & CMD_SIGN)
		options(out, "Signing options:", cmd_sign_opts);
}

void
usage_program(struct out *out)
{
	const struct cmd_entry *e = cmd_table;

	ways(out, NULL, "[OPTIONS] COMMAND [ARGUMENTS]");
	while (e->group) {
		struct table t;

		heading(out, (e++)->group);
		table_init(&t, 2, INDENT);
		for (; e->cmd; e++) {
			table_add(&t, ew_str(e->cmd->name));
			table_add(&t, ew_str(e->cmd->summary));
		}
		table_print(&t, out);
	}
	options(out, "Options:", cmd_global_opts);
	out_adds(out, "\nellwand COMMAND -h tells more about a command, man ellwand all.\n");
}
