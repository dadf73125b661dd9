/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fileset.h"

#include "base/arena.h"
#include "base/crew.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file {
	const char *temp, *path, *folder; /* temp is NULL once it has its name */
	int fd;                           /* -1 once it is synced */
};

struct ew_fileset {
	const char *dir;
	struct ew_buf files, temp;
	struct ew_arena arena; /* of names */
};

enum ew_code
ew_fileset_open(struct ew_fileset **out, const char *dir, struct ew_err *err)
{
	struct ew_fileset *s = calloc(1, sizeof *s);

	*out = s;
	if (s && (s->dir = ew_arena_str(&s->arena, ew_str(dir)).p))
		return EW_OK;
	free(s);
	*out = NULL;
	return ew_fail_nomem(err);
}

static struct file *
file_at(const struct ew_fileset *s, size_t i)
{
	return (struct file *)(void *)s->files.p + i;
}

static size_t
count(const struct ew_fileset *s)
{
	return s->files.len / sizeof(struct file);
}

static void
discard(const struct file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->temp)
		unlink(f->temp);
}

void
ew_fileset_free(struct ew_fileset *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < count(s); i++)
		discard(file_at(s, i));
	ew_buf_release(&s->files);
	ew_buf_release(&s->temp);
	ew_arena_release(&s->arena);
	free(s);
}

enum ew_code
ew_fileset_add(struct ew_fileset *s, const char *path, struct ew_str bytes, struct ew_err *err)
{
	const char *slash = strrchr(path, '/');
	const struct ew_str folder = slash ? ew_str_n(path, (size_t)(slash - path)) : EW_LIT(".");
	struct file f = { .fd = -1 };
	enum ew_code rc = ew_file_temp(&f.fd, &s->temp, s->dir, err);

	if (rc != EW_OK)
		return rc;
	f.path = ew_arena_str(&s->arena, ew_str(path)).p;
	f.folder = ew_arena_str(&s->arena, folder).p;
	f.temp = ew_arena_str(&s->arena, ew_buf_str(&s->temp)).p;
	if (f.path && f.folder && f.temp)
		ew_buf_addmem(&s->files, &f, sizeof f);
	if (!f.path || !f.folder || !f.temp || s->files.bad != EW_OK) {
		f.temp = s->temp.p;
		discard(&f);
		return ew_fail_nomem(err);
	}
	return ew_file_write_fd(f.fd, f.temp, bytes, err);
}

/* --- keeping --- */

/* Whoever keeps house there may take a folder away while it is empty. */
static enum ew_code
name(struct file *f, struct ew_err *err)
{
	enum { TRIES = 10 };

	for (int i = 1; rename(f->temp, f->path) != 0; i++) {
		enum ew_code rc;

		if (errno != ENOENT || i == TRIES)
			return ew_fail_errno(err, EW_IO, errno, "%s: cannot rename to %s", f->temp, f->path);
		if ((rc = ew_file_mkdir(f->folder, err)) != EW_OK)
			return rc;
	}
	f->temp = NULL;
	return EW_OK;
}

/* What one hand does for one file. */
static enum ew_code
keep(void *tool, void *file, struct ew_err *err)
{
	struct file *f = file;
	enum ew_code rc = ew_file_seal(f->fd, f->temp, err);

	(void)tool;
	f->fd = -1;
	if (rc != EW_OK || (rc = name(f, err)) != EW_OK)
		return rc;
	return ew_file_sync_folder(f->folder, err);
}

enum ew_code
ew_fileset_keep(struct ew_fileset *s, struct ew_err *err)
{
	/* More hands than the machine has: they wait. */
	const size_t n = count(s), hands = n < EW_CREW_MOST ? n : EW_CREW_MOST;
	void *const tool[EW_CREW_MOST] = { NULL };
	struct ew_crew *crew;
	void *done;
	enum ew_code rc;

	if (n == 0)
		return EW_OK;
	if ((rc = ew_crew_open(&crew, hands, n, keep, tool, err)) != EW_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		ew_crew_give(crew, file_at(s, i));
	do
		rc = ew_crew_take(&done, crew, err);
	while (rc == EW_OK && done);
	ew_crew_free(crew);
	return rc;
}
