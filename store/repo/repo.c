/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libgit2 1.5 as it was measured to behave, and what is done about it here:
 * - git_reference_create() compares nothing and may lose a race, so references
 *   move by git_reference_create_matching(), or without it (refs.c), only;
 * - after a failed fsync of a folder it returns an error though the reference has
 *   moved, so it is read again before anything is said;
 * - objects are synced only when GIT_OPT_ENABLE_FSYNC_GITDIR is set;
 * - git_revparse_*() takes a language of its own, so revision.c reads revisions;
 * - reading a loose object that is cut short may never come back, so objects are read
 *   by ew_repo_read() alone, and git_object_lookup() and its like are not called;
 * - replace references are honoured by git and not by libgit2, so they are refused.
 */
#include "repo/repo.h"

#include "base/file.h"
#include "repo/gitconfig.h"
#include "repo/libgit.h"
#include "repo/refs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ew_repo {
	struct ew_libgit lib; /* this and the next two: nothing until need_git() */
	git_repository *git;
	git_odb *git_odb;   /* for what `odb` does not find */
	struct ew_odb *odb; /* the repository's own objects */
	struct ew_hash *hash;
	char *dir, *path; /* as it was named; the .git folder, with no final slash */
	struct ew_gitconfig_places places; /* of the configuration; none are known of the user's at first */
};

static void
to_git(git_oid *out, const struct ew_oid *in)
{
	memcpy(out->id, in->b, sizeof in->b);
}

/* --- making and opening --- */

static enum ew_code
refuse_existing(const char *dir, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	struct stat st;
	enum ew_code rc;

	ew_buf_addf(&path, "%s/.git", dir);
	if ((rc = ew_buf_check(&path, err)) == EW_OK && lstat(path.p, &st) == 0)
		rc = ew_fail(err, EW_REFUSED, "%s: there is a repository already; choose another folder",
			dir);
	ew_buf_release(&path);
	return rc;
}

