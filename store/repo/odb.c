/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/odb.h"

#include "repo/loose.h"
#include "repo/unpacker.h"

#include <stdlib.h>

enum { APART = 2048 /* bytes of a small object, as they are in a pack */ };

struct ew_odb {
	struct ew_packs *packs;
	size_t first; /* the pack that held the last object */
	struct ew_hash *hash;
	struct ew_inflater *inflater;
	struct ew_unpacker *unpacker;
	struct ew_loose *loose;
};

enum ew_code
ew_odb_open(struct ew_odb **out, struct ew_packs *packs, struct ew_err *err)
{
	struct ew_odb *o = calloc(1, sizeof *o);

	*out = NULL;
	if (!o)
		return ew_fail_nomem(err);
	o->packs = ew_packs_hold(packs);
	if (ew_hash_open(&o->hash, err) == EW_OK && ew_inflater_open(&o->inflater, err) == EW_OK &&
	    ew_unpacker_open(&o->unpacker, o->inflater, err) == EW_OK &&
	    ew_loose_open(&o->loose, ew_packs_folder(packs), o->inflater, err) == EW_OK)
		*out = o;
	else
		ew_odb_free(o);
	return err->code;
}

void
ew_odb_free(struct ew_odb *o)
{
	if (!o)
		return;
	ew_loose_free(o->loose);
	ew_unpacker_free(o->unpacker);
	ew_inflater_free(o->inflater);
	ew_hash_free(o->hash);
	ew_packs_free(o->packs);
	free(o);
}

struct ew_packs *
ew_odb_packs(struct ew_odb *o)
{
	return o->packs;
}

enum ew_code
ew_odb_refresh(struct ew_odb *o, struct ew_err *err)
{
	bool changed;
	enum ew_code rc = ew_packs_renew(&o->packs, &changed, err);

	if (rc == EW_OK && changed)
		o->first = 0;
	return rc;
}

enum ew_code
ew_odb_check(struct ew_odb *o, struct ew_err *err)
{
	return ew_packs_check(o->packs, o->hash, err);
}

void
ew_odb_find_all(struct ew_place *out, struct ew_odb *o, const struct ew_oid *oid, size_t n)
{
	ew_packs_find_all(out, o->packs, oid, n, &o->first);
}

/* --- one object --- */

static bool
matches(struct ew_odb *o, const struct ew_oid *oid, enum ew_object_type type, struct ew_str bytes)
{
	const struct ew_oid id = ew_object_oid(o->hash, type, bytes);

	return ew_oid_eq(&id, oid);
}

enum ew_code
ew_odb_read_at(struct ew_buf *out, struct ew_odb *o, const struct ew_place *place,
	const struct ew_oid *oid, enum ew_object_type type, struct ew_err *err)
{
	const size_t from = out->len;
	enum ew_code rc;

	rc = ew_unpacker_read(out, o->unpacker, place->pack, place->offset, oid, type, err);
	if (rc == EW_OK && !matches(o, oid, type, ew_str_part(ew_buf_str(out), from, out->len))) {
		out->len = from;
		out->p[from] = '\0';
		rc = ew_unpacker_fail(err, place->pack, place->offset, oid);
	}
	return rc;
}

/* Read what is there; false, and nothing is added, if that is not the object all in all. */
static bool
could_read(struct ew_buf *out, struct ew_odb *o, const struct ew_place *place,
	const struct ew_oid *oid, enum ew_object_type type)
{
	char room[APART], *to;
	struct ew_pack_entry e;

	if (!ew_packfile_entry_apart(&e, place->pack, place->offset, room, sizeof room) ||
	    e.type != (unsigned)type || e.size > ew_object_limit(type) ||
	    !ew_inflater_could(e.zlib.len, e.size) || !(to = ew_buf_room(out, e.size)) ||
	    !ew_inflater_exact(o->inflater, to, e.size, e.zlib) ||
	    !matches(o, oid, type, ew_str_n(to, e.size)))
		return false;
	out->len += e.size;
	out->p[out->len] = '\0';
	return true;
}

enum ew_code
ew_odb_read_apart(struct ew_buf *out, struct ew_odb *o, const struct ew_place *place,
	const struct ew_oid *oid, enum ew_object_type type, struct ew_err *err)
{
	return could_read(out, o, place, oid, type) ? EW_OK
						    : ew_odb_read_at(out, o, place, oid, type, err);
}

static enum ew_code
read_loose(struct ew_buf *out, bool *found, struct ew_odb *o, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	enum ew_object_type got;
	struct ew_str bytes;
	enum ew_code rc;

	rc = ew_loose_read(&bytes, &got, found, o->loose, oid, ew_object_limit(type), err);
	if (rc != EW_OK || !*found)
		return rc;
	if (!matches(o, oid, got, bytes))
		return ew_object_fail(err, oid, "damaged");
	if (got != type)
		return ew_object_fail(err, oid, "of another type than its place says");
	ew_buf_add(out, bytes);
	return ew_buf_check(out, err);
}

static enum ew_code
read_now(struct ew_buf *out, bool *found, struct ew_odb *o, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	struct ew_place place;

	*found = ew_packs_find(&place, o->packs, oid, &o->first);
	return *found ? ew_odb_read_at(out, o, &place, oid, type, err)
		      : read_loose(out, found, o, oid, type, err);
}

enum ew_code
ew_odb_read(struct ew_buf *out, bool *found, struct ew_odb *o, const struct ew_oid *oid,
	enum ew_object_type type, struct ew_err *err)
{
	bool changed;
	enum ew_code rc = read_now(out, found, o, oid, type, err);

	if (rc != EW_OK || *found || (rc = ew_packs_renew(&o->packs, &changed, err)) != EW_OK ||
	    !changed)
		return rc;
	return read_now(out, found, o, oid, type, err);
}

static enum ew_code
type_now(enum ew_object_type *out, bool *found, struct ew_odb *o, const struct ew_oid *oid,
	struct ew_err *err)
{
	struct ew_place place;
	struct ew_str bytes;

	*found = ew_packs_find(&place, o->packs, oid, &o->first);
	return *found ? ew_unpacker_type(out, o->unpacker, place.pack, place.offset, oid, err)
		      : ew_loose_read(&bytes, out, found, o->loose, oid, EW_TREE_MAX, err);
}

enum ew_code
ew_odb_type(enum ew_object_type *out, bool *found, struct ew_odb *o, const struct ew_oid *oid,
	struct ew_err *err)
{
	bool changed;
	enum ew_code rc = type_now(out, found, o, oid, err);

	if (rc != EW_OK || *found || (rc = ew_packs_renew(&o->packs, &changed, err)) != EW_OK ||
	    !changed)
		return rc;
	return type_now(out, found, o, oid, err);
}
