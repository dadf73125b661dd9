/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpackers: the bytes of an object at its place in a pack, deltas undone.  What a
 * thread needs for that of its own: scratch memory and the bases it met lately.
 *
 * Nothing is inflated before its size is known to be allowed, and the bytes are not
 * compared with an id: ew_odb_read() does.
 */
#ifndef EW_REPO_UNPACKER_H
#define EW_REPO_UNPACKER_H

#include "base/buf.h"
#include "repo/gitobject.h"
#include "repo/inflate.h"
#include "repo/packfile.h"

struct ew_unpacker;

enum { EW_CHAIN_MAX = 4096 }; /* deltas upon deltas; git writes at most 4095 */

/* The inflater is borrowed. */
EW_MUST_USE enum ew_code ew_unpacker_open(struct ew_unpacker **out, struct ew_inflater *,
	struct ew_err *err);
void ew_unpacker_free(struct ew_unpacker *);

/*
 * Append the object at an offset.  EW_CORRUPT, naming it by `oid`, if it is damaged, of
 * another type, or larger than the format allows; `out` is then as it was.
 */
EW_MUST_USE enum ew_code ew_unpacker_read(struct ew_buf *out, struct ew_unpacker *,
	const struct ew_packfile *, uint64_t offset, const struct ew_oid *oid, enum ew_object_type,
	struct ew_err *err);
/* Its type alone, which needs no inflating. */
EW_MUST_USE enum ew_code ew_unpacker_type(enum ew_object_type *out, struct ew_unpacker *,
	const struct ew_packfile *, uint64_t offset, const struct ew_oid *oid, struct ew_err *err);
/* EW_CORRUPT: the object at an offset is damaged. */
enum ew_code ew_unpacker_fail(struct ew_err *err, const struct ew_packfile *, uint64_t offset,
	const struct ew_oid *oid);

#endif
