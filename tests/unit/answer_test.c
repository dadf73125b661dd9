/* SPDX-License-Identifier: Apache-2.0 */
#include "model/answer.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* One answer read from JSON text, which must be one. */
struct sample {
	struct ew_json *doc;
	struct ew_arena arena;
	struct ew_answer answer;
	struct ew_err err;
	enum ew_code rc;
};

static void
read_sample(struct sample *s, const char *json)
{
	*s = (struct sample){ 0 };
	s->rc = ew_json_parse(&s->doc, ew_str(json), EW_JSON_INTEGERS, &s->err);
	if (s->rc == EW_OK)
		s->rc = ew_answer_read(&s->answer, s->doc, &s->arena, &s->err);
}

static void
release_sample(struct sample *s)
{
	ew_json_free(s->doc);
	ew_arena_release(&s->arena);
}

/* Made of its parts, NULL for one that is missing; a set as "a,b". */
static void
make(struct sample *s, const char *kind, const char *value, const char *unit, const char *lower,
	const char *upper)
{
	struct ew_buf b = { 0 };
	struct ew_jsonw w;
	bool set = strcmp(kind, "set") == 0;
	struct ew_str rest = ew_str(value);

	ew_jsonw_init(&w, &b);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "kind", ew_str(kind));
	ew_jsonw_name(&w, EW_LIT("value"));
	if (set)
		ew_jsonw_array(&w);
	while (set && rest.p)
		ew_jsonw_str(&w, ew_str_cut(&rest, ','));
	if (set)
		ew_jsonw_end(&w);
	else
		ew_jsonw_str(&w, rest);
	if (unit)
		ew_jsonw_str_at(&w, "unit", ew_str(unit));
	if (lower)
		ew_jsonw_str_at(&w, "lower", ew_str(lower));
	if (upper)
		ew_jsonw_str_at(&w, "upper", ew_str(upper));
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	read_sample(s, b.p);
	ew_buf_release(&b);
	if (s->rc != EW_OK)
		ok(false, "sample %s %s: %s", kind, value, s->err.msg);
}

static void
test_words(void)
{
	static const char *const words[] = { "decimal", "integer", "date", "duration", "choice",
		"set", "text" };
	enum ew_kind kind;

	for (unsigned i = 0; i < COUNT(words); i++) {
		ok(ew_kind_read(&kind, ew_str(words[i])) && kind == (enum ew_kind)i, "%s is read",
			words[i]);
		is_str(ew_str(ew_kind_word((enum ew_kind)i)), words[i], "and written");
	}
	ok(!ew_kind_read(&kind, EW_LIT("Text")) && !ew_kind_read(&kind, EW_LIT("")),
		"no other word is");
}

