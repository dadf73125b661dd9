/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A label is read into a struct that points into the parsed document, checked,
 * written again to see that its bytes are canonical, and only then copied.
 */
#include "model/label.h"
#include "codec/date.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/id.h"
#include "model/record.h"
#include "model/text.h"
#include "model/word.h"

#include <string.h>

static const char schema[] = "label/1";

static const char *const state_words[] = {
#define X(name, word) word,
	EW_STATES(X)
#undef X
};

static const char *const basis_words[] = {
#define X(name, word) word,
	EW_BASES(X)
#undef X
};

static const char *const method_words[] = {
#define X(name, word) word,
	EW_METHODS(X)
#undef X
};

const char *
ew_state_word(enum ew_state state)
{
	return state_words[state];
}

bool
ew_state_read(enum ew_state *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, state_words, sizeof state_words / sizeof state_words[0], word))
		return false;
	*out = (enum ew_state)i;
	return true;
}

const char *
ew_basis_word(enum ew_basis basis)
{
	return basis_words[basis];
}

bool
ew_basis_read(enum ew_basis *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, basis_words, sizeof basis_words / sizeof basis_words[0], word))
		return false;
	*out = (enum ew_basis)i;
	return true;
}

const char *
ew_method_word(enum ew_method method)
{
	return method_words[method];
}

bool
ew_method_read(enum ew_method *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, method_words, sizeof method_words / sizeof method_words[0], word))
		return false;
	*out = (enum ew_method)i;
	return true;
}

static enum ew_code
check_text(const char *name, struct ew_str text, struct ew_err *err)
{
	const char *why = ew_text_flaw(text, EW_TEXT_MAX);

	return why ? ew_fail(err, EW_REFUSED, "%s %s", name, why) : EW_OK;
}

/* A text that may be missing. */
static enum ew_code
check_optional(const char *name, struct ew_str text, struct ew_err *err)
{
	return text.p ? check_text(name, text, err) : EW_OK;
}

static enum ew_code
check_readings(const struct ew_label *l, struct ew_err *err)
{
	if (l->readings < 2 || l->readings > EW_READINGS_MAX)
		return ew_fail(err, EW_REFUSED, "readings must be 2 to 64, not %zu", l->readings);
	for (size_t i = 0; i < l->readings; i++) {
		struct ew_str assuming = l->reading[i].assuming;

		if (check_text("assuming", assuming, err) != EW_OK)
			return ew_fail_at(err, "readings[%zu]", i);
		for (size_t k = 0; k < i; k++)
			if (ew_str_eq(assuming, l->reading[k].assuming))
				return ew_fail(err, EW_REFUSED,
					"readings[%zu] assumes the same as readings[%zu]; drop one",
					i, k);
	}
	return EW_OK;
}

static enum ew_code
check_missing(const struct ew_label *l, struct ew_err *err)
{
	if (l->missings > EW_MISSING_MAX)
		return ew_fail(err, EW_REFUSED, "missing must be 1 to 64 texts, not %zu",
			l->missings);
	for (size_t i = 0; i < l->missings; i++) {
		const char *why = ew_text_flaw(l->missing[i], EW_TEXT_MAX);

		if (why)
			return ew_fail(err, EW_REFUSED, "missing[%zu] %s", i, why);
	}
	return EW_OK;
}

/* What each state has and what it has not. */
static enum ew_code
check_state(const struct ew_label *l, struct ew_err *err)
{
	const char *word = ew_state_word(l->state);
	bool answer = l->answer.value.p || l->answer.members;

	if (answer && l->state != EW_COMPUTABLE)
		return ew_fail(err, EW_REFUSED, "a label that is %s has no answer; remove it",
			word);
	if (!answer && l->state == EW_COMPUTABLE)
		return ew_fail(err, EW_REFUSED, "a label that is %s needs an answer; add it", word);
	if (l->readings && l->state != EW_AMBIGUOUS)
		return ew_fail(err, EW_REFUSED, "a label that is %s has no readings; remove them",
			word);
	if (l->missings && l->state != EW_INCOMPUTABLE)
		return ew_fail(err, EW_REFUSED, "a label that is %s has nothing missing; remove it",
			word);
	return EW_OK;
}

