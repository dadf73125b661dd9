/* SPDX-License-Identifier: Apache-2.0 */
/* Pack indexes, written: git's version 2, gitformat-pack(5). */
#ifndef EW_REPO_PACKINDEX_H
#define EW_REPO_PACKINDEX_H

#include "base/err.h"
#include "codec/hash.h"

/* Where an object of a pack is, and the checksum of its header and stream. */
struct ew_packed {
	uint64_t offset;
	uint32_t crc;
};

/*
 * Write the index of `n` objects, of which the i-th has the id oid[i] and stands at
 * packed[i], in a pack with the checksum `sum`, to a descriptor; `name` is for messages.
 */
EW_MUST_USE enum ew_code ew_packindex_write(int fd, const char *name, struct ew_hash *,
	const struct ew_oid *oid, const struct ew_packed *packed, size_t n, const struct ew_oid *sum,
	struct ew_err *err);

#endif
