/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage: new objects on their way into the repository.  Few of them wait in memory
 * and become loose objects; many go to packs under temporary names, of at most a million
 * objects each, so that memory does not grow with their number.  ew_stage_keep() makes
 * them durable and visible after they were read back.  Until then nothing is visible, and
 * ew_stage_free() leaves no trace; what a crash left ew_stage_sweep() removes.
 */
#ifndef EW_REPO_STAGE_H
#define EW_REPO_STAGE_H

#include "repo/repo.h"

struct ew_stage;

EW_MUST_USE enum ew_code ew_stage_open(struct ew_stage **out, struct ew_repo *, struct ew_err *err);
void ew_stage_free(struct ew_stage *);
/*
 * Add an object; one of the same id is stored once, or once in a pack.  When this fails, or
 * one of the next two, the stage is of no more use, and says so.
 */
EW_MUST_USE enum ew_code ew_stage_add(struct ew_oid *out, struct ew_stage *, enum ew_object_type,
	struct ew_str bytes, struct ew_err *err);
/* The same of an object whose id is known, since who asks has computed it. */
EW_MUST_USE enum ew_code ew_stage_add_known(struct ew_stage *, const struct ew_oid *,
	enum ew_object_type, struct ew_str bytes, struct ew_err *err);
/* One that will be added soon: fetch where its id will be looked for. */
void ew_stage_expect(const struct ew_stage *, const struct ew_oid *);
/*
 * Add a tree that is another version of one that may be in this stage: it is then
 * stored as what differs.  `before` and its bytes are of that version; zero: none.
 */
EW_MUST_USE enum ew_code ew_stage_add_tree(struct ew_oid *out, struct ew_stage *, struct ew_str bytes,
	const struct ew_oid *before, struct ew_str before_bytes, struct ew_err *err);
/* True for an object of this stage, but may be false for one that was added a million objects ago. */
bool ew_stage_has(const struct ew_stage *, const struct ew_oid *);
/* Append the bytes of a blob: of this stage, else of the repository. */
EW_MUST_USE enum ew_code ew_stage_read_blob(struct ew_buf *out, struct ew_stage *,
	const struct ew_oid *, struct ew_err *err);
/* Publish everything; durable when it returns. */
EW_MUST_USE enum ew_code ew_stage_keep(struct ew_stage *, struct ew_err *err);

/*
 * Remove what interrupted writers left (tmp_ellwand_* in the folders of objects, packs
 * and, older than a minute, of what was computed).  The caller holds the store's lock.
 */
EW_MUST_USE enum ew_code ew_stage_sweep(size_t *removed, struct ew_repo *, struct ew_err *err);

#endif
