/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sections: what a snapshot holds, a collection each.  Private to snapshot.c, which reads
 * and writes them, and transition.c, which goes from one tree to the next.
 */
#ifndef EW_REPO_SECTION_H
#define EW_REPO_SECTION_H

#include "repo/transition.h"

/* Folders that hold one collection for each name in them. */
enum { EW_GROUPS = 4 };

struct ew_section {
	struct ew_str name; /* "labels/test" */
	struct ew_oid tree;
	struct ew_collection *collection; /* NULL until it is asked for */
};

/* An upper tree as it was written last, which the next version of it differs little from. */
struct ew_upper {
	struct ew_oid oid;
	struct ew_buf bytes;
};

struct ew_snapshot {
	struct ew_repo *repo;
	struct ew_cache *cache;
	struct ew_arena arena;
	struct {
		struct ew_oid oid; /* zero: absent, or set and not yet written */
		struct ew_str bytes; /* .p NULL until read or set */
	} file[EW_FILE_COUNT];
	struct ew_section *section; /* ascending by name */
	size_t sections, room;
	struct ew_pin_split *pin; /* what ew_snapshot_pins() gave last */
	size_t pin_room;
	struct ew_upper group[EW_GROUPS], root;
	struct ew_manifest *manifest; /* each NULL until it is asked for */
	struct ew_policy *policy;
	struct ew_signers *signers, *before; /* before: those before the last transition */
};

/* Add one, zero for an empty tree, in its place by name. */
EW_MUST_USE enum ew_code ew_section_add(struct ew_section **out, struct ew_snapshot *, struct ew_str name,
	const struct ew_oid *tree, struct ew_err *err);
/* NULL when there is none. */
struct ew_section *ew_section_find(struct ew_snapshot *, struct ew_str name);
/* Its collection, with the fan-out that the manifest gives it. */
EW_MUST_USE enum ew_code ew_section_open(struct ew_collection **out, struct ew_snapshot *,
	struct ew_section *, struct ew_err *err);
EW_MUST_USE enum ew_code ew_section_fail_fanout(struct ew_str name, struct ew_err *err);
/* The split whose labels it holds; absent for other records. */
struct ew_str ew_section_split(const struct ew_section *);

/* The file is not what was parsed of it any more. */
void ew_snapshot_forget_file(struct ew_snapshot *, enum ew_file_kind);

#endif