static enum ew_code
check_has_reason(const struct ew_label *l, struct ew_err *err)
{
	if (!l->reason.p && l->state != EW_COMPUTABLE)
		return ew_fail(err, EW_REFUSED, "a label that is %s needs a reason; add it",
			ew_state_word(l->state));
	return EW_OK;
}

static enum ew_code
check_lists(const struct ew_label *l, struct ew_err *err)
{
	return l->state == EW_AMBIGUOUS ? check_readings(l, err) : check_missing(l, err);
}

static enum ew_code
check_votes(const struct ew_label *l, struct ew_err *err)
{
	int64_t votes = l->confidence.votes_for, of = l->confidence.votes_of;

	if (!l->confidence.votes || (votes >= 0 && votes <= of && of <= EW_JSON_INT_MAX))
		return EW_OK;
	return ew_fail(err, EW_REFUSED, "confidence: for must be 0 to of, and of at most 2^53-1");
}

static enum ew_code
check_provenance(const struct ew_label *l, struct ew_err *err)
{
	int64_t seconds;

	if (check_optional("agent", l->provenance.agent, err) != EW_OK ||
		check_optional("rule", l->provenance.rule, err) != EW_OK ||
		check_optional("source", l->provenance.source, err) != EW_OK)
		return ew_fail_at(err, "provenance");
	if (!l->provenance.at.p || ew_time_parse(&seconds, l->provenance.at))
		return EW_OK;
	return ew_fail(err, EW_REFUSED,
		"provenance: at \"%.*s\" is no time; write it as 2026-01-31T12:00:00Z",
		EW_FMT(ew_text_start(l->provenance.at)));
}

static enum ew_code
check_evidence(const struct ew_label *l, struct ew_err *err)
{
	if (l->evidences > EW_EVIDENCE_MAX)
		return ew_fail(err, EW_REFUSED, "evidence must be 1 to 64 campaigns, not %zu",
			l->evidences);
	for (size_t i = 0; i < l->evidences; i++) {
		if (!ew_split_ok(l->evidence[i]))
			return ew_fail(err, EW_REFUSED,
				"evidence[%zu] is no campaign; use 1 to 64 of a-z, 0-9, _ and -",
				i);
		if (i && ew_str_cmp(l->evidence[i - 1], l->evidence[i]) >= 0)
			return ew_fail(err, EW_REFUSED,
				"evidence[%zu] is not greater than the one before; sort them",
				i);
	}
	return EW_OK;
}

/* Every rule but those of the answers and the record's length. */
static enum ew_code
check_rest(const struct ew_label *l, struct ew_err *err)
{
	enum ew_code rc = ew_id_check(l->id, err);

	if (rc == EW_OK)
		rc = check_state(l, err);
	if (rc == EW_OK)
		rc = check_has_reason(l, err);
	if (rc == EW_OK)
		rc = check_lists(l, err);
	if (rc == EW_OK)
		rc = check_optional("reason", l->reason, err);
	if (rc == EW_OK)
		rc = check_votes(l, err);
	if (rc == EW_OK)
		rc = check_provenance(l, err);
	return rc == EW_OK ? check_evidence(l, err) : rc;
}

static enum ew_code
check_answers(const struct ew_label *l, struct ew_err *err)
{
	if (l->state == EW_COMPUTABLE && ew_answer_check(&l->answer, err) != EW_OK)
		return ew_fail_at(err, "answer");
	for (size_t i = 0; i < l->readings; i++)
		if (ew_answer_check(&l->reading[i].answer, err) != EW_OK)
			return ew_fail_at(err, "readings[%zu]: answer", i);
	return EW_OK;
}

/* More bytes than an answer's texts can take when they are written: each at most 6 a byte. */
static size_t
room_of_answer(const struct ew_answer *a)
{
	size_t n = a->value.len + a->unit.len + a->lower.len + a->upper.len + 64;

	for (size_t i = 0; i < a->members; i++)
		n += a->member[i].len + 1;
	return 6 * n;
}

