/* SPDX-License-Identifier: Apache-2.0 */
/* Collections as they are walked, forgotten and compared, and blobs that are read together. */
#include "repo/collection.h"

#include "repo/blobs.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

enum { LEVELS = 3, RECORDS = 6000 };

struct store {
	char dir[64];
	struct ew_repo *repo;
	struct ew_oid first, second; /* roots */
	struct ew_err err;
};

/* What a walk met. */
struct met {
	size_t calls, records, most;
	struct ew_buf text;
};

static struct ew_str
id_of(struct ew_buf *b, int i)
{
	ew_buf_clear(b);
	ew_buf_addf(b, "id/%d", i);
	return ew_buf_str(b);
}

static enum ew_code
put(struct store *s, struct ew_collection *c, struct ew_stage *stage, int i, const char *text)
{
	struct ew_buf id = { 0 }, record = { 0 };
	struct ew_oid blob;
	enum ew_code rc;

	ew_buf_addf(&record, "%d %s", i, text);
	rc = ew_stage_add(&blob, stage, EW_BLOB, ew_buf_str(&record), &s->err);
	if (rc == EW_OK)
		rc = ew_collection_put(c, id_of(&id, i), &blob, (struct ew_str){ NULL, 0 }, &s->err);
	ew_buf_release(&id);
	ew_buf_release(&record);
	return rc;
}

/* RECORDS of them; then one changed, one added, one removed. */
static enum ew_code
make(struct store *s)
{
	struct ew_collection *c = NULL;
	struct ew_stage *stage = NULL;
	struct ew_oid none = { { 0 } };

	if (ew_stage_open(&stage, s->repo, &s->err) == EW_OK)
		(void)!ew_collection_open(&c, s->repo, NULL, &none, LEVELS, &s->err);
	for (int i = 0; s->err.code == EW_OK && i < RECORDS; i++)
		(void)!put(s, c, stage, i, "first");
	if (s->err.code == EW_OK &&
	    ew_collection_write(&s->first, c, stage, &s->err) == EW_OK &&
	    put(s, c, stage, 17, "second") == EW_OK && put(s, c, stage, RECORDS, "second") == EW_OK &&
	    ew_collection_remove(c, EW_LIT("id/4000"), &s->err) == EW_OK &&
	    ew_collection_write(&s->second, c, stage, &s->err) == EW_OK)
		(void)!ew_stage_keep(stage, &s->err);
	ew_collection_free(c);
	ew_stage_free(stage);
	return s->err.code;
}

static struct ew_collection *
open_root(struct store *s, const struct ew_oid *root)
{
	struct ew_collection *c = NULL;

	ew_err_clear(&s->err);
	ok(ew_collection_open(&c, s->repo, NULL, root, LEVELS, &s->err) == EW_OK, "a collection: %s",
		s->err.msg);
	return c;
}

static enum ew_code
meet(void *user, const struct ew_entry *e, struct ew_err *err)
{
	struct met *m = user;

	(void)err;
	m->records++;
	ew_buf_addf(&m->text, "%.*s %02x%02x\n", EW_FMT(e->id), e->blob.b[0], e->blob.b[19]);
	return EW_OK;
}

static enum ew_code
meet_batch(void *user, const struct ew_entry *e, size_t n, struct ew_err *err)
{
	struct met *m = user;

	m->calls++;
	m->most = n > m->most ? n : m->most;
	for (size_t i = 0; i < n; i++)
		(void)!meet(m, &e[i], err);
	return EW_OK;
}

static enum ew_code
stop(void *user, const struct ew_entry *e, size_t n, struct ew_err *err)
{
	(void)e;
	*(size_t *)user += n;
	return ew_fail(err, EW_NO, "enough");
}

static void
test_batches(struct store *s)
{
	struct ew_collection *c = open_root(s, &s->first);
	struct met one = { 0 }, many = { 0 }, again = { 0 };
	struct ew_oid none = { { 0 } };
	size_t n = 0;

	ok(ew_collection_each_batch(c, meet_batch, &many, &s->err) == EW_OK && many.records == RECORDS,
		"every record: %s", s->err.msg);
	ok(many.calls > 1 && many.calls <= 17 && many.most <= EW_BATCH, "many at a time: %zu calls",
		many.calls);
	ok(ew_collection_each(c, meet, &one, &s->err) == EW_OK &&
			ew_str_eq(ew_buf_str(&one.text), ew_buf_str(&many.text)),
		"in the order of one by one");
	ok(ew_collection_each_batch(c, meet_batch, &again, &s->err) == EW_OK &&
			ew_str_eq(ew_buf_str(&again.text), ew_buf_str(&many.text)),
		"as often as one likes");
	ok(ew_collection_each_batch(c, stop, &n, &s->err) == EW_NO && n && n < RECORDS,
		"a failure ends it");
	ew_collection_free(c);
	c = open_root(s, &none);
	ew_buf_clear(&many.text);
	many.calls = 0;
	ok(ew_collection_each_batch(c, meet_batch, &many, &s->err) == EW_OK && !many.calls,
		"an empty one has none");
	ew_collection_free(c);
	ew_buf_release(&one.text);
	ew_buf_release(&many.text);
	ew_buf_release(&again.text);
}

