/* SPDX-License-Identifier: Apache-2.0 */
/* Changelogs: the changes between two versions by class, each with reason, author and commit. */
#ifndef EW_OPS_CHANGELOG_H
#define EW_OPS_CHANGELOG_H

#include "ops/diff.h"

/* The last commit on the newer version's line that changed the label. */
struct ew_changelog_entry {
	const struct ew_diff_change *change;
	struct ew_str reason;  /* of the commit, else of the label; absent when neither says one */
	struct ew_str subject; /* of the commit */
	struct ew_str author, cause;
	char commit[41];       /* "" when not known: then subject, author and cause are absent */
	int64_t time;
};

/* What one line tells: one entry, or all those of a class that one commit made. */
struct ew_changelog_item {
	enum ew_class cls;
	const struct ew_changelog_entry *const *entry;
	size_t entries;
};

struct ew_changelog {
	struct ew_diff diff;
	struct ew_str name;  /* of the data set */
	struct ew_str title; /* of the newer version: its release, or "Unreleased" */
	int64_t time;        /* of the newer version */
	struct ew_changelog_entry *entry; /* one for each change of the diff, in its order */
	size_t entries;
	struct ew_changelog_item *item; /* by class */
	size_t items;
	struct ew_arena arena;
};

/* The caller releases `out`, also after failure. */
EW_MUST_USE enum ew_code ew_changelog(struct ew_changelog *out, struct ew_store *, struct ew_str from,
	struct ew_str to, struct ew_err *err);
void ew_changelog_release(struct ew_changelog *);
/* Keep a Changelog: Added, Changed (by class, most telling first), Removed. */
void ew_changelog_markdown(struct ew_buf *out, const struct ew_changelog *);
/* The same as plain text: headings are indented by less than four columns, reasons by more. */
void ew_changelog_text(struct ew_buf *out, const struct ew_changelog *);
/* schemas/ellwand.changelog.json */
void ew_changelog_json(struct ew_buf *out, const struct ew_changelog *);

#endif
