/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of records do by hand what the schemas say.  Here both judge every
 * example and thousands of mutants of the valid ones, made in a fixed order: what
 * the schema refuses the reader must refuse, and what only the reader refuses it
 * must refuse by a rule that a schema cannot say, of the list below.
 */
#include "base/file.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "codec/schema.h"
#include "model/instance.h"
#include "model/label.h"
#include "tests/lib/tap.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
enum { MUTANTS = 150 }; /* of each example */

/* What is said of the rules that no schema of the subset can say. */
static const struct {
	const char *says, *rule;
} beyond_schema[] = {
	{ "not in canonical form", "canonical bytes" },
	{ "is over 64 bytes", "lengths in bytes" },
	{ "is over 65536 bytes", "lengths in bytes" },
	{ "is over 200 bytes", "lengths in bytes" },
	{ "makes a file name over 200 bytes", "length of an id's name" },
	{ "normal form C", "normal form of an id" },
	{ "is no date", "days of the calendar" },
	{ "is no time", "days of the calendar" },
	{ "is not whole", "whole numbers" },
	{ "exceeds upper", "lower not over upper" },
	{ "confidence: for must be 0 to of", "for not over of" },
	{ "is not greater than", "ascending order" },
	{ "assumes the same as", "assumptions that differ" },
	{ "over 1 MiB", "length of a record" },
};

struct kind {
	const char *name;
	struct ew_schema *schema;
	struct ew_hash *hash;
	size_t both, neither, reader_only, wrong;
	bool used[COUNT(beyond_schema)];
};

static bool
reader_takes(const struct kind *k, struct ew_str bytes, struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_label label;
	struct ew_instance instance;
	enum ew_code rc = strcmp(k->name, "label") == 0
		? ew_label_parse(&label, &arena, bytes, err)
		: ew_instance_parse(&instance, &arena, k->hash, bytes, err);

	ew_arena_release(&arena);
	return rc == EW_OK;
}

static bool
schema_takes(const struct kind *k, struct ew_str bytes, struct ew_err *err)
{
	struct ew_json *doc = NULL;
	enum ew_code rc = ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, err);

	if (rc == EW_OK)
		rc = ew_schema_check(k->schema, doc, err);
	ew_json_free(doc);
	return rc == EW_OK;
}

static bool
is_beyond_schema(struct kind *k, const char *message)
{
	for (size_t i = 0; i < COUNT(beyond_schema); i++) {
		if (!strstr(message, beyond_schema[i].says))
			continue;
		k->used[i] = true;
		return true;
	}
	return false;
}

/* Count what both say of `bytes`; a disagreement is printed. */
static void
judge(struct kind *k, struct ew_str bytes)
{
	struct ew_err schema_err = { 0 }, reader_err = { 0 };
	bool schema = schema_takes(k, bytes, &schema_err), reader = reader_takes(k, bytes,
		&reader_err);

	if (schema && reader)
		k->both++;
	else if (!schema && !reader)
		k->neither++;
	else if (schema && is_beyond_schema(k, reader_err.msg))
		k->reader_only++;
	else {
		k->wrong++;
		printf("# schema %s (%s), reader %s (%s): %.*s\n", schema ? "takes" : "refuses",
			schema_err.msg,
			reader ? "takes" : "refuses", reader_err.msg, EW_FMT(ew_str_part(bytes, 0,
			500)));
	}
}

/* What a mutation may put in a value's place. */
static const char *const values[] = { "null", "true", "0", "-1", "9007199254740991", "\"\"",
	"\"x\"", "\" x\"",
	"\"x\\n\"", "\"x\\u0007\"", "\"\\u007f\"", "\"\\u0085\"", "\"\\u202e\"", "\"e\\u0301\"",
		"\"\xc3\xa9\"", "[]",
	"[\"b\",\"a\"]", "[\"a\",\"b\"]", "[\"a\",\"a\"]", "{}", "\"1\"", "\"1.5\"", "\"1e3\"",
		"\"1\\n\"", "\"01\"",
	"\"2014-02-28\"", "\"2014-02-30\"", "\"2014-02-28\\n\"", "\"P1D\"", "\"P2W3D\"", "\"P\"",
		"\"P1D\\n\"",
	"\"decimal\"", "\"integer\"", "\"date\"", "\"duration\"", "\"choice\"", "\"set\"",
		"\"text\"",
	"\"computable\"", "\"incomputable\"", "\"ambiguous\"", "\"single\"", "\"imported\"",
		"\"human\"", "\"llm\"",
	"\"label/1\"", "\"instance/1\"", "\"2025-02-30T00:00:00Z\"", "\"2025-02-28T00:00:00Z\"",
	"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"",
	"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\\n\"",
	"{\"kind\":\"integer\",\"value\":\"1\"}",
		"{\"kind\":\"decimal\",\"lower\":\"2\",\"upper\":\"1\",\"value\":\"1.5\"}",
	"{\"basis\":\"single\",\"for\":2,\"of\":1}", "{\"basis\":\"single\",\"for\":1,\"of\":1}",
		"{\"method\":\"script\"}",
	"[{\"answer\":{\"kind\":\"integer\",\"value\":\"1\"},\"assuming\":\"a\"},{\"answer\":{\"kind\":\"integer\",\"value\":\"2\"},\"assuming\":\"b\"}]",
	"[{\"answer\":{\"kind\":\"integer\",\"value\":\"1\"},\"assuming\":\"a\"},{\"answer\":{\"kind\":\"integer\",\"value\":\"2\"},\"assuming\":\"a\"}]",
	"\"\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9"
	"\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9"
	"\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\"" };
