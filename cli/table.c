/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

void
table_init(struct table *t, size_t columns, size_t indent)
{
	assert(columns > 0 && columns <= TABLE_COLUMNS);
	*t = (struct table){ .columns = columns, .indent = indent };
}

void
table_add(struct table *t, struct ew_str cell)
{
	size_t columns = ew_display_width(cell), *width = &t->width[t->filled++ % t->columns];

	if (*width < columns)
		*width = columns;
	ew_display_add(&t->cells, cell, false);
	ew_buf_addc(&t->cells, '\0');
}

void
table_addu(struct table *t, uint64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof text, "%" PRIu64, n);

	table_add(t, ew_str_n(text, (size_t)len));
}

static void
pad(struct ew_buf *line, size_t n)
{
	while (n--)
		ew_buf_addc(line, ' ');
}

/* No blanks at the end of a line. */
static void
add_cell(struct ew_buf *line, const struct table *t, size_t column, struct ew_str cell)
{
	size_t blank = t->width[column] - ew_display_width(cell);

	if (t->right[column])
		pad(line, blank);
	ew_buf_add(line, cell);
	if (column + 1 < t->columns)
		pad(line, (t->right[column] ? 0 : blank) + TABLE_GAP);
}

void
table_print(struct table *t, struct out *out)
{
	struct ew_str rest = ew_buf_str(&t->cells);
	struct ew_buf line = { 0 };

	line.bad = t->cells.bad;
	for (size_t row = 0; row < t->filled / t->columns && line.bad == EW_OK; row++) {
		pad(&line, t->indent);
		for (size_t column = 0; column < t->columns; column++)
			add_cell(&line, t, column, ew_str_cut(&rest, '\0'));
		while (line.len && line.p[line.len - 1] == ' ')
			line.len--;
		ew_buf_addc(&line, '\n');
	}
	out_take(out, &line);
	ew_buf_release(&t->cells);
}
