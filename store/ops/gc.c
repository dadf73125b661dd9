/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/gc.h"

#include "base/file.h"
#include "ops/context.h"
#include "repo/repack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 10000, STEP_MS = 20 };

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

/* git with no configuration but the repository's, nothing to say, and in a group that signals do not reach. */
static enum ew_code
start_git(pid_t *pid, struct ew_store *s, struct ew_err *err)
{
	static const char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "HOME=/nonexistent", NULL };
	struct ew_buf dir = { 0 };
	const char *argv[] = { "git", NULL, "gc", "--quiet", "--prune=2.weeks.ago", NULL };
	posix_spawnattr_t attr;
	int e;

	ew_buf_addf(&dir, "--git-dir=%s", ew_repo_path(s->repo));
	if (ew_buf_check(&dir, err) != EW_OK)
		return err->code;
	argv[1] = dir.p;
	if ((e = posix_spawnattr_init(&attr)) == 0) {
		if ((e = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP)) == 0)
			/* It takes them without const, and changes nothing. */
			e = posix_spawnp(pid, "git", NULL, &attr, (char *const *)(uintptr_t)argv,
				(char *const *)(uintptr_t)env);
		posix_spawnattr_destroy(&attr);
	}
	ew_buf_release(&dir);
	return e == 0 ? EW_OK : ew_fail_errno(err, EW_IO, e, "git gc: cannot start git; install it");
}

/*
 * Wait for git, also when the user gives up: git that is killed can leave a lock behind,
 * and git that goes on by itself would be in the way of the next gc.
 */
static enum ew_code
wait_for_git(int *status, pid_t pid, const struct ew_progress *progress, struct ew_err *err)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	uint64_t waited = 0;
	pid_t ended;

	while ((ended = waitpid(pid, status, WNOHANG)) != pid) {
		struct ew_err ignored = { 0 };

		if (ended < 0 && errno != EINTR)
			return ew_fail_errno(err, EW_IO, errno, "git gc");
		(void)!ew_progress(progress, "git gc, seconds", waited / 1000, 0, &ignored);
		nanosleep(&step, NULL);
		waited += STEP_MS;
	}
	return EW_OK;
}

static enum ew_code
run_git(struct ew_store *s, struct ew_err *err)
{
	pid_t pid;
	int status = 0;
	enum ew_code rc;

	if ((rc = start_git(&pid, s, err)) != EW_OK ||
	    (rc = wait_for_git(&status, pid, s->opts.progress, err)) != EW_OK)
		return rc;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return ew_fail(err, EW_IO, "git gc failed; run ellwand fsck, and git gc to see why");
	return EW_OK;
}

enum ew_code
ew_gc(struct ew_gc *out, struct ew_store *s, struct ew_err *err)
{
	struct ew_buf path = { 0 };
	size_t removed, packs;
	int lock = -1;
	enum ew_code rc;

	*out = (struct ew_gc){ 0 };
	ew_buf_addf(&path, "%s/ellwand.lock", ew_repo_path(s->repo));
	if ((rc = ew_buf_check(&path, err)) != EW_OK ||
	    (rc = ew_file_lock(&lock, path.p, LOCK_WAIT_MS, err)) != EW_OK)
		goto done;
	out->before = measure(s);
	if ((rc = ew_stage_sweep(&removed, s->repo, err)) == EW_OK &&
	    (rc = ew_repack(&packs, s->repo, s->opts.progress, err)) == EW_OK &&
	    (rc = run_git(s, err)) == EW_OK)
		rc = ew_repo_refresh(s->repo, err);
	out->after = measure(s);
done:
	if (lock >= 0)
		close(lock);
	ew_buf_release(&path);
	return rc;
}
