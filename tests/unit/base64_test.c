/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"
#include "tests/lib/tap.h"

#include <string.h>

static void
test_vectors(void)
{
	static const struct {
		const char *plain, *text;
	} v[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xbe", "+/++" },
	};
	struct ew_buf out = { 0 };

	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		ew_buf_clear(&out);
		ew_base64_write(&out, ew_str(v[i].plain));
		is_str(ew_buf_str(&out), v[i].text, "write vector %zu", i);
		ew_buf_clear(&out);
		ok(ew_base64_read(&out, ew_str(v[i].text)), "read vector %zu", i);
		is_str(ew_buf_str(&out), v[i].plain, "its bytes");
	}
	ew_buf_release(&out);
}

static void
test_refusals(void)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=",
		"Zg==Zg==", "Zm9v\n", "Zm 9", " Zm9", "Zm9v ", "Zm9-", "Zm9_", "Z=g=", "Zm9v====",
		"Zg=g", "\xc3\xa9Zg" };
	struct ew_buf out = { 0 };

	ew_buf_adds(&out, "kept");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!ew_base64_read(&out, ew_str(bad[i])), "refused: '%s'",
			strchr(bad[i], '\n') ? "a newline" : bad[i]);
	is_str(ew_buf_str(&out), "kept", "what was in the buffer stays");
	ok(strcmp(out.p, "kept") == 0, "and its NUL");
	ok(!ew_base64_read(&out, ew_str_n("Zm9\0", 4)), "refused: a NUL");
	ew_buf_release(&out);
}

static void
test_round_trip(void)
{
	unsigned char bytes[256];
	struct ew_buf text = { 0 }, back = { 0 };
	size_t good = 0;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 167);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		ew_buf_clear(&text);
		ew_buf_clear(&back);
		ew_base64_write(&text, ew_str_n(bytes, n));
		good += ew_base64_read(&back, ew_buf_str(&text)) &&
			ew_str_eq(ew_buf_str(&back), ew_str_n(bytes, n));
	}
	is_int(good, 257, "all lengths from 0 to 256 come back");
	ew_buf_release(&text);
	ew_buf_release(&back);
}

static void
test_ceiling(void)
{
	struct ew_buf out = { .max = 5 };

	ew_base64_write(&out, EW_LIT("foobar"));
	ok(out.bad == EW_REFUSED && out.len == 0, "writing stops at the buffer's ceiling");
	ew_buf_clear(&out);
	ok(!ew_base64_read(&out, EW_LIT("Zm9vYmFy")) && out.bad == EW_REFUSED,
		"so does reading");
	ew_buf_release(&out);
}

int
main(void)
{
	test_vectors();
	test_refusals();
	test_round_trip();
	test_ceiling();
	return tap_done();
}
