/* SPDX-License-Identifier: Apache-2.0 */
/* A store held against a consumer's lock: what `verify --lock` does. */
#ifndef CLI_LOCKED_H
#define CLI_LOCKED_H

#include "cli/cmd.h"

/* EW_NO "FILE: FAULT: ..." unless all is well; one line, or JSON in any case. */
EW_MUST_USE enum ew_code locked_check(struct cmd_ctx *, const struct ew_lock_check_opts *, bool json,
	struct ew_err *err);

#endif
