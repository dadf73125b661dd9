/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest.h"

#include "codec/jsonw.h"
#include "model/id.h"
#include "model/record.h"
#include "model/text.h"

#include <assert.h>

enum { NAME_MAX_BYTES = 200, TEXT_MAX_BYTES = 65536 };

static const char schema[] = "manifest/1";

bool
ew_collection_ok(struct ew_str name)
{
	static const char *const kinds[] = { "labels", "audits", "recomputations",
		"adjudications" };
	struct ew_str rest = name, kind = ew_str_cut(&rest, '/');

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (ew_str_is(kind, kinds[i]))
			return ew_split_ok(rest);
	return ew_str_is(name, "instances");
}

bool
ew_uuid_ok(struct ew_str s)
{
	if (s.len != EW_UUID_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		bool hex = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f');

		if (dash ? s.p[i] != '-' : !hex)
			return false;
	}
	return true;
}

static enum ew_code
check_text(struct ew_str text, const char *member, size_t max, struct ew_err *err)
{
	const char *flaw =
		text.len > max ? "is too long; shorten it" : ew_text_flaw(text, TEXT_MAX_BYTES);

	return flaw ? ew_fail(err, EW_REFUSED, "%s %s", member, flaw) : EW_OK;
}

/* Before the other members: what a later format changed is not for this program to judge. */
static enum ew_code
check_format(const struct ew_json *doc, struct ew_err *err)
{
	int64_t format = ew_json_int(ew_json_get(doc, "format"));

	if (format > EW_FORMAT)
		return ew_fail(err, EW_UNSUPPORTED,
			"format %lld is newer than %d, which this program reads; use a newer one",
			(long long)format, EW_FORMAT);
	return EW_OK;
}

static enum ew_code
read_fanout(struct ew_manifest *out, struct ew_arena *arena, const struct ew_json *object,
	struct ew_err *err)
{
	struct ew_fanout *f = ew_arena_array(arena, ew_json_count(object), sizeof *f);

	if (!f)
		return ew_fail_nomem(err);
	out->fanout = f;
	for (const struct ew_json *m = ew_json_first(object); m; m = ew_json_next(m), f++) {
		int64_t levels = ew_json_int(m);

		f->collection = ew_arena_str(arena, ew_json_name(m));
		if (!f->collection.p)
			return ew_fail_nomem(err);
		if (!ew_collection_ok(f->collection))
			return ew_fail(err, EW_REFUSED,
				"fanout: '%.*s' is no collection; remove it",
				EW_FMT(f->collection));
		if (ew_json_type(m) != EW_JSON_NUMBER || levels < 0 || levels > EW_FANOUT_MAX)
			return ew_fail(err, EW_REFUSED, "fanout of %.*s is not 0 to %d; correct it",
				EW_FMT(f->collection), EW_FANOUT_MAX);
		f->levels = (unsigned)levels;
		out->fanouts++;
	}
	return EW_OK;
}

static enum ew_code
check_values(const struct ew_manifest *m, int64_t format, struct ew_err *err)
{
	enum ew_code rc;

	if (format != EW_FORMAT)
		return ew_fail(err, EW_REFUSED, "format is not %d; correct it", EW_FORMAT);
	if (!ew_uuid_ok(m->dataset))
		return ew_fail(err, EW_REFUSED, "dataset is not a UUID in lower case; correct it");
	rc = check_text(m->name, "name", NAME_MAX_BYTES, err);
	if (rc == EW_OK && m->licence.p)
		rc = check_text(m->licence, "licence", TEXT_MAX_BYTES, err);
	return rc;
}