/* The same of a label; most are far from the limit, and need not be written to know it. */
static size_t
room_of(const struct ew_label *l)
{
	size_t n = l->id.len + l->reason.len + l->provenance.agent.len + l->provenance.rule.len +
		l->provenance.source.len + l->provenance.at.len + 1024;

	for (size_t i = 0; i < l->missings; i++)
		n += l->missing[i].len + 1;
	for (size_t i = 0; i < l->evidences; i++)
		n += l->evidence[i].len + 1;
	n = 6 * n + room_of_answer(&l->answer);
	for (size_t i = 0; i < l->readings; i++)
		n += 6 * l->reading[i].assuming.len + 64 + room_of_answer(&l->reading[i].answer);
	return n;
}

static enum ew_code
check_length(const struct ew_label *l, struct ew_err *err)
{
	struct ew_buf written = { 0 };
	enum ew_code rc;

	if (room_of(l) <= EW_RECORD_MAX)
		return EW_OK;
	ew_label_write(&written, l);
	rc = ew_record_fits(&written, err);
	ew_buf_release(&written);
	return rc;
}

enum ew_code
ew_label_check(const struct ew_label *l, struct ew_err *err)
{
	enum ew_code rc = check_rest(l, err);

	if (rc == EW_OK)
		rc = check_answers(l, err);
	return rc == EW_OK ? check_length(l, err) : rc;
}

/* Texts of an array, which must not be empty: none at all is said by leaving it out. */
static enum ew_code
read_texts(struct ew_str **out, size_t *count, const char *name, const struct ew_json *array,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_str *text;

	if (!array)
		return EW_OK;
	if (!ew_json_first(array))
		return ew_fail(err, EW_REFUSED, "%s is empty; leave it out", name);
	*out = text = ew_arena_array(arena, ew_json_count(array), sizeof *text);
	if (!text)
		return ew_fail_nomem(err);
	for (const struct ew_json *e = ew_json_first(array); e; e = ew_json_next(e)) {
		if (ew_json_type(e) != EW_JSON_STRING)
			return ew_fail(err, EW_REFUSED, "%s[%zu] must be a string", name, *count);
		text[(*count)++] = ew_json_text(e);
	}
	return EW_OK;
}

static enum ew_code
read_reading(struct ew_reading *out, const struct ew_json *object, struct ew_arena *arena,
	struct ew_err *err)
{
	enum { ANSWER, ASSUMING, COUNT };
	static const struct ew_member want[COUNT] = {
		[ANSWER] = { "answer", EW_JSON_OBJECT, true },
		[ASSUMING] = { "assuming", EW_JSON_STRING, true },
	};
	const struct ew_json *got[COUNT];
	enum ew_code rc = ew_record_take(got, object, want, COUNT, err);

	if (rc != EW_OK)
		return rc;
	out->assuming = ew_json_text(got[ASSUMING]);
	if (ew_answer_read(&out->answer, got[ANSWER], arena, err) != EW_OK)
		return ew_fail_at(err, "answer");
	return EW_OK;
}

static enum ew_code
read_readings(struct ew_label *out, const struct ew_json *array, struct ew_arena *arena,
	struct ew_err *err)
{
	if (!array)
		return EW_OK;
	if (!ew_json_first(array))
		return ew_fail(err, EW_REFUSED, "readings is empty; leave it out");
	out->reading = ew_arena_array(arena, ew_json_count(array), sizeof *out->reading);
	if (!out->reading)
		return ew_fail_nomem(err);
	for (const struct ew_json *e = ew_json_first(array); e; e = ew_json_next(e)) {
		if (read_reading(&out->reading[out->readings], e, arena, err) != EW_OK)
			return ew_fail_at(err, "readings[%zu]", out->readings);
		out->readings++;
	}
	return EW_OK;
}

static enum ew_code
read_confidence(struct ew_label *out, const struct ew_json *object, struct ew_err *err)
{
	enum { BASIS, FOR, OF, COUNT };
	static const struct ew_member want[COUNT] = {
		[BASIS] = { "basis", EW_JSON_STRING, true },
		[FOR] = { "for", EW_JSON_NUMBER, false },
		[OF] = { "of", EW_JSON_NUMBER, false },
	};
	const struct ew_json *got[COUNT];

	if (ew_record_take(got, object, want, COUNT, err) != EW_OK)
		return ew_fail_at(err, "confidence");
	if (!ew_basis_read(&out->confidence.basis, ew_json_text(got[BASIS])))
		return ew_fail(err, EW_REFUSED,
			"confidence: basis must be imported, single, supermajority or adjudicated");
	if (!got[FOR] != !got[OF])
		return ew_fail(err, EW_REFUSED,
			"confidence: for and of belong together; give both or neither");
	if (got[FOR]) {
		out->confidence.votes = true;
		out->confidence.votes_for = ew_json_int(got[FOR]);
		out->confidence.votes_of = ew_json_int(got[OF]);
	}
	return EW_OK;
}

