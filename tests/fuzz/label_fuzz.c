/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Label records: any bytes.  What is accepted passes the check, is written as the
 * same bytes, and its scored part is cut from them as it is written.  The cutter
 * itself takes any bytes.
 */
#include "model/label.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_str bytes = ew_str_n(data, size);
	struct ew_buf cut = { 0 }, written = { 0 };
	struct ew_err err = { 0 }, cut_err = { 0 };
	struct ew_arena arena = { 0 };
	struct ew_label label;
	bool cuts = ew_label_scored_of(&cut, bytes, &cut_err) == EW_OK;

	if (ew_label_parse(&label, &arena, bytes, &err) == EW_OK) {
		demand(ew_label_check(&label, &err) == EW_OK);
		ew_label_write(&written, &label);
		demand(ew_str_eq(ew_buf_str(&written), bytes));
		ew_buf_clear(&written);
		ew_label_write_scored(&written, &label);
		demand(cuts && ew_str_eq(ew_buf_str(&written), ew_buf_str(&cut)));
	} else {
		demand(err.code == EW_REFUSED && err.msg[0]);
	}
	ew_buf_release(&cut);
	ew_buf_release(&written);
	ew_arena_release(&arena);
	return 0;
}
