/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/pinned.h"

#include "ops/address.h"
#include "ops/part.h"
#include "ops/tagged.h"

static enum ew_code
pin_label(struct ew_pinned *out, struct ew_store *s, const struct ew_address *a, struct ew_err *err)
{
	const struct ew_sha256 key = ew_sha256_str(s->hash, a->id);
	struct ew_buf record = { 0 }, scored = { 0 };
	struct ew_sha256 digest;
	enum ew_code rc;

	if (!a->split.p)
		return ew_address_fail(a, err);
	out->labels = 1;
	if ((rc = ew_repo_read(&record, s->repo, &a->blob, EW_BLOB, err)) == EW_OK &&
	    ew_label_scored_of(&scored, ew_buf_str(&record), err) != EW_OK)
		rc = ew_fail_stored(err, &a->blob);
	if (rc == EW_OK) {
		digest = ew_sha256_str(s->hash, ew_buf_str(&record));
		out->records = ew_pin_leaf(s->hash, &key, &digest);
		digest = ew_sha256_str(s->hash, ew_buf_str(&scored));
		out->answers = ew_pin_leaf(s->hash, &key, &digest);
	}
	ew_buf_release(&record);
	ew_buf_release(&scored);
	return rc;
}

static enum ew_code
pin_splits(struct ew_pinned *out, const struct ew_address *a, struct ew_str split,
	struct ew_err *err)
{
	struct ew_pin_split *list;
	struct ew_pins pins;
	size_t n;
	enum ew_code rc = ew_snapshot_pins(&pins, &list, &n, a->at.snapshot, err);

	if (rc != EW_OK)
		return rc;
	out->labels = pins.count;
	out->records = pins.records;
	out->answers = pins.answers;
	if (!split.p)
		return EW_OK;
	for (size_t i = 0; i < n; i++) {
		if (!ew_str_eq(list[i].name, split))
			continue;
		out->labels = list[i].trie.count;
		out->records = list[i].trie.records;
		out->answers = list[i].trie.answers;
		return EW_OK;
	}
	return ew_address_fail_split(&a->at, split, err);
}

/* The texts of the result, copied. */
static enum ew_code
name_pin(struct ew_pinned *out, const struct ew_address *a, struct ew_str split, struct ew_err *err)
{
	const struct ew_str in = a->id.p ? a->split : split;

	ew_hex(out->commit, a->at.rev.commit.b, sizeof a->at.rev.commit.b);
	out->rev = ew_arena_str(&out->arena, a->at.text);
	if (in.p)
		out->split = ew_arena_str(&out->arena, in);
	if (a->id.p)
		out->id = ew_arena_str(&out->arena, a->id);
	return !out->rev.p || !in.p != !out->split.p || !a->id.p != !out->id.p ? ew_fail_nomem(err)
									       : EW_OK;
}

enum ew_code
ew_pin(struct ew_pinned *out, struct ew_store *s, struct ew_str what, struct ew_str split,
	struct ew_err *err)
{
	struct ew_address a;
	enum ew_code rc = ew_address_open(&a, s, what, EW_ADDRESS_REV_FIRST, err);

	*out = (struct ew_pinned){ .labels = 0 };
	if (rc == EW_OK && a.id.p && split.p && !ew_str_eq(split, a.split))
		rc = ew_fail(err, EW_NOTFOUND, "%.*s: no label of split %.*s; leave out the split",
			EW_FMT(a.id), EW_FMT(split));
	if (rc == EW_OK)
		rc = a.id.p ? pin_label(out, s, &a, err) : pin_splits(out, &a, split, err);
	if (rc == EW_OK)
		rc = name_pin(out, &a, split, err);
	if (rc == EW_OK && !ew_oid_is_zero(&a.at.rev.tag))
		rc = ew_tagged_expires(&out->expires, s, &a.at.rev.tag, err);
	ew_address_release(&a);
	return rc;
}

void
ew_pinned_release(struct ew_pinned *p)
{
	ew_arena_release(&p->arena);
}

void
ew_pinned_json(struct ew_buf *out, const struct ew_pinned *p)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.pin/1"));
	ew_jsonw_str_at(&w, "rev", p->rev);
	ew_jsonw_str_at(&w, "commit", ew_str(p->commit));
	ew_part_text(&w, "split", p->split);
	ew_part_text(&w, "id", p->id);
	ew_jsonw_int_at(&w, "labels", (int64_t)p->labels);
	ew_part_pins(&w, &p->records, &p->answers);
	if (p->expires)
		ew_part_expires(&w, p->expires);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}
