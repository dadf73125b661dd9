/* SPDX-License-Identifier: Apache-2.0 */
#include "model/id.h"
#include "tests/lib/tap.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool
has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static struct ew_str
filled(char *out, size_t n, const char *unit)
{
	size_t step = strlen(unit);

	for (size_t i = 0; i + step <= n; i += step)
		memcpy(out + i, unit, step);
	return ew_str_n(out, n / step * step);
}

static void
test_names(void)
{
	static const struct {
		const char *id, *name;
	} known[] = {
		{ "2/pmc-7671985-1", "2%2fpmc-7671985-1" },
		{ "-rf", "%2drf" },
		{ "Q10", "%5110" },
		{ "../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd" },
		{ "na\xc3\xafve", "na%c3%afve" },
		{ "a", "a" },
		{ "a-_9z", "a-_9z" },
		{ "-", "%2d" },
		{ "--", "%2d-" },
		{ "%2d", "%252d" },
		{ "a b", "a%20b" },
		{ ".git", "%2egit" },
		{ "con\xe2\x80\x8d", "con%e2%80%8d" },
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		const struct ew_str known_id = ew_str(known[i].id);
		struct ew_buf name = { 0 }, id = { 0 };
		struct ew_err err = { 0 };

		is_int(ew_id_check(known_id, &err), EW_OK, "'%.*s' is an id", EW_FMT(known_id));
		ew_id_write_name(&name, known_id);
		is_str(ew_buf_str(&name), known[i].name, "'%.*s' has its name", EW_FMT(known_id));
		ok(ew_id_read_name(&id, ew_str(known[i].name)), "'%s' is a name", known[i].name);
		is_str(ew_buf_str(&id), known[i].id, "'%s' gives its id back", known[i].name);
		ew_buf_release(&name);
		ew_buf_release(&id);
	}
}

static void
test_no_names(void)
{
	static const char *const refused[] = { "", "A", "-rf", "%2", "%", "a%", "a%2", "%2D",
		"%2dx%2d", "a%2d",
		"%61", "%5f", "%30", "a.b", "a/b", "a b", "%zz", "%2g", "na\xc3\xafve", "%00",
			"%0a", "a%20", "%20a",
		"%ff", "%c3", "%e2%80%ae", "n%61", "%2d%", "e%cc%81" };
	struct ew_buf out = { 0 };
	char longer[EW_NAME_MAX + 1];

	ew_buf_adds(&out, "before");
	for (size_t i = 0; i < COUNT(refused); i++) {
		ok(!ew_id_read_name(&out, ew_str(refused[i])), "'%s' is no name", refused[i]);
		is_str(ew_buf_str(&out), "before", "and nothing is appended");
	}
	ok(!ew_id_read_name(&out, filled(longer, sizeof longer, "a")), "201 bytes are no name");
	ok(ew_id_read_name(&out, filled(longer, sizeof longer - 1, "a")), "200 bytes are one");
	is_int(out.len, 6 + 200, "and its id is appended");
	ew_buf_release(&out);
}

static void
test_refusals(void)
{
	static const struct {
		const char *id, *why;
	} refused[] = {
		{ "", "is empty" },
		{ "a\nb", "holds a control character" },
		{ "a\tb", "holds a control character" },
		{ "\x1b[0m", "holds a control character" },
		{ "a\x7f", "holds a control character" },
		{ "a\xc2\x80" "b", "holds a control character" },
		{ "a\xc2\x9f" "b", "holds a control character" },
		{ "a\xe2\x80\xaa" "b", "reverses text" }, /* U+202A */
		{ "a\xe2\x80\xae" "b", "reverses text" }, /* U+202E */
		{ "a\xe2\x81\xa6" "b", "reverses text" }, /* U+2066 */
		{ "a\xe2\x81\xa9" "b", "reverses text" }, /* U+2069 */
		{ " a", "begins with white space" },
		{ "a ", "ends with white space" },
		{ " ", "begins with white space" },
		{ "\xc2\xa0" "a", "begins with white space" },     /* U+00A0 */
		{ "a\xe1\x9a\x80", "ends with white space" },      /* U+1680 */
		{ "a\xe2\x80\x8a", "ends with white space" },      /* U+200A */
		{ "a\xe2\x80\xa8", "ends with white space" },      /* U+2028 */
		{ "a\xe2\x80\xa9", "ends with white space" },      /* U+2029 */
		{ "\xe3\x80\x80" "a", "begins with white space" }, /* U+3000 */
		{ "e\xcc\x81", "normal form C" },
		{ "\xe2\x84\xab", "normal form C" },                 /* U+212B, Angstrom */
		{ "\xe1\x84\x80\xe1\x85\xa1", "normal form C" },     /* conjoining jamo */
		{ "a\xcc\x81\xcc\xa3", "normal form C" },            /* marks in the wrong order */
		{ "\xff", "is not UTF-8" },
		{ "\xc0\x80", "is not UTF-8" },
		{ "\xed\xa0\x80", "is not UTF-8" },
	};
	static const char *const taken[] = { "\xc3\xa9", "\xea\xb0\x80", "a\xe2\x80\x8b",
		"\xe2\x80\x8f" "a", "a b",
		"\xf0\x9f\x98\x80", "\xef\xac\x81", "\xe1\xb8\xa9", "a\xe2\x80\xa8" "b",
			"x\xcc\xa3", "\xce\xa9" };

	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ew_err err = { 0 };

		is_int(ew_id_check(ew_str(refused[i].id), &err), EW_REFUSED, "id %zu is refused",
			i);
		ok(has(err.msg, refused[i].why), "since it %s: %s", refused[i].why, err.msg);
	}
	for (size_t i = 0; i < COUNT(taken); i++) {
		struct ew_err err = { 0 };

		is_int(ew_id_check(ew_str(taken[i]), &err), EW_OK, "'%s' is taken %s", taken[i],
			err.msg);
	}
}

