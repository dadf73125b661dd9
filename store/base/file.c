/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { READ_STEP = 1 << 16 };

enum ew_code
ew_file_read_piece(struct ew_buf *out, bool *more, int fd, const char *name, struct ew_err *err)
{
	char *to = ew_buf_room(out, READ_STEP);
	ssize_t n;

	if (!to)
		return ew_buf_check(out, err);
	n = read(fd, to, READ_STEP);
	if (n < 0 && errno != EINTR)
		return ew_fail_errno(err, EW_IO, errno, "%s: cannot read", name);
	*more = n != 0;
	if (n > 0)
		out->len += (size_t)n;
	out->p[out->len] = '\0';
	return EW_OK;
}

enum ew_code
ew_file_read_fd(struct ew_buf *out, int fd, const char *name, size_t max, struct ew_err *err)
{
	const size_t from = out->len;
	bool more = true;
	enum ew_code rc = EW_OK;

	while (more && (rc = ew_file_read_piece(out, &more, fd, name, err)) == EW_OK)
		if (max && out->len - from > max)
			return ew_fail(err, EW_REFUSED, "%s: larger than %zu bytes; split it", name,
				max);
	return rc;
}

enum ew_code
ew_file_read(struct ew_buf *out, const char *path, size_t max, struct ew_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum ew_code rc;

	if (fd < 0)
		return ew_fail_errno(err, errno == ENOENT ? EW_NOTFOUND : EW_IO, errno,
			"%s: cannot open", path);
	rc = ew_file_read_fd(out, fd, path, max, err);
	close(fd);
	return rc;
}

enum ew_code
ew_file_write_fd(int fd, const char *name, struct ew_str bytes, struct ew_err *err)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ew_fail_errno(err, EW_IO, errno, "%s: cannot write", name);
		bytes.p += n;
		bytes.len -= (size_t)n;
	}
	return EW_OK;
}

static enum ew_code
open_temp(int *fd, struct ew_buf *path, struct ew_str dir, mode_t mode, struct ew_err *err)
{
	mode_t mask;

	ew_buf_clear(path);
	ew_buf_addf(path, "%.*s/tmp_ellwand_XXXXXX", EW_FMT(dir));
	if (path->bad != EW_OK)
		return ew_buf_check(path, err);
	*fd = mkostemp(path->p, O_CLOEXEC);
	if (*fd < 0)
		return ew_fail_errno(err, EW_IO, errno, "%.*s: cannot make a temporary file", EW_FMT(dir));
	mask = umask(0);
	umask(mask);
	if (fchmod(*fd, mode & ~mask) != 0) {
		ew_fail_errno(err, EW_IO, errno, "%s: cannot set its mode", path->p);
		close(*fd);
		*fd = -1;
		unlink(path->p);
		return err->code;
	}
	return EW_OK;
}

enum ew_code
ew_file_temp(int *fd, struct ew_buf *path, const char *dir, struct ew_err *err)
{
	return open_temp(fd, path, ew_str(dir), 0444, err);
}

/* The folder that a file is in; "/" alone ends in a slash. */
static struct ew_str
dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return EW_LIT(".");
	return ew_str_n(path, slash == path ? 1 : (size_t)(slash - path));
}

enum ew_code
ew_file_temp_for(int *fd, struct ew_buf *temp, const char *path, struct ew_err *err)
{
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return ew_fail(err, EW_USAGE, "%s: no regular file; name another", path);
	return open_temp(fd, temp, dir_of(path), 0666, err);
}

enum ew_code
ew_file_sync_folder(const char *dir, struct ew_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		ew_fail_errno(err, EW_IO, errno, "%s: cannot sync the directory", dir);
	if (fd >= 0)
		close(fd);
	return err->code;
}

enum ew_code
ew_file_sync_parent(const char *path, struct ew_err *err)
{
	struct ew_buf dir = { 0 };
	enum ew_code rc;

	ew_buf_add(&dir, dir_of(path));
	if ((rc = ew_buf_check(&dir, err)) == EW_OK)
		rc = ew_file_sync_folder(dir.p, err);
	ew_buf_release(&dir);
	return rc;
}