static enum ew_code
read_provenance(struct ew_label *out, const struct ew_json *object, struct ew_err *err)
{
	enum { AGENT, AT, METHOD, RULE, SOURCE, COUNT };
	static const struct ew_member want[COUNT] = {
		[AGENT] = { "agent", EW_JSON_STRING, false },
		[AT] = { "at", EW_JSON_STRING, false },
		[METHOD] = { "method", EW_JSON_STRING, true },
		[RULE] = { "rule", EW_JSON_STRING, false },
		[SOURCE] = { "source", EW_JSON_STRING, false },
	};
	const struct ew_json *got[COUNT];

	if (ew_record_take(got, object, want, COUNT, err) != EW_OK)
		return ew_fail_at(err, "provenance");
	if (!ew_method_read(&out->provenance.method, ew_json_text(got[METHOD])))
		return ew_fail(err, EW_REFUSED,
			"provenance: method must be human, llm, script, consensus or import");
	out->provenance.agent = ew_json_text(got[AGENT]);
	out->provenance.at = ew_json_text(got[AT]);
	out->provenance.rule = ew_json_text(got[RULE]);
	out->provenance.source = ew_json_text(got[SOURCE]);
	return EW_OK;
}

/* The members of a label, in canonical order. */
enum {
	ANSWER,
	CONFIDENCE,
	EVIDENCE,
	ID,
	INSTANCE,
	MISSING,
	PROVENANCE,
	READINGS,
	REASON,
	SCHEMA,
	STATE,
	COUNT
};
static const struct ew_member members[COUNT] = {
	[ANSWER] = { "answer", EW_JSON_OBJECT, false },
	[CONFIDENCE] = { "confidence", EW_JSON_OBJECT, true },
	[EVIDENCE] = { "evidence", EW_JSON_ARRAY, false },
	[ID] = { "id", EW_JSON_STRING, true },
	[INSTANCE] = { "instance", EW_JSON_STRING, true },
	[MISSING] = { "missing", EW_JSON_ARRAY, false },
	[PROVENANCE] = { "provenance", EW_JSON_OBJECT, true },
	[READINGS] = { "readings", EW_JSON_ARRAY, false },
	[REASON] = { "reason", EW_JSON_STRING, false },
	[SCHEMA] = { "schema", EW_JSON_STRING, true },
	[STATE] = { "state", EW_JSON_STRING, true },
};

static enum ew_code
read_answers(struct ew_label *out, const struct ew_json *answer, const struct ew_json *readings,
	struct ew_arena *arena, struct ew_err *err)
{
	if (answer && ew_answer_read(&out->answer, answer, arena, err) != EW_OK)
		return ew_fail_at(err, "answer");
	return read_readings(out, readings, arena, err);
}

/* The members that are objects or arrays. */
static enum ew_code
read_parts(struct ew_label *out, const struct ew_json *const *got, struct ew_arena *arena,
	struct ew_err *err)
{
	enum ew_code rc = read_answers(out, got[ANSWER], got[READINGS], arena, err);

	if (rc == EW_OK)
		rc = read_texts(&out->missing, &out->missings, "missing", got[MISSING], arena, err);
	if (rc == EW_OK)
		rc = read_texts(&out->evidence, &out->evidences, "evidence", got[EVIDENCE], arena,
			err);
	if (rc == EW_OK)
		rc = read_confidence(out, got[CONFIDENCE], err);
	return rc == EW_OK ? read_provenance(out, got[PROVENANCE], err) : rc;
}