static const char *const names[] = { "id", "input", "digest", "attributes", "schema", "state",
	"answer", "readings",
	"missing", "reason", "confidence", "provenance", "evidence", "kind", "value", "unit",
		"lower", "upper",
	"assuming", "basis", "for", "of", "method", "agent", "rule", "source", "at", "other" };

enum operation {
	DROP,
	REPLACE,
	RENAME,
	ADD,
	OPERATIONS
};

/* A document written with one change at the node that `left` counts down to. */
struct mutation {
	struct ew_jsonw w;
	enum operation operation;
	size_t left;
	const char *value, *name;
};

static size_t
count_nodes(const struct ew_json *j)
{
	size_t n = 1;

	for (const struct ew_json *e = ew_json_first(j); e; e = ew_json_next(e))
		n += count_nodes(e);
	return n;
}

static bool
has_member(const struct ew_json *o, const char *name)
{
	return ew_json_get(o, name) != NULL;
}

static void write_node(struct mutation *, const struct ew_json *);

/* One member or element, perhaps changed. */
static void
write_child(struct mutation *m, const struct ew_json *parent, const struct ew_json *child)
{
	bool member = ew_json_type(parent) == EW_JSON_OBJECT, here = m->left == 1;

	if (here && m->operation == DROP) {
		m->left -= 1;
		return;
	}
	if (member && here && m->operation == RENAME && !has_member(parent, m->name))
		ew_jsonw_name(&m->w, ew_str(m->name));
	else if (member)
		ew_jsonw_name(&m->w, ew_json_name(child));
	write_node(m, child);
}

static void
write_node(struct mutation *m, const struct ew_json *j)
{
	bool here = m->left == 1, object = ew_json_type(j) == EW_JSON_OBJECT;

	if (m->left)
		m->left--;
	if (here && m->operation == REPLACE) {
		ew_jsonw_raw(&m->w, ew_str(m->value));
		return;
	}
	if (!object && ew_json_type(j) != EW_JSON_ARRAY) {
		ew_jsonw_json(&m->w, j);
		return;
	}
	if (object)
		ew_jsonw_object(&m->w);
	else
		ew_jsonw_array(&m->w);
	for (const struct ew_json *e = ew_json_first(j); e; e = ew_json_next(e))
		write_child(m, j, e);
	if (here && m->operation == ADD && !(object && has_member(j, m->name))) {
		if (object)
			ew_jsonw_name(&m->w, ew_str(m->name));
		ew_jsonw_raw(&m->w, ew_str(m->value));
	}
	ew_jsonw_end(&m->w);
}

/* A linear congruential generator, so that every run makes the same mutants. */
static size_t
draw(uint64_t *state, size_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)((*state >> 33) % n);
}

/* The change written into `out`, then put in canonical form. */
static void
mutate(struct ew_buf *out, const struct ew_json *doc, size_t nodes, uint64_t *random)
{
	struct ew_buf raw = { 0 };
	struct ew_json *changed = NULL;
	struct ew_err err = { 0 };
	struct mutation m = {
		.operation = (enum operation)draw(random, OPERATIONS),
		.left = 1 + draw(random, nodes),
		.value = values[draw(random, COUNT(values))],
		.name = names[draw(random, COUNT(names))],
	};

	ew_jsonw_init(&m.w, &raw);
	write_node(&m, doc);
	ew_jsonw_finish(&m.w);
	if (ew_json_parse(&changed, ew_buf_str(&raw), EW_JSON_INTEGERS, &err) == EW_OK)
		ew_json_canonical(out, changed);
	ew_json_free(changed);
	ew_buf_release(&raw);
}

