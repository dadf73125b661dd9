/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/schema.h"
#include "codec/assets.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In place of the shipped schemas, which their own test covers. */
const struct ew_asset ew_assets[] = {
	EW_ASSET("schemas/thing.json",
		"{\"$id\":\"https://example.org/thing.json\",\"type\":\"object\","
		"\"properties\":{\"kind\":{\"$ref\":\"kinds.json#/$defs/kind\"},\"whole\":{\"$ref\":\"#\"},"
		"\"part\":{\"$ref\":\"thing.json\"}},\"required\":[\"kind\"],\"additionalProperties\":false}"),
	EW_ASSET("schemas/kinds.json", "{\"$defs\":{\"kind\":{\"enum\":[\"a\",\"b\"]}}}"),
	EW_ASSET("schemas/broken.json", "{\"type\":"),
	{ { NULL, 0 }, { NULL, 0 } },
};

static void
check(const struct ew_schema *s, const char *doc, const char *message)
{
	struct ew_err err = { 0 };
	struct ew_json *j;
	enum ew_code rc;

	if (!ok(ew_json_parse(&j, ew_str(doc), EW_JSON_INTEGERS, &err) == EW_OK, "parses: %s",
		err.msg))
		return;
	rc = ew_schema_check(s, j, &err);
	is_int(rc, message ? EW_REFUSED : EW_OK, "%s %s", message ? "invalid" : "valid", doc);
	is_str(ew_str(err.msg), message ? message : "", "with its message");
	ew_json_free(j);
}

/* A schema with documents and their messages in turn, NULL for valid; ends with NULL. */
struct expect {
	const char *doc, *message;
};

static void
expect(const char *schema, const struct expect *e)
{
	struct ew_err err = { 0 };
	struct ew_schema *s;

	if (!ok(ew_schema_compile(&s, ew_str(schema), &err) == EW_OK, "compiles %s %s", schema,
		err.msg))
		return;
	for (; e->doc; e++)
		check(s, e->doc, e->message);
	ew_schema_free(s);
}

#define EXPECT(schema, ...) expect(schema, (const struct expect[]){ __VA_ARGS__, { NULL, NULL } })
#define TOP "top level: "

static void
test_values(void)
{
	EXPECT("true", { "1", NULL });
	EXPECT("{}", { "[{}]", NULL });
	EXPECT("false", { "1", TOP "is not allowed here; remove it" });
	EXPECT("{\"type\":\"integer\"}", { "-3", NULL }, { "\"3\"", TOP "must be an integer" });
	EXPECT("{\"type\":[\"string\",\"null\"]}", { "\"\"", NULL }, { "null", NULL },
		{ "0", TOP "must be null or a string" });
	EXPECT("{\"type\":\"boolean\"}", { "false", NULL }, { "0", TOP "must be true or false" });
	EXPECT("{\"type\":\"object\"}", { "{}", NULL }, { "[]", TOP "must be an object" });
	EXPECT("{\"type\":\"array\"}", { "[]", NULL }, { "{}", TOP "must be an array" });
	EXPECT("{\"type\":\"number\"}", { "1", NULL }, { "null", TOP "must be a number" });
	EXPECT("{\"const\":\"label/1\"}", { "\"label/1\"", NULL },
		{ "\"label/2\"", TOP "must be \"label/1\"" });
	EXPECT("{\"const\":null}", { "null", NULL }, { "false", TOP "must be null" });
	EXPECT("{\"const\":{\"a\":[1,{\"b\":true}]}}", { "{\"a\":[1,{\"b\":true}]}", NULL },
		{ "{\"a\":[1,{\"b\":false}]}", TOP "must be {\"a\":[1,{\"b\":true}]}" },
		{ "{\"a\":[1]}", TOP "must be {\"a\":[1,{\"b\":true}]}" },
		{ "{\"b\":[1,{\"b\":true}]}", TOP "must be {\"a\":[1,{\"b\":true}]}" });
	EXPECT("{\"enum\":[\"a\",1,null]}", { "\"a\"", NULL }, { "1", NULL }, { "null", NULL },
		{ "\"1\"", TOP "must be one of \"a\", 1, null" });
	EXPECT("{\"minimum\":-2,\"maximum\":9007199254740991}", { "-2", NULL },
		{ "9007199254740991", NULL },
		{ "\"x\"", NULL }, { "-3", TOP "must be at least -2" });
	EXPECT("{\"maximum\":0}", { "-9", NULL }, { "1", TOP "must be at most 0" });
	EXPECT("{\"minLength\":2,\"maxLength\":3}", { "\"\xc3\xa9\xc3\xa9\"", NULL },
		{ "\"\xf0\x9f\x98\x80zz\"", NULL },
		{ "\"\xc3\xa9\"", TOP "must have at least 2 characters, has 1" },
		{ "\"abcd\"", TOP "must have at most 3 characters, has 4" }, { "7", NULL });
}

