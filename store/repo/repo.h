/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The repository: a refs-only git repository.  Its objects are read by repo/odb.h, its
 * references and configuration by repo/refs.h and repo/gitconfig.h, and what is rare by
 * libgit2 (repo/libgit.h), which is called by this file's implementation alone; the traps
 * it walks around are named there.
 *
 * Refused at open as EW_UNSUPPORTED: what is no git repository, SHA-256 object
 * names, other extensions, grafts, alternates and replace refs, each because git
 * and this library could then see different contents.
 */
#ifndef EW_REPO_REPO_H
#define EW_REPO_REPO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/progress.h"
#include "repo/odb.h"

struct ew_repo;

/* Make DIR (if absent) and DIR/.git, bare, HEAD at refs/heads/main; EW_REFUSED if there is a repository. */
EW_MUST_USE enum ew_code ew_repo_init(const char *dir, struct ew_err *err);
/*
 * The same in two steps, for one that nobody shall see before there is something in it:
 * it is made at `path`, and then becomes DIR/.git.  EW_BUSY while another is made there.
 * Releasing removes one that was not finished; it may be done after any failure.
 */
struct ew_repo_making {
	struct ew_buf path;
	int lock;
	bool begun;
};
EW_MUST_USE enum ew_code ew_repo_begin(struct ew_repo_making *out, const char *dir,
	struct ew_err *err);
EW_MUST_USE enum ew_code ew_repo_finish(struct ew_repo_making *, const char *dir,
	struct ew_err *err);
void ew_repo_making_release(struct ew_repo_making *);
/* Open the repository at DIR, DIR/.git or, failing these, EW_UNSUPPORTED. */
EW_MUST_USE enum ew_code ew_repo_open(struct ew_repo **out, const char *dir, struct ew_err *err);
void ew_repo_free(struct ew_repo *);
/* The .git folder, with no final slash. */
const char *ew_repo_path(const struct ew_repo *);
struct ew_hash *ew_repo_hash(struct ew_repo *);

/*
 * Where the user's files of git's configuration are: $HOME, and $XDG_CONFIG_HOME or NULL,
 * which outlive the handle.  Unless this is said, libgit2 finds out, which takes long.
 */
void ew_repo_set_home(struct ew_repo *, const char *home, const char *xdg_home);
/* A value of git's configuration, in the arena; absent when it is not set. */
EW_MUST_USE enum ew_code ew_repo_config(struct ew_str *out, struct ew_repo *, const char *name,
	struct ew_arena *, struct ew_err *err);
/* The same outside any repository: the user's and the system's configuration. */
EW_MUST_USE enum ew_code ew_user_config(struct ew_str *out, const char *name, struct ew_arena *,
	struct ew_err *err);
/* Set a value in the repository's own configuration. */
EW_MUST_USE enum ew_code ew_repo_config_set(struct ew_repo *, const char *name, const char *value,
	struct ew_err *err);

/*
 * Append an object's bytes.  Its size is checked before it is read and its digest
 * after: EW_CORRUPT names the object if it is missing, damaged or of another type.
 */
EW_MUST_USE enum ew_code ew_repo_read(struct ew_buf *out, struct ew_repo *, const struct ew_oid *,
	enum ew_object_type, struct ew_err *err);
/* The type of an object of any type; EW_NOTFOUND if there is none. */
EW_MUST_USE enum ew_code ew_repo_type(enum ew_object_type *out, struct ew_repo *,
	const struct ew_oid *, struct ew_err *err);
/* The one object whose id begins with these 4 to 39 hex digits; EW_USAGE if several do, EW_NOTFOUND if none. */
EW_MUST_USE enum ew_code ew_repo_abbreviated(struct ew_oid *out, struct ew_repo *,
	struct ew_str hex, struct ew_err *err);
/* See objects that were written since; after new packs. */
EW_MUST_USE enum ew_code ew_repo_refresh(struct ew_repo *, struct ew_err *err);
/*
 * What reads the repository's own objects, for other threads to share its packs and for
 * reading in the order of the disk; it does not see objects that a hook is asked about.
 */
struct ew_odb *ew_repo_odb(struct ew_repo *);

/* The full name of the branch HEAD names, in the arena; EW_REFUSED when HEAD is detached. */
EW_MUST_USE enum ew_code ew_repo_head(struct ew_str *ref, struct ew_repo *, struct ew_arena *,
	struct ew_err *err);
/* The object a full reference name points to, itself unpeeled; all zero when there is none. */
EW_MUST_USE enum ew_code ew_repo_ref(struct ew_oid *out, struct ew_repo *, const char *ref,
	struct ew_err *err);
/*
 * Move a reference from `from` (all zero: it must not exist) to `to`, durably,
 * comparing under git's own lock.  EW_BUSY if it is not at `from` or locked (the
 * message names a lock left behind); EW_INDETERMINATE if it may have moved.
 */
EW_MUST_USE enum ew_code ew_repo_ref_move(struct ew_repo *, const char *ref,
	const struct ew_oid *from, const struct ew_oid *to, const char *why, struct ew_err *err);
/* Full names of the references under a prefix ("refs/tags/"), sorted, in the arena. */
EW_MUST_USE enum ew_code ew_repo_refs(struct ew_str **out, size_t *n, struct ew_repo *,
	const char *prefix, struct ew_arena *, struct ew_err *err);

#endif
