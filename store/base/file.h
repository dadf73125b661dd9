/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: with fileset.h the only writer of files below the objects.  A file is replaced
 * whole (temporary file beside it, write, fsync, rename, fsync of the directory), so a
 * reader sees the old bytes or the new ones, and what was acknowledged survives a power
 * cut.  Only what can be made again does without the fsyncs.
 */
#ifndef EW_BASE_FILE_H
#define EW_BASE_FILE_H

#include "base/buf.h"

/* Append the whole file to `out`, at most `max` bytes (0: no limit but the buffer's). */
EW_MUST_USE enum ew_code ew_file_read(struct ew_buf *out, const char *path, size_t max,
	struct ew_err *err);
/* The same from an open descriptor; `name` is for messages. */
EW_MUST_USE enum ew_code ew_file_read_fd(struct ew_buf *out, int fd, const char *name, size_t max,
	struct ew_err *err);

/*
 * One piece more of an open descriptor; *more is false at its end.  A signal may cut a
 * piece short, even to nothing, so that a caller who waits for input can look at it.
 */
EW_MUST_USE enum ew_code ew_file_read_piece(struct ew_buf *out, bool *more, int fd,
	const char *name, struct ew_err *err);

/* All bytes to a descriptor, through short writes and EINTR. */
EW_MUST_USE enum ew_code ew_file_write_fd(int fd, const char *name, struct ew_str bytes,
	struct ew_err *err);

/*
 * A temporary file "DIR/tmp_ellwand_XXXXXX", opened for reading and writing, mode
 * 0444 less the umask.  `path` receives its name.  The caller closes `*fd`, and
 * renames or unlinks the file; `gc` and the next writer clear what a crash left.
 */
EW_MUST_USE enum ew_code ew_file_temp(int *fd, struct ew_buf *path, const char *dir,
	struct ew_err *err);
/*
 * The same for a file that a user names: beside it, with the mode of any new file.
 * EW_USAGE if what is there is a device, a folder or a link, whose place a rename should
 * not take.
 */
EW_MUST_USE enum ew_code ew_file_temp_for(int *fd, struct ew_buf *temp, const char *path,
	struct ew_err *err);
/* fsync, close and rename a temporary file to `path`, then fsync its directory. */
EW_MUST_USE enum ew_code ew_file_keep(int fd, const char *temp, const char *path,
	struct ew_err *err);
/* fsync and close alone; closes also when it fails. */
EW_MUST_USE enum ew_code ew_file_seal(int fd, const char *temp, struct ew_err *err);
/* The names in a directory made durable; and those beside `path`. */
EW_MUST_USE enum ew_code ew_file_sync_folder(const char *dir, struct ew_err *err);
EW_MUST_USE enum ew_code ew_file_sync_parent(const char *path, struct ew_err *err);

/* Replace `path` by `bytes`, atomically but not durably: for what can be made again. */
EW_MUST_USE enum ew_code ew_file_replace(const char *path, struct ew_str bytes, struct ew_err *err);

/* Replace a file that a user names, as for ew_file_temp_for(), atomically and durably. */
EW_MUST_USE enum ew_code ew_file_save(const char *path, struct ew_str bytes, struct ew_err *err);

/* Make one directory (0777 less the umask) durably; an existing one is fine. */
EW_MUST_USE enum ew_code ew_file_mkdir(const char *path, struct ew_err *err);

/*
 * An exclusive flock() on `path`, made if absent; waits at most `wait_ms`, then
 * EW_BUSY.  Freed by close(fd), and by the kernel when the process dies.
 */
EW_MUST_USE enum ew_code ew_file_lock(int *fd, const char *path, int wait_ms, struct ew_err *err);

/* A read-only mapping of a whole file; an empty file maps to {NULL, 0}. */
struct ew_mapped {
	struct ew_str bytes;
};
/* EW_NOTFOUND when there is no such file. */
EW_MUST_USE enum ew_code ew_file_map(struct ew_mapped *out, const char *path, struct ew_err *err);
void ew_file_unmap(struct ew_mapped *);

#endif
