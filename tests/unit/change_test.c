/* SPDX-License-Identifier: Apache-2.0 */
/* Words, classes, facets and levels; the format's own vectors are format_test's. */
#include "model/change.h"
#include "tests/lib/tap.h"

#include <string.h>

static struct ew_label
computable(const char *value, const char *lower, const char *upper)
{
	struct ew_label l = { .id = EW_LIT("1"), .state = EW_COMPUTABLE };

	l.answer = (struct ew_answer){ .kind = EW_DECIMAL, .value = ew_str(value),
		.lower = ew_str(lower), .upper = ew_str(upper) };
	return l;
}

static struct ew_label
without_answer(enum ew_state state)
{
	return (struct ew_label){
		.id = EW_LIT("1"), .state = state, .reason = EW_LIT("no weight")
	};
}

static enum ew_class
class_of(struct ew_label a, struct ew_label b)
{
	unsigned facets;

	return ew_change_classify(&facets, &a, &b, false);
}

static unsigned
facets_of(struct ew_label a, struct ew_label b)
{
	unsigned facets = 77;

	ew_change_classify(&facets, &a, &b, false);
	return facets;
}

static void
test_words(void)
{
	enum ew_class class;
	enum ew_level level;
	enum ew_step step;

	for (unsigned i = 0; i < EW_CLASS_COUNT; i++)
		ok(ew_class_read(&class, ew_str(ew_class_word((enum ew_class)i))) && class == i,
			"class %s reads as itself", ew_class_word((enum ew_class)i));
	is_int(EW_CLASS_COUNT, 14, "fourteen classes");
	ok(!ew_class_read(&class, EW_LIT("Same")), "a class with a capital is none");
	ok(!ew_class_read(&class, EW_LIT("")), "no word is no class");
	is_str(ew_str(ew_class_text(EW_ABSTAINED)), "abstained: now incomputable",
		"text of a class");
	for (unsigned i = 0; i < 4; i++) {
		ok(ew_level_read(&level, ew_str(ew_level_word((enum ew_level)i))) && level == i,
			"level %s reads as itself", ew_level_word((enum ew_level)i));
		ok(ew_step_read(&step, ew_str(ew_step_word((enum ew_step)i))) && step == i,
			"step %s reads as itself", ew_step_word((enum ew_step)i));
	}
	ok(!ew_level_read(&level, EW_LIT("compatible")), "another word is no level");
	ok(!ew_step_read(&step, EW_LIT("tiny")), "another word is no step");
	for (unsigned i = 1; i < EW_FACET_COUNT; i++)
		ok(strcmp(ew_facet_word(i - 1), ew_facet_word(i)) < 0, "facet %s is in order",
			ew_facet_word(i));
	is_str(ew_str(ew_facet_word(0)), "band", "facet of bit 1");
	is_str(ew_str(ew_facet_word(5)), "unit", "facet of bit 32");
}

static void
test_sides(void)
{
	struct ew_label a = computable("1", NULL, NULL);
	unsigned facets = 77;

	is_int(ew_change_classify(&facets, NULL, &a, false), EW_ADDED, "only after: added");
	is_int(facets, 0, "with no facets");
	facets = 77;
	is_int(ew_change_classify(&facets, &a, NULL, false), EW_REMOVED, "only before: removed");
	is_int(facets, 0, "with no facets");
	facets = 77;
	is_int(ew_change_classify(&facets, &a, &a, true), EW_SAME, "identical records: same");
	is_int(facets, 0, "with no facets");
}

static void
test_states(void)
{
	static const enum ew_class want[3][3] = {
		/* before, after: computable, incomputable, ambiguous */
		{ EW_METADATA_ONLY, EW_ABSTAINED, EW_MADE_AMBIGUOUS },
		{ EW_RESOLVED, EW_METADATA_ONLY, EW_MADE_AMBIGUOUS },
		{ EW_DISAMBIGUATED, EW_ABSTAINED, EW_METADATA_ONLY },
	};
	struct ew_label of[3] = { computable("1", NULL, NULL), without_answer(EW_INCOMPUTABLE),
		without_answer(EW_AMBIGUOUS) };

	for (unsigned a = 0; a < 3; a++)
		for (unsigned b = 0; b < 3; b++)
			is_int(class_of(of[a], of[b]), want[a][b], "%s to %s",
				ew_state_word(of[a].state), ew_state_word(of[b].state));
}

