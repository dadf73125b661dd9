/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/date.h"
#include "tests/lib/tap.h"

#include <string.h>

static void
is_date(int64_t days, const char *want)
{
	struct ew_buf b = { 0 };

	ew_date_write(&b, days);
	is_str(ew_buf_str(&b), want, "day %lld is %s", (long long)days, want);
	ew_buf_release(&b);
}

static void
is_time(int64_t seconds, const char *want)
{
	struct ew_buf b = { 0 };

	ew_time_write(&b, seconds);
	is_str(ew_buf_str(&b), want, "second %lld is %s", (long long)seconds, want);
	ew_buf_release(&b);
}

static void
test_date(void)
{
	static const struct {
		const char *text;
		int64_t days;
	} known[] = {
		{ "1970-01-01", 0 },
		{ "1969-12-31", -1 },
		{ "2000-02-29", 11016 },
		{ "2000-03-01", 11017 },
		{ "1900-02-28", -25509 },
		{ "1900-03-01", -25508 },
		{ "2024-02-29", 19782 },
		{ "0001-01-01", -719162 },
		{ "9999-12-31", 2932896 },
		{ "1600-02-29", -135081 },
	};
	static const char *const refused[] = { "", "2024-1-01", "2024-01-1", "24-01-01",
		"02024-01-01", "2024/01-01", "2024-01/01", "20240101", "2024-01-01 ", " 2024-01-01",
		"2024-01-01T", "0000-01-01", "-001-01-01", "+024-01-01", "2024-00-01", "2024-13-01",
		"2024-01-00", "2024-01-32", "2024-04-31", "2023-02-29", "1900-02-29", "2100-02-29",
		"2024-02-30", "2024-0a-01", "2024-01-0x", "2024-W01-1", "2024-001", "2024-+1-01",
		"2024-01- 1" };
	int64_t days;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		ok(ew_date_parse(&days, ew_str(known[i].text)), "%s is a date", known[i].text);
		is_int(days, known[i].days, "%s has its day", known[i].text);
		is_date(known[i].days, known[i].text);
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		ok(!ew_date_parse(&days, ew_str(refused[i])), "'%s' is refused", refused[i]);
	ok(!ew_date_parse(&days, ew_str_n("2024-01\0001", 10)), "a NUL inside is refused");
	ok(!ew_date_parse(&days, (struct ew_str){ NULL, 0 }), "the absent text is refused");
}

/* Counts the calendar day by day, with the rule for leap years and nothing else. */
static void
test_every_day(void)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t want = -719162, got;
	long wrong = 0;
	struct ew_buf b = { 0 };

	for (int y = 1; y <= 9999; y++)
		for (int m = 1; m <= 12; m++) {
			bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
			int last = length[m - 1] + (m == 2 && leap);

			for (int d = 1; d <= last; d++, want++)
				wrong += !ew_date_from(&got, y, m, d) || got != want;
			wrong += ew_date_from(&got, y, m, last + 1);
			ew_buf_clear(&b);
			ew_date_write(&b, want - 1);
			wrong += !ew_date_parse(&got, ew_buf_str(&b)) || got != want - 1;
		}
	ew_buf_release(&b);
	is_int(wrong, 0, "every day from 0001-01-01 to 9999-12-31 follows the one before");
	is_int(want, 2932897, "and there are 3,652,059 of them");
}

static void
test_date_from(void)
{
	int64_t days;

	ok(!ew_date_from(&days, 0, 1, 1), "the year 0 is refused");
	ok(!ew_date_from(&days, 10000, 1, 1), "the year 10000 is refused");
	ok(!ew_date_from(&days, INT64_MIN, INT64_MIN, INT64_MIN), "numbers far out are refused");
	ok(!ew_date_from(&days, 2024, INT64_MAX, 1), "a month far out is refused");
	ok(!ew_date_from(&days, 2024, 1, INT64_MAX), "a day far out is refused");
	ok(!ew_date_from(&days, 2024, -1, 1), "a negative month is refused");
}

static void
test_out_of_range(void)
{
	is_date(2932897, "+10000-01-01");
	is_date(-719163, "+0000-12-31");
	is_date(-719163 - 366, "-0001-12-31");
	is_date(INT64_MAX, "+25252734927768524-07-27");
	is_date(INT64_MIN, "-25252734927764585-06-07");
	is_time(INT64_MAX, "+292277026596-12-04T15:30:07Z");
	is_time(INT64_MIN, "-292277022657-01-27T08:29:52Z");
}

static void
test_duration(void)
{
	static const struct {
		const char *text;
		int64_t days;
	} known[] = {
		{ "P14W1D", 99 },
		{ "P99D", 99 },
		{ "P2W", 14 },
		{ "P0D", 0 },
		{ "-P0W", 0 },
		{ "P0W0D", 0 },
		{ "-P1W1D", -8 },
		{ "P999999W999999D", 7999992 },
		{ "-P999999D", -999999 },
		{ "P0W3D", 3 },
	};
	static const char *const refused[] = { "", "P", "-P", "-", "P1", "PW", "PD", "P1WD", "PW1D",
		"1D", "1W1D", "+P1D", "--P1D", "p1d", "P1w", "P1D1W", "P1W1W", "P1D1D", "P1W2",
		"P01D", "P00D", "P1000000D", "P1234567W", "P1Y", "P1M", "P1DT1H", "PT1H", "P1.5D",
		"P-1D", "P+1D", "P 1D", "P1D ", " P1D", "P1,5W", "P1W 1D" };
	int64_t days;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		ok(ew_duration_parse(&days, ew_str(known[i].text)), "%s is a duration",
			known[i].text);
		is_int(days, known[i].days, "%s has its days", known[i].text);
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		ok(!ew_duration_parse(&days, ew_str(refused[i])), "'%s' is refused", refused[i]);
	ok(!ew_duration_parse(&days, (struct ew_str){ NULL, 0 }), "the absent text is refused");
}

static void
test_time(void)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} known[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2001-09-09T01:46:40Z", 1000000000 },
		{ "2038-01-19T03:14:08Z", INT64_C(2147483648) },
		{ "0001-01-01T00:00:00Z", INT64_C(-62135596800) },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799) },
	};
	static const char *const refused[] = { "", "2024-01-01", "2024-01-01T00:00:00",
		"2024-01-01t00:00:00Z", "2024-01-01T00:00:00z", "2024-01-01 00:00:00Z",
		"2024-01-01T24:00:00Z", "2024-01-01T00:00:00ZZ", "2024-01-01T00:60:00Z",
		"2024-12-31T23:59:60Z", "2024-01-01T00:00:00.0Z", "2024-01-01T00:00:00+00:00",
		"2024-01-01T00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T-1:00:00Z",
		"2024-01-01T00-00:00Z", "2024-01-01T00:00-00Z", "2024-01-01T00:00:0aZ",
		"2024-01-01T00:0a:00Z" };
	int64_t seconds;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		ok(ew_time_parse(&seconds, ew_str(known[i].text)), "%s is a time", known[i].text);
		is_int(seconds, known[i].seconds, "%s has its seconds", known[i].text);
		is_time(known[i].seconds, known[i].text);
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		ok(!ew_time_parse(&seconds, ew_str(refused[i])), "'%s' is refused", refused[i]);
}

int
main(void)
{
	test_date();
	test_every_day();
	test_date_from();
	test_out_of_range();
	test_duration();
	test_time();
	return tap_done();
}
