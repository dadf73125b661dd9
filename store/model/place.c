/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placing a row: its id, its instance (object.c), and its label: first the state,
 * then what that state holds.
 */
#include "codec/date.h"
#include "codec/decimal.h"
#include "codec/json.h"
#include "model/cell.h"
#include "model/id.h"
#include "model/object.h"
#include "model/shape.h"
#include "model/text.h"

#include <stdlib.h>
#include <string.h>

static const struct ew_map_source *
field(const struct ew_placing *p, enum ew_map_field f)
{
	return &p->map->field[f];
}

static bool
is_abstention(const struct ew_map_file *m, struct ew_str text)
{
	for (size_t i = 0; i < m->abstains; i++)
		if (ew_str_eq(m->abstain[i], text))
			return true;
	return false;
}

/* NULL if the text is a value of the kind, or what it is not. */
static const char *
misfit(enum ew_kind kind, struct ew_str text)
{
	struct ew_decimal d;
	int64_t days;

	switch (kind) {
	case EW_DECIMAL:
		return ew_decimal_parse(&d, text) ? NULL : "no number";
	case EW_INTEGER:
		return ew_decimal_parse(&d, text) && ew_decimal_is_integer(&d) ?
			NULL : "no integer";
	case EW_DATE:
		return ew_date_parse(&days, text) ? NULL : "no date YYYY-MM-DD";
	case EW_DURATION:
		return ew_duration_parse(&days, text) ? NULL : "no duration like P2W3D";
	case EW_CHOICE:
	case EW_SET:
	case EW_TEXT:
		return NULL;
	}
	return NULL;
}

static enum ew_code
fail_misfit(const struct ew_placing *p, const struct ew_cell *c, const char *what)
{
	return ew_cell_fail(p, c, "\"%.*s\" is %s; add a shape or an abstain spelling to the map",
		EW_FMT(ew_text_start(c->text)), what);
}

static bool
is_computable(const struct ew_label *l)
{
	return l && l->state == EW_COMPUTABLE;
}

/* The kind that the map's column or constant says; *known is false if it says none. */
static enum ew_code
read_kind(enum ew_kind *kind, bool *known, const struct ew_placing *p)
{
	struct ew_cell c;
	enum ew_code rc = ew_cell_read_kept(&c, p, field(p, EW_FIELD_KIND));

	*known = rc == EW_OK && c.text.len > 0;
	if (*known && !ew_kind_read(kind, c.text))
		return ew_cell_fail(p, &c,
			"\"%.*s\" is no kind; there are decimal, integer, date, duration, choice, "
			"set and text; add words to the map", EW_FMT(ew_text_start(c.text)));
	return rc;
}

static enum ew_code
decide_kind(enum ew_kind *kind, const struct ew_placing *p, const struct ew_cell *c,
	const struct ew_shaped *v)
{
	bool known;
	enum ew_code rc;

	*kind = v->kind;
	if (v->has_kind)
		return EW_OK;
	rc = read_kind(kind, &known, p);
	if (rc != EW_OK || known)
		return rc;
	if (ew_json_type(c->json) == EW_JSON_ARRAY)
		*kind = EW_SET;
	else if (ew_json_type(c->json) == EW_JSON_BOOL)
		*kind = EW_CHOICE;
	else if (is_computable(p->label) && !misfit(p->label->answer.kind, v->text))
		*kind = p->label->answer.kind;
	else if (!misfit(EW_DECIMAL, v->text))
		*kind = EW_DECIMAL;
	else
		return ew_cell_fail(p, c,
			"\"%.*s\" has no kind; say its kind, a shape or an abstain spelling in "
			"the map",
			EW_FMT(ew_text_start(v->text)));
	return EW_OK;
}

static int
by_bytes(const void *a, const void *b)
{
	return ew_str_cmp(*(const struct ew_str *)a, *(const struct ew_str *)b);
}

/* A set has each member once. */
static enum ew_code
place_set(struct ew_answer *a, const struct ew_placing *p, const struct ew_cell *c,
	struct ew_str text)
{
	size_t n;
	enum ew_code rc = ew_cell_list(&a->member, &n, p, c, text);

