/* SPDX-License-Identifier: Apache-2.0 */
/* Locks.  What is accepted passes the shipped schema, and says the same when it is written and read again. */
#include "codec/schema.h"
#include "model/lock.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "lock_fuzz: not so: %s\n", what);
		abort();
	}
}

static void
check_schema(struct ew_str bytes)
{
	struct ew_json *doc = NULL;
	struct ew_schema *schema = NULL;
	struct ew_err err = { 0 };

	must(ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, &err) == EW_OK, "it is JSON");
	must(ew_schema_shipped(&schema, "lock", &err) == EW_OK, "the schema is there");
	must(ew_schema_check(schema, doc, &err) == EW_OK, "it passes the schema");
	ew_schema_free(schema);
	ew_json_free(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_arena arena = { 0 };
	struct ew_str bytes = ew_str_n(data, size);
	struct ew_buf out = { 0 };
	struct ew_lock lock, again;
	struct ew_err err = { 0 };
	enum ew_code rc = ew_lock_parse(&lock, &arena, bytes, &err);

	must(rc == EW_OK || rc == EW_REFUSED, "accepted or refused");
	must((rc == EW_OK) == (err.msg[0] == '\0'), "a refusal has a reason");
	if (rc == EW_OK) {
		check_schema(bytes);
		ew_lock_write(&out, &lock);
		must(ew_lock_parse(&again, &arena, ew_buf_str(&out), &err) == EW_OK, "what is written is read");
		must(!ew_lock_difference(&lock, &again), "and says the same");
		must(ew_lock_labels(&lock) == ew_lock_labels(&again), "of as many labels");
	}
	ew_buf_release(&out);
	ew_arena_release(&arena);
	return 0;
}