static enum ew_code
read_identity(struct ew_label *out, const struct ew_json *id, const struct ew_json *instance,
	const struct ew_json *state, struct ew_err *err)
{
	out->id = ew_json_text(id);
	if (!ew_unhex(out->instance.b, sizeof out->instance.b, ew_json_text(instance)))
		return ew_fail(err, EW_REFUSED,
			"instance is no digest; write 64 lower-case hexadecimal digits");
	if (!ew_state_read(&out->state, ew_json_text(state)))
		return ew_fail(err, EW_REFUSED,
			"state must be computable, incomputable or ambiguous");
	return EW_OK;
}

/* Texts point into the document, arrays into the arena.  Answers are checked, the rest is not. */
static enum ew_code
read_label(struct ew_label *out, const struct ew_json *doc, struct ew_arena *arena,
	struct ew_err *err)
{
	const struct ew_json *got[COUNT];
	enum ew_code rc = ew_record_take(got, doc, members, COUNT, err);

	*out = (struct ew_label){ 0 };
	if (rc != EW_OK)
		return rc;
	out->reason = ew_json_text(got[REASON]);
	rc = read_identity(out, got[ID], got[INSTANCE], got[STATE], err);
	return rc == EW_OK ? read_parts(out, got, arena, err) : rc;
}

/* The same of a scored part, which has no other members. */
static enum ew_code
read_scored(struct ew_label *out, const struct ew_json *doc, struct ew_arena *arena, struct ew_err *err)
{
	const struct ew_member want[] = { members[ANSWER], members[ID], members[INSTANCE],
		members[READINGS], members[STATE] };
	const struct ew_json *got[sizeof want / sizeof want[0]];
	enum ew_code rc = ew_record_take(got, doc, want, sizeof want / sizeof want[0], err);

	*out = (struct ew_label){ 0 };
	if (rc == EW_OK)
		rc = read_identity(out, got[1], got[2], got[4], err);
	return rc == EW_OK ? read_answers(out, got[0], got[3], arena, err) : rc;
}

static enum ew_code
check_canonical(const struct ew_label *l, void (*write)(struct ew_buf *, const struct ew_label *),
	struct ew_str bytes, struct ew_err *err)
{
	struct ew_buf written = { 0 };
	enum ew_code rc;

	write(&written, l);
	rc = ew_record_compare(&written, bytes, err);
	ew_buf_release(&written);
	return rc;
}

static bool
keep(struct ew_arena *arena, struct ew_str *s)
{
	if (!s->p)
		return true;
	*s = ew_arena_str(arena, *s);
	return s->p;
}

static bool
keep_all(struct ew_arena *arena, struct ew_str *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!keep(arena, &s[i]))
			return false;
	return true;
}

static bool
keep_answer(struct ew_arena *arena, struct ew_answer *a)
{
	return keep(arena, &a->value) && keep(arena, &a->unit) && keep(arena, &a->lower) &&
		keep(arena, &a->upper) && keep_all(arena, a->member, a->members);
}

/* Copy all texts into the arena. */
static bool
keep_label(struct ew_arena *arena, struct ew_label *l)
{
	for (size_t i = 0; i < l->readings; i++)
		if (!keep(arena, &l->reading[i].assuming) ||
			!keep_answer(arena, &l->reading[i].answer))
			return false;
	return keep(arena, &l->id) && keep_answer(arena, &l->answer) &&
		keep_all(arena, l->missing, l->missings) && keep(arena, &l->reason) &&
		keep(arena, &l->provenance.agent) && keep(arena, &l->provenance.rule) &&
		keep(arena, &l->provenance.source) && keep(arena, &l->provenance.at) &&
		keep_all(arena, l->evidence, l->evidences);
}

enum ew_code
ew_label_parse(struct ew_label *out, struct ew_arena *arena, struct ew_str bytes,
	struct ew_err *err)
{
	struct ew_json *doc = NULL;
	enum ew_code rc = ew_record_parse(&doc, bytes, schema, err);

	if (rc == EW_OK)
		rc = read_label(out, doc, arena, err);
	if (rc == EW_OK)
		rc = check_rest(out, err);
	if (rc == EW_OK)
		rc = check_canonical(out, ew_label_write, bytes, err);
	if (rc == EW_OK && !keep_label(arena, out))
		rc = ew_fail_nomem(err);
	ew_json_free(doc);
	return rc;
}

