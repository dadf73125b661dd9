/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Housekeeping, while no ellwand writes: what was stored as it is becomes compressed, then
 * git's own `gc` makes one pack of all packs and of what single revisions left loose.  git
 * keeps unreachable objects of the last two weeks, so a stock git that writes beside it
 * loses nothing.
 */
#ifndef EW_OPS_GC_H
#define EW_OPS_GC_H

#include "ops/store.h"

struct ew_gc {
	uint64_t before, after; /* bytes of all objects on disk */
};
/*
 * EW_BUSY while another ellwand writes; EW_IO when there is no git, or it fails; EW_CORRUPT
 * names a damaged object.  Whenever it ends, the store holds what it held.
 */
EW_MUST_USE enum ew_code ew_gc(struct ew_gc *out, struct ew_store *, struct ew_err *err);

#endif
