/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jsonw.h"
#include "codec/json.h"
#include "tests/lib/tap.h"

#include <float.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
canonical_is(const char *text, const char *want, const char *what)
{
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };
	struct ew_json *j;

	if (!ok(ew_json_parse(&j, ew_str(text), EW_JSON_INTEGERS, &err) == EW_OK, "%s parses %s",
		what, err.msg))
		return;
	ew_json_canonical(&out, j);
	is_str(ew_buf_str(&out), want, "%s", what);
	ew_json_free(j);
	ew_buf_release(&out);
}

/* RFC 8785, 3.2.2 and 3.2.3, with the numbers, which records do not have, left out. */
static void
test_rfc8785(void)
{
	canonical_is("{\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
		     "  \"literals\": [null, true, false]}",
		"{\"literals\":[null,true,false],\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
		"RFC 8785, 3.2.2: strings and literals");
	canonical_is("{\"\\u20ac\": \"Euro Sign\",\n\"\\r\": \"Carriage Return\",\n"
		     "\"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\",\n\"1\": \"One\",\n"
		     "\"\\ud83d\\ude00\": \"Emoji: Grinning Face\",\n\"\\u0080\": \"Control\",\n"
		     "\"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}",
		"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
		"\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
		"\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
		"\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}",
		"RFC 8785, 3.2.3: sorting of names");
	canonical_is("[56, {\"d\": true, \"10\": null, \"1\": []}]",
		"[56,{\"1\":[],\"10\":null,\"d\":true}]",
		"RFC 8785: nested members are sorted");
	canonical_is("{\"b\":{\"z\":{\"y\":1},\"a\":2},\"a\":{\"z\":0}}",
		"{\"a\":{\"z\":0},\"b\":{\"a\":2,\"z\":{\"y\":1}}}",
		"each depth has its own order");
	canonical_is("{\"peach\":1,\"p\\u00e9ch\\u00e9\":2,\"p\\u00eache\":3,\"sin\":4,\"\":5}",
		"{\"\":5,\"peach\":1,\"p\xc3\xa9" "ch\xc3\xa9\":2,\"p\xc3\xaa" "che\":3,\"sin\":4}",
		"no locale in the order");
	canonical_is("\"e\\u0301\"", "\"e\xcc\x81\"", "no normalisation");
	canonical_is(" [ 9007199254740991 , -9007199254740991 , 0 ] ",
		"[9007199254740991,-9007199254740991,0]",
		"integers");
	canonical_is("{}", "{}", "an empty object");
	canonical_is(" null", "null", "null");
}

static void
test_escapes(void)
{
	char text[260] = "\"", want[600] = "\"";
	struct ew_buf out = { 0 };
	struct ew_jsonw w;

	for (int c = 1; c < 0x20; c++)
		snprintf(text + strlen(text), 7, "\\u%04X", (unsigned)c);
	strcat(text, "\x7f/<>&\"");
	for (int c = 1; c < 0x20; c++) {
		const char *two = strchr("\bb\tt\nn\ff\rr", c);

		if (two)
			snprintf(want + strlen(want), 3, "\\%c", two[1]);
		else
			snprintf(want + strlen(want), 7, "\\u%04x", (unsigned)c);
	}
	strcat(want, "\x7f/<>&\"");
	canonical_is(text, want,
		"each control character in its shortest form, nothing else escaped");
	ew_jsonw_init(&w, &out);
	w.html = 1;
	ew_jsonw_str(&w,
		EW_LIT("</script>&\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa'\xc3\xa9"));
	ew_jsonw_finish(&w);
	is_str(ew_buf_str(&out),
		"\"\\u003c/script\\u003e\\u0026\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa'\xc3\xa9\"",
		"html: safe inside a page");
	ew_buf_clear(&out);
	ew_jsonw_init(&w, &out);
	ew_jsonw_str(&w, EW_LIT("a\xff" "b\xc3\xed\xa0\x80\0\xe2\x80"));
	ew_jsonw_finish(&w);
	is_str(ew_buf_str(&out),
		"\"a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\u0000"
		"\xef\xbf\xbd\xef\xbf\xbd\"", "ill-formed bytes become U+FFFD");
	ew_buf_release(&out);
}