static void
test_patterns(void)
{
	EXPECT("{\"pattern\":\"^x\",\"title\":\"A word\"}",
		{ "\"y\"", TOP "must have the form of \"A word\": ^x" });
	EXPECT("{\"pattern\":\"^[a-z]+$\"}", { "\"abc\"", NULL }, { "1", NULL },
		{ "\"aBc\"", TOP "must match ^[a-z]+$" },
		{ "\"abc\\n\"", TOP "must match ^[a-z]+$" });
	EXPECT("{\"pattern\":\"b\"}", { "\"abc\"", NULL }, { "\"\"", TOP "must match b" });
	EXPECT("{\"pattern\":\"^.$\"}", { "\"\xf0\x9f\x98\x80\"", NULL },
		{ "\"\"", TOP "must match ^.$" });
	EXPECT("{\"pattern\":\"^\\\\d$\"}", { "\"7\"", NULL },
		{ "\"\xd9\xa7\"", TOP "must match ^\\d$" });
	EXPECT("{\"pattern\":\"^\\\\u00e9$\"}", { "\"\xc3\xa9\"", NULL });
	EXPECT("{\"not\":{\"pattern\":\"^(a+)+$\"}}",
		{ "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"",
			"too intricate to check by its schema; simplify it" });
}

static void
test_objects(void)
{
	EXPECT("{\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"],\"additionalProperties\":false}",
		{ "{\"a\":\"x\"}", NULL }, { "[]", NULL }, { "{}", TOP "must have \"a\"" },
		{ "{\"a\":1}", "/a: must be a string" },
		{ "{\"a\":\"x\",\"b/c~\":1}", "/b~1c~0: is not allowed here; remove it" });
	EXPECT("{\"properties\":{\"a\":true},\"additionalProperties\":{\"type\":\"integer\"}}",
		{ "{\"a\":\"x\",\"b\":1}", NULL }, { "{\"b\":\"x\"}", "/b: must be an integer" });
	EXPECT("{\"propertyNames\":{\"pattern\":\"^[a-z]+$\",\"maxLength\":2}}",
		{ "{\"ab\":1}", NULL },
		{ "{\"A\":1}", "/A: its name must match ^[a-z]+$" },
		{ "{\"abc\":1}", "/abc: its name must have at most 2 characters, has 3" });
	EXPECT("{\"propertyNames\":{\"enum\":[\"a\"]},\"additionalProperties\":{\"type\":\"null\"}}",
		{ "{\"a\":null}", NULL }, { "{\"b\":null}", "/b: its name must be one of \"a\"" },
		{ "{\"a\":1}", "/a: must be null" });
	EXPECT("{\"minProperties\":1,\"maxProperties\":2}", { "{\"a\":1}", NULL },
		{ "{}", TOP "must have at least 1 members, has 0" },
		{ "{\"a\":1,\"b\":1,\"c\":1}", TOP "must have at most 2 members, has 3" });
	EXPECT("{\"dependentRequired\":{\"lower\":[\"upper\"]}}", { "{\"upper\":1}", NULL },
		{ "{\"lower\":1,\"upper\":2}", NULL },
		{ "{\"lower\":1}", TOP "must have \"upper\" since it has \"lower\"" });
}

