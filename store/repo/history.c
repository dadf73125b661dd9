/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index follows one first-parent line, whose commits are numbered from 1.  Its
 * rows, of one size in one set of runs, so that they change together, say
 *   'c', commit, number:        this commit stands on the line at this number;
 *   'n', number:                the commit at this number;
 *   'l', label, number, blob:   that commit gave the label this record.
 * A tip on the line is answered by the rows up to its number.  For another one the
 * commits from it down to the line are compared here and now; they join the index
 * when they make its line longer, and else when they make a longer one.
 */
#include "repo/history.h"

#include "model/commit.h"
#include "repo/runs.h"

#include <stdlib.h>
#include <string.h>

enum {
	KEY = 16, /* so much of a commit's or a label's digest */
	NUMBER_AT = 1 + KEY,
	OID_AT = NUMBER_AT + 4,
	OID = 20,
	ROW = OID_AT + OID,
	REPORT = 4096, /* labels between two reports of progress */
};

/* A commit on the way from the tip down. */
struct step {
	struct ew_oid commit, tree;
};

/* One question. */
struct query {
	struct ew_repo *repo;
	const struct ew_progress *progress;
	struct ew_runs *runs;
	bool indexed;           /* the runs are whole as far as is known, and used */
	uint32_t base;          /* number of the newest commit that the index knows; 0: none */
	struct ew_oid base_commit;
	struct ew_buf steps;    /* those it does not know, newest first */
	struct ew_buf rows;     /* what they did */
	uint32_t number;        /* of the step being compared */
	size_t labels;          /* that it changed, so far */
	unsigned char key[1 + KEY]; /* how the label's rows begin */
	struct ew_buf found;    /* struct ew_revision, newest first */
	uint32_t found_number;  /* of the last of them */
};

/* --- rows --- */

static uint32_t
get_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void
put_u32(unsigned char *p, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (unsigned char)(v >> shift);
}

static void
add_row(struct ew_buf *out, char kind, const unsigned char key[KEY], uint32_t number,
	const struct ew_oid *oid)
{
	ew_buf_addc(out, kind);
	ew_buf_addmem(out, key, KEY);
	ew_buf_addu32be(out, number);
	ew_buf_addmem(out, oid->b, OID);
}

static struct ew_oid
row_oid(const unsigned char *row)
{
	struct ew_oid oid;

	memcpy(oid.b, row + OID_AT, OID);
	return oid;
}

/* The number of a commit in the index; 0 if it has none. */
static uint32_t
number_of(struct query *q, const struct ew_oid *commit)
{
	unsigned char key[1 + KEY] = { 'c' };
	const unsigned char *row;

	if (!q->indexed)
		return 0;
	memcpy(key + 1, commit->b, KEY);
	row = ew_runs_find(q->runs, ew_str_n(key, sizeof key));
	return row && memcmp(row + OID_AT, commit->b, OID) == 0 ? get_u32(row + NUMBER_AT) : 0;
}

static size_t
step_count(const struct query *q)
{
	return q->steps.len / sizeof(struct step);
}

/* The i-th newest. */
static struct step
step_at(const struct query *q, size_t i)
{
	struct step s;

	memcpy(&s, q->steps.p + i * sizeof s, sizeof s);
	return s;
}

/* The commit at a number of this line: one of the steps, or of the index; zero if it is damaged. */
static struct ew_oid
commit_at(struct query *q, uint32_t number)
{
	unsigned char key[1 + KEY] = { 'n' };
	const unsigned char *row;

	if (number > q->base)
		return step_at(q, step_count(q) - (number - q->base)).commit;
	put_u32(key + 1, number);
	row = ew_runs_find(q->runs, ew_str_n(key, sizeof key));
	return row ? row_oid(row) : (struct ew_oid){ { 0 } };
}

/* --- the commits that the index does not know --- */

