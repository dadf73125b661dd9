/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/ready.h"

#include "repo/gitobject.h"

void
ew_ready_maker_release(struct ew_ready_maker *m)
{
	ew_buf_release(&m->bytes);
	ew_buf_release(&m->scored);
}

/* The id of what is in m->bytes, the record of `id`. */
static enum ew_code
take_oid(struct ew_oid *out, struct ew_ready_maker *m, struct ew_str id, struct ew_err *err)
{
	const struct ew_str bytes = ew_buf_str(&m->bytes);
	enum ew_code rc = ew_buf_check(&m->bytes, err);

	if (rc != EW_OK)
		return rc;
	if (bytes.len > EW_RECORD_MAX)
		return ew_fail(err, EW_REFUSED, "%.*s: its record would be larger than 1 MiB", EW_FMT(id));
	*out = ew_object_oid(m->hash, EW_BLOB, bytes);
	return EW_OK;
}

/* What is in m->bytes becomes the record of an id. */
static enum ew_code
take(struct ew_ready *out, struct ew_ready_maker *m, struct ew_str id, const struct ew_sha256 *key,
	struct ew_arena *arena, struct ew_err *err)
{
	enum ew_code rc;

	*out = (struct ew_ready){ .id = id, .leaf.key = *key };
	if ((rc = take_oid(&out->oid, m, id, err)) != EW_OK)
		return rc;
	out->bytes = ew_arena_str(arena, ew_buf_str(&m->bytes));
	return out->bytes.p ? EW_OK : ew_fail_nomem(err);
}

enum ew_code
ew_ready_label(struct ew_ready *out, struct ew_ready_maker *m, const struct ew_label *label,
	const struct ew_sha256 *key, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_sha256 digest;
	enum ew_code rc;

	ew_buf_clear(&m->bytes);
	ew_buf_clear(&m->scored);
	ew_label_write_both(&m->bytes, &m->scored, label);
	if ((rc = ew_buf_check(&m->scored, err)) != EW_OK ||
	    (rc = take(out, m, label->id, key, arena, err)) != EW_OK)
		return rc;
	out->label = true;
	digest = ew_sha256_str(m->hash, out->bytes);
	out->leaf.records = ew_pin_leaf(m->hash, key, &digest);
	digest = ew_sha256_str(m->hash, ew_buf_str(&m->scored));
	out->leaf.answers = ew_pin_leaf(m->hash, key, &digest);
	return EW_OK;
}

enum ew_code
ew_ready_instance(struct ew_ready *out, struct ew_ready_maker *m, const struct ew_instance *instance,
	const struct ew_sha256 *key, struct ew_arena *arena, struct ew_err *err)
{
	ew_buf_clear(&m->bytes);
	ew_instance_write(&m->bytes, instance);
	return take(out, m, instance->id, key, arena, err);
}

enum ew_code
ew_ready_label_oid(struct ew_oid *out, struct ew_ready_maker *m, const struct ew_label *label,
	struct ew_err *err)
{
	ew_buf_clear(&m->bytes);
	ew_label_write(&m->bytes, label);
	return take_oid(out, m, label->id, err);
}

enum ew_code
ew_ready_instance_oid(struct ew_oid *out, struct ew_ready_maker *m, const struct ew_instance *instance,
	struct ew_err *err)
{
	ew_buf_clear(&m->bytes);
	ew_instance_write(&m->bytes, instance);
	return take_oid(out, m, instance->id, err);
}

enum ew_code
ew_ready_keep(struct ew_ready *r, struct ew_arena *arena, struct ew_err *err)
{
	if (!r->bytes.p)
		return EW_OK;
	r->id = ew_arena_str(arena, r->id);
	r->bytes = ew_arena_str(arena, r->bytes);
	return r->id.p && r->bytes.p ? EW_OK : ew_fail_nomem(err);
}
