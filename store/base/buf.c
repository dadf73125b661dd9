/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
ew_buf_init(struct ew_buf *b, size_t max)
{
	*b = (struct ew_buf){ .max = max };
}

void
ew_buf_release(struct ew_buf *b)
{
	free(b->p);
	*b = (struct ew_buf){ .max = b->max };
}

void
ew_buf_clear(struct ew_buf *b)
{
	b->len = 0;
	b->bad = EW_OK;
	if (b->p)
		b->p[0] = '\0';
}

char *
ew_buf_room(struct ew_buf *b, size_t n)
{
	size_t max = b->max ? b->max : EW_BUF_MAX, cap;
	char *p;

	if (b->bad != EW_OK)
		return NULL;
	if (n > max || b->len > max - n) {
		b->bad = EW_REFUSED;
		return NULL;
	}
	if (b->cap - b->len > n && b->p)
		return b->p + b->len;
	cap = b->cap < 64 ? 64 : b->cap + b->cap / 2;
	if (cap < b->len + n + 1)
		cap = b->len + n + 1;
	if (cap > max + 1)
		cap = max + 1; /* so that what fits the memory is within the ceiling */
	p = realloc(b->p, cap);
	if (!p) {
		b->bad = EW_NOMEM;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return b->p + b->len;
}

void
ew_buf_addmem_slowly(struct ew_buf *b, const void *p, size_t len)
{
	char *to = ew_buf_room(b, len);

	if (!to)
		return;
	if (len)
		memcpy(to, p, len);
	b->len += len;
	b->p[b->len] = '\0';
}

void
ew_buf_addf(struct ew_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *to;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !(to = ew_buf_room(b, (size_t)n + 1))) {
		if (b->bad == EW_OK)
			b->bad = EW_NOMEM;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
ew_buf_addu64be(struct ew_buf *b, uint64_t v)
{
	unsigned char c[8];

	for (int i = 0; i < 8; i++)
		c[i] = (unsigned char)(v >> (56 - 8 * i));
	ew_buf_addmem(b, c, sizeof c);
}

void
ew_buf_addu32be(struct ew_buf *b, uint32_t v)
{
	unsigned char c[4];

	for (int i = 0; i < 4; i++)
		c[i] = (unsigned char)(v >> (24 - 8 * i));
	ew_buf_addmem(b, c, sizeof c);
}

struct ew_str
ew_buf_str(const struct ew_buf *b)
{
	return (struct ew_str){ b->p, b->len };
}

enum ew_code
ew_buf_check(const struct ew_buf *b, struct ew_err *err)
{
	if (b->bad == EW_OK)
		return EW_OK;
	if (b->bad == EW_NOMEM)
		return ew_fail_nomem(err);
	return ew_fail(err, b->bad, "larger than the %zu bytes allowed here; split the input",
		b->max ? b->max : EW_BUF_MAX);
}
