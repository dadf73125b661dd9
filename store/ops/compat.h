/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compatibility: whether results published against one version hold for another,
 * and which version number the change demands.  LABELS_FORMAT.md section 9.
 */
#ifndef EW_OPS_COMPAT_H
#define EW_OPS_COMPAT_H

#include "ops/diff.h"

/* What becomes of results that were published against the older version. */
#define EW_RESULTS_OF(X)                     \
	X(EW_RESULTS_VALID, "valid")     /* every score is as it would be now */ \
	X(EW_RESULTS_REGRADE, "regrade") /* the predictions serve: grade them again */ \
	X(EW_RESULTS_RERUN, "rerun")     /* there are questions that were not asked */
enum ew_results {
#define X(name, word) name,
	EW_RESULTS_OF(X)
#undef X
};
const char *ew_results_word(enum ew_results);

struct ew_compat {
	struct ew_diff diff; /* counts only */
	enum ew_level level;
	enum ew_step step;       /* that the policy of the newer version demands */
	struct ew_str advised;   /* the version after `from`; absent if that is none, or no step is due */
	uint64_t reasked;        /* labels in common whose question changed */
	enum ew_results results;
	struct ew_arena arena;
};
/* The caller releases `out`, also after failure. */
EW_MUST_USE enum ew_code ew_compat(struct ew_compat *out, struct ew_store *, struct ew_str from,
	struct ew_str to, struct ew_err *err);
void ew_compat_release(struct ew_compat *);
/* True if labels of this class alone make a version score-affecting. */
bool ew_compat_affects(enum ew_class);
/* schemas/ellwand.compat.json */
void ew_compat_json(struct ew_buf *out, const struct ew_compat *);

#endif
