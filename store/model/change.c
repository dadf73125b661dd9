/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes: a pure function of two labels.  The order of the tests below is the
 * order of the table in LABELS_FORMAT.md section 9: the first that fits is the class.
 */
#include "model/change.h"

#include "model/word.h"

#include <assert.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *const class_words[] = {
#define X(name, word, text) word,
	EW_CLASSES(X)
#undef X
};

static const char *const class_texts[] = {
#define X(name, word, text) text,
	EW_CLASSES(X)
#undef X
};

static const char *const facet_words[] = {
#define X(name, bit, word) word,
	EW_FACETS(X)
#undef X
};

static const char *const level_words[] = {
#define X(name, word) word,
	EW_LEVELS(X)
#undef X
};

static const char *const step_words[] = {
#define X(name, word) word,
	EW_STEPS(X)
#undef X
};

const char *
ew_class_word(enum ew_class c)
{
	return class_words[c];
}

const char *
ew_class_text(enum ew_class c)
{
	return class_texts[c];
}

bool
ew_class_read(enum ew_class *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, class_words, COUNT(class_words), word))
		return false;
	*out = (enum ew_class)i;
	return true;
}

const char *
ew_facet_word(unsigned i)
{
	assert(i < COUNT(facet_words));
	return facet_words[i];
}

const char *
ew_level_word(enum ew_level l)
{
	return level_words[l];
}

bool
ew_level_read(enum ew_level *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, level_words, COUNT(level_words), word))
		return false;
	*out = (enum ew_level)i;
	return true;
}

const char *
ew_step_word(enum ew_step s)
{
	return step_words[s];
}

bool
ew_step_read(enum ew_step *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, step_words, COUNT(step_words), word))
		return false;
	*out = (enum ew_step)i;
	return true;
}

static bool
is_number(enum ew_kind k)
{
	return k == EW_DECIMAL || k == EW_INTEGER;
}

/* Units differ as bytes; or one side counts days, which is a unit that only the kind tells. */
static bool
units_differ(const struct ew_answer *a, const struct ew_answer *b)
{
	return !ew_str_eq(a->unit, b->unit) ||
		(a->kind == EW_DURATION && is_number(b->kind)) ||
		(b->kind == EW_DURATION && is_number(a->kind));
}

static bool
confidences_differ(const struct ew_label *a, const struct ew_label *b)
{
	if (a->confidence.basis != b->confidence.basis ||
		a->confidence.votes != b->confidence.votes)
		return true;
	return a->confidence.votes &&
		(a->confidence.votes_for != b->confidence.votes_for ||
		 a->confidence.votes_of != b->confidence.votes_of);
}

static bool
provenances_differ(const struct ew_label *a, const struct ew_label *b)
{
	return a->provenance.method != b->provenance.method ||
		!ew_str_eq(a->provenance.agent, b->provenance.agent) ||
		!ew_str_eq(a->provenance.rule, b->provenance.rule) ||
		!ew_str_eq(a->provenance.source, b->provenance.source) ||
		!ew_str_eq(a->provenance.at, b->provenance.at);
}

/* A label without one answer has no limits. */
static bool
bands_differ(const struct ew_label *a, const struct ew_label *b)
{
	const bool x = a->state == EW_COMPUTABLE, y = b->state == EW_COMPUTABLE;

	if (x && y)
		return !ew_answer_same_band(&a->answer, &b->answer);
	return (x && (a->answer.lower.p || a->answer.upper.p)) ||
		(y && (b->answer.lower.p || b->answer.upper.p));
}

static unsigned
facets_of(const struct ew_label *a, const struct ew_label *b)
{
	unsigned f = 0;

	if (!ew_sha256_eq(&a->instance, &b->instance))
		f |= EW_FACET_INSTANCE;
	if (confidences_differ(a, b))
		f |= EW_FACET_CONFIDENCE;
	if (provenances_differ(a, b))
		f |= EW_FACET_PROVENANCE;
	if (bands_differ(a, b))
		f |= EW_FACET_BAND;
	if (a->state != EW_COMPUTABLE || b->state != EW_COMPUTABLE)
		return f;
	if (a->answer.kind != b->answer.kind)
		f |= EW_FACET_KIND;
	if (units_differ(&a->answer, &b->answer))
		f |= EW_FACET_UNIT;
	return f;
}

/* The same assumptions in the same order, each with the same answer in form and band. */
static bool
same_readings(const struct ew_label *a, const struct ew_label *b)
{
	if (a->readings != b->readings)
		return false;
	for (size_t i = 0; i < a->readings; i++) {
		const struct ew_reading *x = &a->reading[i], *y = &b->reading[i];

		if (!ew_str_eq(x->assuming, y->assuming) ||
		    !ew_answer_same_value(&x->answer, &y->answer) ||
		    !ew_answer_same_form(&x->answer, &y->answer) ||
		    !ew_answer_same_band(&x->answer, &y->answer))
			return false;
	}
	return true;
}

/* For two computable labels; EW_SAME where their answers say the same. */
static enum ew_class
class_of_answers(const struct ew_label *before, const struct ew_label *after)
{
	const struct ew_answer *a = &before->answer, *b = &after->answer;

	if (!ew_answer_same_value(a, b))
		return ew_answer_accepts(a, b) && ew_answer_accepts(b, a) ? EW_WITHIN_BAND
									  : EW_BEYOND_BAND;
	if (!ew_answer_same_form(a, b))
		return EW_FORM_ONLY;
	return ew_answer_same_band(a, b) ? EW_SAME : EW_BAND_ONLY;
}

/* For two different states. */
static enum ew_class
class_of_states(enum ew_state before, enum ew_state after)
{
	switch (after) {
	case EW_INCOMPUTABLE:
		return EW_ABSTAINED;
	case EW_AMBIGUOUS:
		return EW_MADE_AMBIGUOUS;
	case EW_COMPUTABLE:
		break;
	}
	return before == EW_INCOMPUTABLE ? EW_RESOLVED : EW_DISAMBIGUATED;
}

static enum ew_class
class_of(const struct ew_label *before, const struct ew_label *after)
{
	enum ew_class c = EW_SAME;

	if (before->state != after->state)
		return class_of_states(before->state, after->state);
	if (before->state == EW_COMPUTABLE)
		c = class_of_answers(before, after);
	else if (before->state == EW_AMBIGUOUS && !same_readings(before, after))
		c = EW_READINGS;
	if (c != EW_SAME)
		return c;
	return ew_sha256_eq(&before->instance, &after->instance) ? EW_METADATA_ONLY
								 : EW_INPUT_ONLY;
}

enum ew_class
ew_change_classify(unsigned *facets, const struct ew_label *before, const struct ew_label *after,
	bool identical)
{
	assert(before || after);
	*facets = 0;
	if (!before)
		return EW_ADDED;
	if (!after)
		return EW_REMOVED;
	if (identical)
		return EW_SAME;
	*facets = facets_of(before, after);
	return class_of(before, after);
}

enum ew_level
ew_level_of(const uint64_t counts[EW_CLASS_COUNT], bool records_equal, bool answers_equal)
{
	if (records_equal)
		return EW_IDENTICAL;
	if (answers_equal)
		return EW_SCORE_COMPATIBLE;
	for (unsigned c = 0; c < EW_CLASS_COUNT; c++)
		if (counts[c] && c != EW_ADDED && c != EW_METADATA_ONLY && c != EW_SAME)
			return EW_SCORE_AFFECTING;
	return EW_EXTENDED;
}
