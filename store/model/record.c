/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record.h"

#include "codec/jcs.h"

#include <string.h>

static const char *
type_text(enum ew_json_type type)
{
	switch (type) {
	case EW_JSON_NULL:
		return "null";
	case EW_JSON_BOOL:
		return "true or false";
	case EW_JSON_NUMBER:
		return "an integer";
	case EW_JSON_STRING:
		return "a string";
	case EW_JSON_ARRAY:
		return "an array";
	case EW_JSON_OBJECT:
		return "an object";
	}
	return "?";
}

/* The index of `name`, looked for from `from` on; n if there is none. */
static size_t
find(const struct ew_member *want, size_t n, size_t from, struct ew_str name)
{
	for (size_t k = 0; k < n; k++) {
		size_t i = from + k < n ? from + k : from + k - n;

		if (ew_str_is(name, want[i].name))
			return i;
	}
	return n;
}

enum ew_code
ew_record_take(const struct ew_json **got, const struct ew_json *object, const struct ew_member *want,
	size_t n, struct ew_err *err)
{
	size_t at = 0;

	if (ew_json_type(object) != EW_JSON_OBJECT)
		return ew_fail(err, EW_REFUSED, "must be an object");
	for (size_t i = 0; i < n; i++)
		got[i] = NULL;
	for (const struct ew_json *m = ew_json_first(object); m; m = ew_json_next(m), at++) {
		at = find(want, n, at < n ? at : 0, ew_json_name(m));
		if (at == n)
			return ew_fail(err, EW_REFUSED, "member \"%.*s\" is not known; remove it",
				EW_FMT(ew_json_name(m)));
		if (ew_json_type(m) != want[at].type)
			return ew_fail(err, EW_REFUSED, "%s must be %s", want[at].name,
				type_text(want[at].type));
		got[at] = m;
	}
	for (size_t i = 0; i < n; i++)
		if (want[i].needed && !got[i])
			return ew_fail(err, EW_REFUSED, "%s is missing; add it", want[i].name);
	return EW_OK;
}

/* The end of the string that begins at `p`; NULL if there is none. */
static const char *
skip_string(const char *p, const char *end)
{
	const char *quote;

	if (p == end || *p != '"')
		return NULL;
	quote = memchr(p + 1, '"', (size_t)(end - p) - 1);
	if (!quote || quote[-1] != '\\')
		return quote ? quote + 1 : NULL;
	while (++p < end) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p++;
	}
	return NULL;
}

/* The end of the string, array or object that begins at `p`; at a record's top are no others. */
static const char *
skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	if (p == end || (*p != '{' && *p != '['))
		return skip_string(p, end);
	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			if (!p)
				return NULL;
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']')
			depth--;
		p++;
		if (depth == 0)
			return p;
	}
	return NULL;
}

static bool
begins(enum ew_json_type type, char c)
{
	return c == (type == EW_JSON_OBJECT ? '{' : type == EW_JSON_ARRAY ? '[' : '"');
}

/* The members of a record while it is cut. */
struct cutting {
	struct ew_str *value;
	const struct ew_member *want;
	size_t i, n; /* the next one wanted, and how many there are */
};

/* The next member goes to its place, those wanted before it are absent. */
static bool
put_member(struct cutting *c, struct ew_str name, struct ew_str value)
{
	while (c->i < c->n && !ew_str_is(name, c->want[c->i].name)) {
		if (c->want[c->i].needed)
			return false;
		c->value[c->i++] = (struct ew_str){ NULL, 0 };
	}
	if (c->i == c->n || !begins(c->want[c->i].type, value.p[0]))
		return false;
	c->value[c->i++] = value;
	return true;
}

static bool
end_members(struct cutting *c)
{
	for (; c->i < c->n && !c->want[c->i].needed; c->i++)
		c->value[c->i] = (struct ew_str){ NULL, 0 };
	return c->i == c->n;
}

bool
ew_record_cut(struct ew_str *value, struct ew_str bytes, const struct ew_member *want, size_t n)
{
	struct cutting c = { value, want, 0, n };
	const char *p = bytes.p, *end;

	if (!bytes.len)
		return false;
	end = p + bytes.len;
	for (char before = '{'; p < end && *p == before; before = ',') {
		const char *name = p + 1, *colon = skip_string(name, end);

		if (!colon || colon == end || *colon != ':' || !(p = skip_value(colon + 1, end)) ||
		    !put_member(&c, ew_str_n(name + 1, (size_t)(colon - name) - 2),
			    ew_str_n(colon + 1, (size_t)(p - colon) - 1)))
			return false;
	}
	return end_members(&c) && p + 1 == end && *p == '}';
}

bool
ew_record_cut_checked(struct ew_str *value, struct ew_str bytes, const struct ew_member *want, size_t n)
{
	struct cutting c = { value, want, 0, n };
	struct ew_jcs_object o;
	struct ew_str name, text;

	ew_jcs_object_init(&o, bytes);
	while (ew_jcs_next(&o, &name, &text))
		if (!put_member(&c, name, text))
			return false;
	return o.good && end_members(&c);
}

static enum ew_code
too_long(struct ew_err *err)
{
	return ew_fail(err, EW_REFUSED, "the record is over 1 MiB; shorten it");
}

enum ew_code
ew_record_parse(struct ew_json **out, struct ew_str bytes, const char *schema, struct ew_err *err)
{
	enum ew_code rc;

	*out = NULL;
	if (bytes.len > EW_JSON_RECORD_MAX)
		return too_long(err);
	rc = ew_json_parse(out, bytes, EW_JSON_INTEGERS, err);
	if (rc == EW_OK && !ew_str_is(ew_json_get_text(*out, "schema"), schema))
		rc = ew_fail(err, EW_REFUSED, "schema is not \"%s\"; use the program that wrote it", schema);
	return rc;
}

enum ew_code
ew_record_compare(const struct ew_buf *written, struct ew_str bytes, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(written, err);

	if (rc == EW_OK && !ew_str_eq(ew_buf_str(written), bytes))
		rc = ew_fail(err, EW_REFUSED, "not in canonical form; write it as RFC 8785 says");
	return rc;
}

enum ew_code
ew_record_fits(const struct ew_buf *written, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(written, err);

	return rc == EW_OK && written->len > EW_JSON_RECORD_MAX ? too_long(err) : rc;
}
