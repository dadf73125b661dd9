/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pack files: a git pack and its index (both version 2, gitformat-pack(5)), mapped
 * and never changed, so that any number of threads can look at one at a time.  Neither
 * is believed: every count, length and offset is checked against the mapping before it
 * is followed.  What an object's bytes are worth only its digest says.
 *
 * git replaces packs but never writes into one; a file that is cut short while it is
 * mapped ends the process, here as in git.
 */
#ifndef EW_REPO_PACKFILE_H
#define EW_REPO_PACKFILE_H

#include "codec/hash.h"

struct ew_packfile;

/*
 * The index "DIR/pack-NAME.idx" and the pack beside it.  EW_NOTFOUND when one of them
 * is not there, EW_CORRUPT when they are damaged or do not belong together.
 */
EW_MUST_USE enum ew_code ew_packfile_open(struct ew_packfile **out, const char *index,
	struct ew_err *err);
/* The same of bytes that are borrowed, `name` standing for the pack's path. */
EW_MUST_USE enum ew_code ew_packfile_open_bytes(struct ew_packfile **out, const char *name,
	struct ew_str pack, struct ew_str index, struct ew_err *err);
/* One owner more or less, from any thread; the last one closes it. */
struct ew_packfile *ew_packfile_hold(struct ew_packfile *);
void ew_packfile_free(struct ew_packfile *);

/* The path of the pack, and the first 8 bytes of its checksum. */
const char *ew_packfile_path(const struct ew_packfile *);
uint64_t ew_packfile_checksum(const struct ew_packfile *);
/* The objects: how many, and the id of one by its place in the index. */
uint32_t ew_packfile_count(const struct ew_packfile *);
struct ew_oid ew_packfile_oid(const struct ew_packfile *, uint32_t at);
/* Where that object is, as ew_packfile_find() says, and its checksum; where the last one ends. */
uint64_t ew_packfile_offset(const struct ew_packfile *, uint32_t at);
uint32_t ew_packfile_crc(const struct ew_packfile *, uint32_t at);
uint64_t ew_packfile_end(const struct ew_packfile *);
/* EW_CORRUPT when the index does not have the checksum it says. */
EW_MUST_USE enum ew_code ew_packfile_check(const struct ew_packfile *, struct ew_hash *,
	struct ew_err *err);

/* Where an object is; false when it is not in the pack. */
bool ew_packfile_find(uint64_t *offset, const struct ew_packfile *, const struct ew_oid *);

/* The place of one among many objects. */
struct ew_place {
	const struct ew_packfile *pack; /* NULL: in none */
	uint64_t offset;
	size_t index; /* the object's number in ew_packs_order(); else 0 */
};
/* Fill in the places of those that have none yet, and are here; several are looked for at a time.  How many. */
size_t ew_packfile_find_all(struct ew_place *, const struct ew_packfile *, const struct ew_oid *oid,
	size_t n);

enum { EW_PACK_OFS_DELTA = 6, EW_PACK_REF_DELTA = 7 };

/* What stands at an offset. */
struct ew_pack_entry {
	unsigned type;      /* enum ew_object_type, or a delta */
	uint64_t size;      /* of the object or the delta, inflated */
	uint64_t base;      /* a delta's: the offset of its base */
	struct ew_str zlib; /* begins with its stream, ends with the pack */
};
/* What `bytes` say that stand at an offset; the base of a reference delta is left out. False if it cannot be. */
bool ew_pack_entry_parse(struct ew_pack_entry *out, struct ew_str bytes, uint64_t offset);
/* False when there can be no object at this offset. */
bool ew_packfile_entry(struct ew_pack_entry *out, const struct ew_packfile *, uint64_t offset);
/* Say that this will soon be asked. */
void ew_packfile_expect_entry(const struct ew_packfile *, uint64_t offset);
/*
 * The same for an object that is far from all others that are read: its first bytes are read
 * into `room`, which costs a fifth of mapping the pages around it.  `zlib` is cut off at the
 * end of the room.  False for deltas too, and for packs in which nothing is far.
 */
bool ew_packfile_entry_apart(struct ew_pack_entry *out, const struct ew_packfile *, uint64_t offset,
	char *room, size_t size);

#endif
