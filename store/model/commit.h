/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commit and tag objects: their bytes, strictly.  Exactly the headers that
 * LABELS_FORMAT.md sections 7 and 8 allow, in their order, one signature; so git,
 * this program and any other reader see the same thing.
 */
#ifndef EW_MODEL_COMMIT_H
#define EW_MODEL_COMMIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/hash.h"

enum { EW_PARENTS_MAX = 2 };

/* Who and when.  Strings are borrowed. */
struct ew_ident {
	struct ew_str name, email;
	int64_t time; /* seconds, 0 to 2^32-1; written with offset +0000 */
};
/* EW_USAGE with the reason unless git can hold it: no control characters, < or >, at most 255 bytes. */
EW_MUST_USE enum ew_code ew_ident_check(const struct ew_ident *, struct ew_err *err);

struct ew_commit {
	struct ew_oid tree, parent[EW_PARENTS_MAX];
	unsigned parents;
	struct ew_ident by;
	struct ew_str signature; /* the armour, unindented, ending in a newline; in the arena */
	struct ew_str payload;   /* what the signature is over; in the arena */
	struct ew_str message;   /* a slice of the object */
};
/* EW_REFUSED with the reason for anything else than the grammar. */
EW_MUST_USE enum ew_code ew_commit_parse(struct ew_commit *out, struct ew_arena *,
	struct ew_str object, struct ew_err *err);
/* Append the payload (the object without its signature) from tree, parents, by and message. */
void ew_commit_write_payload(struct ew_buf *out, const struct ew_commit *);
/* Append the whole object from a payload and the armour over it. */
void ew_commit_write(struct ew_buf *out, struct ew_str payload, struct ew_str armour);

struct ew_tag {
	struct ew_oid commit;
	struct ew_str name;
	struct ew_ident by;
	struct ew_str message;
	struct ew_str signature, payload;
};
EW_MUST_USE enum ew_code ew_tag_parse(struct ew_tag *out, struct ew_str object, struct ew_err *err);
/* Append the payload; the object is the payload followed by the armour. */
void ew_tag_write_payload(struct ew_buf *out, const struct ew_tag *);

#endif