	if (rc != EW_OK)
		return rc;
	qsort(a->member, n, sizeof *a->member, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (a->members == 0 || !ew_str_eq(a->member[a->members - 1], a->member[i]))
			a->member[a->members++] = a->member[i];
	return EW_OK;
}

static enum ew_code
place_value(struct ew_answer *a, const struct ew_placing *p, const struct ew_cell *c,
	const struct ew_shaped *v)
{
	const char *what;
	enum ew_code rc = decide_kind(&a->kind, p, c, v);

	if (rc != EW_OK)
		return rc;
	if (a->kind == EW_SET)
		return place_set(a, p, c, v->text);
	if (ew_json_type(c->json) == EW_JSON_ARRAY || ew_json_type(c->json) == EW_JSON_OBJECT)
		return ew_cell_fail(p, c, "is an array or object, and its kind is %s; give a text",
			ew_kind_word(a->kind));
	a->value = v->text;
	what = misfit(a->kind, v->text);
	return what ? fail_misfit(p, c, what) : EW_OK;
}

static bool
is_number(enum ew_kind kind)
{
	return kind == EW_DECIMAL || kind == EW_INTEGER;
}

/* A unit that the row does not say is that of what is stored, if that is of the same sort. */
static enum ew_code
place_unit(struct ew_answer *a, const struct ew_placing *p, const struct ew_shaped *v)
{
	const struct ew_answer *old = is_computable(p->label) ? &p->label->answer : NULL;
	struct ew_cell c;
	enum ew_code rc = ew_cell_read_kept(&c, p, field(p, EW_FIELD_UNIT));

	if (rc != EW_OK)
		return rc;
	if (v->unit.p)
		a->unit = v->unit;
	else if (c.text.len)
		a->unit = c.text;
	else if (!c.said && old &&
		(old->kind == a->kind || (is_number(old->kind) && is_number(a->kind))))
		a->unit = old->unit;
	if (a->unit.len > EW_TEXT_UNIT_MAX)
		return ew_fail(p->err, EW_REFUSED, "%s:%zu: a unit of over %d bytes; shorten it",
			ew_table_name(p->table), p->row->line, EW_TEXT_UNIT_MAX);
	return EW_OK;
}

static enum ew_code
check_limit(const struct ew_answer *a, const struct ew_placing *p, const struct ew_cell *c,
	const struct ew_shaped *v)
{
	const char *what = misfit(a->kind == EW_INTEGER ? EW_DECIMAL : a->kind, v->text);

	if (a->kind == EW_CHOICE || a->kind == EW_SET || a->kind == EW_TEXT)
		return ew_cell_fail(p, c,
			"an answer of kind %s has no limits; leave the cell empty",
			ew_kind_word(a->kind));
	if (what)
		return fail_misfit(p, c, what);
	if (v->unit.p && (v->unit.len > EW_TEXT_UNIT_MAX || !a->unit.p ||
				 !ew_text_same_unit(v->unit, a->unit)))
		return ew_cell_fail(p, c, "its unit is not that of the answer; make them one");
	return EW_OK;
}

/* A limit that the row does not say is that of what is stored, if the value is the same. */
static enum ew_code
keep_limit(struct ew_str *out, const struct ew_answer *a, const struct ew_placing *p,
	const struct ew_map_source *s, struct ew_str stored)
{
	if (!stored.p)
		return EW_OK;
	if (a->kind == p->label->answer.kind && ew_answer_same_value(a, &p->label->answer)) {
		*out = stored;
		return EW_OK;
	}
	return s->column.p && !s->optional ? ew_cell_fail_lacking(p, s->column) : EW_OK;
}

static enum ew_code
place_limit(struct ew_str *out, const struct ew_answer *a, const struct ew_placing *p,
	enum ew_map_field f, struct ew_str stored)
{
	struct ew_cell c;
	struct ew_shaped v;
	enum ew_code rc = ew_cell_read_text(&c, p, field(p, f));

