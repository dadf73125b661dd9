/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A schema is compiled once into a tree of rules, one a subschema, in an arena;
 * rules point into the parsed schema documents for names, words and texts.  The
 * table of keywords below is the subset, and nothing outside it is compiled.
 */
#include "codec/schema.h"
#include "base/map.h"
#include "codec/assets.h"
#include "codec/rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NESTING = 512 }; /* subschemas within subschemas, references followed */

struct pattern {
	struct pattern *next;
	pcre2_code *code;
};

struct ew_schema {
	struct ew_arena arena;
	struct ew_map rules; /* by the address of their source: each is compiled once */
	struct ew_schema_file *files;
	struct pattern *patterns;
	const struct ew_rule *root;
};

struct compiler {
	struct ew_schema *schema;
	struct ew_err *err;
	unsigned depth;
};

/* What is being compiled: a keyword's value in a rule. */
struct keyword_use {
	struct compiler *c;
	struct ew_rule *rule;
	const struct ew_place *place;
	const struct ew_json *value;
	size_t field; /* offset in the rule of what the keyword sets */
};

struct keyword {
	const char *name;
	enum ew_code (*take)(const struct keyword_use *);
	size_t field;
};

static enum ew_code compile(const struct ew_rule **out, struct compiler *,
	const struct ew_schema_file *, const struct ew_place *, const struct ew_json *source);

static enum ew_code bad_schema(struct compiler *, const struct ew_schema_file *,
	const struct ew_place *, const char *fmt, ...) EW_PRINTF(4, 5);

