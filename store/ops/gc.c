/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/gc.h"

#include "base/file.h"
#include "ops/context.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 10000 };

/* Bytes below a folder, `depth` levels deep. */
static uint64_t
measure_dir(int at, const char *name, unsigned depth)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	uint64_t total = 0;

	while (d && (e = readdir(d))) {
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			total += (uint64_t)st.st_size;
		else if (S_ISDIR(st.st_mode) && depth)
			total += measure_dir(dirfd(d), e->d_name, depth - 1);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return total;
}

static uint64_t
measure(struct ew_store *s)
{
	struct ew_buf path = { 0 };
	uint64_t total;

	ew_buf_addf(&path, "%s/objects", ew_repo_path(s->repo));
	total = path.p ? measure_dir(AT_FDCWD, path.p, 2) : 0;
	ew_buf_release(&path);
	return total;
}

/* git with no configuration but the repository's, and nothing to say. */
static enum ew_code
run_git(struct ew_store *s, struct ew_err *err)
{
	static const char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "HOME=/nonexistent", NULL };
	struct ew_buf dir = { 0 };
	const char *argv[] = { "git", NULL, "gc", "--quiet", "--prune=2.weeks.ago", NULL };
	pid_t pid;
	int e, status = 0;

	ew_buf_addf(&dir, "--git-dir=%s", ew_repo_path(s->repo));
	if (ew_buf_check(&dir, err) != EW_OK)
		return err->code;
	argv[1] = dir.p;
	/* It takes them without const, and changes nothing. */
	e = posix_spawnp(&pid, "git", NULL, NULL, (char *const *)(uintptr_t)argv,
		(char *const *)(uintptr_t)env);
	ew_buf_release(&dir);
	if (e != 0)
		return ew_fail_errno(err, EW_IO, e, "git gc: cannot start git; install it");
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return ew_fail_errno(err, EW_IO, errno, "git gc");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return ew_fail(err, EW_IO, "git gc failed; run ellwand fsck, and git gc to see why");
	return EW_OK;
}

enum ew_code
ew_gc(struct ew_gc *out, struct ew_store *s, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	size_t removed;
	int lock = -1;
	enum ew_code rc;

	*out = (struct ew_gc){ 0 };
	ew_buf_addf(&path, "%s/ellwand.lock", ew_repo_path(s->repo));
	if ((rc = ew_buf_check(&path, err)) != EW_OK ||
	    (rc = ew_file_lock(&lock, path.p, LOCK_WAIT_MS, err)) != EW_OK)
		goto done;
	out->before = measure(s);
	if ((rc = ew_stage_sweep(&removed, s->repo, err)) == EW_OK && (rc = run_git(s, err)) == EW_OK)
		rc = ew_repo_refresh(s->repo, err);
	out->after = measure(s);
done:
	if (lock >= 0)
		close(lock);
	ew_buf_release(&path);
	return rc;
}
