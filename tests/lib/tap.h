/* SPDX-License-Identifier: Apache-2.0 */
/* TAP for unit tests: a test program is a list of ok() calls between plan-less start and tap_done(). */
#ifndef TESTS_LIB_TAP_H
#define TESTS_LIB_TAP_H

#include "base/str.h"

#include <stdbool.h>

/* One check; prints "ok N - text" or "not ok N - text" with the place. */
#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, want, ...) tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, ...) tap_is_int((long long)(got), (long long)(want), __FILE__, __LINE__, __VA_ARGS__)

bool tap_ok(bool good, const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool tap_is_str(struct ew_str got, const char *want, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
bool tap_is_int(long long got, long long want, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void tap_skip(const char *why);
/* Prints the plan; returns main's exit status. */
int tap_done(void);

#endif