	if (rc != EW_OK)
		return rc;
	if (!c.said)
		return keep_limit(out, a, p, field(p, f), stored);
	if (c.text.len == 0 || is_abstention(p->map, c.text))
		return EW_OK;
	rc = ew_shape_take(&v, p, &c);
	if (rc == EW_OK)
		rc = check_limit(a, p, &c, &v);
	if (rc == EW_OK)
		*out = v.text;
	return rc;
}

static enum ew_code
place_answer(const struct ew_placing *p, const struct ew_cell *c)
{
	const struct ew_answer none = { 0 };
	const struct ew_answer *old = is_computable(p->label) ? &p->label->answer : &none;
	struct ew_answer *a = &p->out->label.answer;
	struct ew_shaped v;
	enum ew_code rc;

	if (!c->said)
		return ew_fail(p->err, EW_REFUSED,
			"%s:%zu: no column \"%.*s\" and so no answer; give one, or a state that "
			"has none",
			ew_table_name(p->table), p->row->object ? p->row->line : 1,
			EW_FMT(ew_text_start(c->column)));
	if (c->text.len == 0 && ew_json_count(c->json) == 0)
		return ew_cell_fail(p, c, "is empty; give an answer, or list \"\" under abstain in "
			"the map if that means there is none");
	rc = ew_shape_take(&v, p, c);
	if (rc == EW_OK)
		rc = place_value(a, p, c, &v);
	if (rc == EW_OK)
		rc = place_unit(a, p, &v);
	if (rc == EW_OK)
		rc = place_limit(&a->lower, a, p, EW_FIELD_LOWER, old->lower);
	if (rc == EW_OK)
		rc = place_limit(&a->upper, a, p, EW_FIELD_UPPER, old->upper);
	return rc;
}

/* The reason that the row gives, or for states that need one, what decided on the state. */
static enum ew_code
place_reason(const struct ew_placing *p, struct ew_str decided_by)
{
	struct ew_label *l = &p->out->label;
	struct ew_str part[] = { EW_LIT("the table gives \""), decided_by, EW_LIT("\"") };
	struct ew_cell c;
	enum ew_code rc = ew_cell_read_text(&c, p, field(p, EW_FIELD_REASON));

	if (rc != EW_OK)
		return rc;
	p->out->has_reason = c.text.len > 0;
	if (p->out->has_reason)
		l->reason = c.text;
	else if (l->state != EW_COMPUTABLE)
		rc = ew_cell_join(&l->reason, p, part, sizeof part / sizeof part[0]);
	return rc;
}

/* The texts of a field that holds a list; *said is false if it holds none. */
static enum ew_code
place_texts(struct ew_str **text, size_t *n, bool *said, const struct ew_placing *p,
	enum ew_map_field f)
{
	struct ew_cell c;
	enum ew_code rc = ew_cell_read(&c, p, field(p, f));

