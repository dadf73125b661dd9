/* SPDX-License-Identifier: Apache-2.0 */
/* records.h and twins.h: trees that are as they should be, trees that are not, one after the other. */
#include "ops/records.h"
#include "ops/twins.h"
#include "tests/lib/storesample.h"
#include "tests/lib/tap.h"

enum { LABELS = 3000 };

struct fixture {
	struct sample_store sample;
	struct ew_repo *repo;
	struct ew_records *records;
	struct ew_err err;
};

/* What is put into a collection; no collection ends a list. */
struct edit {
	const char *collection, *id;
	const char *as;       /* the id that the record says; NULL: it is removed */
	const char *question; /* what the instance asks, or the label answers; NULL: no JSON at all */
};
#define LABEL(id) { "labels/test", id, id, id "?" }, { "instances", id, id, id "?" }

static void
write_record(struct ew_buf *out, struct fixture *x, const struct edit *e)
{
	struct ew_buf input = { 0 };
	char digest[65];
	struct ew_sha256 d;

	if (!e->question) {
		ew_buf_adds(out, "{}");
		return;
	}
	ew_buf_addf(&input, "{\"question\":\"%s\"}", e->question);
	d = ew_sha256_str(ew_repo_hash(x->repo), ew_buf_str(&input));
	ew_hex(digest, d.b, sizeof d.b);
	if (strcmp(e->collection, "instances") == 0)
		ew_buf_addf(out, "{\"attributes\":{},\"id\":\"%s\",\"input\":%s,\"schema\":\"instance/1\"}",
			e->as, input.p);
	else
		ew_buf_addf(out, "{\"answer\":{\"kind\":\"text\",\"value\":\"v\"},"
			"\"confidence\":{\"basis\":\"imported\"},\"id\":\"%s\",\"instance\":\"%s\","
			"\"provenance\":{\"method\":\"import\"},\"schema\":\"label/1\","
			"\"state\":\"computable\"}", e->as, digest);
	ew_buf_release(&input);
}

static enum ew_code
edit_one(struct ew_snapshot *s, struct ew_stage *stage, struct fixture *x, const struct edit *e,
	uint64_t expected)
{
	struct ew_buf record = { 0 };
	struct ew_collection *c;
	struct ew_oid blob;
	enum ew_code rc = ew_snapshot_collection(&c, s, ew_str(e->collection), true, expected, &x->err);

	if (rc == EW_OK && !e->as)
		return ew_collection_remove(c, ew_str(e->id), &x->err);
	write_record(&record, x, e);
	if (rc == EW_OK &&
	    (rc = ew_stage_add(&blob, stage, EW_BLOB, ew_buf_str(&record), &x->err)) == EW_OK)
		rc = ew_collection_put(c, ew_str(e->id), &blob, (struct ew_str){ NULL, 0 }, &x->err);
	ew_buf_release(&record);
	return rc;
}

static enum ew_code
set_files(struct ew_snapshot *s, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = ew_snapshot_set_file(s, EW_FILE_MANIFEST,
		     EW_LIT("{\"dataset\":\"00000000-0000-4000-8000-000000000000\",\"fanout\":{},"
			    "\"format\":1,\"name\":\"n\",\"schema\":\"manifest/1\"}"), err)) != EW_OK ||
	    (rc = ew_snapshot_set_file(s, EW_FILE_POLICY, EW_LIT("{}"), err)) != EW_OK)
		return rc;
	return ew_snapshot_set_file(s, EW_FILE_SIGNERS, EW_LIT("\n"), err);
}

/* The tree that edits make of another; of none, one with so many labels, each with its instance. */
static struct ew_oid
edit(struct fixture *x, const struct ew_oid *before, const struct edit *e, int labels)
{
	const struct ew_oid none = { { 0 } };
	struct ew_snapshot *s = NULL;
	struct ew_stage *stage = NULL;
	struct ew_oid tree = none;
	enum ew_code rc = ew_stage_open(&stage, x->repo, &x->err);

	if (rc == EW_OK && (rc = ew_snapshot_open(&s, x->repo, NULL, before ? before : &none, &x->err)) ==
			EW_OK && !before)
		rc = set_files(s, &x->err);
	for (int i = 0; i < labels && rc == EW_OK; i++) {
		char id[16], question[16];
		struct edit one = { "labels/test", id, id, question };

		snprintf(id, sizeof id, "q/%d", i);
		snprintf(question, sizeof question, "q/%d?", i);
		if ((rc = edit_one(s, stage, x, &one, (uint64_t)labels)) == EW_OK) {
			one.collection = "instances";
			rc = edit_one(s, stage, x, &one, (uint64_t)labels);
		}
	}
	for (; e && e->collection && rc == EW_OK; e++)
		rc = edit_one(s, stage, x, e, 1);
	if (rc == EW_OK && (rc = ew_snapshot_write(&tree, s, stage, &x->err)) == EW_OK)
		rc = ew_stage_keep(stage, &x->err);
	if (rc != EW_OK)
		ok(false, "a tree: %s", x->err.msg);
	ew_snapshot_free(s);
	ew_stage_free(stage);
	return tree;
}

