/* SPDX-License-Identifier: Apache-2.0 */
#include "model/shape.h"
#include "codec/date.h"
#include "model/text.h"

#include <stdio.h>
#include <string.h>

static enum ew_code
take_date(struct ew_str *out, const struct ew_placing *p, const struct ew_cell *c,
	const struct ew_pattern *pattern)
{
	struct ew_str year = ew_pattern_group(pattern, "year", c->text);
	uint64_t y, m, d;
	int64_t days;
	char iso[16];

	/* A year of two digits would be one of the first century. */
	if (year.len != 4 || !ew_str_to_u64(year, 9999, &y) ||
		!ew_str_to_u64(ew_pattern_group(pattern, "month", c->text), 12, &m) ||
		!ew_str_to_u64(ew_pattern_group(pattern, "day", c->text), 31, &d) ||
		!ew_date_from(&days, (int64_t)y, (int64_t)m, (int64_t)d))
		return ew_cell_fail(p, c,
			"\"%.*s\" is no day of the calendar; correct it, or the shape in the map",
			EW_FMT(ew_text_start(c->text)));
	snprintf(iso, sizeof iso, "%04u-%02u-%02u", (unsigned)y, (unsigned)m, (unsigned)d);
	return ew_cell_join(out, p, &(struct ew_str){ iso, strlen(iso) }, 1);
}

static enum ew_code
take_duration(struct ew_str *out, const struct ew_placing *p, const struct ew_cell *c,
	const struct ew_pattern *pattern)
{
	static const struct {
		const char *group, *letter;
	} parts[] = { { "weeks", "W" }, { "days", "D" } };
	char iso[32] = "P";
	size_t len = 1;

	for (size_t i = 0; i < 2; i++) {
		struct ew_str group = ew_pattern_group(pattern, parts[i].group, c->text);
		uint64_t n;

		if (!group.p)
			continue;
		if (!ew_str_to_u64(group, 999999, &n))
			return ew_cell_fail(p, c, "\"%.*s\" is no number of at most six digits; "
				"correct it, or the shape in the map",
				EW_FMT(ew_text_start(group)));
		len += (size_t)snprintf(iso + len, sizeof iso - len, "%u%s", (unsigned)n,
			parts[i].letter);
	}
	if (len == 1)
		return ew_cell_fail(p, c, "\"%.*s\" has neither weeks nor days; correct the shape",
			EW_FMT(ew_text_start(c->text)));
	return ew_cell_join(out, p, &(struct ew_str){ iso, len }, 1);
}

static enum ew_code
take_shape(struct ew_shaped *v, const struct ew_placing *p, const struct ew_cell *c,
	const struct ew_map_shape *s)
{
	struct ew_str value = ew_pattern_group(s->pattern, "value", c->text);
	struct ew_str unit = ew_str_trim(ew_pattern_group(s->pattern, "unit", c->text));

	v->has_kind = s->has_kind;
	v->kind = s->kind;
	v->unit = unit.len ? unit : ew_str(NULL);
	if (ew_pattern_group(s->pattern, "year", c->text).p)
		return take_date(&v->text, p, c, s->pattern);
	if (!value.p && s->has_kind && s->kind == EW_DURATION)
		return take_duration(&v->text, p, c, s->pattern);
	v->text = ew_str_trim(value);
	return EW_OK;
}

enum ew_code
ew_shape_take(struct ew_shaped *v, const struct ew_placing *p, const struct ew_cell *c)
{
	*v = (struct ew_shaped){ .text = c->text };
	for (size_t i = 0; i < p->map->shapes; i++) {
		const struct ew_map_shape *s = &p->map->shape[i];
		bool matched;
		enum ew_code rc = ew_pattern_match(&matched, s->pattern, c->text, p->err);

		if (rc != EW_OK)
			return ew_fail_at(p->err, "%s:%zu", ew_table_name(p->table), p->row->line);
		if (matched)
			return take_shape(v, p, c, s);
	}
	return EW_OK;
}
