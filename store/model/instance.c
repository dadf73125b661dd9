/* SPDX-License-Identifier: Apache-2.0 */
#include "model/instance.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/id.h"
#include "model/record.h"

static const char schema[] = "instance/1";

/* The members of an instance, in canonical order. */
enum { ATTRIBUTES, DIGEST, ID, INPUT, SCHEMA, COUNT };
static const struct ew_member members[COUNT] = {
	[ATTRIBUTES] = { "attributes", EW_JSON_OBJECT, true },
	[DIGEST] = { "digest", EW_JSON_STRING, false },
	[ID] = { "id", EW_JSON_STRING, true },
	[INPUT] = { "input", EW_JSON_OBJECT, false },
	[SCHEMA] = { "schema", EW_JSON_STRING, true },
};

static enum ew_code
check_attributes(const struct ew_json *object, struct ew_err *err)
{
	for (const struct ew_json *m = ew_json_first(object); m; m = ew_json_next(m)) {
		enum ew_json_type type = ew_json_type(m);

		if (type != EW_JSON_STRING && type != EW_JSON_NUMBER && type != EW_JSON_BOOL)
			return ew_fail(err, EW_REFUSED,
				"attributes: \"%.*s\" must be a text, an integer, true or false",
				EW_FMT(ew_json_name(m)));
	}
	return EW_OK;
}

/* The canonical JSON of a node, in the arena. */
static enum ew_code
canonical(struct ew_str *out, const struct ew_json *node, struct ew_arena *arena,
	struct ew_err *err)
{
	struct ew_buf b = { 0 };
	enum ew_code rc;

	ew_json_canonical(&b, node);
	rc = ew_buf_check(&b, err);
	if (rc == EW_OK) {
		*out = ew_arena_str(arena, ew_buf_str(&b));
		if (!out->p)
			rc = ew_fail_nomem(err);
	}
	ew_buf_release(&b);
	return rc;
}

static enum ew_code
read_input(struct ew_instance *out, const struct ew_json *input, const struct ew_json *digest,
	struct ew_arena *arena, struct ew_hash *hash, struct ew_err *err)
{
	enum ew_code rc;

	if (!input == !digest)
		return ew_fail(err, EW_REFUSED,
			"an instance has either input or digest; give one of them");
	if (digest) {
		if (ew_unhex(out->digest.b, sizeof out->digest.b, ew_json_text(digest)))
			return EW_OK;
		return ew_fail(err, EW_REFUSED,
			"digest is none; write 64 lower-case hexadecimal digits");
	}
	rc = canonical(&out->input, input, arena, err);
	if (rc == EW_OK)
		out->digest = ew_sha256_str(hash, out->input);
	return rc;
}

static enum ew_code
read_instance(struct ew_instance *out, const struct ew_json *doc, struct ew_arena *arena,
	struct ew_hash *hash, struct ew_err *err)
{
	const struct ew_json *got[COUNT];
	enum ew_code rc = ew_record_take(got, doc, members, COUNT, err);

	*out = (struct ew_instance){ 0 };
	if (rc == EW_OK)
		rc = ew_id_check(ew_json_text(got[ID]), err);
	if (rc == EW_OK)
		rc = check_attributes(got[ATTRIBUTES], err);
	if (rc == EW_OK)
		rc = read_input(out, got[INPUT], got[DIGEST], arena, hash, err);
	if (rc == EW_OK)
		rc = canonical(&out->attributes, got[ATTRIBUTES], arena, err);
	if (rc != EW_OK)
		return rc;
	out->id = ew_arena_str(arena, ew_json_text(got[ID]));
	return out->id.p ? EW_OK : ew_fail_nomem(err);
}

enum ew_code
ew_instance_parse(struct ew_instance *out, struct ew_arena *arena, struct ew_hash *hash,
	struct ew_str bytes, struct ew_err *err)
{
	struct ew_json *doc = NULL;
	struct ew_buf written = { 0 };
	enum ew_code rc = ew_record_parse(&doc, bytes, schema, err);

	if (rc == EW_OK)
		rc = read_instance(out, doc, arena, hash, err);
	if (rc == EW_OK) {
		ew_instance_write(&written, out);
		rc = ew_record_compare(&written, bytes, err);
	}
	ew_buf_release(&written);
	ew_json_free(doc);
	return rc;
}

enum ew_code
ew_instance_cut(struct ew_instance_cut *out, struct ew_str record, struct ew_err *err)
{
	struct ew_str value[COUNT];

	if (!ew_record_cut_checked(value, record, members, COUNT) ||
	    !value[DIGEST].p == !value[INPUT].p || !ew_str_is(value[SCHEMA], "\"instance/1\""))
		return ew_fail(err, EW_REFUSED, "not an instance's canonical JSON; run ellwand fsck");
	out->attributes = value[ATTRIBUTES];
	out->id = value[ID];
	out->input = value[INPUT];
	return EW_OK;
}

enum ew_code
ew_instance_check(const struct ew_instance *instance, struct ew_err *err)
{
	struct ew_buf written = { 0 };
	enum ew_code rc = ew_id_check(instance->id, err);

	if (rc != EW_OK)
		return rc;
	ew_instance_write(&written, instance);
	rc = ew_record_fits(&written, err);
	ew_buf_release(&written);
	return rc;
}

void
ew_instance_write(struct ew_buf *out, const struct ew_instance *instance)
{
	char digest[2 * sizeof instance->digest.b + 1];
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_name(&w, EW_LIT("attributes"));
	ew_jsonw_raw(&w, instance->attributes.p ? instance->attributes : EW_LIT("{}"));
	if (!instance->input.p) {
		ew_hex(digest, instance->digest.b, sizeof instance->digest.b);
		ew_jsonw_str_at(&w, "digest", ew_str(digest));
	}
	ew_jsonw_str_at(&w, "id", instance->id);
	if (instance->input.p) {
		ew_jsonw_name(&w, EW_LIT("input"));
		ew_jsonw_raw(&w, instance->input);
	}
	ew_jsonw_str_at(&w, "schema", ew_str(schema));
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}

static const struct ew_json *
find_member(const struct ew_json *object, struct ew_str name)
{
	const struct ew_json *m = ew_json_first(object);

	while (m && !ew_str_eq(ew_json_name(m), name))
		m = ew_json_next(m);
	return m;
}

enum ew_code
ew_instance_attribute(struct ew_str *out, const struct ew_instance *instance, struct ew_str name,
	struct ew_arena *arena, struct ew_err *err)
{
	const struct ew_json *value;
	struct ew_json *attributes = NULL;
	enum ew_code rc;

	*out = (struct ew_str){ NULL, 0 };
	if (!instance->attributes.p)
		return EW_OK;
	rc = ew_json_parse(&attributes, instance->attributes, EW_JSON_INTEGERS, err);
	if (rc != EW_OK)
		return rc;
	value = find_member(attributes, name);
	if (value) {
		bool truth = ew_json_type(value) == EW_JSON_BOOL;
		struct ew_str word = ew_json_bool(value) ? EW_LIT("true") : EW_LIT("false");

		*out = ew_arena_str(arena, truth ? word : ew_json_text(value));
		if (!out->p)
			rc = ew_fail_nomem(err);
	}
	ew_json_free(attributes);
	return rc;
}
