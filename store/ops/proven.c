/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/proven.h"

#include "codec/date.h"
#include "codec/jsonw.h"
#include "codec/sshsig.h"
#include "model/proof.h"
#include "ops/part.h"
#include "ops/signed.h"

/* What the proof is held against. */
struct trust {
	bool has_pin, answers, has_signers;
	struct ew_sha256 pin;
	struct ew_signers signers;
	int64_t now;
};

static enum ew_code
check_pin(const struct ew_proof *p, const struct trust *t, struct ew_err *err)
{
	const struct ew_sha256 *is = t->answers ? &p->pins.answers : &p->pins.records;
	struct ew_buf want = { 0 }, got = { 0 };
	enum ew_code rc;

	if (ew_sha256_eq(is, &t->pin))
		return EW_OK;
	ew_pin_write(&want, &t->pin, t->answers);
	ew_pin_write(&got, is, t->answers);
	rc = ew_fail(err, EW_NO, "these are not the pinned labels: %.*s was expected, the proof leads to %.*s",
		EW_FMT(ew_buf_str(&want)), EW_FMT(ew_buf_str(&got)));
	ew_buf_release(&want);
	ew_buf_release(&got);
	return rc;
}

static enum ew_code
check_expired(const struct ew_proof *p, int64_t now, struct ew_err *err)
{
	struct ew_buf last = { 0 };

	if (!p->release.note.expires || now <= p->release.note.expires)
		return EW_OK;
	ew_time_write(&last, p->release.note.expires);
	ew_fail(err, EW_NO, "expired on %.*s; have a newer one", EW_FMT(ew_buf_str(&last)));
	ew_buf_release(&last);
	return EW_NO;
}

static enum ew_code
check_signer(const struct ew_proof *p, const struct trust *t, const struct ew_sshkey *key, struct ew_err *err)
{
	enum ew_code rc;

	if (!ew_signers_find(&t->signers, key))
		return ew_fail(err, EW_NO, "signed with a key that is none of the signers'");
	rc = ew_signed_by(&t->signers, &p->release.tag.by, key, 0, err);
	return rc == EW_OK ? check_expired(p, t->now, err) : rc;
}

/* The signature is good, and by one of the signers if there are such. */
static enum ew_code
check_release(const struct ew_proof *p, const struct trust *t, struct ew_hash *hash, struct ew_err *err)
{
	const struct ew_tag *tag = &p->release.tag;
	struct ew_sshkey key;
	enum ew_code rc = ew_sshsig_verify(&key, hash, "git", tag->payload, tag->signature, err);

	if (rc == EW_OK && t->has_signers)
		rc = check_signer(p, t, &key, err);
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "release %.*s", EW_FMT(tag->name));
}

static enum ew_code
check(const struct ew_proof *p, const struct trust *t, struct ew_hash *hash, struct ew_err *err)
{
	const bool other = t->has_pin && t->answers != p->answers;
	enum ew_code rc;

	if (t->has_pin && !other && (rc = check_pin(p, t, err)) != EW_OK)
		return rc;
	if (p->release.object.p && (rc = check_release(p, t, hash, err)) != EW_OK)
		return rc;
	if (t->has_signers && !p->release.object.p)
		return ew_fail(err, EW_NO, "it carries no release; hold it against a pin");
	if (!other)
		return EW_OK;
	/* The pin of the other trie stands in the release, so its signer must be known. */
	if (!t->has_signers)
		return ew_fail(err, EW_NO, "it leads to a pin of %s; %s",
			p->answers ? "answers, not of records" : "records, not of answers",
			p->answers ? "make it without --answers" : "make it with --answers, or give its release's signers");
	return check_pin(p, t, err);
}

/* --- the result --- */

