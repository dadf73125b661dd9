/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cell.h"
#include "codec/json.h"
#include "model/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum ew_code
ew_cell_fail(const struct ew_placing *p, const struct ew_cell *c, const char *fmt, ...)
{
	char what[sizeof p->err->msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (c->column.p)
		return ew_row_fail(p->row, c->column, p->err, "%s", what);
	return ew_fail(p->err, EW_REFUSED, "%s:%zu: constant of the map: %s",
		ew_table_name(p->table), p->row->line, what);
}

enum ew_code
ew_cell_fail_lacking(const struct ew_placing *p, struct ew_str column)
{
	struct ew_buf there = { 0 };

	ew_table_columns(&there, p->table);
	ew_fail(p->err, EW_REFUSED,
		"%s:%zu: no column \"%.*s\"; correct its name in the map, or list it there as "
		"optional if it is; the columns are %.*s",
		ew_table_name(p->table), p->row->object ? p->row->line : 1,
		EW_FMT(ew_text_start(column)), EW_FMT(ew_buf_str(&there)));
	ew_buf_release(&there);
	return EW_REFUSED;
}

struct ew_str
ew_cell_tidy(const struct ew_placing *p, struct ew_str raw)
{
	struct ew_str text = ew_str_trim(raw), tidy;
	char *to;

	if (ew_str_find(text, 0, '\r') == text.len)
		return text.p ? text : EW_LIT("");
	tidy.p = to = ew_arena_alloc(p->arena, text.len);
	tidy.len = 0;
	if (!to) {
		ew_fail_nomem(p->err);
		return tidy;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\r' && i + 1 < text.len && text.p[i + 1] == '\n')
			continue;
		to[tidy.len++] = text.p[i] == '\r' ? '\n' : text.p[i];
	}
	return tidy;
}

enum ew_code
ew_cell_join(struct ew_str *out, const struct ew_placing *p, const struct ew_str *part, size_t n)
{
	struct ew_str room = { NULL, 0 };
	char *to;

	for (size_t i = 0; i < n; i++)
		room.len += part[i].len;
	out->p = to = ew_arena_alloc(p->arena, room.len);
	out->len = room.len;
	if (!to)
		return ew_fail_nomem(p->err);
	for (size_t i = 0; i < n; to += part[i++].len)
		if (part[i].len)
			memcpy(to, part[i].p, part[i].len);
	return EW_OK;
}

static bool
is_group(const struct ew_json *j)
{
	return ew_json_type(j) == EW_JSON_ARRAY || ew_json_type(j) == EW_JSON_OBJECT;
}

/* What the text of the column means. */
static enum ew_code
translate(struct ew_cell *c, const struct ew_placing *p, const struct ew_map_source *s)
{
	for (size_t i = 0; i < s->words; i++) {
		if (ew_str_eq(s->word[i].from, c->text)) {
			c->raw = s->word[i].to;
			c->text = s->word[i].to;
			return EW_OK;
		}
	}
	if (s->words == 0 || c->text.len == 0)
		return EW_OK;
	return ew_cell_fail(p, c, "\"%.*s\" is none of its words; add it to them in the map",
		EW_FMT(ew_text_start(c->text)));
}

/* Take a text of the row. */
static enum ew_code
take(struct ew_cell *c, const struct ew_placing *p, const struct ew_map_source *s,
	struct ew_str text)
{
	c->raw = text;
	c->text = ew_cell_tidy(p, text);
	return c->text.p ? translate(c, p, s) : p->err->code;
}

enum ew_code
ew_cell_read(struct ew_cell *c, const struct ew_placing *p, const struct ew_map_source *s)
{
	bool known = p->label || p->instance;
	struct ew_field field;
	struct ew_str text;
	enum ew_code rc;

	*c = (struct ew_cell){ .said = s->constant.p, .column = s->column, .raw = s->constant };
	c->text = c->raw;
	if (!s->column.p)
		return EW_OK;
	c->said = ew_row_take(&field, p->row, s->number);
	if (!c->said)
		return known || s->optional ? EW_OK : ew_cell_fail_lacking(p, s->column);
	c->json = field.json;
	if (is_group(c->json))
		return EW_OK;
	rc = ew_row_text(&text, p->row, &field, s->column, p->err);
	return rc == EW_OK ? take(c, p, s, text) : rc;
}

enum ew_code
ew_cell_read_text(struct ew_cell *c, const struct ew_placing *p, const struct ew_map_source *s)
{
	enum ew_code rc = ew_cell_read(c, p, s);

	if (rc == EW_OK && is_group(c->json))
		rc = ew_cell_fail(p, c, "is an array or object; one value is due here");
	return rc;
}

enum ew_code
ew_cell_read_kept(struct ew_cell *c, const struct ew_placing *p, const struct ew_map_source *s)
{
	const struct ew_map_object *o = &p->map->attributes;
	enum ew_code rc = ew_cell_read_text(c, p, s);

	for (size_t i = 0; i < o->members && rc == EW_OK && !c->said && p->instance; i++) {
		const struct ew_map_member *m = &o->member[i];
		struct ew_str text;

		if (!s->column.p || !ew_str_eq(m->source.column, s->column) || m->source.words)
			continue;
		rc = ew_instance_attribute(&text, p->instance, m->name, p->arena, p->err);
		if (rc != EW_OK || !text.p)
			continue;
		c->said = true;
		rc = take(c, p, s, text);
	}
	return rc;
}

static enum ew_code
list_array(struct ew_str *list, size_t *n, const struct ew_placing *p, const struct ew_cell *c)
{
	for (const struct ew_json *e = ew_json_first(c->json); e; e = ew_json_next(e)) {
		struct ew_cell element = { .column = c->column, .json = e };
		struct ew_str text = ew_json_text(e);
		enum ew_code rc;

		if (ew_json_type(e) == EW_JSON_BOOL)
			text = ew_json_bool(e) ? EW_LIT("true") : EW_LIT("false");
		if (!text.p)
			return ew_cell_fail(p, c, "[%zu] is no text, number, true or false", *n);
		rc = take(&element, p, &(struct ew_map_source){ 0 }, text);
		if (rc != EW_OK)
			return rc;
		list[(*n)++] = element.text;
	}
	return EW_OK;
}

/* Where `separator` next stands in `text`; its length if it does not. */
static size_t
find_separator(struct ew_str text, struct ew_str separator)
{
	const char *at = separator.p ? memmem(text.p, text.len, separator.p, separator.len) : NULL;

	return at ? (size_t)(at - text.p) : text.len;
}

static size_t
split(struct ew_str *list, struct ew_str text, struct ew_str separator)
{
	size_t n = 0;

	for (size_t end;; text = ew_str_part(text, end + separator.len, text.len)) {
		end = find_separator(text, separator);
		if (list)
			list[n] = ew_str_trim(ew_str_part(text, 0, end));
		n++;
		if (end == text.len)
			return n;
	}
}

enum ew_code
ew_cell_list(struct ew_str **out, size_t *n, const struct ew_placing *p, const struct ew_cell *c,
	struct ew_str text)
{
	bool array = ew_json_type(c->json) == EW_JSON_ARRAY;
	size_t room = array ? ew_json_count(c->json) : split(NULL, text, p->map->separator);

	*n = 0;
	*out = ew_arena_array(p->arena, room, sizeof **out);
	if (!*out)
		return ew_fail_nomem(p->err);
	if (ew_json_type(c->json) == EW_JSON_OBJECT)
		return ew_cell_fail(p, c, "is an object; give an array or a text");
	if (array)
		return list_array(*out, n, p, c);
	*n = split(*out, text, p->map->separator);
	return EW_OK;
}
