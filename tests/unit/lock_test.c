/* SPDX-License-Identifier: Apache-2.0 */
/* Locks: how they are written, that what people make of one is read, and what is refused. */
#include "base/file.h"
#include "codec/schema.h"
#include "model/lock.h"
#include "tests/lib/tap.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#define A "ewa1:2222222222222222222222222222222222222222222222222222222222222222"
#define R "ewr1:1111111111111111111111111111111111111111111111111111111111111111"
#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define POLICY "sha256:5555555555555555555555555555555555555555555555555555555555555555"

static const char written[] =
	"{\n"
	"  \"answers\": \"" A "\",\n"
	"  \"commit\": \"" HEX "\",\n"
	"  \"dataset\": \"97cff4fe-473d-4588-b325-654ecaad142f\",\n"
	"  \"expires\": \"2027-06-30T23:59:59Z\",\n"
	"  \"policy\": \"" POLICY "\",\n"
	"  \"records\": \"" R "\",\n"
	"  \"release\": \"v2.0\",\n"
	"  \"root\": \"" HEX "\",\n"
	"  \"schema\": \"lock/1\",\n"
	"  \"sequence\": 2,\n"
	"  \"splits\": {\n"
	"    \"test\": {\n"
	"      \"answers\": \"" A "\",\n"
	"      \"labels\": 38,\n"
	"      \"records\": \"" R "\"\n"
	"    },\n"
	"    \"train\": {\n"
	"      \"answers\": \"" A "\",\n"
	"      \"labels\": 28,\n"
	"      \"records\": \"" R "\"\n"
	"    }\n"
	"  },\n"
	"  \"tag\": \"" HEX "\",\n"
	"  \"time\": \"2026-11-22T10:00:00Z\"\n"
	"}\n";

static const char by_hand[] =
	"{\"schema\":\"lock/1\",\"release\":\"v2.0\",\"sequence\":2,\"time\":\"2026-11-22T10:00:00Z\",\r\n"
	"\"expires\":\"2027-06-30T23:59:59Z\",\"tag\":\"" HEX "\",\"commit\":\"" HEX "\",\"root\":\"" HEX "\",\n"
	"\"dataset\":\"97cff4fe-473d-4588-b325-654ecaad142f\",\"policy\":\"" POLICY "\",\t\"splits\":{"
	"\"train\":{\"labels\":28,\"records\":\"" R "\",\"answers\":\"" A "\"},"
	"\"test\":{\"labels\":38,\"records\":\"" R "\",\"answers\":\"" A "\"}},"
	"\"answers\":\"" A "\",\"records\":\"" R "\"}";

static void
test_writing(struct ew_arena *a)
{
	struct ew_lock l, again;
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };

	is_int(ew_lock_parse(&l, a, ew_str(written), &err), EW_OK, "a lock is read %s", err.msg);
	ew_lock_write(&out, &l);
	is_str(ew_buf_str(&out), written, "and written as it was");
	is_str(l.release, "v2.0", "release");
	is_int((long long)l.sequence, 2, "sequence");
	is_int((long long)l.expires, 1814399999, "end");
	is_int((long long)l.time, 1795341600, "time");
	is_int((long long)ew_lock_labels(&l), 66, "labels");
	is_int(ew_lock_parse(&again, a, ew_str(by_hand), &err), EW_OK, "in another order and form too %s",
		err.msg);
	ok(!ew_lock_difference(&l, &again), "it says the same");
	ew_buf_clear(&out);
	ew_lock_write(&out, &again);
	is_str(ew_buf_str(&out), written, "and is written the same");
	ew_buf_clear(&out);
	ew_lock_json(&out, &l);
	ok(ew_str_starts(ew_buf_str(&out), "{\"answers\":\"" A "\",\"commit\":") &&
			ew_str_find(ew_buf_str(&out), 0, '\n') == out.len - 1,
		"on one line it is canonical");
	l.expires = 0;
	ew_buf_clear(&out);
	ew_lock_write(&out, &l);
	ok(!strstr(out.p, "expires"), "what never expires does not say so");
	ew_buf_release(&out);
}

static void
test_difference(struct ew_arena *a)
{
	struct ew_lock l, m;
	struct ew_err err = { 0 };

	is_int(ew_lock_parse(&l, a, ew_str(written), &err), EW_OK, "a lock is read");
#define DIFFERS(change, name)                                                    \
	do {                                                                     \
		if (ew_lock_parse(&m, a, ew_str(written), &err) == EW_OK)        \
			change;                                                  \
		is_str(ew_str(ew_lock_difference(&l, &m)), name, "differ in " name); \
		is_str(ew_str(ew_lock_difference(&m, &l)), name, "either way");  \
	} while (0)
	DIFFERS(m.dataset = EW_LIT("97cff4fe-473d-4588-b325-654ecaad1420"), "dataset");
	DIFFERS(m.root.b[0] ^= 1, "root");
	DIFFERS(m.release = EW_LIT("v2.0.0"), "release");
	DIFFERS(m.sequence++, "sequence");
	DIFFERS(m.tag.b[19] ^= 1, "tag");
	DIFFERS(m.commit.b[7] ^= 1, "commit");
	DIFFERS(m.time++, "time");
	DIFFERS(m.expires = 0, "expires");
	DIFFERS(m.records.b[0] ^= 1, "records");
	DIFFERS(m.answers.b[31] ^= 1, "answers");
	DIFFERS(m.policy.b[0] ^= 1, "policy");
	DIFFERS(m.splits--, "splits");
	DIFFERS(m.split[0].name = EW_LIT("dev"), "splits");
	DIFFERS(m.split[1].trie.count++, "splits");
	DIFFERS(m.split[1].trie.records.b[0] ^= 1, "splits");
	DIFFERS(m.split[1].trie.answers.b[0] ^= 1, "splits");
}

