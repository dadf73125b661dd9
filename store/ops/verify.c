/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/verify.h"

#include "codec/jsonw.h"
#include "ops/part.h"
#include "ops/twins.h"
#include "ops/vouch.h"

/* What the consumer holds against what there is. */
static enum ew_code
check_pin(const struct ew_pins *pins, struct ew_str expected, struct ew_err *err)
{
	struct ew_sha256 want;
	struct ew_buf is = { 0 };
	bool answers;
	enum ew_code rc = ew_pin_read(&want, &answers, expected, err);

	if (rc != EW_OK || ew_sha256_eq(&want, answers ? &pins->answers : &pins->records))
		return rc;
	ew_pin_write(&is, answers ? &pins->answers : &pins->records, answers);
	rc = ew_fail(err, EW_NO,
		"these are not the pinned labels: %.*s was expected, %.*s is here; see what changed with "
		"ellwand diff",
		EW_FMT(expected), EW_FMT(ew_buf_str(&is)));
	ew_buf_release(&is);
	return rc;
}

/* What was looked at, whatever comes of it. */
static enum ew_code
describe_rev(struct ew_verified *out, const struct ew_version_at *at, struct ew_err *err)
{
	static const char tags[] = "refs/tags/";
	struct ew_str ref = at->rev.ref, name = ew_str_part(ref, sizeof tags - 1, ref.len);
	struct ew_version version;
	struct ew_err none = { 0 };

	ew_hex(out->commit, at->rev.commit.b, sizeof at->rev.commit.b);
	out->rev = ew_arena_str(&out->arena, at->text);
	if (!ew_oid_is_zero(&at->rev.tag) && ew_str_starts(ref, tags) &&
	    ew_version_parse(&version, name, &none) == EW_OK)
		out->release = ew_arena_str(&out->arena, name);
	return out->rev.p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
write_pin(struct ew_str *out, const struct ew_sha256 *root, bool answers, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_buf b = { 0 };
	enum ew_code rc;

	ew_pin_write(&b, root, answers);
	if ((rc = ew_buf_check(&b, err)) == EW_OK && !(*out = ew_arena_str(arena, ew_buf_str(&b))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&b);
	return rc;
}

/* What a history that is good holds at its end. */
static enum ew_code
describe_labels(struct ew_verified *out, struct ew_pins *pins, struct ew_ancestry *a,
	struct ew_err *err)
{
	struct ew_oid root = ew_ancestry_root(a);
	enum ew_code rc = ew_snapshot_pins(pins, NULL, NULL, ew_ancestry_contents(a), err);

	if (rc != EW_OK)
		return rc;
	ew_hex(out->root, root.b, sizeof root.b);
	out->labels = pins->count;
	if ((rc = write_pin(&out->records, &pins->records, false, &out->arena, err)) != EW_OK)
		return rc;
	return write_pin(&out->answers, &pins->answers, true, &out->arena, err);
}

/*
 * What has the name of a release, or is a tag, must be one: else whoever holds the
 * references could pass any commit of the history off as it.
 */
static enum ew_code
check_release(struct ew_store *s, const struct ew_version_at *at, struct ew_ancestry *a,
	struct ew_err *err)
{
	struct ew_version version;
	struct ew_err none = { 0 };
	uint64_t sequence;

	if (!ew_oid_is_zero(&at->rev.tag))
		return ew_judge_release(&sequence, s, at, ew_ancestry_contents(a), ew_ancestry_later(a), err);
	if (ew_str_starts(at->rev.ref, "refs/tags/") ||
	    ew_version_parse(&version, at->text, &none) == EW_OK)
		return ew_fail(err, EW_NO, "release %.*s: it is no signed tag", EW_FMT(at->rev.ref));
	return EW_OK;
}

static enum ew_code
check_expired(struct ew_verified *out, struct ew_store *s, const struct ew_oid *tag,
	struct ew_err *err)
{
	enum ew_code rc = ew_tagged_expires(&out->expires, s, tag, err);

	return rc == EW_OK ? ew_vouch_expired(out->release, out->expires, s->opts.now, err) : rc;
}

/* The branch that a version was asked for by; absent for a release or a commit. */
static struct ew_str
branch_of(const struct ew_version_at *at, struct ew_store *s, struct ew_arena *arena)
{
	struct ew_err none = { 0 };
	struct ew_str head;

	if (ew_str_is(at->text, "HEAD") && ew_repo_head(&head, s->repo, arena, &none) == EW_OK)
		return head;
	return at->rev.ref;
}

static enum ew_code
verify_at(struct ew_verified *out, struct ew_store *s, const struct ew_version_at *at,
	struct ew_ancestry *a, struct ew_str pin, struct ew_err *err)
{
	struct ew_pins pins;
	enum ew_code rc = ew_ancestry_judge(a, &at->rev.commit, branch_of(at, s, &out->arena), err);

	out->commits = ew_ancestry_count(a);
	if (rc == EW_OK)
		rc = ew_ancestry_look_ahead(a, &at->rev.commit, err);
	if (rc == EW_OK && (rc = ew_twins_check(s, ew_ancestry_contents(a), err)) != EW_OK)
		ew_fail_at(err, "commit %s", out->commit);
	if (rc != EW_OK || (rc = describe_labels(out, &pins, a, err)) != EW_OK ||
	    (pin.p && (rc = check_pin(&pins, pin, err)) != EW_OK))
		return rc;
	if ((rc = check_release(s, at, a, err)) != EW_OK || !out->release.p)
		return rc;
	return check_expired(out, s, &at->rev.tag, err);
}

/* `why` holds what is wrong with the labels, `err` why nobody could look. */
static enum ew_code
look(struct ew_verified *out, struct ew_store *s, const struct ew_verify_opts *opts,
	struct ew_ancestry *a, struct ew_err *why, struct ew_err *err)
{
	const struct ew_str text = opts->rev.p ? opts->rev : EW_LIT("HEAD");
	struct ew_version_at at = { .snapshot = NULL };
	struct ew_rev rev;
	enum ew_code rc = ew_repo_resolve(&rev, s->repo, text, &out->arena, err), found;

	if (rc != EW_OK)
		return rc;
	found = ew_at_open(&at, s, text, why);
	rc = describe_rev(out, &at, err);
	if (rc == EW_OK && found == EW_OK)
		found = verify_at(out, s, &at, a, opts->pin, why);
	ew_at_release(&at);
	/* A commit or record that breaks the format's rules is an answer, not a failure to look. */
	if (rc == EW_OK && found != EW_OK && found != EW_NO && found != EW_REFUSED)
		rc = ew_fail(err, found, "%s", why->msg);
	return rc;
}

static enum ew_code
verify(struct ew_verified *out, struct ew_store *s, const struct ew_verify_opts *opts,
	struct ew_err *why, struct ew_err *err)
{
	struct ew_ancestry *a;
	enum ew_code rc = ew_ancestry_open(&a, s, false, 0, err);

	if (rc != EW_OK)
		return rc;
	rc = look(out, s, opts, a, why, err);
	ew_ancestry_free(a);
	return rc;
}

enum ew_code
ew_verify(struct ew_verified *out, struct ew_store *s, const struct ew_verify_opts *opts,
	struct ew_err *err)
{
	struct ew_err why = { 0 };
	struct ew_sha256 root;
	bool answers;
	enum ew_code rc;

	*out = (struct ew_verified){ .good = false };
	if (opts->pin.p && (rc = ew_pin_read(&root, &answers, opts->pin, err)) != EW_OK)
		return rc;
	if ((rc = verify(out, s, opts, &why, err)) != EW_OK)
		return rc;
	out->good = why.code == EW_OK;
	if (!out->good && !(out->problem = ew_arena_str(&out->arena, ew_str(why.msg))).p)
		return ew_fail_nomem(err);
	return EW_OK;
}

void
ew_verified_release(struct ew_verified *v)
{
	ew_arena_release(&v->arena);
}

void
ew_verified_json(struct ew_buf *out, const struct ew_verified *v)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.verify/1"));
	ew_jsonw_bool_at(&w, "good", v->good);
	ew_jsonw_str_or_null_at(&w, "problem", v->problem);
	ew_jsonw_str_or_null_at(&w, "rev", v->rev);
	ew_jsonw_str_or_null_at(&w, "release", v->release);
	ew_jsonw_str_at(&w, "commit", ew_str(v->commit));
	ew_jsonw_str_or_null_at(&w, "root", ew_str(v->root));
	ew_jsonw_int_at(&w, "commits", (int64_t)v->commits);
	ew_jsonw_int_at(&w, "labels", (int64_t)v->labels);
	ew_jsonw_str_or_null_at(&w, "records", v->records);
	ew_jsonw_str_or_null_at(&w, "answers", v->answers);
	ew_part_expires(&w, v->expires);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
