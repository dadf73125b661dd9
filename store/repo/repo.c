/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libgit2 1.5 as it was measured to behave, and what is done about it here:
 * - git_reference_create() compares nothing and may lose a race, so references
 *   move by git_reference_create_matching() only;
 * - after a failed fsync of a folder it returns an error though the reference has
 *   moved, so it is read again before anything is said;
 * - objects are synced only when GIT_OPT_ENABLE_FSYNC_GITDIR is set;
 * - git_revparse_*() takes a language of its own, so revisions are read here;
 * - reading a loose object that is cut short may never come back, so objects are read
 *   by ew_repo_read() alone, and git_object_lookup() and its like are not called;
 * - replace references are honoured by git and not by libgit2, so they are refused.
 */
#include "repo/repo.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <git2/sys/repository.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ew_repo {
	git_repository *git;
	git_odb *git_odb;   /* for what `odb` does not find */
	struct ew_odb *odb; /* the repository's own objects */
	struct ew_hash *hash;
	char *path;
};

/* The translation of libgit2's errors, here and nowhere else. */
static enum ew_code
fail_git(struct ew_err *err, enum ew_code code, const char *what)
{
	const git_error *e = git_error_last();

	return ew_fail(err, code, "%s: %s", what, e && e->message ? e->message : "git failed");
}

static void
to_git(git_oid *out, const struct ew_oid *in)
{
	memcpy(out->id, in->b, sizeof in->b);
}

static void
from_git(struct ew_oid *out, const git_oid *in)
{
	memcpy(out->b, in->id, sizeof out->b);
}

/* --- making and opening --- */

static enum ew_code
start_libgit2(struct ew_err *err)
{
	if (git_libgit2_init() < 0)
		return fail_git(err, EW_IO, "libgit2");
	if (git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) < 0 ||
	    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) < 0) {
		git_libgit2_shutdown();
		return fail_git(err, EW_IO, "libgit2");
	}
	return EW_OK;
}

enum ew_code
ew_repo_init(const char *dir, struct ew_err *err)
{
	git_repository_init_options o = GIT_REPOSITORY_INIT_OPTIONS_INIT;
	git_repository *git = NULL;
	struct ew_buf path = { 0 };
	struct stat st;
	enum ew_code rc;

	ew_buf_addf(&path, "%s/.git", dir);
	if ((rc = ew_buf_check(&path, err)) != EW_OK)
		return rc;
	if (lstat(path.p, &st) == 0) {
		rc = ew_fail(err, EW_REFUSED, "%s: there is a repository already; choose another folder",
			dir);
		goto done;
	}
	if ((rc = ew_file_mkdir(dir, err)) != EW_OK || (rc = start_libgit2(err)) != EW_OK)
		goto done;
	o.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKDIR | GIT_REPOSITORY_INIT_NO_REINIT;
	o.initial_head = "main";
	if (git_repository_init_ext(&git, path.p, &o) < 0)
		rc = fail_git(err, EW_IO, dir);
	git_repository_free(git);
	git_libgit2_shutdown();
	/* Folders for objects are made at once, so that only files need a sync later. */
	for (unsigned i = 0; rc == EW_OK && i < 256; i++) {
		ew_buf_clear(&path);
		ew_buf_addf(&path, "%s/.git/objects/%02x", dir, i);
		if ((rc = ew_buf_check(&path, err)) == EW_OK && mkdir(path.p, 0777) != 0)
			rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot make the directory", path.p);
	}
	if (rc == EW_OK)
		rc = ew_file_sync_parent(path.p, err);
done:
	ew_buf_release(&path);
	return rc;
}

static bool
exists(const char *dir, const char *name)
{
	struct ew_buf path = { 0 };
	struct stat st;
	bool yes;

	ew_buf_addf(&path, "%s/%s", dir, name);
	yes = path.p && lstat(path.p, &st) == 0;
	ew_buf_release(&path);
	return yes;
}

