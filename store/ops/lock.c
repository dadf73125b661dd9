/* SPDX-License-Identifier: Apache-2.0 */
/* Locking a release; what holds a store against a lock is in lock_check.c. */
#include "ops/lock.h"

#include "base/file.h"
#include "ops/vouch.h"

struct locking {
	struct ew_locked *out;
	struct ew_store *store;
	const struct ew_lock_opts *opts;
	struct ew_buf old; /* the file's bytes */
	struct ew_lock was;
	bool there; /* there is a lock that counts */
};

/* The lock that is to be moved, unless it does not matter what it is. */
static enum ew_code
read_old(struct locking *l, struct ew_err *err)
{
	struct ew_err none = { 0 };
	enum ew_code rc;

	if (l->opts->force)
		return EW_OK;
	rc = ew_file_read(&l->old, l->opts->path, EW_LOCK_MAX, &none);
	if (rc == EW_NOTFOUND)
		return EW_OK;
	if (rc != EW_OK)
		return ew_fail(err, rc, "%s", none.msg);
	if ((rc = ew_lock_parse(&l->was, &l->out->arena, ew_buf_str(&l->old), err)) != EW_OK)
		return ew_fail_at(err, "%s: it is no lock, so it is left alone", l->opts->path);
	l->there = true;
	l->out->before = l->was.release;
	return EW_OK;
}

static enum ew_code
find_release(struct ew_tagged *out, struct locking *l, struct ew_err *err)
{
	struct ew_str name = l->opts->release;
	struct ew_version version;
	struct ew_err none = { 0 };
	bool found;
	enum ew_code rc;

	if (ew_version_parse(&version, name, &none) != EW_OK)
		return ew_fail(err, EW_USAGE, "%.*s: only a release can be locked; name one, such as v1.0",
			EW_FMT(ew_str_part(name, 0, 100)));
	rc = ew_tagged_named(out, &found, l->store, name, &l->out->arena, err);
	if (rc == EW_OK && !found)
		rc = ew_fail(err, EW_NOTFOUND, "%.*s: there is no signed release of this name; see git tag",
			EW_FMT(name));
	return rc;
}

static enum ew_code
vouch(struct locking *l, struct ew_err *err)
{
	struct ew_ancestry *a;
	struct ew_tagged tagged;
	struct ew_vouched vouched;
	enum ew_code rc;

	if ((rc = find_release(&tagged, l, err)) != EW_OK ||
	    (rc = ew_ancestry_open(&a, l->store, false, 0, err)) != EW_OK)
		return rc;
	rc = ew_vouch(&vouched, a, l->store, &tagged, &l->out->arena, err);
	l->out->lock = vouched.lock;
	ew_ancestry_free(a);
	if (rc == EW_OK)
		rc = ew_vouch_expired(l->out->lock.release, l->out->lock.expires, l->store->opts.now, err);
	if (rc == EW_NO || rc == EW_REFUSED) {
		err->code = rc = EW_NO;
		ew_fail_at(err, "does not verify");
	}
	if (rc == EW_OK && !l->out->lock.splits)
		rc = ew_fail(err, EW_REFUSED, "%.*s: it holds no label to lock", EW_FMT(l->opts->release));
	return rc;
}

/* Forward is what came from the locked release, release by release. */
static enum ew_code
check_move(struct locking *l, struct ew_err *err)
{
	const struct ew_lock *was = &l->was, *is = &l->out->lock;
	bool follows;
	enum ew_code rc;

	if (!ew_str_eq(was->dataset, is->dataset))
		return ew_fail(err, EW_REFUSED,
			"it locks data set %.*s, and this is %.*s; use another file",
			EW_FMT(was->dataset), EW_FMT(is->dataset));
	if (!ew_oid_eq(&was->root, &is->root))
		return ew_fail(err, EW_REFUSED,
			"it locks a history that begins at another commit than that of %.*s, so with "
			"other people's keys; --force if that is meant",
			EW_FMT(is->release));
	if (is->sequence < was->sequence)
		return ew_fail(err, EW_REFUSED,
			"%.*s is number %llu, and %.*s, number %llu, is locked; a lock moves back by "
			"--force only",
			EW_FMT(is->release), (unsigned long long)is->sequence, EW_FMT(was->release),
			(unsigned long long)was->sequence);
	if ((rc = ew_vouch_follows(&follows, l->store, is, was, err)) == EW_OK && !follows)
		rc = ew_fail(err, EW_REFUSED,
			"%.*s did not come from the locked %.*s: two stories are told; ask who "
			"releases which holds; --force takes this one",
			EW_FMT(is->release), EW_FMT(was->release));
	return rc;
}

/* A file that says it already stays as it is. */
static enum ew_code
save(struct locking *l, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc;

	ew_lock_write(&bytes, &l->out->lock);
	if ((rc = ew_buf_check(&bytes, err)) == EW_OK &&
	    !(l->there && ew_str_eq(ew_buf_str(&bytes), ew_buf_str(&l->old))))
		rc = ew_file_save(l->opts->path, ew_buf_str(&bytes), err);
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_lock_move(struct ew_locked *out, struct ew_store *s, const struct ew_lock_opts *opts,
	struct ew_err *err)
{
	struct locking l = { .out = out, .store = s, .opts = opts };
	enum ew_code rc;

	*out = (struct ew_locked){ .before = { NULL, 0 } };
	if ((rc = read_old(&l, err)) == EW_OK && (rc = vouch(&l, err)) == EW_OK && l.there &&
	    (rc = check_move(&l, err)) != EW_OK)
		ew_fail_at(err, "%s", opts->path);
	if (rc == EW_OK)
		rc = save(&l, err);
	ew_buf_release(&l.old);
	return rc;
}

void
ew_locked_release(struct ew_locked *l)
{
	ew_arena_release(&l->arena);
}
