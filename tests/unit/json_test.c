/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum ew_code
parse(struct ew_str text, enum ew_json_numbers numbers, struct ew_err *err)
{
	struct ew_json *j;
	enum ew_code rc = ew_json_parse(&j, text, numbers, err);

	ew_json_free(j);
	return rc;
}

static void
refuses(struct ew_str text, const char *message, const char *what)
{
	struct ew_err err = { 0 };

	ok(parse(text, EW_JSON_INTEGERS, &err) == EW_REFUSED, "%s is refused", what);
	is_str(ew_str(err.msg), message, "with its place: %s", what);
}

static void
accepts(const char *text)
{
	struct ew_err err = { 0 };

	ok(parse(ew_str(text), EW_JSON_INTEGERS, &err) == EW_OK, "accepted: %.60s %s", text,
		err.msg);
}

#define REFUSES(text, message) refuses(EW_LIT(text), message, #text)

static void
test_refused_structure(void)
{
	REFUSES("", "offset 0: empty; give one JSON document");
	REFUSES(" \n", "offset 2: empty; give one JSON document");
	REFUSES("{\"label\":\"A\",\"label\":\"B\"}",
		"offset 13: member \"label\" is at offset 1 already; keep one of them");
	REFUSES("{\"a\\u0062\":1, \"ab\":2}",
		"offset 14: member \"ab\" is at offset 1 already; keep one of them");
	REFUSES("{}x", "offset 2: more bytes after the document; give one document at a time");
	REFUSES("{} {}", "offset 3: more bytes after the document; give one document at a time");
	REFUSES("{}\0", "offset 2: more bytes after the document; give one document at a time");
	REFUSES("\xef\xbb\xbf{}", "offset 0: byte order mark; save the file as UTF-8 without one");
	REFUSES("\xff\xfe{\0}\0", "offset 0: byte 0xff is not UTF-8; convert the input to UTF-8");
	REFUSES("[1,]", "offset 3: ']' where a value is due; see RFC 8259");
	REFUSES("[,1]", "offset 1: ',' where a value is due; see RFC 8259");
	REFUSES("{\"a\":1,}", "offset 7: '}' where a member name in quotes is due; see RFC 8259");
	REFUSES("{a:1}", "offset 1: 'a' where a member name in quotes is due; see RFC 8259");
	REFUSES("{\"a\" 1}", "offset 5: '1' where ':' is due; see RFC 8259");
	REFUSES("{\"a\":1 \"b\":2}", "offset 7: '\"' where ',' or '}' is due; see RFC 8259");
	REFUSES("[1 2]", "offset 3: '2' where ',' or ']' is due; see RFC 8259");
	REFUSES("[1}", "offset 2: '}' where ',' or ']' is due; see RFC 8259");
	REFUSES("{\"a\":", "offset 5: ends where a value is due; the input is cut short");
	REFUSES("[1", "offset 2: ends where ',' or ']' is due; the input is cut short");
	REFUSES("[\0]", "offset 1: byte 0x00 where a value is due; remove it");
	REFUSES("[\x0b]", "offset 1: byte 0x0b where a value is due; remove it");
	REFUSES("[\xc2\xa0]", "offset 1: byte 0xc2 where a value is due; remove it");
	REFUSES("tru", "offset 0: 't' where a value is due; see RFC 8259");
	REFUSES("True", "offset 0: 'T' where a value is due; see RFC 8259");
	REFUSES("nulls", "offset 4: more bytes after the document; give one document at a time");
	REFUSES("'a'", "offset 0: ''' where a value is due; see RFC 8259");
	REFUSES("[1]//x", "offset 3: more bytes after the document; give one document at a time");
}

