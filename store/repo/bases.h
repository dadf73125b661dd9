/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bases: objects that deltas were lately undone from, kept since the next delta is
 * often of the same one.  Never more than EW_BASES_MAX bytes.  A base is known by the
 * checksum of its pack, so that it is found again, and no other, when a pack was
 * mapped anew.
 */
#ifndef EW_REPO_BASES_H
#define EW_REPO_BASES_H

#include "base/buf.h"
#include "repo/gitobject.h"

struct ew_bases;

enum { EW_BASES_MAX = 1 << 25 };

/* Where a base is: the first bytes of its pack's checksum, and its offset. */
struct ew_base_key {
	uint64_t pack, offset;
};

EW_MUST_USE enum ew_code ew_bases_open(struct ew_bases **out, struct ew_err *err);
void ew_bases_free(struct ew_bases *);
/* False when it is not kept; *bytes are borrowed until the next ew_bases_put(). */
bool ew_bases_find(struct ew_str *bytes, enum ew_object_type *, struct ew_bases *,
	struct ew_base_key);
/* Takes the bytes, which leaves the buffer empty; what is too large is freed. */
void ew_bases_put(struct ew_bases *, struct ew_base_key, enum ew_object_type, struct ew_buf *bytes);

#endif
