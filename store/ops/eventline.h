/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event lines: EVENTS.jsonl as requests, each line checked against schemas/event.json.  They
 * are read some lines ahead, in blocks, so that what a block needs can be got together.
 */
#ifndef EW_OPS_EVENTLINE_H
#define EW_OPS_EVENTLINE_H

#include "ops/revise.h"

struct ew_event_lines;

enum { EW_EVENT_BLOCK = 1024 }; /* lines at most, and fewer when they are long */

/* Of a text, which is borrowed. */
EW_MUST_USE enum ew_code ew_event_lines_open(struct ew_event_lines **out, struct ew_str text,
	struct ew_err *err);
void ew_event_lines_free(struct ew_event_lines *);
/*
 * The next block; of 0 lines at the end.  It ends before a line that is refused, which
 * the next call fails for.  Requests live until the next call.
 */
EW_MUST_USE enum ew_code ew_event_lines_next(const struct ew_revise_request **out, size_t *n,
	struct ew_event_lines *, struct ew_err *err);
/* The number, from 1, of the line that comes next. */
size_t ew_event_lines_at(const struct ew_event_lines *);

#endif
