/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: names of releases, vMAJOR.MINOR[.PATCH].  LABELS_FORMAT.md section 8. */
#ifndef EW_MODEL_VERSION_H
#define EW_MODEL_VERSION_H

#include "model/change.h"

/* A version of two numbers has the patch 0: v1.0 and v1.0.0 are equal, though two names. */
struct ew_version {
	uint64_t major, minor, patch;
};
/* EW_USAGE with the reason unless `text` is a version; numbers have no leading zeros. */
EW_MUST_USE enum ew_code ew_version_parse(struct ew_version *out, struct ew_str text,
	struct ew_err *err);
int ew_version_cmp(const struct ew_version *, const struct ew_version *);
/* The step from a to b, b greater than a. */
enum ew_step ew_version_step(const struct ew_version *a, const struct ew_version *b);

#endif
