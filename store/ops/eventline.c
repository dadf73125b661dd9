/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/eventline.h"

#include "codec/schema.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 1 << 19 /* of lines, or one longer line */ };

struct ew_event_lines {
	struct ew_schema *schema;
	struct ew_str text; /* what is left of it */
	size_t line;        /* the number of its first */
	struct ew_revise_request request[EW_EVENT_BLOCK];
	struct ew_arena arena; /* of the block */
};

enum ew_code
ew_event_lines_open(struct ew_event_lines **out, struct ew_str text, struct ew_err *err)
{
	struct ew_event_lines *r = calloc(1, sizeof *r);
	enum ew_code rc;

	*out = NULL;
	if (!r)
		return ew_fail_nomem(err);
	r->text = text;
	r->line = 1;
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

static enum ew_code
parse(struct ew_revise_request *out, struct ew_event_lines *r, struct ew_str line, struct ew_err *err)
{
	struct ew_json *json;
	enum ew_code rc;

	*out = (struct ew_revise_request){ .event = EW_RELABEL };
	if (line.len > EW_EVENT_LINE_MAX)
		return ew_fail(err, EW_REFUSED, "the line is longer than 1 MiB; is it one event?");
	if ((rc = ew_json_parse_in(&json, &r->arena, line, EW_JSON_INTEGERS, err)) != EW_OK ||
	    (rc = ew_schema_check(r->schema, json, err)) != EW_OK)
		return rc;
	return take(out, r, json, err);
}

/* The next line of a text, absent at its end, and what stands behind it. */
static struct ew_str
next_line(struct ew_str *rest, struct ew_str text)
{
	struct ew_str line = ew_str_cut(&text, '\n');

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	*rest = text;
	/* Nothing behind the last newline is no line. */
	return line.len || text.len ? line : (struct ew_str){ NULL, 0 };
}

enum ew_code
ew_event_lines_next(const struct ew_revise_request **out, size_t *n, struct ew_event_lines *r,
	struct ew_err *err)
{
	const size_t start = r->text.len;

	*out = r->request;
	*n = 0;
	ew_arena_reset(&r->arena);
	while (*n < EW_EVENT_BLOCK && start - r->text.len < BLOCK_BYTES) {
		struct ew_str rest, line = next_line(&rest, r->text);
		struct ew_err why = { 0 };

		if (!line.p)
			break;
		if (parse(&r->request[*n], r, line, &why) != EW_OK)
			return *n ? EW_OK : ew_fail(err, why.code, "%s", why.msg);
		r->text = rest;
		r->line++;
		++*n;
	}
	return EW_OK;
}

size_t
ew_event_lines_at(const struct ew_event_lines *r)
{
	return r->line;
}
