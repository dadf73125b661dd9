/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/markdown.h"

#include "tests/lib/tap.h"

typedef void form_fn(struct ew_buf *, struct ew_str, size_t);

static void
check(form_fn *form, const char *text, size_t columns, const char *want)
{
	struct ew_buf b = { 0 };

	form(&b, ew_str(text), columns);
	is_str(ew_buf_str(&b), want, "%s", text);
	ew_buf_release(&b);
}

static void
test_text(void)
{
	check(ew_markdown_text, "25.0 mL", 80, "25.0 mL");
	check(ew_markdown_text, "[8, 9]", 80, "[8, 9]");
	check(ew_markdown_text, "a*b_c`d\\e|f~g$h", 80, "a\\*b\\_c\\`d\\\\e\\|f\\~g\\$h");
	check(ew_markdown_text, "<b> &amp;", 80, "&lt;b> &amp;amp;");
	check(ew_markdown_text, "[a](b) [c][d]", 80, "[a]\\(b) [c]\\[d]");
	check(ew_markdown_text, "two\nlines\tand", 80, "two lines and");
	check(ew_markdown_text, "a\033b\xe2\x80\xae", 80, "a&lt;U+001B>b&lt;U+202E>");
	check(ew_markdown_text, "abcdef", 4, "abc…");
	check(ew_markdown_text, "", 80, "");
}

static void
test_code(void)
{
	check(ew_markdown_code, "2/pmc-1", 80, "`2/pmc-1`");
	check(ew_markdown_code, "a*b<c>|d", 80, "`a*b<c>|d`");
	check(ew_markdown_code, "a`b", 80, "`` a`b ``");
	check(ew_markdown_code, "a``b`", 80, "``` a``b` ```");
	check(ew_markdown_code, " a", 80, "`  a `");
	check(ew_markdown_code, "", 80, "`  `");
	check(ew_markdown_code, "a\nb", 80, "`a b`");
}

static void
test_plain(void)
{
	check(ew_markdown_plain, "a*b\nc", 80, "a*b c");
	check(ew_markdown_plain, "abcdef", 3, "ab…");
}

int
main(void)
{
	test_text();
	test_code();
	test_plain();
	return tap_done();
}
