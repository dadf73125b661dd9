/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reader.  One pass over one private copy of the text: strings are
 * decoded in place (an escape is never shorter than what it stands for) and the
 * cJSON nodes refer to them, so a document costs its text once and one node a
 * value, all in one arena.
 *
 * A NUL follows the copy.  As no rule of the grammar takes a NUL, looking at the
 * next byte needs no check for the end; refuse_byte() tells the two apart.
 */
#include "codec/json.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 40 }; /* bytes of the input in a message */
#define EACH UINT64_C(0x0101010101010101) /* times a byte: that byte eight times */

/* A node, and how long the texts are that it refers to. */
struct ew_json {
	cJSON item;
	size_t name_len, text_len;
};

/* The root, and the memory of all of it unless that is the caller's. */
struct document {
	struct ew_json root;
	struct ew_arena arena;
};

struct reader {
	struct ew_arena *arena;
	char *text, *end;
	char *at;
	struct document *document; /* NULL until its root is read */
	enum ew_json_numbers numbers;
	struct ew_err *err;
};

/* Where a value belongs: its parent, NULL for the root, and its name there, if any. */
struct spot {
	struct ew_json *parent;
	struct ew_str name;
};

static enum ew_code read_value(struct reader *, struct spot, int depth);

static enum ew_code refuse(struct reader *, const char *at, const char *fmt, ...) EW_PRINTF(3, 4);

