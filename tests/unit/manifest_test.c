/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

#define UUID "01234567-89ab-4def-8123-456789abcdef"
#define WITH(fanout, format, licence, name)                                                        \
	"{\"dataset\":\"" UUID "\",\"fanout\":" fanout ",\"format\":" format licence               \
	",\"name\":\"" name "\",\"schema\":\"manifest/1\"}"

static void
test_round_trip(struct ew_arena *a)
{
	static const char text[] = WITH("{\"instances\":1,\"labels/test\":0,\"labels/train\":8}",
		"1", ",\"licence\":\"CC0-1.0\"", "Étalon");
	char bytes[sizeof text], name[600];
	struct ew_manifest m;
	struct ew_err err = { 0 };
	struct ew_buf out = { 0 };

	memcpy(bytes, text, sizeof text);
	is_int(ew_manifest_parse(&m, a, ew_str(bytes), &err), EW_OK, "a manifest is read %s",
		err.msg);
	memset(bytes, 'x', sizeof bytes); /* what was read lives in the arena */
	is_str(m.dataset, UUID, "dataset");
	is_str(m.name, "Étalon", "name");
	is_str(m.licence, "CC0-1.0", "licence");
	is_int(m.fanouts, 3, "three collections");
	is_int(ew_manifest_fanout(&m, EW_LIT("labels/train")), 8, "fan-out of labels/train");
	is_int(ew_manifest_fanout(&m, EW_LIT("labels/test")), 0, "fan-out of labels/test");
	is_int(ew_manifest_fanout(&m, EW_LIT("labels")), -1, "labels is no collection");
	ew_manifest_write(&out, &m);
	is_str(ew_buf_str(&out), text, "and written as it was");
	ew_buf_release(&out);
	is_int(ew_manifest_parse(&m, a, EW_LIT(WITH("{}", "1", "", "x")), &err), EW_OK,
		"the least");
	ok(!m.licence.p && m.fanouts == 0, "has neither licence nor collections");
	ew_manifest_write(&out, &m);
	is_str(ew_buf_str(&out), WITH("{}", "1", "", "x"), "and is written as it was");
	ew_buf_release(&out);
	snprintf(name, sizeof name, WITH("{}", "1", "", "%0200d"), 0);
	is_int(ew_manifest_parse(&m, a, ew_str(name), &err), EW_OK, "a name of 200 bytes");
}

static void
refuse(struct ew_arena *a, const char *text, enum ew_code code, const char *msg)
{
	struct ew_manifest m;
	struct ew_err err = { 0 };

	is_int(ew_manifest_parse(&m, a, ew_str(text), &err), code, "refused: %.90s", text);
	ok(strstr(err.msg, msg) != NULL, "because '%s'", msg);
	if (!strstr(err.msg, msg))
		printf("# got: %s\n", err.msg);
}

static void
test_refusals(struct ew_arena *a)
{
	char big[600];

	refuse(a, "", EW_REFUSED, "manifest: ");
	refuse(a, "[]", EW_REFUSED, "manifest: ");
	refuse(a, WITH("{}", "2", "", "x"), EW_UNSUPPORTED,
		"manifest: format 2 is newer than 1, which this program reads; use a newer one");
	refuse(a, WITH("{}", "2", ",\"later\":1", "x"), EW_UNSUPPORTED, "format 2 is newer");
	refuse(a, WITH("{}", "0", "", "x"), EW_REFUSED, "manifest: format is not 1; correct it");
	refuse(a, WITH("{}", "\"1\"", "", "x"), EW_REFUSED, "format");
	refuse(a, WITH("{}", "1", ",\"later\":1", "x"), EW_REFUSED, "later");
	refuse(a, WITH("{}", "1", "", ""), EW_REFUSED, "manifest: name is empty");
	refuse(a, WITH("{}", "1", ",\"licence\":\"\"", "x"), EW_REFUSED,
		"manifest: licence is empty");
	refuse(a, WITH("{\"labels/test\":9}", "1", "", "x"), EW_REFUSED,
		"manifest: fanout of labels/test is not 0 to 8; correct it");
	refuse(a, WITH("{\"labels/test\":-1}", "1", "", "x"), EW_REFUSED, "is not 0 to 8");
	refuse(a, WITH("{\"labels/test\":\"1\"}", "1", "", "x"), EW_REFUSED, "is not 0 to 8");
	refuse(a, WITH("{\"labels/..\":1}", "1", "", "x"), EW_REFUSED,
		"manifest: fanout: 'labels/..' is no collection; remove it");
	refuse(a, WITH("{}", "1", "", "x") "\n", EW_REFUSED, "canonical");
	refuse(a, WITH("{ }", "1", "", "x"), EW_REFUSED, "canonical");
	refuse(a, WITH("{\"labels/b\":1,\"labels/a\":1}", "1", "", "x"), EW_REFUSED, "canonical");
	refuse(a, WITH("{}", "1", "", "\\u0078"), EW_REFUSED, "canonical");
	refuse(a,
		"{\"dataset\":\"" UUID
		"0\",\"fanout\":{},\"format\":1,\"name\":\"x\",\"schema\":\"manifest/1\"}",
		EW_REFUSED, "manifest: dataset is not a UUID in lower case; correct it");
	refuse(a, "{\"fanout\":{},\"format\":1,\"name\":\"x\",\"schema\":\"manifest/1\"}",
		EW_REFUSED, "dataset");
	refuse(a,
		"{\"dataset\":\"" UUID
		"\",\"fanout\":{},\"format\":1,\"name\":\"x\",\"schema\":\"label/1\"}",
		EW_REFUSED, "schema");
	snprintf(big, sizeof big, WITH("{}", "1", "", "%0201d"), 0);
	refuse(a, big, EW_REFUSED, "manifest: name is too long; shorten it");
}

