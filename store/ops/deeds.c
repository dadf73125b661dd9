/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/deeds.h"

#include "base/crew.h"
#include "base/map.h"
#include "ops/signed.h"
#include "ops/subject.h"
#include "repo/source.h"

#include <stdlib.h>

enum {
	TOGETHER = 64,           /* records that are a job */
	CREW_LEAST = 4 * TOGETHER, /* that are worth other threads */
};

/* What one thread reads with; the first is the caller's. */
struct hand {
	struct ew_source source;
	struct ew_arena arena; /* of one record */
	struct ew_buf record, scored;
};

struct ew_deeds {
	struct ew_store *store;
	struct hand hand[EW_CREW_MOST];
	size_t hands; /* that are open */
};

/* One commit's. */
struct doing {
	struct ew_deeds *deeds;
	struct ew_snapshot *now;
	const struct ew_transition *change;
	const struct ew_message *message;
	const struct ew_doer *doer;
	bool limited;      /* he may not do it everywhere */
	struct ew_map was; /* if so: what became of instances, struct ew_difference by id */
	uint64_t labels;
};

enum ew_code
ew_deeds_open(struct ew_deeds **out, struct ew_store *s, struct ew_err *err)
{
	struct ew_deeds *d = calloc(1, sizeof *d);

	*out = d;
	if (!d)
		return ew_fail_nomem(err);
	d->store = s;
	d->hand[0].source = ew_source_of(s->repo);
	d->hands = 1;
	return EW_OK;
}

void
ew_deeds_free(struct ew_deeds *d)
{
	for (size_t i = 0; d && i < d->hands; i++) {
		ew_source_release(&d->hand[i].source);
		ew_arena_release(&d->hand[i].arena);
		ew_buf_release(&d->hand[i].record);
		ew_buf_release(&d->hand[i].scored);
	}
	free(d);
}

static bool
names_one_label(enum ew_event e)
{
	return e == EW_RELABEL || e == EW_REBIND || e == EW_ABSTAIN || e == EW_DISAMBIGUATE;
}

/* An event that names a label is about no other, in whatever split. */
static bool
is_named(const struct doing *d, struct ew_str id)
{
	return !d->message->label.p || ew_str_eq(id, d->message->label);
}

static enum ew_code
fail_undeclared(const struct doing *d, struct ew_str id, const char *what, struct ew_err *err)
{
	return ew_fail(err, EW_NO, "declares \"%s\", but %s %.*s", ew_event_word(d->message->event), what,
		EW_FMT(id));
}

/* --- one record, by any thread --- */

/* A record that changed, and what it is bound to: a label's instance, or an instance's label. */
struct duty {
	const struct doing *doing;
	const struct ew_difference *record;
	struct ew_str split;
	struct ew_oid other; /* zero: there is none */
	bool other_changed;  /* in the same commit */
	bool is_label;
	bool missed; /* by a thread that cannot look everywhere */
};

static enum ew_code
read_label(struct ew_label *out, bool *found, struct hand *h, const struct ew_oid *blob,
	struct ew_str id, struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&h->record);
	rc = ew_source_read(&h->record, found, &h->source, blob, EW_BLOB, err);
	if (rc == EW_OK && *found)
		rc = ew_parse_label(out, ew_buf_str(&h->record), blob, &h->arena, err);
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "label %.*s", EW_FMT(id));
}

static enum ew_code
read_instance(struct ew_instance *out, bool *found, struct hand *h, const struct ew_oid *blob,
	struct ew_str id, struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&h->record);
	rc = ew_source_read(&h->record, found, &h->source, blob, EW_BLOB, err);
	if (rc != EW_OK || !*found)
		return rc;
	if (ew_instance_parse(out, &h->arena, h->source.hash, ew_buf_str(&h->record), err) != EW_OK)
		return ew_fail_stored(err, blob);
	if (!ew_str_eq(out->id, id))
		return ew_fail(err, EW_NO, "the record of instance %.*s is that of %.*s", EW_FMT(id),
			EW_FMT(out->id));
	return EW_OK;
}

