/* SPDX-License-Identifier: Apache-2.0 */
#include "model/answer.h"
#include "codec/date.h"
#include "codec/decimal.h"
#include "codec/jsonw.h"
#include "model/record.h"
#include "model/text.h"
#include "model/word.h"

enum { MEMBERS_MAX = 256, VALUE_MAX = 65536, LIMIT_DIGITS = 12 };

static const char *const kind_words[] = {
#define X(name, word) word,
	EW_KINDS(X)
#undef X
};

/* What values and limits of a kind are as points on a line. */
enum sort {
	NONE,
	NUMBER, /* a duration is its number of days */
	DAY,
};

struct point {
	enum sort sort;
	struct ew_decimal at;
};

const char *
ew_kind_word(enum ew_kind kind)
{
	return kind_words[kind];
}

bool
ew_kind_read(enum ew_kind *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, kind_words, sizeof kind_words / sizeof kind_words[0], word))
		return false;
	*out = (enum ew_kind)i;
	return true;
}

/* The point that a text is under a kind; NULL, or what is wrong with the text. */
static const char *
read_point(struct point *out, enum ew_kind kind, struct ew_str text)
{
	int64_t days;

	out->sort = kind == EW_DATE ? DAY : NUMBER;
	switch (kind) {
	case EW_DECIMAL:
	case EW_INTEGER:
		if (!ew_decimal_parse(&out->at, text))
			return "is no number; write it as -12.50 or 1e-9";
		return NULL;
	case EW_DATE:
		if (!ew_date_parse(&days, text))
			return "is no date; write it as YYYY-MM-DD";
		break;
	case EW_DURATION:
		if (!ew_duration_parse(&days, text))
			return "is no duration; write it as P2W3D or P17D";
		break;
	case EW_CHOICE:
	case EW_SET:
	case EW_TEXT:
		out->sort = NONE;
		return NULL;
	}
	out->at = ew_decimal_int(days);
	return NULL;
}

static struct point
point_of(enum ew_kind kind, struct ew_str text)
{
	struct point p = { NONE, { 0 } };

	if (read_point(&p, kind, text))
		p.sort = NONE;
	return p;
}

static enum ew_code
check_members(const struct ew_answer *a, struct ew_err *err)
{
	if (a->members == 0 || a->members > MEMBERS_MAX)
		return ew_fail(err, EW_REFUSED, "value must have 1 to 256 members");
	for (size_t i = 0; i < a->members; i++) {
		const char *why = ew_text_flaw(a->member[i], VALUE_MAX);

		if (why)
			return ew_fail(err, EW_REFUSED, "value[%zu] %s", i, why);
		if (i && ew_str_cmp(a->member[i - 1], a->member[i]) >= 0)
			return ew_fail(err, EW_REFUSED,
				"value[%zu] is not greater than the one before; sort them by bytes",
				i);
	}
	return EW_OK;
}

static enum ew_code
check_value(const struct ew_answer *a, struct ew_err *err)
{
	struct point p = { NONE, { 0 } };
	const char *why;

	if (a->kind == EW_SET)
		return check_members(a, err);
	why = ew_text_flaw(a->value, VALUE_MAX);
	if (why)
		return ew_fail(err, EW_REFUSED, "value %s", why);
	why = read_point(&p, a->kind, a->value);
	if (why)
		return ew_fail(err, EW_REFUSED, "value \"%.*s\" %s",
			EW_FMT(ew_text_start(a->value)), why);
	if (a->kind == EW_INTEGER && !ew_decimal_is_integer(&p.at))
		return ew_fail(err, EW_REFUSED, "value \"%.*s\" is not whole; make it a decimal",
			EW_FMT(a->value));
	return EW_OK;
}

static enum ew_code
check_limit(struct point *out, const struct ew_answer *a, const char *name, struct ew_str limit,
	struct ew_err *err)
{
	const char *why = read_point(out, a->kind, limit);

	if (out->sort == NONE)
		return ew_fail(err, EW_REFUSED, "%s: an answer of kind %s has no limits; remove it",
			name,
			ew_kind_word(a->kind));
	if (why)
		return ew_fail(err, EW_REFUSED, "%s \"%.*s\" %s", name,
			EW_FMT(ew_text_start(limit)), why);
	return EW_OK;
}

static enum ew_code
check_band(const struct ew_answer *a, struct ew_err *err)
{
	struct point lower = { NONE, { 0 } }, upper = { NONE, { 0 } };
	enum ew_code rc = EW_OK;

	if (a->lower.p)
		rc = check_limit(&lower, a, "lower", a->lower, err);
	if (rc == EW_OK && a->upper.p)
		rc = check_limit(&upper, a, "upper", a->upper, err);
	if (rc == EW_OK && a->lower.p && a->upper.p && ew_decimal_cmp(&lower.at, &upper.at) > 0)
		rc = ew_fail(err, EW_REFUSED,
			"lower \"%.*s\" exceeds upper \"%.*s\"; exchange them",
			EW_FMT(a->lower), EW_FMT(a->upper));
	return rc;
}

