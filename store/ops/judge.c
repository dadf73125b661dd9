/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/judge.h"

#include "codec/sshsig.h"
#include "ops/subject.h"
#include "ops/tagged.h"

#include <string.h>

/* --- who --- */

/* The signer of a commit or tag, who must be its author and one of the keys. */
static enum ew_code
check_signer(struct ew_store *s, struct ew_snapshot *trusted, const struct ew_ident *by,
	struct ew_str payload, struct ew_str armour, struct ew_err *err)
{
	const struct ew_signers_line *line;
	struct ew_signers *signers;
	struct ew_sshkey key;
	enum ew_code rc;

	if ((rc = ew_sshsig_verify(&key, s->hash, "git", payload, armour, err)) != EW_OK ||
	    (rc = ew_snapshot_signers(&signers, trusted, err)) != EW_OK)
		return rc;
	line = ew_signers_find(signers, &key);
	if (!line)
		return ew_fail(err, EW_NO, "signed with a key that allowed_signers did not hold before it");
	if (!ew_str_eq(line->principal, by->email))
		return ew_fail(err, EW_NO, "signed with the key of %.*s in the name of %.*s",
			EW_FMT(line->principal), EW_FMT(by->email));
	if (by->time < line->valid_after || by->time > line->valid_before)
		return ew_fail(err, EW_NO, "signed outside the time for which the key of %.*s is valid",
			EW_FMT(line->principal));
	return EW_OK;
}

static enum ew_code
check_role(const struct ew_version_at *at, struct ew_snapshot *trusted, struct ew_err *err)
{
	struct ew_policy *policy;
	enum ew_code rc = ew_snapshot_policy(&policy, trusted, err);

	if (rc != EW_OK)
		return rc;
	if (!ew_policy_allows(policy, at->commit.by.email, at->message.event))
		return ew_fail(err, EW_NO, "no role of %.*s in policy.json allowed \"%s\" before it",
			EW_FMT(at->commit.by.email), ew_event_word(at->message.event));
	return EW_OK;
}

/* --- what is declared --- */

