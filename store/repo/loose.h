/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loose objects: each a file "OBJECTS/2 digits/38 digits", one zlib stream of header
 * and bytes.
 */
#ifndef EW_REPO_LOOSE_H
#define EW_REPO_LOOSE_H

#include "base/buf.h"
#include "repo/gitobject.h"
#include "repo/inflate.h"

struct ew_loose;

/* Below the folder OBJECTS; the inflater is borrowed. */
EW_MUST_USE enum ew_code ew_loose_open(struct ew_loose **out, const char *objects,
	struct ew_inflater *, struct ew_err *err);
void ew_loose_free(struct ew_loose *);
/*
 * An object's type and bytes, borrowed until the next call; *found is false when there
 * is no such file.  EW_CORRUPT for one that is damaged, or larger than `max` bytes.
 * The bytes are not compared with the id.
 */
EW_MUST_USE enum ew_code ew_loose_read(struct ew_str *bytes, enum ew_object_type *, bool *found,
	struct ew_loose *, const struct ew_oid *, size_t max, struct ew_err *err);

#endif
