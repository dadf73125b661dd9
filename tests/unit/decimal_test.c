/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/decimal.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

static struct ew_decimal
dec(const char *text)
{
	struct ew_decimal d;

	if (!ew_decimal_parse(&d, ew_str(text)))
		ok(false, "the test's own number %s is read", text);
	return d;
}

/* "-0.25e1": the sign, the digits after "0.", the power. */
static const char *
shown(const struct ew_decimal *d, char out[100])
{
	int n = snprintf(out, 100, "%s0.", d->sign < 0 ? "-" : d->sign > 0 ? "+" : "");

	for (unsigned i = 0; i < d->n; i++)
		out[n++] = (char)('0' + d->digit[i]);
	snprintf(out + n, 100 - (size_t)n, "e%d", d->exp);
	return out;
}

static void
test_parse(void)
{
	static const char *const read[][2] = {
		{ "0", "0.e0" },
		{ "-0", "0.e0" },
		{ "0.00", "0.e0" },
		{ "-0.0e99", "0.e0" },
		{ "1", "+0.1e1" },
		{ "25.0", "+0.25e2" },
		{ "100", "+0.1e3" },
		{ "-25.017", "-0.25017e2" },
		{ "0.05", "+0.5e-1" },
		{ "0.50", "+0.5e0" },
		{ "10.01", "+0.1001e2" },
		{ "1e3", "+0.1e4" },
		{ "1E+3", "+0.1e4" },
		{ "1.5e-3", "+0.15e-2" },
		{ "1e0003", "+0.1e4" },
		{ "1e9999", "+0.1e10000" },
		{ "0.001e-9999", "+0.1e-10001" },
		{ "8.549999999999999", "+0.8549999999999999e1" },
	};
	static const char *const refused[] = { "", "-", "+1", "00", "01", "-01", "1.", ".5", "1..2",
		"1.2.3", "1e", "1e+", "1e+-1", "1e12345", "1e00001", "1e1.0", " 1", "1 ", "1,5",
		"0x10", "nan", "inf", "-inf", "1_000", "--1", "e5", "1f", "1e5 ", "1.e5" };
	char out[100];

	for (size_t i = 0; i < sizeof read / sizeof read[0]; i++) {
		struct ew_decimal d = dec(read[i][0]);

		is_str(ew_str(shown(&d, out)), read[i][1], "%s is read", read[i][0]);
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct ew_decimal d;

		ok(!ew_decimal_parse(&d, ew_str(refused[i])), "'%s' is refused", refused[i]);
	}
}

static void
test_parse_edges(void)
{
	struct ew_decimal d;
	char text[EW_DECIMAL_TEXT_MAX + 1];

	memset(text, '9', sizeof text);
	ok(ew_decimal_parse(&d, ew_str_n(text, 64)) && d.n == 64 && d.exp == 64,
		"64 digits are read");
	d = ew_decimal_round(&d, 64);
	is_int(d.n, 64, "and stay when rounded to as many");
	d = ew_decimal_round(&d, 63);
	ok(d.n == 1 && d.digit[0] == 1 && d.exp == 65, "the carry runs through all of them");
	ok(!ew_decimal_parse(&d, ew_str_n(text, 65)), "65 bytes are refused");
	ok(!ew_decimal_parse(&d, (struct ew_str){ NULL, 0 }), "the absent text is refused");
	ok(!ew_decimal_parse(&d, ew_str_n("1\0", 2)), "a NUL after the number is refused");
	ok(ew_decimal_parse(&d, ew_str_n("12", 1)) && d.n == 1, "nothing is read past the slice");
	ok(!ew_decimal_parse(&d, ew_str("\xd9\xa1")), "a digit of another script is refused");
}