	*said = rc == EW_OK && (c.text.len > 0 || ew_json_count(c.json) > 0);
	return *said ? ew_cell_list(text, n, p, &c, c.text) : rc;
}

static enum ew_code
place_reading(struct ew_reading *r, const struct ew_placing *p, const struct ew_json *json)
{
	enum ew_code rc = ew_answer_read(&r->answer, ew_json_get(json, "answer"), p->arena, p->err);

	if (rc == EW_OK && ew_json_count(json) != 2)
		rc = ew_fail(p->err, EW_REFUSED,
			"a reading has the members assuming and answer only");
	r->assuming = ew_json_get_text(json, "assuming");
	return rc;
}

static enum ew_code
place_readings(const struct ew_placing *p, const struct ew_cell *c)
{
	struct ew_label *l = &p->out->label;

	if (ew_json_type(c->json) != EW_JSON_ARRAY)
		return ew_fail(p->err, EW_REFUSED,
			"%s:%zu: is ambiguous without an array of readings; give each assumption "
			"with its answer", ew_table_name(p->table), p->row->line);
	l->reading = ew_arena_array(p->arena, ew_json_count(c->json), sizeof *l->reading);
	if (!l->reading)
		return ew_fail_nomem(p->err);
	for (const struct ew_json *j = ew_json_first(c->json); j; j = ew_json_next(j)) {
		if (place_reading(&l->reading[l->readings++], p, j) != EW_OK)
			return ew_fail_at(p->err, "%s:%zu: readings[%zu]", ew_table_name(p->table),
				p->row->line, l->readings - 1);
	}
	return EW_OK;
}

/* The cells that decide on the state. */
struct deciding {
	struct ew_cell state, answer, readings;
	bool has_answer, abstains;
};

static enum ew_code
read_deciding(struct deciding *d, const struct ew_placing *p)
{
	enum ew_code rc = ew_cell_read_text(&d->state, p, field(p, EW_FIELD_STATE));

	if (rc == EW_OK)
		rc = ew_cell_read(&d->answer, p, field(p, EW_FIELD_ANSWER));
	if (rc == EW_OK)
		rc = ew_cell_read(&d->readings, p, field(p, EW_FIELD_READINGS));
	if (rc != EW_OK)
		return rc;
	d->has_answer = d->answer.text.len > 0 || ew_json_count(d->answer.json) > 0;
	d->abstains = d->answer.said && ew_json_count(d->answer.json) == 0 &&
		is_abstention(p->map, d->answer.text);
	d->has_answer = d->has_answer && !d->abstains;
	return EW_OK;
}

static enum ew_code
decide_state(const struct ew_placing *p, const struct deciding *d)
{
	enum ew_state *state = &p->out->label.state;
	bool readings = ew_json_count(d->readings.json) > 0;

	if (d->state.text.len == 0)
		*state = d->abstains ? EW_INCOMPUTABLE : readings ? EW_AMBIGUOUS : EW_COMPUTABLE;
	else if (!ew_state_read(state, d->state.text))
		return ew_cell_fail(p, &d->state,
			"\"%.*s\" is no state; there are computable, incomputable and ambiguous; "
			"add words to the map", EW_FMT(ew_text_start(d->state.text)));
	if (*state != EW_COMPUTABLE ? d->has_answer : d->abstains)
		return ew_cell_fail(p, &d->answer, "\"%.*s\" contradicts the state %s; correct one",
			EW_FMT(ew_text_start(d->answer.text)), ew_state_word(*state));
	if (*state != EW_AMBIGUOUS && readings)
		return ew_cell_fail(p, &d->readings, "contradicts the state %s; correct one",
			ew_state_word(*state));
	return EW_OK;
}

static enum ew_code
place_state(const struct ew_placing *p)
{
	struct ew_placed *to = p->out;
	struct deciding d = { 0 };
	enum ew_code rc = read_deciding(&d, p);

	if (rc == EW_OK)
		rc = decide_state(p, &d);
	if (rc != EW_OK)
		return rc;
	switch (to->label.state) {
	case EW_COMPUTABLE:
		rc = place_answer(p, &d.answer);
		break;
	case EW_INCOMPUTABLE:
		rc = place_texts(&to->label.missing, &to->label.missings, &to->has_missing, p,
			EW_FIELD_MISSING);
		break;
	case EW_AMBIGUOUS:
		rc = place_readings(p, &d.readings);
		break;
	}
	if (rc != EW_OK)
		return rc;
	return place_reason(p, d.abstains ? d.answer.text : d.state.text.len ? d.state.raw :
									       EW_LIT("readings"));
}

/* A text of the map's confidence or provenance; *said is set if there is one. */
static enum ew_code
read_said(struct ew_cell *c, bool *said, const struct ew_placing *p, enum ew_map_field f)
{
	enum ew_code rc = ew_cell_read_text(c, p, field(p, f));

	*said |= rc == EW_OK && c->text.len > 0;
	return rc;
}

/* A number of votes; -1 if there is none. */
static enum ew_code
read_votes(int64_t *out, const struct ew_placing *p, enum ew_map_field f)
{
	struct ew_cell c;
	uint64_t n = 0;
	enum ew_code rc = read_said(&c, &p->out->has_confidence, p, f);

	*out = -1;
	if (rc != EW_OK || c.text.len == 0)
		return rc;
	if (!ew_str_to_u64(c.text, EW_JSON_INT_MAX, &n))
		return ew_cell_fail(p, &c, "\"%.*s\" is no number of votes; give a whole number",
			EW_FMT(ew_text_start(c.text)));
	*out = (int64_t)n;
	return EW_OK;
}

static enum ew_code
place_votes(const struct ew_placing *p)
{
	struct ew_label *l = &p->out->label;
	int64_t agreed, all = -1;
	enum ew_code rc = read_votes(&agreed, p, EW_FIELD_FOR);

	if (rc == EW_OK)
		rc = read_votes(&all, p, EW_FIELD_OF);
	if (rc != EW_OK || (agreed < 0 && all < 0))
		return rc;
	if (agreed < 0 || all < 0)
		return ew_fail(p->err, EW_REFUSED,
			"%s:%zu: votes for without their number, or the number alone; give both "
			"or none",
			ew_table_name(p->table), p->row->line);
	l->confidence.votes = true;
	l->confidence.votes_for = agreed;
	l->confidence.votes_of = all;
	return EW_OK;
}

static enum ew_code
place_confidence(const struct ew_placing *p)
{
	struct ew_label *l = &p->out->label;
	struct ew_cell c;
	enum ew_code rc = read_said(&c, &p->out->has_confidence, p, EW_FIELD_BASIS);

	l->confidence.basis = EW_BASIS_IMPORTED;
	if (rc == EW_OK && c.text.len > 0 && !ew_basis_read(&l->confidence.basis, c.text))
		return ew_cell_fail(p, &c,
			"\"%.*s\" is no basis; there are imported, single, supermajority and "
			"adjudicated",
			EW_FMT(ew_text_start(c.text)));
	return rc == EW_OK ? place_votes(p) : rc;
}

static struct ew_str
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return ew_str(slash ? slash + 1 : path);
}

