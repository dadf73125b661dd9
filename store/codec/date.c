/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates by arithmetic alone: no libc time function, hence no time zone, no locale
 * and no limit of time_t.  Years are counted from 1 March, so that the leap day is
 * the last day of a year and a month's first day is a linear function of its number.
 */
#include "codec/date.h"

enum {
	DAYS_4_YEARS = 1461,
	DAYS_100_YEARS = 36524,
	DAYS_400_YEARS = 146097,
	DAYS_BEFORE_1970 = 719468, /* from 0000-03-01 */
	SECONDS_PER_DAY = 86400,
	DURATION_PART_MAX = 999999,
};

struct civil {
	int64_t year;
	int month, day;
};

/* Fixed-width digits at [from, from + n); false if any byte is none. */
static bool
digits_at(int64_t *out, struct ew_str s, size_t from, size_t n)
{
	uint64_t v;

	if (!ew_str_to_u64(ew_str_part(s, from, from + n), 9999, &v))
		return false;
	*out = (int64_t)v;
	return true;
}

static int64_t
days_in_month(int64_t year, int64_t month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

bool
ew_date_from(int64_t *days, int64_t year, int64_t month, int64_t day)
{
	int64_t y, m;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
		day > days_in_month(year, month))
		return false;
	y = month > 2 ? year : year - 1;
	m = month > 2 ? month - 3 : month + 9;
	/* Five months from March or August have 153 days; + 2 puts the 31s in place. */
	*days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 -
		DAYS_BEFORE_1970;
	return true;
}

bool
ew_date_parse(int64_t *days, struct ew_str text)
{
	int64_t year, month, day;

	return text.len == 10 && text.p[4] == '-' && text.p[7] == '-' &&
		digits_at(&year, text, 0, 4) && digits_at(&month, text, 5, 2) &&
		digits_at(&day, text, 8, 2) && ew_date_from(days, year, month, day);
}

/* Quotient rounded down, and the remainder, which is never negative. */
static int64_t
floor_div(int64_t a, int64_t b, int64_t *rest)
{
	*rest = a % b;
	if (*rest >= 0)
		return a / b;
	*rest += b;
	return a / b - 1;
}

static struct civil
civil_from_days(int64_t days)
{
	int64_t day, era = floor_div(days, DAYS_400_YEARS, &day), leaps, year, month;

	/* Shifted after the division, so that no number of days overflows. */
	era += floor_div(day + DAYS_BEFORE_1970, DAYS_400_YEARS, &day);
	/* The leap days before this one, which the last of 4 and of 400 years is itself. */
	leaps = day / (DAYS_4_YEARS - 1) - day / DAYS_100_YEARS + day / (DAYS_400_YEARS - 1);
	year = (day - leaps) / 365;
	day -= year * 365 + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	year += era * 400 + (month >= 10);
	return (struct civil){
		.year = year,
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)day + 1,
	};
}

void
ew_date_write(struct ew_buf *out, int64_t days)
{
	struct civil c = civil_from_days(days);
	bool plain = c.year >= 1 && c.year <= 9999;

	if (plain)
		ew_buf_addf(out, "%04lld", (long long)c.year);
	else
		ew_buf_addf(out, "%+05lld", (long long)c.year);
	ew_buf_addf(out, "-%02d-%02d", c.month, c.day);
}

/* Cut n and its letter off the front; false, and nothing cut, if they are not there. */
static bool
cut_part(int64_t *n, struct ew_str *rest, char letter)
{
	size_t len = ew_str_find(*rest, 0, letter);
	uint64_t v;

	if (len == rest->len || !ew_str_to_u64(ew_str_part(*rest, 0, len), DURATION_PART_MAX, &v))
		return false;
	if (rest->p[0] == '0' && len > 1)
		return false;
	*n = (int64_t)v;
	*rest = ew_str_part(*rest, len + 1, rest->len);
	return true;
}

bool
ew_duration_parse(int64_t *days, struct ew_str text)
{
	bool minus = ew_str_starts(text, "-");
	struct ew_str rest = ew_str_part(text, minus, text.len);
	int64_t w = 0, d = 0;
	bool any;

	if (!ew_str_starts(rest, "P"))
		return false;
	rest = ew_str_part(rest, 1, rest.len);
	any = cut_part(&w, &rest, 'W');
	any = cut_part(&d, &rest, 'D') || any;
	if (!any || rest.len > 0)
		return false;
	*days = minus ? -(w * 7 + d) : w * 7 + d;
	return true;
}

void
ew_time_write(struct ew_buf *out, int64_t seconds)
{
	int64_t rest, days = floor_div(seconds, SECONDS_PER_DAY, &rest);
	int s = (int)rest;

	ew_date_write(out, days);
	ew_buf_addf(out, "T%02d:%02d:%02dZ", s / 3600, s / 60 % 60, s % 60);
}

bool
ew_time_parse(int64_t *seconds, struct ew_str text)
{
	int64_t days, hour, minute, second;

	if (text.len != 20 || text.p[10] != 'T' || text.p[13] != ':' || text.p[16] != ':' ||
		text.p[19] != 'Z' || !ew_date_parse(&days, ew_str_part(text, 0, 10)))
		return false;
	if (!digits_at(&hour, text, 11, 2) || !digits_at(&minute, text, 14, 2) ||
		!digits_at(&second, text, 17, 2) || hour > 23 || minute > 59 || second > 59)
		return false;
	*seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
	return true;
}