static enum ew_code
bad_schema(struct compiler *c, const struct ew_schema_file *d, const struct ew_place *place,
	const char *fmt, ...)
{
	char what[sizeof c->err->msg];
	struct ew_buf where = { 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	ew_place_add(&where, place);
	ew_fail(c->err, EW_REFUSED, "schema %s#%.*s: %s; see schemas/README.md", d->name,
		EW_FMT(ew_buf_str(&where)), what);
	ew_buf_release(&where);
	return EW_REFUSED;
}

/* The keyword's value has the wrong form. */
static enum ew_code
bad_value(const struct keyword_use *u, const char *wanted)
{
	return bad_schema(u->c, u->rule->file, u->place, "must be %s", wanted);
}

static struct ew_place
member_place(const struct ew_place *up, const struct ew_json *member)
{
	return (struct ew_place){ .up = up, .name = ew_json_name(member) };
}

static struct ew_place
element_place(const struct ew_place *up, size_t index)
{
	return (struct ew_place){ .up = up, .index = index, .element = true };
}

static void *
field(const struct keyword_use *u)
{
	return (char *)u->rule + u->field;
}

static enum ew_code
take_nothing(const struct keyword_use *u)
{
	(void)u;
	return EW_OK;
}

static enum ew_code
take_text(const struct keyword_use *u)
{
	return ew_json_type(u->value) == EW_JSON_STRING ? EW_OK : bad_value(u, "a string");
}

/* An id inside a document would change what its references mean. */
static enum ew_code
take_id(const struct keyword_use *u)
{
	if (u->rule->source != u->rule->file->json)
		return bad_value(u, "at the top of the document only");
	return take_text(u);
}

static void
set_json(const struct keyword_use *u)
{
	*(const struct ew_json **)field(u) = u->value;
}

static enum ew_code
take_any(const struct keyword_use *u)
{
	set_json(u);
	return EW_OK;
}

static enum ew_code
take_number(const struct keyword_use *u)
{
	if (ew_json_type(u->value) != EW_JSON_NUMBER)
		return bad_value(u, "an integer");
	set_json(u);
	return EW_OK;
}

static enum ew_code
take_count(const struct keyword_use *u)
{
	if (ew_json_int(u->value) < 0)
		return bad_value(u, "0 or more");
	return take_number(u);
}

static enum ew_code
take_flag(const struct keyword_use *u)
{
	if (ew_json_type(u->value) != EW_JSON_BOOL)
		return bad_value(u, "true or false");
	*(bool *)field(u) = ew_json_bool(u->value);
	return EW_OK;
}

static enum ew_code
take_array(const struct keyword_use *u)
{
	if (ew_json_type(u->value) != EW_JSON_ARRAY || !ew_json_first(u->value))
		return bad_value(u, "an array that is not empty");
	set_json(u);
	return EW_OK;
}

static bool
is_words(const struct ew_json *array)
{
	if (ew_json_type(array) != EW_JSON_ARRAY)
		return false;
	for (const struct ew_json *e = ew_json_first(array); e; e = ew_json_next(e))
		if (ew_json_type(e) != EW_JSON_STRING)
			return false;
	return true;
}

static enum ew_code
take_words(const struct keyword_use *u)
{
	if (!is_words(u->value))
		return bad_value(u, "an array of strings");
	set_json(u);
	return EW_OK;
}

static enum ew_code
take_dependent(const struct keyword_use *u)
{
	if (ew_json_type(u->value) != EW_JSON_OBJECT)
		return bad_value(u, "an object");
	for (const struct ew_json *m = ew_json_first(u->value); m; m = ew_json_next(m))
		if (!is_words(m))
			return bad_value(u, "arrays of strings by member name");
	set_json(u);
	return EW_OK;
}

static enum ew_code
take_type(const struct keyword_use *u)
{
	bool array = ew_json_type(u->value) == EW_JSON_ARRAY;
	const struct ew_json *e = array ? ew_json_first(u->value) : u->value;

	if (!e)
		return bad_value(u, "the name of a type");
	for (; e; e = array ? ew_json_next(e) : NULL) {
		const struct ew_rule_type *t = ew_rule_types;

		while (t->name && (ew_json_type(e) != EW_JSON_STRING ||
				   !ew_str_is(ew_json_text(e), t->name)))
			t++;
		if (!t->name)
			return bad_value(u, "the name of a type, or an array of them");
		u->rule->types |= t->bit;
	}
	return EW_OK;
}

static enum ew_code
take_rule(const struct keyword_use *u)
{
	return compile((const struct ew_rule **)field(u), u->c, u->rule->file, u->place, u->value);
}

static enum ew_code
take_rules(const struct keyword_use *u)
{
	struct ew_rules *list = field(u);
	const struct ew_json *e = ew_json_first(u->value);
	enum ew_code rc = EW_OK;

	if (ew_json_type(u->value) != EW_JSON_ARRAY || !e)
		return bad_value(u, "an array of schemas that is not empty");
	list->at = ew_arena_array(&u->c->schema->arena, ew_json_count(u->value), sizeof *list->at);
	if (!list->at)
		return ew_fail_nomem(u->c->err);
	for (; e && rc == EW_OK; e = ew_json_next(e)) {
		struct ew_place place = element_place(u->place, list->n);

		rc = compile(&list->at[list->n++], u->c, u->rule->file, &place, e);
	}
	return rc;
}

/* Schemas by name that only references use; compiled for the sake of what they may refuse. */
static enum ew_code
take_definitions(const struct keyword_use *u)
{
	const struct ew_json *m = ew_json_first(u->value);
	enum ew_code rc = EW_OK;

	if (ew_json_type(u->value) != EW_JSON_OBJECT)
		return bad_value(u, "an object of schemas");
	for (; m && rc == EW_OK; m = ew_json_next(m)) {
		struct ew_place place = member_place(u->place, m);
		const struct ew_rule *rule;

		rc = compile(&rule, u->c, u->rule->file, &place, m);
	}
	return rc;
}

/* Whether a property's schema says itself which words it takes, as a tag of a variant does. */
static bool
is_tag(const struct ew_json *source)
{
	return ew_json_get(source, "const") || ew_json_get(source, "enum");
}

static enum ew_code
take_properties(const struct keyword_use *u)
{
	struct ew_rule *rule = u->rule;

	if (ew_json_type(u->value) != EW_JSON_OBJECT)
		return bad_value(u, "an object of schemas");
	rule->property = ew_arena_array(&u->c->schema->arena, ew_json_count(u->value),
		sizeof *rule->property);
	if (!rule->property)
		return ew_fail_nomem(u->c->err);
	for (int tags = 1; tags >= 0; tags--) {
		for (const struct ew_json *m = ew_json_first(u->value); m; m = ew_json_next(m)) {
			struct ew_place place = member_place(u->place, m);
			struct ew_property *p = &rule->property[rule->properties];
			enum ew_code rc;

			if (is_tag(m) != tags)
				continue;
			p->name = ew_json_name(m).p;
			if ((rc = compile(&p->rule, u->c, rule->file, &place, m)) != EW_OK)
				return rc;
			rule->properties++;
		}
	}
	return EW_OK;
}

/* As ECMAScript with the u flag: \d is ASCII, $ is the very end, \uXXXX is a character. */
static enum ew_code
take_pattern(const struct keyword_use *u)
{
	const uint32_t options = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS |
		PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
	struct ew_str text = ew_json_text(u->value);
	struct pattern *p;
	PCRE2_SIZE at;
	int error;

	if (ew_json_type(u->value) != EW_JSON_STRING)
		return bad_value(u, "a regular expression");
	p = ew_arena_alloc(&u->c->schema->arena, sizeof *p);
	if (!p)
		return ew_fail_nomem(u->c->err);
	p->code = pcre2_compile((PCRE2_SPTR)text.p, text.len, options, &error, &at, NULL);
	if (!p->code && error == PCRE2_ERROR_HEAP_FAILED)
		return ew_fail_nomem(u->c->err);
	if (!p->code)
		return bad_schema(u->c, u->rule->file, u->place,
			"is no regular expression, from byte %zu on", (size_t)at);
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* where there is none, it is only slower */
	p->next = u->c->schema->patterns;
	u->c->schema->patterns = p;
	u->rule->pattern = p->code;
	return EW_OK;
}

static enum ew_code
open_file(struct ew_schema_file **out, struct compiler *c, struct ew_str name, struct ew_str text)
{
	struct ew_schema_file *d = ew_arena_alloc(&c->schema->arena, sizeof *d);
	enum ew_code rc;

	if (!d || !(d->name = ew_arena_str(&c->schema->arena, name).p))
		return ew_fail_nomem(c->err);
	rc = ew_json_parse(&d->json, text, EW_JSON_INTEGERS, c->err);
	if (rc != EW_OK) {
		ew_fail_at(c->err, "schema%s%s", *d->name ? " " : "", d->name);
		return rc;
	}
	d->next = c->schema->files;
	c->schema->files = d;
	*out = d;
	return EW_OK;
}

/* A shipped document by file name; EW_NOTFOUND when there is none. */
static enum ew_code
find_file(struct ew_schema_file **out, struct compiler *c, struct ew_str name)
{
	char path[128];
	struct ew_str text;
	int n;

	for (*out = c->schema->files; *out; *out = (*out)->next)
		if (ew_str_is(name, (*out)->name))
			return EW_OK;
	n = snprintf(path, sizeof path, "schemas/%.*s", EW_FMT(name));
	text = n > 0 && (size_t)n < sizeof path ? ew_asset(path) : ew_str(NULL);
	if (!text.p)
		return ew_fail(c->err, EW_NOTFOUND,
			"no schema %.*s is shipped; see schemas/README.md",
			EW_FMT(name));
	return open_file(out, c, name, text);
}

/* A token of a JSON pointer against a member's name. */
static bool
token_is(struct ew_str token, struct ew_str name)
{
	size_t i = 0;

	for (size_t k = 0; k < name.len; k++, i++) {
		char c = name.p[k];

		if (i >= token.len)
			return false;
		if (c == '~' || c == '/') {
			if (token.p[i] != '~' || i + 1 == token.len ||
			    token.p[++i] != (c == '~' ? '0' : '1'))
				return false;
		} else if (token.p[i] != c) {
			return false;
		}
	}
	return i == token.len;
}

/* Follow a JSON pointer through the members of objects; NULL if it leads nowhere. */
static const struct ew_json *
follow(const struct ew_json *from, struct ew_str pointer)
{
	while (pointer.len && from) {
		const struct ew_json *m = NULL;
		struct ew_str token;

		if (*pointer.p != '/')
			return NULL;
		pointer = ew_str_part(pointer, 1, pointer.len);
		token = ew_str_part(pointer, 0, ew_str_find(pointer, 0, '/'));
		pointer = ew_str_part(pointer, token.len, pointer.len);
		if (ew_json_type(from) == EW_JSON_OBJECT)
			m = ew_json_first(from);
		while (m && !token_is(token, ew_json_name(m)))
			m = ew_json_next(m);
		from = m;
	}
	return from;
}

static enum ew_code
take_ref(const struct keyword_use *u)
{
	const struct ew_schema_file *to = u->rule->file;
	struct ew_str pointer = ew_json_text(u->value), file;
	const struct ew_json *target;

	if (ew_json_type(u->value) != EW_JSON_STRING)
		return bad_value(u, "a string");
	file = ew_str_cut(&pointer, '#');
	if (file.len) {
		struct ew_schema_file *other;
		enum ew_code rc = find_file(&other, u->c, file);

		if (rc != EW_OK)
			return rc;
		to = other;
	}
	target = follow(to->json, pointer);
	if (!target)
		return bad_schema(u->c, u->rule->file, u->place, "leads to nothing");
	return compile(&u->rule->ref, u->c, to, u->place, target);
}

#define AT(member) offsetof(struct ew_rule, member)

/* The subset of JSON Schema 2020-12. */
static const struct keyword keywords[] = {
	{ "$schema", take_text, 0 },
	{ "$id", take_id, 0 },
	{ "$comment", take_text, 0 },
	{ "$defs", take_definitions, 0 },
	{ "$ref", take_ref, 0 },
	{ "title", take_text, 0 },
	{ "description", take_text, 0 },
	{ "examples", take_nothing, 0 },
	{ "type", take_type, 0 },
	{ "const", take_any, AT(constant) },
	{ "enum", take_array, AT(words) },
	{ "properties", take_properties, 0 },
	{ "required", take_words, AT(required) },
	{ "additionalProperties", take_rule, AT(additional) },
	{ "propertyNames", take_rule, AT(names) },
	{ "dependentRequired", take_dependent, AT(dependent) },
	{ "minProperties", take_count, AT(min_properties) },
	{ "maxProperties", take_count, AT(max_properties) },
	{ "items", take_rule, AT(items) },
	{ "prefixItems", take_rules, AT(prefix) },
	{ "minItems", take_count, AT(min_items) },
	{ "maxItems", take_count, AT(max_items) },
	{ "uniqueItems", take_flag, AT(unique) },
	{ "minLength", take_count, AT(min_length) },
	{ "maxLength", take_count, AT(max_length) },
	{ "pattern", take_pattern, 0 },
	{ "minimum", take_number, AT(minimum) },
	{ "maximum", take_number, AT(maximum) },
	{ "allOf", take_rules, AT(all) },
	{ "anyOf", take_rules, AT(any) },
	{ "oneOf", take_rules, AT(one) },
	{ "not", take_rule, AT(negated) },
	{ "if", take_rule, AT(condition) },
	{ "then", take_rule, AT(consequence) },
	{ "else", take_rule, AT(alternative) },
};

static enum ew_code
take_keyword(struct compiler *c, struct ew_rule *rule, const struct ew_place *up,
	const struct ew_json *member)
{
	struct ew_place place = member_place(up, member);
	struct keyword_use use = { c, rule, &place, member, 0 };

	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		if (!ew_str_is(place.name, keywords[i].name))
			continue;
		use.field = keywords[i].field;
		return keywords[i].take(&use);
	}
	return bad_schema(c, rule->file, up, "keyword \"%.*s\" is not of the subset",
		EW_FMT(place.name));
}

