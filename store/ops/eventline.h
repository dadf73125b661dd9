/* SPDX-License-Identifier: Apache-2.0 */
/* Event lines: one line of EVENTS.jsonl as a request, checked against schemas/event.json. */
#ifndef EW_OPS_EVENTLINE_H
#define EW_OPS_EVENTLINE_H

#include "ops/revise.h"

struct ew_event_lines;

EW_MUST_USE enum ew_code ew_event_lines_open(struct ew_event_lines **out, struct ew_err *err);
void ew_event_lines_free(struct ew_event_lines *);
/* The request lives until the next line is read. */
EW_MUST_USE enum ew_code ew_event_line(struct ew_revise_request *out, struct ew_event_lines *,
	struct ew_str line, struct ew_err *err);

#endif
