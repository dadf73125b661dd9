/* SPDX-License-Identifier: Apache-2.0 */
/* Events: what a commit declares, as its message says it.  LABELS_FORMAT.md section 7. */
#ifndef EW_MODEL_EVENT_H
#define EW_MODEL_EVENT_H

#include "base/arena.h"
#include "codec/hash.h"
#include "model/release.h"
#include "model/version.h"

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
	struct ew_str cosigns; /* lines of co-signatures, see cosign.h */
	struct ew_str before;  /* when parsed: the bytes before them */
};

/*
 * EW_REFUSED with the reason unless each trailer's value is as the format says, and
 * an event that is about one label names it.
 */
EW_MUST_USE enum ew_code ew_message_check(const struct ew_message *, struct ew_err *err);
/*
 * Append the message, ending in one newline.  It must pass ew_message_check(), its
 * text must be absent, empty or from ew_message_text(), its subject UTF-8.  Control
 * characters in the subject become spaces, and a subject with nothing else in it
 * becomes the event's word.
 */
void ew_message_write(struct ew_buf *out, const struct ew_message *);
/*
 * Parse and check; EW_REFUSED with the reason unless it is exactly what
 * ew_message_write() makes.  The strings are slices of `bytes`.
 */
EW_MUST_USE enum ew_code ew_message_parse(struct ew_message *out, struct ew_str bytes,
	struct ew_err *err);
/*
 * Free text of a user as a message may hold it: UTF-8, CR LF as LF, no white space
 * at its ends, no control characters but newline and tab; EW_REFUSED otherwise.
 * The result is in the arena; it is absent when nothing is left.
 */
EW_MUST_USE enum ew_code ew_message_text(struct ew_str *out, struct ew_arena *, struct ew_str text,
	struct ew_err *err);

#endif