static enum ew_code
compile(const struct ew_rule **out, struct compiler *c, const struct ew_schema_file *d,
	const struct ew_place *place, const struct ew_json *source)
{
	struct ew_map *known = &c->schema->rules;
	struct ew_rule *rule = ew_map_get(known, ew_str_n(&source, sizeof source));
	enum ew_code rc;

	*out = rule;
	if (rule)
		return EW_OK;
	*out = rule = ew_arena_alloc(&c->schema->arena, sizeof *rule);
	if (!rule)
		return ew_fail_nomem(c->err);
	rule->source = source;
	rule->file = d;
	rule->never = ew_json_type(source) == EW_JSON_BOOL && !ew_json_bool(source);
	if (ew_json_type(source) == EW_JSON_BOOL)
		return EW_OK;
	if (ew_json_type(source) != EW_JSON_OBJECT)
		return bad_schema(c, d, place, "must be a schema: an object, true or false");
	if (c->depth == NESTING)
		return bad_schema(c, d, place, "references follow each other too deep");
	c->depth++;
	rc = ew_map_set(known, ew_str_n(&rule->source, sizeof rule->source), rule, c->err);
	for (const struct ew_json *m = ew_json_first(source); m && rc == EW_OK; m = ew_json_next(m))
		rc = take_keyword(c, rule, place, m);
	c->depth--;
	return rc;
}