/* One side of a change; *out is NULL when nothing is there. */
static enum ew_code
read_side(const struct ew_label **out, struct ew_label *place, struct duty *t, struct hand *h,
	const struct ew_oid *blob, struct ew_err *err)
{
	bool found;
	enum ew_code rc;

	*out = NULL;
	if (ew_oid_is_zero(blob))
		return EW_OK;
	rc = read_label(place, &found, h, blob, t->record->id, err);
	t->missed |= !found;
	if (rc != EW_OK || !found)
		return rc;
	if (!ew_str_eq(place->id, t->record->id))
		return ew_fail(err, EW_NO, "the record of label %.*s is that of %.*s",
			EW_FMT(t->record->id), EW_FMT(place->id));
	*out = place;
	return EW_OK;
}

/* Of the record that was read last. */
static enum ew_code
hash_leaf(const struct ew_difference *record, struct hand *h, struct ew_err *err)
{
	enum ew_code rc;

	if (!record->leaf)
		return EW_OK;
	ew_buf_clear(&h->scored);
	if ((rc = ew_label_scored_of(&h->scored, ew_buf_str(&h->record), err)) != EW_OK)
		return rc;
	ew_pin_leaves(record->leaf, h->source.hash, ew_buf_str(&h->record), ew_buf_str(&h->scored));
	*record->has_leaf = true;
	return EW_OK;
}

static enum ew_code
check_bound(const struct ew_label *label, const struct ew_instance *instance, struct ew_err *err)
{
	return ew_sha256_eq(&label->instance, &instance->digest)
		? EW_OK
		: ew_fail(err, EW_NO, "label %.*s is bound to another question than is stored",
			  EW_FMT(label->id));
}

/* A label that is new, or turns to another question, or whose question changed, is bound to it. */
static enum ew_code
check_question(struct duty *t, struct hand *h, const struct ew_label *before,
	const struct ew_label *after, struct ew_err *err)
{
	struct ew_instance instance;
	bool found;
	enum ew_code rc;

	if (ew_oid_is_zero(&t->other) ||
	    (before && ew_sha256_eq(&before->instance, &after->instance) && !t->other_changed))
		return EW_OK;
	rc = read_instance(&instance, &found, h, &t->other, t->record->id, err);
	t->missed |= !found;
	return rc == EW_OK && found ? check_bound(after, &instance, err) : rc;
}

/* Whether he may do it to a label of this split with this instance, zero for none. */
static enum ew_code
check_place(struct duty *t, struct hand *h, const struct ew_oid *blob, struct ew_err *err)
{
	const struct ew_doer *doer = t->doing->doer;
	const enum ew_event event = t->doing->message->event;
	struct ew_instance instance = { .attributes = { NULL, 0 } };
	bool found = true;
	enum ew_code rc = EW_OK;

	if (!ew_oid_is_zero(blob))
		rc = read_instance(&instance, &found, h, blob, t->record->id, err);
	t->missed |= !found;
	if (rc != EW_OK || !found ||
	    ew_policy_allows_at(doer->policy, doer->person, event, t->split, instance.attributes))
		return rc;
	return ew_fail(err, EW_NO, "no role of %.*s in policy.json allowed \"%s\" on label %.*s of split %.*s",
		EW_FMT(doer->person), ew_event_word(event), EW_FMT(t->record->id), EW_FMT(t->split));
}

/* Where it was, so that nobody moves a label to where he may; and where it is, so that nobody moves one away. */
static enum ew_code
check_places(struct duty *t, struct hand *h, const struct ew_oid *now, struct ew_err *err)
{
	const struct ew_difference *instance = ew_map_get(&t->doing->was, t->record->id);
	const struct ew_oid *was = instance ? &instance->before : now;
	const bool new = t->is_label && ew_oid_is_zero(&t->record->before);
	const bool gone = t->is_label && ew_oid_is_zero(&t->record->after);
	enum ew_code rc = EW_OK;

	if (!t->doing->limited)
		return EW_OK;
	if (!new)
		rc = check_place(t, h, was, err);
	return rc == EW_OK && !gone ? check_place(t, h, now, err) : rc;
}

static enum ew_code
check_label(struct duty *t, struct hand *h, struct ew_err *err)
{
	const struct ew_label *before, *after;
	struct ew_label x, y;
	enum ew_code rc;

	if ((rc = read_side(&before, &x, t, h, &t->record->before, err)) != EW_OK ||
	    (rc = read_side(&after, &y, t, h, &t->record->after, err)) != EW_OK || t->missed)
		return rc;
	if (after && (rc = hash_leaf(t->record, h, err)) != EW_OK)
		return rc;
	if (ew_event_between(before, after) != t->doing->message->event)
		return fail_undeclared(t->doing, t->record->id, "does something else to label", err);
	if ((rc = check_places(t, h, &t->other, err)) != EW_OK || t->missed)
		return rc;
	return after ? check_question(t, h, before, after, err) : EW_OK;
}

