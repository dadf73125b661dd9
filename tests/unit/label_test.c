/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader refuses as the schema does is in records_agree_test.c; here is the rest. */
#include "model/label.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define DIGEST "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define SINGLE "\"confidence\":{\"basis\":\"single\"},"
#define ID "\"id\":\"7\",\"instance\":\"" DIGEST "\","
#define HUMAN "\"provenance\":{\"method\":\"human\"},"
#define COMPUTABLE "\"schema\":\"label/1\",\"state\":\"computable\"}"
#define INCOMPUTABLE "\"reason\":\"r\",\"schema\":\"label/1\",\"state\":\"incomputable\"}"
#define AMBIGUOUS "\"reason\":\"r\",\"schema\":\"label/1\",\"state\":\"ambiguous\"}"
#define ONE "{\"answer\":{\"kind\":\"integer\",\"value\":\"1\"},"
#define READING(value, assuming) \
	"{\"answer\":{\"kind\":\"integer\",\"value\":\"" value "\"},\"assuming\":\"" assuming "\"}"

static const char plain[] = ONE SINGLE ID HUMAN COMPUTABLE;
static const char ambiguous[] = "{" SINGLE ID HUMAN "\"readings\":[" READING("1", "fasting") ","
	READING("2", "a \\\"full\\\" meal") "]," AMBIGUOUS;

struct sample {
	struct ew_label label;
	struct ew_arena arena;
	struct ew_err err;
	enum ew_code rc;
};

static void
parse(struct sample *s, struct ew_str bytes)
{
	*s = (struct sample){ 0 };
	s->rc = ew_label_parse(&s->label, &s->arena, bytes, &s->err);
}

static void
release(struct sample *s)
{
	ew_arena_release(&s->arena);
}

static void
test_words(void)
{
	enum ew_state state;
	enum ew_basis basis;
	enum ew_method method;

	ok(ew_state_read(&state, EW_LIT("ambiguous")) && state == EW_AMBIGUOUS, "a state is read");
	ok(ew_basis_read(&basis, EW_LIT("supermajority")) && basis == EW_BASIS_SUPERMAJORITY,
		"a basis is");
	ok(ew_method_read(&method, EW_LIT("import")) && method == EW_METHOD_IMPORT, "a method is");
	ok(!ew_state_read(&state, EW_LIT("Ambiguous")), "no other word is a state");
	ok(!ew_basis_read(&basis, EW_LIT("")), "or a basis");
	ok(!ew_method_read(&method, EW_LIT("humans")), "or a method");
	is_str(ew_str(ew_state_word(EW_INCOMPUTABLE)), "incomputable", "a state is written");
	is_str(ew_str(ew_basis_word(EW_BASIS_SINGLE)), "single", "a basis is");
	is_str(ew_str(ew_method_word(EW_METHOD_LLM)), "llm", "a method is");
}

/* Every member, taken and kept after the bytes are gone. */
static void
test_members(void)
{
	static const char full[] = "{" SINGLE "\"evidence\":[\"a\",\"b\"]," ID
		"\"missing\":[\"weight\",\"height\"],"
		"\"provenance\":{\"agent\":\"A\",\"at\":\"2025-12-31T23:59:59Z\",\"method\":\"llm\",\"rule\":\"R\",\"source\":\"S\"},"
		INCOMPUTABLE;
	char *bytes = malloc(sizeof full);
	struct ew_label *l;
	struct sample s;

	memcpy(bytes, full, sizeof full);
	parse(&s, ew_str(bytes));
	memset(bytes, '!', sizeof full);
	free(bytes);
	l = &s.label;
	is_int(s.rc, EW_OK, "a label with everything is read %s", s.err.msg);
	is_str(l->id, "7", "its id");
	is_int(l->instance.b[0], 0x44, "its instance");
	is_int(l->state, EW_INCOMPUTABLE, "its state");
	is_str(l->reason, "r", "its reason");
	is_int(l->missings, 2, "what it misses");
	is_str(l->missing[1], "height", "in order");
	is_int(l->evidences, 2, "its evidence");
	is_str(l->evidence[0], "a", "in order");
	is_int(l->confidence.basis, EW_BASIS_SINGLE, "its basis");
	ok(!l->confidence.votes, "without votes");
	is_int(l->provenance.method, EW_METHOD_LLM, "its method");
	is_str(l->provenance.agent, "A", "its agent");
	is_str(l->provenance.at, "2025-12-31T23:59:59Z", "its time");
	is_str(l->provenance.rule, "R", "its rule");
	is_str(l->provenance.source, "S", "its source");
	ok(!l->answer.value.p && !l->readings, "and no answer");
	release(&s);
	parse(&s, ew_str(ambiguous));
	is_int(s.rc, EW_OK, "an ambiguous label is read %s", s.err.msg);
	is_int(s.label.readings, 2, "with its readings");
	is_str(s.label.reading[1].assuming, "a \"full\" meal", "their assumptions");
	is_str(s.label.reading[1].answer.value, "2", "and answers");
	release(&s);
}

