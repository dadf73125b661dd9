/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's configuration, read: the system's file, the user's two and the repository's, as
 * git-config(1) has them.  Most files are plain: each line is a section, a comment, or a
 * name and what it is.  What is not, such as a file that includes another, is for libgit2,
 * which takes long to start.
 */
#ifndef EW_REPO_GITCONFIG_H
#define EW_REPO_GITCONFIG_H

#include "base/arena.h"
#include "base/err.h"

/* Where the files are.  Without a home, nothing is plain. */
struct ew_gitconfig_places {
	const char *git_dir;
	const char *home, *xdg_home; /* $HOME, and $XDG_CONFIG_HOME or NULL */
};

/* The value of "SECTION.NAME" or "SECTION.PART.NAME", in the arena, absent when it is not set; *plain is false when it is not known. */
EW_MUST_USE enum ew_code ew_gitconfig_read(struct ew_str *out, bool *plain,
	const struct ew_gitconfig_places *, const char *name, struct ew_arena *, struct ew_err *err);

/*
 * What the text of one file says last, a slice of it; *value stays as it was when it says
 * nothing.  False when the text, or what it says, is not plain.
 */
bool ew_gitconfig_find(struct ew_str *value, struct ew_str text, const char *name);

#endif