/* The label is read here unless it changed as well, and is a duty of its own. */
static enum ew_code
check_instance(struct duty *t, struct hand *h, struct ew_err *err)
{
	struct ew_instance instance;
	struct ew_label label;
	bool found;
	enum ew_code rc = read_instance(&instance, &found, h, &t->record->after, t->record->id, err);

	t->missed |= !found;
	if (rc != EW_OK || !found || (rc = check_places(t, h, &t->record->after, err)) != EW_OK ||
	    t->missed || ew_oid_is_zero(&t->other))
		return rc;
	rc = read_label(&label, &found, h, &t->other, t->record->id, err);
	t->missed |= !found;
	return rc == EW_OK && found ? check_bound(&label, &instance, err) : rc;
}

static enum ew_code
check_duty(struct duty *t, struct hand *h, struct ew_err *err)
{
	ew_arena_reset(&h->arena);
	t->missed = false;
	return t->is_label ? check_label(t, h, err) : check_instance(t, h, err);
}

/* --- all records of a collection --- */

static struct ew_sha256
key_of(const struct ew_difference *record, struct ew_hash *hash)
{
	return record->leaf ? record->leaf->key : ew_sha256_str(hash, record->id);
}

static enum ew_code
note_label(struct duty *t, struct doing *d, struct ew_err *err)
{
	const struct ew_sha256 key = key_of(t->record, d->deeds->store->hash);
	const struct ew_str id = t->record->id;
	enum ew_code rc = EW_OK;

	d->labels++;
	t->is_label = true;
	if (!is_named(d, id))
		return fail_undeclared(d, id, "changes a label it does not name:", err);
	if (!ew_oid_is_zero(&t->record->after))
		rc = ew_snapshot_find_instance(&t->other, &t->other_changed, d->now, &key, id, err);
	return rc;
}

/* *needed is false for an instance of which nothing is left to be asked. */
static enum ew_code
note_instance(struct duty *t, bool *needed, struct doing *d, struct ew_err *err)
{
	const struct ew_sha256 key = key_of(t->record, d->deeds->store->hash);
	const enum ew_event event = d->message->event;
	const bool there = !ew_oid_is_zero(&t->record->after);
	const struct ew_str id = t->record->id;
	bool fits = is_named(d, id);
	enum ew_code rc;

	if (event == EW_WITHDRAW)
		fits = fits && !there;
	else
		fits = fits && there && (names_one_label(event) || event == EW_IMPORT);
	*needed = false;
	if (!fits)
		return fail_undeclared(d, id, "changes instance", err);
	if (!there)
		return EW_OK;
	rc = ew_snapshot_find_fresh(&t->split, &t->other, &t->other_changed, d->now, &key, id, err);
	*needed = rc == EW_OK && (!t->split.p || !t->other_changed);
	return rc;
}

static enum ew_code
note(struct duty *t, bool *needed, struct doing *d, const struct ew_difference *record,
	struct ew_str split, struct ew_err *err)
{
	*t = (struct duty){ .doing = d, .record = record, .split = split };
	*needed = true;
	return split.p ? note_label(t, d, err) : note_instance(t, needed, d, err);
}

/* A few duties, done together. */
struct job {
	struct duty duty[TOGETHER];
	size_t n;
};

static enum ew_code
do_job(void *tool, void *work, struct ew_err *err)
{
	struct job *j = work;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < j->n && rc == EW_OK; i++)
		rc = check_duty(&j->duty[i], tool, err);
	return rc;
}

static bool
open_hand(struct ew_deeds *d)
{
	struct ew_err why = { 0 };

	if (ew_source_open(&d->hand[d->hands].source, &d->hand[0].source, &why) != EW_OK)
		return false;
	d->hands++;
	return true;
}

/* What a thread did not find where it can look. */
static enum ew_code
do_missed(struct ew_deeds *d, struct job *j, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < j->n && rc == EW_OK; i++)
		if (j->duty[i].missed)
			rc = check_duty(&j->duty[i], &d->hand[0], err);
	return rc;
}

