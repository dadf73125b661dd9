/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/unpacker.h"

#include "repo/bases.h"
#include "repo/undelta.h"

#include <stdlib.h>

struct ew_unpacker {
	struct ew_inflater *inflater;
	struct ew_bases *bases;
	struct ew_buf delta; /* scratch */
	size_t deltas;
	uint64_t delta_at[EW_CHAIN_MAX]; /* the last is the one upon what is no delta, or is kept */
};

/* What is read, for whom. */
struct wanted {
	const struct ew_packfile *pack;
	uint64_t offset;
	const struct ew_oid *oid;
	enum ew_object_type type;
};

/* Where a chain of deltas ends. */
struct ground {
	enum ew_object_type type;
	uint64_t offset;
	struct ew_str kept; /* absent: as `entry` says */
	struct ew_pack_entry entry;
};

enum ew_code
ew_unpacker_open(struct ew_unpacker **out, struct ew_inflater *inflater, struct ew_err *err)
{
	struct ew_unpacker *u = calloc(1, sizeof *u);

	*out = NULL;
	if (!u)
		return ew_fail_nomem(err);
	u->inflater = inflater;
	if (ew_bases_open(&u->bases, err) == EW_OK)
		*out = u;
	else
		ew_unpacker_free(u);
	return err->code;
}

void
ew_unpacker_free(struct ew_unpacker *u)
{
	if (!u)
		return;
	ew_bases_free(u->bases);
	ew_buf_release(&u->delta);
	free(u);
}

enum ew_code
ew_unpacker_fail(struct ew_err *err, const struct ew_packfile *pack, uint64_t offset,
	const struct ew_oid *oid)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, oid->b, sizeof oid->b);
	return ew_fail(err, EW_CORRUPT,
		"object %s is damaged, in %s at %llu; fetch the store again, or restore it from a copy",
		hex, ew_packfile_path(pack), (unsigned long long)offset);
}

static enum ew_code
fail_damaged(struct ew_err *err, const struct wanted *w)
{
	return ew_unpacker_fail(err, w->pack, w->offset, w->oid);
}

static struct ew_base_key
key_of(const struct wanted *w, uint64_t offset)
{
	return (struct ew_base_key){ ew_packfile_checksum(w->pack), offset };
}

static bool
is_delta(const struct ew_pack_entry *e)
{
	return e->type == EW_PACK_OFS_DELTA || e->type == EW_PACK_REF_DELTA;
}

/* From an object down through its deltas, which are noted. */
static enum ew_code
descend(struct ground *out, struct ew_unpacker *u, const struct wanted *w, struct ew_err *err)
{
	uint64_t at = w->offset;

	out->kept = (struct ew_str){ NULL, 0 };
	for (u->deltas = 0;; at = out->entry.base) {
		out->offset = at;
		if (u->deltas && ew_bases_find(&out->kept, &out->type, u->bases, key_of(w, at)))
			return EW_OK;
		if (!ew_packfile_entry(&out->entry, w->pack, at))
			return fail_damaged(err, w);
		out->type = (enum ew_object_type)out->entry.type;
		if (!is_delta(&out->entry))
			return EW_OK;
		if (u->deltas == EW_CHAIN_MAX)
			return fail_damaged(err, w);
		u->delta_at[u->deltas++] = at;
	}
}

/* The contents of an entry: in the pack, if they are stored there, else appended to `room`. */
static enum ew_code
contents(struct ew_str *out, struct ew_buf *room, struct ew_unpacker *u, const struct wanted *w,
	const struct ew_pack_entry *e, struct ew_err *err)
{
	char *to;

	if (e->size > ew_object_limit(w->type))
		return ew_object_fail(err, w->oid, "larger than the format allows");
	if (ew_inflater_stored(out, e->size, e->zlib))
		return EW_OK;
	if (!ew_inflater_could(e->zlib.len, e->size))
		return fail_damaged(err, w);
	if (!(to = ew_buf_room(room, e->size)))
		return ew_buf_check(room, err);
	if (!ew_inflater_exact(u->inflater, to, e->size, e->zlib))
		return fail_damaged(err, w);
	*out = ew_str_n(to, e->size);
	room->len += e->size;
	room->p[room->len] = '\0';
	return EW_OK;
}