/* What makes git and libgit2 see different contents, or this library see none. */
static enum ew_code
check_layout(struct ew_repo *r, const char *dir, struct ew_err *err)
{
	static const struct {
		const char *path, *what;
	} bad[] = {
		{ "info/grafts", "grafts change what git shows" },
		{ "objects/info/alternates", "objects are borrowed from another repository" },
		{ "shallow", "it is a shallow clone" },
	};
	git_reference_iterator *it = NULL;
	const char *name;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (exists(r->path, bad[i].path))
			return ew_fail(err, EW_UNSUPPORTED, "%s: %s (%s/%s); use a full clone", dir,
				bad[i].what, r->path, bad[i].path);
	if (git_reference_iterator_glob_new(&it, r->git, "refs/replace/*") < 0)
		return fail_git(err, EW_IO, dir);
	if (git_reference_next_name(&name, it) == 0)
		ew_fail(err, EW_UNSUPPORTED,
			"%s: %s replaces an object; remove it with git replace -d", dir, name);
	git_reference_iterator_free(it);
	return err->code;
}

static enum ew_code
open_git(struct ew_repo *r, const char *dir, struct ew_err *err)
{
	int e = git_repository_open_ext(&r->git, dir,
		GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_FROM_ENV, NULL);
	const git_error *last = e < 0 ? git_error_last() : NULL;
	const char *why = last && last->message ? last->message : "";

	if (e == 0)
		return EW_OK;
	if (e == GIT_ENOTFOUND && strstr(why, "could not find repository"))
		return ew_fail(err, EW_UNSUPPORTED,
			"%s: no store here; make one with ellwand init, or name one with -C DIR", dir);
	if (strstr(why, "extension name"))
		return ew_fail(err, EW_UNSUPPORTED, "%s: %s; convert it to plain SHA-1 git", dir, why);
	if (e == GIT_EOWNER || strstr(why, "config value 'safe.directory'"))
		return ew_fail(err, EW_IO,
			"%s: it belongs to another user; add it to git's safe.directory", dir);
	return fail_git(err, EW_IO, dir);
}

static enum ew_code
open_objects(struct ew_repo *r, const char *dir, struct ew_err *err)
{
	struct ew_buf folder = { 0 };
	struct ew_packs *packs = NULL;
	enum ew_code rc;

	ew_buf_addf(&folder, "%s/objects", r->path);
	if ((rc = ew_buf_check(&folder, err)) == EW_OK &&
	    (rc = ew_packs_open(&packs, folder.p, err)) == EW_OK)
		rc = ew_odb_open(&r->odb, packs, err);
	if (rc == EW_OK && git_repository_odb(&r->git_odb, r->git) < 0)
		rc = fail_git(err, EW_IO, dir);
	ew_packs_free(packs);
	ew_buf_release(&folder);
	return rc;
}

enum ew_code
ew_repo_open(struct ew_repo **out, const char *dir, struct ew_err *err)
{
	struct ew_repo *r = calloc(1, sizeof *r);
	enum ew_code rc;
	size_t n;

	*out = NULL;
	if (!r)
		return ew_fail_nomem(err);
	if ((rc = start_libgit2(err)) != EW_OK) {
		free(r);
		return rc;
	}
	if ((rc = open_git(r, dir, err)) != EW_OK)
		goto fail;
	r->path = strdup(git_repository_commondir(r->git));
	if (!r->path) {
		rc = ew_fail_nomem(err);
		goto fail;
	}
	n = strlen(r->path);
	if (n > 1 && r->path[n - 1] == '/')
		r->path[n - 1] = '\0';
	if (git_repository_is_worktree(r->git)) {
		rc = ew_fail(err, EW_UNSUPPORTED,
			"%s: it is a work tree of another repository; name that one", dir);
		goto fail;
	}
	if ((rc = check_layout(r, dir, err)) != EW_OK || (rc = ew_hash_open(&r->hash, err)) != EW_OK)
		goto fail;
	if ((rc = open_objects(r, dir, err)) != EW_OK)
		goto fail;
	*out = r;
	return EW_OK;
fail:
	ew_repo_free(r);
	return rc;
}

void
ew_repo_free(struct ew_repo *r)
{
	if (!r)
		return;
	ew_odb_free(r->odb);
	git_odb_free(r->git_odb);
	git_repository_free(r->git);
	git_libgit2_shutdown();
	ew_hash_free(r->hash);
	free(r->path);
	free(r);
}

const char *
ew_repo_path(const struct ew_repo *r)
{
	return r->path;
}