/* Records `from` on, as many as are a job. */
static enum ew_code
fill_job(struct job *j, struct doing *d, const struct ew_differences *list, size_t *from,
	struct ew_str split,
	struct ew_err *err)
{
	bool needed;
	enum ew_code rc = EW_OK;

	j->n = 0;
	while (rc == EW_OK && j->n < TOGETHER && *from < list->n) {
		rc = note(&j->duty[j->n], &needed, d, &list->at[(*from)++], split, err);
		j->n += rc == EW_OK && needed;
	}
	return rc;
}

/*
 * The oldest fault counts: what is found wrong before a record is given to a thread
 * comes after whatever is wrong with those given before.
 */
static enum ew_code
check_together(struct doing *d, const struct ew_differences *list, struct ew_str split, struct ew_crew *crew,
	struct job *job, size_t room, struct ew_err *err)
{
	const struct ew_progress *progress = d->deeds->store->opts.progress;
	struct ew_err later = { 0 };
	size_t from = 0, given = 0;
	void *done = NULL;
	enum ew_code rc;

	do {
		while (from < list->n && later.code == EW_OK && ew_crew_has_room(crew)) {
			struct job *j = &job[given++ % room];

			(void)!fill_job(j, d, list, &from, split, &later);
			ew_crew_give(crew, j);
		}
		if ((rc = ew_crew_take(&done, crew, err)) == EW_OK && done)
			rc = do_missed(d->deeds, done, err);
		if (rc == EW_OK && done && given % room == 0)
			rc = ew_progress(progress, "verifying records", from, list->n, err);
	} while (rc == EW_OK && done);
	return rc == EW_OK && later.code != EW_OK ? ew_fail(err, later.code, "%s", later.msg) : rc;
}

static enum ew_code
check_many(struct doing *d, const struct ew_differences *list, struct ew_str split, struct ew_err *err)
{
	struct ew_deeds *w = d->deeds;
	const size_t hands = ew_crew_hands(), room = 2 * hands;
	struct job *job = calloc(room, sizeof *job);
	struct ew_crew *crew = NULL;
	void *tool[EW_CREW_MOST];
	enum ew_code rc = job ? EW_OK : ew_fail_nomem(err);

	while (w->hands < hands && open_hand(w))
		continue;
	for (size_t i = 0; i < w->hands; i++)
		tool[i] = &w->hand[i];
	if (rc == EW_OK && (rc = ew_crew_open(&crew, w->hands, room, do_job, tool, err)) == EW_OK)
		rc = check_together(d, list, split, crew, job, room, err);
	ew_crew_free(crew);
	free(job);
	return rc;
}

static enum ew_code
check_few(struct doing *d, const struct ew_differences *list, struct ew_str split, struct ew_err *err)
{
	struct duty t;
	bool needed;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < list->n && rc == EW_OK; i++)
		if ((rc = note(&t, &needed, d, &list->at[i], split, err)) == EW_OK && needed)
			rc = check_duty(&t, &d->deeds->hand[0], err);
	return rc;
}

/* For who is limited: what instances were. */
static enum ew_code
map_instances(struct doing *d, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; d->limited && i < d->change->sections; i++) {
		const struct ew_differences *list = &d->change->section[i].differences;

		if (!ew_str_is(d->change->section[i].name, "instances"))
			continue;
		for (size_t k = 0; k < list->n && rc == EW_OK; k++)
			rc = ew_map_set(&d->was, list->at[k].id, &list->at[k], err);
	}
	return rc;
}

static enum ew_code
check_collections(struct doing *d, struct ew_err *err)
{
	static const char labels[] = "labels/";
	enum ew_code rc = map_instances(d, err);

	for (size_t i = 0; i < d->change->sections && rc == EW_OK; i++) {
		const struct ew_transition_section *p = &d->change->section[i];
		struct ew_str split = { NULL, 0 };

		if (ew_str_starts(p->name, labels))
			split = ew_str_part(p->name, sizeof labels - 1, p->name.len);
		else if (!ew_str_is(p->name, "instances"))
			return ew_fail(err, EW_NO, "%.*s: this edition of the format has no such records",
				EW_FMT(p->name));
		rc = p->differences.n < CREW_LEAST ? check_few(d, &p->differences, split, err)
						   : check_many(d, &p->differences, split, err);
	}
	return rc;
}

/* --- the three files --- */

