/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diffs: what changed between two versions, label by label, each change in its
 * class.  LABELS_FORMAT.md section 9.  The walk skips equal trees, so its cost
 * follows the change.
 */
#ifndef EW_OPS_DIFF_H
#define EW_OPS_DIFF_H

#include "model/change.h"
#include "ops/store.h"

struct ew_jsonw;

/* One side. */
struct ew_diff_side {
	struct ew_str rev;     /* as written */
	struct ew_str release; /* the name of the release that it is; absent for any other commit */
	char commit[41];
	int64_t time;          /* of the release, else of the commit */
	struct ew_str records, answers; /* pins, "ewr1:..." */
	uint64_t count;
};

struct ew_diff_change {
	struct ew_str id, split; /* split: of the new side, of the old one when removed */
	struct ew_str moved_from; /* the split of the old side, when it is another; else absent */
	enum ew_class cls;        /* EW_SAME only for a label that was moved and no more */
	unsigned facets;
	const struct ew_label *before, *after; /* NULL on the side that has none */
	struct ew_str before_record, after_record; /* the bytes of these labels, canonical JSON */
};

struct ew_diff {
	struct ew_diff_side from, to;
	uint64_t counts[EW_CLASS_COUNT];
	uint64_t facets[EW_FACET_COUNT];
	uint64_t common;   /* ids that both sides have */
	uint64_t rescored; /* of these, those whose new label may score a prediction otherwise */
	uint64_t moved;    /* of these, those that are now in another split */
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

/* Two labels that both sides have: false if every prediction scores as it did. */
bool ew_diff_rescores(enum ew_class, unsigned facets);

/* The revision as written, but a whole id cut to its start; borrowed. */
struct ew_str ew_diff_side_name(const struct ew_diff_side *);
/* A class as the heading of its changes, appended. */
void ew_diff_title(struct ew_buf *out, enum ew_class);
/*
 * A change for people, appended to two texts that show what changed and no more; with
 * `band`, limits too where they differ.  One of the texts stays empty when there is
 * one side only, or when the answer is the same.
 */
void ew_diff_describe(struct ew_buf *before, struct ew_buf *after, const struct ew_diff_change *,
	bool band);
/* The words of the facets, a blank between two, appended. */
void ew_diff_facets(struct ew_buf *out, unsigned facets);

/* schemas/ellwand.diff.json: one object; with `stat`, without its changes. */
void ew_diff_json(struct ew_buf *out, const struct ew_diff *, bool stat);
/* schemas/ellwand.diff-line.json: a line for the summary, then one for each change. */
void ew_diff_jsonl(struct ew_buf *out, const struct ew_diff *);
/* For a pull request: counts, and the changes of each class, the first 100 of them. */
void ew_diff_markdown(struct ew_buf *out, const struct ew_diff *, bool stat);

/*
 * Members of the documents of diffs, changelogs and compatibility, in the object that
 * is open: from, to, level, counts and facets; those of one change.
 */
void ew_diff_json_sides(struct ew_jsonw *, const struct ew_diff *);
void ew_diff_json_change(struct ew_jsonw *, const struct ew_diff_change *);

#endif
