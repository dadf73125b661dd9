/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/exported.h"

#include "codec/csv.h"
#include "codec/json.h"
#include "codec/jsonw.h"

#include <stdlib.h>
#include <string.h>

static const char *const fixed[] = { "id", "split", "state", "kind", "value", "unit", "lower",
	"upper", "reason" };
enum { FIXED = sizeof fixed / sizeof fixed[0] };

/* --- JSON Lines --- */

/* A member of a record as it stands there: its name is before the value. */
static void
splice(struct ew_jsonw *w, const char *name, struct ew_str value)
{
	const size_t head = strlen(name) + sizeof "\"\":" - 1;

	if (value.p)
		ew_jsonw_members(w, ew_str_n(value.p - head, head + value.len));
}

void
ew_exported_line(struct ew_buf *out, struct ew_str split, const struct ew_label_cut *l,
	const struct ew_instance_cut *i)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	splice(&w, "id", l->id);
	ew_jsonw_str_at(&w, "split", split);
	splice(&w, "state", l->state);
	if (l->answer.p)
		ew_jsonw_members(&w, ew_str_part(l->answer, 1, l->answer.len - 1));
	splice(&w, "missing", l->missing);
	splice(&w, "readings", l->readings);
	splice(&w, "reason", l->reason);
	splice(&w, "instance", l->instance);
	splice(&w, "input", i->input);
	if (i->attributes.p)
		splice(&w, "attributes", i->attributes);
	else
		ew_jsonw_members(&w, EW_LIT("\"attributes\":{}"));
	splice(&w, "confidence", l->confidence);
	splice(&w, "provenance", l->provenance);
	splice(&w, "evidence", l->evidence);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}

/* --- columns --- */

void
ew_columns_release(struct ew_columns *c)
{
	ew_map_release(&c->map);
	ew_arena_release(&c->arena);
}

static enum ew_code
add_column(struct ew_columns *c, struct ew_str name, struct ew_err *err)
{
	struct ew_column *column;

	if (ew_map_get(&c->map, name))
		return EW_OK;
	if (c->map.count + FIXED == EW_CSV_COLUMNS_MAX)
		return ew_fail(err, EW_REFUSED,
			"more than %d attributes, too many columns for a CSV; export as jsonl",
			EW_CSV_COLUMNS_MAX - FIXED);
	column = ew_arena_alloc(&c->arena, sizeof *column);
	if (!column || !(column->name = ew_arena_str(&c->arena, name)).p)
		return ew_fail_nomem(err);
	return ew_map_set(&c->map, column->name, column, err);
}

enum ew_code
ew_columns_gather(struct ew_columns *c, const struct ew_instance *instance, struct ew_err *err)
{
	struct ew_json *attributes = NULL;
	enum ew_code rc = EW_OK;

	if (instance->attributes.p)
		rc = ew_json_parse(&attributes, instance->attributes, EW_JSON_INTEGERS, err);
	for (const struct ew_json *a = ew_json_first(attributes); a && rc == EW_OK;
		a = ew_json_next(a))
		rc = add_column(c, ew_json_name(a), err);
	ew_json_free(attributes);
	return rc;
}

enum ew_code
ew_columns_add(struct ew_columns *c, const struct ew_columns *other, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < other->map.size && rc == EW_OK; i++)
		if (other->map.slot[i].value)
			rc = add_column(c, other->map.slot[i].key, err);
	return rc;
}

static int
by_name(const void *a, const void *b)
{
	const struct ew_column *x = *(struct ew_column *const *)a, *y = *(struct ew_column *const *)b;

	return ew_str_cmp(x->name, y->name);
}

static bool
is_taken(const struct ew_columns *c, struct ew_str header)
{
	for (size_t i = 0; i < FIXED; i++)
		if (ew_str_is(header, fixed[i]))
			return true;
	return ew_map_get(&c->map, header);
}

/* "attributes." as often before the name as it takes to be the only one. */
static enum ew_code
name_column(const struct ew_columns *c, struct ew_column *column, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_buf header = { 0 };
	enum ew_code rc;

	column->header = column->name;
	for (size_t i = 0; i < FIXED; i++) {
		if (!ew_str_is(column->name, fixed[i]))
			continue;
		do {
			struct ew_buf longer = { 0 };

			ew_buf_addf(&longer, "attributes.%.*s",
				EW_FMT(header.len ? ew_buf_str(&header) : column->name));
			ew_buf_release(&header);
			header = longer;
		} while (header.bad == EW_OK && is_taken(c, ew_buf_str(&header)));
		if ((rc = ew_buf_check(&header, err)) == EW_OK &&
		    !(column->header = ew_arena_str(arena, ew_buf_str(&header))).p)
			rc = ew_fail_nomem(err);
		ew_buf_release(&header);
		return rc;
	}
	return EW_OK;
}