static void
test_refused_numbers(void)
{
	REFUSES("{\"value\":0.3}",
		"offset 9: number 0.3 is not an integer within 2^53; quote it as a string");
	REFUSES("0.30000000000000004",
		"offset 0: number 0.30000000000000004 is not an integer within 2^53; quote it as a string");
	REFUSES("9007199254740993",
		"offset 0: number 9007199254740993 is not an integer within 2^53; quote it as a string");
	REFUSES("9007199254740992",
		"offset 0: number 9007199254740992 is not an integer within 2^53; quote it as a string");
	REFUSES("-9007199254740992",
		"offset 0: number -9007199254740992 is not an integer within 2^53; quote it as a string");
	REFUSES("1e999",
		"offset 0: number 1e999 is not an integer within 2^53; quote it as a string");
	REFUSES("1e2", "offset 0: number 1e2 is not an integer within 2^53; quote it as a string");
	REFUSES("1.0", "offset 0: number 1.0 is not an integer within 2^53; quote it as a string");
	REFUSES("-0", "offset 0: number -0 is not an integer within 2^53; quote it as a string");
	REFUSES("[01]", "offset 1: 01 is not a JSON number; quote it as a string");
	REFUSES("1.", "offset 0: 1. is not a JSON number; quote it as a string");
	REFUSES("-.5", "offset 0: -.5 is not a JSON number; quote it as a string");
	REFUSES(".5", "offset 0: .5 is not a JSON number; quote it as a string");
	REFUSES("+1", "offset 0: +1 is not a JSON number; quote it as a string");
	REFUSES("-", "offset 0: - is not a JSON number; quote it as a string");
	REFUSES("1e", "offset 0: 1e is not a JSON number; quote it as a string");
	REFUSES("1e+", "offset 0: 1e+ is not a JSON number; quote it as a string");
	REFUSES("1-2", "offset 0: 1-2 is not a JSON number; quote it as a string");
	REFUSES("0x10", "offset 1: more bytes after the document; give one document at a time");
	REFUSES("NaN", "offset 0: 'N' where a value is due; see RFC 8259");
	REFUSES("-Infinity", "offset 0: - is not a JSON number; quote it as a string");
	REFUSES("1234567890123456789012345678901234567890123456789",
		"offset 0: number 1234567890123456789012345678901234567890 is not an integer within 2^53; "
		"quote it as a string");
}

static void
test_refused_strings(void)
{
	REFUSES("\"a\\u0000b\"", "offset 2: U+0000 cannot be stored; remove it");
	REFUSES("{\"a\\u0000b\":1}", "offset 3: U+0000 cannot be stored; remove it");
	REFUSES("\"a\0b\"", "offset 2: NUL byte in a string; remove it");
	REFUSES("\"a\nb\"", "offset 2: control byte 0x0a in a string; write \\u000a or remove it");
	REFUSES("\"\x1b[0m\"",
		"offset 1: control byte 0x1b in a string; write \\u001b or remove it");
	REFUSES("\"\\u12G4\"",
		"offset 1: \\u needs four hex digits; write \\u00e9 or the character");
	REFUSES("\"\\u12", "offset 1: \\u needs four hex digits; write \\u00e9 or the character");
	REFUSES("\"\\ud800\"", "offset 1: lone surrogate \\ud800; write the character itself");
	REFUSES("\"\\ud800\\u0041\"",
		"offset 1: lone surrogate \\ud800; write the character itself");
	REFUSES("\"\\ud800\\ud800\"",
		"offset 1: lone surrogate \\ud800; write the character itself");
	REFUSES("\"\\udc00\"", "offset 1: lone surrogate \\udc00; write the character itself");
	REFUSES("\"\\a\"", "offset 1: no such escape; write \\\\ for a backslash");
	REFUSES("\"\\", "offset 1: no such escape; write \\\\ for a backslash");
	REFUSES("\"\\'\"", "offset 1: no such escape; write \\\\ for a backslash");
	REFUSES("[\"abc", "offset 1: string without an end; the input is cut short");
	REFUSES("\"\xff\"", "offset 1: byte 0xff is not UTF-8; convert the input to UTF-8");
	REFUSES("\"\xc0\x80\"", "offset 1: byte 0xc0 is not UTF-8; convert the input to UTF-8");
	REFUSES("\"\xed\xa0\x80\"", "offset 1: byte 0xed is not UTF-8; convert the input to UTF-8");
	REFUSES("\"\xe0\x9f\xbf\"", "offset 1: byte 0xe0 is not UTF-8; convert the input to UTF-8");
	REFUSES("\"\xf4\x90\x80\x80\"",
		"offset 1: byte 0xf4 is not UTF-8; convert the input to UTF-8");
	REFUSES("\"\xf0\x8f\xbf\xbf\"",
		"offset 1: byte 0xf0 is not UTF-8; convert the input to UTF-8");
	REFUSES("\"\xc3", "offset 1: byte 0xc3 is not UTF-8; convert the input to UTF-8");
	REFUSES("\"\xe2\x82\"", "offset 1: byte 0xe2 is not UTF-8; convert the input to UTF-8");
}