static void
test_answers(void)
{
	struct ew_label a, b;

	is_int(class_of(computable("25", "24", "26"), computable("25.5", "24", "26")),
		EW_WITHIN_BAND, "each band holds the other's value");
	is_int(class_of(computable("25", "24", "26"), computable("27", "20", "30")), EW_BEYOND_BAND,
		"the old band refuses the new value");
	is_int(class_of(computable("25", "20", "30"), computable("27", "26", "28")), EW_BEYOND_BAND,
		"the new band refuses the old value");
	is_int(class_of(computable("1", NULL, NULL), computable("2", NULL, NULL)), EW_BEYOND_BAND,
		"without bands only equal values are right");
	is_int(class_of(computable("25.0", "24", "26"), computable("25", "1", "99")), EW_FORM_ONLY,
		"otherwise written, whatever its band");
	is_int(class_of(computable("25", "24", "26"), computable("25", "24", "27")), EW_BAND_ONLY,
		"another limit");
	is_int(class_of(computable("25", "24", NULL), computable("25", NULL, NULL)), EW_BAND_ONLY,
		"a limit less");
	a = b = computable("25", "24", "26");
	b.instance.b[0] = 1;
	is_int(class_of(a, b), EW_INPUT_ONLY, "the same answer to another question");
	b.answer.upper = EW_LIT("27");
	is_int(class_of(a, b), EW_BAND_ONLY, "a band goes before the question");
	b = a;
	b.reason = EW_LIT("checked");
	is_int(class_of(a, b), EW_METADATA_ONLY, "another reason");
	is_int(facets_of(a, b), 0, "has no facet of its own");
	a = b = without_answer(EW_INCOMPUTABLE);
	b.instance.b[31] = 1;
	is_int(class_of(a, b), EW_INPUT_ONLY, "an abstention from another question");
}

static void
test_readings(void)
{
	struct ew_reading x[2] = { { EW_LIT_INIT("adult"), computable("1", NULL, NULL).answer },
		{ EW_LIT_INIT("child"), computable("2", NULL, NULL).answer } };
	struct ew_reading y[2] = { x[0], x[1] }, turned[2] = { x[1], x[0] };
	struct ew_label a = without_answer(EW_AMBIGUOUS), b = a;

	a.reading = x;
	a.readings = b.readings = 2;
	b.reading = y;
	is_int(class_of(a, b), EW_METADATA_ONLY, "equal readings");
	y[1].assuming = EW_LIT("a child");
	is_int(class_of(a, b), EW_READINGS, "another assumption");
	y[1] = x[1];
	y[1].answer.value = EW_LIT("3");
	is_int(class_of(a, b), EW_READINGS, "another value");
	y[1].answer.value = EW_LIT("2.0");
	is_int(class_of(a, b), EW_READINGS, "another form");
	y[1] = x[1];
	y[1].answer.lower = EW_LIT("1");
	is_int(class_of(a, b), EW_READINGS, "another band");
	y[1] = x[1];
	b.readings = 1;
	is_int(class_of(a, b), EW_READINGS, "one less");
	b.readings = 2;
	b.reading = turned;
	is_int(class_of(a, b), EW_READINGS, "another order");
	b.reading = y;
	b.instance.b[0] = 1;
	is_int(class_of(a, b), EW_INPUT_ONLY, "equal readings of another question");
}

