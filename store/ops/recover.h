/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery: what a writer that was killed leaves behind, removed.  LABELS_FORMAT.md section 12. */
#ifndef EW_OPS_RECOVER_H
#define EW_OPS_RECOVER_H

#include "ops/store.h"

struct ew_recovered {
	uint64_t locks, temporaries; /* removed */
};
/* EW_BUSY if another ellwand is writing, or a lock's writer may be alive. */
EW_MUST_USE enum ew_code ew_recover(struct ew_recovered *out, struct ew_store *, struct ew_err *err);

#endif
