/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs: a git pack (version 2) written object by object into a temporary file,
 * and its index (version 2).  gitformat-pack(5).  Compression runs in a thread of
 * the pack's own, so adding an object costs the caller a copy.  Nothing is visible
 * to git until ew_pack_keep() has renamed both files, the index last.
 */
#ifndef EW_REPO_PACK_H
#define EW_REPO_PACK_H

#include "base/buf.h"
#include "codec/hash.h"

struct ew_pack;

#define EW_PACK_NO_BASE SIZE_MAX

/* In `dir`, the repository's objects/pack. */
EW_MUST_USE enum ew_code ew_pack_open(struct ew_pack **out, const char *dir, struct ew_hash *,
	struct ew_err *err);
/* Closes and, unless it was kept, removes the file. */
void ew_pack_free(struct ew_pack *);
/*
 * Add an object that was not added before: its id, git's type number, and its bytes;
 * or, with the number of an earlier object as `base`, the delta from that one.  A
 * failure of an object before may be what is returned.
 */
EW_MUST_USE enum ew_code ew_pack_add(struct ew_pack *, const struct ew_oid *, unsigned type,
	size_t base, struct ew_str bytes, struct ew_err *err);
/* Append the bytes of the object added as number `index`, from 0, which must not be a delta; before ew_pack_keep(). */
EW_MUST_USE enum ew_code ew_pack_read(struct ew_buf *out, struct ew_pack *, size_t index,
	struct ew_err *err);
/*
 * Finish, read the whole file back and compare it with what was written, sync and
 * rename both files.
 */
EW_MUST_USE enum ew_code ew_pack_keep(struct ew_pack *, struct ew_err *err);

#endif