static void
good(struct fixture *x, const struct ew_oid *tree, uint64_t want, const char *what)
{
	uint64_t count = 0;

	ew_err_clear(&x->err);
	ok(ew_records_check(&count, x->records, tree, &x->err) == EW_OK, "%s: %s", what, x->err.msg);
	is_int(count, want, "%s: so many records", what);
}

/* Refused after a good version as it is alone, and the good one is good all the same. */
static void
bad(struct fixture *x, const struct ew_oid *base, const struct edit *e, enum ew_code code,
	const char *why)
{
	const struct ew_oid tree = edit(x, base, e, 0);
	struct ew_records *alone = NULL;
	uint64_t count;

	ew_err_clear(&x->err);
	ok(ew_records_check(&count, x->records, &tree, &x->err) == code && strstr(x->err.msg, why),
		"refused: %s", x->err.msg);
	ew_err_clear(&x->err);
	ok(ew_records_open(&alone, x->sample.store, &x->err) == EW_OK &&
			ew_records_check(&count, alone, &tree, &x->err) == code &&
			strstr(x->err.msg, why),
		"alone too: %s", x->err.msg);
	ew_records_free(alone);
	good(x, base, 2 * LABELS, "and before it");
}

static void
test_bad(struct fixture *x, const struct ew_oid *base)
{
	static const struct edit other_label[] = { { "labels/test", "q/5", "q/6", "q/5?" }, { NULL } };
	static const struct edit other_instance[] = { { "instances", "q/5", "q/6", "q/5?" }, { NULL } };
	static const struct edit other_question[] = { { "instances", "q/5", "q/5", "else" }, { NULL } };
	static const struct edit other_answer[] = { { "labels/test", "q/5", "q/5", "else" }, { NULL } };
	static const struct edit no_label[] = { { "labels/test", "q/5", "q/5", NULL }, { NULL } };
	static const struct edit no_instance[] = { { "instances", "q/5", "q/5", NULL }, { NULL } };
	static const struct edit no_orphan[] = { { "instances", "o/1", "o/1", NULL }, { NULL } };
	static const struct edit other_orphan[] = { { "instances", "o/1", "o/2", "?" }, { NULL } };
	static const struct edit twin[] = { LABEL("Q/5"), { NULL } };
	static const struct edit split[] = { { "labels/dev", "q/5", "q/5", "q/5?" }, { NULL } };
	static const struct edit orphan[] = { { "instances", "Q/5", "Q/5", "?" }, { NULL } };
	static const struct edit two[] = { { "labels/dev", "q/5", "q/5", "q/5?" },
		{ "labels/test", "q/9", "q/9", NULL }, { NULL } };
	static const struct edit fresh[] = { LABEL("t/1"), LABEL("T/1"), { NULL } };

	bad(x, base, other_label, EW_NO, "the record of label q/5 is that of q/6");
	bad(x, base, other_instance, EW_NO, "the record of instance q/5 is that of q/6");
	bad(x, base, other_question, EW_NO, "label q/5 is bound to another question than is stored");
	bad(x, base, other_answer, EW_NO, "label q/5 is bound to another question than is stored");
	bad(x, base, no_label, EW_CORRUPT, "record ");
	bad(x, base, no_instance, EW_CORRUPT, "record ");
	bad(x, base, no_orphan, EW_CORRUPT, "record ");
	bad(x, base, other_orphan, EW_NO, "the record of instance o/1 is that of o/2");
	bad(x, base, twin, EW_NO, "differ by case alone");
	bad(x, base, orphan, EW_NO, "differ by case alone");
	bad(x, base, split, EW_NO, "label q/5 stands in two splits, dev and test");
	bad(x, base, two, EW_NO, "label q/5 stands in two splits, dev and test");
	bad(x, base, fresh, EW_NO, "differ by case alone");
}