static void
test_messages_are_short_and_whole(void)
{
	char text[600];
	struct ew_err err = { 0 };
	size_t n = 0;

	n += (size_t)snprintf(text + n, sizeof text - n, "{\"x");
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "\xc3\xa9");
	n += (size_t)snprintf(text + n, sizeof text - n, "\":1,\"x");
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "\xc3\xa9");
	snprintf(text + n, sizeof text - n, "\":2}");
	ok(parse(ew_str(text), EW_JSON_RAW, &err) == EW_REFUSED, "a long name twice is refused");
	ok(strlen(err.msg) < 120 && ew_utf8_ok(ew_str(err.msg)),
		"its message is cut between characters");
}

static void
test_accepted(void)
{
	accepts("{}");
	accepts("[]");
	accepts(" \t\r\n[ 1 , -1 , 0 ] \n");
	accepts("\"\"");
	accepts("9007199254740991");
	accepts("-9007199254740991");
	accepts("{\"Label\":1,\"label\":2}");
	accepts("{\"\":null}");
	accepts("[true,false,null]");
	accepts("\"\x7f\xc2\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf\"");
}

static void
test_tree(void)
{
	static const char text[] = "{\"id\":\"a\\n\\\"\\\\\\/\\b\\f\\r\\t\\u00E9\\u20ac\\uD83d\\ude00z\","
				   "\"n\":-12,\"t\":true,\"f\":false,\"z\":null,\"l\":[1,\"x\",{}],\"Id\":7}";
	struct ew_err err = { 0 };
	struct ew_json *j;
	const struct ew_json *l;

	if (!ok(ew_json_parse(&j, ew_str(text), EW_JSON_INTEGERS, &err) == EW_OK, "parses: %s",
		err.msg))
		return;
	is_int(ew_json_type(j), EW_JSON_OBJECT, "object");
	is_int(ew_json_count(j), 7, "count of members");
	is_str(ew_json_get_text(j, "id"), "a\n\"\\/\b\f\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z",
		"escapes");
	is_int(ew_json_int(ew_json_get(j, "n")), -12, "integer");
	is_str(ew_json_text(ew_json_get(j, "n")), "-12", "text of a number");
	is_int(ew_json_int(ew_json_get(j, "Id")), 7, "names are case-sensitive");
	ok(!ew_json_get(j, "ID") && !ew_json_get(NULL, "id"), "an absent member is NULL");
	ok(ew_json_bool(ew_json_get(j, "t")) && !ew_json_bool(ew_json_get(j, "f")),
		"true and false");
	is_int(ew_json_type(ew_json_get(j, "f")), EW_JSON_BOOL, "false is a bool");
	is_int(ew_json_type(ew_json_get(j, "z")), EW_JSON_NULL, "null");
	ok(!ew_json_get_text(j, "n").p && !ew_json_get_text(j, "z").p && !ew_json_get_text(j,
		"none").p,
		"no text of a member that is no string");
	l = ew_json_get(j, "l");
	is_int(ew_json_type(l), EW_JSON_ARRAY, "array");
	is_int(ew_json_count(l), 3, "count of elements");
	is_str(ew_json_name(l), "l", "name of a member");
	ok(!ew_json_name(ew_json_first(l)).p && !ew_json_name(j).p,
		"no name of an element or document");
	is_int(ew_json_int(ew_json_first(l)), 1, "first element");
	is_str(ew_json_text(ew_json_next(ew_json_first(l))), "x", "next element");
	ok(!ew_json_next(ew_json_next(ew_json_next(ew_json_first(l)))),
		"no element after the last");
	ok(!ew_json_get(l, "x") && !ew_json_get(ew_json_first(l), "x"),
		"no member of what is no object");
	ok(!ew_json_first(ew_json_get(j, "n")) && !ew_json_text(l).p && !ew_json_int(l),
		"no part of another type");
	ew_json_free(j);
	ok(ew_json_type(NULL) == EW_JSON_NULL && !ew_json_first(NULL) && !ew_json_next(NULL) &&
		!ew_json_count(NULL) && !ew_json_text(NULL).p && !ew_json_int(NULL) &&
		!ew_json_bool(NULL) && !ew_json_name(NULL).p, "accessors take NULL");
	ew_json_free(NULL);
}