static void
test_arrays(void)
{
	EXPECT("{\"items\":{\"type\":\"string\"},\"minItems\":1,\"maxItems\":2}",
		{ "[\"a\"]", NULL }, { "{}", NULL },
		{ "[]", TOP "must have at least 1 elements, has 0" },
		{ "[\"a\",\"b\",\"c\"]", TOP "must have at most 2 elements, has 3" },
		{ "[\"a\",1]", "/1: must be a string" });
	EXPECT("{\"prefixItems\":[{\"type\":\"string\"},true],\"items\":false}",
		{ "[\"a\",1]", NULL }, { "[]", NULL },
		{ "[1]", "/0: must be a string" },
		{ "[\"a\",1,2]", "/2: is not allowed here; remove it" });
	EXPECT("{\"uniqueItems\":true}", { "[1,\"1\",{\"a\":1},{\"a\":2},[]]", NULL },
		{ "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]",
			TOP "has {\"a\":1,\"b\":2} twice; its elements must be unique" },
		{ "[\"x\",1,\"x\"]", TOP "has \"x\" twice; its elements must be unique" });
	EXPECT("{\"uniqueItems\":false}", { "[1,1]", NULL });
}

static void
test_joined(void)
{
	EXPECT("{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", { "2", NULL },
		{ "0", TOP "must be at least 1" },
		{ "4", TOP "must be at most 3" });
	EXPECT("{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":5}]}", { "\"x\"", NULL },
		{ "6", NULL },
		{ "4", TOP "must be at least 5" });
	EXPECT("{\"oneOf\":[{\"minimum\":1},{\"maximum\":3}]}", { "0", NULL }, { "4", NULL },
		{ "2", TOP "fits more than one of the forms of which it must have one" });
	EXPECT("{\"not\":{\"type\":\"string\"}}", { "1", NULL },
		{ "\"x\"", TOP "has a form that is not allowed here" });
	EXPECT("{\"if\":{\"minimum\":10},\"then\":{\"maximum\":20},\"else\":{\"maximum\":5}}",
		{ "15", NULL },
		{ "3", NULL }, { "21", TOP "must be at most 20" },
		{ "7", TOP "must be at most 5" });
	EXPECT("{\"then\":false,\"else\":false}", { "1", NULL });
	EXPECT("{\"if\":false}", { "1", NULL });
}

#define VARIANT(kind, rule)                                                              \
	"{\"type\":\"object\",\"required\":[\"kind\",\"value\"],\"properties\":{\"value\":" rule \
	",\"kind\":{\"const\":\"" kind "\"}}}"
#define ANSWER                                                                                \
	"{\"properties\":{\"answer\":{\"oneOf\":["                                            \
	VARIANT("date", "{\"pattern\":\"^[0-9-]+$\"}") ","                                     \
	VARIANT("decimal", "{\"type\":\"string\"}") ","                                        \
	VARIANT("integer", "{\"maxLength\":2}") "]}}}"

/* The message is of the branch that was meant. */
static void
test_helpful_branches(void)
{
	EXPECT(ANSWER, { "{\"answer\":{\"kind\":\"integer\",\"value\":\"12\"}}", NULL },
		{ "{\"answer\":{\"kind\":\"integer\",\"value\":\"123\"}}",
			"/answer/value: must have at most 2 characters, has 3" },
		{ "{\"answer\":{\"kind\":\"decimal\",\"value\":1}}",
			"/answer/value: must be a string" },
		{ "{\"answer\":{\"kind\":\"decimal\"}}", "/answer: must have \"value\"" },
		{ "{\"answer\":{\"kind\":\"float\",\"value\":\"1\"}}",
			"/answer/kind: must be one of \"date\", \"decimal\", \"integer\"" },
		{ "{\"answer\":{\"value\":\"1\"}}", "/answer: must have \"kind\"" },
		{ "{\"answer\":1}", "/answer: must be an object" });
	EXPECT("{\"anyOf\":[{\"const\":\"a\"},{\"enum\":[\"b\",\"c\"]}]}", { "\"c\"", NULL },
		{ "\"d\"", TOP "must be one of \"a\", \"b\", \"c\"" });
	EXPECT("{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"object\",\"required\":[\"a\"]}]}",
		{ "{}", TOP "must have \"a\"" });
	EXPECT("{\"anyOf\":[{\"properties\":{\"a\":{\"const\":1}}},{\"properties\":{\"b\":{\"const\":1}}}]}",
		{ "{\"a\":2,\"b\":2}", "/a: must be 1" });
	EXPECT("{\"anyOf\":[{\"prefixItems\":[{\"const\":1}]},{\"prefixItems\":[{\"const\":2}]}]}",
		{ "[3]", "/0: must be 1" });
	EXPECT("{\"not\":{\"oneOf\":[{\"const\":1},{\"const\":2}]}}", { "3", NULL },
		{ "2", TOP "has a form that is not allowed here" });
}

