/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/prove.h"

#include "model/id.h"
#include "model/proof.h"
#include "model/version.h"
#include "ops/address.h"
#include "ops/proven.h"

#include <string.h>

struct proving {
	struct ew_store *store;
	struct ew_address a;
	struct ew_proof proof;
	struct ew_way way; /* scratch */
	struct ew_arena arena;
};

/* --- the label --- */

/* The part of a record that the trie is over: all of it, or what is scored. */
static enum ew_code
read_part(struct ew_buf *out, const struct proving *p, const struct ew_oid *blob, struct ew_err *err)
{
	struct ew_buf record = { 0 };
	enum ew_code rc;

	if (!p->proof.answers)
		return ew_repo_read(out, p->store->repo, blob, EW_BLOB, err);
	if ((rc = ew_repo_read(&record, p->store->repo, blob, EW_BLOB, err)) == EW_OK &&
	    ew_label_scored_of(out, ew_buf_str(&record), err) != EW_OK)
		rc = ew_fail_stored(err, blob);
	ew_buf_release(&record);
	return rc;
}

static enum ew_code
take_label(struct proving *p, struct ew_err *err)
{
	struct ew_buf part = { 0 };
	enum ew_code rc;

	p->proof.id = p->a.id;
	if (!p->a.split.p)
		return EW_OK;
	rc = read_part(&part, p, &p->a.blob, err);
	if (rc == EW_OK && !(p->proof.label = ew_arena_str(&p->arena, ew_buf_str(&part))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&part);
	return rc;
}

/* --- the ways --- */

/* The levels of the way that was found last, and the siblings that hold labels. */
static enum ew_code
take_levels(struct ew_proof_way *out, struct proving *p, struct ew_err *err)
{
	const struct ew_way *w = &p->way;
	char *levels = ew_arena_alloc(&p->arena, w->depth + 1);
	char *siblings = ew_arena_alloc(&p->arena, (size_t)w->depth * sizeof(struct ew_sha256) + 1);

	if (!levels || !siblings)
		return ew_fail_nomem(err);
	*out = (struct ew_proof_way){ .given = true, .levels = { levels, w->depth },
		.siblings = { siblings, 0 } };
	for (unsigned i = 0; i < w->depth; i++) {
		const struct ew_trie *t = &w->sibling[i];
		const struct ew_sha256 *root = p->proof.answers ? &t->answers : &t->records;

		levels[i] = t->count ? '1' : '0';
		if (!t->count)
			continue;
		memcpy(siblings + out->siblings.len, root->b, sizeof root->b);
		out->siblings.len += sizeof root->b;
	}
	return EW_OK;
}

/* The label that stands where the id's would. */
static enum ew_code
take_other(struct ew_proof_way *out, struct proving *p, const struct ew_entry *there, struct ew_err *err)
{
	struct ew_buf part = { 0 };
	enum ew_code rc = read_part(&part, p, &there->blob, err);

	out->other = true;
	out->key = ew_sha256_str(p->store->hash, there->id);
	out->digest = ew_sha256_str(p->store->hash, ew_buf_str(&part));
	ew_buf_release(&part);
	return rc;
}

static enum ew_code
take_way(struct ew_proof_way *out, struct proving *p, struct ew_str split, struct ew_err *err)
{
	const struct ew_sha256 key = ew_sha256_str(p->store->hash, p->a.id);
	const struct ew_entry *there;
	struct ew_collection *c;
	enum ew_code rc;

	if ((rc = ew_snapshot_labels(&c, p->a.at.snapshot, split, err)) != EW_OK ||
	    (rc = ew_collection_way(&p->way, &there, c, &key, err)) != EW_OK ||
	    (rc = take_levels(out, p, err)) != EW_OK)
		return rc;
	return there && !p->a.split.p ? take_other(out, p, there, err) : EW_OK;
}

/* To the label in its split alone; to where there is none, in all. */
static enum ew_code
take_ways(struct proving *p, struct ew_err *err)
{
	struct ew_proof *q = &p->proof;
	enum ew_code rc = ew_snapshot_pins(&q->pins, &q->split, &q->splits, p->a.at.snapshot, err);

	if (rc != EW_OK)
		return rc;
	q->way = ew_arena_array(&p->arena, q->splits, sizeof *q->way);
	if (!q->way)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < q->splits && rc == EW_OK; i++)
		if (!p->a.split.p || ew_str_eq(q->split[i].name, p->a.split))
			rc = take_way(&q->way[i], p, q->split[i].name, err);
	return rc;
}