/* Each rule that a schema cannot say. */
static void
test_refusals(void)
{
	static const struct {
		const char *bytes, *why;
	} refused[] = {
		{ "", "offset 0" },
		{ "[]", "schema is not \"label/1\"" },
		{ "{\"schema\":\"label/2\"}", "schema is not \"label/1\"" },
		{ ONE SINGLE ID HUMAN "\"schema\":\"label/1\", \"state\":\"computable\"}",
			"not in canonical form" },
		{ ONE SINGLE ID HUMAN COMPUTABLE "\n", "not in canonical form" },
		{ "{" ID "\"answer\":{\"kind\":\"integer\",\"value\":\"1\"}," SINGLE HUMAN COMPUTABLE, "not in canonical" },
		{ "{\"answer\":{\"value\":\"1\",\"kind\":\"integer\"}," SINGLE ID HUMAN COMPUTABLE,
			"not in canonical" },
		{ "{\"answer\":{\"kind\":\"integer\",\"value\":\"\\u0031\"}," SINGLE ID HUMAN COMPUTABLE, "not in canon" },
		{ "{\"answer\":{\"kind\":\"choice\",\"value\":\"a\\/b\"}," SINGLE ID HUMAN COMPUTABLE, "not in canon" },
		{ ONE "\"confidence\":{\"basis\":\"single\",\"for\":-0,\"of\":1}," ID HUMAN COMPUTABLE, "is not an integer" },
		{ ONE "\"confidence\":{\"basis\":\"single\",\"for\":2,\"of\":1}," ID HUMAN COMPUTABLE,
			"confidence: for must be 0 to of" },
		{ "{\"answer\":{\"kind\":\"integer\",\"lower\":\"2\",\"upper\":\"1\",\"value\":\"1\"}," SINGLE ID HUMAN COMPUTABLE,
			"answer: lower \"2\" exceeds upper \"1\"" },
		{ "{" SINGLE ID HUMAN "\"readings\":[" READING("1", "a") "," READING("2",
			"a") "]," AMBIGUOUS,
			"readings[1] assumes the same as readings[0]" },
		{ "{" SINGLE ID HUMAN "\"readings\":[" READING("1", "a") "," READING("2.5",
			"b") "]," AMBIGUOUS,
			"readings[1]: answer: value \"2.5\" is not whole" },
		{ ONE SINGLE "\"evidence\":[\"b\",\"a\"]," ID HUMAN COMPUTABLE,
			"evidence[1] is not greater" },
		{ ONE SINGLE ID "\"provenance\":{\"at\":\"2025-02-29T00:00:00Z\",\"method\":\"human\"}," COMPUTABLE,
			"provenance: at \"2025-02-29T00:00:00Z\" is no time" },
		{ ONE SINGLE ID "\"provenance\":{\"at\":\"2025-02-28T24:00:00Z\",\"method\":\"human\"}," COMPUTABLE,
			"is no time" },
		{ ONE SINGLE "\"id\":\"e\xcc\x81\",\"instance\":\"" DIGEST "\"," HUMAN COMPUTABLE,
			"normal form C" },
		{ "{" SINGLE ID HUMAN INCOMPUTABLE "x", "more bytes after the document" },
	};

	for (size_t i = 0; i < COUNT(refused); i++) {
		struct sample s;

		parse(&s, ew_str(refused[i].bytes));
		is_int(s.rc, EW_REFUSED, "label %zu is refused", i);
		ok(strstr(s.err.msg, refused[i].why), "message: %s", s.err.msg);
		release(&s);
	}
}

