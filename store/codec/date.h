/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates and durations, ISO 8601, as whole days.
 *
 * A date is YYYY-MM-DD of the proleptic Gregorian calendar, years 0001 to 9999.
 * A duration is P[nW][nD] or -P..., at least one part, each n at most 6 digits
 * with no leading zero but "0" itself; weeks are 7 days.  (Years, months and hours
 * have no fixed number of days and are refused.)  Times are RFC 3339 in UTC.
 */
#ifndef EW_CODEC_DATE_H
#define EW_CODEC_DATE_H

#include "base/buf.h"

/* Days since 1970-01-01; false if the text is no date of that form. */
bool ew_date_parse(int64_t *days, struct ew_str text);
/* From numbers; false if there is no such day. */
bool ew_date_from(int64_t *days, int64_t year, int64_t month, int64_t day);
/*
 * "YYYY-MM-DD" appended.  A year outside 0001 to 9999, which a hostile clock can
 * give, is written with its sign (+10000, -0001), a form that no function here reads.
 */
void ew_date_write(struct ew_buf *out, int64_t days);

/* Number of days, possibly negative; false if the text is no duration of that form. */
bool ew_duration_parse(int64_t *days, struct ew_str text);

/* Seconds since the epoch as "YYYY-MM-DDTHH:MM:SSZ", appended. */
void ew_time_write(struct ew_buf *out, int64_t seconds);
/* The reverse; only that form, and no leap second, which has no number of its own. */
bool ew_time_parse(int64_t *seconds, struct ew_str text);

#endif
