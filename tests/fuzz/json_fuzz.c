/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz: what the reader accepts has one canonical form, which it accepts again
 * and which is then its own canonical form.  The first byte's lowest bit chooses
 * how numbers are taken.
 */
#include "codec/json.h"
#include "codec/jsonw.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The canonical form of `text` in `out`; false if it is refused. */
static bool
canonical(struct ew_buf *out, struct ew_str text, enum ew_json_numbers numbers)
{
	struct ew_err err = { 0 };
	struct ew_json *j;
	bool good = ew_json_parse(&j, text, numbers, &err) == EW_OK;

	if (good) {
		ew_json_canonical(out, j);
		if (ew_buf_check(out, &err) != EW_OK)
			abort();
	} else if (!*err.msg || !ew_utf8_ok(ew_str(err.msg))) {
		abort();
	}
	ew_json_free(j);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_buf first = { 0 }, second = { 0 };
	enum ew_json_numbers numbers;

	if (!size)
		return 0;
	numbers = data[0] & 1 ? EW_JSON_RAW : EW_JSON_INTEGERS;
	if (canonical(&first, ew_str_n(data + 1, size - 1), numbers)) {
		if (!canonical(&second, ew_buf_str(&first), numbers) ||
		    !ew_str_eq(ew_buf_str(&first), ew_buf_str(&second)))
			abort();
	}
	ew_buf_release(&first);
	ew_buf_release(&second);
	return 0;
}
