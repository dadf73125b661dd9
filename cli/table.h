/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables: rows of cells in columns as wide as their widest cell.  A cell is shown
 * on one line as codec/display.h says, on a terminal or not.  All rows are held
 * until they are printed, so a table is for what a person reads.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/out.h"

enum { TABLE_COLUMNS = 12, TABLE_GAP = 2 };

struct table {
	struct ew_buf cells; /* as shown, a NUL behind each */
	size_t columns;
	size_t indent;       /* before each row */
	size_t filled;       /* cells so far */
	size_t width[TABLE_COLUMNS];
	bool right[TABLE_COLUMNS]; /* set by the caller: flush right, for numbers */
};

void table_init(struct table *, size_t columns, size_t indent);
/* The next cell; rows fill from the left. */
void table_add(struct table *, struct ew_str);
void table_addu(struct table *, uint64_t);
/* Print all whole rows, release the table. */
void table_print(struct table *, struct out *);

#endif
