/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/source.h"

struct ew_source
ew_source_of(struct ew_repo *repo)
{
	return (struct ew_source){ repo, ew_repo_odb(repo), ew_repo_hash(repo) };
}

enum ew_code
ew_source_open(struct ew_source *out, const struct ew_source *first, struct ew_err *err)
{
	enum ew_code rc;

	*out = (struct ew_source){ NULL, NULL, NULL };
	if ((rc = ew_hash_open(&out->hash, err)) == EW_OK)
		rc = ew_odb_open(&out->odb, ew_odb_packs(first->odb), err);
	if (rc != EW_OK)
		ew_source_release(out);
	return rc;
}

void
ew_source_release(struct ew_source *s)
{
	if (!s->repo) {
		ew_odb_free(s->odb);
		ew_hash_free(s->hash);
	}
	*s = (struct ew_source){ NULL, NULL, NULL };
}

enum ew_code
ew_source_read(struct ew_buf *out, bool *found, struct ew_source *s, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	*found = true;
	return s->repo ? ew_repo_read(out, s->repo, oid, type, err)
		       : ew_odb_read(out, found, s->odb, oid, type, err);
}
