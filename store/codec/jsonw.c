/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer keeps, for each open object or array, what may come next, and puts
 * commas and colons by that.  It never fails: `out` is sticky and is checked by
 * its owner at the end.
 */
#include "codec/jsonw.h"
#include "codec/json.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What may come next at a depth. */
enum state {
	DOCUMENT, /* the one value */
	DONE,     /* nothing */
	ELEMENT,  /* the first element, or the end */
	COMMA_ELEMENT,
	NAME, /* the first name, or the end */
	COMMA_NAME,
	VALUE, /* the value of the name just written */
};

void
ew_jsonw_init(struct ew_jsonw *w, struct ew_buf *out)
{
	/* The rest is set when a group begins. */
	w->out = out;
	w->depth = 0;
	w->canonical = w->lines = w->html = 0;
	w->state[0] = DOCUMENT;
}

void
ew_jsonw_init_canonical(struct ew_jsonw *w, struct ew_buf *out)
{
	ew_jsonw_init(w, out);
	w->canonical = 1;
}

void
ew_jsonw_init_lines(struct ew_jsonw *w, struct ew_buf *out)
{
	ew_jsonw_init_canonical(w, out);
	w->lines = 1;
}

void
ew_jsonw_finish(struct ew_jsonw *w)
{
	assert(w->depth == 0 && w->state[0] == DONE);
	(void)w; /* with NDEBUG */
}

/* Whether the character of `n` bytes at `p` is unsafe in a page's script element. */
static bool
unsafe_in_html(const char *p, size_t n)
{
	if (n == 1)
		return *p == '<' || *p == '>' || *p == '&';
	return n == 3 && memcmp(p, "\xe2\x80", 2) == 0 && (p[2] == '\xa8' || p[2] == '\xa9');
}

/* Write the character of `n` bytes at `p` (0: one byte that is not UTF-8) escaped. */
static void
add_escaped(struct ew_buf *out, const char *p, size_t n)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *found = *p ? strchr(plain, *p) : NULL;
	char hex[3];

	if (n == 0) {
		ew_buf_adds(out, "\xef\xbf\xbd");
	} else if (n > 1) {
		ew_buf_adds(out, p[2] == '\xa8' ? "\\u2028" : "\\u2029");
	} else if (found) {
		char escape[2] = { '\\', letter[found - plain] };

		ew_buf_addmem(out, escape, sizeof escape);
	} else {
		ew_hex(hex, (const unsigned char *)p, 1);
		ew_buf_adds(out, "\\u00");
		ew_buf_adds(out, hex);
	}
}

/* How many bytes from `from` on can be written as they are. */
static size_t
plain_run(const struct ew_jsonw *w, struct ew_str s, size_t from)
{
	size_t i = from, n;

	for (;; i += n) {
		const size_t plain = ew_json_plain(s.p + i, s.len - i);

		for (n = 0; w->html && n < plain; n++)
			if (unsafe_in_html(s.p + i + n, 1))
				return i + n - from;
		i += plain;
		n = i < s.len && (unsigned char)s.p[i] >= 0x80 ? ew_utf8_seq(s.p + i, s.len - i) : 0;
		if (!n || (w->html && unsafe_in_html(s.p + i, n)))
			return i - from;
	}
}

/* A string that needs no escape, with what stands around it, which may be 0; false for another. */
static bool
add_plain(struct ew_jsonw *w, char before, struct ew_str s, char after)
{
	char *to;

	if (w->html || (s.len && ew_json_plain(s.p, s.len) < s.len) ||
	    !(to = ew_buf_room(w->out, s.len + sizeof ",\"\":" - 1)))
		return false;
	*to = before;
	to += before != 0;
	*to++ = '"';
	if (s.len)
		memcpy(to, s.p, s.len);
	to += s.len;
	*to++ = '"';
	*to = after;
	to += after != 0;
	*to = '\0';
	w->out->len = (size_t)(to - w->out->p);
	return true;
}