static enum ew_code
refuse(struct reader *r, const char *at, const char *fmt, ...)
{
	char what[sizeof r->err->msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return ew_fail(r->err, EW_REFUSED, "offset %zu: %s", (size_t)(at - r->text), what);
}

/* The start of `len` bytes at `p`, cut between characters, for a message. */
static struct ew_str
shown(const char *p, size_t len)
{
	if (len > SHOWN)
		for (len = SHOWN; len && ((unsigned char)p[len] & 0xc0) == 0x80;)
			len--;
	return ew_str_n(p, len);
}

size_t
ew_utf8_seq(const char *p, size_t len)
{
	const unsigned char *s = (const unsigned char *)p;
	unsigned char low = 0x80, high = 0xbf; /* of the second byte */
	size_t n;

	if (!len)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		low = 0x90; /* overlong */
	else if (s[0] == 0xf4)
		high = 0x8f; /* past U+10FFFF */
	if (len < n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* In each of eight bytes at once: the top bit where the byte is less than `low`, itself below 0x80. */
static uint64_t
bytes_below(uint64_t word, unsigned low)
{
	return (word - EACH * low) & ~word & EACH * 0x80;
}

/* Not 0 if one of the eight bytes is `byte`. */
static uint64_t
bytes_equal(uint64_t word, unsigned byte)
{
	return bytes_below(word ^ EACH * byte, 1);
}

bool
ew_utf8_ok(struct ew_str text)
{
	uint64_t word;
	size_t n;

	for (size_t i = 0; i < text.len; i += n) {
		if (text.len - i >= sizeof word) {
			memcpy(&word, text.p + i, sizeof word);
			n = sizeof word;
			if (!((word & EACH * 0x80) | bytes_below(word, 1)))
				continue;
		}
		n = ew_utf8_seq(text.p + i, text.len - i);
		if (!n || !text.p[i])
			return false;
	}
	return true;
}

size_t
ew_json_plain(const char *p, size_t len)
{
	uint64_t word;
	size_t i = 0;

	for (; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, p + i, sizeof word);
		if ((word & EACH * 0x80) | bytes_below(word, 0x20) | bytes_equal(word, '"') |
		    bytes_equal(word, '\\'))
			break;
	}
	while (i < len && (unsigned char)p[i] >= 0x20 && (unsigned char)p[i] < 0x80 && p[i] != '"' &&
	       p[i] != '\\')
		i++;
	return i;
}

static void
skip_space(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')
		r->at++;
}

/* The byte at r->at cannot stand there; `wanted` could. */
static enum ew_code
refuse_byte(struct reader *r, const char *wanted)
{
	size_t left = (size_t)(r->end - r->at);
	unsigned char c = (unsigned char)*r->at;

	if (!left && !r->document)
		return refuse(r, r->at, "empty; give one JSON document");
	if (!left)
		return refuse(r, r->at, "ends where %s is due; the input is cut short", wanted);
	if (!ew_utf8_seq(r->at, left))
		return refuse(r, r->at, "byte 0x%02x is not UTF-8; convert the input to UTF-8", c);
	if (c < 0x20 || c >= 0x7f)
		return refuse(r, r->at, "byte 0x%02x where %s is due; remove it", c, wanted);
	return refuse(r, r->at, "'%c' where %s is due; see RFC 8259", c, wanted);
}

/* A node of cJSON's `type` in its place; `text` is what it refers to. */
static enum ew_code
add(struct ew_json **out, struct reader *r, struct spot at, int type, struct ew_str text)
{
	struct ew_json *node = ew_arena_alloc(r->arena, at.parent ? sizeof *node : sizeof *r->document);

	if (!node)
		return ew_fail_nomem(r->err);
	node->item.type = type;
	/* What is referred to is the reader's own copy; cJSON only has no const for it. */
	node->item.valuestring = (char *)(uintptr_t)text.p;
	node->text_len = text.len;
	node->name_len = at.name.len;
	if (!at.parent)
		r->document = (struct document *)node;
	else if (at.name.p)
		cJSON_AddItemToObjectCS(&at.parent->item, at.name.p, &node->item);
	else
		cJSON_AddItemToArray(&at.parent->item, &node->item);
	if (out)
		*out = node;
	return EW_OK;
}

static bool
hex4(const char *p, unsigned *out)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | (unsigned)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

static char *
put_utf8(char *w, unsigned c)
{
	if (c < 0x80) {
		*w++ = (char)c;
		return w;
	}
	if (c < 0x800) {
		*w++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*w++ = (char)(0xe0 | c >> 12);
		} else {
			*w++ = (char)(0xf0 | c >> 18);
			*w++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*w++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*w++ = (char)(0x80 | (c & 0x3f));
	return w;
}

/* r->at is at the backslash of "\u"; decode one code point, of two escapes if need be. */
static enum ew_code
read_unicode(struct reader *r, char **w)
{
	char *start = r->at;
	unsigned c, low;

	if (!hex4(start + 2, &c))
		return refuse(r, start,
			"\\u needs four hex digits; write \\u00e9 or the character");
	r->at += 6;
	if (c == 0)
		return refuse(r, start, "U+0000 cannot be stored; remove it");
	if (c >= 0xd800 && c < 0xe000) {
		if (c >= 0xdc00 || r->at[0] != '\\' || r->at[1] != 'u' || !hex4(r->at + 2, &low) ||
		    low < 0xdc00 || low > 0xdfff)
			return refuse(r, start,
				"lone surrogate \\u%04x; write the character itself", c);
		r->at += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	*w = put_utf8(*w, c);
	return EW_OK;
}

static enum ew_code
read_escape(struct reader *r, char **w)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = r->at[1];
	const char *found = c ? strchr(from, c) : NULL;

	if (c == 'u')
		return read_unicode(r, w);
	if (!found)
		return refuse(r, r->at, "no such escape; write \\\\ for a backslash");
	*(*w)++ = to[found - from];
	r->at += 2;
	return EW_OK;
}

static enum ew_code
refuse_in_string(struct reader *r, const char *start)
{
	unsigned char c = (unsigned char)*r->at;

	if (r->at == r->end)
		return refuse(r, start, "string without an end; the input is cut short");
	if (c == 0)
		return refuse(r, r->at, "NUL byte in a string; remove it");
	if (c < 0x20)
		return refuse(r, r->at,
			"control byte 0x%02x in a string; write \\u%04x or remove it", c, c);
	return refuse_byte(r, "text");
}

/* Decode the string whose opening quote is at r->at, in place; NUL-terminated. */
static enum ew_code
read_string(struct reader *r, struct ew_str *out)
{
	char *start = r->at++, *w = r->at;

	out->p = w;
	for (;;) {
		const size_t plain = ew_json_plain(r->at, (size_t)(r->end - r->at));
		size_t n;

		if (w != r->at)
			memmove(w, r->at, plain);
		w += plain;
		r->at += plain;
		if (*r->at == '"')
			break;
		if (*r->at == '\\') {
			enum ew_code rc = read_escape(r, &w);

			if (rc != EW_OK)
				return rc;
			continue;
		}
		n = (unsigned char)*r->at < 0x80 ? 0 : ew_utf8_seq(r->at, (size_t)(r->end - r->at));
		if (!n)
			return refuse_in_string(r, start);
		for (; n; n--)
			*w++ = *r->at++;
	}
	out->len = (size_t)(w - out->p);
	*w = '\0';
	r->at++;
	return EW_OK;
}

static const char *
digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Whether a token has JSON's number grammar; `*integer` if it has no fraction or exponent. */
static bool
is_number(struct ew_str token, bool *integer)
{
	const char *p = token.p, *q;

	if (*p == '-')
		p++;
	q = *p == '0' ? p + 1 : digits(p);
	if (q == p)
		return false;
	*integer = q == token.p + token.len;
	if (*q == '.') {
		p = q + 1;
		q = digits(p);
		if (q == p)
			return false;
	}
	if (*q == 'e' || *q == 'E') {
		p = q + 1 + (q[1] == '+' || q[1] == '-');
		q = digits(p);
		if (q == p)
			return false;
	}
	return q == token.p + token.len;
}

/* An integer token within +-(2^53-1), and not "-0". */
static bool
safe_integer(struct ew_str token, double *out)
{
	bool minus = *token.p == '-';
	struct ew_str magnitude = ew_str_part(token, minus, token.len);
	uint64_t v;

	if (!ew_str_to_u64(magnitude, EW_JSON_INT_MAX, &v) || (minus && !v))
		return false;
	*out = minus ? -(double)v : (double)v;
	return true;
}

/* The bytes at `p` that could be of a number. */
static struct ew_str
number_token(const char *p)
{
	return ew_str_n(p, strspn(p, "-+.0123456789eE"));
}

/*
 * The node refers to the token in the text, where it ends by itself: only white
 * space, a bracket, a comma or the final NUL can follow it in what is accepted.
 */
static enum ew_code
read_number(struct reader *r, struct spot at)
{
	struct ew_str token = number_token(r->at), show = shown(token.p, token.len);
	char *start = r->at;
	bool integer = false;
	double v = 0;
	struct ew_json *node;
	enum ew_code rc;

	if (!is_number(token, &integer))
		return refuse(r, start, "%.*s is not a JSON number; quote it as a string",
			EW_FMT(show));
	if (r->numbers == EW_JSON_INTEGERS && !(integer && safe_integer(token, &v)))
		return refuse(r, start,
			"number %.*s is not an integer within 2^53; quote it as a string",
			EW_FMT(show));
	r->at += token.len;
	rc = add(&node, r, at,
		cJSON_IsReference | (r->numbers == EW_JSON_RAW ? cJSON_Raw : cJSON_Number), token);
	if (rc == EW_OK)
		node->item.valuedouble = v;
	return rc;
}

static enum ew_code
read_word(struct reader *r, struct spot at)
{
	const struct ew_str rest = ew_str_n(r->at, (size_t)(r->end - r->at)), none = { NULL, 0 };

	if (ew_str_starts(rest, "true")) {
		r->at += 4;
		return add(NULL, r, at, cJSON_True, none);
	}
	if (ew_str_starts(rest, "false")) {
		r->at += 5;
		return add(NULL, r, at, cJSON_False, none);
	}
	if (ew_str_starts(rest, "null")) {
		r->at += 4;
		return add(NULL, r, at, cJSON_NULL, none);
	}
	return refuse_byte(r, "a value");
}

/* The name of the next member and its colon. */
static enum ew_code
read_name(struct reader *r, const struct ew_json *object, struct ew_str *out)
{
	const char *start = r->at;
	const struct ew_json *other;
	enum ew_code rc;

	if (*start != '"')
		return refuse_byte(r, "a member name in quotes");
	rc = read_string(r, out);
	if (rc != EW_OK)
		return rc;
	other = ew_json_find(object, *out);
	if (other) {
		const struct ew_str name = shown(out->p, out->len);

		return refuse(r, start, "member \"%.*s\" is at offset %zu already; keep one of them",
			EW_FMT(name), (size_t)(ew_json_name(other).p - 1 - r->text));
	}
	skip_space(r);
	if (*r->at != ':')
		return refuse_byte(r, "':'");
	r->at++;
	skip_space(r);
	return EW_OK;
}

static enum ew_code
read_members(struct reader *r, struct ew_json *object, int depth)
{
	for (int n = 0;; n++) {
		struct spot at = { .parent = object };
		enum ew_code rc;

		if (n == EW_JSON_MEMBERS)
			return refuse(r, r->at, "more than %d members in one object; split it",
				EW_JSON_MEMBERS);
		rc = read_name(r, object, &at.name);
		if (rc == EW_OK)
			rc = read_value(r, at, depth);
		if (rc != EW_OK)
			return rc;
		skip_space(r);
		if (*r->at == '}')
			return EW_OK;
		if (*r->at != ',')
			return refuse_byte(r, "',' or '}'");
		r->at++;
		skip_space(r);
	}
}

static enum ew_code
read_elements(struct reader *r, struct ew_json *array, int depth)
{
	for (;;) {
		enum ew_code rc = read_value(r, (struct spot){ .parent = array }, depth);

		if (rc != EW_OK)
			return rc;
		skip_space(r);
		if (*r->at == ']')
			return EW_OK;
		if (*r->at != ',')
			return refuse_byte(r, "',' or ']'");
		r->at++;
		skip_space(r);
	}
}

/* An object or an array, from its opening bracket; `depth` counts from 0 at the root. */
static enum ew_code
read_group(struct reader *r, struct spot at, int depth)
{
	bool object = *r->at == '{';
	struct ew_json *node;
	enum ew_code rc;

	if (depth == EW_JSON_DEPTH)
		return refuse(r, r->at, "nesting deeper than %d; flatten the document",
			EW_JSON_DEPTH);
	rc = add(&node, r, at, object ? cJSON_Object : cJSON_Array, ew_str(NULL));
	if (rc != EW_OK)
		return rc;
	r->at++;
	skip_space(r);
	if (*r->at != (object ? '}' : ']')) {
		rc = object ? read_members(r, node, depth + 1) : read_elements(r, node, depth + 1);
		if (rc != EW_OK)
			return rc;
	}
	r->at++;
	return EW_OK;
}

static enum ew_code
read_value(struct reader *r, struct spot at, int depth)
{
	struct ew_str text;
	enum ew_code rc;

	switch (*r->at) {
	case '{':
	case '[':
		return read_group(r, at, depth);
	case '"':
		rc = read_string(r, &text);
		return rc != EW_OK ? rc : add(NULL, r, at, cJSON_String | cJSON_IsReference, text);
	case '-': case '+': case '.':
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return read_number(r, at);
	default:
		return read_word(r, at);
	}
}

static enum ew_code
read_document(struct reader *r)
{
	enum ew_code rc;

	if (ew_str_starts(ew_str_n(r->text, (size_t)(r->end - r->text)), "\xef\xbb\xbf"))
		return refuse(r, r->at, "byte order mark; save the file as UTF-8 without one");
	skip_space(r);
	rc = read_value(r, (struct spot){ .parent = NULL }, 0);
	if (rc != EW_OK)
		return rc;
	skip_space(r);
	if (r->at != r->end)
		return refuse(r, r->at,
			"more bytes after the document; give one document at a time");
	return EW_OK;
}

enum ew_code
ew_json_parse_in(struct ew_json **out, struct ew_arena *arena, struct ew_str text,
	enum ew_json_numbers numbers, struct ew_err *err)
{
	struct reader r = { .arena = arena, .numbers = numbers, .err = err };
	enum ew_code rc;

	*out = NULL;
	/* What the arena gives is ours to write to. */
	r.text = (char *)(uintptr_t)ew_arena_str(arena, text).p;
	if (!r.text)
		return ew_fail_nomem(err);
	r.end = r.text + text.len;
	r.at = r.text;
	rc = read_document(&r);
	if (rc == EW_OK)
		*out = &r.document->root;
	return rc;
}

enum ew_code
ew_json_parse(struct ew_json **out, struct ew_str text, enum ew_json_numbers numbers,
	struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	enum ew_code rc = ew_json_parse_in(out, &arena, text, numbers, err);

	if (rc == EW_OK)
		((struct document *)*out)->arena = arena; /* transferred */
	else
		ew_arena_release(&arena);
	return rc;
}

void
ew_json_free(struct ew_json *j)
{
	struct ew_arena arena;

	if (!j)
		return;
	arena = ((struct document *)j)->arena;
	ew_arena_release(&arena);
}

enum ew_json_type
ew_json_type(const struct ew_json *j)
{
	switch (j ? j->item.type & 0xff : cJSON_NULL) {
	case cJSON_True:
	case cJSON_False:
		return EW_JSON_BOOL;
	case cJSON_Number:
	case cJSON_Raw:
		return EW_JSON_NUMBER;
	case cJSON_String:
		return EW_JSON_STRING;
	case cJSON_Array:
		return EW_JSON_ARRAY;
	case cJSON_Object:
		return EW_JSON_OBJECT;
	default:
		return EW_JSON_NULL;
	}
}

const struct ew_json *
ew_json_find(const struct ew_json *o, struct ew_str name)
{
	const struct ew_json *m = ew_json_type(o) == EW_JSON_OBJECT ? ew_json_first(o) : NULL;

	while (m && !ew_str_eq(ew_json_name(m), name))
		m = ew_json_next(m);
	return m;
}

const struct ew_json *
ew_json_get(const struct ew_json *o, const char *name)
{
	return ew_json_find(o, ew_str(name));
}

const struct ew_json *
ew_json_first(const struct ew_json *j)
{
	return j ? (const struct ew_json *)j->item.child : NULL;
}

const struct ew_json *
ew_json_next(const struct ew_json *j)
{
	return j ? (const struct ew_json *)j->item.next : NULL;
}

struct ew_str
ew_json_name(const struct ew_json *j)
{
	return j ? (struct ew_str){ j->item.string, j->name_len } : ew_str(NULL);
}

size_t
ew_json_count(const struct ew_json *j)
{
	return j ? (size_t)cJSON_GetArraySize(&j->item) : 0;
}

struct ew_str
ew_json_text(const struct ew_json *j)
{
	return j ? (struct ew_str){ j->item.valuestring, j->text_len } : ew_str(NULL);
}

int64_t
ew_json_int(const struct ew_json *j)
{
	return j && cJSON_IsNumber(&j->item) ? (int64_t)j->item.valuedouble : 0;
}

bool
ew_json_bool(const struct ew_json *j)
{
	return j && cJSON_IsTrue(&j->item);
}

struct ew_str
ew_json_get_text(const struct ew_json *o, const char *name)
{
	const struct ew_json *m = ew_json_get(o, name);

	return ew_json_type(m) == EW_JSON_STRING ? ew_json_text(m) : ew_str(NULL);
}
