/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest, ellwand.json: which data set this is and how it is laid out.
 * LABELS_FORMAT.md section 4.3.
 */
#ifndef EW_MODEL_MANIFEST_H
#define EW_MODEL_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"

enum { EW_FORMAT = 1, EW_FANOUT_MAX = 8, EW_UUID_LEN = 36 };

struct ew_manifest {
	struct ew_str dataset, name, licence; /* licence: .p NULL when absent */
	struct ew_fanout {
		struct ew_str collection;
		unsigned levels;
	} *fanout; /* ascending by JCS order of the names */
	size_t fanouts;
};

/* True for the name of a collection: "instances", "labels/test", "audits/2026". */
bool ew_collection_ok(struct ew_str name);

/* EW_UNSUPPORTED for a greater format, EW_REFUSED for anything else that is not a manifest. */
EW_MUST_USE enum ew_code ew_manifest_parse(struct ew_manifest *out, struct ew_arena *,
	struct ew_str bytes, struct ew_err *err);
/* Append the record's canonical bytes. */
void ew_manifest_write(struct ew_buf *out, const struct ew_manifest *);
/* The fan-out of a collection, or -1. */
int ew_manifest_fanout(const struct ew_manifest *, struct ew_str collection);
/* Set it, in the arena; EW_REFUSED for more collections than an object has members. */
EW_MUST_USE enum ew_code ew_manifest_set_fanout(struct ew_manifest *, struct ew_arena *,
	struct ew_str collection, unsigned levels, struct ew_err *err);
/* The fan-out, 0 to EW_FANOUT_MAX, for a collection first filled with n records. */
unsigned ew_fanout_for(uint64_t n);
/* True for a UUID in lower-case hex with its four dashes. */
bool ew_uuid_ok(struct ew_str);
/* 16 random bytes as an RFC 4122 version 4 UUID, appended. */
void ew_uuid_write(struct ew_buf *out, const unsigned char random[16]);

#endif