static void
refused(const struct ew_label *l, const char *why)
{
	struct ew_err err = { 0 };

	is_int(ew_label_check(l, &err), EW_REFUSED, "refused: %s", why);
	ok(strstr(err.msg, why), "message: %s", err.msg);
}

/* What a program could make and no reader lets through. */
static void
test_check(void)
{
	struct sample s, a;
	struct ew_label l;
	struct ew_err err = { 0 };
	struct ew_str text = EW_LIT("x"), texts[65];

	for (size_t i = 0; i < COUNT(texts); i++)
		texts[i] = text;
	parse(&s, ew_str(plain));
	parse(&a, ew_str(ambiguous));
	is_int(ew_label_check(&s.label, &err), EW_OK, "what was read passes");
	is_int(ew_label_check(&a.label, &err), EW_OK, "ambiguous labels too");
	l = s.label;
	l.id = EW_LIT(" 7");
	refused(&l, "begins with white space");
	l = s.label;
	l.state = EW_INCOMPUTABLE;
	refused(&l, "a label that is incomputable has no answer; remove it");
	l.answer = (struct ew_answer){ 0 };
	refused(&l, "a label that is incomputable needs a reason; add it");
	l.reason = EW_LIT("");
	refused(&l, "reason is empty");
	l.reason = text;
	l.missing = texts;
	l.missings = 65;
	refused(&l, "missing must be 1 to 64 texts, not 65");
	l.missings = 64;
	is_int(ew_label_check(&l, &err), EW_OK, "64 may be missing");
	l.state = EW_AMBIGUOUS;
	refused(&l, "a label that is ambiguous has nothing missing; remove it");
	l.missings = 0;
	refused(&l, "readings must be 2 to 64, not 0");
	l.state = EW_COMPUTABLE;
	refused(&l, "a label that is computable needs an answer; add it");
	l = a.label;
	l.answer = s.label.answer;
	refused(&l, "a label that is ambiguous has no answer; remove it");
	l.state = EW_COMPUTABLE;
	refused(&l, "a label that is computable has no readings; remove them");
	l = a.label;
	l.readings = 1;
	refused(&l, "readings must be 2 to 64, not 1");
	l = s.label;
	l.answer.value = EW_LIT("x");
	refused(&l, "answer: value \"x\" is no number");
	l = s.label;
	l.provenance.agent = EW_LIT("\x01");
	refused(&l, "provenance: agent holds a control character");
	l = s.label;
	l.provenance.at = EW_LIT("yesterday");
	refused(&l, "provenance: at \"yesterday\" is no time; write it as");
	l = s.label;
	l.evidence = texts;
	l.evidences = 65;
	refused(&l, "evidence must be 1 to 64 campaigns, not 65");
	l.evidences = 2;
	refused(&l, "evidence[1] is not greater than the one before");
	l = s.label;
	l.confidence.votes = true;
	l.confidence.votes_for = -1;
	refused(&l, "confidence: for must be 0 to of");
	l.confidence.votes_for = 0;
	l.confidence.votes_of = (int64_t)1 << 53;
	refused(&l, "of at most 2^53-1");
	a.label.reading[1].answer.value = EW_LIT("");
	refused(&a.label, "readings[1]: answer: value is empty");
	a.label.reading[1].assuming = EW_LIT("");
	refused(&a.label, "readings[1]: assuming is empty");
	release(&s);
	release(&a);
}