static void
refuse(struct ew_arena *a, const char *from, const char *to, const char *msg)
{
	char text[4096];
	const char *at = strstr(written, from);
	struct ew_lock l;
	struct ew_err err = { 0 };

	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - written), written, to, at + strlen(from));
	is_int(ew_lock_parse(&l, a, ew_str(text), &err), EW_REFUSED, "refused: %s", to);
	is_str(ew_str(err.msg), msg, "and why");
}

static void
test_refusals(struct ew_arena *a)
{
	static char long_text[EW_LOCK_MAX + 2];
	struct ew_lock l;
	struct ew_err err = { 0 };

	refuse(a, "lock/1", "lock/2", "schema is not \"lock/1\"; use the program that wrote it");
	refuse(a, "\"tag\":", "\"branch\": \"main\", \"tag\":", "member \"branch\" is not known; remove it");
	refuse(a, "  \"root\": \"" HEX "\",\n", "", "root is missing; add it");
	refuse(a, "\"root\": \"a", "\"root\": \"", "root is not 40 hex digits");
	refuse(a, "\"commit\": \"a", "\"commit\": \"A", "commit is not 40 hex digits");
	refuse(a, "97cff4fe", "97CFF4FE", "dataset is not a UUID in lower case");
	refuse(a, "v2.0", "v2", "release is not a version such as v1.0");
	refuse(a, "\"sequence\": 2", "\"sequence\": 0", "sequence is not 1 or more");
	refuse(a, "\"sequence\": 2", "\"sequence\": \"2\"", "sequence must be an integer");
	refuse(a, "sha256:", "sha1:", "policy is not sha256: and 64 hex digits");
	refuse(a, "\"records\": \"ewr1", "\"records\": \"ewa1", "records is not ewr1: and 64 hex digits");
	refuse(a, "\"answers\": \"ewa1:2", "\"answers\": \"ewa1:", "answers is not ewa1: and 64 hex digits");
	refuse(a, "2027-06-30T23:59:59Z", "2027-06-31T23:59:59Z", "expires is not a time such as 2027-06-30T23:59:59Z");
	refuse(a, "2026-11-22T10:00:00Z", "2026-11-22", "time is not a time such as 2027-06-30T23:59:59Z");
	refuse(a, "\"train\": {", "\"-train\": {", "splits: '-train' is no name of a split");
	refuse(a, "\"labels\": 38", "\"labels\": 0", "split test: labels is not 1 or more");
	refuse(a, "\"labels\": 38,", "", "split test: labels is missing; add it");
	refuse(a, "\"labels\": 38", "\"count\": 38", "split test: member \"count\" is not known; remove it");
	refuse(a, "{\n  \"answers\"", "<<<<<<< HEAD\n{\n  \"answers\"", "offset 0: '<' where a value is due; see RFC 8259");
	memset(long_text, ' ', sizeof long_text - 1);
	is_int(ew_lock_parse(&l, a, ew_str(long_text), &err), EW_REFUSED, "a file over 1 MiB");
	is_str(ew_str(err.msg), "over 1 MiB, which no lock is", "and why");
}

static bool
schema_accepts(const struct ew_schema *schema, struct ew_str bytes)
{
	struct ew_json *doc = NULL;
	struct ew_err err = { 0 };
	bool good = ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, &err) == EW_OK &&
		ew_schema_check(schema, doc, &err) == EW_OK;

	ew_json_free(doc);
	return good;
}

static void
test_examples(struct ew_arena *a, const char *verdict, bool good)
{
	char pattern[100];
	glob_t found;
	struct ew_schema *schema = NULL;
	struct ew_lock l;
	struct ew_buf bytes = { 0 };
	struct ew_err err = { 0 };

	snprintf(pattern, sizeof pattern, "schemas/examples/%s/lock-*.json", verdict);
	if (glob(pattern, 0, NULL, &found) != 0 || ew_schema_shipped(&schema, "lock", &err) != EW_OK) {
		ok(false, "%s: there are examples, run in the project's folder %s", pattern, err.msg);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct ew_err why = { 0 };

		ew_buf_clear(&bytes);
		if (ew_file_read(&bytes, found.gl_pathv[i], 0, &err) != EW_OK)
			break;
		ok(schema_accepts(schema, ew_buf_str(&bytes)) == good, "schema: %s", found.gl_pathv[i]);
		ok((ew_lock_parse(&l, a, ew_buf_str(&bytes), &why) == EW_OK) == good, "parser: %s",
			found.gl_pathv[i]);
	}
	is_int(err.code, EW_OK, "all of %s were read", pattern);
	globfree(&found);
	ew_buf_release(&bytes);
	ew_schema_free(schema);
}

int
main(void)
{
	struct ew_arena arena = { 0 };

	test_writing(&arena);
	test_difference(&arena);
	test_refusals(&arena);
	test_examples(&arena, "valid", true);
	test_examples(&arena, "invalid", false);
	ew_arena_release(&arena);
	return tap_done();
}