/* Folders for objects are made at once, so that only files need a sync later. */
static enum ew_code
make_folders(const char *repo, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	enum ew_code rc = EW_OK;

	for (unsigned i = 0; rc == EW_OK && i < 256; i++) {
		ew_buf_clear(&path);
		ew_buf_addf(&path, "%s/objects/%02x", repo, i);
		if ((rc = ew_buf_check(&path, err)) == EW_OK && mkdir(path.p, 0777) != 0)
			rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot make the directory", path.p);
	}
	if (rc == EW_OK)
		rc = ew_file_sync_parent(path.p, err);
	ew_buf_release(&path);
	return rc;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* What stays is said by who makes a store here next. */
static void
remove_all(const char *path)
{
	enum { OPEN_MOST = 16 };

	(void)!nftw(path, remove_one, OPEN_MOST, FTW_DEPTH | FTW_PHYS);
}

/* The lock is on the folder itself, so that no file of it stays there. */
static enum ew_code
lock_folder(int *fd, const char *dir, struct ew_err *err)
{
	*fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return EW_OK;
	if (*fd >= 0 && errno == EWOULDBLOCK)
		return ew_fail(err, EW_BUSY, "%s: another ellwand makes a store there; try again", dir);
	return ew_fail_errno(err, EW_IO, errno, "%s: cannot lock", dir);
}

static enum ew_code
make_repository(const char *path, const char *dir, struct ew_err *err)
{
	git_repository_init_options o = GIT_REPOSITORY_INIT_OPTIONS_INIT;
	git_repository *git = NULL;
	struct ew_libgit lib;
	enum ew_code rc = ew_libgit_start(&lib, err);

	if (rc != EW_OK)
		return rc;
	o.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKDIR | GIT_REPOSITORY_INIT_NO_REINIT;
	o.initial_head = "main";
	if (lib.repository_init_ext(&git, path, &o) < 0)
		rc = ew_libgit_fail(&lib, EW_IO, dir, err);
	lib.repository_free(git);
	ew_libgit_stop(&lib);
	return rc == EW_OK ? make_folders(path, err) : rc;
}

enum ew_code
ew_repo_begin(struct ew_repo_making *m, const char *dir, struct ew_err *err)
{
	enum ew_code rc;

	*m = (struct ew_repo_making){ .lock = -1 };
	ew_buf_addf(&m->path, "%s/.git-unfinished", dir);
	if ((rc = ew_buf_check(&m->path, err)) != EW_OK || (rc = refuse_existing(dir, err)) != EW_OK ||
	    (rc = ew_file_mkdir(dir, err)) != EW_OK || (rc = lock_folder(&m->lock, dir, err)) != EW_OK ||
	    (rc = refuse_existing(dir, err)) != EW_OK)
		return rc;
	remove_all(m->path.p); /* of one that was killed */
	m->begun = true;
	return make_repository(m->path.p, dir, err);
}

enum ew_code
ew_repo_finish(struct ew_repo_making *m, const char *dir, struct ew_err *err)
{
	struct ew_buf name = { 0 };
	enum ew_code rc;

	ew_buf_addf(&name, "%s/.git", dir);
	if ((rc = ew_buf_check(&name, err)) == EW_OK && rename(m->path.p, name.p) != 0)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot rename to %s", m->path.p, name.p);
	if (rc == EW_OK) {
		m->begun = false;
		rc = ew_file_sync_parent(name.p, err);
	}
	ew_buf_release(&name);
	return rc;
}

void
ew_repo_making_release(struct ew_repo_making *m)
{
	if (m->begun)
		remove_all(m->path.p);
	if (m->lock >= 0)
		close(m->lock);
	ew_buf_release(&m->path);
}

enum ew_code
ew_repo_init(const char *dir, struct ew_err *err)
{
	struct ew_repo_making m;
	enum ew_code rc = ew_repo_begin(&m, dir, err);

	if (rc == EW_OK)
		rc = ew_repo_finish(&m, dir, err);
	ew_repo_making_release(&m);
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
check_layout(struct ew_repo *r, struct ew_err *err)
{
	static const struct {
		const char *path, *what;
	} bad[] = {
		{ "info/grafts", "grafts change what git shows" },
		{ "objects/info/alternates", "objects are borrowed from another repository" },
		{ "shallow", "it is a shallow clone" },
	};
	struct ew_arena arena = { 0 };
	struct ew_str *name;
	size_t n;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (exists(r->path, bad[i].path))
			return ew_fail(err, EW_UNSUPPORTED, "%s: %s (%s/%s); use a full clone", r->dir,
				bad[i].what, r->path, bad[i].path);
	if (ew_refs_list(&name, &n, r->path, "refs/replace/", &arena, err) == EW_OK && n)
		ew_fail(err, EW_UNSUPPORTED,
			"%s: %.*s replaces an object; remove it with git replace -d", r->dir,
			EW_FMT(name[0]));
	ew_arena_release(&arena);
	return err->code;
}

static enum ew_code
open_git(struct ew_repo *r, struct ew_err *err)
{
	int e = r->lib.repository_open_ext(&r->git, r->dir,
		GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_FROM_ENV, NULL);
	const git_error *last = e < 0 ? r->lib.error_last() : NULL;
	const char *why = last && last->message ? last->message : "";

	if (e == 0)
		return EW_OK;
	if (e == GIT_ENOTFOUND && strstr(why, "could not find repository"))
		return ew_fail(err, EW_UNSUPPORTED,
			"%s: no store here; make one with ellwand init, or name one with -C DIR", r->dir);
	if (strstr(why, "extension name"))
		return ew_fail(err, EW_UNSUPPORTED, "%s: %s; convert it to plain SHA-1 git", r->dir, why);
	if (e == GIT_EOWNER || strstr(why, "config value 'safe.directory'"))
		return ew_fail(err, EW_IO,
			"%s: it belongs to another user; add it to git's safe.directory", r->dir);
	return ew_libgit_fail(&r->lib, EW_IO, r->dir, err);
}

/* To write, to read configuration, and for what is not of the plainest kind. */
static enum ew_code
need_git(struct ew_repo *r, struct ew_err *err)
{
	enum ew_code rc;

	if (r->git_odb)
		return EW_OK;
	if ((rc = ew_libgit_start(&r->lib, err)) != EW_OK)
		return rc;
	if ((rc = open_git(r, err)) == EW_OK && r->lib.repository_odb(&r->git_odb, r->git) < 0)
		rc = ew_libgit_fail(&r->lib, EW_IO, r->dir, err);
	if (rc != EW_OK) {
		r->lib.repository_free(r->git);
		r->git = NULL;
		ew_libgit_stop(&r->lib);
	}
	return rc;
}

static bool
is_folder(const char *path, uid_t *owner)
{
	struct stat st;

	if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return false;
	*owner = st.st_uid;
	return true;
}

/*
 * True for a repository of ours with nothing in its configuration that changes where
 * or what its objects and references are; then `path` is its .git folder.  Whatever
 * is not so plain is left to libgit2 to open, or to refuse.
 */
static bool
is_plain(struct ew_buf *path, const char *dir)
{
	static const char *const special[] = { "extensions", "include", "worktree", "repositoryformat" };
	struct ew_buf config = { 0 }, file = { 0 };
	struct ew_err why = { 0 };
	uid_t owner = 0, whole;
	bool plain;

	ew_buf_addf(path, "%s/.git", dir);
	plain = path->p && is_folder(path->p, &owner) && is_folder(dir, &whole) && owner == geteuid() &&
		whole == owner && exists(path->p, "objects") && exists(path->p, "refs") &&
		exists(path->p, "HEAD") && !exists(path->p, "commondir");
	if (plain) {
		ew_buf_addf(&file, "%s/config", path->p);
		plain = file.p && ew_file_read(&config, file.p, 1 << 16, &why) == EW_OK;
	}
	for (size_t i = 0; plain && i < config.len; i++)
		if (config.p[i] >= 'A' && config.p[i] <= 'Z')
			config.p[i] = (char)(config.p[i] + 32);
	for (size_t i = 0; plain && i < sizeof special / sizeof *special; i++) {
		const char *at = strstr(config.p, special[i]);

		/* Every repository says its version; only 0 is plain. */
		if (at && i == 3)
			at = strstr(config.p, "repositoryformatversion = 0") ? NULL : at;
		plain = !at;
	}
	ew_buf_release(&config);
	ew_buf_release(&file);
	return plain;
}

/* The .git folder, by looking or by libgit2. */
static enum ew_code
find_path(struct ew_repo *r, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	enum ew_code rc = EW_OK;

	if (!is_plain(&path, r->dir) && (rc = need_git(r, err)) == EW_OK) {
		ew_buf_clear(&path);
		ew_buf_adds(&path, r->lib.repository_commondir(r->git));
		if (r->lib.repository_is_worktree(r->git))
			rc = ew_fail(err, EW_UNSUPPORTED,
				"%s: it is a work tree of another repository; name that one", r->dir);
	}
	if (path.len > 1 && path.p[path.len - 1] == '/')
		path.p[--path.len] = '\0';
	if (rc == EW_OK && (rc = ew_buf_check(&path, err)) == EW_OK && !(r->path = strdup(path.p)))
		rc = ew_fail_nomem(err);
	ew_buf_release(&path);
	return rc;
}

static enum ew_code
open_objects(struct ew_repo *r, struct ew_err *err)
{
	struct ew_buf folder = { 0 };
	struct ew_packs *packs = NULL;
	enum ew_code rc;

	ew_buf_addf(&folder, "%s/objects", r->path);
	if ((rc = ew_buf_check(&folder, err)) == EW_OK &&
	    (rc = ew_packs_open(&packs, folder.p, err)) == EW_OK)
		rc = ew_odb_open(&r->odb, packs, err);
	ew_packs_free(packs);
	ew_buf_release(&folder);
	return rc;
}

enum ew_code
ew_repo_open(struct ew_repo **out, const char *dir, struct ew_err *err)
{
	struct ew_repo *r = calloc(1, sizeof *r);
	enum ew_code rc;

	*out = NULL;
	if (!r || !(r->dir = strdup(dir))) {
		free(r);
		return ew_fail_nomem(err);
	}
	if ((rc = find_path(r, err)) != EW_OK || (rc = check_layout(r, err)) != EW_OK ||
	    (rc = ew_hash_open(&r->hash, err)) != EW_OK || (rc = open_objects(r, err)) != EW_OK) {
		ew_repo_free(r);
		return rc;
	}
	r->places.git_dir = r->path;
	*out = r;
	return EW_OK;
}

void
ew_repo_free(struct ew_repo *r)
{
	if (!r)
		return;
	ew_odb_free(r->odb);
	if (r->git_odb) {
		r->lib.odb_free(r->git_odb);
		r->lib.repository_free(r->git);
		ew_libgit_stop(&r->lib);
	}
	ew_hash_free(r->hash);
	free(r->path);
	free(r->dir);
	free(r);
}

void
ew_repo_set_home(struct ew_repo *r, const char *home, const char *xdg_home)
{
	r->places.home = home;
	r->places.xdg_home = xdg_home;
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
read_config(struct ew_str *out, const struct ew_libgit *lib, git_config *c, int e, const char *name,
	struct ew_arena *arena, struct ew_err *err)
{
	git_config *snap = NULL;
	const char *value = NULL;

	*out = (struct ew_str){ NULL, 0 };
	if (e == 0)
		e = lib->config_snapshot(&snap, c);
	if (e == 0)
		e = lib->config_get_string(&value, snap, name);
	if (e == 0 && !(*out = ew_arena_str(arena, ew_str(value))).p)
		ew_fail_nomem(err);
	else if (e < 0 && e != GIT_ENOTFOUND)
		ew_libgit_fail(lib, EW_IO, name, err);
	lib->config_free(snap);
	lib->config_free(c);
	return err->code;
}

/* Without libgit2, unless that runs already; *plain is false when it has to look. */
static enum ew_code
config_by_hand(struct ew_str *out, bool *plain, struct ew_repo *r, const char *name,
	struct ew_arena *arena, struct ew_err *err)
{
	*plain = false;
	return r->git ? EW_OK : ew_gitconfig_read(out, plain, &r->places, name, arena, err);
}

enum ew_code
ew_repo_config(struct ew_str *out, struct ew_repo *r, const char *name, struct ew_arena *arena,
	struct ew_err *err)
{
	git_config *c = NULL;
	bool plain;
	enum ew_code rc = config_by_hand(out, &plain, r, name, arena, err);
	int e;

	if (rc != EW_OK || plain || (rc = need_git(r, err)) != EW_OK)
		return rc;
	e = r->lib.repository_config(&c, r->git);
	return read_config(out, &r->lib, c, e, name, arena, err);
}

enum ew_code
ew_user_config(struct ew_str *out, const char *name, struct ew_arena *arena, struct ew_err *err)
{
	git_config *c = NULL;
	struct ew_libgit lib;
	enum ew_code rc = ew_libgit_start(&lib, err);
	int e;

	if (rc != EW_OK)
		return rc;
	e = lib.config_open_default(&c);
	rc = read_config(out, &lib, c, e, name, arena, err);
	ew_libgit_stop(&lib);
	return rc;
}

enum ew_code
ew_repo_config_set(struct ew_repo *r, const char *name, const char *value, struct ew_err *err)
{
	git_config *c = NULL, *local = NULL;
	enum ew_code rc = need_git(r, err);
	int e;

	if (rc != EW_OK)
		return rc;
	if ((e = r->lib.repository_config(&c, r->git)) == 0 &&
	    (e = r->lib.config_open_level(&local, c, GIT_CONFIG_LEVEL_LOCAL)) == 0)
		e = r->lib.config_set_string(local, name, value);
	if (e < 0)
		ew_libgit_fail(&r->lib, EW_IO, name, err);
	r->lib.config_free(local);
	r->lib.config_free(c);
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
	enum ew_code rc = need_git(r, err);
	int e;

	if (rc != EW_OK)
		return rc;
	to_git(&id, oid);
	e = r->lib.odb_read_header(&len, &got, r->git_odb, &id);
	if (e < 0) {
		rc = ew_odb_check(r->odb, err);

		return rc != EW_OK ? rc
				   : ew_object_fail(err, oid, e == GIT_ENOTFOUND ? "missing" : "damaged");
	}
	if (got != (git_object_t)type)
		return ew_object_fail(err, oid, "of another type than its place says");
	if (len > ew_object_limit(type))
		return ew_object_fail(err, oid, "larger than the format allows");
	if (r->lib.odb_read(&o, r->git_odb, &id) < 0)
		return ew_object_fail(err, oid, "damaged");
	ew_buf_addmem(out, r->lib.odb_object_data(o), r->lib.odb_object_size(o));
	r->lib.odb_object_free(o);
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
	enum ew_code rc = need_git(r, err);
	int e;

	if (rc != EW_OK)
		return rc;
	to_git(&id, oid);
	e = r->lib.odb_read_header(&len, &type, r->git_odb, &id);
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

enum ew_code
ew_repo_abbreviated(struct ew_oid *out, struct ew_repo *r, struct ew_str hex, struct ew_err *err)
{
	git_oid part, full;
	enum ew_code rc = need_git(r, err);
	int e;

	if (rc != EW_OK)
		return rc;
	if (r->lib.oid_fromstrn(&part, hex.p, hex.len) < 0)
		return ew_libgit_fail(&r->lib, EW_USAGE, "commit id", err);
	e = r->lib.odb_exists_prefix(&full, r->git_odb, &part, hex.len);
	if (e == GIT_EAMBIGUOUS)
		return ew_fail(err, EW_USAGE, "%.*s: several objects begin so; give more digits",
			EW_FMT(hex));
	if (e < 0)
		return ew_fail(err, EW_NOTFOUND, "%.*s: there is no such commit; see ellwand log",
			EW_FMT(hex));
	memcpy(out->b, full.id, sizeof out->b);
	return EW_OK;
}

/* --- references --- */

enum ew_code
ew_repo_head(struct ew_str *ref, struct ew_repo *r, struct ew_arena *arena, struct ew_err *err)
{
	enum ew_code rc = ew_refs_symbolic(ref, r->path, "HEAD", arena, err);

	if (rc == EW_OK && !ref->p)
		rc = ew_fail(err, EW_REFUSED,
			"HEAD names no branch; choose one with git symbolic-ref HEAD refs/heads/main");
	return rc;
}

enum ew_code
ew_repo_ref(struct ew_oid *out, struct ew_repo *r, const char *ref, struct ew_err *err)
{
	return ew_refs_read(out, r->path, ref, err);
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

static enum ew_code
fail_elsewhere(const char *ref, struct ew_err *err)
{
	return ew_fail(err, EW_BUSY, "%s: another program moved it meanwhile; try again", ref);
}

/* After a failure, where the reference is says what came of it. */
static enum ew_code
fail_move(struct ew_repo *r, const char *ref, const struct ew_oid *from, const struct ew_oid *to,
	const struct ew_err *why, struct ew_err *err)
{
	struct ew_err look = { 0 };
	struct ew_oid now;

	if (ew_repo_ref(&now, r, ref, &look) != EW_OK || ew_oid_eq(&now, to))
		return ew_fail(err, EW_INDETERMINATE,
			"%s: the write may not be durable; run ellwand status to see where it is", ref);
	if (!ew_oid_eq(&now, from))
		return fail_elsewhere(ref, err);
	return ew_fail(err, why->code, "%s", why->msg);
}

enum { LOCK_TRIES = 50 };

static void
wait_for_lock(int tried)
{
	const struct timespec step = { .tv_nsec = 20 * 1000000L };

	if (tried)
		nanosleep(&step, NULL);
}

static enum ew_code
move_by_git(struct ew_repo *r, const char *ref, const struct ew_oid *from, const struct ew_oid *to,
	const char *why, struct ew_err *err)
{
	git_reference *made = NULL;
	git_oid old, new;
	struct ew_err failure = { 0 };
	enum ew_code rc = need_git(r, err);
	int e = GIT_ELOCKED;

	if (rc != EW_OK)
		return rc;
	to_git(&old, from);
	to_git(&new, to);
	for (int i = 0; i < LOCK_TRIES && e == GIT_ELOCKED; i++) {
		wait_for_lock(i);
		e = r->lib.reference_create_matching(&made, r->git, ref, &new, 1, &old, why);
	}
	r->lib.reference_free(made);
	if (e == 0)
		return EW_OK;
	if (e == GIT_ELOCKED)
		return fail_locked(r, ref, err);
	if (e == GIT_EMODIFIED || e == GIT_EEXISTS)
		fail_elsewhere(ref, &failure);
	else
		ew_libgit_fail(&r->lib, EW_IO, ref, &failure);
	return fail_move(r, ref, from, to, &failure, err);
}

static enum ew_code
move_by_hand(enum ew_ref_move *how, struct ew_repo *r, const char *ref, const struct ew_oid *from,
	const struct ew_oid *to, struct ew_err *err)
{
	struct ew_err failure = { 0 };
	enum ew_code rc = EW_OK;

	*how = EW_REF_LOCKED;
	for (int i = 0; i < LOCK_TRIES && rc == EW_OK && *how == EW_REF_LOCKED; i++) {
		wait_for_lock(i);
		rc = ew_refs_move(how, r->path, ref, from, to, &failure);
	}
	return rc == EW_OK ? EW_OK : fail_move(r, ref, from, to, &failure, err);
}

/* Bare, and nobody asked for logs: there are none. */
static bool
has_no_logs(struct ew_repo *r)
{
	struct ew_arena arena = { 0 };
	struct ew_err why = { 0 };
	struct ew_str bare, logs;
	bool plain, none;

	none = config_by_hand(&bare, &plain, r, "core.bare", &arena, &why) == EW_OK && plain &&
		ew_str_is(bare, "true") &&
		config_by_hand(&logs, &plain, r, "core.logAllRefUpdates", &arena, &why) == EW_OK && plain &&
		!logs.p;
	ew_arena_release(&arena);
	return none;
}

enum ew_code
ew_repo_ref_move(struct ew_repo *r, const char *ref, const struct ew_oid *from,
	const struct ew_oid *to, const char *why, struct ew_err *err)
{
	enum ew_ref_move how = EW_REF_NOT_LOOSE;
	enum ew_code rc = has_no_logs(r) ? move_by_hand(&how, r, ref, from, to, err) : EW_OK;

	if (rc != EW_OK)
		return rc;
	switch (how) {
	case EW_REF_MOVED:
		return EW_OK;
	case EW_REF_LOCKED:
		return fail_locked(r, ref, err);
	case EW_REF_ELSEWHERE:
		return fail_elsewhere(ref, err);
	case EW_REF_NOT_LOOSE:
		break;
	}
	return move_by_git(r, ref, from, to, why, err);
}

enum ew_code
ew_repo_refs(struct ew_str **out, size_t *n, struct ew_repo *r, const char *prefix,
	struct ew_arena *arena, struct ew_err *err)
{
	return ew_refs_list(out, n, r->path, prefix, arena, err);
}