static void
test_names(void)
{
	static const char *const good[] = { "instances", "labels/test", "audits/a",
		"recomputations/2", "adjudications/_-",
		"labels/0123456789012345678901234567890123456789012345678901234567890123" };
	static const char *const bad[] = { "", "labels", "labels/", "instances/a", "instances/",
		"Labels/a", "labels/-a", "labels/A", "labels/a/b", "labels/.", "/labels/a",
		"label/a",
		"labels/01234567890123456789012345678901234567890123456789012345678901234" };
	static const char *const no_uuid[] = { "", "01234567-89ab-4def-8123-456789abcde",
		"01234567-89ab-4def-8123-456789abcdef0", "01234567-89AB-4def-8123-456789abcdef",
		"0123456789ab-4def-8123-456789abcdef00", "01234567-89ab-4def-8123_456789abcdef",
		"01234567-89ab-4def-81234456789abcdef0", "0123456--89ab-4def-8123-456789abcdef" };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ok(ew_collection_ok(ew_str(good[i])), "%s is a collection", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!ew_collection_ok(ew_str(bad[i])), "'%s' is none", bad[i]);
	ok(ew_uuid_ok(EW_LIT(UUID)), "a UUID");
	for (size_t i = 0; i < sizeof no_uuid / sizeof no_uuid[0]; i++)
		ok(!ew_uuid_ok(ew_str(no_uuid[i])), "'%s' is none", no_uuid[i]);
}

static void
test_set_fanout(struct ew_arena *a)
{
	struct ew_manifest m = { .dataset = EW_LIT(UUID), .name = EW_LIT("x") };
	struct ew_err err = { 0 };
	struct ew_buf out = { 0 };
	char name[40];
	int bad = 0;

	is_int(ew_manifest_set_fanout(&m, a, EW_LIT("labels/test"), 2, &err), EW_OK,
		"first collection");
	is_int(ew_manifest_set_fanout(&m, a, EW_LIT("instances"), 1, &err), EW_OK, "one before it");
	is_int(ew_manifest_set_fanout(&m, a, EW_LIT("labels/train"), 3, &err), EW_OK,
		"one after it");
	is_int(ew_manifest_set_fanout(&m, a, EW_LIT("labels/test"), 4, &err), EW_OK, "set again");
	ew_manifest_write(&out, &m);
	is_str(ew_buf_str(&out),
		WITH("{\"instances\":1,\"labels/test\":4,\"labels/train\":3}", "1", "", "x"),
		"in order, each once");
	ew_buf_release(&out);
	for (size_t i = m.fanouts; i < 256; i++) {
		snprintf(name, sizeof name, "audits/c%zu", i);
		bad += ew_manifest_set_fanout(&m, a, ew_str(name), 0, &err) != EW_OK;
	}
	is_int(bad, 0, "256 collections");
	is_int(ew_manifest_set_fanout(&m, a, EW_LIT("labels/test"), 5, &err), EW_OK,
		"one of which can be set");
	is_int(ew_manifest_set_fanout(&m, a, EW_LIT("audits/more"), 0, &err), EW_REFUSED,
		"but no more");
	is_str(ew_str(err.msg), "manifest: over 256 collections; use fewer splits and campaigns",
		"and why");
	is_int(ew_manifest_fanout(&m, EW_LIT("labels/test")), 5, "the others stay");
}

static void
test_fanout_for(void)
{
	static const struct {
		uint64_t n;
		unsigned f;
	} want[] = { { 0, 0 }, { 127, 0 }, { 128, 1 }, { 2047, 1 }, { 2048, 2 }, { 32767, 2 },
		{ 32768, 3 }, { 524287, 3 }, { 524288, 4 }, { 34359738367, 7 }, { 34359738368, 8 },
		{ 549755813888, 8 }, { UINT64_MAX, 8 } };

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
		is_int(ew_fanout_for(want[i].n), want[i].f, "fan-out for %llu",
			(unsigned long long)want[i].n);
}

static void
test_uuid(void)
{
	static const unsigned char ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255 };
	static const unsigned char count[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
		15 };
	struct ew_buf out = { 0 };

	ew_uuid_write(&out, ones);
	is_str(ew_buf_str(&out), "ffffffff-ffff-4fff-bfff-ffffffffffff", "version 4, variant 10");
	ew_buf_clear(&out);
	ew_uuid_write(&out, count);
	is_str(ew_buf_str(&out), "00010203-0405-4607-8809-0a0b0c0d0e0f", "bytes in their order");
	ok(ew_uuid_ok(ew_buf_str(&out)), "which is a UUID");
	ew_buf_release(&out);
}

int
main(void)
{
	struct ew_arena arena = { 0 };

	test_round_trip(&arena);
	test_refusals(&arena);
	test_names();
	test_set_fanout(&arena);
	test_fanout_for();
	test_uuid();
	ew_arena_release(&arena);
	return tap_done();
}
