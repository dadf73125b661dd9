/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/reader.h"

#include "ops/lookup.h"

#include <stdlib.h>

enum { KEPT = 1 << 26 /* bytes of folders */ };

struct ew_reader {
	struct ew_store *store;
	struct ew_version_at at;
	char commit[EW_OID_HEX + 1];
	struct ew_lookup *lookup;
	struct ew_buf record;
};

enum ew_code
ew_reader_open(struct ew_reader **out, struct ew_store *s, struct ew_str rev, struct ew_err *err)
{
	struct ew_reader *r = calloc(1, sizeof *r);
	enum ew_code rc;

	*out = NULL;
	if (!r)
		return ew_fail_nomem(err);
	r->store = s;
	if ((rc = ew_at_open(&r->at, s, rev, err)) != EW_OK ||
	    (rc = ew_lookup_open(&r->lookup, s->repo, r->at.snapshot, KEPT, err)) != EW_OK) {
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
	ew_lookup_free(r->lookup);
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
	enum ew_code rc = ew_lookup_label(split, blob, r->lookup, id, err);

	ew_buf_clear(&r->record);
	if (rc != EW_OK || !split->p)
		return rc;
	return ew_repo_read(&r->record, r->store->repo, blob, EW_BLOB, err);
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
	enum ew_code rc = ew_lookup_instance(&blob, found, r->lookup, id, err);

	if (rc != EW_OK || !*found)
		return rc;
	ew_buf_clear(&r->record);
	if ((rc = ew_repo_read(&r->record, r->store->repo, &blob, EW_BLOB, err)) != EW_OK ||
	    (rc = ew_parse_instance(out, r->store, ew_buf_str(&r->record), &blob, arena, err)) != EW_OK)
		return rc;
	return ew_str_eq(out->id, id) ? EW_OK : ew_fail_place(err, id);
}
