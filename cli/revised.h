/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that revise labels have in common: the options of who and why, and the report. */
#ifndef CLI_REVISED_H
#define CLI_REVISED_H

#include "cli/cmd.h"

/* The first member of such a command's struct. */
struct revised {
	const char *reason, *cause, *method, *agent, *rule, *source, *at;
	bool json;
};

#define REVISED_OPTS(s)                                                                              \
	OPT_STR('m', "message", s, by.reason, OPT_REQUIRED, "REASON", "why"),                         \
		OPT_STR(0, "cause", s, by.cause, 0, "CAUSE", "a word for why the old label was wrong"), \
		OPT_FLAG(0, "json", s, by.json, "print what was done as JSON")

#define MADE_OPTS(s)                                                                                  \
	OPT_STR(0, "method", s, by.method, 0, "METHOD", "how it was made: human, llm, script, consensus"), \
		OPT_STR(0, "agent", s, by.agent, 0, "WHO", "who or what made it; else the signer"),      \
		OPT_STR(0, "rule", s, by.rule, 0, "RULE", "by which rule"),                              \
		OPT_STR(0, "source", s, by.source, 0, "SOURCE", "from which work or file"),              \
		OPT_STR(0, "at", s, by.at, 0, "TIME", "when, as 2026-11-22T10:00:00Z")

#define REVISED_SYNOPSIS "-m REASON [--cause CAUSE] [--json]"
#define MADE_SYNOPSIS "[--method METHOD] [--agent WHO] [--rule RULE] [--source SOURCE] [--at TIME]"

/* Add the options to the request, carry it out, and print what was done. */
EW_MUST_USE enum ew_code revised_run(struct cmd_ctx *, struct ew_revise_request *,
	const struct revised *, struct ew_err *err);
/* Print what was done; `set_band` says how to give a band to an answer that has lost its own. */
void revised_print(struct cmd_ctx *, const struct ew_revise_report *, bool json,
	const char *set_band);

#endif
