/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/bases.h"

#include <stdlib.h>

enum { SLOTS = 1024, ONE_MAX = EW_BASES_MAX / 4 };

/* Each base has one slot where it can be; there another one takes its place. */
struct slot {
	struct ew_base_key key;
	enum ew_object_type type;
	bool lately; /* found since the hand came by */
	struct ew_buf bytes;
};

struct ew_bases {
	struct slot slot[SLOTS];
	size_t total, hand;
};

enum ew_code
ew_bases_open(struct ew_bases **out, struct ew_err *err)
{
	*out = calloc(1, sizeof **out);
	return *out ? EW_OK : ew_fail_nomem(err);
}

static void
drop(struct ew_bases *b, struct slot *s)
{
	b->total -= s->bytes.cap;
	ew_buf_release(&s->bytes);
}

void
ew_bases_free(struct ew_bases *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		drop(b, &b->slot[i]);
	free(b);
}

static struct slot *
slot_of(struct ew_bases *b, struct ew_base_key k)
{
	uint64_t h = (k.pack ^ k.offset) * UINT64_C(0x9e3779b97f4a7c15);

	return &b->slot[h >> 54];
}

bool
ew_bases_find(struct ew_str *bytes, enum ew_object_type *type, struct ew_bases *b,
	struct ew_base_key k)
{
	struct slot *s = slot_of(b, k);

	if (!s->bytes.p || s->key.pack != k.pack || s->key.offset != k.offset)
		return false;
	s->lately = true;
	*bytes = ew_buf_str(&s->bytes);
	*type = s->type;
	return true;
}

void
ew_bases_put(struct ew_bases *b, struct ew_base_key k, enum ew_object_type type,
	struct ew_buf *bytes)
{
	struct slot *s = slot_of(b, k);

	drop(b, s);
	if (bytes->cap > ONE_MAX) {
		ew_buf_release(bytes);
		return;
	}
	for (; b->total > EW_BASES_MAX - bytes->cap; b->hand = (b->hand + 1) % SLOTS) {
		struct slot *old = &b->slot[b->hand];

		if (!old->lately)
			drop(b, old);
		old->lately = false;
	}
	*s = (struct slot){ .key = k, .type = type, .bytes = *bytes };
	b->total += s->bytes.cap;
	*bytes = (struct ew_buf){ 0 };
}
