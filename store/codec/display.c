/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/display.h"

#include <stdio.h>
#include <utf8proc.h>

enum { SPELLED_MAX = 16 };

/* One character of a text, or one byte of it that is not UTF-8, as shown. */
struct glyph {
	struct ew_str text; /* the character itself, or `spelled` */
	size_t columns;
	char spelled[SPELLED_MAX];
};

static bool
is_unsafe(utf8proc_int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
			(c >= 0x2066 && c <= 0x2069);
	}
}

static void
spell(struct glyph *out, bool is_byte, unsigned value)
{
	int n = is_byte ? snprintf(out->spelled, sizeof out->spelled, "<%02X>", value)
			: snprintf(out->spelled, sizeof out->spelled, "<U+%04X>", value);

	out->text = ew_str_n(out->spelled, (size_t)n);
	out->columns = out->text.len;
}

/* Cut the next glyph off `*rest`; false at the end. */
static bool
next(struct glyph *out, struct ew_str *rest)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	if (rest->len == 0)
		return false;
	n = utf8proc_iterate((const utf8proc_uint8_t *)rest->p, (utf8proc_ssize_t)rest->len, &c);
	if (n <= 0) {
		n = 1;
		spell(out, true, (unsigned char)rest->p[0]);
	} else if (is_unsafe(c)) {
		spell(out, false, (unsigned)c);
	} else {
		out->text = ew_str_n(rest->p, (size_t)n);
		out->columns = (size_t)utf8proc_charwidth(c);
	}
	*rest = ew_str_part(*rest, (size_t)n, rest->len);
	return true;
}

void
ew_display_add(struct ew_buf *out, struct ew_str text, bool lines)
{
	while (text.len) {
		size_t plain = 0;
		struct glyph g;

		while (plain < text.len && ((text.p[plain] >= ' ' && text.p[plain] < 0x7f) ||
			(lines && (text.p[plain] == '\n' || text.p[plain] == '\t'))))
			plain++;
		ew_buf_add(out, ew_str_part(text, 0, plain));
		text = ew_str_part(text, plain, text.len);
		if (next(&g, &text))
			ew_buf_add(out, g.text);
	}
}

size_t
ew_display_width(struct ew_str text)
{
	struct glyph g;
	size_t columns = 0;

	while (next(&g, &text))
		columns += g.columns;
	return columns;
}

void
ew_display_fit(struct ew_buf *out, struct ew_str text, size_t columns)
{
	struct glyph g;
	size_t room;

	if (ew_display_width(text) <= columns) {
		ew_display_add(out, text, false);
		return;
	}
	if (columns == 0)
		return;
	for (room = columns - 1; next(&g, &text) && g.columns <= room; room -= g.columns)
		ew_buf_add(out, g.text);
	ew_buf_adds(out, "…");
}
