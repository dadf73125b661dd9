/* SPDX-License-Identifier: Apache-2.0 */
/* Members that several JSON outputs have alike, each into an object that is open.  Private. */
#ifndef EW_OPS_PART_H
#define EW_OPS_PART_H

#include "codec/hash.h"
#include "codec/jsonw.h"

/* "records" and "answers". */
void ew_part_pins(struct ew_jsonw *, const struct ew_sha256 *records,
	const struct ew_sha256 *answers);
/* "time", RFC 3339 in UTC. */
void ew_part_time(struct ew_jsonw *, int64_t seconds);
/* "expires", the same, or null for 0. */
void ew_part_expires(struct ew_jsonw *, int64_t seconds);
/* 64 hex digits. */
void ew_part_digest(struct ew_jsonw *, const char *name, const struct ew_sha256 *);
/* Nothing when the value is absent. */
void ew_part_text(struct ew_jsonw *, const char *name, struct ew_str value);

#endif