static void
test_good(struct fixture *x, const struct ew_oid *base)
{
	static const struct edit removed[] = { { "labels/test", "q/5", NULL, NULL }, { NULL } };
	static const struct edit gone[] = { { "instances", "q/5", NULL, NULL }, { NULL } };
	static const struct edit moved[] = { { "labels/test", "q/5", NULL, NULL },
		{ "labels/dev", "q/5", "q/5", "q/5?" }, { NULL } };
	static const struct edit turned[] = { { "labels/test", "q/5", "q/5", "else" },
		{ "instances", "q/5", "q/5", "else" }, { NULL } };
	static const struct edit added[] = { LABEL("Added"), { NULL } };
	struct ew_oid a, b, small, large;

	good(x, base, 2 * LABELS, "a version");
	good(x, base, 2 * LABELS, "the same again");
	a = edit(x, base, removed, 0);
	good(x, &a, 2 * LABELS - 1, "a label that left its instance");
	b = edit(x, &a, gone, 0);
	good(x, &b, 2 * LABELS - 2, "which went too");
	good(x, base, 2 * LABELS, "both again");
	a = edit(x, base, moved, 0);
	good(x, &a, 2 * LABELS, "a label in another split");
	a = edit(x, base, turned, 0);
	good(x, &a, 2 * LABELS, "another question");
	a = edit(x, base, added, 0);
	good(x, &a, 2 * LABELS + 2, "a label more");
	small = edit(x, NULL, added, 20);
	good(x, &small, 42, "another fan-out");
	large = edit(x, NULL, NULL, LABELS);
	good(x, &large, 2 * LABELS, "and back");
}

static void
test_damaged(struct fixture *x, const struct ew_oid *base)
{
	struct ew_records *r = NULL;
	uint64_t count;

	ok(sample_store_spoil(&x->sample), "a pack is spoilt");
	ew_err_clear(&x->err);
	ok(ew_records_open(&r, x->sample.store, &x->err) == EW_OK &&
			ew_records_check(&count, r, base, &x->err) == EW_CORRUPT &&
			strstr(x->err.msg, "object "),
		"which is told: %s", x->err.msg);
	ew_records_free(r);
}

static void
test_twins(void)
{
	struct ew_twins t = { .met = { 0 } };
	struct ew_err err = { 0 };
	bool likely = true;

	for (int i = 0; i < 1000; i++) {
		struct ew_buf id = { 0 };

		ew_buf_addf(&id, "\xc3\xa4/%d", i);
		if (ew_twins_meet(&t, ew_buf_str(&id), &err) != EW_OK)
			ok(false, "met: %s", err.msg);
		ew_buf_release(&id);
	}
	ok(ew_twins_settle(&likely, &t, &err) == EW_OK && !likely, "a thousand ids, no twins");
	ok(ew_twins_settle(&likely, &t, &err) == EW_OK && !likely, "nor when none is met");
	ok(ew_twins_meet(&t, EW_LIT("b"), &err) == EW_OK &&
			ew_twins_settle(&likely, &t, &err) == EW_OK && !likely,
		"nor with one more");
	ok(ew_twins_meet(&t, EW_LIT("\xc3\x84/999"), &err) == EW_OK &&
			ew_twins_settle(&likely, &t, &err) == EW_OK && likely,
		"one that differs by case");
	ok(ew_twins_meet(&t, EW_LIT("c"), &err) == EW_OK &&
			ew_twins_settle(&likely, &t, &err) == EW_OK && !likely,
		"is said once");
	ok(ew_twins_meet(&t, EW_LIT("D"), &err) == EW_OK &&
			ew_twins_meet(&t, EW_LIT("d"), &err) == EW_OK &&
			ew_twins_settle(&likely, &t, &err) == EW_OK && likely,
		"two of one version");
	ew_twins_release(&t);
}

int
main(void)
{
	struct fixture x = { .repo = NULL };
	struct ew_oid base;

	test_twins();
	if (ok(sample_store_make(&x.sample) &&
			    ew_records_open(&x.records, x.sample.store, &x.err) == EW_OK,
		    "a store: %s%s", x.sample.err.msg, x.err.msg)) {
		x.repo = x.sample.store->repo;
		base = edit(&x, NULL, NULL, LABELS);
		test_good(&x, &base);
		test_bad(&x, &base);
		test_damaged(&x, &base);
	}
	ew_records_free(x.records);
	sample_store_release(&x.sample);
	return tap_done();
}
