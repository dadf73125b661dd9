/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/markdown.h"

#include "codec/display.h"

#include <string.h>

void
ew_markdown_plain(struct ew_buf *out, struct ew_str text, size_t columns)
{
	struct ew_buf flat = { 0 };

	ew_buf_add(&flat, text);
	for (size_t i = 0; flat.bad == EW_OK && i < flat.len; i++)
		if (flat.p[i] == '\n' || flat.p[i] == '\t')
			flat.p[i] = ' ';
	ew_display_fit(out, ew_buf_str(&flat), columns);
	if (flat.bad != EW_OK)
		out->bad = flat.bad;
	ew_buf_release(&flat);
}

/* Only what follows a bracket makes it a link. */
static bool
is_markup(const struct ew_buf *line, size_t i)
{
	if (line->p[i] == '(' || line->p[i] == '[')
		return i > 0 && line->p[i - 1] == ']';
	return strchr("\\`*_|~$", line->p[i]) != NULL;
}

void
ew_markdown_text(struct ew_buf *out, struct ew_str text, size_t columns)
{
	struct ew_buf line = { 0 };

	ew_markdown_plain(&line, text, columns);
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] == '&')
			ew_buf_adds(out, "&amp;");
		else if (line.p[i] == '<')
			ew_buf_adds(out, "&lt;");
		else {
			if (is_markup(&line, i))
				ew_buf_addc(out, '\\');
			ew_buf_addc(out, line.p[i]);
		}
	}
	if (line.bad != EW_OK)
		out->bad = line.bad;
	ew_buf_release(&line);
}

/* The longest run of back quotes. */
static size_t
longest_run(struct ew_str s)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < s.len; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		if (longest < run)
			longest = run;
	}
	return longest;
}

void
ew_markdown_code(struct ew_buf *out, struct ew_str text, size_t columns)
{
	struct ew_buf line = { 0 };
	struct ew_str s;
	size_t fence;
	bool pad;

	ew_markdown_plain(&line, text, columns);
	s = ew_buf_str(&line);
	fence = longest_run(s) + 1;
	/* One blank at each end is taken off again; a span cannot begin with a back quote. */
	pad = fence > 1 || s.len == 0 || s.p[0] == ' ' || s.p[s.len - 1] == ' ';
	for (size_t i = 0; i < fence; i++)
		ew_buf_addc(out, '`');
	ew_buf_adds(out, pad ? " " : "");
	ew_buf_add(out, s);
	ew_buf_adds(out, pad ? " " : "");
	for (size_t i = 0; i < fence; i++)
		ew_buf_addc(out, '`');
	if (line.bad != EW_OK)
		out->bad = line.bad;
	ew_buf_release(&line);
}
