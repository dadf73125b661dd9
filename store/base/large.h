/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large arrays: for tables of many megabytes that are looked into anywhere.  They ask the
 * system for large pages, since otherwise finding the page takes longer than the look.
 */
#ifndef EW_BASE_LARGE_H
#define EW_BASE_LARGE_H

#include <stddef.h>

/* Zeroed memory for `n` elements, which free() takes; NULL when memory is out. */
void *ew_large_array(size_t n, size_t size);

#endif