static void
test_lengths(void)
{
	static const struct {
		size_t n;
		const char *unit, *why;
	} cases[] = {
		{ 200, "a", NULL },
		{ 201, "a", "is over 200 bytes" },
		{ 66, "A", NULL }, /* a name of 198 */
		{ 67, "A", "makes a file name over 200 bytes" },
		{ 66, "\xc3\xa9", NULL },
		{ 68, "\xc3\xa9", "makes a file name over 200 bytes" },
	};
	char id[256];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ew_err err = { 0 };
		struct ew_str s = filled(id, cases[i].n, cases[i].unit);
		enum ew_code rc = ew_id_check(s, &err);

		is_int(rc, cases[i].why ? EW_REFUSED : EW_OK, "%zu bytes of %s", s.len,
			cases[i].unit);
		ok(!cases[i].why || has(err.msg, cases[i].why), "message '%s'", err.msg);
	}
	ok(ew_id_check(ew_str_n("a\0b", 3), &(struct ew_err){ 0 }) == EW_REFUSED,
		"a NUL is refused");
	ok(ew_id_check(ew_str(NULL), &(struct ew_err){ 0 }) == EW_REFUSED,
		"the absent id is refused");
}

static void
test_fold(void)
{
	static const struct {
		const char *id, *folded;
	} known[] = {
		{ "abc-9/_", "abc-9/_" },
		{ "Q10", "q10" },
		{ "Stra\xc3\x9f" "e", "strasse" },
		{ "STRASSE", "strasse" },
		{ "\xce\xa3\xce\x91\xcf\x82", "\xcf\x83\xce\xb1\xcf\x83" }, /* all sigmas are one */
		{ "\xc4\xb0", "i\xcc\x87" },                                 /* I with a dot */
		{ "\xef\xac\x81", "fi" },
		{ "\xe1\xba\x9e", "ss" },
		{ "\xe6\x97\xa5", "\xe6\x97\xa5" },
	};
	struct ew_err err = { 0 };
	struct ew_buf out = { 0 };

	for (size_t i = 0; i < COUNT(known); i++) {
		ew_buf_clear(&out);
		is_int(ew_id_fold(&out, ew_str(known[i].id), &err), EW_OK, "'%s' folds",
			known[i].id);
		is_str(ew_buf_str(&out), known[i].folded, "as Unicode says");
	}
	is_int(ew_id_fold(&out, EW_LIT("\xff"), &err), EW_REFUSED, "what is not UTF-8 does not");
	ok(has(err.msg, "is not UTF-8"), "and says so: %s", err.msg);
	ew_buf_release(&out);
	ew_buf_init(&out, 3);
	ew_err_clear(&err);
	is_int(ew_id_fold(&out, EW_LIT("abcd"), &err), EW_REFUSED, "the buffer's ceiling is told");
	ew_buf_release(&out);
}

static void
test_splits(void)
{
	static const char *const good[] = { "test", "a", "_", "0-", "dev_2", "a-b" };
	static const char *const bad[] = { "", "-a", "Test", "a b", "a/b", "a.b", "\xc3\xa9",
		"a\n" };
	char name[65];

	for (size_t i = 0; i < COUNT(good); i++)
		ok(ew_split_ok(ew_str(good[i])), "'%s' names a split", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		ok(!ew_split_ok(ew_str(bad[i])), "name %zu does not", i);
	ok(ew_split_ok(filled(name, 64, "s")), "64 bytes do");
	ok(!ew_split_ok(filled(name, 65, "s")), "65 do not");
}

/* Every id of two bytes or characters that is one survives the way to its name and back. */
static void
test_round(void)
{
	struct ew_buf name = { 0 }, back = { 0 };
	size_t ids = 0, wrong = 0;

	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			char id[2] = { (char)a, (char)b };
			struct ew_err err = { 0 };

			if (ew_id_check(ew_str_n(id, 2), &err) != EW_OK)
				continue;
			ids++;
			ew_buf_clear(&name);
			ew_buf_clear(&back);
			ew_id_write_name(&name, ew_str_n(id, 2));
			if (!ew_id_read_name(&back, ew_buf_str(&name)) ||
				!ew_str_eq(ew_buf_str(&back), ew_str_n(id, 2)))
				wrong++;
		}
	}
	is_int(wrong, 0, "all %zu ids of two bytes come back", ids);
	ok(ids > 94 * 94, "and there are many");
	ew_buf_release(&name);
	ew_buf_release(&back);
}

int
main(void)
{
	test_names();
	test_no_names();
	test_refusals();
	test_lengths();
	test_fold();
	test_splits();
	test_round();
	return tap_done();
}