enum ew_code
ew_label_parse_scored(struct ew_label *out, struct ew_arena *arena, struct ew_str bytes,
	struct ew_err *err)
{
	struct ew_json *doc = NULL;
	enum ew_code rc = ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, err);

	if (rc == EW_OK)
		rc = read_scored(out, doc, arena, err);
	if (rc == EW_OK && (rc = ew_id_check(out->id, err)) == EW_OK &&
	    (rc = check_state(out, err)) == EW_OK)
		rc = check_lists(out, err);
	if (rc == EW_OK)
		rc = check_canonical(out, ew_label_write_scored, bytes, err);
	if (rc == EW_OK && !keep_label(arena, out))
		rc = ew_fail_nomem(err);
	ew_json_free(doc);
	return rc;
}

static void
write_texts(struct ew_jsonw *w, const char *name, const struct ew_str *text, size_t n)
{
	if (n == 0)
		return;
	ew_jsonw_name(w, ew_str(name));
	ew_jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		ew_jsonw_str(w, text[i]);
	ew_jsonw_end(w);
}

static void
write_optional(struct ew_jsonw *w, const char *name, struct ew_str text)
{
	if (text.p)
		ew_jsonw_str_at(w, name, text);
}

static void
write_answer(struct ew_jsonw *w, const struct ew_label *l)
{
	if (l->state != EW_COMPUTABLE)
		return;
	ew_jsonw_name(w, EW_LIT("answer"));
	ew_answer_write(w, &l->answer);
}

static void
write_identity(struct ew_jsonw *w, const struct ew_label *l)
{
	char digest[2 * sizeof l->instance.b + 1];

	ew_hex(digest, l->instance.b, sizeof l->instance.b);
	ew_jsonw_str_at(w, "id", l->id);
	ew_jsonw_str_at(w, "instance", ew_str(digest));
}

static void
write_readings(struct ew_jsonw *w, const struct ew_label *l)
{
	if (l->state != EW_AMBIGUOUS)
		return;
	ew_jsonw_name(w, EW_LIT("readings"));
	ew_jsonw_array(w);
	for (size_t i = 0; i < l->readings; i++) {
		ew_jsonw_object(w);
		ew_jsonw_name(w, EW_LIT("answer"));
		ew_answer_write(w, &l->reading[i].answer);
		ew_jsonw_str_at(w, "assuming", l->reading[i].assuming);
		ew_jsonw_end(w);
	}
	ew_jsonw_end(w);
}

static void
write_confidence(struct ew_jsonw *w, const struct ew_label *l)
{
	ew_jsonw_name(w, EW_LIT("confidence"));
	ew_jsonw_object(w);
	ew_jsonw_str_at(w, "basis", ew_str(ew_basis_word(l->confidence.basis)));
	if (l->confidence.votes) {
		ew_jsonw_int_at(w, "for", l->confidence.votes_for);
		ew_jsonw_int_at(w, "of", l->confidence.votes_of);
	}
	ew_jsonw_end(w);
}

static void
write_provenance(struct ew_jsonw *w, const struct ew_label *l)
{
	ew_jsonw_name(w, EW_LIT("provenance"));
	ew_jsonw_object(w);
	write_optional(w, "agent", l->provenance.agent);
	write_optional(w, "at", l->provenance.at);
	ew_jsonw_str_at(w, "method", ew_str(ew_method_word(l->provenance.method)));
	write_optional(w, "rule", l->provenance.rule);
	write_optional(w, "source", l->provenance.source);
	ew_jsonw_end(w);
}

/* What was written of a record since `from` is scored: add it there, if that is asked for. */
static void
score(struct ew_buf *scored, const struct ew_buf *record, size_t from)
{
	struct ew_str s = ew_str_part(ew_buf_str(record), from, record->len);

	if (!scored)
		return;
	if (s.len && s.p[0] == ',' && ew_str_ends(ew_buf_str(scored), "{"))
		s = ew_str_part(s, 1, s.len);
	ew_buf_add(scored, s);
}

