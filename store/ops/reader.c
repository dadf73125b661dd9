/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/reader.h"

#include "ops/context.h"
#include "repo/finder.h"

#include <stdlib.h>

struct ew_reader {
	struct ew_store *store;
	struct ew_version_at at;
	char commit[EW_OID_HEX + 1];
	struct ew_str *split;
	struct ew_finder **labels; /* of each split */
	size_t splits;
	struct ew_finder *instances; /* NULL: there are none */
	struct ew_buf record;
};

/* NULL for a collection that is not there. */
static enum ew_code
open_finder(struct ew_finder **out, struct ew_reader *r, const struct ew_collection *c,
	struct ew_err *err)
{
	struct ew_oid root;

	if (!c)
		return EW_OK;
	root = ew_collection_tree(c);
	return ew_finder_open(out, r->store->repo, &root, ew_collection_levels(c), err);
}

static enum ew_code
open_finders(struct ew_reader *r, struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc = ew_snapshot_splits(&r->split, &r->splits, r->at.snapshot, err);

	if (rc != EW_OK)
		return rc;
	r->labels = ew_arena_array(&r->at.arena, r->splits + 1, sizeof(struct ew_finder *));
	if (!r->labels)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < r->splits; i++)
		if ((rc = ew_snapshot_labels(&c, r->at.snapshot, r->split[i], err)) != EW_OK ||
		    (rc = open_finder(&r->labels[i], r, c, err)) != EW_OK)
			return rc;
	rc = ew_snapshot_collection(&c, r->at.snapshot, EW_LIT("instances"), false, 0, err);
	return rc == EW_OK ? open_finder(&r->instances, r, c, err) : rc;
}

enum ew_code
ew_reader_open(struct ew_reader **out, struct ew_store *s, struct ew_str rev, struct ew_err *err)
{
	struct ew_reader *r = calloc(1, sizeof *r);
	enum ew_code rc;

	*out = NULL;
	if (!r)
		return ew_fail_nomem(err);
	r->store = s;
	if ((rc = ew_at_open(&r->at, s, rev, err)) != EW_OK || (rc = open_finders(r, err)) != EW_OK) {
		ew_reader_free(r);
		return rc;
	}
	ew_hex(r->commit, r->at.rev.commit.b, sizeof r->at.rev.commit.b);
	*out = r;
	return EW_OK;
}

void
ew_reader_free(struct ew_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->labels && i < r->splits; i++)
		ew_finder_free(r->labels[i]);
	ew_finder_free(r->instances);
	ew_buf_release(&r->record);
	ew_at_release(&r->at);
	free(r);
}

const char *
ew_reader_commit(const struct ew_reader *r)
{
	return r->commit;
}

/* The split that holds a label, absent when none does, and its record in the reader's buffer. */
static enum ew_code
read_label(struct ew_str *split, struct ew_oid *blob, struct ew_reader *r, struct ew_str id,
	struct ew_err *err)
{
	bool found = false;
	enum ew_code rc;

	*split = (struct ew_str){ NULL, 0 };
	for (size_t i = 0; i < r->splits && !found; i++) {
		if ((rc = ew_finder_find(blob, &found, r->labels[i], id, err)) != EW_OK)
			return rc;
		if (found)
			*split = r->split[i];
	}
	ew_buf_clear(&r->record);
	return found ? ew_repo_read(&r->record, r->store->repo, blob, EW_BLOB, err) : EW_OK;
}

enum ew_code
ew_reader_find(struct ew_str *split, struct ew_str *record, struct ew_reader *r, struct ew_str id,
	struct ew_err *err)
{
	struct ew_oid blob;
	enum ew_code rc = read_label(split, &blob, r, id, err);

	if (rc != EW_OK)
		*split = (struct ew_str){ NULL, 0 };
	*record = split->p ? ew_buf_str(&r->record) : *split;
	return rc;
}

enum ew_code
ew_reader_label(struct ew_label *out, bool *found, struct ew_reader *r, struct ew_str id,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_str split;
	struct ew_oid blob;
	enum ew_code rc = read_label(&split, &blob, r, id, err);

	*found = rc == EW_OK && split.p;
	if (!*found)
		return rc;
	rc = ew_parse_label(out, ew_buf_str(&r->record), &blob, arena, err);
	return rc == EW_OK ? ew_check_place(out, id, err) : rc;
}

enum ew_code
ew_reader_instance(struct ew_instance *out, bool *found, struct ew_reader *r, struct ew_str id,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_oid blob;
	enum ew_code rc;

	*found = false;
	if (!r->instances)
		return EW_OK;
	if ((rc = ew_finder_find(&blob, found, r->instances, id, err)) != EW_OK || !*found)
		return rc;
	ew_buf_clear(&r->record);
	if ((rc = ew_repo_read(&r->record, r->store->repo, &blob, EW_BLOB, err)) != EW_OK ||
	    (rc = ew_parse_instance(out, r->store, ew_buf_str(&r->record), &blob, arena, err)) != EW_OK)
		return rc;
	return ew_str_eq(out->id, id) ? EW_OK : ew_fail_place(err, id);
}