struct ew_hash *
ew_repo_hash(struct ew_repo *r)
{
	return r->hash;
}

/* --- configuration --- */

/* Frees `c`. */
static enum ew_code
read_config(struct ew_str *out, git_config *c, int e, const char *name, struct ew_arena *arena,
	struct ew_err *err)
{
	git_config *snap = NULL;
	const char *value = NULL;

	*out = (struct ew_str){ NULL, 0 };
	if (e == 0)
		e = git_config_snapshot(&snap, c);
	if (e == 0)
		e = git_config_get_string(&value, snap, name);
	if (e == 0 && !(*out = ew_arena_str(arena, ew_str(value))).p)
		ew_fail_nomem(err);
	else if (e < 0 && e != GIT_ENOTFOUND)
		fail_git(err, EW_IO, name);
	git_config_free(snap);
	git_config_free(c);
	return err->code;
}

enum ew_code
ew_repo_config(struct ew_str *out, struct ew_repo *r, const char *name, struct ew_arena *arena,
	struct ew_err *err)
{
	git_config *c = NULL;
	int e = git_repository_config(&c, r->git);

	return read_config(out, c, e, name, arena, err);
}

enum ew_code
ew_user_config(struct ew_str *out, const char *name, struct ew_arena *arena, struct ew_err *err)
{
	git_config *c = NULL;
	enum ew_code rc = start_libgit2(err);
	int e;

	if (rc != EW_OK)
		return rc;
	e = git_config_open_default(&c);
	rc = read_config(out, c, e, name, arena, err);
	git_libgit2_shutdown();
	return rc;
}

enum ew_code
ew_repo_config_set(struct ew_repo *r, const char *name, const char *value, struct ew_err *err)
{
	git_config *c = NULL, *local = NULL;
	int e;

	if ((e = git_repository_config(&c, r->git)) == 0 &&
	    (e = git_config_open_level(&local, c, GIT_CONFIG_LEVEL_LOCAL)) == 0)
		e = git_config_set_string(local, name, value);
	if (e < 0)
		fail_git(err, EW_IO, name);
	git_config_free(local);
	git_config_free(c);
	return err->code;
}

/* --- objects --- */

/*
 * What ew_odb_read() does not find can still be in the folders that a hook's
 * environment names, which libgit2 has seen.
 */
static enum ew_code
read_elsewhere(struct ew_buf *out, struct ew_repo *r, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	git_odb_object *o = NULL;
	git_object_t got;
	git_oid id;
	size_t len;
	int e;

	to_git(&id, oid);
	e = git_odb_read_header(&len, &got, r->git_odb, &id);
	if (e < 0) {
		enum ew_code rc = ew_odb_check(r->odb, err);

		return rc != EW_OK ? rc
				   : ew_object_fail(err, oid, e == GIT_ENOTFOUND ? "missing" : "damaged");
	}
	if (got != (git_object_t)type)
		return ew_object_fail(err, oid, "of another type than its place says");
	if (len > ew_object_limit(type))
		return ew_object_fail(err, oid, "larger than the format allows");
	if (git_odb_read(&o, r->git_odb, &id) < 0)
		return ew_object_fail(err, oid, "damaged");
	ew_buf_addmem(out, git_odb_object_data(o), git_odb_object_size(o));
	git_odb_object_free(o);
	return ew_buf_check(out, err);
}

enum ew_code
ew_repo_read(struct ew_buf *out, struct ew_repo *r, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	bool found;
	enum ew_code rc = ew_odb_read(out, &found, r->odb, oid, type, err);

	return rc != EW_OK || found ? rc : read_elsewhere(out, r, oid, type, err);
}

static enum ew_code
type_elsewhere(enum ew_object_type *out, struct ew_repo *r, const struct ew_oid *oid,
	struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];
	git_oid id;
	size_t len;
	git_object_t type;
	enum ew_code rc;
	int e;

	to_git(&id, oid);
	e = git_odb_read_header(&len, &type, r->git_odb, &id);
	if (e < 0 && (rc = ew_odb_check(r->odb, err)) != EW_OK)
		return rc;
	ew_hex(hex, oid->b, sizeof oid->b);
	if (e == GIT_ENOTFOUND)
		return ew_fail(err, EW_NOTFOUND, "%s: there is no such object", hex);
	if (e < 0)
		return ew_object_fail(err, oid, "damaged");
	*out = (enum ew_object_type)type;
	return EW_OK;
}

