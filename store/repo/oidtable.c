/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/oidtable.h"

#include <stdlib.h>
#include <string.h>

void
ew_oidtable_release(struct ew_oidtable *t)
{
	free(t->oid);
	free(t->slot);
	*t = (struct ew_oidtable){ 0 };
}

/* Ids are digests, so their own bytes are the hash. */
static uint32_t *
probe(const struct ew_oidtable *t, const struct ew_oid *oid)
{
	size_t h;

	memcpy(&h, oid->b, sizeof h);
	for (h &= t->slots - 1; t->slot[h] && !ew_oid_eq(&t->oid[t->slot[h] - 1], oid);
		h = (h + 1) & (t->slots - 1))
		continue;
	return &t->slot[h];
}

bool
ew_oidtable_find(size_t *number, const struct ew_oidtable *t, const struct ew_oid *oid)
{
	const uint32_t *at = t->slots ? probe(t, oid) : NULL;

	if (!at || !*at)
		return false;
	*number = *at - 1;
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
	t->slot = calloc(slots, sizeof *t->slot);
	t->slots = t->slot ? slots : 0;
	if (!t->slot)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < t->count; i++)
		*probe(t, &t->oid[i]) = (uint32_t)(i + 1);
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
	*probe(t, oid) = (uint32_t)(t->count + 1);
	t->oid[t->count++] = *oid;
	return EW_OK;
}
