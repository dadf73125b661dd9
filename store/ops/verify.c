/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/verify.h"

#include "codec/jsonw.h"
#include "ops/ancestry.h"

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

static enum ew_code
describe(struct ew_verified *out, const struct ew_version_at *at, struct ew_pins *pins,
	struct ew_err *err)
{
	struct ew_buf b = { 0 };
	struct ew_str ref = at->rev.ref;
	enum ew_code rc;

	ew_hex(out->commit, at->rev.commit.b, sizeof at->rev.commit.b);
	if ((rc = ew_snapshot_pins(pins, NULL, NULL, at->snapshot, err)) != EW_OK)
		return rc;
	out->labels = pins->count;
	ew_pin_write(&b, &pins->records, false);
	out->records = ew_arena_str(&out->arena, ew_buf_str(&b));
	ew_buf_clear(&b);
	ew_pin_write(&b, &pins->answers, true);
	out->answers = ew_arena_str(&out->arena, ew_buf_str(&b));
	ew_buf_release(&b);
	out->rev = ew_arena_str(&out->arena, at->text);
	if (!ew_oid_is_zero(&at->rev.tag) && ew_str_starts(ref, "refs/tags/"))
		out->release = ew_arena_str(&out->arena,
			ew_str_part(ref, sizeof "refs/tags/" - 1, ref.len));
	return out->records.p && out->answers.p && out->rev.p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
verify(struct ew_verified *out, struct ew_store *s, const struct ew_verify_opts *opts,
	struct ew_err *err)
{
	struct ew_ancestry *a;
	struct ew_version_at at = { .snapshot = NULL };
	struct ew_pins pins;
	enum ew_code rc = ew_ancestry_open(&a, s, err);

	if (rc != EW_OK)
		return rc;
	if ((rc = ew_at_open(&at, s, opts->rev, err)) == EW_OK &&
	    (rc = describe(out, &at, &pins, err)) == EW_OK &&
	    (!opts->pin.p || (rc = check_pin(&pins, opts->pin, err)) == EW_OK) &&
	    (rc = ew_ancestry_judge(a, &at.rev.commit, err)) == EW_OK &&
	    !ew_oid_is_zero(&at.rev.tag))
		rc = ew_judge_release(s, &at, err);
	out->commits = ew_ancestry_count(a);
	ew_at_release(&at);
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
	rc = verify(out, s, opts, &why);
	/* A commit or record that breaks the format's rules is an answer, not a failure to look. */
	if (rc == EW_NO || rc == EW_REFUSED) {
		out->problem = ew_arena_str(&out->arena, ew_str(why.msg));
		return out->problem.p ? EW_OK : ew_fail_nomem(err);
	}
	if (rc != EW_OK)
		return ew_fail(err, rc, "%s", why.msg);
	out->good = true;
	return EW_OK;
}

void
ew_verified_release(struct ew_verified *v)
{
	ew_arena_release(&v->arena);
}

static void
str_or_null(struct ew_jsonw *w, const char *name, struct ew_str value)
{
	ew_jsonw_name(w, ew_str(name));
	if (value.p)
		ew_jsonw_str(w, value);
	else
		ew_jsonw_null(w);
}

void
ew_verified_json(struct ew_buf *out, const struct ew_verified *v)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.verify/1"));
	ew_jsonw_bool_at(&w, "good", v->good);
	str_or_null(&w, "problem", v->problem);
	str_or_null(&w, "rev", v->rev);
	str_or_null(&w, "release", v->release);
	ew_jsonw_str_at(&w, "commit", ew_str(v->commit));
	ew_jsonw_int_at(&w, "commits", (int64_t)v->commits);
	ew_jsonw_int_at(&w, "labels", (int64_t)v->labels);
	str_or_null(&w, "records", v->records);
	str_or_null(&w, "answers", v->answers);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
