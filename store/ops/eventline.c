/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/eventline.h"

#include "codec/schema.h"

#include <stdlib.h>

struct ew_event_lines {
	struct ew_schema *schema;
	struct ew_json *line;
	struct ew_arena arena;
};

enum ew_code
ew_event_lines_open(struct ew_event_lines **out, struct ew_err *err)
{
	struct ew_event_lines *r = calloc(1, sizeof *r);
	enum ew_code rc;

	*out = NULL;
	if (!r)
		return ew_fail_nomem(err);
	if ((rc = ew_schema_shipped(&r->schema, "event", err)) != EW_OK) {
		ew_event_lines_free(r);
		return rc;
	}
	*out = r;
	return EW_OK;
}

void
ew_event_lines_free(struct ew_event_lines *r)
{
	if (!r)
		return;
	ew_schema_free(r->schema);
	ew_json_free(r->line);
	ew_arena_release(&r->arena);
	free(r);
}

/* The texts of an array, or of one string alone; none when `j` is NULL. */
static enum ew_code
texts(struct ew_str **out, size_t *n, struct ew_event_lines *r, const struct ew_json *j,
	struct ew_err *err)
{
	const struct ew_json *one;

	*n = 0;
	if (!j)
		return EW_OK;
	*out = ew_arena_array(&r->arena, ew_json_count(j) + 1, sizeof **out);
	if (!*out)
		return ew_fail_nomem(err);
	if (ew_json_type(j) == EW_JSON_STRING)
		(*out)[(*n)++] = ew_json_text(j);
	else
		for (one = ew_json_first(j); one; one = ew_json_next(one))
			(*out)[(*n)++] = ew_json_text(one);
	return EW_OK;
}

static enum ew_code
readings(struct ew_revise_request *q, struct ew_event_lines *r, const struct ew_json *j,
	struct ew_err *err)
{
	if (!j)
		return EW_OK;
	q->reading = ew_arena_array(&r->arena, ew_json_count(j), sizeof *q->reading);
	if (!q->reading)
		return ew_fail_nomem(err);
	for (j = ew_json_first(j); j; j = ew_json_next(j))
		q->reading[q->readings++] = (struct ew_revise_reading){
			.assuming = ew_json_get_text(j, "assuming"),
			.kind = ew_json_get_text(j, "kind"),
			.value = ew_json_get_text(j, "value"),
			.unit = ew_json_get_text(j, "unit"),
			.lower = ew_json_get_text(j, "lower"),
			.upper = ew_json_get_text(j, "upper"),
		};
	return EW_OK;
}

static enum ew_code
take(struct ew_revise_request *q, struct ew_event_lines *r, const struct ew_json *j,
	struct ew_err *err)
{
	const struct ew_json *value = ew_json_get(j, "value"), *votes = ew_json_get(j, "for");
	const struct ew_json *ids = ew_json_get(j, "ids");
	enum ew_code rc;

	/* The schema allows no word but an event's. */
	if (!ew_event_read(&q->event, ew_json_get_text(j, "event")))
		return ew_fail(err, EW_REFUSED, "/event: no event; see schemas/event.json");
	q->id = ew_json_get_text(j, "id");
	q->kind = ew_json_get_text(j, "kind");
	q->unit = ew_json_get_text(j, "unit");
	q->lower = ew_json_get_text(j, "lower");
	q->upper = ew_json_get_text(j, "upper");
	q->cause = ew_json_get_text(j, "cause");
	q->reason = ew_json_get_text(j, "reason");
	q->method = ew_json_get_text(j, "method");
	q->agent = ew_json_get_text(j, "agent");
	q->rule = ew_json_get_text(j, "rule");
	q->source = ew_json_get_text(j, "source");
	q->at = ew_json_get_text(j, "at");
	q->basis = ew_json_get_text(j, "basis");
	q->votes = votes != NULL;
	q->votes_for = ew_json_int(votes);
	q->votes_of = ew_json_int(ew_json_get(j, "of"));
	if (value && ew_json_type(value) == EW_JSON_STRING)
		q->value = ew_json_text(value);
	else if ((rc = texts(&q->member, &q->members, r, value, err)) != EW_OK)
		return rc;
	if ((rc = texts(&q->ids, &q->idn, r, ids ? ids : ew_json_get(j, "id"), err)) != EW_OK ||
	    (rc = texts(&q->missing, &q->missings, r, ew_json_get(j, "missing"), err)) != EW_OK ||
	    (rc = texts(&q->evidence, &q->evidences, r, ew_json_get(j, "evidence"), err)) != EW_OK)
		return rc;
	return readings(q, r, ew_json_get(j, "readings"), err);
}

enum ew_code
ew_event_line(struct ew_revise_request *out, struct ew_event_lines *r, struct ew_str line,
	struct ew_err *err)
{
	enum ew_code rc;

	*out = (struct ew_revise_request){ .event = EW_RELABEL };
	ew_json_free(r->line);
	r->line = NULL;
	ew_arena_reset(&r->arena);
	if (line.len > EW_EVENT_LINE_MAX)
		return ew_fail(err, EW_REFUSED, "the line is longer than 1 MiB; is it one event?");
	if ((rc = ew_json_parse(&r->line, line, EW_JSON_INTEGERS, err)) != EW_OK ||
	    (rc = ew_schema_check(r->schema, r->line, err)) != EW_OK)
		return rc;
	return take(out, r, r->line, err);
}
