/* SPDX-License-Identifier: Apache-2.0 */
/* Usage: what -h prints, made of the tables. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include "cli/cmd.h"

void usage_program(struct out *);
void usage_command(struct out *, const struct cmd *);

#endif
