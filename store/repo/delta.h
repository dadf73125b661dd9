/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deltas: git's form of an object as changes to another (gitformat-pack(5)).  Made
 * for trees of which one entry was patched: what both begin and end with is
 * copied, what is between is inserted.
 */
#ifndef EW_REPO_DELTA_H
#define EW_REPO_DELTA_H

#include "base/buf.h"

/* Append the delta that makes `target` of `base`; neither is larger than 16 MiB. */
void ew_delta_write(struct ew_buf *out, struct ew_str base, struct ew_str target);

#endif