/* Which of them an event may change. */
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

		if (now < 0 || (d->message->event != EW_RESHARD && now != (int)old->fanout[i].levels))
			return ew_fail(err, EW_NO, "declares \"%s\", but changes the fan-out of %.*s",
				ew_event_word(d->message->event), EW_FMT(old->fanout[i].collection));
	}
	for (size_t i = 0; i < new->fanouts; i++) {
		struct ew_str name = new->fanout[i].collection;

		if (old && ew_manifest_fanout(old, name) >= 0)
			continue;
		if ((rc = ew_snapshot_collection(&c, d->now, name, false, 0, err)) != EW_OK)
			return rc;
		if (!c)
			return ew_fail(err, EW_NO, "gives a fan-out to %.*s, which is not there", EW_FMT(name));
	}
	return EW_OK;
}

static enum ew_code
check_manifest(const struct doing *d, struct ew_err *err)
{
	const struct ew_manifest *old = d->change->manifest;
	struct ew_manifest *new;
	enum ew_code rc;

	if ((rc = ew_snapshot_manifest(&new, d->now, err)) != EW_OK)
		return rc;
	if (old && (!ew_str_eq(old->name, new->name) || !ew_str_eq(old->licence, new->licence)))
		return ew_fail(err, EW_NO, "declares \"%s\", but changes the name or licence",
			ew_event_word(d->message->event));
	return check_fanouts(d, old, new, err);
}

/* One that cannot be read would let nobody make the next commit. */
static enum ew_code
check_policy(const struct doing *d, struct ew_err *err)
{
	const struct ew_policy *old = d->change->policy;
	struct ew_policy *new;
	enum ew_code rc;

	if ((rc = ew_snapshot_policy(&new, d->now, err)) != EW_OK)
		return rc;
	if (new->version != old->version + 1)
		return ew_fail(err, EW_NO, "makes version %lld of policy.json out of %lld",
			(long long)new->version, (long long)old->version);
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
		return ew_snapshot_signers(&signers, d->now, err);
	case EW_FILE_COUNT:
		break;
	}
	return EW_OK;
}

static enum ew_code
check_rules(const struct doing *d, struct ew_err *err)
{
	struct ew_policy *policy;
	struct ew_signers *signers;
	enum ew_code rc;

	if (!d->change->changed[EW_FILE_POLICY] && !d->change->changed[EW_FILE_SIGNERS])
		return EW_OK;
	if ((rc = ew_snapshot_policy(&policy, d->now, err)) != EW_OK ||
	    (rc = ew_snapshot_signers(&signers, d->now, err)) != EW_OK)
		return rc;
	return ew_rules_check(policy, signers, d->deeds->store->hash, err);
}

static enum ew_code
check_files(const struct doing *d, struct ew_err *err)
{
	static const char *const name[] = { "ellwand.json", "policy.json", "allowed_signers" };
	enum ew_code rc = EW_OK;

	for (int i = 0; i < EW_FILE_COUNT && rc == EW_OK; i++) {
		const enum ew_file_kind k = (enum ew_file_kind)i;

		if (!d->change->changed[i])
			continue;
		if (!may_change(d->message->event, k))
			rc = ew_fail(err, EW_NO, "declares \"%s\", but changes %s",
				ew_event_word(d->message->event), name[i]);
		else
			rc = check_file(d, k, err);
	}
	return rc == EW_OK ? check_rules(d, err) : rc;
}

/* --- a commit --- */

enum ew_code
ew_deeds_check(struct ew_deeds *deeds, struct ew_snapshot *now, const struct ew_transition *change,
	const struct ew_message *message, const struct ew_doer *doer, struct ew_err *err)
{
	struct doing d = { .deeds = deeds, .now = now, .change = change, .message = message, .doer = doer };
	enum ew_code rc;

	d.limited = !ew_policy_allows_everywhere(doer->policy, doer->person, message->event);
	/* The first policy and keys were read to judge the signer. */
	rc = change->manifest ? check_files(&d, err) : check_manifest(&d, err);
	if (rc == EW_OK)
		rc = check_collections(&d, err);
	ew_map_release(&d.was);
	if (rc == EW_OK && names_one_label(message->event) && d.labels != 1)
		rc = ew_fail(err, EW_NO, "declares \"%s\", but changes %llu labels",
			ew_event_word(message->event), (unsigned long long)d.labels);
	return rc;
}
