/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jcs.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

/* What the parser and the canonical writer make of a text is the text itself. */
static bool
is_canonical(struct ew_str text)
{
	struct ew_json *doc = NULL;
	struct ew_buf written = { 0 };
	struct ew_err err = { 0 };
	bool same = ew_json_parse(&doc, text, EW_JSON_INTEGERS, &err) == EW_OK;

	if (same)
		ew_json_canonical(&written, doc);
	same = same && ew_str_eq(ew_buf_str(&written), text);
	ew_buf_release(&written);
	ew_json_free(doc);
	return same;
}

/* The same opinion of an object whose members are cut out one by one. */
static bool
is_cut(struct ew_str text)
{
	struct ew_jcs_object o;
	struct ew_str name, value;
	struct ew_buf again = { 0 };
	bool same;

	ew_jcs_object_init(&o, text);
	while (ew_jcs_next(&o, &name, &value))
		ew_buf_addf(&again, "%c\"%.*s\":%.*s", again.len ? ',' : '{', EW_FMT(name), EW_FMT(value));
	ew_buf_adds(&again, again.len ? "}" : "{}");
	same = o.good && ew_str_eq(ew_buf_str(&again), text);
	ew_buf_release(&again);
	return same;
}

/* The same opinion, of bytes with nothing readable behind them. */
static void
agrees(struct ew_str text, bool want)
{
	char *exact = malloc(text.len + 1);
	const struct ew_str copy = { exact + 1, text.len };
	bool good;

	memcpy(exact + 1, text.p, text.len);
	good = ew_jcs_ok(copy);
	if (is_cut(copy) != (good && text.p[0] == '{'))
		ok(false, "cut otherwise: %.*s", EW_FMT(text));
	ok(good == want && is_canonical(copy) == want, "%s: %.*s", want ? "canonical" : "not canonical",
		EW_FMT(text));
	free(exact);
}

static void
test_texts(void)
{
	static const char *const good[] = { "{}", "[]", "\"\"", "0", "-1", "9007199254740991",
		"-9007199254740991", "true", "false", "null", "[1,\"a\",{\"a\":[]}]",
		"{\"\":1,\"a\":2,\"aa\":3,\"b\":4}", "{\"a\":{\"b\":1},\"b\":{\"a\":1}}",
		"\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\"", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
		/* U+1F600 before U+E000, as UTF-16 has it. */
		"{\"\xf0\x9f\x98\x80\":1,\"\xee\x80\x80\":2}",
		/* By what escapes stand for: a line end before a blank, a quote before an a. */
		"{\"\\n\":1,\" \":2,\"\\\"\":3,\"a\":4}", "{\"\\u0001\":1,\"\\b\":2,\"\\t\":3}" };
	static const char *const bad[] = { "", " ", "{", "}", "[", "\"", "{}{}", "{} ", " {}", "[1,]",
		"[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{ \"a\":1}", "{\"a\": 1}",
		"{\"a\":1 }", "[1, 2]", "[1\n]", "{\"a\":1\n}", "tru", "truee", "nul", "True", "-", "-0", "01",
		"+1", "1.0", "1.5", "1e3", "9007199254740992", "-9007199254740992",
		"99999999999999999999", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2}",
		"{\"\xee\x80\x80\":2,\"\xf0\x9f\x98\x80\":1}", "{\" \":2,\"\\n\":1}",
		"{\"\\n\":1,\"\\n\":2}", "\"\\u000a\"", "\"\\u0008\"", "\"\\u0000\"", "\"\\u0041\"",
		"\"\\u001F\"", "\"\\/\"", "\"\\u00\"", "\"\\\"", "\"\\x\"", "\"\x01\"", "\"\n\"", "\"\xff\"",
		"\"\xc3\"", "\"\xed\xa0\x80\"", "\"\\ud83d\\ude00\"", "[\"a\" \"b\"]", "[}", "{]" };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		agrees(ew_str(good[i]), true);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		agrees(ew_str(bad[i]), false);
	agrees(EW_LIT("\"a\0b\""), false);
	agrees(EW_LIT("[\0]"), false);
}

/* Every text that one byte makes of a record, or that is its beginning. */
static void
test_one_byte(void)
{
	static const char record[] = "{\"a\":[\"x\\n\",-12,{}],\"b\":{\"c\":\"\xc3\xa9\",\"d\":true}}";
	static const char bytes[] = "\"\\{}[]:, 09-eau\n\x7f\x80\xc3";
	char text[sizeof record];
	size_t apart = 0;

	for (size_t i = 0; i < sizeof record - 1; i++) {
		struct ew_str s = { text, sizeof record - 1 };

		memcpy(text, record, sizeof record);
		for (size_t k = 0; k < sizeof bytes; k++) {
			text[i] = bytes[k];
			apart += ew_jcs_ok(s) != is_canonical(s);
			apart += is_cut(s) != (is_canonical(s) && text[0] == '{');
		}
		apart += ew_jcs_ok(ew_str_n(record, i)) || is_cut(ew_str_n(record, i));
	}
	is_int(apart, 0, "the parser has the same opinion of each");
}

static void
test_depth(void)
{
	char text[2 * (EW_JSON_DEPTH + 1)];

	for (size_t depth = EW_JSON_DEPTH; depth <= EW_JSON_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		agrees(ew_str_n(text, 2 * depth), depth <= EW_JSON_DEPTH);
	}
}

int
main(void)
{
	test_texts();
	test_one_byte();
	test_depth();
	return tap_done();
}