/* Append them. */
static enum ew_code
append(struct ew_buf *out, struct ew_unpacker *u, const struct wanted *w,
	const struct ew_pack_entry *e, struct ew_err *err)
{
	const size_t from = out->len;
	struct ew_str bytes;
	enum ew_code rc = contents(&bytes, out, u, w, e, err);

	if (rc != EW_OK || out->len != from)
		return rc;
	ew_buf_add(out, bytes);
	return ew_buf_check(out, err);
}

/* Append what the delta at an offset makes of its base. */
static enum ew_code
undo(struct ew_buf *out, struct ew_unpacker *u, const struct wanted *w, uint64_t offset,
	struct ew_str base, struct ew_err *err)
{
	struct ew_pack_entry e;
	struct ew_undelta d;
	struct ew_str delta;
	enum ew_code rc;
	char *to;

	ew_buf_clear(&u->delta);
	if (!ew_packfile_entry(&e, w->pack, offset))
		return fail_damaged(err, w);
	if ((rc = contents(&delta, &u->delta, u, w, &e, err)) != EW_OK)
		return rc;
	if (!ew_undelta_init(&d, delta))
		return fail_damaged(err, w);
	if (d.size > ew_object_limit(w->type))
		return ew_object_fail(err, w->oid, "larger than the format allows");
	if (!(to = ew_buf_room(out, d.size)))
		return ew_buf_check(out, err);
	if (!ew_undelta_apply(to, &d, base))
		return fail_damaged(err, w);
	out->len += d.size;
	out->p[out->len] = '\0';
	return EW_OK;
}

/* Up again from the ground, keeping each base that is nowhere as it is; what the last delta makes goes to `out`. */
static enum ew_code
ascend(struct ew_buf *out, struct ew_unpacker *u, const struct wanted *w, const struct ground *g,
	struct ew_err *err)
{
	struct ew_buf base = { 0 }, made = { 0 };
	uint64_t base_at = g->offset;
	struct ew_str bytes = g->kept;
	enum ew_code rc = EW_OK;

	if (!bytes.p)
		rc = contents(&bytes, &base, u, w, &g->entry, err);
	while (rc == EW_OK && u->deltas) {
		const uint64_t at = u->delta_at[--u->deltas];

		rc = undo(u->deltas ? &made : out, u, w, at, bytes, err);
		if (base.p)
			ew_bases_put(u->bases, key_of(w, base_at), w->type, &base);
		base = made;
		bytes = ew_buf_str(&base);
		base_at = at;
		made = (struct ew_buf){ 0 };
	}
	ew_buf_release(&base);
	return rc;
}

enum ew_code
ew_unpacker_read(struct ew_buf *out, struct ew_unpacker *u, const struct ew_packfile *pack,
	uint64_t offset, const struct ew_oid *oid, enum ew_object_type type, struct ew_err *err)
{
	const struct wanted w = { pack, offset, oid, type };
	struct ground g;
	enum ew_code rc = descend(&g, u, &w, err);

	if (rc != EW_OK)
		return rc;
	if (g.type != type)
		return ew_object_fail(err, oid, "of another type than its place says");
	return u->deltas ? ascend(out, u, &w, &g, err) : append(out, u, &w, &g.entry, err);
}

enum ew_code
ew_unpacker_type(enum ew_object_type *out, struct ew_unpacker *u, const struct ew_packfile *pack,
	uint64_t offset, const struct ew_oid *oid, struct ew_err *err)
{
	const struct wanted w = { pack, offset, oid, EW_BLOB };
	struct ground g;
	enum ew_code rc = descend(&g, u, &w, err);

	if (rc == EW_OK)
		*out = g.type;
	return rc;
}