/* A record of 1 MiB and one byte over, by what is missing. */
static void
test_length(void)
{
	struct ew_buf b = { 0 }, one = { 0 };
	struct ew_err err = { 0 };
	struct ew_str missing[17];
	struct sample s;
	char *text = malloc(EW_TEXT_MAX);

	memset(text, 'x', EW_TEXT_MAX);
	parse(&s, EW_LIT("{" SINGLE ID HUMAN INCOMPUTABLE));
	for (size_t i = 0; i < COUNT(missing); i++)
		missing[i] = ew_str_n(text, EW_TEXT_MAX);
	s.label.missing = missing;
	s.label.missings = COUNT(missing);
	missing[16].len = 1;
	missing[15].len = 1;
	ew_label_write(&one, &s.label);
	missing[15].len += EW_RECORD_MAX - one.len;
	is_int(ew_label_check(&s.label, &err), EW_OK, "a record of 1 MiB passes %s", err.msg);
	ew_label_write(&b, &s.label);
	is_int(b.len, EW_RECORD_MAX, "and is written");
	ew_arena_reset(&s.arena);
	is_int(ew_label_parse(&s.label, &s.arena, ew_buf_str(&b), &err), EW_OK, "and read %s",
		err.msg);
	s.label.missing = missing;
	missing[15].len++;
	refused(&s.label, "over 1 MiB; shorten it");
	ew_buf_clear(&b);
	ew_label_write(&b, &s.label);
	is_int(ew_label_parse(&s.label, &s.arena, ew_buf_str(&b), &err), EW_REFUSED,
		"nor is it read");
	ok(strstr(err.msg, "over 1 MiB"), "message: %s", err.msg);
	ew_buf_release(&b);
	ew_buf_release(&one);
	free(text);
	release(&s);
}

/* The vectors of LABELS_FORMAT.md section 6. */
static void
test_scored(void)
{
	static const char *const vectors[][2] = {
		{ "{\"answer\":{\"kind\":\"decimal\",\"lower\":\"23.9761\",\"unit\":\"mL/min\",\"upper\":\"26.4999\",\"value\":\"25.238\"},\"confidence\":{\"basis\":\"imported\"},\"id\":\"2/pmc-7671985-1\",\"instance\":\"" DIGEST "\",\"provenance\":{\"method\":\"import\",\"source\":\"table.csv\"},\"schema\":\"label/1\",\"state\":\"computable\"}",
			"{\"answer\":{\"kind\":\"decimal\",\"lower\":\"23.9761\",\"unit\":\"mL/min\",\"upper\":\"26.4999\",\"value\":\"25.238\"},\"id\":\"2/pmc-7671985-1\",\"instance\":\"" DIGEST "\",\"state\":\"computable\"}" },
		{ "{\"confidence\":{\"basis\":\"single\"},\"id\":\"7\",\"instance\":\"" DIGEST "\",\"provenance\":{\"method\":\"human\"},\"reason\":\"no weight given\",\"schema\":\"label/1\",\"state\":\"incomputable\"}",
			"{\"id\":\"7\",\"instance\":\"" DIGEST "\",\"state\":\"incomputable\"}" },
		{ ambiguous, "{\"id\":\"7\",\"instance\":\"" DIGEST "\",\"readings\":[" READING("1",
			"fasting") ","
			READING("2", "a \\\"full\\\" meal") "],\"state\":\"ambiguous\"}" },
	};

	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct ew_buf cut = { 0 }, written = { 0 };
		struct sample s;

		parse(&s, ew_str(vectors[i][0]));
		is_int(ew_label_scored_of(&cut, ew_str(vectors[i][0]), &s.err), EW_OK,
			"label %zu is cut", i);
		is_str(ew_buf_str(&cut), vectors[i][1], "to its scored part");
		ew_label_write_scored(&written, &s.label);
		is_str(ew_buf_str(&written), vectors[i][1], "as it is written");
		ew_buf_clear(&written);
		if (ok(ew_label_parse_scored(&s.label, &s.arena, ew_buf_str(&cut), &s.err) == EW_OK, "and read %s",
			    s.err.msg))
			ew_label_write_scored(&written, &s.label);
		is_str(ew_buf_str(&written), vectors[i][1], "as it was");
		ew_buf_release(&cut);
		ew_buf_release(&written);
		release(&s);
	}
}

