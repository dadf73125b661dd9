/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trailers: the form that the messages of commits and releases share.  A subject
 * line, an empty line, a text that may be absent, an empty line, and `Name: value`
 * lines.  The trailers are the last paragraph, whatever the text looks like, for a
 * value never holds a line end.  One reading and one writing of each message: what
 * is parsed is what would be written.
 */
#ifndef EW_MODEL_TRAILER_H
#define EW_MODEL_TRAILER_H

#include "base/buf.h"
#include "codec/hash.h"

/* Bytes of the control character at s.p[i] (C0, DEL, C1), 0 if there is none; `s` is UTF-8. */
size_t ew_control_at(struct ew_str s, size_t i);
/* True for UTF-8 of at least one byte, no white space at its ends and no control characters. */
bool ew_line_ok(struct ew_str);
/* The same with newlines and tabs inside. */
bool ew_lines_ok(struct ew_str);

/*
 * Append the subject, and the text if there is one.  Control characters in the
 * subject become spaces; if nothing is left of it, `instead` is the subject.
 */
void ew_message_write_head(struct ew_buf *out, struct ew_str subject, struct ew_str instead,
	struct ew_str text);
/* Append one trailer; nothing if the value is absent or empty. */
void ew_trailer_write(struct ew_buf *out, const char *name, struct ew_str value);
/* The three that commits and releases have alike. */
#define EW_TRAILER_DATASET "Ellwand-Dataset"
#define EW_TRAILER_RECORDS "Ellwand-Records"
#define EW_TRAILER_ANSWERS "Ellwand-Answers"
void ew_trailer_write_pins(struct ew_buf *out, const struct ew_sha256 *records,
	const struct ew_sha256 *answers);

/* The trailers of a message that is being read, from its first to its last line. */
struct ew_trailers {
	const char *where; /* what kind of message, for errors: "message" */
	unsigned section;  /* of LABELS_FORMAT.md, for errors */
	struct ew_str rest;
};
/* EW_REFUSED with "WHERE: NAME WHY" */
enum ew_code ew_trailer_refuse(const struct ew_trailers *, const char *name, const char *why,
	struct ew_err *err);
/* Split a message; the text is absent when there is none.  `where` and `section` are set before. */
EW_MUST_USE enum ew_code ew_trailers_open(struct ew_trailers *, struct ew_str *subject,
	struct ew_str *text, struct ew_str bytes, struct ew_err *err);
/* Take the next line if it is this trailer; otherwise the value is absent. */
bool ew_trailer_take(struct ew_str *value, struct ew_trailers *, const char *name);
/* The same, but the next line must be this trailer. */
EW_MUST_USE enum ew_code ew_trailer_need(struct ew_str *value, struct ew_trailers *,
	const char *name, struct ew_err *err);
EW_MUST_USE enum ew_code ew_trailer_need_pins(struct ew_sha256 *records, struct ew_sha256 *answers,
	struct ew_trailers *, struct ew_err *err);
/*
 * Take the co-signatures, the last lines of a message: `lines` holds them, absent for none,
 * and `before` what they are over of the message.  EW_REFUSED if they do not ascend, or
 * are too many.
 */
EW_MUST_USE enum ew_code ew_trailer_take_cosigns(struct ew_str *lines, struct ew_str *before,
	struct ew_trailers *, struct ew_str bytes, struct ew_err *err);
/* EW_REFUSED if a line is left. */
EW_MUST_USE enum ew_code ew_trailers_end(const struct ew_trailers *, struct ew_err *err);

#endif