static void
test_refusals(void)
{
	static const struct {
		const char *json, *why;
	} refused[] = {
		{ "[]", "must be an object" },
		{ "{}", "kind is missing" },
		{ "{\"value\":\"1\"}", "kind is missing" },
		{ "{\"kind\":\"decimal\"}", "value is missing" },
		{ "{\"kind\":\"float\",\"value\":\"1\"}", "kind must be decimal, integer" },
		{ "{\"kind\":3,\"value\":\"1\"}", "kind must be" },
		{ "{\"kind\":\"decimal\",\"value\":25}", "value must be a string" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"band\":\"2\"}",
			"member \"band\" is not known" },
		{ "{\"kind\":\"decimal\",\"value\":\"25,0\"}",
			"value \"25,0\" is no number; write it as" },
		{ "{\"kind\":\"integer\",\"value\":\"2.5\"}",
			"value \"2.5\" is not whole; make it a decimal" },
		{ "{\"kind\":\"integer\",\"value\":\"1e-1\"}", "is not whole" },
		{ "{\"kind\":\"date\",\"value\":\"2023-02-29\"}",
			"is no date; write it as YYYY-MM-DD" },
		{ "{\"kind\":\"duration\",\"value\":\"P1M\"}", "is no duration; write it as" },
		{ "{\"kind\":\"choice\",\"value\":\"\"}", "value is empty" },
		{ "{\"kind\":\"choice\",\"value\":\"a\\u0001\"}",
			"value holds a control character" },
		{ "{\"kind\":\"text\",\"value\":\"a\\r\\n\"}", "value holds a control character" },
		{ "{\"kind\":\"text\",\"value\":\"a\\u007f\"}", "value holds a control character" },
		{ "{\"kind\":\"set\",\"value\":\"a\"}", "value must be an array" },
		{ "{\"kind\":\"set\",\"value\":[]}", "value must have 1 to 256 members" },
		{ "{\"kind\":\"set\",\"value\":[\"a\",1]}", "value[1] must be a string" },
		{ "{\"kind\":\"set\",\"value\":[\"a\",\"\"]}", "value[1] is empty" },
		{ "{\"kind\":\"set\",\"value\":[\"b\",\"a\"]}",
			"value[1] is not greater than the one before; sort" },
		{ "{\"kind\":\"set\",\"value\":[\"a\",\"a\"]}", "value[1] is not greater" },
		{ "{\"kind\":\"set\",\"value\":[\"\xef\xac\xb3\",\"\xf0\x9f\x98\x80\",\"a\"]}",
			"value[2] is not greater" },
		{ "{\"kind\":\"set\",\"value\":[\"a\"],\"lower\":\"a\"}",
			"lower: an answer of kind set has no limits" },
		{ "{\"kind\":\"choice\",\"value\":\"a\",\"upper\":\"a\"}",
			"upper: an answer of kind choice has no limits" },
		{ "{\"kind\":\"text\",\"value\":\"a\",\"upper\":\"a\"}",
			"upper: an answer of kind text has no limits" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"lower\":\"x\"}",
			"lower \"x\" is no number" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"upper\":\"P1D\"}",
			"upper \"P1D\" is no number" },
		{ "{\"kind\":\"date\",\"value\":\"2023-02-28\",\"upper\":\"2023-02-29\"}",
			"upper \"2023-02-29\" is no date" },
		{ "{\"kind\":\"duration\",\"value\":\"P1D\",\"lower\":\"1\"}",
			"lower \"1\" is no duration" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"lower\":\"2\",\"upper\":\"1.9\"}",
			"lower \"2\" exceeds upper \"1.9\"; exchange them" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"lower\":\"1.0000000000001\",\"upper\":\"1\"}", "exceeds" },
		{ "{\"kind\":\"date\",\"value\":\"2023-02-28\",\"lower\":\"2023-03-01\",\"upper\":\"2023-02-28\"}",
			"exceeds" },
		{ "{\"kind\":\"duration\",\"value\":\"P1D\",\"lower\":\"P2W\",\"upper\":\"P13D\"}",
			"exceeds" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"unit\":\"\"}", "unit is empty" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"unit\":\"m\\u0000\"}", "U+0000" },
		{ "{\"kind\":\"decimal\",\"value\":\"1\",\"unit\":\"\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9"
		  "\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9"
		  "\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9"
		  "\xce\xa9\"}",
			"unit is over 64 bytes" },
	};

	for (size_t i = 0; i < COUNT(refused); i++) {
		struct sample s;

		read_sample(&s, refused[i].json);
		is_int(s.rc, EW_REFUSED, "refused: %s", refused[i].json);
		ok(strstr(s.err.msg, refused[i].why), "message: %s", s.err.msg);
		release_sample(&s);
	}
}