static void
judge_mutants(struct kind *k, struct ew_str bytes, uint64_t *random)
{
	struct ew_json *doc = NULL;
	struct ew_err err = { 0 };
	struct ew_buf first = { 0 }, second = { 0 };

	if (ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, &err) != EW_OK)
		ok(false, "a valid example is JSON: %s", err.msg);
	for (size_t i = 0; doc && i < MUTANTS && bytes.len < 4096; i++) {
		struct ew_json *again = NULL;

		ew_buf_clear(&first);
		ew_buf_clear(&second);
		mutate(&first, doc, count_nodes(doc), random);
		judge(k, ew_buf_str(&first));
		/* Two changes that go together reach what one cannot. */
		if (ew_json_parse(&again, ew_buf_str(&first), EW_JSON_INTEGERS, &err) == EW_OK) {
			mutate(&second, again, count_nodes(again), random);
			judge(k, ew_buf_str(&second));
		}
		ew_json_free(again);
	}
	ew_buf_release(&first);
	ew_buf_release(&second);
	ew_json_free(doc);
}

/* In the cutter's words, the same scored part as in the writer's. */
static void
judge_scored(struct ew_str bytes, const char *name)
{
	struct ew_buf cut = { 0 }, written = { 0 };
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_label label;

	if (ew_label_parse(&label, &arena, bytes, &err) == EW_OK)
		ew_label_write_scored(&written, &label);
	ok(written.len && ew_label_scored_of(&cut, bytes, &err) == EW_OK &&
			ew_str_eq(ew_buf_str(&cut), ew_buf_str(&written)),
		"%s: the scored part is cut as it is written", name);
	ew_buf_release(&cut);
	ew_buf_release(&written);
	ew_arena_release(&arena);
}

static void
judge_example(struct kind *k, const char *folder, const char *name, bool valid, uint64_t *random)
{
	char path[512];
	struct ew_mapped file = { 0 };
	struct ew_err err = { 0 }, reader_err = { 0 }, schema_err = { 0 };

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (!ok(ew_file_map(&file, path, &err) == EW_OK, "%s is there %s", path, err.msg))
		return;
	is_int(schema_takes(k, file.bytes, &schema_err), valid, "%s by the schema %s", name,
		schema_err.msg);
	is_int(reader_takes(k, file.bytes, &reader_err), valid, "%s by the reader %s", name,
		reader_err.msg);
	if (valid)
		judge_mutants(k, file.bytes, random);
	if (valid && strcmp(k->name, "label") == 0)
		judge_scored(file.bytes, name);
	ew_file_unmap(&file);
}

static void
judge_examples(struct kind *k, bool valid)
{
	const char *folder = valid ? "schemas/examples/valid" : "schemas/examples/invalid";
	struct dirent **entry = NULL;
	int n = scandir(folder, &entry, NULL, alphasort), found = 0;
	uint64_t random = 1;

	for (int i = 0; i < n; i++) {
		size_t len = strlen(k->name);

		if (strncmp(entry[i]->d_name, k->name, len) == 0 && entry[i]->d_name[len] == '-') {
			judge_example(k, folder, entry[i]->d_name, valid, &random);
			found++;
		}
		free(entry[i]);
	}
	free(entry);
	ok(found >= 10, "%d examples of %s in %s", found, k->name, folder);
}

/* Records that only the reader refuses, one a rule. */
static void
judge_rules(struct kind *k, const char *before, const char *const *change, size_t n,
	const char *after)
{
	struct ew_buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		size_t only = k->reader_only;

		ew_buf_clear(&b);
		ew_buf_adds(&b, before);
		ew_buf_adds(&b, change[i]);
		ew_buf_adds(&b, after);
		judge(k, ew_buf_str(&b));
		is_int(k->reader_only, only + 1, "only the reader refuses %.60s", change[i]);
	}
	ew_buf_release(&b);
}

