/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/oidtable.h"

#include "base/large.h"

#include <stdlib.h>
#include <string.h>

void
ew_oidtable_release(struct ew_oidtable *t)
{
	free(t->oid);
	free(t->slot);
	*t = (struct ew_oidtable){ 0 };
}

static uint32_t
part_of(const struct ew_oid *oid)
{
	uint32_t part;

	memcpy(&part, oid->b + sizeof *oid - sizeof part, sizeof part);
	return part;
}

/* Ids are digests, so their own bytes are the hash. */
static struct ew_oidslot *
probe(const struct ew_oidtable *t, const struct ew_oid *oid)
{
	const uint32_t part = part_of(oid);
	struct ew_oidslot *s;
	size_t h;

	memcpy(&h, oid->b, sizeof h);
	for (;; h++) {
		s = &t->slot[h & (t->slots - 1)];
		if (!s->number || (s->part == part && ew_oid_eq(&t->oid[s->number - 1], oid)))
			return s;
	}
}

void
ew_oidtable_expect(const struct ew_oidtable *t, const struct ew_oid *oid)
{
	size_t h;

	memcpy(&h, oid->b, sizeof h);
	if (t->slots)
		__builtin_prefetch(&t->slot[h & (t->slots - 1)], 1);
}

bool
ew_oidtable_find(size_t *number, const struct ew_oidtable *t, const struct ew_oid *oid)
{
	const struct ew_oidslot *at = t->slots ? probe(t, oid) : NULL;

	if (!at || !at->number)
		return false;
	*number = at->number - 1;
	return true;
}

static enum ew_code
grow(struct ew_oidtable *t, struct ew_err *err)
{
	size_t slots = t->slots ? t->slots * 2 : 1024;
	struct ew_oid *oid;

	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 512;

		oid = realloc(t->oid, room * sizeof *oid);
		if (!oid)
			return ew_fail_nomem(err);
		t->oid = oid;
		t->room = room;
	}
	if (t->count * 3 < t->slots * 2)
		return EW_OK;
	free(t->slot);
	t->slot = ew_large_array(slots, sizeof *t->slot);
	t->slots = t->slot ? slots : 0;
	if (!t->slot)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < t->count; i++)
		*probe(t, &t->oid[i]) = (struct ew_oidslot){ (uint32_t)(i + 1), part_of(&t->oid[i]) };
	return EW_OK;
}

enum ew_code
ew_oidtable_add(struct ew_oidtable *t, const struct ew_oid *oid, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (t->count == t->room || t->count * 3 >= t->slots * 2)
		rc = grow(t, err);
	if (rc != EW_OK)
		return rc;
	if (t->count == UINT32_MAX - 1)
		return ew_fail(err, EW_REFUSED, "more than 2^32 objects at once; work in smaller parts");
	*probe(t, oid) = (struct ew_oidslot){ (uint32_t)(t->count + 1), part_of(oid) };
	t->oid[t->count++] = *oid;
	return EW_OK;
}