static void
test_order(void)
{
	/* Ascending by UTF-16 code units; U+10000 and more sort as surrogates. */
	static const char *const names[] = { "", "\r", "1", "10", "2", "A", "a", "aa", "b",
		"\xc2\x80", "\xc3\xb6",
		"\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf0\x9f\x98\x80",
		"\xf0\x9f\x98\x81",
		"\xf4\x8f\xbf\xbf", "\xee\x80\x80", "\xef\xac\xb3", "\xef\xbf\xbf" };
	size_t n = sizeof names / sizeof names[0];
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			int c = ew_jcs_cmp(ew_str(names[i]), ew_str(names[k]));

			wrong += (c > 0) - (c < 0) != (i > k) - (i < k);
		}
	}
	is_int(wrong, 0, "order of names by UTF-16 code units");
}

static void
test_structure(void)
{
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };
	struct ew_jsonw w;
	struct ew_json *j = NULL;

	ok(ew_json_parse(&j, EW_LIT("{\"y\":0.50,\"x\":[]}"), EW_JSON_RAW, &err) == EW_OK,
		"parses");
	ew_jsonw_init(&w, &out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.diff/1"));
	ew_jsonw_int_at(&w, "n", INT64_MIN);
	ew_jsonw_bool_at(&w, "yes", true);
	ew_jsonw_name(&w, EW_LIT("list"));
	ew_jsonw_array(&w);
	ew_jsonw_null(&w);
	ew_jsonw_array(&w);
	ew_jsonw_end(&w);
	ew_jsonw_object(&w);
	ew_jsonw_end(&w);
	ew_jsonw_raw(&w, EW_LIT("{\"raw\":1}"));
	ew_jsonw_json(&w, j);
	ew_jsonw_str(&w, ew_str(NULL));
	ew_jsonw_end(&w);
	ew_jsonw_name(&w, EW_LIT("a\"b"));
	ew_jsonw_int(&w, -5);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	is_str(ew_buf_str(&out),
		"{\"schema\":\"ellwand.diff/1\",\"n\":-9223372036854775808,\"yes\":true,"
		"\"list\":[null,[],{},{\"raw\":1},{\"x\":[],\"y\":0.50},\"\"],\"a\\\"b\":-5}",
		"the text mirrors the calls");
	ew_json_free(j);
	ew_buf_release(&out);
}

static void
test_lines(void)
{
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };
	struct ew_jsonw w;
	struct ew_json *j = NULL;

	ok(ew_json_parse(&j, EW_LIT("{\"b\":[1,{\"c\":null}],\"a\":{},\"d\":[]}"), EW_JSON_INTEGERS, &err) ==
			EW_OK,
		"parses");
	ew_jsonw_init_lines(&w, &out);
	ew_jsonw_json(&w, j);
	ew_jsonw_finish(&w);
	is_str(ew_buf_str(&out),
		"{\n  \"a\": {},\n  \"b\": [\n    1,\n    {\n      \"c\": null\n    }\n  ],\n  \"d\": []\n}",
		"a line for each member and element, in canonical order");
	ew_json_free(j);
	ew_buf_release(&out);
}

static void
test_members(void)
{
	struct ew_buf out = { 0 };
	struct ew_jsonw w;

	ew_jsonw_init(&w, &out);
	ew_jsonw_object(&w);
	ew_jsonw_members(&w, EW_LIT(""));
	ew_jsonw_members(&w, EW_LIT("\"b\":[1],\"a\":2"));
	ew_jsonw_members(&w, EW_LIT(""));
	ew_jsonw_int_at(&w, "n", 3);
	ew_jsonw_members(&w, EW_LIT("\"c\":4"));
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	is_str(ew_buf_str(&out), "{\"b\":[1],\"a\":2,\"n\":3,\"c\":4}", "the members of an object");
	ew_buf_release(&out);
}

static void
double_is(double v, const char *want)
{
	struct ew_buf out = { 0 };
	struct ew_jsonw w;

	ew_jsonw_init(&w, &out);
	ew_jsonw_double(&w, v);
	ew_jsonw_finish(&w);
	is_str(ew_buf_str(&out), want, "double %s", want);
	ew_buf_release(&out);
}

