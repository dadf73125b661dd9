/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a value.  It stops at the first failure and words it.  Branches of
 * anyOf and oneOf are tried without words; if none fits, the one that came
 * furthest is tried again to say what it lacks.  Where all of them stumble over
 * the same tag, a member of a constant value, the message lists the constants.
 */
#include "codec/rule.h"
#include "base/map.h"
#include "codec/decimal.h"
#include "codec/jsonw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	NESTING = 1024, /* rules within rules: a value's depth times the references at each */
	SHOWN = 200,    /* bytes of a schema's words in a message */
	FURTHER = 64,   /* least rank of a failure other than of a tag */
};

struct check {
	struct ew_err *err; /* NULL: say only yes or no */
	enum ew_code trouble; /* not of the document: memory, an endless schema */
	pcre2_match_data *match;
	unsigned nesting;
	bool of_name; /* the value is the name of the member at hand */
	unsigned rank; /* of the last failure: how far it came */
	const struct ew_rule *tag_rule; /* the rule, if its words made the last failure */
	struct ew_str tag;              /* and the member that it was of, if one */
};

const struct ew_rule_type ew_rule_types[] = {
	{ "null", 1 << EW_JSON_NULL, "null" },
	{ "boolean", 1 << EW_JSON_BOOL, "true or false" },
	{ "integer", EW_RULE_INTEGER, "an integer" },
	{ "number", 1 << EW_JSON_NUMBER, "a number" },
	{ "string", 1 << EW_JSON_STRING, "a string" },
	{ "array", 1 << EW_JSON_ARRAY, "an array" },
	{ "object", 1 << EW_JSON_OBJECT, "an object" },
	{ NULL, 0, NULL },
};

static bool check(struct check *, const struct ew_rule *, const struct ew_json *,
	const struct ew_place *);

void
ew_place_add(struct ew_buf *out, const struct ew_place *place)
{
	if (!place->up)
		return;
	ew_place_add(out, place->up);
	if (place->element) {
		ew_buf_addf(out, "/%zu", place->index);
		return;
	}
	ew_buf_addc(out, '/');
	for (size_t i = 0; i < place->name.len; i++) {
		char c = place->name.p[i];

		if (c == '~' || c == '/')
			ew_buf_adds(out, c == '~' ? "~0" : "~1");
		else
			ew_buf_addc(out, c);
	}
}


static unsigned
place_depth(const struct ew_place *place)
{
	unsigned depth = 0;

	for (; place->up; place = place->up)
		depth++;
	return depth;
}

static bool fail(struct check *, const struct ew_rule *, const struct ew_place *,
	const char *fmt, ...) EW_PRINTF(4, 5);

/* Say what is wrong at a place, unless this is a try; always false. */
static bool
fail(struct check *c, const struct ew_rule *rule, const struct ew_place *place,
	const char *fmt, ...)
{
	char what[sizeof c->err->msg];
	struct ew_buf where = { 0 };
	va_list ap;

	c->rank = FURTHER + 2 * place_depth(place) + 1;
	c->tag_rule = NULL;
	if (!c->err || c->trouble != EW_OK)
		return false;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	ew_place_add(&where, place);
	ew_fail(c->err, EW_REFUSED, "%.*s: %s%s%s%s",
		EW_FMT(where.len ? ew_buf_str(&where) : EW_LIT("top level")),
		c->of_name ? "its name " : "", what, *rule->file->name ? "; see schemas/" : "",
		rule->file->name);
	ew_buf_release(&where);
	return false;
}

/* Give up for a reason that no other branch can mend; always false. */
static bool
give_up(struct check *c, enum ew_code code)
{
	c->trouble = code;
	return false;
}

static enum ew_json_type
type_of(const struct check *c, const struct ew_json *value)
{
	return c->of_name ? EW_JSON_STRING : ew_json_type(value);
}

static struct ew_str
text_of(const struct check *c, const struct ew_json *value)
{
	return c->of_name ? ew_json_name(value) : ew_json_text(value);
}

/* One more choice in a message; when the list grows long, an ellipsis instead of the rest. */
static void
add_choice(struct ew_buf *out, const char *between, struct ew_str choice)
{
	if (ew_str_ends(ew_buf_str(out), "..."))
		return;
	if (out->len)
		ew_buf_adds(out, between);
	ew_buf_add(out, out->len + choice.len > SHOWN ? EW_LIT("...") : choice);
}

