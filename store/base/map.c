/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

/* FNV-1a 64 with a final mix; keys are not chosen to collide by anyone who gains from it. */
uint64_t
ew_map_hash(struct ew_str s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	return h * 0x9e3779b97f4a7c15u;
}

static struct ew_map_slot *
probe(const struct ew_map *m, struct ew_str key, uint64_t h)
{
	size_t i = (size_t)(h >> 20) & (m->size - 1);

	while (m->slot[i].value &&
	       (m->slot[i].hash != h || !ew_str_eq(m->slot[i].key, key)))
		i = (i + 1) & (m->size - 1);
	return &m->slot[i];
}

void
ew_map_release(struct ew_map *m)
{
	free(m->slot);
	*m = (struct ew_map){ 0 };
}

void *
ew_map_get(const struct ew_map *m, struct ew_str key)
{
	return m->size ? probe(m, key, ew_map_hash(key))->value : NULL;
}

static enum ew_code
grow(struct ew_map *m, struct ew_err *err)
{
	struct ew_map bigger = { .size = m->size ? m->size * 2 : 16, .count = m->count };

	bigger.slot = calloc(bigger.size, sizeof *bigger.slot);
	if (!bigger.slot)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < m->size; i++)
		if (m->slot[i].value)
			*probe(&bigger, m->slot[i].key, m->slot[i].hash) = m->slot[i];
	free(m->slot);
	*m = bigger;
	return EW_OK;
}

enum ew_code
ew_map_set(struct ew_map *m, struct ew_str key, void *value, struct ew_err *err)
{
	uint64_t h = ew_map_hash(key);
	struct ew_map_slot *slot;

	assert(value);
	if (m->count * 3 >= m->size * 2) {
		enum ew_code rc = grow(m, err);

		if (rc != EW_OK)
			return rc;
	}
	slot = probe(m, key, h);
	if (!slot->value)
		m->count++;
	*slot = (struct ew_map_slot){ key, h, value };
	return EW_OK;
}
