/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ready records: written and hashed apart from the edit that will hold them, by whatever
 * thread has the time.
 */
#ifndef EW_OPS_READY_H
#define EW_OPS_READY_H

#include "model/instance.h"
#include "model/label.h"
#include "model/pin.h"

struct ew_ready {
	struct ew_str id, bytes; /* the bytes are absent while there is no record */
	struct ew_oid oid;
	struct ew_leaf leaf; /* the key of the id; of a label, both hashes too */
	bool label;
};

/* What makes them; each thread has its own. */
struct ew_ready_maker {
	struct ew_hash *hash;
	struct ew_buf bytes, scored; /* scratch */
};
void ew_ready_maker_release(struct ew_ready_maker *); /* but for the hash */

/*
 * The record of a label that passes ew_label_check(), or of an instance, its bytes in the
 * arena, its id borrowed; `key` is the SHA-256 of that.  EW_REFUSED, naming the id, when it
 * is larger than 1 MiB.
 */
EW_MUST_USE enum ew_code ew_ready_label(struct ew_ready *out, struct ew_ready_maker *,
	const struct ew_label *, const struct ew_sha256 *key, struct ew_arena *, struct ew_err *err);
EW_MUST_USE enum ew_code ew_ready_instance(struct ew_ready *out, struct ew_ready_maker *,
	const struct ew_instance *, const struct ew_sha256 *key, struct ew_arena *, struct ew_err *err);
/* Only the id of the record's blob; EW_REFUSED as above. */
EW_MUST_USE enum ew_code ew_ready_label_oid(struct ew_oid *out, struct ew_ready_maker *,
	const struct ew_label *, struct ew_err *err);
EW_MUST_USE enum ew_code ew_ready_instance_oid(struct ew_oid *out, struct ew_ready_maker *,
	const struct ew_instance *, struct ew_err *err);
/* Copy id and bytes, if there are any, into the arena. */
EW_MUST_USE enum ew_code ew_ready_keep(struct ew_ready *, struct ew_arena *, struct ew_err *err);

#endif
