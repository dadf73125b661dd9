/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "tests/lib/tap.h"

#include <string.h>

/* Every two bytes: digits are those of lower case, and nothing else. */
static void
test_unhex(void)
{
	static const char digits[] = "0123456789abcdef";
	unsigned wrong = 0;

	for (unsigned i = 0; i < 0x10000; i++) {
		const char text[2] = { (char)(i >> 8), (char)(i & 0xff) };
		const char *hi = memchr(digits, text[0], 16), *lo = memchr(digits, text[1], 16);
		unsigned char byte = 0;
		const bool good = ew_unhex(&byte, 1, ew_str_n(text, 2));

		wrong += good != (hi && lo) || (good && byte != (hi - digits) * 16 + (lo - digits));
	}
	is_int(wrong, 0, "two digits are one byte");
}

static void
test_both_ways(void)
{
	unsigned char bytes[32], back[32];
	char text[2 * sizeof bytes + 1];

	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 37 + 200);
	ew_hex(text, bytes, sizeof bytes);
	ok(ew_unhex(back, sizeof back, ew_str(text)) && memcmp(back, bytes, sizeof back) == 0,
		"digits give back the bytes");
	ok(!ew_unhex(back, sizeof back, ew_str_n(text, 63)) && !ew_unhex(back, 31, ew_str(text)),
		"not of another length");
	text[40] = 'A';
	ok(!ew_unhex(back, sizeof back, ew_str(text)), "nor of upper case");
}

int
main(void)
{
	test_unhex();
	test_both_ways();
	return tap_done();
}