static enum ew_code
read_commit(struct ew_commit *out, struct query *q, const struct ew_oid *oid,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	char hex[EW_OID_HEX + 1];
	enum ew_code rc = ew_repo_read(&bytes, q->repo, oid, EW_COMMIT, err);

	if (rc == EW_OK && (rc = ew_commit_parse(out, arena, ew_buf_str(&bytes), err)) != EW_OK) {
		ew_hex(hex, oid->b, sizeof oid->b);
		ew_fail_at(err, "commit %s", hex);
	}
	ew_buf_release(&bytes);
	return rc;
}

/* The tree of a commit, and its first parent, or zero. */
static enum ew_code
read_step(struct step *out, struct ew_oid *parent, struct query *q, const struct ew_oid *oid,
	struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_commit c;
	enum ew_code rc = read_commit(&c, q, oid, &arena, err);

	if (rc == EW_OK) {
		*out = (struct step){ *oid, c.tree };
		*parent = c.parents ? c.parent[0] : (struct ew_oid){ { 0 } };
	}
	ew_arena_release(&arena);
	return rc;
}

/* From the tip along first parents to a commit that the index knows, or to the first of all. */
static enum ew_code
walk(struct query *q, const struct ew_oid *tip, struct ew_err *err)
{
	struct ew_oid at = *tip;
	enum ew_code rc = EW_OK;

	q->base = 0;
	while (rc == EW_OK && !ew_oid_is_zero(&at) && (q->base = number_of(q, &at)) == 0) {
		const struct ew_oid here = at;
		struct step s;

		rc = read_step(&s, &at, q, &here, err);
		if (rc == EW_OK) {
			ew_buf_addmem(&q->steps, &s, sizeof s);
			rc = ew_progress(q->progress, "read history", step_count(q), 0, err);
		}
	}
	q->base_commit = at;
	return rc == EW_OK ? ew_buf_check(&q->steps, err) : rc;
}

static enum ew_code
note_change(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	static const struct ew_oid removed;
	struct query *q = user;
	struct ew_sha256 key = ew_sha256_str(ew_repo_hash(q->repo), b ? b->id : a->id);

	add_row(&q->rows, 'l', key.b, q->number, b ? &b->blob : &removed);
	if (++q->labels % REPORT)
		return EW_OK;
	return ew_progress(q->progress, "index history", q->number - q->base, step_count(q), err);
}

/* The labels of one split; either snapshot may lack it. */
static enum ew_code
compare_split(struct query *q, struct ew_snapshot *a, struct ew_snapshot *b, struct ew_str split,
	struct ew_err *err)
{
	struct ew_collection *x, *y;
	enum ew_code rc = ew_snapshot_labels(&x, a, split, err);

	if (rc == EW_OK)
		rc = ew_snapshot_labels(&y, b, split, err);
	if (rc == EW_OK)
		rc = ew_collection_compare(x, y, note_change, q, err);
	return rc;
}

static bool
has(const struct ew_str *list, size_t n, struct ew_str s)
{
	for (size_t i = 0; i < n; i++)
		if (ew_str_eq(list[i], s))
			return true;
	return false;
}

static enum ew_code
compare_snapshots(struct query *q, struct ew_snapshot *a, struct ew_snapshot *b,
	struct ew_err *err)
{
	struct ew_str *x, *y;
	size_t m, n;
	enum ew_code rc = ew_snapshot_splits(&x, &m, a, err);

	if (rc == EW_OK)
		rc = ew_snapshot_splits(&y, &n, b, err);
	if (rc != EW_OK)
		return rc;
	for (size_t i = 0; i < n && rc == EW_OK; i++)
		rc = compare_split(q, a, b, y[i], err);
	for (size_t i = 0; i < m && rc == EW_OK; i++)
		if (!has(y, n, x[i]))
			rc = compare_split(q, a, b, x[i], err);
	return rc;
}

