/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undoing deltas: an object from its base and what git's delta says of the difference
 * (gitformat-pack(5)).  A delta is not believed: every copy is checked against the base.
 */
#ifndef EW_REPO_UNDELTA_H
#define EW_REPO_UNDELTA_H

#include "base/str.h"

struct ew_undelta {
	uint64_t base, size; /* of the base it is for, and of the object it makes */
	struct ew_str steps; /* borrowed */
};

/* Read the two sizes a delta begins with; false if it is none. */
bool ew_undelta_init(struct ew_undelta *out, struct ew_str delta);
/* Write the object's `size` bytes; false if base and delta do not make exactly these. */
bool ew_undelta_apply(char *to, const struct ew_undelta *, struct ew_str base);

#endif