enum ew_code
ew_answer_check(const struct ew_answer *a, struct ew_err *err)
{
	const char *why = a->unit.p ? ew_text_flaw(a->unit, EW_TEXT_UNIT_MAX) : NULL;
	enum ew_code rc = check_value(a, err);

	if (rc != EW_OK)
		return rc;
	if (why)
		return ew_fail(err, EW_REFUSED, "unit %s", why);
	return check_band(a, err);
}

/* The members of a set; whatever else is wrong with them is for the check. */
static enum ew_code
read_members(struct ew_answer *out, const struct ew_json *array, struct ew_arena *arena,
	struct ew_err *err)
{
	out->member = ew_arena_array(arena, ew_json_count(array), sizeof *out->member);
	if (!out->member)
		return ew_fail_nomem(err);
	for (const struct ew_json *e = ew_json_first(array); e; e = ew_json_next(e)) {
		if (ew_json_type(e) != EW_JSON_STRING)
			return ew_fail(err, EW_REFUSED, "value[%zu] must be a string",
				out->members);
		out->member[out->members++] = ew_json_text(e);
	}
	return EW_OK;
}

static enum ew_code
read_kind(enum ew_kind *out, const struct ew_json *object, struct ew_err *err)
{
	const struct ew_json *kind = ew_json_get(object, "kind");

	if (kind && !ew_kind_read(out, ew_json_text(kind)))
		return ew_fail(err, EW_REFUSED,
			"kind must be decimal, integer, date, duration, choice, set or text");
	return EW_OK;
}

/* The members of an answer, in canonical order; the value of a set is an array. */
enum { KIND, LOWER, UNIT, UPPER, VALUE, COUNT };
static const struct ew_member members[COUNT] = {
	[KIND] = { "kind", EW_JSON_STRING, true },
	[LOWER] = { "lower", EW_JSON_STRING, false },
	[UNIT] = { "unit", EW_JSON_STRING, false },
	[UPPER] = { "upper", EW_JSON_STRING, false },
	[VALUE] = { "value", EW_JSON_STRING, true },
};
static const struct ew_member set_members[COUNT] = {
	[KIND] = { "kind", EW_JSON_STRING, true },
	[LOWER] = { "lower", EW_JSON_STRING, false },
	[UNIT] = { "unit", EW_JSON_STRING, false },
	[UPPER] = { "upper", EW_JSON_STRING, false },
	[VALUE] = { "value", EW_JSON_ARRAY, true },
};

enum ew_code
ew_answer_read(struct ew_answer *out, const struct ew_json *object, struct ew_arena *arena,
	struct ew_err *err)
{
	const struct ew_json *got[COUNT];
	enum ew_code rc;

	*out = (struct ew_answer){ .kind = EW_TEXT };
	rc = read_kind(&out->kind, object, err);
	if (rc == EW_OK)
		rc = ew_record_take(got, object, out->kind == EW_SET ? set_members : members, COUNT, err);
	if (rc != EW_OK)
		return rc;
	out->value = ew_json_text(got[VALUE]);
	out->unit = ew_json_text(got[UNIT]);
	out->lower = ew_json_text(got[LOWER]);
	out->upper = ew_json_text(got[UPPER]);
	if (out->kind == EW_SET)
		rc = read_members(out, got[VALUE], arena, err);
	return rc == EW_OK ? ew_answer_check(out, err) : rc;
}

bool
ew_answer_shaped(struct ew_str json)
{
	struct ew_str value[COUNT];

	return ew_record_cut(value, json, members, COUNT) ||
		(ew_record_cut(value, json, set_members, COUNT) && ew_str_is(value[KIND], "\"set\""));
}

static void
write_optional(struct ew_jsonw *w, const char *name, struct ew_str value)
{
	if (value.p)
		ew_jsonw_str_at(w, name, value);
}

void
ew_answer_write(struct ew_jsonw *w, const struct ew_answer *a)
{
	ew_jsonw_object(w);
	ew_jsonw_str_at(w, "kind", ew_str(ew_kind_word(a->kind)));
	write_optional(w, "lower", a->lower);
	write_optional(w, "unit", a->unit);
	write_optional(w, "upper", a->upper);
	ew_jsonw_name(w, EW_LIT("value"));
	if (a->kind == EW_SET) {
		ew_jsonw_array(w);
		for (size_t i = 0; i < a->members; i++)
			ew_jsonw_str(w, a->member[i]);
		ew_jsonw_end(w);
	} else {
		ew_jsonw_str(w, a->value);
	}
	ew_jsonw_end(w);
}

