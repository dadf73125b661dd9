/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/subject.h"

#include "model/trailer.h"

enum { SIDE_MAX = 120 };

/* At most SIDE_MAX bytes of a description, whole characters, with an ellipsis. */
static void
add_cut(struct ew_buf *out, struct ew_str s)
{
	size_t n = s.len;

	if (n > SIDE_MAX) {
		n = SIDE_MAX;
		while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
	}
	ew_buf_add(out, ew_str_part(s, 0, n));
	if (n < s.len)
		ew_buf_adds(out, "\xe2\x80\xa6");
}

void
ew_subject(struct ew_buf *out, enum ew_event event, const struct ew_label *before,
	const struct ew_label *after)
{
	struct ew_buf was = { 0 }, is = { 0 };

	ew_buf_addf(out, "%s %.*s: ", ew_event_word(event), EW_FMT(after->id));
	if (before)
		ew_label_describe(&was, before, false);
	ew_label_describe(&is, after, false);
	if (before && ew_str_eq(ew_buf_str(&was), ew_buf_str(&is))) {
		ew_buf_clear(&was);
		ew_buf_clear(&is);
		ew_label_describe(&was, before, true);
		ew_label_describe(&is, after, true);
	}
	if (before && !ew_str_eq(ew_buf_str(&was), ew_buf_str(&is))) {
		add_cut(out, ew_buf_str(&was));
		ew_buf_adds(out, " -> ");
	}
	add_cut(out, ew_buf_str(&is));
	if (was.bad != EW_OK || is.bad != EW_OK)
		out->bad = EW_NOMEM;
	ew_buf_release(&was);
	ew_buf_release(&is);
}

enum ew_code
ew_subject_text(struct ew_str *out, struct ew_str reason, struct ew_arena *arena, struct ew_err *err)
{
	char *clean = ew_arena_alloc(arena, reason.len + 1);
	size_t len = 0;

	if (!clean)
		return ew_fail_nomem(err);
	for (size_t i = 0, n; i < reason.len; i += n ? n : 1) {
		n = ew_control_at(reason, i);
		clean[len++] = n < 2 ? reason.p[i] : ' ';
	}
	return ew_message_text(out, arena, ew_str_n(clean, len), err);
}

enum ew_event
ew_event_between(const struct ew_label *before, const struct ew_label *after)
{
	unsigned facets;

	switch (ew_change_classify(&facets, before, after, false)) {
	case EW_ABSTAINED:
		return EW_ABSTAIN;
	case EW_MADE_AMBIGUOUS:
	case EW_READINGS:
		return EW_DISAMBIGUATE;
	case EW_INPUT_ONLY:
		return EW_REBIND;
	case EW_RESOLVED:
	case EW_DISAMBIGUATED:
	case EW_BEYOND_BAND:
	case EW_WITHIN_BAND:
	case EW_FORM_ONLY:
	case EW_BAND_ONLY:
		return EW_RELABEL;
	case EW_REMOVED:
		return EW_WITHDRAW;
	case EW_ADDED:
	case EW_METADATA_ONLY:
	case EW_SAME:
	case EW_CLASS_COUNT:
		break;
	}
	return EW_IMPORT;
}
