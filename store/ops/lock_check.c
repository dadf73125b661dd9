/* SPDX-License-Identifier: Apache-2.0 */
/* A store held against a lock; what makes locks is in lock.c. */
#include "ops/lock.h"

#include "base/file.h"
#include "codec/date.h"
#include "codec/jsonw.h"
#include "ops/lineage.h"
#include "ops/part.h"
#include "ops/vouch.h"

enum { SECONDS_PER_DAY = 86400 };

struct checking {
	struct ew_lock_checked *out;
	struct ew_store *store;
	const struct ew_lock_check_opts *opts;
	struct ew_ancestry *ancestry;
	struct ew_tagged *tagged; /* all releases that there are, ascending by version */
	size_t n;
	int64_t newest; /* time of the newest that came from the locked one, or of that one */
	struct ew_err why;
	struct ew_arena arena;
};

/*
 * What is wrong goes to `why` and makes a step return EW_NO; other codes, with `err`, are
 * for what kept us from looking.
 */
static struct ew_err *
found(struct checking *k, enum ew_lock_fault fault)
{
	if (k->why.code == EW_OK)
		k->out->fault = fault;
	return &k->why;
}

/* What is no verdict on the store, whatever was looked at. */
static bool
kept_from_looking(enum ew_code rc)
{
	return rc == EW_IO || rc == EW_NOMEM || rc == EW_INTERRUPTED;
}

/* --- a release by the locked name that is not there --- */

/* Among the releases that are here, by what their tags say. */
struct seen {
	const struct ew_tagged *newest, *moved; /* of the data set; the locked tag itself, renamed */
	uint64_t sequence;                      /* of the newest */
	struct ew_str foreign;                  /* another data set that one is of */
};

static enum ew_code
see(struct seen *seen, struct checking *k, const struct ew_tagged *t, struct ew_err *err)
{
	const struct ew_lock *l = &k->out->lock;
	struct ew_err flaw = { 0 };
	struct ew_release_note note;
	enum ew_code rc = ew_tagged_note(&note, k->store, t, &k->arena, &flaw);

	if (ew_oid_eq(&t->tag, &l->tag))
		seen->moved = t;
	if (rc != EW_OK)
		return rc == EW_REFUSED ? EW_OK : ew_fail(err, rc, "%s", flaw.msg);
	if (!ew_str_eq(note.dataset, l->dataset)) {
		seen->foreign = note.dataset;
	} else if (ew_str_eq(note.name, t->name) && note.sequence >= seen->sequence) {
		seen->newest = t;
		seen->sequence = note.sequence;
	}
	return EW_OK;
}

static enum ew_code
find_absence(struct checking *k, struct ew_err *err)
{
	const struct ew_lock *l = &k->out->lock;
	struct seen seen = { .newest = NULL };
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < k->n && rc == EW_OK; i++)
		rc = see(&seen, k, &k->tagged[i], err);
	if (rc != EW_OK)
		return rc;
	if (seen.moved)
		return ew_fail(found(k, EW_LOCK_SWAP), EW_NO,
			"the locked %.*s stands here as %.*s, under which nobody signed it; fetch the tags anew",
			EW_FMT(l->release), EW_FMT(seen.moved->name));
	if (!seen.newest && seen.foreign.p)
		return ew_fail(found(k, EW_LOCK_TELEPORT), EW_NO,
			"the releases here are of data set %.*s, and the lock is of %.*s; name the right store",
			EW_FMT(seen.foreign), EW_FMT(l->dataset));
	if (seen.newest && seen.sequence < l->sequence)
		return ew_fail(found(k, EW_LOCK_ROLLBACK), EW_NO,
			"the newest release here is %.*s, number %llu, and %.*s, number %llu, is locked; "
			"fetch again, or from another copy",
			EW_FMT(seen.newest->name), (unsigned long long)seen.sequence, EW_FMT(l->release),
			(unsigned long long)l->sequence);
	return ew_fail(found(k, EW_LOCK_MISSING), EW_NO,
		"the locked %.*s is not here as a signed release; fetch the tags, with git fetch --tags",
		EW_FMT(l->release));
}

/* --- the release by the locked name --- */