static void
test_not_scored(void)
{
	static const char *const broken[] = { "", "{", "{}", "[]", "null", "{\"id\"}", "{\"id\":}",
		"{\"id\":\"7\"",
		"{\"id\":\"7\",", "{\"id\":\"7\"}", "{\"id\":7,\"instance\":\"x\",\"state\":\"x\"}",
		"{\"id\":\"7\",\"instance\":\"x\",\"state\":\"computable\"} ",
		"{\"id\":\"7\",\"instance\":\"x\",\"state\":\"computable\"}}",
		"{\"id\":\"7\",\"instance\":\"x\",\"state\":\"computable\",}",
		"{ \"id\":\"7\",\"instance\":\"x\",\"state\":\"computable\"}",
		"{\"id\":\"7\",\"id\":\"7\",\"instance\":\"x\",\"state\":\"computable\"}",
		"{\"instance\":\"x\",\"id\":\"7\",\"state\":\"computable\"}",
		"{\"id\":\"7\",\"instance\":\"x\",\"other\":\"x\",\"state\":\"computable\"}",
		"{\"answer\":{\"a\":[}},\"id\":\"7\",\"instance\":\"x\",\"state\":\"x\"",
		"{\"answer\":{\"a\",\"id\":\"7\",\"instance\":\"x\",\"state\":\"x\"}",
		"{\"answer\":{\"a\\\"},\"id\":\"7\",\"instance\":\"x\",\"state\":\"x\"}",
		"{\"id\":\"7\\\",\"instance\":\"x\",\"state\":\"x\"}",
			"{\"id\":\"7\",\"instance\":\"x\",\"state\":\"x" };
	struct ew_buf b = { 0 };

	for (size_t i = 0; i < COUNT(broken); i++) {
		struct ew_err err = { 0 };
		size_t n = strlen(broken[i]);
		char *exact = malloc(n + 1); /* so that a read past the end is seen */

		memcpy(exact + 1, broken[i], n);
		is_int(ew_label_scored_of(&b, ew_str_n(exact + 1, n), &err), EW_REFUSED,
			"refused: %s", broken[i]);
		ok(strstr(err.msg, "not a label's canonical JSON"), "message: %s", err.msg);
		free(exact);
	}
	ew_buf_release(&b);
	for (size_t n = 0; n < sizeof plain - 1; n++) {
		struct ew_err err = { 0 };

		if (ew_label_scored_of(&b, ew_str_n(plain, n), &err) == EW_OK)
			ok(false, "the first %zu bytes are cut", n);
	}
	ew_buf_release(&b);
	ew_buf_init(&b, 8);
	is_int(ew_label_scored_of(&b, ew_str(plain), &(struct ew_err){ 0 }), EW_REFUSED,
		"a full buffer is told");
	ew_buf_release(&b);
}

static void
cut_is(struct ew_str record, bool fast, bool checked, const char *what)
{
	struct ew_label_cut c;
	struct ew_err err = { 0 };

	ok((ew_label_cut(&c, record, &err) == EW_OK) == fast, "%s: %s", what, fast ? "cut" : "not cut");
	ew_err_clear(&err);
	ok((ew_label_cut_checked(&c, record, &err) == EW_OK) == checked, "checked: %s", err.msg);
	ok(checked || strstr(err.msg, "not a label's canonical JSON; run ellwand fsck"), "its message");
}

static void
test_cut(void)
{
	static const char head[] = "{\"answer\":", tail[] = ",\"confidence\":{\"basis\":\"single\"},"
		"\"id\":\"7\",\"instance\":\"" DIGEST "\",\"provenance\":{\"method\":\"human\"},"
		"\"schema\":\"label/1\",\"state\":\"computable\"}";
	static const struct {
		const char *answer;
		bool checked;
	} answers[] = {
		{ "{\"kind\":\"text\",\"value\":\"a\"}", true },
		{ "{\"kind\":\"decimal\",\"lower\":\"1\",\"unit\":\"g\",\"upper\":\"3\",\"value\":\"2\"}", true },
		{ "{\"kind\":\"set\",\"value\":[\"a\",\"b\"]}", true },
		{ "{\"kind\":\"text\",\"value\":[\"a\"]}", false },
		{ "{\"kind\":\"decimal\",\"value\":7}", false },
		{ "{\"kind\":\"decimal\", \"value\":\"7\"}", false },
		{ "{\"kind\":\"decimal\",\"value\":\"\\u0037\"}", false },
		{ "{\"kind\":\"decimal\",\"value\":\"7\\u0000\"}", false },
		{ "{\"kind\":\"text\",\"value\":\"a\n\"}", false },
		{ "{\"kind\":\"text\",\"value\":\"\xff\"}", false },
		{ "{\"value\":\"7\"}", false },
		{ "{\"kind\":\"decimal\",\"other\":\"1\",\"value\":\"7\"}", false },
		{ "{}", false },
	};
	struct ew_label_cut c;
	struct ew_err err = { 0 };

	for (size_t i = 0; i < COUNT(answers); i++) {
		struct ew_buf record = { 0 };

		ew_buf_addf(&record, "%s%s%s", head, answers[i].answer, tail);
		cut_is(ew_buf_str(&record), true, answers[i].checked, answers[i].answer);
		ew_buf_release(&record);
	}
	cut_is(ew_str(plain), true, true, "a plain label");
	cut_is(ew_str(ambiguous), true, true, "readings");
	cut_is(EW_LIT("{}"), false, false, "no label");
	ok(ew_label_cut(&c, ew_str(ambiguous), &err) == EW_OK, "cut");
	is_str(c.id, "\"7\"", "the id, as it stands");
	is_str(c.state, "\"ambiguous\"", "the state");
	ok(ew_str_starts(c.readings, "[{\"answer\":") && ew_str_ends(c.readings, "}]"), "the readings");
	ok(!c.answer.p && !c.missing.p && !c.evidence.p, "what it lacks is absent");
}

