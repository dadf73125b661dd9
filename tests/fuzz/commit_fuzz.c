/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits and tags: the first byte chooses which, the rest is the object.  What is
 * accepted is, written again from its parts, the same bytes: so nothing in it went
 * unseen, and no two objects say the same.
 */
#include "model/commit.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "commit_fuzz: not so: %s\n", what);
		abort();
	}
}

static void
try_commit(struct ew_str object)
{
	struct ew_arena arena = { 0 };
	struct ew_buf payload = { 0 }, again = { 0 };
	struct ew_commit c;
	struct ew_err err = { 0 };

	if (ew_commit_parse(&c, &arena, object, &err) == EW_OK) {
		must(ew_ident_check(&c.by, &err) == EW_OK, "who made it can be written");
		ew_commit_write_payload(&payload, &c);
		must(ew_str_eq(ew_buf_str(&payload), c.payload), "the parts make the payload");
		ew_commit_write(&again, c.payload, c.signature);
		must(ew_str_eq(ew_buf_str(&again), object), "payload and armour make the object");
	} else {
		must(err.code == EW_REFUSED, "what fails is refused");
	}
	ew_buf_release(&payload);
	ew_buf_release(&again);
	ew_arena_release(&arena);
}

static void
try_tag(struct ew_str object)
{
	struct ew_buf again = { 0 };
	struct ew_tag t;
	struct ew_err err = { 0 };

	if (ew_tag_parse(&t, object, &err) == EW_OK) {
		must(ew_ident_check(&t.by, &err) == EW_OK, "who made it can be written");
		ew_tag_write_payload(&again, &t);
		must(ew_str_eq(ew_buf_str(&again), t.payload), "the parts make the payload");
		ew_buf_add(&again, t.signature);
		must(ew_str_eq(ew_buf_str(&again), object), "payload and armour make the object");
	} else {
		must(err.code == EW_REFUSED, "what fails is refused");
	}
	ew_buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ew_str object;

	if (size == 0)
		return 0;
	object = ew_str_n(data + 1, size - 1);
	if (data[0] % 2)
		try_tag(object);
	else
		try_commit(object);
	return 0;
}