/* Before anything is believed of it: whether it was made for this place. */
static enum ew_code
check_tag(struct checking *k, const struct ew_tagged *t, struct ew_err *err)
{
	struct ew_err flaw = { 0 };
	struct ew_release_note note;
	struct ew_tag tag = { .name = { NULL, 0 } };
	enum ew_code rc = ew_tagged_read(&tag, &note, k->store, t, &k->arena, &flaw);

	if (rc != EW_OK && rc != EW_REFUSED)
		return ew_fail(err, rc, "%s", flaw.msg);
	if (tag.name.p && !ew_str_eq(tag.name, t->name))
		return ew_fail(found(k, EW_LOCK_SWAP), EW_NO,
			"what stands here as %.*s was signed as %.*s; delete it with git tag -d, and fetch "
			"the tags anew",
			EW_FMT(t->name), EW_FMT(tag.name));
	if (rc != EW_OK)
		return ew_fail(found(k, EW_LOCK_INVALID), EW_NO, "%s", flaw.msg);
	if (!ew_str_eq(note.dataset, k->out->lock.dataset))
		return ew_fail(found(k, EW_LOCK_TELEPORT), EW_NO,
			"%.*s here is a release of data set %.*s, and the lock is of %.*s; fetch from that "
			"one's store",
			EW_FMT(t->name), EW_FMT(note.dataset), EW_FMT(k->out->lock.dataset));
	return EW_OK;
}

/* A commit that was made for another place than where it stands. */
struct foreign {
	char commit[2 * sizeof(struct ew_oid) + 1]; /* "": none */
	struct ew_str place;                        /* a data set, or a branch */
};

/* Where a commit should not be with this message; absent: it may. */
static struct ew_str
elsewhere(const struct ew_message *m, struct ew_str dataset, struct ew_str branch)
{
	if (!ew_str_eq(m->dataset, dataset))
		return m->dataset;
	if (!ew_str_eq(m->ref, branch) && !ew_str_is(m->ref, "refs/heads/main"))
		return m->ref;
	return (struct ew_str){ NULL, 0 };
}

static enum ew_code
keep(struct ew_str *out, struct checking *k, struct ew_str text, struct ew_err *err)
{
	*out = ew_arena_str(&k->arena, text);
	return out->p ? EW_OK : ew_fail_nomem(err);
}

/* The one nearest to the first commit; not beyond what can be read. */
static enum ew_code
find_foreign(struct foreign *out, struct checking *k, struct ew_oid at, struct ew_err *err)
{
	struct ew_arena scratch = { 0 };
	struct ew_str branch = { NULL, 0 };
	enum ew_code rc = EW_OK;

	*out = (struct foreign){ .commit = "" };
	while (rc == EW_OK && !ew_oid_is_zero(&at)) {
		struct ew_err flaw = { 0 };
		struct ew_message m;
		struct ew_commit c;
		struct ew_str place;

		ew_arena_reset(&scratch);
		if ((rc = ew_read_commit(&c, k->store, &at, &scratch, &flaw)) != EW_OK ||
			(rc = ew_message_parse(&m, c.message, &flaw)) != EW_OK) {
			rc = kept_from_looking(rc) ? ew_fail(err, rc, "%s", flaw.msg) : EW_OK;
			break;
		}
		if (!branch.p)
			rc = keep(&branch, k, m.ref, err);
		place = elsewhere(&m, k->out->lock.dataset, branch);
		if (rc == EW_OK && place.p) {
			ew_hex(out->commit, at.b, sizeof at.b);
			rc = keep(&out->place, k, place, err);
		}
		at = c.parents ? c.parent[0] : (struct ew_oid){ { 0 } };
	}
	ew_arena_release(&scratch);
	return rc;
}

static enum ew_code
report_history(struct checking *k, const struct ew_tagged *t, const struct ew_err *flaw,
	struct ew_err *err)
{
	struct foreign foreign;
	enum ew_code rc = find_foreign(&foreign, k, t->commit, err);

	if (rc != EW_OK)
		return rc;
	if (*foreign.commit)
		return ew_fail(found(k, EW_LOCK_TELEPORT), EW_NO,
			"commit %s was made for %.*s, and has no place in %.*s; fetch from another copy",
			foreign.commit, EW_FMT(foreign.place), EW_FMT(t->name));
	return ew_fail(found(k, EW_LOCK_INVALID), EW_NO, "%s; fetch from another copy", flaw->msg);
}