static enum ew_code
copy(struct ew_str *s, struct ew_arena *arena, struct ew_err *err)
{
	if (!s->p)
		return EW_OK;
	*s = ew_arena_str(arena, *s);
	return s->p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
read_manifest(struct ew_manifest *out, struct ew_arena *arena, const struct ew_json *doc,
	struct ew_err *err)
{
	enum { DATASET, FANOUT, FORMAT, LICENCE, NAME, SCHEMA, COUNT };
	static const struct ew_member want[COUNT] = {
		[DATASET] = { "dataset", EW_JSON_STRING, true },
		[FANOUT] = { "fanout", EW_JSON_OBJECT, true },
		[FORMAT] = { "format", EW_JSON_NUMBER, true },
		[LICENCE] = { "licence", EW_JSON_STRING, false },
		[NAME] = { "name", EW_JSON_STRING, true },
		[SCHEMA] = { "schema", EW_JSON_STRING, true },
	};
	const struct ew_json *got[COUNT];
	enum ew_code rc = ew_record_take(got, doc, want, COUNT, err);

	if (rc != EW_OK)
		return rc;
	out->dataset = ew_json_text(got[DATASET]);
	out->name = ew_json_text(got[NAME]);
	out->licence = ew_json_text(got[LICENCE]);
	if ((rc = check_values(out, ew_json_int(got[FORMAT]), err)) != EW_OK ||
	    (rc = copy(&out->dataset, arena, err)) != EW_OK ||
	    (rc = copy(&out->name, arena, err)) != EW_OK ||
	    (rc = copy(&out->licence, arena, err)) != EW_OK)
		return rc;
	return read_fanout(out, arena, got[FANOUT], err);
}

enum ew_code
ew_manifest_parse(struct ew_manifest *out, struct ew_arena *arena, struct ew_str bytes,
	struct ew_err *err)
{
	struct ew_json *doc = NULL;
	struct ew_buf written = { 0 };
	enum ew_code rc = ew_record_parse(&doc, bytes, schema, err);

	*out = (struct ew_manifest){ 0 };
	if (rc == EW_OK)
		rc = check_format(doc, err);
	if (rc == EW_OK)
		rc = read_manifest(out, arena, doc, err);
	if (rc == EW_OK) {
		ew_json_canonical(&written, doc);
		rc = ew_record_compare(&written, bytes, err);
	}
	ew_buf_release(&written);
	ew_json_free(doc);
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "manifest");
}

void
ew_manifest_write(struct ew_buf *out, const struct ew_manifest *m)
{
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "dataset", m->dataset);
	ew_jsonw_name(&w, EW_LIT("fanout"));
	ew_jsonw_object(&w);
	for (size_t i = 0; i < m->fanouts; i++) {
		ew_jsonw_name(&w, m->fanout[i].collection);
		ew_jsonw_int(&w, m->fanout[i].levels);
	}
	ew_jsonw_end(&w);
	ew_jsonw_int_at(&w, "format", EW_FORMAT);
	if (m->licence.p)
		ew_jsonw_str_at(&w, "licence", m->licence);
	ew_jsonw_str_at(&w, "name", m->name);
	ew_jsonw_str_at(&w, "schema", ew_str(schema));
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}

int
ew_manifest_fanout(const struct ew_manifest *m, struct ew_str collection)
{
	for (size_t i = 0; i < m->fanouts; i++)
		if (ew_str_eq(m->fanout[i].collection, collection))
			return (int)m->fanout[i].levels;
	return -1;
}

enum ew_code
ew_manifest_set_fanout(struct ew_manifest *m, struct ew_arena *arena, struct ew_str collection,
	unsigned levels, struct ew_err *err)
{
	struct ew_fanout *to, new = { ew_arena_str(arena, collection), levels };
	size_t at = 0;
	bool there;

	assert(levels <= EW_FANOUT_MAX && ew_collection_ok(collection));
	while (at < m->fanouts && ew_jcs_cmp(m->fanout[at].collection, collection) < 0)
		at++;
	there = at < m->fanouts && ew_str_eq(m->fanout[at].collection, collection);
	if (!there && m->fanouts == EW_JSON_MEMBERS)
		return ew_fail(err, EW_REFUSED,
			"manifest: over %d collections; use fewer splits and campaigns",
			EW_JSON_MEMBERS);
	to = ew_arena_array(arena, m->fanouts + !there, sizeof *to);
	if (!to || !new.collection.p)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < at; i++)
		to[i] = m->fanout[i];
	to[at] = new;
	for (size_t i = at + there; i < m->fanouts; i++)
		to[i + !there] = m->fanout[i];
	m->fanout = to;
	m->fanouts += !there;
	return EW_OK;
}

/* The smallest f with n / 32 < 16^(f + 1/2), that is n < 128 * 16^f. */
unsigned
ew_fanout_for(uint64_t n)
{
	unsigned f = 0;

	for (uint64_t limit = 128; n >= limit && f < EW_FANOUT_MAX; limit *= 16)
		f++;
	return f;
}

void
ew_uuid_write(struct ew_buf *out, const unsigned char random[16])
{
	unsigned char b[16];
	char hex[2 * sizeof b + 1];

	for (size_t i = 0; i < sizeof b; i++)
		b[i] = random[i];
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* the variant of RFC 4122 */
	ew_hex(hex, b, sizeof b);
	ew_buf_addf(out, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
