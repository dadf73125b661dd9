/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
make_one_line(char *msg)
{
	for (unsigned char *p = (unsigned char *)msg; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
}

static enum ew_code fail_v(struct ew_err *, enum ew_code, const char *fmt, va_list) EW_PRINTF(3, 0);

static enum ew_code
fail_v(struct ew_err *err, enum ew_code code, const char *fmt, va_list ap)
{
	assert(code != EW_OK);
	if (err->code != EW_OK)
		return code;
	err->code = code;
	vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	make_one_line(err->msg);
	return code;
}

enum ew_code
ew_fail(struct ew_err *err, enum ew_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_v(err, code, fmt, ap);
	va_end(ap);
	return code;
}

enum ew_code
ew_fail_errno(struct ew_err *err, enum ew_code code, int eno, const char *fmt, ...)
{
	char what[sizeof err->msg];
	const char *why = strerrordesc_np(eno);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return ew_fail(err, code, "%s: %s", what, why ? why : "unknown error");
}

enum ew_code
ew_fail_nomem(struct ew_err *err)
{
	return ew_fail(err, EW_NOMEM, "out of memory; close other programs or work in smaller parts");
}

enum ew_code
ew_fail_at(struct ew_err *err, const char *fmt, ...)
{
	char old[sizeof err->msg];
	int n;
	va_list ap;

	assert(err->code != EW_OK);
	memcpy(old, err->msg, sizeof old);
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof err->msg)
		snprintf(err->msg + n, sizeof err->msg - (size_t)n, ": %s", old);
	make_one_line(err->msg);
	return err->code;
}

void
ew_err_clear(struct ew_err *err)
{
	err->code = EW_OK;
	err->msg[0] = '\0';
}

int
ew_code_status(enum ew_code code)
{
	switch (code) {
#define X(name, number, status, text) \
	case name:                    \
		return status;
		EW_CODES(X)
#undef X
	}
	return 6;
}

const char *
ew_code_text(enum ew_code code)
{
	switch (code) {
#define X(name, number, status, text) \
	case name:                    \
		return text;
		EW_CODES(X)
#undef X
	}
	return "unknown";
}
