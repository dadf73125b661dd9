/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jcs.h"

#include "codec/json.h"
#include "codec/jsonw.h"

#include <string.h>

enum { INT_DIGITS = 16 /* of 2^53 - 1 */ };

struct scan {
	const char *p, *end;
};

static bool scan_value(struct scan *, unsigned depth);

static bool
take(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* The byte that an escape stands for; 0 if canonical JSON has no such. */
static unsigned char
escape(struct scan *s)
{
	static const char letter[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";
	const char c = s->p < s->end ? *s->p++ : '\0';
	const char *plain = c ? strchr(letter, c) : NULL;
	unsigned char byte;

	if (plain)
		return (unsigned char)meant[plain - letter];
	if (c != 'u' || s->end - s->p < 4 || memcmp(s->p, "00", 2) != 0 ||
	    !ew_unhex(&byte, 1, ew_str_n(s->p + 2, 2)))
		return 0;
	s->p += 4;
	return byte < 0x20 && !memchr(meant, byte, sizeof meant) ? byte : 0;
}

/* `inside` becomes what stands between the quotes; *escaped is set if it has escapes. */
static bool
scan_string(struct scan *s, struct ew_str *inside, bool *escaped)
{
	if (!take(s, '"'))
		return false;
	inside->p = s->p;
	for (;;) {
		unsigned char c;
		size_t n;

		s->p += ew_json_plain(s->p, (size_t)(s->end - s->p));
		if (s->p == s->end)
			return false;
		c = (unsigned char)*s->p;
		n = c < 0x80 ? 1 : ew_utf8_seq(s->p, (size_t)(s->end - s->p));
		if (c < 0x20 || n == 0)
			return false;
		s->p += n;
		if (c == '\\') {
			*escaped = true;
			if (!escape(s))
				return false;
		} else if (c == '"') {
			inside->len = (size_t)(s->p - inside->p) - 1;
			return true;
		}
	}
}

static void
unescape(struct ew_buf *out, struct ew_str inside)
{
	struct scan s = { inside.p, inside.p + inside.len };

	while (s.p < s.end) {
		const char c = *s.p++;

		ew_buf_addc(out, c == '\\' ? (char)escape(&s) : c);
	}
}

/* Order of two names by what their escapes stand for. */
static bool
ascend(struct ew_str last, struct ew_str name, bool escaped)
{
	struct ew_buf a = { 0 }, b = { 0 };
	bool good;

	if (!escaped)
		return ew_jcs_cmp(last, name) < 0;
	unescape(&a, last);
	unescape(&b, name);
	good = a.bad == EW_OK && b.bad == EW_OK && ew_jcs_cmp(ew_buf_str(&a), ew_buf_str(&b)) < 0;
	ew_buf_release(&a);
	ew_buf_release(&b);
	return good;
}

static bool
scan_object(struct scan *s, unsigned depth)
{
	struct ew_str last = { NULL, 0 }, name;
	bool escaped = false; /* one of the names so far */

	if (take(s, '}'))
		return true;
	do {
		if (!scan_string(s, &name, &escaped) || (last.p && !ascend(last, name, escaped)) ||
		    !take(s, ':') || !scan_value(s, depth))
			return false;
		last = name;
	} while (take(s, ','));
	return take(s, '}');
}

static bool
scan_array(struct scan *s, unsigned depth)
{
	if (take(s, ']'))
		return true;
	do {
		if (!scan_value(s, depth))
			return false;
	} while (take(s, ','));
	return take(s, ']');
}

static bool
scan_integer(struct scan *s)
{
	const bool minus = take(s, '-');
	const char *from = s->p;
	uint64_t v;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9' && s->p - from < INT_DIGITS)
		s->p++;
	if (!ew_str_to_u64(ew_str_n(from, (size_t)(s->p - from)), EW_JSON_INT_MAX, &v))
		return false;
	return *from == '0' ? s->p - from == 1 && !minus : true;
}

static bool
scan_word(struct scan *s, const char *word)
{
	const size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool
scan_value(struct scan *s, unsigned depth)
{
	struct ew_str inside;
	bool escaped;

	switch (s->p < s->end ? *s->p : '\0') {
	case '"':
		return scan_string(s, &inside, &escaped);
	case '{':
		s->p++;
		return depth < EW_JSON_DEPTH && scan_object(s, depth + 1);
	case '[':
		s->p++;
		return depth < EW_JSON_DEPTH && scan_array(s, depth + 1);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_integer(s);
	}
}

bool
ew_jcs_ok(struct ew_str text)
{
	struct scan s = { text.p, text.len ? text.p + text.len : text.p };

	return scan_value(&s, 0) && s.p == s.end;
}

void
ew_jcs_object_init(struct ew_jcs_object *o, struct ew_str text)
{
	*o = (struct ew_jcs_object){ .rest = text };
}

bool
ew_jcs_next(struct ew_jcs_object *o, struct ew_str *name, struct ew_str *value)
{
	struct scan s = { o->rest.p, o->rest.len ? o->rest.p + o->rest.len : o->rest.p };
	const bool first = !o->last.p;

	if (first && !take(&s, '{'))
		return false;
	if (take(&s, '}')) {
		o->good = s.p == s.end;
		return false;
	}
	if ((!first && !take(&s, ',')) || !scan_string(&s, name, &o->escaped) ||
	    (!first && !ascend(o->last, *name, o->escaped)) || !take(&s, ':'))
		return false;
	value->p = s.p;
	if (!scan_value(&s, 1))
		return false;
	value->len = (size_t)(s.p - value->p);
	o->last = *name;
	o->rest = ew_str_n(s.p, (size_t)(s.end - s.p));
	return true;
}