static void
test_raw_numbers(void)
{
	static const char *const kept[] = { "0.3", "-0", "1e999", "1E+2", "9007199254740993",
		"-0.0e-5", "12" };
	struct ew_err err = { 0 };

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		char text[64];
		struct ew_json *j;

		snprintf(text, sizeof text, "[%s,\"x\"]", kept[i]);
		if (!ok(ew_json_parse(&j, ew_str(text), EW_JSON_RAW, &err) == EW_OK, "raw %s",
			kept[i]))
			continue;
		is_str(ew_json_text(ew_json_first(j)), kept[i], "kept as written");
		is_int(ew_json_type(ew_json_first(j)), EW_JSON_NUMBER, "is a number");
		is_int(ew_json_int(ew_json_first(j)), 0, "and no integer");
		ew_json_free(j);
	}
	ok(parse(EW_LIT("01"), EW_JSON_RAW, &err) == EW_REFUSED, "raw is still JSON's grammar");
}

static void
test_nesting(void)
{
	size_t many = 100000;
	char *text = malloc(many);
	struct ew_err err = { 0 };

	memset(text, '[', many);
	ok(parse(ew_str_n(text, many), EW_JSON_INTEGERS, &err) == EW_REFUSED,
		"100,000 levels are refused");
	is_str(ew_str(err.msg), "offset 32: nesting deeper than 32; flatten the document",
		"at the 33rd");
	for (size_t depth = 32; depth <= 33; depth++) {
		memset(text + depth, ']', depth);
		ew_err_clear(&err);
		is_int(parse(ew_str_n(text, 2 * depth), EW_JSON_INTEGERS, &err),
			depth == 32 ? EW_OK : EW_REFUSED, "%zu levels", depth);
		text[depth] = '[';
	}
	free(text);
}

static void
test_many_members(void)
{
	char text[8192];
	struct ew_err err = { 0 };

	for (int members = 256; members <= 257; members++) {
		size_t n = 1;

		text[0] = '{';
		for (int i = 0; i < members; i++)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s\"m%d\":%d",
				i ? "," : "", i, i);
		text[n++] = '}';
		is_int(parse(ew_str_n(text, n), EW_JSON_INTEGERS, &err),
			members == 256 ? EW_OK : EW_REFUSED,
			"%d members", members);
	}
	ok(strstr(err.msg, "more than 256 members in one object; split it"), "%s", err.msg);
}

