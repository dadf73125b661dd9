/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: zeroed memory that is freed, forgotten or handed over all at once. */
#include "base/arena.h"
#include "tests/lib/tap.h"

#include <stdint.h>
#include <string.h>

static void
test_alloc(void)
{
	struct ew_arena a = { 0 };
	const char *p = ew_arena_alloc(&a, 100);
	struct ew_str s = ew_arena_str(&a, EW_LIT("text"));
	size_t zeros = 0;

	for (size_t i = 0; p && i < 100; i++)
		zeros += p[i] == 0;
	is_int((int64_t)zeros, 100, "what is given is zeroed");
	ok(s.p && ew_str_is(s, "text") && s.p[4] == '\0', "a copy has a NUL behind it");
	ok(!ew_arena_array(&a, SIZE_MAX / 2, 3), "a product that overflows is refused");
	ew_arena_reset(&a);
	ok(a.head && a.total, "one that is reset keeps a block");
	ew_arena_release(&a);
	ok(!a.head && !a.total, "one that is released keeps nothing");
}

static void
test_move(void)
{
	struct ew_arena a = { 0 }, b = { 0 }, none = { 0 };
	struct ew_str kept[2] = { ew_arena_str(&a, EW_LIT("first")), ew_arena_str(&b, EW_LIT("second")) };
	const size_t both = a.total + b.total;

	ew_arena_move(&a, &b);
	ok(!b.head && !b.total, "what was moved is gone");
	ok(a.total == both, "and is the other's");
	ew_arena_release(&b);
	ok(ew_str_is(kept[0], "first") && ew_str_is(kept[1], "second"), "and stays where it was");
	ok(ew_arena_str(&a, EW_LIT("third")).p && a.total == both, "there is still room in the newest block");
	ew_arena_move(&a, &none);
	ew_arena_move(&none, &a);
	ok(!a.head && ew_str_is(kept[1], "second"), "from nothing and to nothing too");
	ew_arena_release(&none);
}

int
main(void)
{
	test_alloc();
	test_move();
	return tap_done();
}
