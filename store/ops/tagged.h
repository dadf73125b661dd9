/* SPDX-License-Identifier: Apache-2.0 */
/* The releases there are, from the tags.  Private to the operations. */
#ifndef EW_OPS_TAGGED_H
#define EW_OPS_TAGGED_H

#include "model/release.h"
#include "model/version.h"
#include "ops/context.h"

struct ew_tagged {
	struct ew_str name; /* "v1.0" */
	struct ew_version version;
	struct ew_oid tag, commit;
};

/* Annotated tags whose names are versions, ascending by version, in the arena. */
EW_MUST_USE enum ew_code ew_tagged_list(struct ew_tagged **out, size_t *n, struct ew_store *,
	struct ew_arena *, struct ew_err *err);
/* The annotated tag of one version, by its name. */
EW_MUST_USE enum ew_code ew_tagged_named(struct ew_tagged *out, bool *found, struct ew_store *,
	struct ew_str name, struct ew_arena *, struct ew_err *err);
/* A release's tag and what it declares, strings in the arena; its signature is not looked at. */
EW_MUST_USE enum ew_code ew_tagged_read(struct ew_tag *tag, struct ew_release_note *note,
	struct ew_store *, const struct ew_tagged *, struct ew_arena *, struct ew_err *err);
/* The latter alone. */
EW_MUST_USE enum ew_code ew_tagged_note(struct ew_release_note *out, struct ew_store *,
	const struct ew_tagged *, struct ew_arena *, struct ew_err *err);
/*
 * The last second at which a release is to be used, as its tag declares; 0: always, or it
 * is the tag of no release.
 */
EW_MUST_USE enum ew_code ew_tagged_expires(int64_t *out, struct ew_store *, const struct ew_oid *tag,
	struct ew_err *err);
/* The greatest in the list that names this commit; NULL if none does. */
const struct ew_tagged *ew_tagged_find(const struct ew_tagged *list, size_t n,
	const struct ew_oid *commit);

#endif
