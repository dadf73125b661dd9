/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps: from a slice of bytes to a pointer.  Keys are borrowed and must outlive
 * the map.  Open addressing with linear probing; no removal.
 */
#ifndef EW_BASE_MAP_H
#define EW_BASE_MAP_H

#include "base/err.h"
#include "base/str.h"

struct ew_map {
	struct ew_map_slot {
		struct ew_str key;
		uint64_t hash;
		void *value; /* NULL: a free slot */
	} *slot;
	size_t count, size;
};

/* { 0 } is a valid empty map. */
void ew_map_release(struct ew_map *);
/* The hash of a key: the same everywhere, but nothing to rely on where somebody gains from a clash. */
uint64_t ew_map_hash(struct ew_str key);
/* The value, or NULL when the key is absent. */
void *ew_map_get(const struct ew_map *, struct ew_str key);
/* Set key to value, which must not be NULL. */
EW_MUST_USE enum ew_code ew_map_set(struct ew_map *, struct ew_str key, void *value,
	struct ew_err *err);

#endif