static bool
fail_type(struct check *c, const struct ew_rule *rule, const struct ew_place *place)
{
	struct ew_buf wanted = { 0 };

	for (const struct ew_rule_type *t = ew_rule_types; c->err && t->name; t++)
		if (rule->types & t->bit)
			add_choice(&wanted, " or ", ew_str(t->words));
	fail(c, rule, place, "must be %.*s", EW_FMT(ew_buf_str(&wanted)));
	ew_buf_release(&wanted);
	c->rank--; /* a branch of another type is further off than one that lacks a member */
	return false;
}

static bool
check_type(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	enum ew_json_type type = type_of(c, value);
	struct ew_decimal number;

	if (!rule->types || rule->types & 1u << type)
		return true;
	if (rule->types & EW_RULE_INTEGER && type == EW_JSON_NUMBER &&
	    ew_decimal_parse(&number, ew_json_text(value)) && ew_decimal_is_integer(&number))
		return true;
	return fail_type(c, rule, place);
}

static bool
equal_numbers(const struct ew_json *a, const struct ew_json *b)
{
	struct ew_decimal x, y;

	return ew_decimal_parse(&x, ew_json_text(a)) && ew_decimal_parse(&y, ew_json_text(b)) &&
		ew_decimal_cmp(&x, &y) == 0;
}

static bool
equal(const struct ew_json *a, const struct ew_json *b)
{
	enum ew_json_type type = ew_json_type(a);
	const struct ew_json *x = ew_json_first(a), *y = ew_json_first(b);

	if (type != ew_json_type(b) || ew_json_count(a) != ew_json_count(b))
		return false;
	switch (type) {
	case EW_JSON_NULL:
		return true;
	case EW_JSON_BOOL:
		return ew_json_bool(a) == ew_json_bool(b);
	case EW_JSON_NUMBER:
		return equal_numbers(a, b);
	case EW_JSON_STRING:
		return ew_str_eq(ew_json_text(a), ew_json_text(b));
	case EW_JSON_ARRAY:
		for (; x && equal(x, y); x = ew_json_next(x))
			y = ew_json_next(y);
		return !x;
	case EW_JSON_OBJECT:
		for (; x && (y = ew_json_get(b, ew_json_name(x).p)) && equal(x, y); )
			x = ew_json_next(x);
		return !x;
	}
	return false;
}

/* Whether the value is the one that the schema's node `word` says. */
static bool
is_word(const struct check *c, const struct ew_json *word, const struct ew_json *value)
{
	if (!c->of_name)
		return equal(word, value);
	return ew_json_type(word) == EW_JSON_STRING &&
		ew_str_eq(ew_json_text(word), ew_json_name(value));
}

static void
add_word(struct ew_buf *out, const struct ew_json *word)
{
	struct ew_buf text = { 0 };

	ew_json_canonical(&text, word);
	add_choice(out, ", ", ew_buf_str(&text));
	ew_buf_release(&text);
}

/* All values that const and enum of a rule allow, for a message. */
static void
add_words(struct ew_buf *out, const struct ew_rule *rule)
{
	if (rule->constant)
		add_word(out, rule->constant);
	else
		for (const struct ew_json *w = ew_json_first(rule->words); w; w = ew_json_next(w))
			add_word(out, w);
}

static bool
fail_words(struct check *c, const struct ew_rule *rule, const struct ew_place *place)
{
	struct ew_buf words = { 0 };

	if (c->err)
		add_words(&words, rule);
	fail(c, rule, place, "must be %s%.*s", rule->constant ? "" : "one of ",
		EW_FMT(ew_buf_str(&words)));
	ew_buf_release(&words);
	c->rank = place_depth(place);
	c->tag = place->name;
	c->tag_rule = rule;
	return false;
}

static bool
check_words(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	const struct ew_json *word;

	if (rule->constant && !is_word(c, rule->constant, value))
		return fail_words(c, rule, place);
	if (!rule->words)
		return true;
	for (word = ew_json_first(rule->words); word; word = ew_json_next(word))
		if (is_word(c, word, value))
			return true;
	return fail_words(c, rule, place);
}

