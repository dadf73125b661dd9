/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libgit2, loaded when there is need of it: most commands have none, and with all that it
 * brings along it takes a millisecond to load and four to start.  git_NAME() of <git2.h> is
 * called as NAME of a struct ew_libgit that was started.
 */
#ifndef EW_REPO_LIBGIT_H
#define EW_REPO_LIBGIT_H

#include "base/err.h"

#include <git2.h>

#define EW_LIBGIT_FUNCTIONS(X)                                                       \
	X(libgit2_init)                                                              \
	X(libgit2_opts)                                                              \
	X(libgit2_shutdown)                                                          \
	X(error_last)                                                                \
	X(repository_init_ext)                                                       \
	X(repository_open_ext)                                                       \
	X(repository_free)                                                           \
	X(repository_commondir)                                                      \
	X(repository_is_worktree)                                                    \
	X(repository_config)                                                         \
	X(repository_odb)                                                            \
	X(config_open_default)                                                       \
	X(config_open_level)                                                         \
	X(config_snapshot)                                                           \
	X(config_get_string)                                                         \
	X(config_set_string)                                                         \
	X(config_free)                                                               \
	X(odb_read)                                                                  \
	X(odb_read_header)                                                           \
	X(odb_exists_prefix)                                                         \
	X(odb_object_data)                                                           \
	X(odb_object_size)                                                           \
	X(odb_object_free)                                                           \
	X(odb_free)                                                                  \
	X(oid_fromstrn)                                                              \
	X(reference_create_matching)                                                 \
	X(reference_free)

struct ew_libgit {
	void *library; /* NULL until it is started */
#define EW_LIBGIT_MEMBER(name) __typeof__(git_##name) *name;
	EW_LIBGIT_FUNCTIONS(EW_LIBGIT_MEMBER)
#undef EW_LIBGIT_MEMBER
};

/* Load and start it, so that it writes durably; EW_IO if it cannot be. */
EW_MUST_USE enum ew_code ew_libgit_start(struct ew_libgit *, struct ew_err *err);
/* What was started only; all that came from it must be freed. */
void ew_libgit_stop(struct ew_libgit *);

/* The translation of its last error, with `what` before it. */
enum ew_code ew_libgit_fail(const struct ew_libgit *, enum ew_code, const char *what,
	struct ew_err *err);

#endif
