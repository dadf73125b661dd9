/* SPDX-License-Identifier: Apache-2.0 */
/* reader.h, by the public header alone: what a program that looks up labels may rely on. */
#include "tests/lib/storesample.h"
#include "tests/lib/tap.h"

enum { ROWS = 3000 };

static struct ew_reader *
open_at(struct sample_store *x, struct ew_str rev)
{
	struct ew_reader *r = NULL;

	ok(ew_reader_open(&r, x->store, rev, &x->err) == EW_OK, "a reader: %s", x->err.msg);
	return r;
}

/* Absent for a label that is not there. */
static struct ew_str
record_of(struct sample_store *x, struct ew_reader *r, const char *id)
{
	struct ew_str split, record;

	if (ew_reader_find(&split, &record, r, ew_str(id), &x->err) != EW_OK)
		ok(false, "%s: %s", id, x->err.msg);
	return record;
}

static void
test_records(struct sample_store *x)
{
	struct ew_reader *r = open_at(x, (struct ew_str){ NULL, 0 });
	unsigned good = 0;

	for (int i = 0; i < ROWS; i++) {
		char id[16], value[32];
		struct ew_str record;

		snprintf(id, sizeof id, "q/%d", (i * 17) % ROWS);
		snprintf(value, sizeof value, "\"value\":\"%d\"", (i * 17) % ROWS);
		record = record_of(x, r, id);
		good += record.p && strstr(record.p, id) && strstr(record.p, value);
	}
	is_int(good, ROWS, "every label has its record");
	ok(!record_of(x, r, "q/3000").p && !record_of(x, r, "Q/1").p && !record_of(x, r, "q").p &&
			!record_of(x, r, "").p,
		"what is no label has none");
	ew_reader_free(r);
}

static void
test_splits(struct sample_store *x)
{
	struct ew_reader *r = open_at(x, EW_LIT("HEAD"));
	struct ew_str test = EW_LIT("?"), dev = test, none = test, record;

	ok(ew_reader_find(&test, &record, r, EW_LIT("q/1"), &x->err) == EW_OK &&
			ew_reader_find(&dev, &record, r, EW_LIT("d/1"), &x->err) == EW_OK &&
			ew_reader_find(&none, &record, r, EW_LIT("e/1"), &x->err) == EW_OK,
		"in any split");
	is_str(test, "test", "its split is told, and stays");
	is_str(dev, "dev", "as is that of another");
	ok(!none.p && !record.p, "none of what is not there");
	ew_reader_free(r);
}

static void
test_parsed(struct sample_store *x)
{
	struct ew_reader *r = open_at(x, EW_LIT("main"));
	struct ew_arena arena = { 0 };
	struct ew_label label, other;
	struct ew_instance instance;
	bool found = false, more = false, absent = true;

	ok(ew_reader_label(&label, &found, r, EW_LIT("q/7"), &arena, &x->err) == EW_OK && found &&
			ew_reader_label(&other, &more, r, EW_LIT("q/8"), &arena, &x->err) == EW_OK && more,
		"labels: %s", x->err.msg);
	is_str(label.answer.value, "7", "one lives in the arena");
	is_str(other.answer.value, "8", "beside the next");
	ok(ew_reader_instance(&instance, &found, r, EW_LIT("q/7"), &arena, &x->err) == EW_OK && found,
		"an instance: %s", x->err.msg);
	is_str(instance.input, "{\"question\":\"7?\"}", "has its question");
	ok(ew_sha256_eq(&instance.digest, &label.instance), "which the label answers");
	ok(ew_reader_label(&label, &absent, r, EW_LIT("q/x"), &arena, &x->err) == EW_OK && !absent,
		"no label");
	absent = true;
	ok(ew_reader_instance(&instance, &absent, r, EW_LIT("q/x"), &arena, &x->err) == EW_OK && !absent,
		"no instance");
	ew_arena_release(&arena);
	ew_reader_free(r);
}

static void
test_version(struct sample_store *x)
{
	struct ew_reader *before = open_at(x, (struct ew_str){ NULL, 0 }), *after, *named;

	ok(sample_store_relabel(x, "q/5", "55"), "a relabel: %s", x->err.msg);
	after = open_at(x, (struct ew_str){ NULL, 0 });
	named = open_at(x, ew_str(ew_reader_commit(before)));
	ok(strcmp(ew_reader_commit(before), ew_reader_commit(after)) != 0, "the branch moved on");
	ok(strstr(record_of(x, before, "q/5").p, "\"value\":\"5\""), "a reader stays where it is");
	ok(strstr(record_of(x, after, "q/5").p, "\"value\":\"55\""), "another one is there");
	ok(strstr(record_of(x, named, "q/5").p, "\"value\":\"5\""), "a commit's id says where");
	ew_reader_free(before);
	ew_reader_free(after);
	ew_reader_free(named);
}

static void
test_refused(struct sample_store *x)
{
	struct ew_reader *r = NULL;

	ok(ew_reader_open(&r, x->store, EW_LIT("v9.9"), &x->err) == EW_NOTFOUND && !r,
		"no such revision: %s", x->err.msg);
	ew_err_clear(&x->err);
	ew_reader_free(r);
}

static void
test_damaged(struct sample_store *x)
{
	struct ew_reader *r = open_at(x, (struct ew_str){ NULL, 0 });
	struct ew_str split = EW_LIT("?"), record;
	unsigned damaged = 0, other = 0;

	ok(sample_store_spoil(x), "packs are spoilt");
	for (int i = 0; i < ROWS; i++) {
		char id[16];

		snprintf(id, sizeof id, "q/%d", i);
		if (ew_reader_find(&split, &record, r, ew_str(id), &x->err) == EW_OK)
			continue;
		damaged += x->err.code == EW_CORRUPT && strstr(x->err.msg, "object ") && !record.p;
		other += x->err.code != EW_CORRUPT;
		ew_err_clear(&x->err);
	}
	ok(damaged && !other, "what is spoilt is not given out: %u labels", damaged);
	ew_reader_free(r);
}

int
main(void)
{
	struct sample_store x = { .store = NULL };

	if (ok(sample_store_make(&x) && sample_store_import(&x, "test", "q", ROWS) &&
			    sample_store_import(&x, "dev", "d", 3),
		    "a store: %s", x.err.msg)) {
		test_records(&x);
		test_splits(&x);
		test_parsed(&x);
		test_version(&x);
		test_refused(&x);
		test_damaged(&x);
	}
	sample_store_release(&x);
	return tap_done();
}
