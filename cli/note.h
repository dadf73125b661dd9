/* SPDX-License-Identifier: Apache-2.0 */
/* Notes: what a command that succeeds has to say beside its output, on stderr. */
#ifndef CLI_NOTE_H
#define CLI_NOTE_H

#include "cli/out.h"

/* One line, "ellwand: TEXT". */
void note(struct out *, const char *fmt, ...) EW_PRINTF(2, 3);

#endif
