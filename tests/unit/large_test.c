/* SPDX-License-Identifier: Apache-2.0 */
#include "base/large.h"
#include "tests/lib/tap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void
test_array(size_t n, size_t size)
{
	unsigned char *p = ew_large_array(n, size);
	size_t dirty = 0;

	if (!ok(p, "%zu of %zu bytes", n, size))
		return;
	for (size_t i = 0; i < n * size; i++)
		dirty += p[i] != 0;
	is_int(dirty, 0, "they are zero");
	memset(p, 0xff, n * size);
	free(p);
}

int
main(void)
{
	/* The second time memory may be some that was freed. */
	for (int i = 0; i < 2; i++) {
		test_array(0, 8);
		test_array(1, 1);
		test_array(100000, 36);
		test_array((size_t)5 << 20, 3);
	}
	ok(!ew_large_array(SIZE_MAX / 2, 3), "there is not so much");
	return tap_done();
}
