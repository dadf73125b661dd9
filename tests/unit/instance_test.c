/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader refuses as the schema does is in records_agree_test.c; here is the rest. */
#include "model/instance.h"
#include "codec/json.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define EMPTY "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" /* SHA-256 of {} */

static const char full[] =
	"{\"attributes\":{\"adult\":true,\"child\":false,\"empty\":\"\",\"name\":\"a \\\"b\\\"\",\"row\":-17},"
	"\"id\":\"7\",\"input\":{\"n\":[1,null],\"q\":\"What?\\r\\n\"},\"schema\":\"instance/1\"}";

struct sample {
	struct ew_instance instance;
	struct ew_arena arena;
	struct ew_err err;
	enum ew_code rc;
};

static void
parse(struct sample *s, struct ew_hash *hash, struct ew_str bytes)
{
	*s = (struct sample){ 0 };
	s->rc = ew_instance_parse(&s->instance, &s->arena, hash, bytes, &s->err);
}

static void
is_digest(const struct ew_sha256 *digest, const char *want, const char *what)
{
	char hex[65];

	ew_hex(hex, digest->b, sizeof digest->b);
	is_str(ew_str(hex), want, "%s", what);
}

static void
test_members(struct ew_hash *hash)
{
	char *bytes = malloc(sizeof full);
	struct ew_buf b = { 0 };
	struct sample s;

	memcpy(bytes, full, sizeof full);
	parse(&s, hash, ew_str(bytes));
	memset(bytes, '!', sizeof full);
	free(bytes);
	is_int(s.rc, EW_OK, "an instance is read %s", s.err.msg);
	is_str(s.instance.id, "7", "its id");
	is_str(s.instance.input, "{\"n\":[1,null],\"q\":\"What?\\r\\n\"}", "its input");
	is_digest(&s.instance.digest,
		"d8a994affd3d4606c2a6cab49b69fb99fb1702a6aeb22f3f79b38941d546664a",
		"the input's digest");
	ew_instance_write(&b, &s.instance);
	is_str(ew_buf_str(&b), full, "and it is written as it was");
	is_int(ew_instance_check(&s.instance, &s.err), EW_OK, "and passes");
	ew_buf_release(&b);
	ew_arena_release(&s.arena);
}

static void
test_digest_only(struct ew_hash *hash)
{
	static const char bytes[] = "{\"attributes\":{},\"digest\":\"" EMPTY "\",\"id\":\"7\",\"schema\":\"instance/1\"}";
	struct ew_instance bare = { .id = EW_LIT_INIT("7") };
	struct ew_buf b = { 0 };
	struct sample s;

	parse(&s, hash, ew_str(bytes));
	is_int(s.rc, EW_OK, "an instance without its input is read %s", s.err.msg);
	ok(!s.instance.input.p, "it has none");
	is_digest(&s.instance.digest, EMPTY, "but its digest");
	bare.digest = s.instance.digest;
	ew_instance_write(&b, &bare);
	is_str(ew_buf_str(&b), bytes, "absent attributes are written as none");
	ew_buf_clear(&b);
	ew_arena_release(&s.arena);
	parse(&s, hash,
		EW_LIT("{\"attributes\":{},\"id\":\"7\",\"input\":{},\"schema\":\"instance/1\"}"));
	is_int(s.rc, EW_OK, "an instance with an empty input is another thing");
	is_digest(&s.instance.digest, EMPTY, "with the same digest");
	ew_buf_release(&b);
	ew_arena_release(&s.arena);
}

static void
test_refusals(struct ew_hash *hash)
{
	static const struct {
		const char *bytes, *why;
	} refused[] = {
		{ "", "offset 0" },
		{ "{}", "schema is not \"instance/1\"" },
		{ "{\"attributes\":{},\"id\":\"7\",\"schema\":\"instance/1\"}",
			"either input or digest; give one of them" },
		{ "{\"attributes\":{},\"digest\":\"" EMPTY "\",\"id\":\"7\",\"input\":{},\"schema\":\"instance/1\"}",
			"either input or digest" },
		{ "{\"attributes\":{},\"digest\":\"44\",\"id\":\"7\",\"schema\":\"instance/1\"}",
			"digest is none; write 64" },
		{ "{\"attributes\":{\"a\":null},\"id\":\"7\",\"input\":{},\"schema\":\"instance/1\"}",
			"attributes: \"a\" must be a text, an integer, true or false" },
		{ "{\"attributes\":{},\"id\":\"\",\"input\":{},\"schema\":\"instance/1\"}",
			"is empty" },
		{ "{\"attributes\":{},\"id\":\"e\xcc\x81\",\"input\":{},\"schema\":\"instance/1\"}",
			"normal form C" },
		{ "{\"attributes\":{},\"id\":\"7\",\"input\":{},\"schema\":\"instance/1\"}\n",
			"not in canonical form" },
		{ "{\"attributes\":{},\"id\":\"7\",\"input\":{\"b\":1,\"a\":1},\"schema\":\"instance/1\"}",
			"not in canonical form" },
		{ "{\"attributes\":{\"b\":1,\"a\":1},\"id\":\"7\",\"input\":{},\"schema\":\"instance/1\"}",
			"not in canonical form" },
		{ "{\"attributes\":{},\"id\":\"7\",\"input\":{\"a\":\"\\u0041\"},\"schema\":\"instance/1\"}",
			"not in canonical form" },
	};

	for (size_t i = 0; i < COUNT(refused); i++) {
		struct sample s;

		parse(&s, hash, ew_str(refused[i].bytes));
		is_int(s.rc, EW_REFUSED, "instance %zu is refused", i);
		ok(strstr(s.err.msg, refused[i].why), "message: %s", s.err.msg);
		ew_arena_release(&s.arena);
	}
}

