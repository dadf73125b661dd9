/* SPDX-License-Identifier: Apache-2.0 */
#include "model/event.h"

#include "model/id.h"
#include "model/manifest.h"
#include "model/trailer.h"
#include "model/word.h"

enum { CAUSE_MAX = 64, REF_MAX = 255, SHA256_HEX = 64 };

static const char *const event_words[] = {
#define X(name, word) word,
	EW_EVENTS(X)
#undef X
};

static const struct ew_trailers message_form = { .where = "message", .section = 7 };

const char *
ew_event_word(enum ew_event e)
{
	return event_words[e];
}

bool
ew_event_read(enum ew_event *out, struct ew_str word)
{
	unsigned i;

	if (!ew_word_find(&i, event_words, sizeof event_words / sizeof event_words[0], word))
		return false;
	*out = (enum ew_event)i;
	return true;
}

/* The events that change one label, which they name. */
static bool
is_about_one_label(enum ew_event e)
{
	return e == EW_RELABEL || e == EW_REBIND || e == EW_ABSTAIN || e == EW_DISAMBIGUATE;
}

static bool
is_cause(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    s.p[i] != '-')
			return false;
	return s.len >= 1 && s.len <= CAUSE_MAX;
}

/* "sha256:", the digest, a space, a name. */
static bool
is_source(struct ew_str s)
{
	unsigned char digest[SHA256_HEX / 2];
	struct ew_str rest = ew_str_part(s, 7, s.len), hex = ew_str_cut(&rest, ' ');

	return ew_str_starts(s, "sha256:") && ew_unhex(digest, sizeof digest, hex) &&
	       ew_line_ok(rest);
}

/* Whether git takes the name is for the repository to say; this is about the message. */
static bool
is_branch(struct ew_str s)
{
	static const char prefix[] = "refs/heads/";

	return ew_str_starts(s, prefix) && s.len > sizeof prefix - 1 && s.len <= REF_MAX &&
		ew_line_ok(s) && ew_str_find(s, 0, ' ') == s.len;
}

static enum ew_code
check_label(const struct ew_message *m, struct ew_err *err)
{
	if (m->label.p)
		return ew_id_check(m->label, err);
	if (is_about_one_label(m->event))
		return ew_trailer_refuse(&message_form, "Ellwand-Label",
			"is missing, and this event is about one label", err);
	return EW_OK;
}

enum ew_code
ew_message_check(const struct ew_message *m, struct ew_err *err)
{
	const struct ew_trailers *t = &message_form;

	if (check_label(m, err) != EW_OK)
		return ew_fail_at(err, "%s: Ellwand-Label", t->where);
	if (m->cause.p && !is_cause(m->cause))
		return ew_trailer_refuse(
			t, "Ellwand-Cause", "is not 1 to 64 of a-z, 0-9 and -", err);
	if (m->source.p && !is_source(m->source))
		return ew_trailer_refuse(t, "Ellwand-Source",
			"is not sha256:, 64 hex digits, a space and a name", err);
	if (!ew_uuid_ok(m->dataset))
		return ew_trailer_refuse(t, EW_TRAILER_DATASET, "is not a UUID in lower case", err);
	if (!is_branch(m->ref))
		return ew_trailer_refuse(t, "Ellwand-Ref",
			"is not the full name of a branch, refs/heads/NAME", err);
	return EW_OK;
}

void
ew_message_write(struct ew_buf *out, const struct ew_message *m)
{
	struct ew_str event = ew_str(ew_event_word(m->event));

	ew_message_write_head(out, m->subject, event, m->text);
	ew_trailer_write(out, "Ellwand-Event", event);
	ew_trailer_write(out, "Ellwand-Label", m->label);
	ew_trailer_write(out, "Ellwand-Cause", m->cause);
	ew_trailer_write(out, "Ellwand-Source", m->source);
	ew_trailer_write(out, EW_TRAILER_DATASET, m->dataset);
	ew_trailer_write(out, "Ellwand-Ref", m->ref);
	ew_trailer_write_pins(out, &m->records, &m->answers);
	ew_buf_add(out, m->cosigns);
}

static enum ew_code
read_event(enum ew_event *out, struct ew_trailers *t, struct ew_err *err)
{
	struct ew_str word;
	enum ew_code rc = ew_trailer_need(&word, t, "Ellwand-Event", err);

	if (rc != EW_OK)
		return rc;
	if (!ew_event_read(out, word))
		return ew_trailer_refuse(
			t, "Ellwand-Event", "is no event that this program knows", err);
	return EW_OK;
}

enum ew_code
ew_message_parse(struct ew_message *out, struct ew_str bytes, struct ew_err *err)
{
	struct ew_trailers t = message_form;
	enum ew_code rc;

	*out = (struct ew_message){ 0 };
	if ((rc = ew_trailers_open(&t, &out->subject, &out->text, bytes, err)) != EW_OK ||
	    (rc = read_event(&out->event, &t, err)) != EW_OK)
		return rc;
	ew_trailer_take(&out->label, &t, "Ellwand-Label");
	ew_trailer_take(&out->cause, &t, "Ellwand-Cause");
	ew_trailer_take(&out->source, &t, "Ellwand-Source");
	if ((rc = ew_trailer_need(&out->dataset, &t, EW_TRAILER_DATASET, err)) != EW_OK ||
	    (rc = ew_trailer_need(&out->ref, &t, "Ellwand-Ref", err)) != EW_OK ||
	    (rc = ew_trailer_need_pins(&out->records, &out->answers, &t, err)) != EW_OK ||
	    (rc = ew_trailer_take_cosigns(&out->cosigns, &out->before, &t, bytes, err)) != EW_OK ||
	    (rc = ew_trailers_end(&t, err)) != EW_OK)
		return rc;
	return ew_message_check(out, err);
}

enum ew_code
ew_message_text(struct ew_str *out, struct ew_arena *arena, struct ew_str text, struct ew_err *err)
{
	struct ew_str s = ew_str_trim(text), to;
	char *p;

	*out = (struct ew_str){ NULL, 0 };
	if (s.len == 0)
		return EW_OK;
	p = ew_arena_alloc(arena, s.len + 1);
	if (!p)
		return ew_fail_nomem(err);
	to = (struct ew_str){ p, 0 };
	for (size_t i = 0; i < s.len; i++) /* the last byte is no CR: it is not white space */
		if (s.p[i] != '\r' || s.p[i + 1] != '\n')
			p[to.len++] = s.p[i];
	if (!ew_lines_ok(to))
		return ew_fail(err, EW_REFUSED,
			"text: not UTF-8, or with control characters; remove them");
	*out = to;
	return EW_OK;
}