enum ew_code
ew_repo_type(enum ew_object_type *out, struct ew_repo *r, const struct ew_oid *oid,
	struct ew_err *err)
{
	bool found;
	enum ew_code rc = ew_odb_type(out, &found, r->odb, oid, err);

	return rc != EW_OK || found ? rc : type_elsewhere(out, r, oid, err);
}

enum ew_code
ew_repo_refresh(struct ew_repo *r, struct ew_err *err)
{
	return ew_odb_refresh(r->odb, err);
}

struct ew_odb *
ew_repo_odb(struct ew_repo *r)
{
	return r->odb;
}

/* --- references --- */

enum ew_code
ew_repo_head(struct ew_str *ref, struct ew_repo *r, struct ew_arena *arena, struct ew_err *err)
{
	git_reference *head = NULL;

	if (git_reference_lookup(&head, r->git, "HEAD") < 0)
		return fail_git(err, EW_CORRUPT, "HEAD");
	if (git_reference_type(head) != GIT_REFERENCE_SYMBOLIC)
		ew_fail(err, EW_REFUSED,
			"HEAD names no branch; choose one with git symbolic-ref HEAD refs/heads/main");
	else if (!(*ref = ew_arena_str(arena, ew_str(git_reference_symbolic_target(head)))).p)
		ew_fail_nomem(err);
	git_reference_free(head);
	return err->code;
}

enum ew_code
ew_repo_ref(struct ew_oid *out, struct ew_repo *r, const char *ref, struct ew_err *err)
{
	git_oid id;
	int e = git_reference_name_to_id(&id, r->git, ref);

	*out = (struct ew_oid){ { 0 } };
	if (e == 0)
		from_git(out, &id);
	else if (e != GIT_ENOTFOUND && e != GIT_EINVALIDSPEC)
		return fail_git(err, EW_CORRUPT, ref);
	return EW_OK;
}

/* A lock that git left behind, as the message of a failed move. */
static enum ew_code
fail_locked(struct ew_repo *r, const char *ref, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	struct stat st;

	ew_buf_addf(&path, "%s/%s.lock", r->path, ref);
	if (path.p && lstat(path.p, &st) == 0)
		ew_fail(err, EW_BUSY,
			"%s: locked for %lld s by %s; try again, or run ellwand recover if its "
			"writer has died",
			ref, (long long)(time(NULL) - st.st_mtime), path.p);
	ew_buf_release(&path);
	return ew_fail(err, EW_BUSY, "%s: another program is writing it; try again", ref);
}

enum ew_code
ew_repo_ref_move(struct ew_repo *r, const char *ref, const struct ew_oid *from,
	const struct ew_oid *to, const char *why, struct ew_err *err)
{
	enum { TRIES = 50, STEP_MS = 20 };
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	git_reference *made = NULL;
	git_oid old, new;
	struct ew_oid now;
	struct ew_err look = { 0 };
	int e = GIT_ELOCKED;

	to_git(&old, from);
	to_git(&new, to);
	for (int i = 0; i < TRIES && e == GIT_ELOCKED; i++) {
		if (i)
			nanosleep(&step, NULL);
		e = git_reference_create_matching(&made, r->git, ref, &new, 1, &old, why);
	}
	git_reference_free(made);
	if (e == 0)
		return EW_OK;
	if (e == GIT_ELOCKED)
		return fail_locked(r, ref, err);
	if (ew_repo_ref(&now, r, ref, &look) != EW_OK || ew_oid_eq(&now, to))
		return ew_fail(err, EW_INDETERMINATE,
			"%s: the write may not be durable; run ellwand status to see where it is", ref);
	if (e == GIT_EMODIFIED || e == GIT_EEXISTS || !ew_oid_eq(&now, from))
		return ew_fail(err, EW_BUSY, "%s: another program moved it meanwhile; try again", ref);
	return fail_git(err, EW_IO, ref);
}

static int
by_name(const void *a, const void *b)
{
	return ew_str_cmp(*(const struct ew_str *)a, *(const struct ew_str *)b);
}