static void
refuse_scored(const char *bytes, const char *why)
{
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_label label;

	is_int(ew_label_parse_scored(&label, &arena, ew_str(bytes), &err), EW_REFUSED, "refused: %s", bytes);
	is_str(ew_str(err.msg), why, "with the reason");
	ew_arena_release(&arena);
}

static void
test_scored_refused(void)
{
	refuse_scored("[]", "must be an object");
	refuse_scored(plain, "member \"confidence\" is not known; remove it");
	refuse_scored("{\"id\":\"7\",\"state\":\"incomputable\"}", "instance is missing; add it");
	refuse_scored("{" ID "\"state\":\"computable\"}", "a label that is computable needs an answer; add it");
	refuse_scored(ONE ID "\"state\":\"incomputable\"}", "a label that is incomputable has no answer; remove it");
	refuse_scored("{" ID "\"readings\":[" READING("1", "a") "],\"state\":\"ambiguous\"}",
		"readings must be 2 to 64, not 1");
	refuse_scored("{" ID "\"state\":\"unknown\"}", "state must be computable, incomputable or ambiguous");
	refuse_scored("{\"id\":\"\",\"instance\":\"" DIGEST "\",\"state\":\"incomputable\"}", "id \"\" is empty; give each instance an id");
	refuse_scored("{" ID "\"state\": \"incomputable\"}", "not in canonical form; write it as RFC 8785 says");
	refuse_scored("{\"answer\":{\"kind\":\"integer\",\"value\":\"1.5\"}," ID "\"state\":\"computable\"}",
		"answer: value \"1.5\" is not whole; make it a decimal");
}

static void
test_describe(void)
{
	static const struct {
		const char *bytes, *plain, *banded;
	} cases[] = {
		{ plain, "1", "1" },
		{ "{" SINGLE ID HUMAN INCOMPUTABLE, "N/A", "N/A" },
		{ ambiguous, "1 (fasting) or 2 (a \"full\" meal)",
			"1 (fasting) or 2 (a \"full\" meal)" },
		{ "{\"answer\":{\"kind\":\"integer\",\"lower\":\"0\",\"unit\":\"d\",\"value\":\"1\"}," SINGLE ID HUMAN COMPUTABLE,
			"1 d", "1 d [0, ...]" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ew_buf b = { 0 };
		struct sample s;

		parse(&s, ew_str(cases[i].bytes));
		ew_label_describe(&b, &s.label, false);
		is_str(ew_buf_str(&b), cases[i].plain, "label %zu is described", i);
		ew_buf_clear(&b);
		ew_label_describe(&b, &s.label, true);
		is_str(ew_buf_str(&b), cases[i].banded, "with its band");
		ew_buf_release(&b);
		release(&s);
	}
}

int
main(void)
{
	test_words();
	test_members();
	test_refusals();
	test_check();
	test_length();
	test_scored();
	test_not_scored();
	test_scored_refused();
	test_cut();
	test_describe();
	return tap_done();
}
