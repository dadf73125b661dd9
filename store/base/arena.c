/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20 };

struct ew_arena_block {
	struct ew_arena_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

void
ew_arena_release(struct ew_arena *a)
{
	while (a->head) {
		struct ew_arena_block *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	a->total = 0;
}

void
ew_arena_reset(struct ew_arena *a)
{
	struct ew_arena_block *keep = a->head;

	if (!keep)
		return;
	a->head = keep->next;
	ew_arena_release(a);
	keep->next = NULL;
	keep->used = 0;
	a->head = keep;
	a->total = keep->size;
}

/* Memory that is not zeroed. */
static void *
take(struct ew_arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct ew_arena_block *b = a->head;
	void *p;

	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		size_t want = b ? b->size * 2 : BLOCK_MIN;

		if (want > BLOCK_MAX)
			want = BLOCK_MAX;
		if (want < size)
			want = size;
		if (want > SIZE_MAX - sizeof *b || !(b = malloc(sizeof *b + want)))
			return NULL;
		b->next = a->head;
		b->used = 0;
		b->size = want;
		a->head = b;
		a->total += want;
	}
	p = b->bytes + b->used;
	b->used += size;
	return p;
}

void
ew_arena_move(struct ew_arena *to, struct ew_arena *from)
{
	struct ew_arena_block **end = &to->head;

	/* Behind what is there, so that its newest block goes on being filled. */
	while (*end)
		end = &(*end)->next;
	*end = from->head;
	to->total += from->total;
	*from = (struct ew_arena){ 0 };
}

void *
ew_arena_alloc(struct ew_arena *a, size_t size)
{
	void *p = take(a, size);

	return p ? memset(p, 0, size) : NULL;
}

void *
ew_arena_array(struct ew_arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		return NULL;
	return ew_arena_alloc(a, n * size);
}

struct ew_str
ew_arena_str(struct ew_arena *a, struct ew_str s)
{
	char *p = s.len < SIZE_MAX ? take(a, s.len + 1) : NULL;

	if (!p)
		return (struct ew_str){ NULL, 0 };
	if (s.len)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return (struct ew_str){ p, s.len };
}