/* The history stands. */
static enum ew_code
report_release(struct checking *k, const struct ew_tagged *t, const struct ew_err *flaw,
	struct ew_err *err)
{
	struct ew_snapshot *contents = ew_ancestry_contents(k->ancestry);
	struct ew_err declared = { 0 };
	struct ew_release_note note;
	struct ew_manifest *m;
	enum ew_code rc;

	if ((rc = ew_snapshot_manifest(&m, contents, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(m->dataset, k->out->lock.dataset))
		return ew_fail(found(k, EW_LOCK_TELEPORT), EW_NO,
			"%.*s here holds data set %.*s, and the lock is of %.*s; fetch from that one's store",
			EW_FMT(t->name), EW_FMT(m->dataset), EW_FMT(k->out->lock.dataset));
	if ((rc = ew_tagged_note(&note, k->store, t, &k->arena, err)) != EW_OK)
		return rc;
	rc = ew_judge_declared(&note, k->store, contents, &declared);
	if (rc != EW_OK && rc != EW_NO)
		return ew_fail(err, rc, "%s", declared.msg);
	return ew_fail(found(k, rc == EW_NO ? EW_LOCK_MIX : EW_LOCK_INVALID), EW_NO,
		"%s; fetch from another copy", flaw->msg);
}

/* What stands here as the release, against what is locked. */
static enum ew_code
compare(struct checking *k, const struct ew_lock *is)
{
	const struct ew_lock *l = &k->out->lock;
	const char *member = ew_lock_difference(is, l);

	if (!member)
		return EW_OK;
	if (!ew_oid_eq(&is->root, &l->root))
		return ew_fail(found(k, EW_LOCK_OTHER_ROOT), EW_NO,
			"the history of %.*s begins at another commit here than the locked one, so with other "
			"people's keys; fetch from where the lock was made",
			EW_FMT(l->release));
	if (!ew_oid_eq(&is->tag, &l->tag))
		return ew_fail(found(k, EW_LOCK_FORK), EW_NO,
			"%.*s here, number %llu, is signed, but is not the locked one: two stories are told; "
			"keep both copies, and ask who releases which holds",
			EW_FMT(l->release), (unsigned long long)is->sequence);
	return ew_fail(found(k, EW_LOCK_MIX), EW_NO,
		"the lock says other %s of %.*s than its tag does; take the file from where it was last good",
		member, EW_FMT(l->release));
}

static enum ew_code
check_locked(struct checking *k, struct ew_err *err)
{
	struct ew_err flaw = { 0 };
	struct ew_tagged t;
	struct ew_vouched is;
	bool there;
	enum ew_code rc = ew_tagged_named(&t, &there, k->store, k->out->lock.release, &k->arena, err);

	if (rc != EW_OK)
		return rc;
	if (!there)
		return find_absence(k, err);
	if ((rc = check_tag(k, &t, err)) != EW_OK)
		return rc;
	rc = ew_vouch(&is, k->ancestry, k->store, &t, &k->arena, &flaw);
	k->out->commits = is.commits;
	if (rc == EW_OK)
		return compare(k, &is.lock);
	if (rc != EW_NO && rc != EW_REFUSED)
		return ew_fail(err, rc, "%s", flaw.msg);
	return is.history ? report_release(k, &t, &flaw, err) : report_history(k, &t, &flaw, err);
}

/* --- what else is in the store --- */

static enum ew_code
check_head(struct checking *k, struct ew_err *err)
{
	const struct ew_lock *l = &k->out->lock;
	struct ew_err flaw = { 0 };
	struct ew_rev head;
	bool after, before;
	enum ew_code rc;

	if ((rc = ew_repo_resolve(&head, k->store->repo, EW_LIT("HEAD"), &k->arena, err)) != EW_OK)
		return rc;
	rc = ew_lineage_holds(&after, k->store, &l->commit, &head.commit, &flaw);
	if (rc == EW_REFUSED)
		return ew_fail(found(k, EW_LOCK_INVALID), EW_NO, "HEAD: %s; fetch from another copy", flaw.msg);
	if (rc != EW_OK)
		return ew_fail(err, rc, "%s", flaw.msg);
	if (after)
		return EW_OK;
	if ((rc = ew_lineage_holds(&before, k->store, &head.commit, &l->commit, err)) != EW_OK)
		return rc;
	if (before)
		return ew_fail(found(k, EW_LOCK_ROLLBACK), EW_NO,
			"HEAD stands before the locked %.*s; fetch again, or from another copy",
			EW_FMT(l->release));
	return ew_fail(found(k, EW_LOCK_FORK), EW_NO,
		"the locked %.*s is not in the history of HEAD: two stories are told; keep both copies, and "
		"ask who releases which holds",
		EW_FMT(l->release));
}

static enum ew_code
doubt(struct checking *k, const struct ew_tagged *t, const char *why, struct ew_err *err)
{
	struct ew_lock_checked *out = k->out;

	if (out->doubtful.p)
		return EW_OK;
	out->doubtful = ew_arena_str(&out->arena, t->name);
	out->doubt = ew_arena_str(&out->arena, ew_str(why));
	return out->doubtful.p && out->doubt.p ? EW_OK : ew_fail_nomem(err);
}

/* Another release that stands, of a number that is the locked one's or greater. */
static enum ew_code
place(struct checking *k, const struct ew_lock *is, struct ew_err *err)
{
	const struct ew_lock *l = &k->out->lock;
	bool follows;
	enum ew_code rc = ew_vouch_follows(&follows, k->store, is, l, err);

	if (rc != EW_OK)
		return rc;
	if (!follows || is->sequence == l->sequence)
		return ew_fail(found(k, EW_LOCK_FORK), EW_NO,
			"%.*s, number %llu, is signed too, but did not come from the locked %.*s, number %llu: "
			"two stories are told; keep both copies, and ask who releases which holds",
			EW_FMT(is->release), (unsigned long long)is->sequence, EW_FMT(l->release),
			(unsigned long long)l->sequence);
	k->newest = is->time;
	k->out->newer_sequence = is->sequence;
	k->out->newer = ew_arena_str(&k->out->arena, is->release);
	return k->out->newer.p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
look_at(struct checking *k, const struct ew_tagged *t, struct ew_err *err)
{
	struct ew_err flaw = { 0 };
	struct ew_vouched is;
	enum ew_code rc = ew_vouch(&is, k->ancestry, k->store, t, &k->arena, &flaw);

	if (kept_from_looking(rc))
		return ew_fail(err, rc, "%s", flaw.msg);
	if (rc != EW_OK)
		return doubt(k, t, flaw.msg, err);
	if (!ew_oid_eq(&is.lock.root, &k->out->lock.root))
		return doubt(k, t, "its history begins at another commit", err);
	return place(k, &is.lock, err);
}

/*
 * Releases that by name or number come after the locked one, or have its number.  Of the
 * newer ones the newest that stands is enough.
 */
static enum ew_code
check_others(struct checking *k, struct ew_err *err)
{
	const struct ew_lock *l = &k->out->lock;
	struct ew_version locked;
	struct ew_err flaw = { 0 };
	enum ew_code rc = ew_version_parse(&locked, l->release, err);

	for (size_t i = k->n; i-- > 0 && rc == EW_OK;) {
		const struct ew_tagged *t = &k->tagged[i];
		struct ew_release_note note = { .sequence = 0 };
		bool newer = ew_version_cmp(&t->version, &locked) > 0 && !k->out->newer.p;

		if (ew_str_eq(t->name, l->release))
			continue;
		rc = ew_tagged_note(&note, k->store, t, &k->arena, &flaw);
		if (rc != EW_OK && rc != EW_REFUSED)
			return ew_fail(err, rc, "%s", flaw.msg);
		ew_err_clear(&flaw);
		rc = newer || note.sequence == l->sequence ||
				(note.sequence > l->sequence && !k->out->newer.p)
			? look_at(k, t, err)
			: EW_OK;
	}
	return rc;
}

static enum ew_code
check_fresh(struct checking *k)
{
	const struct ew_lock *l = &k->out->lock;
	const struct ew_str newer = k->out->newer;
	const int64_t now = k->store->opts.now, days = k->opts->max_age;
	struct ew_buf text = { 0 };

	if (l->expires && now > l->expires) {
		ew_time_write(&text, l->expires);
		if (newer.p)
			ew_fail(found(k, EW_LOCK_FREEZE), EW_NO,
				"the locked %.*s expired on %.*s; %.*s is here: ellwand pin %.*s --write %s "
				"moves the lock",
				EW_FMT(l->release), EW_FMT(ew_buf_str(&text)), EW_FMT(newer), EW_FMT(newer),
				k->opts->path);
		else
			ew_fail(found(k, EW_LOCK_FREEZE), EW_NO,
				"the locked %.*s expired on %.*s, and no newer one is here; fetch again, or "
				"from another copy",
				EW_FMT(l->release), EW_FMT(ew_buf_str(&text)));
	} else if (days && now - k->newest > days * SECONDS_PER_DAY) {
		ew_time_write(&text, k->newest);
		ew_fail(found(k, EW_LOCK_FREEZE), EW_NO,
			"the newest release here, %.*s, is of %.*s, more than %lld days ago; fetch again, or "
			"from another copy",
			EW_FMT(newer.p ? newer : l->release), EW_FMT(ew_buf_str(&text)), (long long)days);
	}
	ew_buf_release(&text);
	return k->why.code;
}

/* --- all of it --- */

static enum ew_code
read_lock(struct checking *k, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = ew_file_read(&bytes, k->opts->path, EW_LOCK_MAX, err);

	if (rc == EW_OK &&
	    (rc = ew_lock_parse(&k->out->lock, &k->out->arena, ew_buf_str(&bytes), err)) != EW_OK)
		ew_fail_at(err, "%s: it is no lock", k->opts->path);
	ew_buf_release(&bytes);
	return rc;
}

static enum ew_code
check(struct checking *k, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = ew_tagged_list(&k->tagged, &k->n, k->store, &k->arena, err)) != EW_OK ||
	    (rc = check_locked(k, err)) != EW_OK)
		return rc;
	k->newest = k->out->lock.time;
	if ((rc = check_head(k, err)) != EW_OK || (rc = check_others(k, err)) != EW_OK)
		return rc;
	return check_fresh(k);
}

enum ew_code
ew_lock_check(struct ew_lock_checked *out, struct ew_store *s, const struct ew_lock_check_opts *opts,
	struct ew_err *err)
{
	struct checking k = { .out = out, .store = s, .opts = opts };
	enum ew_code rc;

