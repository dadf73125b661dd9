/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trailer.h"

#include "codec/json.h"
#include "model/cosign.h"
#include "model/pin.h"

size_t
ew_control_at(struct ew_str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c < 0x20 || c == 0x7f)
		return 1;
	/* C1, U+0080 to U+009F, in UTF-8. */
	if (c == 0xc2 && i + 1 < s.len && (unsigned char)s.p[i + 1] < 0xa0)
		return 2;
	return 0;
}

static bool
is_clean(struct ew_str s, bool lines)
{
	if (s.len == 0 || ew_str_trim(s).len != s.len || !ew_utf8_ok(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (ew_control_at(s, i) && !(lines && (s.p[i] == '\n' || s.p[i] == '\t')))
			return false;
	return true;
}

bool
ew_line_ok(struct ew_str s)
{
	return is_clean(s, false);
}

bool
ew_lines_ok(struct ew_str s)
{
	return is_clean(s, true);
}

/* The subject with its control characters as spaces, and no white space at its ends. */
static void
write_subject(struct ew_buf *out, struct ew_str subject)
{
	size_t start = out->len, n;

	for (size_t i = 0; i < subject.len; i += n ? n : 1) {
		n = ew_control_at(subject, i);
		if (!n && subject.p[i] != ' ')
			ew_buf_addc(out, subject.p[i]);
		else if (out->len > start)
			ew_buf_addc(out, ' ');
	}
	while (out->len > start && out->p[out->len - 1] == ' ')
		out->p[--out->len] = '\0';
}

void
ew_message_write_head(struct ew_buf *out, struct ew_str subject, struct ew_str instead,
	struct ew_str text)
{
	size_t start = out->len;

	write_subject(out, subject);
	if (out->len == start)
		ew_buf_add(out, instead);
	ew_buf_adds(out, "\n\n");
	if (text.len == 0)
		return;
	ew_buf_add(out, text);
	ew_buf_adds(out, "\n\n");
}

void
ew_trailer_write(struct ew_buf *out, const char *name, struct ew_str value)
{
	if (value.len == 0)
		return;
	ew_buf_adds(out, name);
	ew_buf_adds(out, ": ");
	ew_buf_add(out, value);
	ew_buf_addc(out, '\n');
}

static void
write_pin(struct ew_buf *out, const char *name, const struct ew_sha256 *root, bool answers)
{
	ew_buf_adds(out, name);
	ew_buf_adds(out, ": ");
	ew_pin_write(out, root, answers);
	ew_buf_addc(out, '\n');
}

void
ew_trailer_write_pins(struct ew_buf *out, const struct ew_sha256 *records,
	const struct ew_sha256 *answers)
{
	write_pin(out, EW_TRAILER_RECORDS, records, false);
	write_pin(out, EW_TRAILER_ANSWERS, answers, true);
}

enum ew_code
ew_trailer_refuse(const struct ew_trailers *t, const char *name, const char *why,
	struct ew_err *err)
{
	return ew_fail(err, EW_REFUSED, "%s: %s %s; see LABELS_FORMAT.md section %u", t->where,
		name, why, t->section);
}

/* Where the last empty line's "\n\n" begins; s.len if there is none. */
static size_t
last_gap(struct ew_str s)
{
	for (size_t i = s.len; i-- > 1;)
		if (s.p[i] == '\n' && s.p[i - 1] == '\n')
			return i - 1;
	return s.len;
}

enum ew_code
ew_trailers_open(struct ew_trailers *t, struct ew_str *subject, struct ew_str *text,
	struct ew_str bytes, struct ew_err *err)
{
	size_t gap = last_gap(bytes);
	struct ew_str head = ew_str_part(bytes, 0, gap);

	t->rest = ew_str_part(bytes, gap + 2, bytes.len);
	if (t->rest.len == 0 || !ew_str_ends(t->rest, "\n"))
		return ew_trailer_refuse(t, "the end", "is no paragraph of trailers", err);
	*subject = ew_str_cut(&head, '\n');
	if (!ew_line_ok(*subject))
		return ew_trailer_refuse(t, "the subject",
			"is not one line of text without control characters", err);
	*text = (struct ew_str){ NULL, 0 };
	if (!head.p)
		return EW_OK;
	if (!ew_str_starts(head, "\n"))
		return ew_trailer_refuse(t, "the subject", "is not followed by an empty line", err);
	*text = ew_str_part(head, 1, head.len);
	if (!ew_lines_ok(*text))
		return ew_trailer_refuse(t, "the text",
			"is empty, has white space at an end, or holds control characters", err);
	return EW_OK;
}

bool
ew_trailer_take(struct ew_str *value, struct ew_trailers *t, const char *name)
{
	struct ew_str rest = t->rest, line = ew_str_cut(&rest, '\n');
	size_t n = ew_str(name).len;

	*value = (struct ew_str){ NULL, 0 };
	if (!ew_str_starts(line, name) || !ew_str_starts(ew_str_part(line, n, line.len), ": "))
		return false;
	*value = ew_str_part(line, n + 2, line.len);
	t->rest = rest;
	return true;
}

enum ew_code
ew_trailer_need(struct ew_str *value, struct ew_trailers *t, const char *name, struct ew_err *err)
{
	if (ew_trailer_take(value, t, name))
		return EW_OK;
	return ew_trailer_refuse(t, name, "is missing, or not in its place", err);
}

static enum ew_code
need_pin(struct ew_sha256 *root, struct ew_trailers *t, const char *name, bool answers,
	struct ew_err *err)
{
	struct ew_str value;
	struct ew_err why = { 0 };
	enum ew_code rc = ew_trailer_need(&value, t, name, err);
	bool which;

	if (rc != EW_OK)
		return rc;
	if (ew_pin_read(root, &which, value, &why) != EW_OK || which != answers)
		return ew_trailer_refuse(t, name,
			answers ? "is not ewa1: and 64 hex digits"
				: "is not ewr1: and 64 hex digits",
			err);
	return EW_OK;
}

enum ew_code
ew_trailer_need_pins(struct ew_sha256 *records, struct ew_sha256 *answers, struct ew_trailers *t,
	struct ew_err *err)
{
	enum ew_code rc = need_pin(records, t, EW_TRAILER_RECORDS, false, err);

	return rc != EW_OK ? rc : need_pin(answers, t, EW_TRAILER_ANSWERS, true, err);
}

enum ew_code
ew_trailer_take_cosigns(struct ew_str *lines, struct ew_str *before, struct ew_trailers *t,
	struct ew_str bytes, struct ew_err *err)
{
	const struct ew_str from = t->rest;
	struct ew_str value, last = { NULL, 0 };
	size_t n = 0;

	*before = ew_str_part(bytes, 0, bytes.len - from.len);
	while (ew_trailer_take(&value, t, EW_TRAILER_COSIGN)) {
		if (++n > EW_COSIGNS_MAX)
			return ew_trailer_refuse(t, EW_TRAILER_COSIGN, "stands there over 15 times", err);
		if (last.p && ew_str_cmp(last, value) >= 0)
			return ew_trailer_refuse(t, EW_TRAILER_COSIGN, "is twice, or out of order", err);
		last = value;
	}
	*lines = n ? ew_str_part(from, 0, from.len - t->rest.len) : (struct ew_str){ NULL, 0 };
	return EW_OK;
}

enum ew_code
ew_trailers_end(const struct ew_trailers *t, struct ew_err *err)
{
	struct ew_str rest = t->rest, line = ew_str_cut(&rest, '\n');

	if (t->rest.len == 0)
		return EW_OK;
	return ew_fail(err, EW_REFUSED,
		"%s: line '%.*s' is unknown or not in its place; see LABELS_FORMAT.md section %u",
		t->where, EW_FMT(ew_str_part(line, 0, 100)), t->section);
}
