/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/context.h"

enum ew_code
ew_read_commit(struct ew_commit *out, struct ew_store *s, const struct ew_oid *oid,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_str kept;
	char hex[EW_OID_HEX + 1];
	enum ew_code rc;

	if ((rc = ew_repo_read(&bytes, s->repo, oid, EW_COMMIT, err)) != EW_OK)
		goto done;
	kept = ew_arena_str(arena, ew_buf_str(&bytes));
	if (!kept.p)
		rc = ew_fail_nomem(err);
	else if ((rc = ew_commit_parse(out, arena, kept, err)) != EW_OK) {
		ew_hex(hex, oid->b, sizeof oid->b);
		ew_fail_at(err, "commit %s", hex);
	}
done:
	ew_buf_release(&bytes);
	return rc;
}

/* Everything of a version but how it was named. */
static enum ew_code
open_commit(struct ew_version_at *at, struct ew_store *s, struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];
	enum ew_code rc;

	if ((rc = ew_read_commit(&at->commit, s, &at->rev.commit, &at->arena, err)) != EW_OK)
		return rc;
	ew_hex(hex, at->rev.commit.b, sizeof at->rev.commit.b);
	if ((rc = ew_message_parse(&at->message, at->commit.message, err)) != EW_OK) {
		ew_fail_at(err, "commit %s", hex);
		return rc;
	}
	rc = ew_snapshot_open(&at->snapshot, s->repo, s->cache, &at->commit.tree, err);
	if (rc != EW_OK)
		ew_fail_at(err, "commit %s", hex);
	return rc;
}

enum ew_code
ew_at_open(struct ew_version_at *out, struct ew_store *s, struct ew_str rev, struct ew_err *err)
{
	enum ew_code rc;

	*out = (struct ew_version_at){ .snapshot = NULL };
	out->text = ew_arena_str(&out->arena, rev.p ? rev : EW_LIT("HEAD"));
	if (!out->text.p)
		return ew_fail_nomem(err);
	if ((rc = ew_repo_resolve(&out->rev, s->repo, out->text, &out->arena, err)) != EW_OK)
		return rc;
	return open_commit(out, s, err);
}

enum ew_code
ew_at_commit(struct ew_version_at *out, struct ew_store *s, const struct ew_oid *commit,
	struct ew_err *err)
{
	char hex[EW_OID_HEX + 1];

	*out = (struct ew_version_at){ .rev.commit = *commit };
	ew_hex(hex, commit->b, sizeof commit->b);
	out->text = ew_arena_str(&out->arena, ew_str(hex));
	return out->text.p ? open_commit(out, s, err) : ew_fail_nomem(err);
}

void
ew_at_release(struct ew_version_at *at)
{
	ew_snapshot_free(at->snapshot);
	at->snapshot = NULL;
	ew_arena_release(&at->arena);
}

enum ew_code
ew_fail_stored(struct ew_err *err, const struct ew_oid *blob)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, blob->b, sizeof blob->b);
	if (err->code == EW_REFUSED)
		err->code = EW_CORRUPT;
	return ew_fail_at(err, "record %s", hex);
}

enum ew_code
ew_parse_label(struct ew_label *out, struct ew_str bytes, const struct ew_oid *blob,
	struct ew_arena *arena, struct ew_err *err)
{
	enum ew_code rc = ew_label_parse(out, arena, bytes, err);

	return rc == EW_OK ? EW_OK : ew_fail_stored(err, blob);
}

enum ew_code
ew_parse_instance(struct ew_instance *out, struct ew_store *s, struct ew_str bytes,
	const struct ew_oid *blob, struct ew_arena *arena, struct ew_err *err)
{
	enum ew_code rc = ew_instance_parse(out, arena, s->hash, bytes, err);

	return rc == EW_OK ? EW_OK : ew_fail_stored(err, blob);
}

enum ew_code
ew_read_label(struct ew_label *out, struct ew_store *s, const struct ew_oid *blob,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = ew_repo_read(&bytes, s->repo, blob, EW_BLOB, err);

	if (rc == EW_OK)
		rc = ew_parse_label(out, ew_buf_str(&bytes), blob, arena, err);
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_fail_place(struct ew_err *err, struct ew_str id)
{
	return ew_fail(err, EW_CORRUPT, "label %.*s: its record is of another id; run ellwand fsck",
		EW_FMT(id));
}

enum ew_code
ew_check_place(const struct ew_label *label, struct ew_str id, struct ew_err *err)
{
	return ew_str_eq(label->id, id) ? EW_OK : ew_fail_place(err, id);
}

enum ew_code
ew_read_instance(struct ew_instance *out, bool *found, struct ew_store *s,
	struct ew_snapshot *snapshot, struct ew_str id, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	struct ew_collection *c;
	struct ew_oid blob;
	enum ew_code rc;

	*found = false;
	rc = ew_snapshot_collection(&c, snapshot, EW_LIT("instances"), false, 0, err);
	if (rc != EW_OK || !c)
		return rc;
	if ((rc = ew_collection_find(&blob, found, c, id, err)) != EW_OK || !*found)
		return rc;
	rc = ew_repo_read(&bytes, s->repo, &blob, EW_BLOB, err);
	if (rc == EW_OK)
		rc = ew_parse_instance(out, s, ew_buf_str(&bytes), &blob, arena, err);
	ew_buf_release(&bytes);
	return rc;
}