/* What no reader lets through, but a program could make. */
static void
test_check(void)
{
	struct ew_str members[257], invalid = EW_LIT("\xff");
	char texts[257][4], *longer = malloc(65537);
	struct ew_answer set = { .kind = EW_SET, .member = members, .members = 257 };
	struct ew_answer text = { .kind = EW_TEXT, .value = { longer, 65537 } };
	struct ew_err err = { 0 };

	memset(longer, 'x', 65537);
	for (size_t i = 0; i < COUNT(members); i++) {
		texts[i][0] = (char)('0' + i / 100);
		texts[i][1] = (char)('0' + i / 10 % 10);
		texts[i][2] = (char)('0' + i % 10);
		members[i] = ew_str_n(texts[i], 3);
	}
	is_int(ew_answer_check(&set, &err), EW_REFUSED, "a set of 257 is refused");
	set.members = 256;
	ew_err_clear(&err);
	is_int(ew_answer_check(&set, &err), EW_OK, "one of 256 is not");
	is_int(ew_answer_check(&text, &err), EW_REFUSED, "65537 bytes of text are refused");
	ok(strstr(err.msg, "value is over 65536 bytes"), "message: %s", err.msg);
	text.value.len--;
	ew_err_clear(&err);
	is_int(ew_answer_check(&text, &err), EW_OK, "65536 are not");
	text.value = invalid;
	is_int(ew_answer_check(&text, &err), EW_REFUSED, "text that is not UTF-8 is refused");
	ok(strstr(err.msg, "is not UTF-8"), "message: %s", err.msg);
	text = (struct ew_answer){ .kind = EW_DECIMAL, .value = { longer, 5000 } };
	ew_err_clear(&err);
	is_int(ew_answer_check(&text, &err), EW_REFUSED, "a long word is no number");
	ok(strstr(err.msg, "is no number; write it as"), "and the message is whole");
	free(longer);
}

static void
test_write(void)
{
	static const char *const canonical[] = {
		"{\"kind\":\"decimal\",\"lower\":\"23.9761\",\"unit\":\"mL/min\",\"upper\":\"26.4999\",\"value\":\"25.238\"}",
		"{\"kind\":\"set\",\"value\":[\"A\",\"B\",\"\xc3\xa9\"]}",
		"{\"kind\":\"duration\",\"upper\":\"P14W1D\",\"value\":\"-P0D\"}",
		"{\"kind\":\"text\",\"value\":\"say \\\"x\\\"\\n\\t\\\\\"}",
	};

	for (size_t i = 0; i < COUNT(canonical); i++) {
		struct sample s;
		struct ew_buf b = { 0 };
		struct ew_jsonw w;

		read_sample(&s, canonical[i]);
		is_int(s.rc, EW_OK, "read %s %s", canonical[i], s.err.msg);
		ew_jsonw_init_canonical(&w, &b);
		ew_answer_write(&w, &s.answer);
		ew_jsonw_finish(&w);
		is_str(ew_buf_str(&b), canonical[i], "and written the same");
		ew_buf_release(&b);
		release_sample(&s);
	}
}

struct pair {
	const char *kind[2], *value[2], *unit[2];
	bool same;
};

