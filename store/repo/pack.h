/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs: a git pack (version 2) written object by object into a temporary file,
 * and its index (version 2).  gitformat-pack(5).  Nothing is visible to git until
 * ew_pack_keep() has renamed both, the index last.
 */
#ifndef EW_REPO_PACK_H
#define EW_REPO_PACK_H

#include "base/buf.h"
#include "codec/hash.h"

struct ew_pack;

/* In `dir`, the repository's objects/pack. */
EW_MUST_USE enum ew_code ew_pack_open(struct ew_pack **out, const char *dir, struct ew_hash *,
	struct ew_err *err);
/* Closes and, unless it was kept, removes the file. */
void ew_pack_free(struct ew_pack *);
/* Add an object not added before: its id, git's type number, its size and its zlib stream. */
EW_MUST_USE enum ew_code ew_pack_add(struct ew_pack *, const struct ew_oid *, unsigned type,
	size_t size, struct ew_str zlib, struct ew_err *err);
/* Append the contents of the object that was added as number `index`, from 0; before ew_pack_keep(). */
EW_MUST_USE enum ew_code ew_pack_read(struct ew_buf *out, struct ew_pack *, size_t index,
	struct ew_err *err);
/* Finish, sync and rename both files. */
EW_MUST_USE enum ew_code ew_pack_keep(struct ew_pack *, struct ew_err *err);

#endif
