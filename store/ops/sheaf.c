/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/sheaf.h"

#include "base/large.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	CACHE_LINE = 64,
	NEAR = 16, /* so far ahead an id is fetched, */
	FAR = 32, /* and so far what leads to it */
};

/* A label, and its instance if that has a blob. */
struct ear {
	struct ew_leaf leaf;
	struct ew_oid label, instance;
	const char *id;
};

/* One in the order of the keys, by the first bytes of which most differ. */
struct rank {
	uint64_t first;
	const struct ear *ear;
};

struct ew_sheaf {
	struct ew_edit *edit;
	struct ear *ear;
	struct rank *rank;
	size_t n, most, instances;
};

enum ew_code
ew_sheaf_open(struct ew_sheaf **out, struct ew_edit *edit, uint64_t most, struct ew_err *err)
{
	struct ew_sheaf *s = calloc(1, sizeof *s);

	*out = s;
	if (!s)
		return ew_fail_nomem(err);
	s->edit = edit;
	s->most = (size_t)most;
	s->ear = ew_large_array(s->most, sizeof *s->ear);
	return s->ear ? EW_OK : ew_fail_nomem(err);
}

void
ew_sheaf_free(struct ew_sheaf *s)
{
	if (!s)
		return;
	free(s->ear);
	free(s->rank);
	free(s);
}

enum ew_code
ew_sheaf_add(struct ew_sheaf *s, const char *id, const struct ew_ready *label,
	const struct ew_ready *instance, struct ew_err *err)
{
	struct ear *e = &s->ear[s->n];
	enum ew_code rc = ew_edit_stage(s->edit, label, err);

	assert(s->n < s->most);
	if (rc == EW_OK && instance->bytes.p)
		rc = ew_edit_stage(s->edit, instance, err);
	if (rc != EW_OK)
		return rc;
	*e = (struct ear){ .leaf = label->leaf, .label = label->oid, .instance = instance->oid, .id = id };
	s->n++;
	s->instances += instance->bytes.p != NULL;
	return EW_OK;
}

static int
by_key(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return memcmp(x->ear->leaf.key.b, y->ear->leaf.key.b, sizeof x->ear->leaf.key.b);
}

static enum ew_code
sort(struct ew_sheaf *s, struct ew_err *err)
{
	s->rank = calloc(s->n ? s->n : 1, sizeof *s->rank);
	if (!s->rank)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < s->n; i++) {
		struct rank *r = &s->rank[i];

		r->ear = &s->ear[i];
		for (size_t k = 0; k < sizeof r->first; k++)
			r->first = r->first << 8 | r->ear->leaf.key.b[k];
	}
	qsort(s->rank, s->n, sizeof *s->rank, by_key);
	return EW_OK;
}

/* The i-th in the order of the keys; those behind it are fetched, as they may stand anywhere. */
static const struct ear *
ear_at(const struct ew_sheaf *s, size_t i)
{
	if (i + FAR < s->n) {
		const char *far = (const char *)s->rank[i + FAR].ear;

		for (size_t k = 0; k < sizeof(struct ear); k += CACHE_LINE)
			__builtin_prefetch(far + k);
		__builtin_prefetch(s->rank[i + NEAR].ear->id);
	}
	return s->rank[i].ear;
}

static void
give_label(struct ew_put *out, const void *user, size_t i)
{
	const struct ear *e = ear_at(user, i);

	*out = (struct ew_put){ .id = ew_str(e->id), .leaf = &e->leaf, .blob = e->label };
}

static void
give_instance(struct ew_put *out, const void *user, size_t i)
{
	const struct ear *e = ear_at(user, i);

	*out = (struct ew_put){ .id = ew_str(e->id), .leaf = &e->leaf, .blob = e->instance };
}

enum ew_code
ew_sheaf_put(struct ew_sheaf *s, struct ew_str labels, struct ew_err *err)
{
	enum ew_code rc = sort(s, err);

	if (rc == EW_OK)
		rc = ew_edit_fill(s->edit, labels, give_label, s, s->n, true, err);
	if (rc == EW_OK && s->instances)
		rc = ew_edit_fill(s->edit, EW_LIT("instances"), give_instance, s, s->n, false, err);
	return rc;
}