static void
test_cmp(void)
{
	/* Each less than the next. */
	static const char *const order[] = { "-1e9999", "-1001", "-1000.5", "-1000", "-2", "-1.5",
		"-1", "-0.1", "-0.09", "-1e-9999", "0", "1e-9999", "0.0999999999999999999999",
		"0.1", "0.10000000000000000000001", "0.9", "1", "1.5", "2", "9.99", "10", "99",
		"100", "100.1", "9007199254740992", "9007199254740993", "1e9999" };
	static const char *const equal[][2] = { { "25", "25.0" }, { "25", "2.5e1" },
		{ "0", "-0.00" }, { "0.001", "1e-3" }, { "-1000", "-1E+3" }, { "100e-2", "1.00" } };

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		for (size_t j = 0; j < sizeof order / sizeof order[0]; j++) {
			struct ew_decimal a = dec(order[i]), b = dec(order[j]);
			int c = ew_decimal_cmp(&a, &b);

			if ((c > 0) - (c < 0) != (i > j) - (i < j))
				ok(false, "%s against %s", order[i], order[j]);
		}
	ok(true, "all pairs of the order were compared");
	for (size_t i = 0; i < sizeof equal / sizeof equal[0]; i++) {
		struct ew_decimal a = dec(equal[i][0]), b = dec(equal[i][1]);

		is_int(ew_decimal_cmp(&a, &b), 0, "%s equals %s", equal[i][0], equal[i][1]);
	}
}

static void
test_int(void)
{
	static const int64_t values[] = { 0, 1, -1, 10, 25, -1000, 120, INT64_C(9007199254740993),
		INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		char text[32];
		struct ew_decimal a = ew_decimal_int(values[i]), b;

		snprintf(text, sizeof text, "%lld", (long long)values[i]);
		b = dec(text);
		is_int(ew_decimal_cmp(&a, &b), 0, "the whole number %s", text);
		ok(ew_decimal_is_integer(&a), "%s is an integer", text);
	}
}

static void
test_is_integer(void)
{
	static const char *const yes[] = { "25.0", "1e3", "1.5e1", "0", "0.00", "-7", "120e-1" };
	static const char *const no[] = { "0.5", "25.01", "1e-1", "-0.1", "15e-1", "1.05e1" };

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		struct ew_decimal d = dec(yes[i]);

		ok(ew_decimal_is_integer(&d), "%s is an integer", yes[i]);
	}
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		struct ew_decimal d = dec(no[i]);

		ok(!ew_decimal_is_integer(&d), "%s is no integer", no[i]);
	}
}

static void
test_round(void)
{
	static const struct {
		const char *from;
		unsigned digits;
		const char *to;
	} cases[] = {
		{ "9.9995", 4, "10.00" },
		{ "9.9994", 4, "9.999" },
		{ "8.549999999999999", 12, "8.55" },
		{ "0.5", 1, "0.5" },
		{ "25", 1, "30" },
		{ "-25", 1, "-30" },
		{ "24.9999", 1, "20" },
		{ "-24", 1, "-20" },
		{ "99", 1, "100" },
		{ "-99.5", 2, "-100" },
		{ "0.0999", 2, "0.10" },
		{ "1.005", 3, "1.01" },
		{ "1.0004", 4, "1" },
		{ "10001", 3, "10000" },
		{ "0", 3, "0" },
		{ "1234.5", 64, "1234.5" },
		{ "9e9999", 1, "9e9999" },
		{ "199", 2, "200" },
		{ "123456789012.5", 12, "123456789013" },
		{ "1.50000000000001", 2, "1.5" },
		{ "7", 0, "10" },
		{ "4", 0, "0" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ew_decimal d = dec(cases[i].from), want = dec(cases[i].to), got;
		char g[100], w[100];

		got = ew_decimal_round(&d, cases[i].digits);
		is_str(ew_str(shown(&got, g)), shown(&want, w), "%s to %u digits", cases[i].from,
			cases[i].digits);
	}
}

int
main(void)
{
	test_parse();
	test_parse_edges();
	test_cmp();
	test_int();
	test_is_integer();
	test_round();
	return tap_done();
}
