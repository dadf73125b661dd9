/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate of a server: whether a push may move a reference.  What the server's
 * branches hold was let in before; everything else is judged, whatever other
 * references already have it.  Who pushes can ask it before, of his own copy.
 */
#ifndef EW_OPS_GATE_H
#define EW_OPS_GATE_H

#include "ops/store.h"

struct ew_gate;

/* The caller frees `*out`, before the store. */
EW_MUST_USE enum ew_code ew_gate_open(struct ew_gate **out, struct ew_store *, struct ew_err *err);
/* The same beside a copy, whose branches are not the server's: only what an update begins with was let in. */
EW_MUST_USE enum ew_code ew_gate_open_copy(struct ew_gate **out, struct ew_store *, struct ew_err *err);
void ew_gate_free(struct ew_gate *);
/*
 * One update as git gives it to a pre-receive hook: two ids in hex, 40 zeros for none,
 * and the reference.  EW_DENIED, naming the reference, the commit and the rule, unless
 * it is a new or fast-forwarded branch, or a new release, all of whose commits stand.
 */
EW_MUST_USE enum ew_code ew_gate_update(struct ew_gate *, struct ew_str old_id, struct ew_str new_id,
	struct ew_str ref, struct ew_err *err);

#endif