static void
test_same_value(void)
{
	static const struct pair pairs[] = {
		{ { "decimal", "decimal" }, { "25.0", "25" }, { NULL }, true },
		{ { "decimal", "decimal" }, { "25.0", "25.00000000000000000000001" }, { NULL },
			false },
		{ { "decimal", "integer" }, { "1.50e1", "15" }, { NULL }, true },
		{ { "decimal", "decimal" }, { "-0", "0.0e9" }, { NULL }, true },
		{ { "decimal", "decimal" }, { "-1", "1" }, { NULL }, false },
		{ { "decimal", "decimal" }, { "0.1", "0.10000000000000001" }, { NULL }, false },
		{ { "duration", "integer" }, { "P14W1D", "99" }, { NULL }, true },
		{ { "duration", "duration" }, { "P2W", "P14D" }, { NULL }, true },
		{ { "duration", "duration" }, { "-P2W", "P14D" }, { NULL }, false },
		{ { "date", "date" }, { "2014-09-23", "2014-09-23" }, { NULL }, true },
		{ { "date", "date" }, { "2014-09-23", "2014-09-24" }, { NULL }, false },
		{ { "date", "integer" }, { "1970-01-02", "1" }, { NULL }, false },
		{ { "date", "duration" }, { "1970-01-02", "P1D" }, { NULL }, false },
		{ { "choice", "choice" }, { "B", "B" }, { NULL }, true },
		{ { "choice", "choice" }, { "B", "b" }, { NULL }, false },
		{ { "choice", "text" }, { "B", "B" }, { NULL }, true },
		{ { "text", "integer" }, { "3", "3" }, { NULL }, false },
		{ { "set", "set" }, { "a,b", "a,b" }, { NULL }, true },
		{ { "set", "set" }, { "a,b", "a" }, { NULL }, false },
		{ { "set", "choice" }, { "a", "a" }, { NULL }, true },
		{ { "set", "text" }, { "a", "a" }, { NULL }, true },
		{ { "set", "choice" }, { "a,b", "a" }, { NULL }, false },
		{ { "set", "decimal" }, { "1", "1" }, { NULL }, false },
		{ { "decimal", "decimal" }, { "1", "1" }, { "mL/min", NULL }, true },
		{ { "decimal", "decimal" }, { "1", "1" }, { "mL/min", "ml / MIN" }, true },
		{ { "decimal", "decimal" }, { "1", "1" }, { "mL/min", "mL/h" }, false },
		{ { "decimal", "decimal" }, { "1", "1" }, { "\xc2\xb5g", "\xce\xbcg" }, true },
			/* two mus */
		{ { "decimal", "decimal" }, { "1", "1" }, { "m\xc2\xb2", "m2" }, true },
		{ { "decimal", "decimal" }, { "1", "1" }, { "m\xc2\xa0s", "ms" }, true },
		{ { "decimal", "decimal" }, { "1", "1" }, { "\xe2\x84\xab", "A\xcc\x8a" }, true },
			/* Angstrom */
		{ { "decimal", "decimal" }, { "1", "1" }, { "a\xe2\x80\xa8" "b\xc2\x85", "ab" },
			true },
		{ { "choice", "choice" }, { "B", "B" }, { "kg", "g" }, false },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		const struct pair *p = &pairs[i];
		struct sample a, b;

		make(&a, p->kind[0], p->value[0], p->unit[0], NULL, NULL);
		make(&b, p->kind[1], p->value[1], p->unit[1], NULL, NULL);
		is_int(ew_answer_same_value(&a.answer, &b.answer), p->same, "%s %s %s %s %s %s",
			p->kind[0],
			p->value[0], p->same ? "is" : "is not", p->kind[1], p->value[1],
			p->unit[0] ? p->unit[0] : "");
		is_int(ew_answer_same_value(&b.answer, &a.answer), p->same,
			"and the other way round");
		is_int(ew_answer_accepts(&b.answer, &b.answer) && ew_answer_same_form(&a.answer,
			&a.answer), true,
			"each equals itself");
		if (!p->same && !p->unit[0] && strcmp(p->kind[0], "set") != 0)
			ok(!ew_answer_accepts(&a.answer, &b.answer),
				"without a band it is refused");
		release_sample(&a);
		release_sample(&b);
	}
}

static void
test_same_form(void)
{
	static const struct pair pairs[] = {
		{ { "decimal", "decimal" }, { "25", "25" }, { "kg", "kg" }, true },
		{ { "decimal", "decimal" }, { "25", "25.0" }, { NULL }, false },
		{ { "decimal", "integer" }, { "25", "25" }, { NULL }, false },
		{ { "decimal", "decimal" }, { "25", "25" }, { "kg", NULL }, false },
		{ { "decimal", "decimal" }, { "25", "25" }, { "kg", "KG" }, false },
		{ { "set", "set" }, { "a,b", "a,b" }, { NULL }, true },
		{ { "set", "choice" }, { "a", "a" }, { NULL }, false },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct sample a, b;

		make(&a, pairs[i].kind[0], pairs[i].value[0], pairs[i].unit[0], NULL, NULL);
		make(&b, pairs[i].kind[1], pairs[i].value[1], pairs[i].unit[1], NULL, NULL);
		is_int(ew_answer_same_form(&a.answer, &b.answer), pairs[i].same, "form of pair %zu",
			i);
		release_sample(&a);
		release_sample(&b);
	}
}

