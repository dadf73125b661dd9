/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diffs: what changed between two versions, label by label, each change in its
 * class.  LABELS_FORMAT.md section 9.  The walk skips equal trees.
 */
#ifndef EW_OPS_DIFF_H
#define EW_OPS_DIFF_H

#include "model/change.h"
#include "ops/store.h"

/* One side. */
struct ew_diff_side {
	struct ew_str rev;    /* as written */
	char commit[41];
	struct ew_str records, answers; /* pins, "ewr1:..." */
	uint64_t count;
};

struct ew_diff_change {
	struct ew_str id, split; /* split: of the new side, of the old one when removed */
	enum ew_class class;     /* never EW_SAME */
	unsigned facets;
	const struct ew_label *before, *after; /* NULL on the side that has none */
};

struct ew_diff {
	struct ew_diff_side from, to;
	uint64_t counts[EW_CLASS_COUNT];
	uint64_t facets[EW_FACET_COUNT];
	struct ew_diff_change *change; /* by split, then id; only the classes asked for */
	size_t changes;
	enum ew_level level;
	struct ew_arena arena;
};

struct ew_diff_opts {
	bool stat;        /* counts only: `change` stays empty */
	unsigned classes; /* bits 1 << enum ew_class of the changes to keep; 0: all */
};

/* The caller releases `out`, also after failure. */
EW_MUST_USE enum ew_code ew_diff(struct ew_diff *out, struct ew_store *, struct ew_str from,
	struct ew_str to, const struct ew_diff_opts *, struct ew_err *err);
void ew_diff_release(struct ew_diff *);

/* schemas/ellwand.diff.json: one object; with `stat`, without its changes. */
void ew_diff_json(struct ew_buf *out, const struct ew_diff *, bool stat);
/* schemas/ellwand.diff-line.json: a line for the summary, then one for each change. */
void ew_diff_jsonl(struct ew_buf *out, const struct ew_diff *);
/* For a pull request. */
void ew_diff_markdown(struct ew_buf *out, const struct ew_diff *, bool stat);

#endif