enum ew_code
ew_file_seal(int fd, const char *temp, struct ew_err *err)
{
	if (fsync(fd) != 0) {
		ew_fail_errno(err, EW_IO, errno, "%s: cannot sync", temp);
		close(fd);
		return err->code;
	}
	return close(fd) == 0 ? EW_OK : ew_fail_errno(err, EW_IO, errno, "%s: cannot close", temp);
}

enum ew_code
ew_file_keep(int fd, const char *temp, const char *path, struct ew_err *err)
{
	enum ew_code rc = ew_file_seal(fd, temp, err);

	if (rc != EW_OK)
		return rc;
	if (rename(temp, path) != 0)
		return ew_fail_errno(err, EW_IO, errno, "%s: cannot rename to %s", temp, path);
	return ew_file_sync_parent(path, err);
}

enum ew_code
ew_file_replace(const char *path, struct ew_str bytes, struct ew_err *err)
{
	struct ew_buf temp = { 0 };
	int fd = -1;
	enum ew_code rc;

	if ((rc = open_temp(&fd, &temp, dir_of(path), 0444, err)) != EW_OK)
		goto done;
	rc = ew_file_write_fd(fd, temp.p, bytes, err);
	if (close(fd) != 0 && rc == EW_OK)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot close", temp.p);
	if (rc == EW_OK && rename(temp.p, path) != 0)
		rc = ew_fail_errno(err, EW_IO, errno, "%s: cannot rename to %s", temp.p, path);
	if (rc != EW_OK)
		unlink(temp.p);
done:
	ew_buf_release(&temp);
	return rc;
}

enum ew_code
ew_file_save(const char *path, struct ew_str bytes, struct ew_err *err)
{
	struct ew_buf temp = { 0 };
	int fd = -1;
	enum ew_code rc = ew_file_temp_for(&fd, &temp, path, err);

	if (rc != EW_OK)
		goto done;
	if ((rc = ew_file_write_fd(fd, temp.p, bytes, err)) == EW_OK)
		rc = ew_file_keep(fd, temp.p, path, err);
	else
		close(fd);
	if (rc != EW_OK)
		unlink(temp.p);
done:
	ew_buf_release(&temp);
	return rc;
}

enum ew_code
ew_file_mkdir(const char *path, struct ew_err *err)
{
	struct stat st;

	if (mkdir(path, 0777) == 0)
		return ew_file_sync_parent(path, err);
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return EW_OK;
	return ew_fail_errno(err, EW_IO, errno, "%s: cannot make the directory", path);
}

enum ew_code
ew_file_lock(int *fd, const char *path, int wait_ms, struct ew_err *err)
{
	enum { STEP_MS = 20 };
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (*fd < 0)
		return ew_fail_errno(err, EW_IO, errno, "%s: cannot open the lock", path);
	for (int waited = 0; flock(*fd, LOCK_EX | LOCK_NB) != 0; waited += STEP_MS) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			ew_fail_errno(err, EW_IO, errno, "%s: cannot lock", path);
		else if (waited >= wait_ms)
			ew_fail(err, EW_BUSY, "%s: another ellwand is writing; try again", path);
		if (err->code != EW_OK) {
			close(*fd);
			*fd = -1;
			return err->code;
		}
		nanosleep(&step, NULL);
	}
	return EW_OK;
}

enum ew_code
ew_file_map(struct ew_mapped *out, const char *path, struct ew_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	*out = (struct ew_mapped){ { NULL, 0 } };
	if (fd < 0)
		return ew_fail_errno(err, errno == ENOENT ? EW_NOTFOUND : EW_IO, errno,
			"%s: cannot open", path);
	if (fstat(fd, &st) != 0)
		ew_fail_errno(err, EW_IO, errno, "%s: cannot look at it", path);
	else if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED)
			ew_fail_errno(err, EW_IO, errno, "%s: cannot map", path);
		else
			out->bytes = ew_str_n(p, (size_t)st.st_size);
	}
	close(fd);
	return err->code;
}

void
ew_file_unmap(struct ew_mapped *m)
{
	if (m->bytes.len)
		munmap((void *)(uintptr_t)m->bytes.p, m->bytes.len);
	m->bytes = (struct ew_str){ NULL, 0 };
}