static void
test_doubles(void)
{
	int wrong = 0;
	uint64_t x = 88172645463325252u;

	double_is(0.1, "0.1");
	double_is(0.1 + 0.2, "0.30000000000000004");
	double_is(5e-324, "5e-324");
	double_is(DBL_MAX, "1.7976931348623157e+308");
	double_is(1e21, "1e+21");
	double_is(9007199254740993.0, "9007199254740992");
	double_is(-27.3, "-27.3");
	double_is(100, "100");
	double_is(0, "0");
	for (int i = 0; i < 20000; i++) {
		struct ew_buf out = { 0 };
		struct ew_jsonw w;
		double v;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&v, &x, sizeof v);
		if (v - v != 0)
			continue;
		ew_jsonw_init(&w, &out);
		ew_jsonw_double(&w, v);
		ew_jsonw_finish(&w);
		wrong += strtod(out.p, NULL) != v;
		ew_buf_release(&out);
	}
	is_int(wrong, 0, "20,000 doubles read back the same");
	if (setlocale(LC_NUMERIC, "de_DE.UTF-8")) {
		double_is(0.5, "0.5");
		double_is(-1.5e-300, "-1.5e-300");
		setlocale(LC_NUMERIC, "C");
	} else {
		tap_skip("no locale with a decimal comma");
	}
}

/* What a misuse must do: end the program. */
static bool
aborts(void (*misuse)(struct ew_jsonw *))
{
	pid_t pid;
	int status = 0;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct rlimit no_core = { 0, 0 };
		struct ew_buf out = { 0 };
		struct ew_jsonw w;

		setrlimit(RLIMIT_CORE, &no_core);
		if (!freopen("/dev/null", "w", stderr))
			_exit(0);
		ew_jsonw_init_canonical(&w, &out);
		misuse(&w);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		WTERMSIG(status) == SIGABRT;
}

static void
value_without_name(struct ew_jsonw *w)
{
	ew_jsonw_object(w);
	ew_jsonw_int(w, 1);
}

static void
name_in_array(struct ew_jsonw *w)
{
	ew_jsonw_array(w);
	ew_jsonw_name(w, EW_LIT("a"));
}

static void
two_documents(struct ew_jsonw *w)
{
	ew_jsonw_null(w);
	ew_jsonw_null(w);
}

static void
end_after_name(struct ew_jsonw *w)
{
	ew_jsonw_object(w);
	ew_jsonw_name(w, EW_LIT("a"));
	ew_jsonw_end(w);
}

static void
end_of_nothing(struct ew_jsonw *w)
{
	ew_jsonw_end(w);
}

static void
finish_too_early(struct ew_jsonw *w)
{
	ew_jsonw_array(w);
	ew_jsonw_finish(w);
}

static void
names_out_of_order(struct ew_jsonw *w)
{
	ew_jsonw_object(w);
	ew_jsonw_name(w, EW_LIT("b"));
	ew_jsonw_object(w);
	ew_jsonw_bool_at(w, "z", true);
	ew_jsonw_end(w);
	ew_jsonw_bool_at(w, "a", true);
}

static void
name_twice(struct ew_jsonw *w)
{
	ew_jsonw_object(w);
	ew_jsonw_bool_at(w, "a", true);
	ew_jsonw_bool_at(w, "a", true);
}

static void
not_a_number(struct ew_jsonw *w)
{
	ew_jsonw_double(w, strtod("nan", NULL));
}

static void
too_large_an_integer(struct ew_jsonw *w)
{
	ew_jsonw_int(w, EW_JSON_INT_MAX + 1);
}

static void
test_misuse(void)
{
#ifdef NDEBUG
	tap_skip("assertions are off");
#else
	ok(aborts(value_without_name), "a value without a name asserts");
	ok(aborts(name_in_array), "a name in an array asserts");
	ok(aborts(two_documents), "two documents assert");
	ok(aborts(end_after_name), "an end after a name asserts");
	ok(aborts(end_of_nothing), "an end of nothing asserts");
	ok(aborts(finish_too_early), "an unbalanced finish asserts");
	ok(aborts(names_out_of_order), "canonical: names out of order assert");
	ok(aborts(name_twice), "canonical: a name twice asserts");
	ok(aborts(not_a_number), "a double that is not finite asserts");
	ok(aborts(too_large_an_integer), "canonical: an integer past 2^53-1 asserts");
#endif
}

static void
test_ceiling(void)
{
	struct ew_buf out;
	struct ew_err err = { 0 };
	struct ew_jsonw w;

	ew_buf_init(&out, 10);
	ew_jsonw_init_canonical(&w, &out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "a", EW_LIT("longer than the ceiling"));
	ew_jsonw_str_at(&w, "b", EW_LIT("x"));
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	is_int(ew_buf_check(&out, &err), EW_REFUSED,
		"a full buffer fails at the end, not in between");
	ew_buf_release(&out);
}

int
main(void)
{
	test_rfc8785();
	test_escapes();
	test_order();
	test_structure();
	test_lines();
	test_members();
	test_doubles();
	test_misuse();
	test_ceiling();
	return tap_done();
}
