/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers: a value of some kind, with an optional unit and band, and how two of
 * them compare.  All arithmetic is exact.  LABELS_FORMAT.md sections 4.1 and 9.
 */
#ifndef EW_MODEL_ANSWER_H
#define EW_MODEL_ANSWER_H

#include "base/arena.h"
#include "base/buf.h"

struct ew_json;
struct ew_jsonw;

#define EW_KINDS(X)             \
	X(EW_DECIMAL, "decimal")   \
	X(EW_INTEGER, "integer")   \
	X(EW_DATE, "date")         \
	X(EW_DURATION, "duration") \
	X(EW_CHOICE, "choice")     \
	X(EW_SET, "set")           \
	X(EW_TEXT, "text")

enum ew_kind {
#define X(name, word) name,
	EW_KINDS(X)
#undef X
};

const char *ew_kind_word(enum ew_kind);
bool ew_kind_read(enum ew_kind *out, struct ew_str word);

/* All strings are borrowed. */
struct ew_answer {
	enum ew_kind kind;
	struct ew_str value;   /* every kind but set */
	struct ew_str *member; /* set: ascending by bytes */
	size_t members;
	struct ew_str unit, lower, upper; /* .p is NULL when absent */
};

/* EW_REFUSED with the reason unless it is an answer as the format defines. */
EW_MUST_USE enum ew_code ew_answer_check(const struct ew_answer *, struct ew_err *err);

/* From a parsed object; its strings point into the document, arrays into the arena.  Checks. */
EW_MUST_USE enum ew_code ew_answer_read(struct ew_answer *out, const struct ew_json *,
	struct ew_arena *, struct ew_err *err);
/* True if canonical JSON has the members of an answer, each of its type; no more is looked at. */
bool ew_answer_shaped(struct ew_str json);
/* As a canonical JSON object value. */
void ew_answer_write(struct ew_jsonw *, const struct ew_answer *);

/* The same value, however written; the same value in the same form; the same limits. */
bool ew_answer_same_value(const struct ew_answer *, const struct ew_answer *);
bool ew_answer_same_form(const struct ew_answer *, const struct ew_answer *);
bool ew_answer_same_band(const struct ew_answer *, const struct ew_answer *);
/* True if a label with answer `label` counts the value of `other` as right. */
bool ew_answer_accepts(const struct ew_answer *label, const struct ew_answer *other);

/*
 * For people, appended: value and unit ("9 mL/min"), sets as "{a, b}"; with
 * `band`, also the limits as " [lower, upper]".
 */
void ew_answer_describe(struct ew_buf *out, const struct ew_answer *, bool band);

#endif
