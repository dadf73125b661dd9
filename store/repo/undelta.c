/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/undelta.h"

#include <string.h>

enum { COPY = 0x80, COPY_UNSAID = 0x10000 };

static bool
take_size(uint64_t *out, struct ew_str *s)
{
	*out = 0;
	for (unsigned shift = 0; s->len && shift < 63; shift += 7) {
		const unsigned char c = (unsigned char)*s->p++;

		s->len--;
		*out |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return true;
	}
	return false;
}

/* The bytes of a number that the low `n` bits of `which` say are there. */
static bool
take_part(uint32_t *out, struct ew_str *s, unsigned which, unsigned n)
{
	*out = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!(which >> i & 1))
			continue;
		if (!s->len)
			return false;
		*out |= (uint32_t)(unsigned char)*s->p++ << (8 * i);
		s->len--;
	}
	return true;
}

bool
ew_undelta_init(struct ew_undelta *out, struct ew_str delta)
{
	out->steps = delta;
	return take_size(&out->base, &out->steps) && take_size(&out->size, &out->steps);
}

bool
ew_undelta_apply(char *to, const struct ew_undelta *d, struct ew_str base)
{
	struct ew_str s = d->steps;
	uint64_t left = d->size;

	if (base.len != d->base)
		return false;
	while (s.len) {
		const unsigned op = (unsigned char)*s.p++;
		uint32_t from, n = op;

		s.len--;
		if (op & COPY) {
			if (!take_part(&from, &s, op, 4) || !take_part(&n, &s, op >> 4, 3))
				return false;
			n = n ? n : COPY_UNSAID;
			if (from > base.len || n > base.len - from || n > left)
				return false;
			memcpy(to, base.p + from, n);
		} else {
			if (n == 0 || n > s.len || n > left)
				return false;
			memcpy(to, s.p, n);
			s.p += n;
			s.len -= n;
		}
		to += n;
		left -= n;
	}
	return left == 0;
}