/* Compare a commit with the one before it, whose snapshot `*last` makes way for this one's. */
static enum ew_code
compare_step(struct query *q, struct ew_snapshot **last, const struct step *s, struct ew_err *err)
{
	struct ew_snapshot *next;
	unsigned char number[KEY] = { 0 };
	char hex[EW_OID_HEX + 1];
	enum ew_code rc = ew_snapshot_open(&next, q->repo, NULL, &s->tree, err);

	if (rc == EW_OK)
		rc = compare_snapshots(q, *last, next, err);
	if (rc != EW_OK && rc != EW_INTERRUPTED) {
		ew_hex(hex, s->commit.b, sizeof s->commit.b);
		ew_fail_at(err, "commit %s", hex);
	}
	ew_snapshot_free(*last);
	*last = next;
	put_u32(number, q->number);
	add_row(&q->rows, 'n', number, q->number, &s->commit);
	add_row(&q->rows, 'c', s->commit.b, q->number, &s->commit);
	return rc;
}

/* What each of the steps did, from the oldest on. */
static enum ew_code
compare_steps(struct query *q, struct ew_err *err)
{
	struct ew_snapshot *last = NULL;
	struct step base = { { { 0 } }, { { 0 } } };
	struct ew_oid before;
	size_t n = step_count(q);
	enum ew_code rc = EW_OK;

	if (n == 0)
		return EW_OK;
	if (q->base)
		rc = read_step(&base, &before, q, &q->base_commit, err);
	if (rc == EW_OK)
		rc = ew_snapshot_open(&last, q->repo, NULL, &base.tree, err);
	for (size_t i = n; i > 0 && rc == EW_OK; i--) {
		struct step s = step_at(q, i - 1);

		q->number = q->base + (uint32_t)(n - i + 1);
		rc = compare_step(q, &last, &s, err);
		if (rc == EW_OK)
			rc = ew_progress(q->progress, "index history", n - i + 1, n, err);
	}
	ew_snapshot_free(last);
	return rc == EW_OK ? ew_buf_check(&q->rows, err) : rc;
}

/* --- the answer --- */

/* One more of the label's rows, in descending order of their numbers. */
static enum ew_code
find_row(void *user, const unsigned char *row, struct ew_err *err)
{
	struct query *q = user;
	uint32_t number = get_u32(row + NUMBER_AT);
	struct ew_revision r = { .blob = row_oid(row) };

	(void)err;
	/* A label that one commit moved to another split left the one and came to the other. */
	if (q->found.len && number == q->found_number) {
		if (ew_oid_is_zero(&r.blob))
			return EW_OK;
		q->found.len -= sizeof r;
	}
	r.commit = commit_at(q, number);
	q->found_number = number;
	ew_buf_addmem(&q->found, &r, sizeof r);
	return EW_OK;
}

static enum ew_code
find_row_of_index(void *user, const unsigned char *row, struct ew_err *err)
{
	struct query *q = user;

	return get_u32(row + NUMBER_AT) <= q->base ? find_row(q, row, err) : EW_OK;
}

static enum ew_code
find_all(struct query *q, struct ew_err *err)
{
	const unsigned char *row = (const unsigned char *)q->rows.p;
	enum ew_code rc = EW_OK;

	for (size_t i = q->rows.len / ROW; i > 0 && rc == EW_OK; i--)
		if (memcmp(row + (i - 1) * ROW, q->key, sizeof q->key) == 0)
			rc = find_row(q, row + (i - 1) * ROW, err);
	if (rc == EW_OK && q->base)
		rc = ew_runs_each(q->runs, ew_str_n(q->key, sizeof q->key), find_row_of_index, q,
			err);
	return rc == EW_OK ? ew_buf_check(&q->found, err) : rc;
}

static enum ew_code
answer(struct query *q, const struct ew_oid *tip, struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&q->steps);
	ew_buf_clear(&q->rows);
	ew_buf_clear(&q->found);
	rc = walk(q, tip, err);
	if (rc == EW_OK)
		rc = compare_steps(q, err);
	return rc == EW_OK ? find_all(q, err) : rc;
}

