/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/judge.h"

#include "ops/signed.h"
#include "ops/subject.h"

/* --- who --- */

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
	if (at->message.event == EW_POLICY)
		return ew_signed_enough(trusted, EW_THRESHOLD_POLICY, err);
	if (at->message.event == EW_KEYS)
		return ew_signed_enough(trusted, EW_THRESHOLD_KEYS, err);
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
	const struct ew_version_at *at, *parent; /* parent: NULL for the first commit */
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

/* An event that names a label is about no other, in whatever split. */
static bool
is_named(const struct doing *d, struct ew_str id)
{
	return !d->at->message.label.p || ew_str_eq(id, d->at->message.label);
}

/* An instance is what its label is bound to, and nobody else's. */
static enum ew_code
check_binding(struct doing *d, struct ew_str id, struct ew_err *err)
{
	struct ew_instance instance;
	struct ew_label label;
	struct ew_str split;
	struct ew_oid blob;
	bool found;
	enum ew_code rc;

	rc = ew_read_instance(&instance, &found, d->store, d->at->snapshot, id, &d->arena, err);
	if (rc != EW_OK || !found || (rc = ew_snapshot_find(&split, &blob, d->at->snapshot, id, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(instance.id, id))
		return ew_fail(err, EW_NO, "the record of instance %.*s is that of %.*s", EW_FMT(id),
			EW_FMT(instance.id));
	if (!split.p)
		return EW_OK;
	if ((rc = ew_read_label(&label, d->store, &blob, &d->arena, err)) != EW_OK)
		return rc;
	if (!ew_sha256_eq(&label.instance, &instance.digest))
		return ew_fail(err, EW_NO, "label %.*s is bound to another question than is stored",
			EW_FMT(id));
	return EW_OK;
}

/* The blob of an instance, zero when there is none. */
static enum ew_code
find_instance(struct ew_oid *out, const struct ew_version_at *at, struct ew_str id, struct ew_err *err)
{
	struct ew_collection *c = NULL;
	bool found;
	enum ew_code rc = EW_OK;

	*out = (struct ew_oid){ { 0 } };
	if (at)
		rc = ew_snapshot_collection(&c, at->snapshot, EW_LIT("instances"), false, 0, err);
	return rc == EW_OK && c ? ew_collection_find(out, &found, c, id, err) : rc;
}

/* A label that turns to another question, while the one that is stored stays. */
static enum ew_code
check_turn(struct doing *d, struct ew_str id, struct ew_err *err)
{
	struct ew_oid was, is;
	enum ew_code rc;

	if ((rc = find_instance(&was, d->parent, id, err)) != EW_OK ||
	    (rc = find_instance(&is, d->at, id, err)) != EW_OK)
		return rc;
	/* One that changed is compared with its label when it is come to. */
	return ew_oid_eq(&was, &is) ? check_binding(d, id, err) : EW_OK;
}

static enum ew_code
check_label(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct doing *d = user;
	const struct ew_str id = (b ? b : a)->id;
	const struct ew_label *before, *after;
	struct ew_label x, y;
	enum ew_code rc;

	ew_arena_reset(&d->arena);
	d->labels++;
	if (!is_named(d, id))
		return fail_undeclared(d, id, "changes a label it does not name:", err);
	if ((rc = read_side(&before, &x, d, a, err)) != EW_OK ||
	    (rc = read_side(&after, &y, d, b, err)) != EW_OK)
		return rc;
	if (ew_event_between(before, after) != d->event)
		return fail_undeclared(d, id, "does something else to label", err);
	if (after && (!before || !ew_sha256_eq(&before->instance, &after->instance)))
		return check_turn(d, id, err);
	return EW_OK;
}

static enum ew_code
check_instance(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct doing *d = user;
	const struct ew_str id = (b ? b : a)->id;
	bool fits = is_named(d, id);

	ew_arena_reset(&d->arena);
	if (d->event == EW_WITHDRAW)
		fits = fits && !b;
	else
		fits = fits && b && (names_one_label(d->event) || d->event == EW_IMPORT);
	if (!fits)
		return fail_undeclared(d, id, "changes instance", err);
	return b ? check_binding(d, id, err) : EW_OK;
}

static enum ew_code
compare_collection(struct doing *d, struct ew_str name, struct ew_err *err)
{
	struct ew_collection *a = NULL, *b;
	const bool labels = ew_str_starts(name, "labels/");
	enum ew_code rc;

	if (!labels && !ew_str_is(name, "instances"))
		return ew_fail(err, EW_NO, "%.*s: this edition of the format has no such records",
			EW_FMT(name));
	if (d->parent &&
	    (rc = ew_snapshot_collection(&a, d->parent->snapshot, name, false, 0, err)) != EW_OK)
		return rc;
	if ((rc = ew_snapshot_collection(&b, d->at->snapshot, name, false, 0, err)) != EW_OK)
		return rc;
	return ew_collection_compare(a, b, labels ? check_label : check_instance, d, err);
}

static enum ew_code
compare_collections(struct doing *d, struct ew_err *err)
{
	struct ew_str *name, *old;
	size_t n, olds = 0, j = 0;
	enum ew_code rc = ew_snapshot_collections(&name, &n, d->at->snapshot, err);

	if (rc == EW_OK && d->parent)
		rc = ew_snapshot_collections(&old, &olds, d->parent->snapshot, err);
	/* Both ascend: merge them. */
	for (size_t i = 0; rc == EW_OK && (i < n || j < olds);) {
		int c = i == n ? 1 : j == olds ? -1 : ew_str_cmp(name[i], old[j]);

		rc = compare_collection(d, c <= 0 ? name[i] : old[j], err);
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

/* A manifest gains the fan-out of a collection with the collection, and keeps it. */
static enum ew_code
check_fanouts(const struct doing *d, const struct ew_manifest *old, const struct ew_manifest *new,
	struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc;

	for (size_t i = 0; old && i < old->fanouts; i++) {
		int now = ew_manifest_fanout(new, old->fanout[i].collection);

		if (now < 0 || (d->event != EW_RESHARD && now != (int)old->fanout[i].levels))
			return ew_fail(err, EW_NO, "declares \"%s\", but changes the fan-out of %.*s",
				ew_event_word(d->event), EW_FMT(old->fanout[i].collection));
	}
	for (size_t i = 0; i < new->fanouts; i++) {
		struct ew_str name = new->fanout[i].collection;

		if (old && ew_manifest_fanout(old, name) >= 0)
			continue;
		if ((rc = ew_snapshot_collection(&c, d->at->snapshot, name, false, 0, err)) != EW_OK)
			return rc;
		if (!c)
			return ew_fail(err, EW_NO, "gives a fan-out to %.*s, which is not there", EW_FMT(name));
	}
	return EW_OK;
}

static enum ew_code
check_manifest(const struct doing *d, struct ew_err *err)
{
	struct ew_manifest *old, *new;
	enum ew_code rc;

	if ((rc = ew_snapshot_manifest(&new, d->at->snapshot, err)) != EW_OK)
		return rc;
	if (!d->parent)
		return check_fanouts(d, NULL, new, err);
	if ((rc = ew_snapshot_manifest(&old, d->parent->snapshot, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(old->name, new->name) || !ew_str_eq(old->licence, new->licence))
		return ew_fail(err, EW_NO, "declares \"%s\", but changes the name or licence",
			ew_event_word(d->event));
	return check_fanouts(d, old, new, err);
}

/* One that cannot be read would let nobody make the next commit. */
static enum ew_code
check_policy(const struct doing *d, struct ew_err *err)
{
	struct ew_policy *old, *new;
	enum ew_code rc;

	if ((rc = ew_snapshot_policy(&old, d->parent->snapshot, err)) != EW_OK ||
	    (rc = ew_snapshot_policy(&new, d->at->snapshot, err)) != EW_OK)
		return rc;
	if (ew_policy_version(new) != ew_policy_version(old) + 1)
		return ew_fail(err, EW_NO, "makes version %lld of policy.json out of %lld",
			(long long)ew_policy_version(new), (long long)ew_policy_version(old));
	return EW_OK;
}

static enum ew_code
check_file(const struct doing *d, enum ew_file_kind k, struct ew_err *err)
{
	struct ew_signers *signers;

	switch (k) {
	case EW_FILE_MANIFEST:
		return check_manifest(d, err);
	case EW_FILE_POLICY:
		return check_policy(d, err);
	case EW_FILE_SIGNERS:
		return ew_snapshot_signers(&signers, d->at->snapshot, err);
	case EW_FILE_COUNT:
		break;
	}
	return EW_OK;
}

static enum ew_code
compare_files(const struct doing *d, struct ew_err *err)
{
	static const char *const name[] = { "ellwand.json", "policy.json", "allowed_signers" };
	enum ew_code rc = EW_OK;

	for (int i = 0; i < EW_FILE_COUNT && rc == EW_OK; i++) {
		const enum ew_file_kind k = (enum ew_file_kind)i;
		struct ew_oid a = ew_snapshot_file_oid(d->parent->snapshot, k);
		struct ew_oid b = ew_snapshot_file_oid(d->at->snapshot, k);

		if (ew_oid_eq(&a, &b))
			continue;
		if (!may_change(d->event, k))
			rc = ew_fail(err, EW_NO, "declares \"%s\", but changes %s",
				ew_event_word(d->event), name[i]);
		else
			rc = check_file(d, k, err);
	}
	return rc;
}

static enum ew_code
check_done(struct ew_store *s, const struct ew_version_at *at, const struct ew_version_at *parent,
	struct ew_err *err)
{
	struct doing d = { .store = s, .at = at, .parent = parent, .event = at->message.event };
	enum ew_code rc;

	if (parent && ew_oid_eq(&at->commit.tree, &parent->commit.tree))
		return ew_fail(err, EW_NO, "declares \"%s\", but changes nothing", ew_event_word(d.event));
	/* The first policy and keys were read to judge the signer. */
	rc = parent ? compare_files(&d, err) : check_manifest(&d, err);
	if (rc == EW_OK)
		rc = compare_collections(&d, err);
	if (rc == EW_OK && names_one_label(d.event) && d.labels != 1)
		rc = ew_fail(err, EW_NO, "declares \"%s\", but changes %llu labels", ew_event_word(d.event),
			(unsigned long long)d.labels);
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
	    (rc = ew_signed_check(s, trusted, &at->commit.by, at->commit.payload, at->commit.signature,
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