static void
test_references(void)
{
	EXPECT("{\"$ref\":\"#/$defs/a~1b\",\"maxLength\":3,\"$defs\":{\"a/b\":{\"minLength\":2}}}",
		{ "\"abc\"", NULL },
		{ "\"a\"", TOP "must have at least 2 characters, has 1" },
		{ "\"abcd\"", TOP "must have at most 3 characters, has 4" });
	EXPECT("{\"properties\":{\"next\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
		{ "{\"next\":{\"next\":{}}}", NULL },
		{ "{\"next\":{\"next\":{\"x\":1}}}",
		"/next/next/x: is not allowed here; remove it" });
	EXPECT("{\"items\":{\"$ref\":\"thing.json#/properties/kind\"}}", { "[\"a\"]", NULL },
		{ "[\"c\"]", "/0: must be one of \"a\", \"b\"; see schemas/kinds.json" });
	EXPECT("{\"$ref\":\"#\"}", { "1", "too intricate to check by its schema; simplify it" });
	EXPECT("{\"not\":{\"$ref\":\"#\"}}",
		{ "1", "too intricate to check by its schema; simplify it" });
	EXPECT("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"x\",\"$comment\":\"\","
	       "\"title\":\"\",\"description\":\"\",\"examples\":[1]}", { "1", NULL });
}

static void
test_shipped(void)
{
	struct ew_err err = { 0 };
	struct ew_schema *s;

	if (ok(ew_schema_shipped(&s, "thing", &err) == EW_OK, "a shipped schema compiles %s",
		err.msg)) {
		check(s, "{\"kind\":\"a\",\"whole\":{\"kind\":\"b\"}}", NULL);
		check(s, "{\"kind\":\"a\",\"part\":{\"kind\":\"b\",\"part\":{}}}",
			"/part/part: must have \"kind\"; see schemas/thing.json");
		ew_schema_free(s);
	}
	is_int(ew_schema_shipped(&s, "nothing", &err), EW_NOTFOUND, "an unknown schema");
	is_str(ew_str(err.msg), "no schema nothing.json is shipped; see schemas/README.md",
		"with its message");
	ok(!s, "and no schema");
	ew_err_clear(&err);
	is_int(ew_schema_shipped(&s, "broken", &err), EW_REFUSED, "a broken schema");
	is_str(ew_str(err.msg),
		"schema broken.json: offset 8: ends where a value is due; the input is cut short",
		"with its message");
	ew_schema_free(NULL);
}

static void
refuses(const char *schema, const char *message)
{
	struct ew_err err = { 0 };
	struct ew_schema *s;

	is_int(ew_schema_compile(&s, ew_str(schema), &err), EW_REFUSED, "schema refused: %s",
		schema);
	is_str(ew_str(err.msg), message, "with its message");
}

#define REFUSES(schema, place, what) \
	refuses(schema, "schema #" place ": " what "; see schemas/README.md")

