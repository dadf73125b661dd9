/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings: a borrowed slice of bytes.  A slice never owns its bytes and need
 * not end in NUL; {NULL, 0} is the absent string, which equals the empty one.
 */
#ifndef EW_BASE_STR_H
#define EW_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ew_str {
	const char *p;
	size_t len;
};

/* For printf: "%.*s", EW_FMT(s).  A slice longer than INT_MAX is cut. */
#define EW_FMT(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), ((s).p ? (s).p : "")
/* A slice of a string literal, also usable in static initialisers as EW_LIT_INIT. */
#define EW_LIT(lit) ((struct ew_str){ "" lit, sizeof(lit) - 1 })
#define EW_LIT_INIT(lit) { "" lit, sizeof(lit) - 1 }

/* Inline, so that the length of a literal is known when it is compiled. */
/* Of a C string; NULL gives the absent string. */
static inline struct ew_str
ew_str(const char *c)
{
	struct ew_str s = { c, c ? strlen(c) : 0 };

	return s;
}
static inline struct ew_str
ew_str_n(const void *p, size_t len)
{
	struct ew_str s = { (const char *)p, len };

	return s;
}
static inline bool
ew_str_eq(struct ew_str a, struct ew_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}
static inline bool
ew_str_is(struct ew_str a, const char *c)
{
	return ew_str_eq(a, ew_str(c));
}
int ew_str_cmp(struct ew_str a, struct ew_str b); /* as unsigned bytes, shorter first */
bool ew_str_starts(struct ew_str s, const char *prefix);
bool ew_str_ends(struct ew_str s, const char *suffix);
/* Index of the first byte `c` at or after `from`; s.len if there is none. */
size_t ew_str_find(struct ew_str s, size_t from, char c);
/* The part [from, to); both are clamped to the string. */
struct ew_str ew_str_part(struct ew_str s, size_t from, size_t to);
/* Without ASCII white space at both ends. */
struct ew_str ew_str_trim(struct ew_str s);
/*
 * Cut `*rest` at its first byte `c`: returns the part before it and leaves in
 * `*rest` the part after it (absent when there was no `c`).
 */
struct ew_str ew_str_cut(struct ew_str *rest, char c);

/* Unsigned decimal digits only, no sign, at least one, at most `max`. */
bool ew_str_to_u64(struct ew_str s, uint64_t max, uint64_t *out);

/* Lower-case hex of `n` bytes into out[2n + 1]. */
void ew_hex(char *out, const unsigned char *in, size_t n);
/* The reverse; false unless `s` is exactly 2n lower-case hex digits. */
bool ew_unhex(unsigned char *out, size_t n, struct ew_str s);

#endif