static enum ew_code
compile_file(struct ew_schema **out, struct ew_str name, struct ew_str text, struct ew_err *err)
{
	struct ew_schema *s = calloc(1, sizeof *s);
	struct compiler c = { s, err, 0 };
	struct ew_place top = { 0 };
	struct ew_schema_file *d;
	enum ew_code rc;

	*out = NULL;
	if (!s)
		return ew_fail_nomem(err);
	rc = text.p ? open_file(&d, &c, name, text) : find_file(&d, &c, name);
	if (rc == EW_OK)
		rc = compile(&s->root, &c, d, &top, d->json);
	ew_map_release(&s->rules);
	if (rc == EW_OK)
		*out = s;
	else
		ew_schema_free(s);
	return rc;
}

enum ew_code
ew_schema_compile(struct ew_schema **out, struct ew_str text, struct ew_err *err)
{
	return compile_file(out, EW_LIT(""), text.p ? text : EW_LIT(""), err);
}

enum ew_code
ew_schema_shipped(struct ew_schema **out, const char *name, struct ew_err *err)
{
	char file[120];

	snprintf(file, sizeof file, "%s.json", name);
	return compile_file(out, ew_str(file), ew_str(NULL), err);
}

void
ew_schema_free(struct ew_schema *s)
{
	if (!s)
		return;
	for (struct ew_schema_file *d = s->files; d; d = d->next)
		ew_json_free(d->json);
	for (struct pattern *p = s->patterns; p; p = p->next)
		pcre2_code_free(p->code);
	ew_map_release(&s->rules);
	ew_arena_release(&s->arena);
	free(s);
}

enum ew_code
ew_schema_check(const struct ew_schema *s, const struct ew_json *doc, struct ew_err *err)
{
	return ew_rule_check(s->root, doc, err);
}