static void
add_string(struct ew_jsonw *w, struct ew_str s)
{
	size_t at = 0;

	if (add_plain(w, 0, s, 0))
		return;
	ew_buf_addc(w->out, '"');
	while (at < s.len) {
		size_t run = plain_run(w, s, at), n;

		ew_buf_addmem(w->out, s.p + at, run);
		at += run;
		if (at == s.len)
			break;
		n = ew_utf8_seq(s.p + at, s.len - at);
		add_escaped(w->out, s.p + at, n);
		at += n ? n : 1;
	}
	ew_buf_addc(w->out, '"');
}

static void
begin_line(struct ew_jsonw *w)
{
	if (!w->lines)
		return;
	ew_buf_addc(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		ew_buf_adds(w->out, "  ");
}

/* A value begins: the comma before it, and what may follow it. */
static void
begin_value(struct ew_jsonw *w)
{
	unsigned char *state = &w->state[w->depth];

	switch ((enum state)*state) {
	case DOCUMENT:
		*state = DONE;
		return;
	case COMMA_ELEMENT:
		ew_buf_addc(w->out, ',');
		begin_line(w);
		return;
	case ELEMENT:
		*state = COMMA_ELEMENT;
		begin_line(w);
		return;
	case VALUE:
		*state = COMMA_NAME;
		return;
	case DONE:
	case NAME:
	case COMMA_NAME:
		assert(0 && "a value where none may stand");
	}
}

static void
begin_group(struct ew_jsonw *w, char bracket, enum state state)
{
	begin_value(w);
	ew_buf_addc(w->out, bracket);
	assert(w->depth < EW_JSONW_DEPTH);
	w->depth++;
	w->state[w->depth] = (unsigned char)state;
	w->last[w->depth] = (struct ew_str){ NULL, 0 };
}

void
ew_jsonw_object(struct ew_jsonw *w)
{
	begin_group(w, '{', NAME);
}

void
ew_jsonw_array(struct ew_jsonw *w)
{
	begin_group(w, '[', ELEMENT);
}

void
ew_jsonw_end(struct ew_jsonw *w)
{
	enum state state = (enum state)w->state[w->depth];

	assert(w->depth && state != VALUE);
	w->depth--;
	if (state == COMMA_NAME || state == COMMA_ELEMENT)
		begin_line(w);
	ew_buf_addc(w->out, state == NAME || state == COMMA_NAME ? '}' : ']');
}

void
ew_jsonw_name(struct ew_jsonw *w, struct ew_str name)
{
	unsigned char *state = &w->state[w->depth];

	assert(*state == NAME || *state == COMMA_NAME);
	assert(!w->canonical || *state == NAME || ew_jcs_cmp(w->last[w->depth], name) < 0);
	w->last[w->depth] = name;
	if (w->lines || !add_plain(w, *state == COMMA_NAME ? ',' : 0, name, ':')) {
		if (*state == COMMA_NAME)
			ew_buf_addc(w->out, ',');
		begin_line(w);
		add_string(w, name);
		ew_buf_adds(w->out, w->lines ? ": " : ":");
	}
	*state = VALUE;
}

void
ew_jsonw_str(struct ew_jsonw *w, struct ew_str value)
{
	begin_value(w);
	add_string(w, value);
}

void
ew_jsonw_int(struct ew_jsonw *w, int64_t value)
{
	char text[24];

	assert(!w->canonical || (value <= EW_JSON_INT_MAX && value >= -EW_JSON_INT_MAX));
	snprintf(text, sizeof text, "%" PRId64, value);
	ew_jsonw_raw(w, ew_str(text));
}

void
ew_jsonw_bool(struct ew_jsonw *w, bool value)
{
	ew_jsonw_raw(w, value ? EW_LIT("true") : EW_LIT("false"));
}

void
ew_jsonw_null(struct ew_jsonw *w)
{
	ew_jsonw_raw(w, EW_LIT("null"));
}

void
ew_jsonw_double(struct ew_jsonw *w, double value)
{
	char text[64];
	size_t from, n;

	assert(isfinite(value));
	/* 15 digits, zeros dropped, are the shortest where they do; subnormals need fewer. */
	for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	/* What is no digit, sign or exponent is the decimal point of the host program's locale. */
	begin_value(w);
	n = strspn(text, "+-0123456789e");
	ew_buf_addmem(w->out, text, n);
	from = n + strcspn(text + n, "0123456789");
	if (from > n)
		ew_buf_addc(w->out, '.');
	ew_buf_adds(w->out, text + from);
}

void
ew_jsonw_raw(struct ew_jsonw *w, struct ew_str json)
{
	assert(json.len);
	begin_value(w);
	ew_buf_add(w->out, json);
}

void
ew_jsonw_members(struct ew_jsonw *w, struct ew_str members)
{
	unsigned char *state = &w->state[w->depth];

	assert(!w->canonical && (*state == NAME || *state == COMMA_NAME));
	if (!members.len)
		return;
	if (*state == COMMA_NAME)
		ew_buf_addc(w->out, ',');
	*state = COMMA_NAME;
	ew_buf_add(w->out, members);
}

/* The members of `object` in JCS order; they come sorted from what was canonical. */
static size_t
sort_members(const struct ew_json **sorted, const struct ew_json *object)
{
	size_t n = 0;

	for (const struct ew_json *m = ew_json_first(object); m; m = ew_json_next(m)) {
		struct ew_str name = ew_json_name(m);
		size_t at = n++;

		for (; at && ew_jcs_cmp(ew_json_name(sorted[at - 1]), name) > 0; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = m;
	}
	return n;
}

static void
write_object(struct ew_jsonw *w, const struct ew_json *object)
{
	const struct ew_json *member[EW_JSON_MEMBERS];
	size_t n = sort_members(member, object);

	ew_jsonw_object(w);
	for (size_t i = 0; i < n; i++) {
		ew_jsonw_name(w, ew_json_name(member[i]));
		ew_jsonw_json(w, member[i]);
	}
	ew_jsonw_end(w);
}

void
ew_jsonw_json(struct ew_jsonw *w, const struct ew_json *j)
{
	switch (ew_json_type(j)) {
	case EW_JSON_NULL:
		ew_jsonw_null(w);
		return;
	case EW_JSON_BOOL:
		ew_jsonw_bool(w, ew_json_bool(j));
		return;
	case EW_JSON_NUMBER:
		ew_jsonw_raw(w, ew_json_text(j));
		return;
	case EW_JSON_STRING:
		ew_jsonw_str(w, ew_json_text(j));
		return;
	case EW_JSON_ARRAY:
		ew_jsonw_array(w);
		for (const struct ew_json *e = ew_json_first(j); e; e = ew_json_next(e))
			ew_jsonw_json(w, e);
		ew_jsonw_end(w);
		return;
	case EW_JSON_OBJECT:
		write_object(w, j);
		return;
	}
}

void
ew_jsonw_str_or_null_at(struct ew_jsonw *w, const char *name, struct ew_str value)
{
	ew_jsonw_name(w, ew_str(name));
	if (value.len)
		ew_jsonw_str(w, value);
	else
		ew_jsonw_null(w);
}

void
ew_jsonw_int_at(struct ew_jsonw *w, const char *name, int64_t value)
{
	ew_jsonw_name(w, ew_str(name));
	ew_jsonw_int(w, value);
}

void
ew_jsonw_bool_at(struct ew_jsonw *w, const char *name, bool value)
{
	ew_jsonw_name(w, ew_str(name));
	ew_jsonw_bool(w, value);
}

/*
 * UTF-8 sorts by code point, and UTF-16 too but for one thing: characters past
 * U+FFFF, written with surrogates (D800 to DFFF), come before U+E000 to U+FFFF.
 * Those are the ones whose first byte is EE or EF.
 */
static int
rank(char byte)
{
	unsigned char c = (unsigned char)byte;

	return c == 0xee || c == 0xef ? c + 0x10 : c;
}

int
ew_jcs_cmp(struct ew_str a, struct ew_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < n; i++)
		if (a.p[i] != b.p[i])
			return rank(a.p[i]) - rank(b.p[i]);
	return (a.len > b.len) - (a.len < b.len);
}

void
ew_json_canonical(struct ew_buf *out, const struct ew_json *j)
{
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_json(&w, j);
	ew_jsonw_finish(&w);
}
