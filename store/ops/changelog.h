/* SPDX-License-Identifier: Apache-2.0 */
/* Changelogs: the changes between two versions by class, each with reason, author and commit. */
#ifndef EW_OPS_CHANGELOG_H
#define EW_OPS_CHANGELOG_H

#include "ops/diff.h"

struct ew_changelog_entry {
	const struct ew_diff_change *change;
	struct ew_str reason, author, cause; /* of the last commit that changed it; absent: none found */
	char commit[41];                     /* "" when not known */
	int64_t time;
};

struct ew_changelog {
	struct ew_diff diff;
	struct ew_str name; /* of the data set */
	struct ew_str title; /* of the newer version: release name, or the revision */
	int64_t time;       /* of the newer version */
	struct ew_changelog_entry *entry; /* one for each change of the diff, in its order */
	size_t entries;
	struct ew_arena arena;
};

EW_MUST_USE enum ew_code ew_changelog(struct ew_changelog *out, struct ew_store *, struct ew_str from,
	struct ew_str to, struct ew_err *err);
void ew_changelog_release(struct ew_changelog *);
/* Keep a Changelog: Added, Changed (by class), Removed. */
void ew_changelog_markdown(struct ew_buf *out, const struct ew_changelog *);
/* schemas/ellwand.changelog.json */
void ew_changelog_json(struct ew_buf *out, const struct ew_changelog *);

#endif
