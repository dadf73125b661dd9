/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/diff.h"

#include "model/version.h"
#include "ops/changes.h"

/* --- the two sides --- */

/* The name and time of the release that a revision is; the commit's time if it is none. */
static enum ew_code
read_release(struct ew_diff_side *side, struct ew_store *s, const struct ew_version_at *at,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_version version;
	struct ew_err none = { 0 };
	struct ew_tag tag;
	enum ew_code rc;

	side->time = at->commit.by.time;
	if (ew_oid_is_zero(&at->rev.tag))
		return EW_OK;
	if ((rc = ew_repo_read(&bytes, s->repo, &at->rev.tag, EW_TAG, err)) == EW_OK &&
	    (rc = ew_tag_parse(&tag, ew_buf_str(&bytes), err)) != EW_OK)
		ew_fail_at(err, "tag %.*s", EW_FMT(at->text));
	if (rc == EW_OK) {
		side->time = tag.by.time;
		if (ew_version_parse(&version, tag.name, &none) == EW_OK &&
		    !(side->release = ew_arena_str(arena, tag.name)).p)
			rc = ew_fail_nomem(err);
	}
	ew_buf_release(&bytes);
	return rc;
}

static enum ew_code
write_pin(struct ew_str *out, const struct ew_sha256 *root, bool answers, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_buf text = { 0 };

	ew_pin_write(&text, root, answers);
	*out = ew_arena_str(arena, ew_buf_str(&text));
	if (text.bad != EW_OK)
		out->p = NULL;
	ew_buf_release(&text);
	return out->p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
fill_side(struct ew_diff_side *side, struct ew_store *s, const struct ew_version_at *at,
	const struct ew_pins *pins, struct ew_arena *arena, struct ew_err *err)
{
	enum ew_code rc;

	ew_hex(side->commit, at->rev.commit.b, sizeof at->rev.commit.b);
	side->count = pins->count;
	side->rev = ew_arena_str(arena, at->text);
	if (!side->rev.p)
		return ew_fail_nomem(err);
	if ((rc = write_pin(&side->records, &pins->records, false, arena, err)) != EW_OK ||
	    (rc = write_pin(&side->answers, &pins->answers, true, arena, err)) != EW_OK)
		return rc;
	return read_release(side, s, at, arena, err);
}

/* --- the changes --- */

bool
ew_diff_rescores(enum ew_class class, unsigned facets)
{
	switch (class) {
	case EW_ADDED:
	case EW_REMOVED:
	case EW_METADATA_ONLY:
	case EW_SAME:
		return false;
	case EW_WITHIN_BAND:
	case EW_FORM_ONLY:
		/* Under the same limits in the same unit the same values are accepted. */
		return facets & (EW_FACET_BAND | EW_FACET_UNIT | EW_FACET_INSTANCE);
	default:
		return true;
	}
}

/* The labels that no folder was opened for are known by number alone. */
static void
count_same(struct ew_diff *d)
{
	d->common = d->from.count - d->counts[EW_REMOVED];
	d->counts[EW_SAME] = d->common;
	for (int c = 0; c < EW_SAME; c++)
		if (c != EW_ADDED && c != EW_REMOVED)
			d->counts[EW_SAME] -= d->counts[c];
}

static enum ew_code
compare(struct ew_diff *d, struct ew_store *s, struct ew_version_at *from, struct ew_version_at *to,
	const struct ew_diff_opts *opts, struct ew_err *err)
{
	struct ew_pins a, b;
	enum ew_code rc;

	if ((rc = ew_snapshot_pins(&a, NULL, NULL, from->snapshot, err)) != EW_OK ||
	    (rc = ew_snapshot_pins(&b, NULL, NULL, to->snapshot, err)) != EW_OK ||
	    (rc = fill_side(&d->from, s, from, &a, &d->arena, err)) != EW_OK ||
	    (rc = fill_side(&d->to, s, to, &b, &d->arena, err)) != EW_OK ||
	    (rc = ew_changes_find(d, s, from->snapshot, to->snapshot, opts, err)) != EW_OK)
		return rc;
	count_same(d);
	d->level = ew_level_of(d->counts, ew_sha256_eq(&a.records, &b.records),
		ew_sha256_eq(&a.answers, &b.answers));
	return EW_OK;
}

enum ew_code
ew_diff(struct ew_diff *out, struct ew_store *s, struct ew_str from, struct ew_str to,
	const struct ew_diff_opts *opts, struct ew_err *err)
{
	struct ew_version_at a = { 0 }, b = { 0 };
	enum ew_code rc;

	*out = (struct ew_diff){ .changes = 0 };
	if ((rc = ew_at_open(&a, s, from, err)) == EW_OK &&
	    (rc = ew_at_open(&b, s, to, err)) == EW_OK)
		rc = compare(out, s, &a, &b, opts, err);
	ew_at_release(&a);
	ew_at_release(&b);
	return rc;
}

void
ew_diff_release(struct ew_diff *d)
{
	ew_arena_release(&d->arena);
	d->change = NULL;
	d->changes = 0;
}
