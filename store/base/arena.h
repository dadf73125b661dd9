/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: memory that is freed all at once.  A handle owns an arena, and what is
 * parsed for it lives there as slices; an operation takes a scratch arena and
 * releases it at its end.  Nothing in an arena is freed alone.
 */
#ifndef EW_BASE_ARENA_H
#define EW_BASE_ARENA_H

#include "base/str.h"

struct ew_arena {
	struct ew_arena_block *head;
	size_t total; /* bytes taken from the system, for reports */
};

/* { 0 } is a valid empty arena. */
void ew_arena_release(struct ew_arena *);
/* Forget all contents but keep the newest block for reuse. */
void ew_arena_reset(struct ew_arena *);
/* Everything in `from` becomes that of another arena; `from` is then empty. */
void ew_arena_move(struct ew_arena *to, struct ew_arena *from);

/*
 * Zeroed memory, aligned for any type; NULL when memory is out, which the caller
 * turns into ew_fail_nomem().
 */
void *ew_arena_alloc(struct ew_arena *, size_t size);
/* The same for `n` elements; NULL also when n * size overflows. */
void *ew_arena_array(struct ew_arena *, size_t n, size_t size);
/* A copy with a NUL after it; .p is NULL when memory is out. */
struct ew_str ew_arena_str(struct ew_arena *, struct ew_str);

#endif