enum ew_code
ew_repo_refs(struct ew_str **out, size_t *n, struct ew_repo *r, const char *prefix,
	struct ew_arena *arena, struct ew_err *err)
{
	git_reference_iterator *it = NULL;
	struct ew_str *list = NULL;
	const char *name;
	size_t count = 0, room = 0;
	int e;

	*out = NULL;
	*n = 0;
	if (git_reference_iterator_new(&it, r->git) < 0)
		return fail_git(err, EW_IO, prefix);
	while ((e = git_reference_next_name(&name, it)) == 0) {
		if (!ew_str_starts(ew_str(name), prefix))
			continue;
		if (count == room) {
			struct ew_str *more = ew_arena_array(arena, room ? room * 2 : 16, sizeof *more);

			if (!more)
				break;
			if (count)
				memcpy(more, list, count * sizeof *more);
			list = more;
			room = room ? room * 2 : 16;
		}
		list[count] = ew_arena_str(arena, ew_str(name));
		if (!list[count].p)
			break;
		count++;
	}
	git_reference_iterator_free(it);
	if (e == 0)
		return ew_fail_nomem(err);
	if (e != GIT_ITEROVER)
		return fail_git(err, EW_IO, prefix);
	if (count)
		qsort(list, count, sizeof *list, by_name);
	*out = list;
	*n = count;
	return EW_OK;
}

/* --- revisions --- */

/* The id behind `name` in the header line that `rest` begins with; false if it is another. */
static bool
take_id(struct ew_oid *out, struct ew_str *rest, const char *name)
{
	struct ew_str line = ew_str_cut(rest, '\n');

	return ew_str_is(ew_str_cut(&line, ' '), name) && line.len == EW_OID_HEX &&
		ew_unhex(out->b, sizeof out->b, line);
}

/* Follow tags to a commit; rev->tag is the first of them. */
static enum ew_code
peel(struct ew_rev *rev, struct ew_repo *r, struct ew_oid id, struct ew_str text, struct ew_err *err)
{
	enum { NESTED_MOST = 8 };
	struct ew_buf bytes = { 0 };
	enum ew_object_type type = EW_TAG;
	enum ew_code rc = EW_OK;

	for (int i = 0; i < NESTED_MOST && type == EW_TAG && rc == EW_OK; i++) {
		struct ew_str rest;

		if ((rc = ew_repo_type(&type, r, &id, err)) == EW_NOTFOUND) {
			ew_err_clear(err);
			rc = ew_object_fail(err, &id, "missing");
		}
		if (rc != EW_OK || type != EW_TAG)
			break;
		if (i == 0)
			rev->tag = id;
		ew_buf_clear(&bytes);
		if ((rc = ew_repo_read(&bytes, r, &id, EW_TAG, err)) != EW_OK)
			break;
		rest = ew_buf_str(&bytes);
		if (!take_id(&id, &rest, "object"))
			rc = ew_object_fail(err, &id, "no tag that git writes");
	}
	ew_buf_release(&bytes);
	if (rc == EW_OK && type != EW_COMMIT)
		rc = ew_fail(err, EW_REFUSED, "%.*s: it names no commit", EW_FMT(text));
	rev->commit = id;
	return rc;
}

static bool
is_hex(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

/* A reference by the name a person gives it, in git's order. */
static enum ew_code
find_ref(struct ew_oid *id, struct ew_str *ref, struct ew_repo *r, struct ew_str base,
	struct ew_arena *arena, struct ew_err *err)
{
	static const char *const place[] = { "", "refs/tags/", "refs/heads/", "refs/remotes/" };
	char name[512];

	for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
		int valid = 0;
		enum ew_code rc;

		if (i == 0 && !ew_str_is(base, "HEAD") && !ew_str_starts(base, "refs/"))
			continue;
		snprintf(name, sizeof name, "%s%.*s", place[i], EW_FMT(base));
		if (git_reference_name_is_valid(&valid, name) < 0 || !valid)
			return ew_fail(err, EW_USAGE, "%.*s: this can be no revision", EW_FMT(base));
		if ((rc = ew_repo_ref(id, r, name, err)) != EW_OK)
			return rc;
		if (!ew_oid_is_zero(id)) {
			*ref = ew_arena_str(arena, ew_str(name));
			return ref->p ? EW_OK : ew_fail_nomem(err);
		}
	}
	return EW_OK;
}