static void
test_big(void)
{
	size_t n = 1 << 20;
	char *text = malloc(n);
	struct ew_err err = { 0 };
	struct ew_json *j;
	clock_t start = clock();

	for (size_t i = 0; i < n; i += 2)
		memcpy(text + i, i ? ",1" : "[1", 2);
	text[n - 1] = ']';
	text[n - 2] = '1';
	text[n - 3] = '1';
	ok(ew_json_parse(&j, ew_str_n(text, n), EW_JSON_INTEGERS, &err) == EW_OK,
		"1 MiB of elements: %s", err.msg);
	is_int(ew_json_count(j), n / 2 - 1, "all of them");
	ew_json_free(j);
	ok(clock() - start < CLOCKS_PER_SEC, "in linear time");
	free(text);
}

/* One arena for many documents, and nothing to free but that. */
static void
test_in_arena(void)
{
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_json *a, *b;

	ok(ew_json_parse_in(&a, &arena, EW_LIT("{\"a\":\"\\n1\"}"), EW_JSON_RAW, &err) == EW_OK &&
		ew_json_parse_in(&b, &arena, EW_LIT("[2.50]"), EW_JSON_RAW, &err) == EW_OK,
		"two documents in an arena: %s", err.msg);
	is_str(ew_json_get_text(a, "a"), "\n1", "the first is still there");
	is_str(ew_json_text(ew_json_first(b)), "2.50", "and so is the second");
	ew_json_free(a); /* does nothing */
	is_str(ew_json_get_text(a, "a"), "\n1", "only the arena frees it");
	ok(ew_json_parse_in(&b, &arena, EW_LIT("[2"), EW_JSON_RAW, &err) == EW_REFUSED && !b,
		"what is refused is no document");
	ew_arena_release(&arena);
}

/* Bytes that end what is plain, at each place of a word of eight and behind it. */
static void
test_plain(void)
{
	static const char ends[] = { '"', '\\', '\0', '\n', '\x1f', '\x80', '\xff' };
	char text[20];
	int wrong = 0;

	for (size_t i = 0; i < sizeof ends; i++)
		for (size_t at = 0; at < sizeof text; at++) {
			memset(text, ' ' + (int)at, sizeof text);
			text[at] = ends[i];
			wrong += ew_json_plain(text, sizeof text) != (at + ' ' == '"' ? 0 : at);
		}
	is_int(wrong, 0, "quotes, backslashes, controls and bytes past ASCII are not plain");
	memset(text, 0x7f, sizeof text);
	is_int(ew_json_plain(text, sizeof text), sizeof text, "all else is");
	is_int(ew_json_plain(text, 0), 0, "nothing is nothing");
}

static void
test_utf8(void)
{
	ok(ew_utf8_ok(EW_LIT("a\xc3\xa9\xf0\x9f\x98\x80")), "UTF-8");
	ok(ew_utf8_ok(ew_str(NULL)), "the absent string is UTF-8");
	ok(!ew_utf8_ok(EW_LIT("a\0")), "U+0000 is not allowed");
	ok(!ew_utf8_ok(EW_LIT("\x80")) && !ew_utf8_ok(EW_LIT("\xc3")) &&
		!ew_utf8_ok(EW_LIT("\xf5\x80\x80\x80")),
		"ill-formed");
	is_int(ew_utf8_seq("\xe2\x82\xac", 3), 3, "bytes of a character");
	is_int(ew_utf8_seq("\xe2\x82\xac", 2), 0, "none when it is cut");
	is_int(ew_utf8_seq("", 0), 0, "none at the end");
}

int
main(void)
{
	test_refused_structure();
	test_refused_numbers();
	test_refused_strings();
	test_messages_are_short_and_whole();
	test_accepted();
	test_tree();
	test_raw_numbers();
	test_nesting();
	test_many_members();
	test_big();
	test_in_arena();
	test_plain();
	test_utf8();
	return tap_done();
}
