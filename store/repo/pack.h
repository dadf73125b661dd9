/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs: a git pack (version 2, gitformat-pack(5)) written object by object into a
 * temporary file, and its index.  Objects are stored as they are, which costs nothing, unless
 * they come compressed.  A thread of the pack's own writes, and when there are no more
 * objects reads the whole file back, compares it with what was added and makes it
 * durable.  Nothing is visible to git until ew_pack_keep() has renamed both files, the
 * index last.
 */
#ifndef EW_REPO_PACK_H
#define EW_REPO_PACK_H

#include "base/buf.h"
#include "repo/oidtable.h"
#include "repo/packfile.h"

struct ew_pack;

#define EW_PACK_NO_BASE SIZE_MAX

/* In `dir`, the repository's objects/pack. */
EW_MUST_USE enum ew_code ew_pack_open(struct ew_pack **out, const char *dir, struct ew_err *err);
/* Closes and, unless it was kept, removes the files. */
void ew_pack_free(struct ew_pack *);
/*
 * Add an object, whose number is how many were added before: git's type number, and its
 * bytes; or, with the number of an earlier object as `base`, the delta from that one.  A
 * failure of an object before may be what is returned.
 */
EW_MUST_USE enum ew_code ew_pack_add(struct ew_pack *, unsigned type, size_t base,
	struct ew_str bytes, struct ew_err *err);
/*
 * Add an object of which there is a zlib stream already, of `size` bytes; with a `base` it
 * is a delta's, and of a reference delta it follows the id of its base.
 */
EW_MUST_USE enum ew_code ew_pack_add_stream(struct ew_pack *, unsigned type, size_t base,
	uint64_t size, struct ew_str zlib, struct ew_err *err);
/* Append the bytes of the object with this number, which must not be a delta of a delta; before ew_pack_end(). */
EW_MUST_USE enum ew_code ew_pack_read(struct ew_buf *out, struct ew_pack *, size_t number,
	struct ew_err *err);

/*
 * There are no more objects, and there is at least one.  Takes their ids, in the order of
 * their numbers, and leaves the table empty; the thread does the rest.
 */
EW_MUST_USE enum ew_code ew_pack_end(struct ew_pack *, struct ew_oidtable *ids, struct ew_err *err);
/* The same by its id, once the pack has ended; *found is false if it is not there. */
EW_MUST_USE enum ew_code ew_pack_find(struct ew_buf *out, bool *found, struct ew_pack *,
	const struct ew_oid *, struct ew_err *err);
/* Wait until both files are durable under their temporary names; memory is then given back. */
EW_MUST_USE enum ew_code ew_pack_finish(struct ew_pack *, struct ew_err *err);
/* A finished pack as it can be read. */
const struct ew_packfile *ew_pack_file(const struct ew_pack *);
/* Rename both files of a finished pack, durably. */
EW_MUST_USE enum ew_code ew_pack_keep(struct ew_pack *, struct ew_err *err);

#endif