static void
test_refused_schemas(void)
{
	static const char *const unknown[] = { "format", "patternProperties",
		"unevaluatedProperties", "$anchor",
		"contains", "dependentSchemas", "default", "exclusiveMinimum", "multipleOf",
		"Type" };

	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		char schema[100], message[200];

		snprintf(schema, sizeof schema, "{\"$defs\":{\"a\":{\"%s\":1}}}", unknown[i]);
		snprintf(message, sizeof message,
			"schema #/$defs/a: keyword \"%s\" is not of the subset; "
			"see schemas/README.md", unknown[i]);
		refuses(schema, message);
	}
	refuses("", "schema: offset 0: empty; give one JSON document");
	REFUSES("1", "", "must be a schema: an object, true or false");
	REFUSES("{\"items\":[]}", "/items", "must be a schema: an object, true or false");
	REFUSES("{\"type\":\"float\"}", "/type", "must be the name of a type, or an array of them");
	REFUSES("{\"type\":[\"string\",1]}", "/type",
		"must be the name of a type, or an array of them");
	REFUSES("{\"type\":[]}", "/type", "must be the name of a type");
	REFUSES("{\"enum\":[]}", "/enum", "must be an array that is not empty");
	REFUSES("{\"enum\":1}", "/enum", "must be an array that is not empty");
	REFUSES("{\"properties\":[]}", "/properties", "must be an object of schemas");
	REFUSES("{\"properties\":{\"a\":1}}", "/properties/a",
		"must be a schema: an object, true or false");
	REFUSES("{\"$defs\":[]}", "/$defs", "must be an object of schemas");
	REFUSES("{\"required\":\"a\"}", "/required", "must be an array of strings");
	REFUSES("{\"required\":[1]}", "/required", "must be an array of strings");
	REFUSES("{\"dependentRequired\":[]}", "/dependentRequired", "must be an object");
	REFUSES("{\"dependentRequired\":{\"a\":\"b\"}}", "/dependentRequired",
		"must be arrays of strings by member name");
	REFUSES("{\"minLength\":-1}", "/minLength", "must be 0 or more");
	REFUSES("{\"maxItems\":\"1\"}", "/maxItems", "must be an integer");
	REFUSES("{\"minimum\":\"1\"}", "/minimum", "must be an integer");
	REFUSES("{\"uniqueItems\":1}", "/uniqueItems", "must be true or false");
	REFUSES("{\"allOf\":[]}", "/allOf", "must be an array of schemas that is not empty");
	REFUSES("{\"oneOf\":{}}", "/oneOf", "must be an array of schemas that is not empty");
	REFUSES("{\"anyOf\":[true,{\"not\":3}]}", "/anyOf/1/not",
		"must be a schema: an object, true or false");
	REFUSES("{\"pattern\":1}", "/pattern", "must be a regular expression");
	REFUSES("{\"pattern\":\"a(b\"}", "/pattern", "is no regular expression, from byte 3 on");
	REFUSES("{\"title\":1}", "/title", "must be a string");
	REFUSES("{\"$ref\":1}", "/$ref", "must be a string");
	REFUSES("{\"$ref\":\"#/$defs/x\"}", "/$ref", "leads to nothing");
	REFUSES("{\"$ref\":\"#x\"}", "/$ref", "leads to nothing");
	REFUSES("{\"$ref\":\"thing.json#/properties/what\"}", "/$ref", "leads to nothing");
	REFUSES("{\"items\":{\"$id\":\"x\"}}", "/items/$id",
		"must be at the top of the document only");
	refuses("{\"minimum\":0.5}",
		"schema: offset 11: number 0.5 is not an integer within 2^53; quote it as a string");
}

static void
test_unknown_file(void)
{
	struct ew_err err = { 0 };
	struct ew_schema *s;

	is_int(ew_schema_compile(&s, EW_LIT("{\"$ref\":\"https://example.org/x.json\"}"), &err),
		EW_NOTFOUND,
		"a reference to what is not shipped");
	is_str(ew_str(err.msg),
		"no schema https://example.org/x.json is shipped; see schemas/README.md",
		"with its message");
}

int
main(void)
{
	test_values();
	test_patterns();
	test_objects();
	test_arrays();
	test_joined();
	test_helpful_branches();
	test_references();
	test_shipped();
	test_refused_schemas();
	test_unknown_file();
	return tap_done();
}
