/* SPDX-License-Identifier: Apache-2.0 */
/* Events: what a commit or a release declares, as its message says it.  LABELS_FORMAT.md sections 7 and 8. */
#ifndef EW_MODEL_EVENT_H
#define EW_MODEL_EVENT_H

#include "base/arena.h"
#include "model/change.h"
#include "model/pin.h"

#define EW_EVENTS(X)                     \
	X(EW_INIT, "init")                  \
	X(EW_IMPORT, "import")              \
	X(EW_RELABEL, "relabel")            \
	X(EW_REBIND, "rebind")              \
	X(EW_ABSTAIN, "abstain")            \
	X(EW_DISAMBIGUATE, "disambiguate")  \
	X(EW_ADJUDICATE, "adjudicate")      \
	X(EW_WITHDRAW, "withdraw")          \
	X(EW_AUDIT, "audit")                \
	X(EW_RECOMPUTE, "recompute")        \
	X(EW_POLICY, "policy")              \
	X(EW_KEYS, "keys")                  \
	X(EW_MERGE, "merge")                \
	X(EW_REVERT, "revert")              \
	X(EW_RESHARD, "reshard")
enum ew_event {
#define X(name, word) name,
	EW_EVENTS(X)
#undef X
};
const char *ew_event_word(enum ew_event);
bool ew_event_read(enum ew_event *out, struct ew_str word);

/* A commit's message.  Strings are borrowed; absent: .p is NULL. */
struct ew_message {
	struct ew_str subject, text;
	enum ew_event event;
	struct ew_str label, cause, source;
	struct ew_str dataset, ref;
	struct ew_sha256 records, answers;
};

/* Append the message, ending in one newline.  Control characters in subject become spaces. */
void ew_message_write(struct ew_buf *out, const struct ew_message *);
/* Parse; EW_REFUSED with the reason unless it is exactly what ew_message_write() makes. */
EW_MUST_USE enum ew_code ew_message_parse(struct ew_message *out, struct ew_str bytes,
	struct ew_err *err);
/*
 * Free text of a user as a message may hold it: UTF-8, CR LF as LF, no trailing
 * white space, no control characters but newline and tab; EW_REFUSED otherwise.
 * The result is in the arena.
 */
EW_MUST_USE enum ew_code ew_message_text(struct ew_str *out, struct ew_arena *, struct ew_str text,
	struct ew_err *err);

/* vMAJOR.MINOR[.PATCH] */
struct ew_version {
	uint64_t major, minor, patch;
};
/* EW_USAGE with the reason unless `text` is a version. */
EW_MUST_USE enum ew_code ew_version_parse(struct ew_version *out, struct ew_str text,
	struct ew_err *err);
int ew_version_cmp(const struct ew_version *, const struct ew_version *);
/* The step from a to b, b greater than a. */
enum ew_step ew_version_step(const struct ew_version *a, const struct ew_version *b);

/* A release's message. */
struct ew_release_note {
	struct ew_str subject, text;
	struct ew_str name;
	uint64_t sequence;
	struct ew_str previous; /* name, space, hex of the tag object; absent for the first */
	enum ew_level level;    /* with previous */
	struct ew_str waiver;   /* one line, or absent */
	struct ew_str dataset;
	struct ew_sha256 records, answers, policy;
	struct ew_pin_split *split;
	size_t splits;
};
void ew_release_write(struct ew_buf *out, const struct ew_release_note *);
EW_MUST_USE enum ew_code ew_release_parse(struct ew_release_note *out, struct ew_arena *,
	struct ew_str bytes, struct ew_err *err);

#endif
