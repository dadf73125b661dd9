/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels: the reference answer of one instance, with provenance and confidence.
 * LABELS_FORMAT.md section 4.1.
 */
#ifndef EW_MODEL_LABEL_H
#define EW_MODEL_LABEL_H

#include "codec/hash.h"
#include "model/answer.h"

#define EW_STATES(X)                        \
	X(EW_COMPUTABLE, "computable")     \
	X(EW_INCOMPUTABLE, "incomputable") \
	X(EW_AMBIGUOUS, "ambiguous")
enum ew_state {
#define X(name, word) name,
	EW_STATES(X)
#undef X
};
const char *ew_state_word(enum ew_state);
bool ew_state_read(enum ew_state *out, struct ew_str word);

#define EW_BASES(X)                       \
	X(EW_BASIS_IMPORTED, "imported")     \
	X(EW_BASIS_SINGLE, "single")         \
	X(EW_BASIS_SUPERMAJORITY, "supermajority") \
	X(EW_BASIS_ADJUDICATED, "adjudicated")
enum ew_basis {
#define X(name, word) name,
	EW_BASES(X)
#undef X
};
const char *ew_basis_word(enum ew_basis);
bool ew_basis_read(enum ew_basis *out, struct ew_str word);

#define EW_METHODS(X)                    \
	X(EW_METHOD_HUMAN, "human")         \
	X(EW_METHOD_LLM, "llm")             \
	X(EW_METHOD_SCRIPT, "script")       \
	X(EW_METHOD_CONSENSUS, "consensus") \
	X(EW_METHOD_IMPORT, "import")
enum ew_method {
#define X(name, word) name,
	EW_METHODS(X)
#undef X
};
const char *ew_method_word(enum ew_method);
bool ew_method_read(enum ew_method *out, struct ew_str word);

enum {
	EW_RECORD_MAX = 1 << 20,
	EW_TEXT_MAX = 65536,
	EW_READINGS_MAX = 64,
	EW_MISSING_MAX = 64,
	EW_EVIDENCE_MAX = 64,
};

struct ew_reading {
	struct ew_str assuming;
	struct ew_answer answer;
};

/* All strings and arrays are borrowed, usually from one arena.  Absent: .p is NULL. */
struct ew_label {
	struct ew_str id;
	struct ew_sha256 instance;
	enum ew_state state;
	struct ew_answer answer;    /* if computable */
	struct ew_reading *reading; /* if ambiguous */
	size_t readings;
	struct ew_str *missing; /* if incomputable */
	size_t missings;
	struct ew_str reason;
	struct {
		enum ew_basis basis;
		bool votes; /* votes_for and votes_of are given */
		int64_t votes_for, votes_of;
	} confidence;
	struct {
		enum ew_method method;
		struct ew_str agent, rule, source, at;
	} provenance;
	struct ew_str *evidence; /* ascending */
	size_t evidences;
};

/* EW_REFUSED with the reason unless every rule of the format holds. */
EW_MUST_USE enum ew_code ew_label_check(const struct ew_label *, struct ew_err *err);

/*
 * Parse a stored record, everything copied into the arena.  Strict: canonical
 * bytes, schema and all rules; EW_REFUSED with the reason.
 */
EW_MUST_USE enum ew_code ew_label_parse(struct ew_label *out, struct ew_arena *, struct ew_str bytes,
	struct ew_err *err);
/* Append the record's canonical bytes.  The label must pass ew_label_check(). */
void ew_label_write(struct ew_buf *out, const struct ew_label *);
/* Append the canonical bytes of its scored part (LABELS_FORMAT.md section 6). */
void ew_label_write_scored(struct ew_buf *out, const struct ew_label *);
/* Parse such bytes as strictly as a record; what is no part of them is absent, or the first word. */
EW_MUST_USE enum ew_code ew_label_parse_scored(struct ew_label *out, struct ew_arena *,
	struct ew_str bytes, struct ew_err *err);
/* Both, at little more than the cost of the first. */
void ew_label_write_both(struct ew_buf *record, struct ew_buf *scored, const struct ew_label *);
/*
 * A label's canonical bytes, cut at their members and not parsed, for who has no time to
 * and knows what they are by their digest.  Each is the JSON that stands there, borrowed,
 * and absent if the label has none.  EW_REFUSED for what is not shaped like a label.
 */
struct ew_label_cut {
	struct ew_str answer, confidence, evidence, id, instance, missing, provenance, readings,
		reason, state;
};
EW_MUST_USE enum ew_code ew_label_cut(struct ew_label_cut *out, struct ew_str record,
	struct ew_err *err);
/*
 * The same of bytes that anyone may have stored: EW_REFUSED too for what is not canonical
 * JSON all through, of another schema, or has an answer that is not shaped like one.
 */
EW_MUST_USE enum ew_code ew_label_cut_checked(struct ew_label_cut *out, struct ew_str record,
	struct ew_err *err);
/* The scored part of such bytes, appended: what pins are computed from, at the speed of copying. */
EW_MUST_USE enum ew_code ew_label_scored_of(struct ew_buf *out, struct ew_str record,
	struct ew_err *err);

/* For people, appended: the answer, "N/A" for incomputable, the readings for ambiguous. */
void ew_label_describe(struct ew_buf *out, const struct ew_label *, bool band);

#endif