/* --- the release --- */

/* The tag, if the revision is the name of a release. */
static enum ew_code
take_release(struct proving *p, struct ew_err *err)
{
	static const char tags[] = "refs/tags/";
	const struct ew_rev *rev = &p->a.at.rev;
	const struct ew_str name = ew_str_part(rev->ref, sizeof tags - 1, rev->ref.len);
	struct ew_buf object = { 0 };
	struct ew_version version;
	struct ew_err none = { 0 };
	enum ew_code rc;

	if (ew_oid_is_zero(&rev->tag) || !ew_str_starts(rev->ref, tags) ||
	    ew_version_parse(&version, name, &none) != EW_OK)
		return EW_OK;
	if ((rc = ew_repo_read(&object, p->store->repo, &rev->tag, EW_TAG, err)) == EW_OK)
		rc = ew_statement_parse(&p->proof.release, &p->arena, ew_buf_str(&object), err);
	ew_buf_release(&object);
	if (rc == EW_OK && !ew_str_eq(p->proof.release.note.name, name))
		rc = ew_fail(err, EW_NO, "it was signed as %.*s", EW_FMT(p->proof.release.note.name));
	if (rc == EW_REFUSED)
		err->code = rc = EW_NO;
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "release %.*s", EW_FMT(name));
}

/* What nobody would believe is not given out. */
static enum ew_code
check(const struct proving *p, struct ew_str proof, struct ew_err *err)
{
	const struct ew_message *m = &p->a.at.message;
	struct ew_buf pin = { 0 };
	struct ew_proven proven = { .good = false };
	enum ew_code rc;

	ew_pin_write(&pin, p->proof.answers ? &m->answers : &m->records, p->proof.answers);
	if ((rc = ew_buf_check(&pin, err)) == EW_OK) {
		const struct ew_proven_opts opts = { .proof = proof, .pin = ew_buf_str(&pin) };

		rc = ew_proof_verify(&proven, p->store->hash, &opts, err);
	}
	if (rc == EW_OK && !proven.good)
		rc = ew_fail(err, EW_NO, "%.*s: %.*s; see ellwand verify %.*s", EW_FMT(p->a.at.text),
			EW_FMT(proven.problem), EW_FMT(p->a.at.text));
	ew_proven_release(&proven);
	ew_buf_release(&pin);
	return rc;
}

static enum ew_code
prove(struct ew_buf *out, struct proving *p, struct ew_str what, struct ew_err *err)
{
	struct ew_buf proof = { 0 };
	enum ew_code rc;

	if (!p->a.id.p)
		return ew_fail(err, EW_USAGE, "%.*s: names no label; name one as REV:ID", EW_FMT(what));
	if ((rc = ew_id_check(p->a.id, err)) != EW_OK || (rc = take_label(p, err)) != EW_OK ||
	    (rc = take_ways(p, err)) != EW_OK || (rc = take_release(p, err)) != EW_OK)
		return rc;
	ew_proof_write(&proof, &p->proof);
	if ((rc = ew_buf_check(&proof, err)) == EW_OK && (rc = check(p, ew_buf_str(&proof), err)) == EW_OK) {
		ew_buf_add(out, ew_buf_str(&proof));
		rc = ew_buf_check(out, err);
	}
	ew_buf_release(&proof);
	return rc;
}

enum ew_code
ew_prove(struct ew_buf *out, bool *absent, struct ew_store *s, const struct ew_prove_opts *opts,
	struct ew_err *err)
{
	struct proving p = { .store = s, .proof.answers = opts->answers };
	enum ew_code rc = ew_address_open(&p.a, s, opts->what, EW_ADDRESS_REV_FIRST, err);

	if (rc == EW_OK)
		rc = prove(out, &p, opts->what, err);
	*absent = !p.a.split.p;
	ew_address_release(&p.a);
	ew_arena_release(&p.arena);
	return rc;
}
