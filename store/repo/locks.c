/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/locks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 32 };

/* The caller's, beside HEAD. */
#define OWN_LOCK "ellwand.lock"

/* True if a process has the file open, as far as /proc lets us see. */
static bool
is_open(const struct stat *lock)
{
	DIR *proc = opendir("/proc");
	struct dirent *p;
	bool found = false;

	while (proc && !found && (p = readdir(proc))) {
		struct ew_buf path = { 0 };
		struct dirent *f;
		DIR *fds;

		if (p->d_name[0] < '0' || p->d_name[0] > '9')
			continue;
		ew_buf_addf(&path, "/proc/%s/fd", p->d_name);
		fds = path.p ? opendir(path.p) : NULL;
		while (fds && !found && (f = readdir(fds))) {
			struct stat st;

			found = fstatat(dirfd(fds), f->d_name, &st, 0) == 0 &&
				st.st_dev == lock->st_dev && st.st_ino == lock->st_ino;
		}
		if (fds)
			closedir(fds);
		ew_buf_release(&path);
	}
	if (proc)
		closedir(proc);
	return found;
}

static void
clear_one(uint64_t *removed, int dir, const char *name, const char *where, int64_t now,
	struct ew_err *err)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (now - st.st_mtime < EW_LOCK_STALE || is_open(&st))
		ew_fail(err, EW_BUSY,
			"%s/%s: its writer may be alive, it is %lld s old; try again in a minute", where,
			name, (long long)(now - st.st_mtime));
	else if (unlinkat(dir, name, 0) == 0)
		++*removed;
	else
		ew_fail_errno(err, EW_IO, errno, "%s/%s: cannot remove", where, name);
}

/* `deep`: also the folders below.  What cannot be listed holds no lock of ours. */
static void
clear_dir(uint64_t *removed, const char *path, bool deep, unsigned depth, int64_t now,
	struct ew_err *err)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    (!deep && strcmp(e->d_name, OWN_LOCK) == 0) || /* a branch may have that name */
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISREG(st.st_mode) && ew_str_ends(ew_str(e->d_name), ".lock"))
			clear_one(removed, dirfd(d), e->d_name, path, now, err);
		if (S_ISDIR(st.st_mode) && deep && depth < DEPTH_MAX) {
			struct ew_buf below = { 0 };

			ew_buf_addf(&below, "%s/%s", path, e->d_name);
			if (below.p)
				clear_dir(removed, below.p, deep, depth + 1, now, err);
			ew_buf_release(&below);
		}
	}
	if (d)
		closedir(d);
}

enum ew_code
ew_locks_clear(uint64_t *removed, struct ew_repo *repo, int64_t now, struct ew_err *err)
{
	struct ew_buf refs = { 0 };
	enum ew_code rc;

	*removed = 0;
	clear_dir(removed, ew_repo_path(repo), false, 0, now, err);
	ew_buf_addf(&refs, "%s/refs", ew_repo_path(repo));
	if ((rc = ew_buf_check(&refs, err)) == EW_OK)
		clear_dir(removed, refs.p, true, 0, now, err);
	ew_buf_release(&refs);
	return err->code;
}