static void
test_label_rules(struct kind *k)
{
	static const char *const answer[] = {
		"{\"kind\":\"integer\",\"value\":\"2.5\"}",
		"{\"kind\":\"date\",\"value\":\"2023-02-29\"}",
		"{\"kind\":\"set\",\"value\":[\"b\",\"a\"]}",
		"{\"kind\":\"decimal\",\"lower\":\"2\",\"upper\":\"1\",\"value\":\"1\"}",
		"{\"value\":\"1\",\"kind\":\"integer\"}",
		"{\"kind\":\"integer\",\"unit\":\"\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9"
		"\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9"
		"\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\xce\xa9\",\"value\":\"1\"}",
	};
	static const char *const provenance[] = {
		"{\"at\":\"2025-02-30T00:00:00Z\",\"method\":\"human\"}",
		"{\"at\":\"2025-02-28T23:59:59Z\",\"method\":\"human\"},\"readings\":["
		"{\"answer\":{\"kind\":\"integer\",\"value\":\"1\"},\"assuming\":\"a\"},"
		"{\"answer\":{\"kind\":\"integer\",\"value\":\"2\"},\"assuming\":\"a\"}]",
	};
	static const char *const id[] = { "e\xcc\x81",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOP" };

	judge_rules(k, "{\"answer\":", answer, COUNT(answer),
		",\"confidence\":{\"basis\":\"single\"},\"id\":\"7\",\"instance\":"
		"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","
		"\"provenance\":{\"method\":\"human\"},\"schema\":\"label/1\",\"state\":\"computable\"}");
	judge_rules(k,
		"{\"confidence\":{\"basis\":\"single\"},\"id\":\"7\",\"instance\":"
		"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"provenance\":",
		provenance, 1,
		",\"reason\":\"r\",\"schema\":\"label/1\",\"state\":\"incomputable\"}");
	judge_rules(k,
		"{\"confidence\":{\"basis\":\"single\"},\"id\":\"7\",\"instance\":"
		"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"provenance\":",
		provenance + 1, 1,
		",\"reason\":\"r\",\"schema\":\"label/1\",\"state\":\"ambiguous\"}");
	judge_rules(k, "{\"confidence\":{\"basis\":\"single\"},\"id\":\"", id, COUNT(id),
		"\",\"instance\":\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","
		"\"provenance\":{\"method\":\"human\"},\"reason\":\"r\",\"schema\":\"label/1\",\"state\":\"incomputable\"}");
}

/* `count` times the two bytes of one character, as a text of a label. */
static void
test_long_texts(struct kind *k)
{
	static const char *const name[] = { "id", "reason" };
	static const size_t count[] = { 101, 32769 };

	for (size_t i = 0; i < COUNT(name); i++) {
		struct ew_buf b = { 0 };
		size_t only = k->reader_only;

		ew_buf_addf(&b, "{\"confidence\":{\"basis\":\"single\"},\"id\":\"%s", i ? "7" : "");
		for (size_t n = 0; i == 0 && n < count[i]; n++)
			ew_buf_adds(&b, "\xce\xa9");
		ew_buf_adds(&b,
			"\",\"instance\":\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","
			"\"provenance\":{\"method\":\"human\"},\"reason\":\"r");
		for (size_t n = 0; i == 1 && n < count[i]; n++)
			ew_buf_adds(&b, "\xce\xa9");
		ew_buf_adds(&b, "\",\"schema\":\"label/1\",\"state\":\"incomputable\"}");
		judge(k, ew_buf_str(&b));
		is_int(k->reader_only, only + 1, "only the reader counts the bytes of %s", name[i]);
		ew_buf_release(&b);
	}
}

static void
test_kind(const char *name, struct ew_hash *hash)
{
	struct kind k = { .name = name, .hash = hash };
	struct ew_err err = { 0 };

	if (!ok(ew_schema_shipped(&k.schema, name, &err) == EW_OK, "schema %s %s", name, err.msg))
		return;
	judge_examples(&k, true);
	judge_examples(&k, false);
	if (strcmp(name, "label") == 0) {
		test_label_rules(&k);
		test_long_texts(&k);
		for (size_t i = 0; i < COUNT(beyond_schema); i++)
			ok(k.used[i] || strcmp(beyond_schema[i].says, "over 1 MiB") == 0,
				"rule beyond the schema: %s (%s)",
				beyond_schema[i].rule, beyond_schema[i].says);
	}
	is_int(k.wrong, 0, "%s: %zu both take, %zu both refuse, %zu the reader alone refuses", name,
		k.both,
		k.neither, k.reader_only);
	ok(k.both >= 100 && k.neither >= 1000, "%s: there were enough of each", name);
	ew_schema_free(k.schema);
}

int
main(void)
{
	struct ew_hash *hash = NULL;
	struct ew_err err = { 0 };

	if (!ok(ew_hash_open(&hash, &err) == EW_OK, "hash %s", err.msg))
		return tap_done();
	test_kind("label", hash);
	test_kind("instance", hash);
	ew_hash_free(hash);
	return tap_done();
}