/* --- keeping the index --- */

static enum ew_code
keep_row(void *user, const unsigned char *row, struct ew_err *err)
{
	struct query *q = user;

	(void)err;
	if (get_u32(row + NUMBER_AT) <= q->base)
		ew_buf_addmem(&q->rows, row, ROW);
	return EW_OK;
}

/* Make the line of this question the index's, leaving what it knew of another one behind. */
static enum ew_code
change_line(struct query *q, const struct ew_runs_mark *mark, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	if (q->base)
		rc = ew_runs_each(q->runs, EW_LIT(""), keep_row, q, err);
	if (rc == EW_OK)
		rc = ew_buf_check(&q->rows, err);
	if (rc == EW_OK && q->base && ew_runs_damaged(q->runs))
		return EW_OK;
	return rc == EW_OK ? ew_runs_replace(q->runs, ew_buf_str(&q->rows), mark, err) : rc;
}

/* Nobody waits for the index: that it cannot be written is no failure. */
static void
save(struct query *q)
{
	const struct ew_runs_mark *old = q->indexed ? ew_runs_mark(q->runs) : NULL;
	uint32_t end = old ? get_u32(old->b) : 0;
	struct ew_runs_mark mark = { { 0 } };
	struct ew_err why = { 0 };
	enum ew_code rc = EW_OK;

	if (step_count(q) == 0)
		return;
	put_u32(mark.b, q->number);
	memcpy(mark.b + 4, step_at(q, 0).commit.b, OID);
	if (q->indexed && q->base == end)
		rc = ew_runs_add(q->runs, ew_buf_str(&q->rows), &mark, &why);
	else if (q->number > end)
		rc = change_line(q, &mark, &why);
	(void)rc;
}

/* The label's digest is its key. */
static enum ew_code
open_query(struct query *q, struct ew_str id, struct ew_err *err)
{
	struct ew_hash *hash = ew_repo_hash(q->repo);
	struct ew_sha256 key = ew_sha256_str(hash, id);
	struct ew_buf dir = { 0 };
	enum ew_code rc;

	q->key[0] = 'l';
	memcpy(q->key + 1, key.b, KEY);
	ew_buf_addf(&dir, "%s/ellwand", ew_repo_path(q->repo));
	rc = ew_buf_check(&dir, err);
	if (rc == EW_OK)
		rc = ew_runs_open(&q->runs, hash, dir.p, "history", ROW, err);
	ew_buf_release(&dir);
	return rc;
}

static void
release_query(struct query *q)
{
	ew_runs_free(q->runs);
	ew_buf_release(&q->steps);
	ew_buf_release(&q->rows);
	ew_buf_release(&q->found);
}

enum ew_code
ew_history_find(struct ew_revision **out, size_t *n, struct ew_repo *repo,
	const struct ew_oid *tip, struct ew_str id, const struct ew_progress *progress,
	struct ew_arena *arena, struct ew_err *err)
{
	struct query q = { .repo = repo, .progress = progress };
	enum ew_code rc = open_query(&q, id, err);

	*out = NULL;
	*n = 0;
	if (rc != EW_OK)
		goto done;
	q.indexed = !ew_runs_damaged(q.runs);
	rc = answer(&q, tip, err);
	if (rc == EW_OK && q.indexed && ew_runs_damaged(q.runs)) {
		q.indexed = false; /* the answer lacks what was in it */
		rc = answer(&q, tip, err);
	}
	if (rc != EW_OK)
		goto done;
	save(&q);
	*n = q.found.len / sizeof **out;
	*out = ew_arena_array(arena, *n ? *n : 1, sizeof **out);
	if (!*out)
		rc = ew_fail_nomem(err);
	else if (*n)
		memcpy(*out, q.found.p, q.found.len);
done:
	release_query(&q);
	return rc;
}