static void
test_facets(void)
{
	struct ew_label a = computable("25", "24", "26"), b = a;

	b.instance.b[0] = 1;
	is_int(facets_of(a, b), EW_FACET_INSTANCE, "instance");
	b = a;
	b.answer.kind = EW_INTEGER;
	is_int(facets_of(a, b), EW_FACET_KIND, "kind");
	b = a;
	b.answer.unit = EW_LIT("mL");
	is_int(facets_of(a, b), EW_FACET_UNIT, "a unit where none was");
	b = a;
	b.answer.lower = EW_LIT("23");
	is_int(facets_of(a, b), EW_FACET_BAND, "band");
	b.answer.lower = EW_LIT("24.0");
	is_int(facets_of(a, b), 0, "an equal limit otherwise written is no facet");
	b = a;
	b.answer = (struct ew_answer){ .kind = EW_DURATION, .value = EW_LIT("P25D"),
		.lower = EW_LIT("P24D"), .upper = EW_LIT("P26D") };
	is_int(facets_of(a, b), EW_FACET_KIND | EW_FACET_UNIT, "a number is now a duration");
	is_int(facets_of(b, a), EW_FACET_KIND | EW_FACET_UNIT, "and the other way round");
	b.answer.kind = EW_DATE;
	b.answer.value = EW_LIT("2014-09-23");
	b.answer.lower = b.answer.upper = (struct ew_str){ NULL, 0 };
	is_int(facets_of(a, b), EW_FACET_KIND | EW_FACET_BAND, "a date is no other unit");
	a.answer = (struct ew_answer){ .kind = EW_DURATION, .value = EW_LIT("P1D") };
	is_int(facets_of(a, b), EW_FACET_KIND, "nor beside a duration");
	b.answer = (struct ew_answer){ .kind = EW_INTEGER, .value = EW_LIT("1") };
	is_int(facets_of(a, b), EW_FACET_KIND | EW_FACET_UNIT, "an integer is a number too");
	a = computable("25", "24", "26");
	b = without_answer(EW_INCOMPUTABLE);
	b.instance.b[0] = 1;
	is_int(facets_of(a, b), EW_FACET_INSTANCE | EW_FACET_BAND,
		"an abstention has neither kind nor unit, and lost the band");
	is_int(facets_of(b, a), EW_FACET_INSTANCE | EW_FACET_BAND, "which a resolution gains");
	b.answer = (struct ew_answer){ .kind = EW_TEXT, .unit = EW_LIT("kg") };
	is_int(facets_of(a, b), EW_FACET_INSTANCE | EW_FACET_BAND, "whatever lies in its memory");
	a.answer.lower = (struct ew_str){ NULL, 0 };
	is_int(facets_of(a, b), EW_FACET_INSTANCE | EW_FACET_BAND, "one limit is a band");
	is_int(facets_of(b, a), EW_FACET_INSTANCE | EW_FACET_BAND, "on either side");
	a.answer.upper = (struct ew_str){ NULL, 0 };
	is_int(facets_of(a, b), EW_FACET_INSTANCE, "where there was no band, none is lost");
	a.answer.lower = EW_LIT("24");
	is_int(facets_of(b, a), EW_FACET_INSTANCE | EW_FACET_BAND, "the other limit is one too");
}

static void
test_confidence_and_provenance(void)
{
	struct ew_label a = computable("25", NULL, NULL), b = a;

	b.confidence.basis = EW_BASIS_ADJUDICATED;
	is_int(facets_of(a, b), EW_FACET_CONFIDENCE, "another basis");
	b = a;
	b.confidence.votes_for = 1;
	is_int(facets_of(a, b), 0, "votes that are not given do not count");
	b.confidence.votes = true;
	is_int(facets_of(a, b), EW_FACET_CONFIDENCE, "votes given");
	a.confidence.votes = true;
	is_int(facets_of(a, b), EW_FACET_CONFIDENCE, "another number for");
	a.confidence.votes_for = 1;
	is_int(facets_of(a, b), 0, "equal votes");
	b.confidence.votes_of = 3;
	is_int(facets_of(a, b), EW_FACET_CONFIDENCE, "another number of");
	b = a;
	b.provenance.method = EW_METHOD_SCRIPT;
	is_int(facets_of(a, b), EW_FACET_PROVENANCE, "method");
	b = a;
	b.provenance.agent = EW_LIT("ada");
	is_int(facets_of(a, b), EW_FACET_PROVENANCE, "agent");
	b = a;
	b.provenance.rule = EW_LIT("r1");
	is_int(facets_of(a, b), EW_FACET_PROVENANCE, "rule");
	b = a;
	b.provenance.source = EW_LIT("t.csv");
	is_int(facets_of(a, b), EW_FACET_PROVENANCE, "source");
	b = a;
	b.provenance.at = EW_LIT("2025-01-01T00:00:00Z");
	is_int(facets_of(a, b), EW_FACET_PROVENANCE, "at");
}

static void
test_levels(void)
{
	uint64_t counts[EW_CLASS_COUNT] = { 0 };

	counts[EW_BEYOND_BAND] = 1;
	is_int(ew_level_of(counts, true, true), EW_IDENTICAL, "equal records pins");
	is_int(ew_level_of(counts, false, true), EW_SCORE_COMPATIBLE, "equal answers pins");
	for (unsigned c = 0; c < EW_CLASS_COUNT; c++) {
		bool harmless = c == EW_ADDED || c == EW_METADATA_ONLY || c == EW_SAME;

		memset(counts, 0, sizeof counts);
		counts[c] = 5;
		is_int(ew_level_of(counts, false, false),
			harmless ? EW_EXTENDED : EW_SCORE_AFFECTING, "only %s",
			ew_class_word((enum ew_class)c));
	}
}

int
main(void)
{
	test_words();
	test_sides();
	test_states();
	test_answers();
	test_readings();
	test_facets();
	test_confidence_and_provenance();
	test_levels();
	return tap_done();
}