	*out = (struct ew_lock_checked){ .commits = 0 };
	if ((rc = read_lock(&k, err)) != EW_OK ||
	    (rc = ew_ancestry_open(&k.ancestry, s, false, 0, err)) != EW_OK)
		return rc;
	rc = check(&k, err);
	ew_ancestry_free(k.ancestry);
	ew_arena_release(&k.arena);
	if (rc == EW_NO)
		rc = (out->problem = ew_arena_str(&out->arena, ew_str(k.why.msg))).p ? EW_OK : ew_fail_nomem(err);
	return rc;
}

void
ew_lock_checked_release(struct ew_lock_checked *c)
{
	ew_arena_release(&c->arena);
}

const char *
ew_lock_fault_word(enum ew_lock_fault fault)
{
	static const char *const word[] = {
#define X(name, word) [name] = word,
		EW_LOCK_FAULTS(X)
#undef X
	};

	return word[fault];
}

static void
write_others(struct ew_jsonw *w, const struct ew_lock_checked *c)
{
	ew_jsonw_name(w, EW_LIT("newer"));
	if (c->newer.p) {
		ew_jsonw_object(w);
		ew_jsonw_str_at(w, "release", c->newer);
		ew_jsonw_int_at(w, "sequence", (int64_t)c->newer_sequence);
		ew_jsonw_end(w);
	} else {
		ew_jsonw_null(w);
	}
	ew_jsonw_name(w, EW_LIT("doubtful"));
	if (c->doubtful.p) {
		ew_jsonw_object(w);
		ew_jsonw_str_at(w, "release", c->doubtful);
		ew_jsonw_str_at(w, "why", c->doubt);
		ew_jsonw_end(w);
	} else {
		ew_jsonw_null(w);
	}
}

void
ew_lock_checked_json(struct ew_buf *out, const struct ew_lock_checked *c)
{
	const bool good = c->fault == EW_LOCK_GOOD;
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.locked/1"));
	ew_jsonw_bool_at(&w, "good", good);
	ew_jsonw_str_or_null_at(&w, "fault", ew_str(good ? NULL : ew_lock_fault_word(c->fault)));
	ew_jsonw_str_or_null_at(&w, "problem", c->problem);
	ew_jsonw_int_at(&w, "commits", (int64_t)c->commits);
	write_others(&w, c);
	ew_jsonw_name(&w, EW_LIT("lock"));
	ew_lock_put(&w, &c->lock);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}
