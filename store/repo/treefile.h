/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees: the bytes of a git tree object, strictly: modes 100644 and 40000 only,
 * names ascending in git's order and no two the same (libgit2 accepts duplicates,
 * and then disagrees with git about which of them counts).
 */
#ifndef EW_REPO_TREEFILE_H
#define EW_REPO_TREEFILE_H

#include "base/buf.h"
#include "codec/hash.h"

struct ew_tree_item {
	struct ew_str name; /* borrowed from the bytes */
	struct ew_oid oid;
	bool folder;
};

struct ew_tree_reader {
	struct ew_str bytes;
	const struct ew_oid *tree; /* for messages */
	size_t at;
	struct ew_tree_item last;
};

void ew_tree_reader_init(struct ew_tree_reader *, struct ew_str bytes, const struct ew_oid *tree);
/* The next item; false at the end, or with err set (EW_CORRUPT naming the tree). */
bool ew_tree_next(struct ew_tree_reader *, struct ew_tree_item *out, struct ew_err *err);

/* git's order of two folders by their names, which is not that of the bytes. <0, 0, >0. */
int ew_tree_folder_cmp(struct ew_str a, struct ew_str b);
/* Append one item; the caller keeps git's order. */
void ew_tree_add(struct ew_buf *, bool folder, struct ew_str name, const struct ew_oid *);

#endif
