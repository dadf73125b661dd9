/* SPDX-License-Identifier: Apache-2.0 */
/* Instances: one question to a model.  LABELS_FORMAT.md section 4.2. */
#ifndef EW_MODEL_INSTANCE_H
#define EW_MODEL_INSTANCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/hash.h"

/* All strings are borrowed. */
struct ew_instance {
	struct ew_str id;
	struct ew_str input;      /* canonical JSON object; .p is NULL when only the digest is stored */
	struct ew_sha256 digest;  /* of the input's canonical JSON, always set */
	struct ew_str attributes; /* canonical JSON object; .p NULL means {} */
};

/*
 * EW_REFUSED with the reason unless the id is one and the record is at most 1 MiB.
 * Input and attributes must be canonical JSON already.
 */
EW_MUST_USE enum ew_code ew_instance_check(const struct ew_instance *, struct ew_err *err);

/* Parse a stored record into the arena; strict, as ew_label_parse(). */
EW_MUST_USE enum ew_code ew_instance_parse(struct ew_instance *out, struct ew_arena *,
	struct ew_hash *, struct ew_str bytes, struct ew_err *err);
/*
 * An instance's canonical bytes, cut at their members as ew_label_cut_checked() does: each
 * is the JSON that stands there, borrowed; the input is absent when only its digest is
 * stored.
 */
struct ew_instance_cut {
	struct ew_str attributes, id, input;
};
EW_MUST_USE enum ew_code ew_instance_cut(struct ew_instance_cut *out, struct ew_str record,
	struct ew_err *err);
void ew_instance_write(struct ew_buf *out, const struct ew_instance *);

/* An attribute as text (strings as they are, integers and booleans as JSON writes them); absent if there is none. */
EW_MUST_USE enum ew_code ew_instance_attribute(struct ew_str *out, const struct ew_instance *,
	struct ew_str name, struct ew_arena *, struct ew_err *err);

#endif
