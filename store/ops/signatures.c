/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/signatures.h"

#include "base/crew.h"
#include "repo/gitobject.h"

#include <stdlib.h>

enum { TOGETHER = 16, ROOM = 3 * EW_CREW_MOST };

struct signed_commit {
	struct ew_sshsig sig;
	struct ew_oid commit;
};

/* A few of them, one job. */
struct bundle {
	struct signed_commit item[TOGETHER];
	size_t n, good;
};

struct ew_signatures {
	struct bundle bundle[ROOM + 1]; /* those under way, and the one that is filled */
	size_t filling;
	struct ew_crew *crew; /* NULL until a bundle is full */
	uint64_t good;
	bool failed;
};

enum ew_code
ew_signatures_open(struct ew_signatures **out, struct ew_err *err)
{
	*out = calloc(1, sizeof **out);
	return *out ? EW_OK : ew_fail_nomem(err);
}

void
ew_signatures_free(struct ew_signatures *s)
{
	if (!s)
		return;
	ew_crew_free(s->crew);
	for (size_t i = 0; i < sizeof s->bundle / sizeof *s->bundle; i++)
		for (size_t k = 0; k < TOGETHER; k++)
			ew_sshsig_release(&s->bundle[i].item[k].sig);
	free(s);
}

static struct bundle *
filling(struct ew_signatures *s)
{
	return &s->bundle[s->filling];
}

struct ew_sshsig *
ew_signatures_next(struct ew_signatures *s)
{
	return &filling(s)->item[filling(s)->n].sig;
}

uint64_t
ew_signatures_good(const struct ew_signatures *s)
{
	return s->good;
}

static enum ew_code
check(void *tool, void *job, struct ew_err *err)
{
	struct bundle *b = job;
	char hex[EW_OID_HEX + 1];
	enum ew_code rc;

	(void)tool;
	for (b->good = 0; b->good < b->n; b->good++) {
		if ((rc = ew_sshsig_check(&b->item[b->good].sig, err)) == EW_OK)
			continue;
		ew_hex(hex, b->item[b->good].commit.b, sizeof b->item[b->good].commit.b);
		ew_fail_at(err, "commit %s", hex);
		return rc;
	}
	return EW_OK;
}

/* What was found of the oldest bundle; of later ones nothing counts after a failure. */
static enum ew_code
count(struct ew_signatures *s, const struct bundle *b, enum ew_code rc)
{
	if (!s->failed)
		s->good += b->good;
	s->failed |= rc != EW_OK;
	return rc;
}

/* The oldest bundle under way; *any is false when there is none. */
static enum ew_code
take(bool *any, struct ew_signatures *s, struct ew_err *err)
{
	void *bundle = NULL;
	enum ew_code rc = s->crew ? ew_crew_take(&bundle, s->crew, err) : EW_OK;

	*any = bundle;
	return bundle ? count(s, bundle, rc) : rc;
}

static enum ew_code
open_crew(struct ew_signatures *s, struct ew_err *err)
{
	void *const tool[EW_CREW_MOST] = { NULL };

	return s->crew ? EW_OK : ew_crew_open(&s->crew, ew_crew_hands(), ROOM, check, tool, err);
}

enum ew_code
ew_signatures_add(struct ew_signatures *s, const struct ew_oid *commit, struct ew_err *err)
{
	struct bundle *b = filling(s);
	bool any;
	enum ew_code rc;

	b->item[b->n++].commit = *commit;
	if (b->n < TOGETHER)
		return EW_OK;
	if ((rc = open_crew(s, err)) != EW_OK)
		return rc;
	ew_crew_give(s->crew, b);
	s->filling = (s->filling + 1) % (ROOM + 1);
	filling(s)->n = 0;
	return ew_crew_has_room(s->crew) ? EW_OK : take(&any, s, err);
}

enum ew_code
ew_signatures_settle(struct ew_signatures *s, struct ew_err *err)
{
	struct bundle *last = filling(s);
	struct ew_err later = { 0 };
	bool any = true;
	enum ew_code rc = EW_OK;

	while (any) {
		const enum ew_code one = take(&any, s, rc == EW_OK ? err : &later);

		rc = rc == EW_OK ? one : rc;
	}
	if (rc == EW_OK)
		rc = count(s, last, check(NULL, last, err));
	last->n = 0;
	s->failed = false;
	return rc;
}