static enum ew_code
find_id(struct ew_oid *id, struct ew_repo *r, struct ew_str hex, struct ew_err *err)
{
	git_oid part, full;
	int e;

	if (git_oid_fromstrn(&part, hex.p, hex.len) < 0)
		return fail_git(err, EW_USAGE, "commit id");
	e = git_odb_exists_prefix(&full, r->git_odb, &part, hex.len);
	if (e == GIT_EAMBIGUOUS)
		return ew_fail(err, EW_USAGE, "%.*s: several objects begin so; give more digits",
			EW_FMT(hex));
	if (e < 0)
		return ew_fail(err, EW_NOTFOUND, "%.*s: there is no such commit; see ellwand log",
			EW_FMT(hex));
	from_git(id, &full);
	return EW_OK;
}

/* ~N and ^ behind a revision: how many first parents to go back. */
static enum ew_code
cut_suffix(struct ew_str *base, uint64_t *back, struct ew_str text, struct ew_err *err)
{
	size_t end = 0;

	*back = 0;
	while (end < text.len && text.p[end] != '~' && text.p[end] != '^')
		end++;
	*base = ew_str_part(text, 0, end);
	while (end < text.len) {
		size_t from = end + 1, to = from;
		uint64_t n = 1;

		while (to < text.len && text.p[to] >= '0' && text.p[to] <= '9')
			to++;
		if ((to < text.len && text.p[to] != '~' && text.p[to] != '^') ||
		    (to > from && !ew_str_to_u64(ew_str_part(text, from, to), 1u << 30, &n)) ||
		    (text.p[end] == '^' && n != 1))
			return ew_fail(err, EW_USAGE, "%.*s: this can be no revision", EW_FMT(text));
		*back += n;
		end = to;
	}
	return EW_OK;
}

static enum ew_code
go_back(struct ew_oid *id, struct ew_repo *r, uint64_t back, struct ew_str text, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = EW_OK;

	for (; back && rc == EW_OK; back--) {
		struct ew_str rest;
		struct ew_oid tree;

		ew_buf_clear(&bytes);
		if ((rc = ew_repo_read(&bytes, r, id, EW_COMMIT, err)) != EW_OK)
			break;
		rest = ew_buf_str(&bytes);
		if (!take_id(&tree, &rest, "tree"))
			rc = ew_object_fail(err, id, "no commit that git writes");
		else if (!take_id(id, &rest, "parent"))
			rc = ew_fail(err, EW_NOTFOUND, "%.*s: the history is not that long",
				EW_FMT(text));
	}
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_repo_resolve(struct ew_rev *out, struct ew_repo *r, struct ew_str text, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_str base;
	struct ew_oid id;
	uint64_t back;
	enum ew_code rc;

	*out = (struct ew_rev){ .ref = { NULL, 0 } };
	if ((rc = cut_suffix(&base, &back, text, err)) != EW_OK)
		return rc;
	if (base.len == 0 || base.len > 400 || base.p[0] == '-' || memchr(base.p, 0, base.len))
		return ew_fail(err, EW_USAGE, "%.*s: this can be no revision", EW_FMT(text));
	if ((rc = find_ref(&id, &out->ref, r, base, arena, err)) != EW_OK)
		return rc;
	if (!out->ref.p) {
		if (ew_str_is(base, "HEAD"))
			return ew_fail(err, EW_NOTFOUND, "HEAD: the branch has no commit yet");
		if (base.len < 4 || base.len > EW_OID_HEX || !is_hex(base))
			return ew_fail(err, EW_NOTFOUND,
				"%.*s: there is no such release, branch or commit; see git tag, ellwand log",
				EW_FMT(base));
		if ((rc = find_id(&id, r, base, err)) != EW_OK)
			return rc;
	}
	if ((rc = peel(out, r, id, base, err)) != EW_OK)
		return rc;
	if (back) {
		out->tag = (struct ew_oid){ { 0 } };
		out->ref = (struct ew_str){ NULL, 0 };
	}
	return go_back(&out->commit, r, back, text, err);
}
