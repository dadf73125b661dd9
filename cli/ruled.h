/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that change the rules have in common: the options, and what they print. */
#ifndef CLI_RULED_H
#define CLI_RULED_H

#include "cli/cmd.h"

/* The first member of such a command's struct. */
struct ruled {
	const char *reason, *proposal;
	bool json;
};

#define RULED_OPTS(s)                                                                              \
	OPT_STR('m', "message", s, by.reason, 0, "REASON", "why"),                                  \
		OPT_STR(0, "proposal", s, by.proposal, 0, "FILE", "write it for others to sign, do not make it"), \
		OPT_FLAG(0, "json", s, by.json, "print it as JSON")

/* Commit the change, or write the proposal, and print what was done. */
EW_MUST_USE enum ew_code ruled_finish(struct cmd_ctx *, struct ew_rules *, const struct ruled *,
	struct ew_str subject, struct ew_err *err);
/* Print it; `file` is where the proposal is. */
void ruled_print(struct cmd_ctx *, const struct ew_ruled *, const char *file, bool json);
/* The operands from `first` on, with blanks between. */
void ruled_join(struct ew_buf *out, const struct cmd_ctx *, size_t first);

#endif