/* A count of things against the limits on it. */
static bool
check_count(struct check *c, const struct ew_rule *rule, const struct ew_place *place, size_t count,
	const struct ew_json *min, const struct ew_json *max, const char *things)
{
	if (min && count < (uint64_t)ew_json_int(min))
		return fail(c, rule, place, "must have at least %lld %s, has %zu",
			(long long)ew_json_int(min), things, count);
	if (max && count > (uint64_t)ew_json_int(max))
		return fail(c, rule, place, "must have at most %lld %s, has %zu",
			(long long)ew_json_int(max), things, count);
	return true;
}

static size_t
characters(struct ew_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* A pattern alone is hard to read; a schema that has a title has a name for it. */
static bool
fail_pattern(struct check *c, const struct ew_rule *rule, const struct ew_place *place)
{
	struct ew_str title = ew_json_get_text(rule->source, "title");
	struct ew_str pattern = ew_json_get_text(rule->source, "pattern");

	if (!title.len)
		return fail(c, rule, place, "must match %.*s", EW_FMT(pattern));
	return fail(c, rule, place, "must have the form of \"%.*s\": %.*s", EW_FMT(title),
		EW_FMT(pattern));
}

static bool
check_pattern(struct check *c, const struct ew_rule *rule, struct ew_str text,
	const struct ew_place *place)
{
	PCRE2_SPTR p = (PCRE2_SPTR)text.p;
	int rc;

	if (!c->match && !(c->match = pcre2_match_data_create(1, NULL)))
		return give_up(c, EW_NOMEM);
	rc = pcre2_match(rule->pattern, p, text.len, 0, PCRE2_NO_UTF_CHECK, c->match, NULL);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(rule->pattern, p, text.len, 0, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
			c->match, NULL);
	if (rc >= 0)
		return true;
	if (rc == PCRE2_ERROR_NOMATCH)
		return fail_pattern(c, rule, place);
	return give_up(c, rc == PCRE2_ERROR_NOMEMORY ? EW_NOMEM : EW_REFUSED);
}

static bool
check_string(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	struct ew_str text = text_of(c, value);

	if ((rule->min_length || rule->max_length) &&
	    !check_count(c, rule, place, characters(text), rule->min_length, rule->max_length,
		    "characters"))
		return false;
	return !rule->pattern || check_pattern(c, rule, text, place);
}

static bool
check_number(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	const struct ew_json *min = rule->minimum, *max = rule->maximum;
	struct ew_decimal number, limit;

	if (!min && !max)
		return true;
	if (!ew_decimal_parse(&number, ew_json_text(value)))
		return fail(c, rule, place, "must be a number of at most 64 digits");
	limit = ew_decimal_int(ew_json_int(min));
	if (min && ew_decimal_cmp(&number, &limit) < 0)
		return fail(c, rule, place, "must be at least %lld", (long long)ew_json_int(min));
	limit = ew_decimal_int(ew_json_int(max));
	if (max && ew_decimal_cmp(&number, &limit) > 0)
		return fail(c, rule, place, "must be at most %lld", (long long)ew_json_int(max));
	return true;
}

/* Canonical bytes hold no newline, so equal lines are equal elements. */
static bool
check_unique(struct check *c, const struct ew_rule *rule, const struct ew_json *array,
	const struct ew_place *place)
{
	struct ew_buf lines = { 0 };
	struct ew_map seen = { 0 };
	struct ew_err err = { 0 };
	struct ew_str rest;
	bool good = true;

	for (const struct ew_json *e = ew_json_first(array); e; e = ew_json_next(e)) {
		ew_json_canonical(&lines, e);
		ew_buf_addc(&lines, '\n');
	}
	if (ew_buf_check(&lines, &err) != EW_OK)
		good = give_up(c, err.code);
	for (rest = ew_buf_str(&lines); good && rest.len;) {
		struct ew_str line = ew_str_cut(&rest, '\n');

		if (ew_map_get(&seen, line))
			good = fail(c, rule, place, "has %.*s twice; its elements must be unique",
				EW_FMT(ew_str_part(line, 0, SHOWN)));
		else if (ew_map_set(&seen, line, &lines, &err) != EW_OK)
			good = give_up(c, err.code);
	}
	ew_map_release(&seen);
	ew_buf_release(&lines);
	return good;
}

static bool
check_array(struct check *c, const struct ew_rule *rule, const struct ew_json *array,
	const struct ew_place *place)
{
	struct ew_place at = { .up = place, .element = true };

	if (!check_count(c, rule, place, ew_json_count(array), rule->min_items, rule->max_items,
		    "elements"))
		return false;
	for (const struct ew_json *e = ew_json_first(array); e; e = ew_json_next(e), at.index++) {
		const struct ew_rule *of = at.index < rule->prefix.n ? rule->prefix.at[at.index]
								      : rule->items;

		if (of && !check(c, of, e, &at))
			return false;
	}
	return !rule->unique || check_unique(c, rule, array, place);
}

/* That `object` has all the members that `words` names; `why` says on whose account. */
static bool
check_required(struct check *c, const struct ew_rule *rule, const struct ew_json *words,
	const struct ew_json *object, const struct ew_place *place, struct ew_str why)
{
	for (const struct ew_json *w = ew_json_first(words); w; w = ew_json_next(w)) {
		struct ew_str name = ew_json_text(w);

		if (ew_json_get(object, name.p))
			continue;
		if (why.p)
			return fail(c, rule, place, "must have \"%.*s\" since it has \"%.*s\"",
				EW_FMT(name), EW_FMT(why));
		return fail(c, rule, place, "must have \"%.*s\"", EW_FMT(name));
	}
	return true;
}

static bool
has_property(const struct ew_rule *rule, struct ew_str name)
{
	for (size_t i = 0; i < rule->properties; i++)
		if (ew_str_is(name, rule->property[i].name))
			return true;
	return false;
}

/* Members that are properties, by their rules; the others and all names, by theirs. */
static bool
check_members(struct check *c, const struct ew_rule *rule, const struct ew_json *object,
	const struct ew_place *place, size_t count)
{
	struct ew_place at = { .up = place };
	size_t known = 0;

	for (size_t i = 0; i < rule->properties; i++) {
		const struct ew_json *member = ew_json_get(object, rule->property[i].name);

		if (!member)
			continue;
		known++;
		at.name = ew_json_name(member);
		if (!check(c, rule->property[i].rule, member, &at))
			return false;
	}
	if (!rule->names && (!rule->additional || known == count))
		return true;
	for (const struct ew_json *m = ew_json_first(object); m; m = ew_json_next(m)) {
		bool good;

		at.name = ew_json_name(m);
		c->of_name = true;
		good = !rule->names || check(c, rule->names, m, &at);
		c->of_name = false;
		if (good && rule->additional && !has_property(rule, at.name))
			good = check(c, rule->additional, m, &at);
		if (!good)
			return false;
	}
	return true;
}

static bool
check_object(struct check *c, const struct ew_rule *rule, const struct ew_json *object,
	const struct ew_place *place)
{
	size_t count = ew_json_count(object);

	if (!check_members(c, rule, object, place, count) ||
	    !check_required(c, rule, rule->required, object, place, ew_str(NULL)))
		return false;
	for (const struct ew_json *d = ew_json_first(rule->dependent); d; d = ew_json_next(d)) {
		struct ew_str name = ew_json_name(d);

		if (ew_json_get(object, name.p) && !check_required(c, rule, d, object, place, name))
			return false;
	}
	return check_count(c, rule, place, count, rule->min_properties, rule->max_properties,
		"members");
}

/* The keywords of the value's type. */
static bool
check_kind(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	switch (type_of(c, value)) {
	case EW_JSON_NUMBER:
		return check_number(c, rule, value, place);
	case EW_JSON_STRING:
		return check_string(c, rule, value, place);
	case EW_JSON_ARRAY:
		return check_array(c, rule, value, place);
	case EW_JSON_OBJECT:
		return check_object(c, rule, value, place);
	case EW_JSON_NULL:
	case EW_JSON_BOOL:
		return true;
	}
	return true;
}

/* Yes or no, without words. */
static bool
try_rule(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	struct ew_err *err = c->err;
	bool good;

	c->err = NULL;
	good = check(c, rule, value, place);
	c->err = err;
	return good;
}

/*
 * All branches stumbled over their tags.  If it is the same in each, the value
 * itself or one member of it, say what it may be; false with nothing said if it
 * is not.
 */
static bool
fail_tag(struct check *c, const struct ew_rules *branches, const struct ew_json *value,
	const struct ew_place *place, unsigned rank)
{
	bool here = rank == place_depth(place), same = here || rank == place_depth(place) + 1;
	struct ew_place member = { .up = place };
	struct ew_buf words = { 0 };

	for (size_t i = 0; i < branches->n && same; i++) {
		try_rule(c, branches->at[i], value, place);
		same = c->rank == rank && c->tag_rule &&
			(here || (c->tag.p && (i == 0 || ew_str_eq(member.name, c->tag))));
		member.name = c->tag;
		if (same)
			add_words(&words, c->tag_rule);
	}
	if (same)
		fail(c, c->tag_rule, here ? place : &member, "must be one of %.*s",
			EW_FMT(ew_buf_str(&words)));
	ew_buf_release(&words);
	return same;
}

/* No branch fits: say why by the one that came furthest. */
static bool
fail_branches(struct check *c, const struct ew_rules *branches, const struct ew_json *value,
	const struct ew_place *place, size_t best, unsigned rank)
{
	if (c->err && !(rank < FURTHER && fail_tag(c, branches, value, place, rank)))
		check(c, branches->at[best], value, place);
	c->rank = rank;
	return false;
}

/* anyOf, or oneOf if `single`. */
static bool
check_branches(struct check *c, const struct ew_rule *rule, const struct ew_rules *branches,
	const struct ew_json *value, const struct ew_place *place, bool single)
{
	size_t fit = 0, best = 0;
	unsigned rank = 0;

	for (size_t i = 0; i < branches->n && fit < (single ? 2 : 1); i++) {
		if (try_rule(c, branches->at[i], value, place)) {
			fit++;
		} else if (c->rank > rank) {
			rank = c->rank;
			best = i;
		}
	}
	if (fit == 1 || !branches->n)
		return true;
	if (fit)
		return fail(c, rule, place,
			"fits more than one of the forms of which it must have one");
	return fail_branches(c, branches, value, place, best, rank);
}

/* The keywords that join other rules on the same value. */
static bool
check_joined(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	const struct ew_rule *next;

	if (rule->ref && !check(c, rule->ref, value, place))
		return false;
	for (size_t i = 0; i < rule->all.n; i++)
		if (!check(c, rule->all.at[i], value, place))
			return false;
	if (!check_branches(c, rule, &rule->any, value, place, false) ||
	    !check_branches(c, rule, &rule->one, value, place, true))
		return false;
	if (rule->negated && try_rule(c, rule->negated, value, place))
		return fail(c, rule, place, "has a form that is not allowed here");
	if (!rule->condition)
		return true;
	next = try_rule(c, rule->condition, value, place) ? rule->consequence : rule->alternative;
	return !next || check(c, next, value, place);
}

static bool
check(struct check *c, const struct ew_rule *rule, const struct ew_json *value,
	const struct ew_place *place)
{
	bool good;

	if (c->trouble != EW_OK)
		return false;
	if (rule->never)
		return fail(c, rule, place, "is not allowed here; remove it");
	if (c->nesting == NESTING)
		return give_up(c, EW_REFUSED);
	c->nesting++;
	good = check_type(c, rule, value, place) && check_words(c, rule, value, place) &&
		check_kind(c, rule, value, place) && check_joined(c, rule, value, place);
	c->nesting--;
	return good && c->trouble == EW_OK;
}

enum ew_code
ew_rule_check(const struct ew_rule *rule, const struct ew_json *doc, struct ew_err *err)
{
	struct check c = { .err = err };
	struct ew_place top = { 0 };
	bool good = check(&c, rule, doc, &top);

	pcre2_match_data_free(c.match);
	if (good)
		return EW_OK;
	if (c.trouble == EW_NOMEM)
		return ew_fail_nomem(err);
	if (c.trouble != EW_OK)
		return ew_fail(err, EW_REFUSED,
			"too intricate to check by its schema; simplify it");
	return err->code;
}
