/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts of the library on documents: reads lines "NAME<TAB>JSON" on standard
 * input and prints "valid" or "invalid" for each, by the shipped schema NAME.  What
 * the strict reader refuses is invalid.  For tests/interop/schema_agree.py.
 */
#include "codec/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMAS_MAX = 256, NAME_MAX_LEN = 100 };

struct known {
	char name[NAME_MAX_LEN];
	struct ew_schema *schema;
};

static int
die(const char *what)
{
	fprintf(stderr, "schema_verdict: %s\n", what);
	exit(2);
}

/* The schema of that name, compiled once. */
static const struct ew_schema *
find(struct known *known, struct ew_str name)
{
	struct ew_err err = { 0 };
	size_t i = 0;

	if (name.len >= NAME_MAX_LEN)
		die("a name is too long");
	while (i < SCHEMAS_MAX && known[i].schema && !ew_str_is(name, known[i].name))
		i++;
	if (i == SCHEMAS_MAX)
		die("too many schemas");
	if (!known[i].schema) {
		memcpy(known[i].name, name.p, name.len);
		if (ew_schema_shipped(&known[i].schema, known[i].name, &err) != EW_OK)
			die(err.msg);
	}
	return known[i].schema;
}

static bool
is_valid(const struct ew_schema *schema, struct ew_str text)
{
	struct ew_json *doc = NULL;
	struct ew_err err = { 0 };
	enum ew_code rc = ew_json_parse(&doc, text, EW_JSON_INTEGERS, &err);

	if (rc == EW_OK)
		rc = ew_schema_check(schema, doc, &err);
	ew_json_free(doc);
	if (rc != EW_OK && rc != EW_REFUSED)
		die(err.msg);
	return rc == EW_OK;
}

int
main(void)
{
	static struct known known[SCHEMAS_MAX];
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		struct ew_str rest = ew_str_n(line, (size_t)n - (line[n - 1] == '\n')), name;

		name = ew_str_cut(&rest, '\t');
		puts(is_valid(find(known, name), rest) ? "valid" : "invalid");
	}
	free(line);
	for (size_t i = 0; i < SCHEMAS_MAX && known[i].schema; i++)
		ew_schema_free(known[i].schema);
	return fflush(stdout) == 0 ? 0 : 2;
}