/* A record, and its scored part unless that is NULL. */
static void
write_label(struct ew_buf *out, struct ew_buf *scored, const struct ew_label *l)
{
	size_t from = out->len;
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_object(&w);
	write_answer(&w, l);
	score(scored, out, from);
	write_confidence(&w, l);
	write_texts(&w, "evidence", l->evidence, l->evidences);
	from = out->len;
	write_identity(&w, l);
	score(scored, out, from);
	write_texts(&w, "missing", l->missing, l->missings);
	write_provenance(&w, l);
	from = out->len;
	write_readings(&w, l);
	score(scored, out, from);
	write_optional(&w, "reason", l->reason);
	ew_jsonw_str_at(&w, "schema", ew_str(schema));
	from = out->len;
	ew_jsonw_str_at(&w, "state", ew_str(ew_state_word(l->state)));
	ew_jsonw_end(&w);
	score(scored, out, from);
	ew_jsonw_finish(&w);
}

void
ew_label_write(struct ew_buf *out, const struct ew_label *l)
{
	write_label(out, NULL, l);
}

void
ew_label_write_both(struct ew_buf *record, struct ew_buf *scored, const struct ew_label *l)
{
	write_label(record, scored, l);
}

void
ew_label_write_scored(struct ew_buf *out, const struct ew_label *l)
{
	struct ew_buf record = { 0 };

	write_label(&record, out, l);
	if (record.bad != EW_OK)
		out->bad = record.bad;
	ew_buf_release(&record);
}

static enum ew_code
fail_cut(struct ew_err *err)
{
	return ew_fail(err, EW_REFUSED, "not a label's canonical JSON; run ellwand fsck");
}

static struct ew_label_cut
cut_of(const struct ew_str *value)
{
	return (struct ew_label_cut){
		.answer = value[ANSWER],
		.confidence = value[CONFIDENCE],
		.evidence = value[EVIDENCE],
		.id = value[ID],
		.instance = value[INSTANCE],
		.missing = value[MISSING],
		.provenance = value[PROVENANCE],
		.readings = value[READINGS],
		.reason = value[REASON],
		.state = value[STATE],
	};
}

enum ew_code
ew_label_cut(struct ew_label_cut *out, struct ew_str record, struct ew_err *err)
{
	struct ew_str value[COUNT];

	if (!ew_record_cut(value, record, members, COUNT))
		return fail_cut(err);
	*out = cut_of(value);
	return EW_OK;
}

enum ew_code
ew_label_cut_checked(struct ew_label_cut *out, struct ew_str record, struct ew_err *err)
{
	struct ew_str value[COUNT];

	if (!ew_record_cut_checked(value, record, members, COUNT) ||
	    !ew_str_is(value[SCHEMA], "\"label/1\"") ||
	    (value[ANSWER].p && !ew_answer_shaped(value[ANSWER])))
		return fail_cut(err);
	*out = cut_of(value);
	return EW_OK;
}

/* Append a member as it stands, with what stands before it in the result. */
static void
add_member(struct ew_buf *out, char before, const char *name, struct ew_str value)
{
	const size_t head = strlen(name) + sizeof "\"\":" - 1;

	if (!value.p)
		return;
	ew_buf_addc(out, before);
	ew_buf_addmem(out, value.p - head, head + value.len);
}

enum ew_code
ew_label_scored_of(struct ew_buf *out, struct ew_str record, struct ew_err *err)
{
	struct ew_label_cut c;
	enum ew_code rc = ew_label_cut(&c, record, err);

	if (rc != EW_OK)
		return rc;
	add_member(out, '{', "answer", c.answer);
	add_member(out, c.answer.p ? ',' : '{', "id", c.id);
	add_member(out, ',', "instance", c.instance);
	add_member(out, ',', "readings", c.readings);
	add_member(out, ',', "state", c.state);
	ew_buf_addc(out, '}');
	return ew_buf_check(out, err);
}

void
ew_label_describe(struct ew_buf *out, const struct ew_label *l, bool band)
{
	switch (l->state) {
	case EW_COMPUTABLE:
		ew_answer_describe(out, &l->answer, band);
		return;
	case EW_INCOMPUTABLE:
		ew_buf_adds(out, "N/A");
		return;
	case EW_AMBIGUOUS:
		break;
	}
	for (size_t i = 0; i < l->readings; i++) {
		ew_buf_adds(out, i ? " or " : "");
		ew_answer_describe(out, &l->reading[i].answer, band);
		ew_buf_adds(out, " (");
		ew_buf_add(out, l->reading[i].assuming);
		ew_buf_addc(out, ')');
	}
}
