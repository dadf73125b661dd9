/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/kin.h"

#include "repo/delta.h"

#include <stdlib.h>

enum {
	KINDS = 8,
	BEGINNING = 4,      /* bytes by which a kind is known */
	LEAST = 50,         /* of bytes that are worth a delta */
	MOST = 1 << 16,
	FOLLOWERS = 32,     /* of a base, so that it is near them on the disk */
	PATIENCE_MOST = 64, /* objects that are not tried after some that were nothing alike */
};

struct kind {
	unsigned type; /* 0: none yet */
	char beginning[BEGINNING];
	size_t number; /* of the base */
	unsigned followers;
	unsigned skip, patience; /* how many objects are not tried: now, and after the next failure */
	struct ew_buf bytes;
	struct ew_delta_base base;
};

struct ew_kin {
	struct kind kind[KINDS];
	size_t last; /* the kind that was begun last */
	struct ew_buf delta;
};

enum ew_code
ew_kin_open(struct ew_kin **out, struct ew_err *err)
{
	*out = calloc(1, sizeof **out);
	return *out ? EW_OK : ew_fail_nomem(err);
}

void
ew_kin_free(struct ew_kin *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < KINDS; i++)
		ew_buf_release(&k->kind[i].bytes);
	ew_buf_release(&k->delta);
	free(k);
}

/* The kind of an object; a new one takes the place of the one that was begun first. */
static struct kind *
kind_of(struct ew_kin *k, unsigned type, struct ew_str bytes)
{
	struct kind *d;

	for (size_t i = 0; i < KINDS; i++) {
		d = &k->kind[i];
		if (d->type == type && memcmp(d->beginning, bytes.p, BEGINNING) == 0)
			return d;
	}
	k->last = (k->last + 1) % KINDS;
	d = &k->kind[k->last];
	d->type = type;
	memcpy(d->beginning, bytes.p, BEGINNING);
	d->followers = FOLLOWERS;
	d->skip = d->patience = 0;
	return d;
}

static void
become_base(struct kind *d, size_t number, struct ew_str bytes)
{
	ew_buf_clear(&d->bytes);
	ew_buf_add(&d->bytes, bytes);
	if (d->bytes.bad != EW_OK) {
		d->type = 0; /* so that it is none */
		return;
	}
	ew_delta_base_init(&d->base, ew_buf_str(&d->bytes));
	d->number = number;
	d->followers = 0;
}

struct ew_str
ew_kin_add(size_t *base, struct ew_kin *k, unsigned type, size_t number, struct ew_str bytes)
{
	struct kind *d;

	if (bytes.len < LEAST || bytes.len > MOST)
		return bytes;
	d = kind_of(k, type, bytes);
	if (d->skip) {
		d->skip--;
		return bytes;
	}
	if (d->followers < FOLLOWERS) {
		ew_buf_clear(&k->delta);
		ew_delta_find(&k->delta, &d->base, bytes);
		if (k->delta.bad == EW_OK && k->delta.len < bytes.len / 4 * 3) {
			d->followers++;
			d->patience = 0;
			*base = d->number;
			return ew_buf_str(&k->delta);
		}
		d->skip = d->patience;
		d->patience = d->patience ? d->patience * 2 : 1;
		if (d->patience > PATIENCE_MOST)
			d->patience = PATIENCE_MOST;
	}
	become_base(d, number, bytes);
	return bytes;
}
