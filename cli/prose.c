/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prose.h"

enum { NARROWEST = 20, SECONDS_PER_DAY = 86400 };

/* Cut the next line off `*rest`: at a line end, or before the word that is too much. */
static struct ew_str
next_line(struct ew_str *rest, size_t columns)
{
	struct ew_str text = *rest, line = ew_str_part(text, 0, ew_str_find(text, 0, '\n'));
	size_t end = 0, used = 0;

	while (end < line.len) {
		size_t blank = ew_str_find(line, end + 1, ' ');

		used += ew_display_width(ew_str_part(line, end, blank));
		if (used > columns && end)
			break;
		end = blank;
	}
	*rest = ew_str_part(text, end + (end < text.len), text.len);
	return ew_str_part(text, 0, end);
}

bool
prose_print(struct out *out, struct ew_str text, size_t indent, size_t lines)
{
	size_t columns = indent + NARROWEST < PROSE_COLUMNS ? PROSE_COLUMNS - indent : NARROWEST;
	bool cut = false;

	text = ew_str_trim(text);
	for (size_t n = 0; n == 0 || text.len; n++) {
		if (n)
			out_addf(out, "%*s", (int)indent, "");
		cut = lines && n == lines;
		if (cut) {
			out_style(out, OUT_DIM);
			out_addf(out, "… %zu more bytes", text.len);
			out_style(out, OUT_PLAIN);
			text.len = 0;
		} else {
			out_add(out, next_line(&text, columns));
		}
		out_adds(out, "\n");
	}
	return cut;
}

void
prose_date(struct out *out, int64_t seconds)
{
	struct ew_buf date = { 0 };

	ew_date_write(&date, seconds / SECONDS_PER_DAY);
	out_take(out, &date);
}

void
prose_time(struct out *out, int64_t seconds)
{
	struct ew_buf time = { 0 };

	ew_time_write(&time, seconds);
	out_take(out, &time);
}