static void
not_cut(const char *record)
{
	struct ew_instance_cut c;
	struct ew_err err = { 0 };

	ok(ew_instance_cut(&c, ew_str(record), &err) == EW_REFUSED &&
			strstr(err.msg, "not an instance's canonical JSON; run ellwand fsck"),
		"not cut: %s", record);
}

static void
test_cut(void)
{
	struct ew_instance_cut c;
	struct ew_err err = { 0 };

	ok(ew_instance_cut(&c, ew_str(full), &err) == EW_OK, "cut: %s", err.msg);
	is_str(c.id, "\"7\"", "the id, as it stands");
	is_str(c.input, "{\"n\":[1,null],\"q\":\"What?\\r\\n\"}", "the input");
	ok(ew_str_starts(c.attributes, "{\"adult\":true,") && ew_str_ends(c.attributes, ":-17}"),
		"the attributes");
	ok(ew_instance_cut(&c, EW_LIT("{\"attributes\":{},\"digest\":\"" EMPTY
			"\",\"id\":\"7\",\"schema\":\"instance/1\"}"), &err) == EW_OK && !c.input.p,
		"an input that is not stored is absent");
	not_cut("{}");
	not_cut("{\"attributes\":{},\"id\":\"7\",\"schema\":\"instance/1\"}");
	not_cut("{\"attributes\":{},\"digest\":\"" EMPTY
		"\",\"id\":\"7\",\"input\":{},\"schema\":\"instance/1\"}");
	not_cut("{\"attributes\":{},\"id\":\"7\",\"input\":{},\"schema\":\"instance/2\"}");
	not_cut("{\"attributes\":{},\"id\":\"7\",\"input\":{\"a\":1.5},\"schema\":\"instance/1\"}");
	not_cut("{\"attributes\":{},\"id\":\"7\",\"input\":{}}");
}

static void
test_check(void)
{
	struct ew_instance instance = { .id = EW_LIT_INIT("a\n") };
	struct ew_buf input = { 0 };
	struct ew_err err = { 0 };

	is_int(ew_instance_check(&instance, &err), EW_REFUSED, "a bad id is refused");
	ok(strstr(err.msg, "holds a control character"), "message: %s", err.msg);
	ew_buf_adds(&input, "{\"q\":\"");
	for (size_t i = 0; i < EW_JSON_RECORD_MAX; i++)
		ew_buf_addc(&input, 'x');
	ew_buf_adds(&input, "\"}");
	instance = (struct ew_instance){ .id = EW_LIT_INIT("a"), .input = ew_buf_str(&input) };
	ew_err_clear(&err);
	is_int(ew_instance_check(&instance, &err), EW_REFUSED, "so is an input over 1 MiB");
	ok(strstr(err.msg, "over 1 MiB; shorten it"), "message: %s", err.msg);
	ew_buf_release(&input);
}

static void
test_attributes(struct ew_hash *hash)
{
	static const char *const known[][2] = { { "adult", "true" }, { "child", "false" },
		{ "empty", "" },
		{ "name", "a \"b\"" }, { "row", "-17" } };
	struct ew_instance none = { .id = EW_LIT_INIT("7") };
	struct ew_str text;
	struct sample s;

	parse(&s, hash, ew_str(full));
	for (size_t i = 0; i < COUNT(known); i++) {
		is_int(ew_instance_attribute(&text, &s.instance, ew_str(known[i][0]), &s.arena,
			&s.err), EW_OK,
			"attribute %s", known[i][0]);
		ok(text.p, "is there");
		is_str(text, known[i][1], "as text");
	}
	is_int(ew_instance_attribute(&text, &s.instance, EW_LIT("Adult"), &s.arena, &s.err), EW_OK,
		"another");
	ok(!text.p, "is not there");
	is_int(ew_instance_attribute(&text, &none, EW_LIT("adult"), &s.arena, &s.err), EW_OK,
		"without attributes");
	ok(!text.p, "there is none");
	s.instance.attributes = EW_LIT("{");
	is_int(ew_instance_attribute(&text, &s.instance, EW_LIT("adult"), &s.arena, &s.err),
		EW_REFUSED,
		"attributes that are no JSON are refused");
	ew_arena_release(&s.arena);
}

int
main(void)
{
	struct ew_hash *hash = NULL;
	struct ew_err err = { 0 };

	if (!ok(ew_hash_open(&hash, &err) == EW_OK, "hash: %s", err.msg))
		return tap_done();
	test_members(hash);
	test_digest_only(hash);
	test_refusals(hash);
	test_cut();
	test_check();
	test_attributes(hash);
	ew_hash_free(hash);
	return tap_done();
}