static void
test_forget(struct store *s)
{
	struct ew_collection *c = open_root(s, &s->first);
	struct ew_stage *stage = NULL;
	struct ew_oid blob, root;
	struct met m = { 0 };
	bool found = false, lost = true;

	ok(ew_stage_open(&stage, s->repo, &s->err) == EW_OK && put(s, c, stage, 17, "second") == EW_OK &&
			put(s, c, stage, RECORDS, "second") == EW_OK &&
			ew_collection_remove(c, EW_LIT("id/4000"), &s->err) == EW_OK,
		"changes: %s", s->err.msg);
	ew_collection_forget(c);
	ok(ew_collection_find(&blob, &found, c, EW_LIT("id/6000"), &s->err) == EW_OK && found &&
			ew_collection_find(&blob, &lost, c, EW_LIT("id/4000"), &s->err) == EW_OK && !lost,
		"are not forgotten");
	ok(ew_collection_each_batch(c, meet_batch, &m, &s->err) == EW_OK && m.records == RECORDS,
		"nor left out of batches");
	ok(ew_collection_write(&root, c, stage, &s->err) == EW_OK && ew_oid_eq(&root, &s->second),
		"and are written");
	ew_collection_forget(c);
	found = false;
	ok(ew_collection_find(&blob, &found, c, EW_LIT("id/17"), &s->err) == EW_OK && found,
		"then they are read again: %s", s->err.msg);
	ew_collection_free(c);
	ew_stage_free(stage);
	ew_buf_release(&m.text);
}

static enum ew_code
pair(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct ew_buf *out = user;

	(void)err;
	ew_buf_addf(out, " %.*s>%.*s", EW_FMT(a ? a->id : EW_LIT("")), EW_FMT(b ? b->id : EW_LIT("")));
	return EW_OK;
}

static int
by_text(const void *a, const void *b)
{
	return ew_str_cmp(*(const struct ew_str *)a, *(const struct ew_str *)b);
}

/* The pairs in the order of their texts. */
static void
told(struct store *s, struct ew_collection *a, struct ew_collection *b, const char *want)
{
	struct ew_buf pairs = { 0 }, sorted = { 0 };
	struct ew_str rest, part[8];
	size_t n = 0;

	ew_err_clear(&s->err);
	ok(ew_collection_compare(a, b, pair, &pairs, &s->err) == EW_OK, "compared: %s", s->err.msg);
	rest = ew_str_trim(ew_buf_str(&pairs));
	while (rest.p && n < 8)
		part[n++] = ew_str_cut(&rest, ' ');
	qsort(part, n, sizeof *part, by_text);
	for (size_t i = 0; i < n; i++)
		ew_buf_addf(&sorted, "%s%.*s", i ? " " : "", EW_FMT(part[i]));
	is_str(ew_buf_str(&sorted), want, "as they differ");
	ew_buf_release(&pairs);
	ew_buf_release(&sorted);
}

static void
test_compare(struct store *s)
{
	static const char want[] = ">id/6000 id/17>id/17 id/4000>";
	struct ew_collection *a = open_root(s, &s->first), *b = open_root(s, &s->second);
	struct ew_oid blob;
	bool found;

	told(s, a, b, want);
	told(s, a, b, want);
	told(s, a, a, "");
	ok(ew_collection_find(&blob, &found, a, EW_LIT("id/17"), &s->err) == EW_OK && found,
		"one folder of one side is loaded");
	told(s, a, b, want);
	told(s, b, a, ">id/4000 id/17>id/17 id/6000>");
	ew_collection_free(a);
	ew_collection_free(b);
}

/* What a step to another root differs in, and that it is then what is opened there. */
static void
stepped(struct store *s, struct ew_collection *c, const struct ew_oid *root, const char *want)
{
	struct ew_differences list = { 0 };
	struct met here = { 0 }, there = { 0 };
	struct ew_collection *fresh = open_root(s, root);
	struct ew_buf text = { 0 };

	ok(ew_collection_follow(&list, c, root, &s->err) == EW_OK, "a step: %s", s->err.msg);
	for (size_t i = 0; i < list.n && i < 8; i++)
		ew_buf_addf(&text, " %.*s%s%s%s", EW_FMT(list.at[i].id),
			ew_oid_is_zero(&list.at[i].before) ? "" : "-", ew_oid_is_zero(&list.at[i].after) ? "" : "+",
			list.at[i].leaf ? "" : "!");
	if (want)
		is_str(ew_str_trim(ew_buf_str(&text)), want, "differs in this");
	else
		is_int((long long)list.n, RECORDS, "differs in all");
	ok(ew_collection_each(c, meet, &here, &s->err) == EW_OK &&
			ew_collection_each(fresh, meet, &there, &s->err) == EW_OK &&
			ew_str_eq(ew_buf_str(&here.text), ew_buf_str(&there.text)),
		"and then is as if it was opened there");
	ew_collection_free(fresh);
	ew_differences_release(&list);
	ew_buf_release(&here.text);
	ew_buf_release(&there.text);
	ew_buf_release(&text);
}