static void
test_same_band(void)
{
	static const struct {
		const char *kind[2], *value[2], *lower[2], *upper[2];
		bool same;
	} pairs[] = {
		{ { "decimal", "decimal" }, { "9", "9" }, { "8.549999999999999", "8.55" },
			{ "9.450000000000001", "9.45" }, true },
		{ { "decimal", "decimal" }, { "9", "9" }, { "8.5499999999949", "8.55" }, { NULL },
			false },
		{ { "decimal", "decimal" }, { "9", "9" }, { "8.5499999999950", "8.55" }, { NULL },
			true },
		{ { "decimal", "decimal" }, { "9", "9" }, { "8.5", NULL }, { NULL }, false },
		{ { "decimal", "decimal" }, { "9", "9" }, { NULL }, { "10", NULL }, false },
		{ { "decimal", "decimal" }, { "9", "9" }, { NULL }, { NULL }, true },
		{ { "decimal", "integer" }, { "9", "9" }, { "8", "8.0" }, { NULL }, true },
		{ { "duration", "integer" }, { "P1D", "1" }, { "P1D", "1" }, { "P2W", "14" },
			true },
		{ { "date", "duration" }, { "1970-01-02", "P1D" }, { "1970-01-02", "P1D" },
			{ NULL }, false },
		{ { "date", "date" }, { "1970-01-02", "1970-01-02" }, { "1970-01-02",
			"1970-01-02" }, { NULL }, true },
		{ { "choice", "choice" }, { "a", "b" }, { NULL }, { NULL }, true },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct sample a, b;

		make(&a, pairs[i].kind[0], pairs[i].value[0], NULL, pairs[i].lower[0],
			pairs[i].upper[0]);
		make(&b, pairs[i].kind[1], pairs[i].value[1], NULL, pairs[i].lower[1],
			pairs[i].upper[1]);
		is_int(ew_answer_same_band(&a.answer, &b.answer), pairs[i].same, "band of pair %zu",
			i);
		is_int(ew_answer_same_band(&b.answer, &a.answer), pairs[i].same,
			"and the other way round");
		release_sample(&a);
		release_sample(&b);
	}
}