static enum ew_code
check_declared(const struct ew_version_at *at, struct ew_str dataset, struct ew_err *err)
{
	struct ew_manifest *m;
	struct ew_pins pins;
	enum ew_code rc;

	if ((rc = ew_snapshot_manifest(&m, at->snapshot, err)) != EW_OK ||
	    (rc = ew_snapshot_pins(&pins, NULL, NULL, at->snapshot, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(at->message.dataset, m->dataset) || !ew_str_eq(m->dataset, dataset))
		return ew_fail(err, EW_NO, "made for data set %.*s, but stands in %.*s",
			EW_FMT(at->message.dataset), EW_FMT(dataset));
	if (!ew_sha256_eq(&at->message.records, &pins.records))
		return ew_fail(err, EW_NO, "declares a records pin that its labels do not have");
	if (!ew_sha256_eq(&at->message.answers, &pins.answers))
		return ew_fail(err, EW_NO, "declares an answers pin that its labels do not have");
	return EW_OK;
}

/* --- what is done --- */

/* The tree difference, as it is walked. */
struct doing {
	struct ew_store *store;
	const struct ew_version_at *at;
	enum ew_event event;
	struct ew_arena arena; /* of one pair */
	uint64_t labels;
};

static enum ew_code
fail_undeclared(const struct doing *d, struct ew_str id, const char *what, struct ew_err *err)
{
	return ew_fail(err, EW_NO, "declares \"%s\", but %s %.*s", ew_event_word(d->event), what,
		EW_FMT(id));
}

static bool
names_one_label(enum ew_event e)
{
	return e == EW_RELABEL || e == EW_REBIND || e == EW_ABSTAIN || e == EW_DISAMBIGUATE;
}

static enum ew_code
read_side(const struct ew_label **out, struct ew_label *place, struct doing *d,
	const struct ew_entry *e, struct ew_err *err)
{
	enum ew_code rc;

	*out = NULL;
	if (!e)
		return EW_OK;
	if ((rc = ew_read_label(place, d->store, &e->blob, &d->arena, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(place->id, e->id))
		return ew_fail(err, EW_NO, "the record of label %.*s is that of %.*s", EW_FMT(e->id),
			EW_FMT(place->id));
	*out = place;
	return EW_OK;
}

static enum ew_code
check_label(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct doing *d = user;
	const struct ew_str id = (b ? b : a)->id, named = d->at->message.label;
	const struct ew_label *before, *after;
	struct ew_label x, y;
	enum ew_code rc;

	ew_arena_reset(&d->arena);
	d->labels++;
	if (names_one_label(d->event) && !ew_str_eq(id, named))
		return fail_undeclared(d, id, "changes a label it does not name:", err);
	if ((rc = read_side(&before, &x, d, a, err)) != EW_OK ||
	    (rc = read_side(&after, &y, d, b, err)) != EW_OK)
		return rc;
	if (ew_event_between(before, after) != d->event)
		return fail_undeclared(d, id, "does something else to label", err);
	return EW_OK;
}

/* An instance is what its label is bound to, and nobody else's. */
static enum ew_code
check_binding(struct doing *d, const struct ew_entry *e, struct ew_err *err)
{
	struct ew_instance instance;
	struct ew_label label;
	struct ew_str split;
	struct ew_oid blob;
	bool found;
	enum ew_code rc;

	rc = ew_read_instance(&instance, &found, d->store, d->at->snapshot, e->id, &d->arena, err);
	if (rc != EW_OK || (rc = ew_snapshot_find(&split, &blob, d->at->snapshot, e->id, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(instance.id, e->id))
		return ew_fail(err, EW_NO, "the record of instance %.*s is that of %.*s", EW_FMT(e->id),
			EW_FMT(instance.id));
	if (!split.p)
		return EW_OK;
	if ((rc = ew_read_label(&label, d->store, &blob, &d->arena, err)) != EW_OK)
		return rc;
	if (!ew_sha256_eq(&label.instance, &instance.digest))
		return ew_fail(err, EW_NO, "label %.*s is bound to another question than is stored",
			EW_FMT(e->id));
	return EW_OK;
}

static enum ew_code
check_instance(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct doing *d = user;
	const struct ew_str id = (b ? b : a)->id;
	bool fits;

	ew_arena_reset(&d->arena);
	if (names_one_label(d->event))
		fits = b && ew_str_eq(id, d->at->message.label);
	else if (d->event == EW_IMPORT)
		fits = b != NULL;
	else
		fits = d->event == EW_WITHDRAW && !b;
	if (!fits)
		return fail_undeclared(d, id, "changes instance", err);
	return b ? check_binding(d, b, err) : EW_OK;
}

static enum ew_code
compare_collection(struct doing *d, const struct ew_version_at *parent, struct ew_str name,
	struct ew_err *err)
{
	struct ew_collection *a = NULL, *b;
	const bool labels = ew_str_starts(name, "labels/");
	enum ew_code rc;

	if (!labels && !ew_str_is(name, "instances"))
		return ew_fail(err, EW_NO, "%.*s: this edition of the format has no such records",
			EW_FMT(name));
	if (parent && (rc = ew_snapshot_collection(&a, parent->snapshot, name, false, 0, err)) != EW_OK)
		return rc;
	if ((rc = ew_snapshot_collection(&b, d->at->snapshot, name, false, 0, err)) != EW_OK)
		return rc;
	if (a && b && ew_collection_levels(a) != ew_collection_levels(b) && d->event != EW_RESHARD)
		return ew_fail(err, EW_NO, "changes the fan-out of %.*s without saying so", EW_FMT(name));
	return ew_collection_compare(a, b, labels ? check_label : check_instance, d, err);
}

static enum ew_code
compare_collections(struct doing *d, const struct ew_version_at *parent, struct ew_err *err)
{
	struct ew_str *name, *old;
	size_t n, olds = 0, j = 0;
	enum ew_code rc = ew_snapshot_collections(&name, &n, d->at->snapshot, err);

	if (rc == EW_OK && parent)
		rc = ew_snapshot_collections(&old, &olds, parent->snapshot, err);
	/* Both ascend: merge them. */
	for (size_t i = 0; rc == EW_OK && (i < n || j < olds);) {
		int c = i == n ? 1 : j == olds ? -1 : ew_str_cmp(name[i], old[j]);

		rc = compare_collection(d, parent, c <= 0 ? name[i] : old[j], err);
		i += c <= 0;
		j += c >= 0;
	}
	return rc;
}

/* Which of the three files an event may change. */
static bool
may_change(enum ew_event e, enum ew_file_kind k)
{
	switch (k) {
	case EW_FILE_MANIFEST:
		return e == EW_IMPORT || e == EW_RESHARD;
	case EW_FILE_POLICY:
		return e == EW_POLICY || e == EW_KEYS;
	case EW_FILE_SIGNERS:
		return e == EW_KEYS;
	case EW_FILE_COUNT:
		break;
	}
	return false;
}

/* An import may add the fan-out of new collections to the manifest, and nothing else. */
static enum ew_code
check_manifest(const struct doing *d, const struct ew_version_at *parent, struct ew_err *err)
{
	struct ew_manifest *a, *b;
	enum ew_code rc;

	if ((rc = ew_snapshot_manifest(&a, parent->snapshot, err)) != EW_OK ||
	    (rc = ew_snapshot_manifest(&b, d->at->snapshot, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(a->name, b->name) || !ew_str_eq(a->licence, b->licence))
		return ew_fail(err, EW_NO, "declares \"%s\", but changes the name or licence",
			ew_event_word(d->event));
	for (size_t i = 0; i < a->fanouts && d->event != EW_RESHARD; i++)
		if (ew_manifest_fanout(b, a->fanout[i].collection) != (int)a->fanout[i].levels)
			return ew_fail(err, EW_NO, "changes the fan-out of %.*s without saying so",
				EW_FMT(a->fanout[i].collection));
	return EW_OK;
}

static enum ew_code
compare_files(const struct doing *d, const struct ew_version_at *parent, struct ew_err *err)
{
	static const char *const name[] = { "ellwand.json", "policy.json", "allowed_signers" };
	enum ew_code rc = EW_OK;

	for (int i = 0; i < EW_FILE_COUNT && rc == EW_OK; i++) {
		const enum ew_file_kind k = (enum ew_file_kind)i;
		struct ew_oid a = ew_snapshot_file_oid(parent->snapshot, k);
		struct ew_oid b = ew_snapshot_file_oid(d->at->snapshot, k);

		if (ew_oid_eq(&a, &b))
			continue;
		if (!may_change(d->event, k))
			rc = ew_fail(err, EW_NO, "declares \"%s\", but changes %s",
				ew_event_word(d->event), name[i]);
		else if (k == EW_FILE_MANIFEST)
			rc = check_manifest(d, parent, err);
	}
	return rc;
}

static enum ew_code
check_done(struct ew_store *s, const struct ew_version_at *at, const struct ew_version_at *parent,
	struct ew_err *err)
{
	struct doing d = { .store = s, .at = at, .event = at->message.event };
	enum ew_code rc = EW_OK;

	if (names_one_label(d.event) && !at->message.label.p)
		return ew_fail(err, EW_NO, "declares \"%s\", but names no label",
			ew_event_word(d.event));
	if (parent)
		rc = compare_files(&d, parent, err);
	if (rc == EW_OK)
		rc = compare_collections(&d, parent, err);
	if (rc == EW_OK && names_one_label(d.event) && d.labels == 0)
		rc = ew_fail(err, EW_NO, "declares \"%s\", but changes no label", ew_event_word(d.event));
	ew_arena_release(&d.arena);
	return rc;
}

/* --- commits --- */

static enum ew_code
check_event(const struct ew_version_at *at, const struct ew_version_at *parent, struct ew_err *err)
{
	switch (at->message.event) {
	case EW_INIT:
		return parent ? ew_fail(err, EW_NO, "declares \"init\", but is not the first commit")
			      : EW_OK;
	case EW_ADJUDICATE:
	case EW_AUDIT:
	case EW_RECOMPUTE:
	case EW_MERGE:
	case EW_REVERT:
		return ew_fail(err, EW_NO, "declares \"%s\", which this edition of the format reserves",
			ew_event_word(at->message.event));
	case EW_IMPORT:
	case EW_RELABEL:
	case EW_REBIND:
	case EW_ABSTAIN:
	case EW_DISAMBIGUATE:
	case EW_WITHDRAW:
	case EW_POLICY:
	case EW_KEYS:
	case EW_RESHARD:
		break;
	}
	return parent ? EW_OK : ew_fail(err, EW_NO, "is the first commit, but does not declare \"init\"");
}

static enum ew_code
judge(struct ew_store *s, const struct ew_version_at *at, const struct ew_version_at *parent,
	struct ew_str dataset, struct ew_err *err)
{
	struct ew_snapshot *trusted = parent ? parent->snapshot : at->snapshot;
	enum ew_code rc;

	if (at->commit.parents > 1)
		return ew_fail(err, EW_NO, "has two parents; this edition of the format has no merges");
	if ((rc = check_event(at, parent, err)) != EW_OK ||
	    (rc = check_signer(s, trusted, &at->commit.by, at->commit.payload, at->commit.signature,
		     err)) != EW_OK ||
	    (rc = check_role(at, trusted, err)) != EW_OK)
		return rc;
	if (parent && at->commit.by.time < parent->commit.by.time)
		return ew_fail(err, EW_NO, "is dated before its parent");
	if ((rc = check_declared(at, dataset, err)) != EW_OK)
		return rc;
	return check_done(s, at, parent, err);
}

enum ew_code
ew_judge(struct ew_store *s, const struct ew_version_at *at, const struct ew_version_at *parent,
	struct ew_str dataset, struct ew_err *err)
{
	enum ew_code rc = judge(s, at, parent, dataset, err);
	char hex[EW_OID_HEX + 1];

	if (rc != EW_OK) {
		ew_hex(hex, at->rev.commit.b, sizeof at->rev.commit.b);
		ew_fail_at(err, "commit %s", hex);
	}
	return rc;
}

/* --- releases --- */

static enum ew_code
check_splits(const struct ew_release_note *note, struct ew_snapshot *s, struct ew_err *err)
{
	struct ew_pin_split *split;
	struct ew_pins pins;
	size_t n;
	enum ew_code rc = ew_snapshot_pins(&pins, &split, &n, s, err);

	if (rc != EW_OK)
		return rc;
	if (!ew_sha256_eq(&note->records, &pins.records) || !ew_sha256_eq(&note->answers, &pins.answers))
		return ew_fail(err, EW_NO, "declares pins that its labels do not have");
	if (note->splits != n)
		return ew_fail(err, EW_NO, "declares other splits than there are");
	for (size_t i = 0; i < n; i++)
		if (!ew_str_eq(note->split[i].name, split[i].name) ||
		    note->split[i].trie.count != split[i].trie.count ||
		    !ew_sha256_eq(&note->split[i].trie.records, &split[i].trie.records) ||
		    !ew_sha256_eq(&note->split[i].trie.answers, &split[i].trie.answers))
			return ew_fail(err, EW_NO, "declares of split %.*s what it does not hold",
				EW_FMT(split[i].name));
	return EW_OK;
}

/* The release before, as named, must be the tag that is there, one lower in number. */
static enum ew_code
check_previous(struct ew_store *s, const struct ew_release_note *note, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_str hex = note->previous, name = ew_str_cut(&hex, ' ');
	struct ew_tagged *list;
	struct ew_release_note before;
	struct ew_oid oid;
	size_t n;
	enum ew_code rc;

	if (note->sequence == 1)
		return EW_OK;
	if ((rc = ew_tagged_list(&list, &n, s, arena, err)) != EW_OK)
		return rc;
	if (!ew_unhex(oid.b, sizeof oid.b, hex))
		return ew_fail(err, EW_NO, "names no release before it");
	for (size_t i = 0; i < n; i++) {
		if (!ew_str_eq(list[i].name, name))
			continue;
		if (!ew_oid_eq(&list[i].tag, &oid))
			return ew_fail(err, EW_NO, "follows another release %.*s than the one there is",
				EW_FMT(name));
		if ((rc = ew_tagged_note(&before, s, &list[i], arena, err)) != EW_OK)
			return rc;
		if (before.sequence + 1 != note->sequence)
			return ew_fail(err, EW_NO, "is number %llu, though the release before is %llu",
				(unsigned long long)note->sequence, (unsigned long long)before.sequence);
		return EW_OK;
	}
	return ew_fail(err, EW_NO, "follows release %.*s, which is not here", EW_FMT(name));
}

static enum ew_code
check_policy(const struct ew_release_note *note, struct ew_store *s, const struct ew_version_at *at,
	const struct ew_tag *tag, struct ew_err *err)
{
	struct ew_policy *policy;
	struct ew_str bytes;
	struct ew_sha256 digest;
	enum ew_code rc;

	if ((rc = ew_snapshot_file(&bytes, at->snapshot, EW_FILE_POLICY, err)) != EW_OK ||
	    (rc = ew_snapshot_policy(&policy, at->snapshot, err)) != EW_OK)
		return rc;
	digest = ew_sha256_str(s->hash, bytes);
	if (!ew_sha256_eq(&digest, &note->policy))
		return ew_fail(err, EW_NO, "declares another policy than it holds");
	if (!ew_policy_has_role(policy, tag->by.email, EW_LIT("release")))
		return ew_fail(err, EW_NO, "%.*s has not the role \"release\"", EW_FMT(tag->by.email));
	return EW_OK;
}

static enum ew_code
judge_release(struct ew_store *s, const struct ew_version_at *at, struct ew_buf *object,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_release_note note;
	struct ew_manifest *m;
	struct ew_tag tag;
	struct ew_str name = at->rev.ref;
	enum ew_code rc;

	if ((rc = ew_repo_read(object, s->repo, &at->rev.tag, EW_TAG, err)) != EW_OK ||
	    (rc = ew_tag_parse(&tag, ew_buf_str(object), err)) != EW_OK ||
	    (rc = ew_release_parse(&note, arena, tag.message, err)) != EW_OK)
		return rc;
	if (ew_str_starts(name, "refs/tags/"))
		name = ew_str_part(name, sizeof "refs/tags/" - 1, name.len);
	if (!ew_str_eq(tag.name, name) || !ew_str_eq(note.name, name))
		return ew_fail(err, EW_NO, "it was signed as %.*s", EW_FMT(tag.name));
	if (!ew_oid_eq(&tag.commit, &at->rev.commit))
		return ew_fail(err, EW_NO, "it is the tag of another tag");
	if ((rc = check_signer(s, at->snapshot, &tag.by, tag.payload, tag.signature, err)) != EW_OK ||
	    (rc = check_policy(&note, s, at, &tag, err)) != EW_OK ||
	    (rc = ew_snapshot_manifest(&m, at->snapshot, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(m->dataset, note.dataset))
		return ew_fail(err, EW_NO, "it is a release of data set %.*s", EW_FMT(note.dataset));
	if ((rc = check_splits(&note, at->snapshot, err)) != EW_OK)
		return rc;
	return check_previous(s, &note, arena, err);
}

enum ew_code
ew_judge_release(struct ew_store *s, const struct ew_version_at *at, struct ew_err *err)
{
	struct ew_buf object = { 0 };
	struct ew_arena arena = { 0 };
	enum ew_code rc = judge_release(s, at, &object, &arena, err);

	if (rc != EW_OK)
		ew_fail_at(err, "release %.*s", EW_FMT(at->rev.ref));
	ew_buf_release(&object);
	ew_arena_release(&arena);
	return rc;
}
