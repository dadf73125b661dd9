/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/compat.h"

#include "codec/jsonw.h"
#include "model/version.h"
#include "ops/context.h"

#include <inttypes.h>
#include <string.h>

static const char *const results_words[] = {
#define X(name, word) word,
	EW_RESULTS_OF(X)
#undef X
};

const char *
ew_results_word(enum ew_results r)
{
	return results_words[r];
}

bool
ew_compat_affects(enum ew_class class)
{
	uint64_t counts[EW_CLASS_COUNT] = { 0 };

	counts[class] = 1;
	return ew_level_of(counts, false, false) == EW_SCORE_AFFECTING;
}

static enum ew_results
results_of(const struct ew_compat *c)
{
	if (c->level == EW_IDENTICAL || c->level == EW_SCORE_COMPATIBLE)
		return EW_RESULTS_VALID;
	return c->reasked || c->diff.counts[EW_ADDED] ? EW_RESULTS_RERUN : EW_RESULTS_REGRADE;
}

/* With as many numbers as the release has, or three if a patch needs them. */
static void
write_next(struct ew_buf *out, struct ew_str release, const struct ew_version *v, enum ew_step step)
{
	bool three = memchr(release.p, '.', release.len) != memrchr(release.p, '.', release.len);
	struct ew_version next = *v;

	switch (step) {
	case EW_STEP_NONE:
		return;
	case EW_STEP_PATCH:
		next.patch++;
		break;
	case EW_STEP_MINOR:
		next = (struct ew_version){ v->major, v->minor + 1, 0 };
		break;
	case EW_STEP_MAJOR:
		next = (struct ew_version){ v->major + 1, 0, 0 };
		break;
	}
	/* A number that cannot grow has no next; only a hostile tag gets there. */
	if (v->major == UINT64_MAX || v->minor == UINT64_MAX || v->patch == UINT64_MAX)
		return;
	ew_buf_addf(out, "v%" PRIu64 ".%" PRIu64, next.major, next.minor);
	if (three || next.patch)
		ew_buf_addf(out, ".%" PRIu64, next.patch);
}

static enum ew_code
advise(struct ew_compat *c, struct ew_err *err)
{
	const struct ew_str release = c->diff.from.release;
	struct ew_buf name = { 0 };
	struct ew_version v;
	enum ew_code rc;

	if (!release.p || c->step == EW_STEP_NONE)
		return EW_OK;
	if ((rc = ew_version_parse(&v, release, err)) != EW_OK)
		return rc;
	write_next(&name, release, &v, c->step);
	if ((rc = ew_buf_check(&name, err)) == EW_OK && name.len &&
	    !(c->advised = ew_arena_str(&c->arena, ew_buf_str(&name))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&name);
	return rc;
}

/* By its id, since a branch may have moved meanwhile. */
static enum ew_code
read_step(struct ew_compat *c, struct ew_store *s, struct ew_err *err)
{
	struct ew_version_at at = { 0 };
	struct ew_policy *policy;
	enum ew_code rc = ew_at_open(&at, s, ew_str(c->diff.to.commit), err);

	if (rc == EW_OK && (rc = ew_snapshot_policy(&policy, at.snapshot, err)) == EW_OK)
		c->step = policy->step[c->level];
	ew_at_release(&at);
	return rc;
}

static uint64_t
facet_count(const struct ew_diff *d, enum ew_facet facet)
{
	unsigned i = 0;

	while (1u << i != (unsigned)facet)
		i++;
	return d->facets[i];
}

enum ew_code
ew_compat(struct ew_compat *out, struct ew_store *s, struct ew_str from, struct ew_str to,
	struct ew_err *err)
{
	static const struct ew_diff_opts counts_only = { .stat = true };
	enum ew_code rc;

	*out = (struct ew_compat){ .step = EW_STEP_NONE };
	if ((rc = ew_diff(&out->diff, s, from, to, &counts_only, err)) != EW_OK)
		return rc;
	out->level = out->diff.level;
	out->reasked = facet_count(&out->diff, EW_FACET_INSTANCE);
	out->results = results_of(out);
	if ((rc = read_step(out, s, err)) != EW_OK)
		return rc;
	return advise(out, err);
}

void
ew_compat_release(struct ew_compat *c)
{
	ew_diff_release(&c->diff);
	ew_arena_release(&c->arena);
}

void
ew_compat_json(struct ew_buf *out, const struct ew_compat *c)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.compat/1"));
	ew_diff_json_sides(&w, &c->diff);
	ew_jsonw_str_at(&w, "step", ew_str(ew_step_word(c->step)));
	ew_jsonw_str_or_null_at(&w, "advised", c->advised);
	ew_jsonw_int_at(&w, "common", (int64_t)c->diff.common);
	ew_jsonw_int_at(&w, "rescored", (int64_t)c->diff.rescored);
	ew_jsonw_int_at(&w, "reasked", (int64_t)c->reasked);
	ew_jsonw_str_at(&w, "results", ew_str(ew_results_word(c->results)));
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}