static enum ew_code
keep(struct ew_str *out, struct ew_proven *to, struct ew_str text, struct ew_err *err)
{
	*out = text.p ? ew_arena_str(&to->arena, text) : text;
	return !text.p || out->p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
keep_pin(struct ew_str *out, struct ew_proven *to, const struct ew_sha256 *root, bool answers,
	struct ew_err *err)
{
	struct ew_buf pin = { 0 };
	enum ew_code rc;

	ew_pin_write(&pin, root, answers);
	if ((rc = ew_buf_check(&pin, err)) == EW_OK)
		rc = keep(out, to, ew_buf_str(&pin), err);
	ew_buf_release(&pin);
	return rc;
}

static enum ew_code
describe(struct ew_proven *out, const struct ew_proof *p, const struct trust *t, struct ew_err *err)
{
	const struct ew_str none = { NULL, 0 };
	enum ew_code rc;

	out->what = !p->label.p ? EW_PROVEN_ABSENCE : p->answers ? EW_PROVEN_ANSWER : EW_PROVEN_RECORD;
	out->labels = p->pins.count;
	out->expires = t->has_signers ? p->release.note.expires : 0;
	if ((rc = keep(&out->id, out, p->id, err)) != EW_OK ||
	    (rc = keep(&out->split, out, ew_proof_split(p), err)) != EW_OK ||
	    ((!p->answers || t->has_signers) &&
		    (rc = keep_pin(&out->records, out, &p->pins.records, false, err)) != EW_OK) ||
	    ((p->answers || t->has_signers) &&
		    (rc = keep_pin(&out->answers, out, &p->pins.answers, true, err)) != EW_OK) ||
	    (rc = keep(&out->release, out, t->has_signers ? p->release.note.name : none, err)) != EW_OK ||
	    (rc = keep(&out->dataset, out, t->has_signers ? p->release.note.dataset : none, err)) != EW_OK)
		return rc;
	return keep(&out->signer, out, t->has_signers ? p->release.tag.by.email : none, err);
}

/* `why` holds what is wrong with the proof. */
static enum ew_code
judge(struct ew_proven *out, struct ew_hash *hash, struct ew_str bytes, const struct trust *t,
	struct ew_err *why, struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_proof proof;
	enum ew_code rc = ew_proof_parse(&proof, &arena, hash, bytes, why);

	if (rc == EW_OK)
		rc = check(&proof, t, hash, why);
	if (rc == EW_OK)
		rc = describe(out, &proof, t, err);
	else if (rc == EW_NO || rc == EW_REFUSED)
		rc = EW_OK;
	else
		ew_fail(err, rc, "%s", why->msg);
	ew_arena_release(&arena);
	return rc;
}

static enum ew_code
read_trust(struct trust *t, const struct ew_proven_opts *opts, struct ew_err *err)
{
	enum ew_code rc;

	t->has_pin = opts->pin.p;
	t->has_signers = opts->signers.p;
	t->now = opts->now;
	if (!t->has_pin && !t->has_signers)
		return ew_fail(err, EW_USAGE, "a proof proves nothing by itself; give a pin or signers");
	if (t->has_pin && (rc = ew_pin_read(&t->pin, &t->answers, opts->pin, err)) != EW_OK)
		return rc;
	if (t->has_signers && (rc = ew_signers_parse(&t->signers, opts->signers, err)) != EW_OK)
		return ew_fail_at(err, "signers");
	return EW_OK;
}

enum ew_code
ew_proof_verify(struct ew_proven *out, struct ew_hash *hash, const struct ew_proven_opts *opts,
	struct ew_err *err)
{
	struct trust t = { .has_pin = false };
	struct ew_err why = { 0 };
	enum ew_code rc = read_trust(&t, opts, err);

	*out = (struct ew_proven){ .good = false };
	if (rc == EW_OK)
		rc = judge(out, hash, opts->proof, &t, &why, err);
	out->good = rc == EW_OK && why.code == EW_OK;
	if (rc == EW_OK && !out->good)
		rc = keep(&out->problem, out, ew_str(why.msg), err);
	ew_signers_release(&t.signers);
	return rc;
}

void
ew_proven_release(struct ew_proven *p)
{
	ew_arena_release(&p->arena);
}

void
ew_proven_json(struct ew_buf *out, const struct ew_proven *p)
{
	static const char *const word[] = {
#define X(name, text) text,
		EW_PROVEN_WORDS(X)
#undef X
	};
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.proven/1"));
	ew_jsonw_bool_at(&w, "good", p->good);
	ew_jsonw_str_or_null_at(&w, "problem", p->problem);
	ew_jsonw_str_or_null_at(&w, "proves", ew_str(p->good ? word[p->what] : NULL));
	ew_jsonw_str_or_null_at(&w, "id", p->id);
	ew_jsonw_str_or_null_at(&w, "split", p->split);
	ew_jsonw_str_or_null_at(&w, "release", p->release);
	ew_jsonw_str_or_null_at(&w, "dataset", p->dataset);
	ew_jsonw_str_or_null_at(&w, "signer", p->signer);
	ew_jsonw_int_at(&w, "labels", (int64_t)p->labels);
	ew_jsonw_str_or_null_at(&w, "records", p->records);
	ew_jsonw_str_or_null_at(&w, "answers", p->answers);
	ew_part_expires(&w, p->expires);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}
