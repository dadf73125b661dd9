/* SPDX-License-Identifier: Apache-2.0 */
/* Prose: texts of labels and reasons, broken into lines for people. */
#ifndef CLI_PROSE_H
#define CLI_PROSE_H

#include "cli/out.h"

enum { PROSE_COLUMNS = 80 };

/*
 * Print a text in lines of at most PROSE_COLUMNS where words allow, each after the
 * first with `indent` blanks before it; the first goes on from column `indent`.  No
 * more than `lines` are printed (0: all), and if there were more, the last says so.
 * True if it was cut.
 */
bool prose_print(struct out *, struct ew_str text, size_t indent, size_t lines);
/* A date, as YYYY-MM-DD, of seconds since 1970. */
void prose_date(struct out *, int64_t seconds);
/* The same with its time, as YYYY-MM-DDTHH:MM:SSZ. */
void prose_time(struct out *, int64_t seconds);

#endif