enum ew_code
ew_columns_finish(struct ew_buf *out, struct ew_columns *c, bool raw, struct ew_err *err)
{
	size_t n = c->map.count;

	c->column = ew_arena_array(&c->arena, n + 1, sizeof *c->column);
	if (!c->column)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < c->map.size; i++)
		if (c->map.slot[i].value)
			c->column[c->columns++] = c->map.slot[i].value;
	qsort(c->column, n, sizeof(struct ew_column *), by_name);
	for (size_t i = 0; i < FIXED; i++)
		ew_buf_addf(out, "%s%s", i ? "," : "", fixed[i]);
	for (size_t i = 0; i < n; i++) {
		c->column[i]->index = i;
		if (name_column(c, c->column[i], &c->arena, err) != EW_OK)
			return err->code;
		ew_buf_addc(out, ',');
		ew_csv_write_field(out, c->column[i]->header, ',', !raw);
	}
	ew_buf_addc(out, '\n');
	return ew_buf_check(out, err);
}

/* --- rows --- */

/* A number is never a formula, and stays the number it is. */
static bool
is_number(const struct ew_label *l)
{
	return l->state == EW_COMPUTABLE &&
		(l->answer.kind == EW_DECIMAL || l->answer.kind == EW_INTEGER);
}

static void
write_set(struct ew_buf *out, const struct ew_answer *a, bool neutral)
{
	struct ew_buf list = { 0 };
	struct ew_jsonw w;

	ew_jsonw_init(&w, &list);
	ew_jsonw_array(&w);
	for (size_t i = 0; i < a->members; i++)
		ew_jsonw_str(&w, a->member[i]);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_csv_write_field(out, ew_buf_str(&list), ',', neutral);
	if (list.bad != EW_OK)
		out->bad = list.bad;
	ew_buf_release(&list);
}

static void
write_fixed(struct ew_buf *out, const struct ew_exported *e, bool neutral)
{
	const struct ew_label *l = &e->label;
	const struct ew_answer none = { 0 };
	const struct ew_answer *a = l->state == EW_COMPUTABLE ? &l->answer : &none;
	const bool guard = neutral && !is_number(l);

	ew_csv_write_field(out, l->id, ',', neutral);
	ew_buf_addf(out, ",%.*s,%s,%s,", EW_FMT(e->split), ew_state_word(l->state),
		a == &none ? "" : ew_kind_word(a->kind));
	if (a->members)
		write_set(out, a, neutral);
	else
		ew_csv_write_field(out, a->value, ',', guard);
	ew_buf_addc(out, ',');
	ew_csv_write_field(out, a->unit, ',', neutral);
	ew_buf_addc(out, ',');
	ew_csv_write_field(out, a->lower, ',', guard);
	ew_buf_addc(out, ',');
	ew_csv_write_field(out, a->upper, ',', guard);
	ew_buf_addc(out, ',');
	ew_csv_write_field(out, l->reason, ',', neutral);
}

/* An attribute in its column. */
struct cell {
	struct ew_str text;
	bool plain; /* a number or truth value: no formula */
};

static void
place_cell(struct cell *row, const struct ew_columns *c, const struct ew_json *attribute)
{
	const struct ew_column *column = ew_map_get(&c->map, ew_json_name(attribute));
	struct cell *cell = &row[column->index];

	cell->plain = ew_json_type(attribute) != EW_JSON_STRING;
	cell->text = ew_json_type(attribute) == EW_JSON_BOOL
		? (ew_json_bool(attribute) ? EW_LIT("true") : EW_LIT("false"))
		: ew_json_text(attribute);
}

enum ew_code
ew_exported_row(struct ew_buf *out, const struct ew_columns *c, const struct ew_exported *e,
	bool raw, struct ew_arena *scratch, struct ew_err *err)
{
	struct cell *row = ew_arena_array(scratch, c->columns + 1, sizeof *row);
	struct ew_json *attributes = NULL;
	enum ew_code rc;

	if (!row)
		return ew_fail_nomem(err);
	if (e->instance.attributes.p) {
		rc = ew_json_parse(&attributes, e->instance.attributes, EW_JSON_INTEGERS, err);
		if (rc != EW_OK)
			return rc;
	}
	for (const struct ew_json *a = ew_json_first(attributes); a; a = ew_json_next(a))
		place_cell(row, c, a);
	write_fixed(out, e, !raw);
	for (size_t i = 0; i < c->columns; i++) {
		ew_buf_addc(out, ',');
		ew_csv_write_field(out, row[i].text, ',', !raw && !row[i].plain);
	}
	ew_buf_addc(out, '\n');
	ew_json_free(attributes);
	return ew_buf_check(out, err);
}