static void
test_follow(struct store *s)
{
	const struct ew_oid none = { { 0 } };
	struct ew_collection *c = open_root(s, &none);
	const struct ew_str id = EW_LIT("id/17");
	struct ew_sha256 key = ew_sha256_str(ew_repo_hash(s->repo), id);
	struct ew_oid blob;
	bool found = false, fresh = false;

	stepped(s, c, &s->first, NULL);
	stepped(s, c, &s->second, "id/17-+ id/4000-! id/6000+");
	ok(ew_collection_find_fresh(&blob, &found, &fresh, c, &key, id, &s->err) == EW_OK && found && fresh,
		"what changed is fresh");
	stepped(s, c, &s->second, "");
	ok(ew_collection_find_fresh(&blob, &found, &fresh, c, &key, id, &s->err) == EW_OK && found && !fresh,
		"until the next step");
	stepped(s, c, &s->first, "id/17-+ id/4000+ id/6000-!");
	stepped(s, c, &none, NULL);
	stepped(s, c, &s->first, NULL);
	ew_collection_free(c);
	c = open_root(s, &s->first);
	ok(ew_collection_find_fresh(&blob, &found, &fresh, c, &key, id, &s->err) == EW_OK && found && !fresh,
		"what was merely read is not fresh");
	stepped(s, c, &s->second, "id/17-+ id/4000-! id/6000+");
	ew_collection_free(c);
}

static enum ew_code
list(void *user, const struct ew_entry *e, struct ew_err *err)
{
	(void)err;
	ew_buf_addmem(user, &e->blob, sizeof e->blob);
	return EW_OK;
}

/* Each is "N first" of "id/N"; the numbers alone are summed. */
static void
test_blobs(struct store *s, bool apart)
{
	struct ew_source first = ew_source_of(s->repo), other = { NULL, NULL, NULL };
	struct ew_collection *c = open_root(s, &s->first);
	struct ew_blobs *blobs = NULL;
	struct ew_buf oids = { 0 };
	struct ew_oid *oid;
	long sum = 0;
	size_t n;

	ok(ew_collection_each(c, list, &oids, &s->err) == EW_OK &&
			ew_source_open(&other, &first, &s->err) == EW_OK &&
			ew_blobs_open(&blobs, apart ? &other : &first, &s->err) == EW_OK,
		"blobs%s: %s", apart ? ", as another thread reads them" : "", s->err.msg);
	oid = (struct ew_oid *)(void *)oids.p;
	n = oids.len / sizeof *oid;
	oid[7] = (struct ew_oid){ { 0 } };
	ok(ew_blobs_read(blobs, oid, n, &s->err) == EW_OK, "all but one are read: %s", s->err.msg);
	for (size_t i = 0; i < n; i++) {
		sum += ew_blobs_at(blobs, i).p ? atol(ew_blobs_at(blobs, i).p) : 0;
		if (i != 7 && !ew_str_eq(ew_str_part(ew_blobs_at(blobs, i),
				       ew_blobs_at(blobs, i).len - 6, SIZE_MAX), EW_LIT(" first")))
			ok(false, "blob %zu is %.*s", i, EW_FMT(ew_blobs_at(blobs, i)));
	}
	ok(!ew_blobs_at(blobs, 7).p, "of no id there are no bytes");
	ok(ew_blobs_read(blobs, oid + 7, 1, &s->err) == EW_OK, "which can be read alone");
	ok(ew_blobs_read(blobs, oid, 0, &s->err) == EW_OK, "as can none");
	ok(sum > (long)(RECORDS - 2) * (RECORDS - 1) / 2 - 1 && sum <= (long)(RECORDS - 1) * RECORDS / 2,
		"each once");
	for (size_t i = 3; i < n; i += n - 10) {
		struct ew_oid good = oid[i];

		ew_err_clear(&s->err);
		memset(&oid[i], 0x5a, sizeof oid[i]);
		ok(ew_blobs_read(blobs, oid, n, &s->err) == EW_CORRUPT &&
				strstr(s->err.msg, "object 5a5a5a5a") && strstr(s->err.msg, "missing"),
			"one that is missing: %s", s->err.msg);
		oid[i] = good;
	}
	ew_blobs_free(blobs);
	ew_source_release(&other);
	ew_collection_free(c);
	ew_buf_release(&oids);
}

int
main(void)
{
	struct store s = { .repo = NULL };

	if (!sample_dir(s.dir))
		return 1;
	if (ok(ew_repo_init(s.dir, &s.err) == EW_OK &&
			    ew_repo_open(&s.repo, s.dir, &s.err) == EW_OK && make(&s) == EW_OK,
		    "a repository: %s", s.err.msg)) {
		test_batches(&s);
		test_forget(&s);
		test_compare(&s);
		test_follow(&s);
		test_blobs(&s, false);
		test_blobs(&s, true);
	}
	ew_repo_free(s.repo);
	sample_remove_dir(s.dir);
	return tap_done();
}
