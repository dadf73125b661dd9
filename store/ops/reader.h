/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers: the labels of one version looked up by id, for a program that asks for many.
 *
 *	rc = ew_reader_open(&reader, store, EW_LIT("v1.0"), &err);
 *	for (i = 0; i < n && rc == EW_OK; i++) {
 *		rc = ew_reader_find(&split, &record, reader, id[i], &err);
 *		if (rc == EW_OK && record.p)
 *			use(id[i], record);
 *	}
 *	ew_reader_free(reader);
 *
 * A lookup reads the folders on the way to the id, once, and the record.  Each is
 * compared with the id under which git stores it, so what is given out is what the version
 * holds, or EW_CORRUPT.  Whether the version is authentic is for ew_verify() to say.
 */
#ifndef EW_OPS_READER_H
#define EW_OPS_READER_H

#include "model/instance.h"
#include "model/label.h"
#include "ops/store.h"

struct ew_reader;

/*
 * At a revision, HEAD if it is absent.  The reader stays at that version when the branch
 * moves on.  One thread at a time uses it and its store, which outlives it.
 */
EW_MUST_USE enum ew_code ew_reader_open(struct ew_reader **out, struct ew_store *,
	struct ew_str rev, struct ew_err *err);
void ew_reader_free(struct ew_reader *);
/* The id of the version's commit in hexadecimal; lives as long as the reader. */
const char *ew_reader_commit(const struct ew_reader *);

/*
 * A label as it is stored: its split, which lives as long as the reader, and the canonical
 * bytes of its record, which live until the reader is next used.  When the version has no
 * such label both are absent, and nothing fails.
 */
EW_MUST_USE enum ew_code ew_reader_find(struct ew_str *split, struct ew_str *record,
	struct ew_reader *, struct ew_str id, struct ew_err *err);
/*
 * The same, parsed, and checked by every rule of the format; what it consists of lives in
 * the arena.  *found is false when there is none.
 */
EW_MUST_USE enum ew_code ew_reader_label(struct ew_label *out, bool *found, struct ew_reader *,
	struct ew_str id, struct ew_arena *, struct ew_err *err);
/* The same for the instance of an id. */
EW_MUST_USE enum ew_code ew_reader_instance(struct ew_instance *out, bool *found,
	struct ew_reader *, struct ew_str id, struct ew_arena *, struct ew_err *err);

#endif