static enum ew_code
place_provenance(const struct ew_placing *p)
{
	struct ew_label *l = &p->out->label;
	const struct {
		struct ew_str *to;
		enum ew_map_field field;
	} texts[] = {
		{ &l->provenance.agent, EW_FIELD_AGENT },
		{ &l->provenance.rule, EW_FIELD_RULE },
		{ &l->provenance.source, EW_FIELD_SOURCE },
		{ &l->provenance.at, EW_FIELD_AT },
	};
	bool *said = &p->out->has_provenance;
	struct ew_cell c;
	enum ew_code rc = read_said(&c, said, p, EW_FIELD_METHOD);

	l->provenance.method = EW_METHOD_IMPORT;
	if (rc == EW_OK && c.text.len > 0 && !ew_method_read(&l->provenance.method, c.text))
		return ew_cell_fail(p, &c,
			"\"%.*s\" is no method; there are human, llm, script, consensus and import",
			EW_FMT(ew_text_start(c.text)));
	for (size_t i = 0; i < sizeof texts / sizeof texts[0] && rc == EW_OK; i++) {
		rc = read_said(&c, said, p, texts[i].field);
		if (rc == EW_OK && c.text.len > 0)
			*texts[i].to = c.text;
	}
	if (!*said)
		l->provenance.source = base_name(ew_table_name(p->table));
	return rc;
}

enum ew_code
ew_map_file_id(struct ew_str *id, bool *possible, const struct ew_map_file *map,
	const struct ew_table *table, const struct ew_row *row, struct ew_arena *arena,
	struct ew_err *err)
{
	const struct ew_placing p = { .map = map, .table = table, .row = row, .arena = arena,
		.err = err };
	struct ew_str *part = ew_arena_array(arena, map->pieces, sizeof *part);
	struct ew_field field;
	enum ew_code rc;

	*possible = false;
	if (!part)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < map->pieces; i++) {
		const struct ew_map_piece *piece = &map->piece[i];

		part[i] = piece->text;
		if (!piece->column)
			continue;
		if (!ew_row_take(&field, row, piece->number))
			return EW_OK;
		rc = ew_row_text(&part[i], row, &field, piece->text, err);
		if (rc != EW_OK)
			return rc;
		part[i] = ew_str_trim(part[i]);
		if (part[i].len == 0)
			return ew_row_fail(row, piece->text, err,
				"is empty, but the id is made of it; fill it");
	}
	*possible = true;
	rc = ew_cell_join(id, &p, part, map->pieces);
	if (rc == EW_OK && ew_id_check(*id, err) != EW_OK)
		rc = ew_fail_at(err, "%s:%zu", ew_table_name(table), row->line);
	return rc;
}

static enum ew_code
place_id(struct ew_str *id, const struct ew_placing *p)
{
	struct ew_field field;
	bool possible;
	enum ew_code rc;

	*id = p->instance ? p->instance->id : p->label ? p->label->id : ew_str(NULL);
	if (id->p)
		return EW_OK;
	rc = ew_map_file_id(id, &possible, p->map, p->table, p->row, p->arena, p->err);
	for (size_t i = 0; i < p->map->pieces && rc == EW_OK && !possible; i++)
		if (p->map->piece[i].column &&
			!ew_row_take(&field, p->row, p->map->piece[i].number))
			rc = ew_cell_fail_lacking(p, p->map->piece[i].text);
	return rc;
}

enum ew_code
ew_map_file_place(struct ew_placed *out, const struct ew_map_file *map,
	const struct ew_table *table, const struct ew_row *row, const struct ew_label *prior_label,
	const struct ew_instance *prior_instance, struct ew_arena *arena, struct ew_hash *hash,
	struct ew_err *err)
{
	struct ew_placing p = { out, map, table, row, prior_label, prior_instance, arena, hash,
		err };
	enum ew_code rc;

	*out = (struct ew_placed){ .line = row->line };
	rc = place_id(&out->label.id, &p);
	if (rc == EW_OK)
		rc = ew_object_place(&p);
	if (rc == EW_OK)
		rc = place_state(&p);
	if (rc == EW_OK)
		rc = place_confidence(&p);
	if (rc == EW_OK)
		rc = place_provenance(&p);
	if (rc == EW_OK)
		rc = place_texts(&out->label.evidence, &out->label.evidences, &out->has_evidence, &p,
			EW_FIELD_EVIDENCE);
	if (rc != EW_OK)
		return rc;
	out->instance.id = out->label.id;
	out->label.instance = out->instance.digest;
	if (ew_label_check(&out->label, err) != EW_OK)
		return ew_fail_at(err, "%s:%zu", ew_table_name(table), row->line);
	return EW_OK;
}
