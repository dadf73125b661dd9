/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/display.h"
#include "tests/lib/tap.h"

static void
is_shown(struct ew_str text, bool lines, const char *want, const char *title)
{
	struct ew_buf b = { 0 };

	ew_display_add(&b, text, lines);
	is_str(ew_buf_str(&b), want, "%s", title);
	ew_buf_release(&b);
}

static void
is_fitted(const char *text, size_t columns, const char *want)
{
	struct ew_buf b = { 0 };

	ew_display_fit(&b, ew_str(text), columns);
	is_str(ew_buf_str(&b), want, "'%s' in %zu columns", text, columns);
	ok(ew_display_width(ew_buf_str(&b)) <= columns, "and it is no wider");
	ew_buf_release(&b);
}

static void
test_neutral(void)
{
	is_shown(EW_LIT(""), false, "", "nothing is shown as nothing");
	is_shown((struct ew_str){ NULL, 0 }, false, "", "so is the absent text");
	is_shown(EW_LIT("9 mL/min <b>"), false, "9 mL/min <b>", "plain text stays");
	is_shown(EW_LIT("naïve 漢字 ٣ 👩‍⚕️"), false, "naïve 漢字 ٣ 👩‍⚕️", "text of any script stays");
	is_shown(EW_LIT("\033[31mred\033]0;title\a"), false, "<U+001B>[31mred<U+001B>]0;title<U+0007>",
		"escape sequences are spelled");
	is_shown(EW_LIT("a\0b\177"), false, "a<U+0000>b<U+007F>", "so are NUL and DEL");
	is_shown(EW_LIT("\xc2\x9b"
			"1m"),
		false, "<U+009B>1m", "so are the C1 controls");
	is_shown(EW_LIT("\xe2\x80\xae"
			"52"),
		false, "<U+202E>52", "so is a bidirectional override");
	is_shown(EW_LIT("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9"), false,
		"<U+061C><U+200E><U+200F><U+202A><U+2066><U+2069>", "and the other bidirectional controls");
	is_shown(EW_LIT("\xe2\x80\xa8\xe2\x80\xa9"), false, "<U+2028><U+2029>", "and line separators");
	is_shown(EW_LIT("\xff\xc0\x80\xed\xa0\x80"), false, "<FF><C0><80><ED><A0><80>",
		"bytes that are not UTF-8 are spelled one by one");
	is_shown(EW_LIT("\xe2\x82"), false, "<E2><82>", "so is a character that ends early");
	is_shown(EW_LIT("a\tb\nc\r"), false, "a<U+0009>b<U+000A>c<U+000D>", "one line has no newline or tab");
	is_shown(EW_LIT("a\tb\nc\r"), true, "a\tb\nc<U+000D>", "lines keep them, but no return");
}

static void
test_width(void)
{
	is_int(ew_display_width(EW_LIT("")), 0, "nothing has no width");
	is_int(ew_display_width(EW_LIT("9 mL")), 4, "ASCII is a column each");
	is_int(ew_display_width(EW_LIT("漢字")), 4, "ideographs take two");
	is_int(ew_display_width(EW_LIT("e\xcc\x81")), 1, "a combining accent takes none");
	is_int(ew_display_width(EW_LIT("\033")), 8, "what is spelled counts as spelled");
	is_int(ew_display_width(EW_LIT("\xff")), 4, "bytes too");
}

static void
test_fit(void)
{
	is_fitted("abc", 3, "abc");
	is_fitted("abcd", 3, "ab…");
	is_fitted("abcd", 1, "…");
	is_fitted("abcd", 0, "");
	is_fitted("漢字", 4, "漢字");
	is_fitted("漢字", 3, "漢…");
	is_fitted("漢字", 2, "…");
	is_fitted("a\nbcdefgh", 9, "a…");
}

int
main(void)
{
	test_neutral();
	test_width();
	test_fit();
	return tap_done();
}