static void
test_accepts(void)
{
	static const struct {
		const char *kind, *value, *unit, *lower, *upper; /* the label's */
		const char *other_kind, *other, *other_unit;
		bool accepted;
	} cases[] = {
		{ "decimal", "25", NULL, "20", "30", "decimal", "20", NULL, true },
		{ "decimal", "25", NULL, "20", "30", "decimal", "30.0", NULL, true },
		{ "decimal", "25", NULL, "20", "30", "decimal", "30.0000000001", NULL, false },
		{ "decimal", "25", NULL, "20", "30", "decimal", "30.00000000001", NULL, true },
			/* 12 digits */
		{ "decimal", "25", NULL, "20", "30", "decimal", "19.99", NULL, false },
		{ "decimal", "25", NULL, "20", NULL, "decimal", "1e9", NULL, true },
		{ "decimal", "25", NULL, "20", NULL, "decimal", "19", NULL, false },
		{ "decimal", "25", NULL, NULL, "30", "decimal", "-1e9", NULL, true },
		{ "decimal", "25", NULL, NULL, "30", "decimal", "31", NULL, false },
		{ "decimal", "50", NULL, "20", "30", "decimal", "50.0", NULL, true },
			/* its own, outside its band */
		{ "decimal", "25", NULL, NULL, NULL, "decimal", "25.0", NULL, true },
		{ "decimal", "25", NULL, NULL, NULL, "decimal", "25.1", NULL, false },
		{ "decimal", "25", "kg", "20", "30", "decimal", "25", "g", false },
		{ "decimal", "25", "kg", "20", "30", "decimal", "26", NULL, true },
		{ "decimal", "25", "kg", "20", "30", "decimal", "26", "KG", true },
		{ "integer", "99", NULL, "94.05", "103.95", "duration", "P14W", NULL, true },
		{ "integer", "99", NULL, "94.05", "103.95", "duration", "P13W", NULL, false },
		{ "duration", "P14W1D", NULL, "P14W", "P15W", "integer", "98", NULL, true },
		{ "date", "2014-09-23", NULL, "2014-09-22", "2014-09-24", "date", "2014-09-24",
			NULL, true },
		{ "date", "2014-09-23", NULL, "2014-09-22", "2014-09-24", "date", "2014-09-25",
			NULL, false },
		{ "date", "1970-01-02", NULL, "1970-01-01", "1970-01-03", "integer", "1", NULL,
			false },
		{ "integer", "1", NULL, "0", "2", "date", "1970-01-02", NULL, false },
		{ "decimal", "25", NULL, "20", "30", "text", "25", NULL, false },
		{ "set", "a,b,c", NULL, NULL, NULL, "choice", "b", NULL, true },
		{ "set", "a,b,c", NULL, NULL, NULL, "text", "c", NULL, true },
		{ "set", "a,b,c", NULL, NULL, NULL, "choice", "d", NULL, false },
		{ "set", "a,b,c", NULL, NULL, NULL, "set", "a,c", NULL, true },
		{ "set", "a,b,c", NULL, NULL, NULL, "set", "a,d", NULL, false },
		{ "set", "1,2", NULL, NULL, NULL, "integer", "1", NULL, false },
		{ "set", "a,b", "kg", NULL, NULL, "choice", "a", "g", false },
		{ "choice", "a", NULL, NULL, NULL, "set", "a", NULL, true },
		{ "choice", "a", NULL, NULL, NULL, "set", "a,b", NULL, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample label, other;

		make(&label, cases[i].kind, cases[i].value, cases[i].unit, cases[i].lower,
			cases[i].upper);
		make(&other, cases[i].other_kind, cases[i].other, cases[i].other_unit, NULL, NULL);
		is_int(ew_answer_accepts(&label.answer, &other.answer), cases[i].accepted,
			"%s %s %s %s %s",
			cases[i].kind, cases[i].value, cases[i].accepted ? "accepts" : "refuses",
			cases[i].other_kind, cases[i].other);
		release_sample(&label);
		release_sample(&other);
	}
}

static void
test_describe(void)
{
	static const struct {
		const char *kind, *value, *unit, *lower, *upper, *plain, *banded;
	} cases[] = {
		{ "decimal", "9", "mL/min", "8.55", "9.45", "9 mL/min", "9 mL/min [8.55, 9.45]" },
		{ "decimal", "9.0", NULL, NULL, NULL, "9.0", "9.0" },
		{ "decimal", "9", NULL, "8", NULL, "9", "9 [8, ...]" },
		{ "decimal", "9", NULL, NULL, "10", "9", "9 [..., 10]" },
		{ "set", "a,b", NULL, NULL, NULL, "{a, b}", "{a, b}" },
		{ "set", "a", "kg", NULL, NULL, "{a} kg", "{a} kg" },
		{ "choice", "B", NULL, NULL, NULL, "B", "B" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample s;
		struct ew_buf b = { 0 };

		make(&s, cases[i].kind, cases[i].value, cases[i].unit, cases[i].lower,
			cases[i].upper);
		ew_answer_describe(&b, &s.answer, false);
		is_str(ew_buf_str(&b), cases[i].plain, "described");
		ew_buf_clear(&b);
		ew_answer_describe(&b, &s.answer, true);
		is_str(ew_buf_str(&b), cases[i].banded, "with its band");
		ew_buf_release(&b);
		release_sample(&s);
	}
}

int
main(void)
{
	test_words();
	test_refusals();
	test_check();
	test_write();
	test_same_value();
	test_same_form();
	test_same_band();
	test_accepts();
	test_describe();
	return tap_done();
}
