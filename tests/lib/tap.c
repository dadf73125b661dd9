/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/tap.h"

#include <stdarg.h>
#include <stdio.h>

static int tests, failures;

static bool report(bool, const char *, int, const char *fmt, va_list)
	__attribute__((format(printf, 4, 0)));

static bool
report(bool good, const char *file, int line, const char *fmt, va_list ap)
{
	printf("%s %d - ", good ? "ok" : "not ok", ++tests);
	vprintf(fmt, ap);
	putchar('\n');
	if (!good) {
		failures++;
		printf("# at %s:%d\n", file, line);
	}
	return good;
}

bool
tap_ok(bool good, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(good, file, line, fmt, ap);
	va_end(ap);
	return good;
}

bool
tap_is_str(struct ew_str got, const char *want, const char *file, int line, const char *fmt, ...)
{
	bool good = ew_str_is(got, want);
	va_list ap;

	va_start(ap, fmt);
	report(good, file, line, fmt, ap);
	va_end(ap);
	if (!good)
		printf("#  got: %.*s\n# want: %s\n", EW_FMT(got), want);
	return good;
}

bool
tap_is_int(long long got, long long want, const char *file, int line, const char *fmt, ...)
{
	bool good = got == want;
	va_list ap;

	va_start(ap, fmt);
	report(good, file, line, fmt, ap);
	va_end(ap);
	if (!good)
		printf("#  got: %lld\n# want: %lld\n", got, want);
	return good;
}

void
tap_skip(const char *why)
{
	printf("ok %d # SKIP %s\n", ++tests, why);
}

int
tap_done(void)
{
	printf("1..%d\n", tests);
	return failures ? 1 : 0;
}