/* What is no point is a list of texts, of one text but for a set. */
static size_t
texts(const struct ew_str **out, const struct ew_answer *a)
{
	*out = a->kind == EW_SET ? a->member : &a->value;
	return a->kind == EW_SET ? a->members : 1;
}

static bool
same_texts(const struct ew_answer *a, const struct ew_answer *b)
{
	const struct ew_str *x, *y;
	size_t n = texts(&x, a);

	if (n != texts(&y, b))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!ew_str_eq(x[i], y[i]))
			return false;
	return true;
}

/* A unit that is missing equals every unit. */
static bool
same_unit(const struct ew_answer *a, const struct ew_answer *b)
{
	return !a->unit.p || !b->unit.p || ew_text_same_unit(a->unit, b->unit);
}

bool
ew_answer_same_value(const struct ew_answer *a, const struct ew_answer *b)
{
	struct point x = point_of(a->kind, a->value), y = point_of(b->kind, b->value);

	if (x.sort != y.sort || !same_unit(a, b))
		return false;
	return x.sort == NONE ? same_texts(a, b) : ew_decimal_cmp(&x.at, &y.at) == 0;
}

bool
ew_answer_same_form(const struct ew_answer *a, const struct ew_answer *b)
{
	return a->kind == b->kind && ew_str_eq(a->unit, b->unit) && same_texts(a, b);
}

/* Numbers as limits take them. */
static int
cmp_rounded(const struct point *a, const struct point *b)
{
	struct ew_decimal x = ew_decimal_round(&a->at, LIMIT_DIGITS);
	struct ew_decimal y = ew_decimal_round(&b->at, LIMIT_DIGITS);

	return ew_decimal_cmp(&x, &y);
}

static bool
same_limit(const struct ew_answer *a, struct ew_str x, const struct ew_answer *b, struct ew_str y)
{
	struct point p, q;

	if (!x.p || !y.p)
		return !x.p && !y.p;
	p = point_of(a->kind, x);
	q = point_of(b->kind, y);
	return p.sort == q.sort && cmp_rounded(&p, &q) == 0;
}

bool
ew_answer_same_band(const struct ew_answer *a, const struct ew_answer *b)
{
	return same_limit(a, a->lower, b, b->lower) && same_limit(a, a->upper, b, b->upper);
}

/* A limit is missing, or of the value's sort and the value not beyond it: 1 above, -1 below. */
static bool
respects(const struct ew_answer *label, struct ew_str limit, const struct point *value, int side)
{
	struct point p;

	if (!limit.p)
		return true;
	p = point_of(label->kind, limit);
	return p.sort == value->sort && cmp_rounded(value, &p) * side >= 0;
}

static bool
within_band(const struct ew_answer *label, const struct ew_answer *other)
{
	struct point value = point_of(other->kind, other->value);

	if (value.sort == NONE || (!label->lower.p && !label->upper.p))
		return false;
	return respects(label, label->lower, &value, 1) &&
		respects(label, label->upper, &value, -1);
}

static bool
has_member(const struct ew_answer *set, struct ew_str text)
{
	for (size_t i = 0; i < set->members; i++)
		if (ew_str_eq(set->member[i], text))
			return true;
	return false;
}

/* Every text of `other` is a member of the set. */
static bool
covers(const struct ew_answer *set, const struct ew_answer *other)
{
	const struct ew_str *text;
	size_t n = texts(&text, other);

	if (point_of(other->kind, other->value).sort != NONE)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!has_member(set, text[i]))
			return false;
	return true;
}

bool
ew_answer_accepts(const struct ew_answer *label, const struct ew_answer *other)
{
	if (ew_answer_same_value(label, other))
		return true;
	if (!same_unit(label, other))
		return false;
	return label->kind == EW_SET ? covers(label, other) : within_band(label, other);
}

void
ew_answer_describe(struct ew_buf *out, const struct ew_answer *a, bool band)
{
	const struct ew_str *text;
	size_t n = texts(&text, a);

	ew_buf_adds(out, a->kind == EW_SET ? "{" : "");
	for (size_t i = 0; i < n; i++) {
		ew_buf_adds(out, i ? ", " : "");
		ew_buf_add(out, text[i]);
	}
	ew_buf_adds(out, a->kind == EW_SET ? "}" : "");
	if (a->unit.p) {
		ew_buf_addc(out, ' ');
		ew_buf_add(out, a->unit);
	}
	if (!band || (!a->lower.p && !a->upper.p))
		return;
	ew_buf_adds(out, " [");
	ew_buf_add(out, a->lower.p ? a->lower : EW_LIT("..."));
	ew_buf_adds(out, ", ");
	ew_buf_add(out, a->upper.p ? a->upper : EW_LIT("..."));
	ew_buf_addc(out, ']');
}
