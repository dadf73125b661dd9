/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffers: bytes that grow, under a ceiling.  A buffer is sticky: once memory or
 * the ceiling is exceeded, further additions do nothing, so that a series of them
 * needs one ew_buf_check() at its end.  The bytes are followed by a NUL that is
 * not counted, so `p` is a C string when it holds no NUL of its own.
 */
#ifndef EW_BASE_BUF_H
#define EW_BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

#include <string.h>

struct ew_buf {
	char *p; /* NULL while empty and never added to */
	size_t len;
	size_t cap;
	size_t max; /* 0: EW_BUF_MAX */
	enum ew_code bad;
};

#define EW_BUF_MAX ((size_t)1 << 40)

/* { 0 } is a valid empty buffer; this one has a ceiling of `max` bytes. */
void ew_buf_init(struct ew_buf *, size_t max);
/* Free the bytes and leave the buffer empty, its ceiling kept. */
void ew_buf_release(struct ew_buf *);
/* Empty it and forget a failure, keeping the memory. */
void ew_buf_clear(struct ew_buf *);

/* What ew_buf_addmem() does when the buffer has to grow or may not. */
void ew_buf_addmem_slowly(struct ew_buf *, const void *p, size_t len);
/* Inline, since records are built of many small pieces. */
static inline void
ew_buf_addmem(struct ew_buf *b, const void *p, size_t len)
{
	if (b->bad != EW_OK || b->cap - b->len <= len) {
		ew_buf_addmem_slowly(b, p, len);
		return;
	}
	if (len)
		memcpy(b->p + b->len, p, len);
	b->len += len;
	b->p[b->len] = '\0';
}
static inline void
ew_buf_add(struct ew_buf *b, struct ew_str s)
{
	ew_buf_addmem(b, s.p, s.len);
}
static inline void
ew_buf_addc(struct ew_buf *b, char c)
{
	ew_buf_addmem(b, &c, 1);
}
static inline void
ew_buf_adds(struct ew_buf *b, const char *c)
{
	ew_buf_addmem(b, c, strlen(c));
}
void ew_buf_addf(struct ew_buf *, const char *fmt, ...) EW_PRINTF(2, 3);
void ew_buf_addu64be(struct ew_buf *, uint64_t v);
void ew_buf_addu32be(struct ew_buf *, uint32_t v);
/* Room for `n` more bytes at p + len, to be claimed by len += k; NULL when bad. */
char *ew_buf_room(struct ew_buf *, size_t n);

/* The contents so far; borrowed until the next addition. */
struct ew_str ew_buf_str(const struct ew_buf *);
/* EW_NOMEM if any addition ran out of memory, EW_REFUSED if it passed the ceiling. */
EW_MUST_USE enum ew_code ew_buf_check(const struct ew_buf *, struct ew_err *err);

#endif
