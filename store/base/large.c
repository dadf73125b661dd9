/* SPDX-License-Identifier: Apache-2.0 */
#include "base/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE ((uintptr_t)2 << 20) /* a large one */

void *
ew_large_array(size_t n, size_t size)
{
	char *p = calloc(n ? n : 1, size);
	const size_t before = (size_t)(-(uintptr_t)p % PAGE);
	size_t inside;

	if (!p || n * size < before)
		return p;
	/* calloc() has not touched what is so large.  A system that will not is only slower. */
	inside = (n * size - before) / PAGE * PAGE;
	if (inside)
		(void)madvise(p + before, inside, MADV_HUGEPAGE);
	return p;
}
