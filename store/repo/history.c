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
#include "repo/strides.h"

#include <stdlib.h>
#include <string.h>

enum {
	KEY = 16, /* so much of a commit's or a label's digest */
	NUMBER_AT = 1 + KEY,
	OID_AT = NUMBER_AT + 4,
	OID = 20,
	ROW = OID_AT + OID,
};

struct ew_history {
	struct ew_repo *repo;
	struct ew_oid tip;
	const struct ew_progress *progress;
	struct ew_runs *runs;
	bool indexed;           /* the runs are whole as far as is known, and used */
	uint32_t base;          /* number of the newest commit that the index knows; 0: none */
	struct ew_oid base_commit;
	struct ew_buf steps;    /* those it does not know, oldest first */
	struct ew_buf rows;     /* what they did */
};

/* One question. */
struct query {
	struct ew_history *history;
	unsigned char key[1 + KEY]; /* how the label's rows begin */
	struct ew_buf found;        /* struct ew_revision, newest first */
	uint32_t last;              /* the number of the last of them */
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
number_of(struct ew_history *h, const struct ew_oid *commit)
{
	unsigned char key[1 + KEY] = { 'c' };
	const unsigned char *row;

	if (!h->indexed)
		return 0;
	memcpy(key + 1, commit->b, KEY);
	row = ew_runs_find(h->runs, ew_str_n(key, sizeof key));
	return row && memcmp(row + OID_AT, commit->b, OID) == 0 ? get_u32(row + NUMBER_AT) : 0;
}

static size_t
step_count(const struct ew_history *h)
{
	return h->steps.len / sizeof(struct ew_stride);
}

/* The steps, whose first has the number h->base + 1. */
static struct ew_stride *
steps_of(const struct ew_history *h)
{
	return (struct ew_stride *)(void *)h->steps.p;
}

/* The commit at a number of this line: one of the steps, or of the index; zero if it is damaged. */
static struct ew_oid
commit_at(struct ew_history *h, uint32_t number)
{
	unsigned char key[1 + KEY] = { 'n' };
	const unsigned char *row;

	if (number > h->base)
		return steps_of(h)[number - h->base - 1].commit;
	put_u32(key + 1, number);
	row = ew_runs_find(h->runs, ew_str_n(key, sizeof key));
	return row ? row_oid(row) : (struct ew_oid){ { 0 } };
}

/* --- the commits that the index does not know --- */

static enum ew_code
read_commit(struct ew_commit *out, struct ew_history *h, const struct ew_oid *oid,
	struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	char hex[EW_OID_HEX + 1];
	enum ew_code rc = ew_repo_read(&bytes, h->repo, oid, EW_COMMIT, err);

	if (rc == EW_OK && (rc = ew_commit_parse(out, arena, ew_buf_str(&bytes), err)) != EW_OK) {
		ew_hex(hex, oid->b, sizeof oid->b);
		ew_fail_at(err, "commit %s", hex);
	}
	ew_buf_release(&bytes);
	return rc;
}

/* The tree of a commit, and its first parent, or zero. */
static enum ew_code
read_step(struct ew_stride *out, struct ew_oid *parent, struct ew_history *h, const struct ew_oid *oid,
	struct ew_err *err)
{
	struct ew_arena arena = { 0 };
	struct ew_commit c;
	enum ew_code rc = read_commit(&c, h, oid, &arena, err);

	if (rc == EW_OK) {
		*out = (struct ew_stride){ *oid, c.tree };
		*parent = c.parents ? c.parent[0] : (struct ew_oid){ { 0 } };
	}
	ew_arena_release(&arena);
	return rc;
}

static void
turn_round(struct ew_stride *step, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		const struct ew_stride s = step[i];

		step[i] = step[n - 1 - i];
		step[n - 1 - i] = s;
	}
}

/* From the tip along first parents to a commit that the index knows, or to the first of all. */
static enum ew_code
walk(struct ew_history *h, struct ew_err *err)
{
	struct ew_oid at = h->tip;
	enum ew_code rc = EW_OK;

	h->base = 0;
	while (rc == EW_OK && !ew_oid_is_zero(&at) && (h->base = number_of(h, &at)) == 0) {
		const struct ew_oid here = at;
		struct ew_stride s;

		rc = read_step(&s, &at, h, &here, err);
		if (rc == EW_OK) {
			ew_buf_addmem(&h->steps, &s, sizeof s);
			rc = ew_progress(h->progress, "read history", step_count(h), 0, err);
		}
	}
	h->base_commit = at;
	turn_round(steps_of(h), step_count(h));
	return rc == EW_OK ? ew_buf_check(&h->steps, err) : rc;
}

static enum ew_code
add_change(void *user, size_t i, const struct ew_sha256 *key, const struct ew_oid *blob,
	struct ew_err *err)
{
	struct ew_history *h = user;

	add_row(&h->rows, 'l', key->b, h->base + (uint32_t)i + 1, blob);
	return ew_buf_check(&h->rows, err);
}

/* What each of the steps did, and then which they are. */
static enum ew_code
compare_steps(struct ew_history *h, struct ew_err *err)
{
	struct ew_stride base = { { { 0 } }, { { 0 } } };
	const struct ew_stride *step = steps_of(h);
	const size_t n = step_count(h);
	struct ew_oid before;
	enum ew_code rc = EW_OK;

	if (h->base && n)
		rc = read_step(&base, &before, h, &h->base_commit, err);
	if (rc == EW_OK)
		rc = ew_strides_compare(h->repo, &base.tree, step, n, h->progress, add_change, h, err);
	for (size_t i = 0; i < n; i++) {
		const uint32_t number = h->base + (uint32_t)i + 1;
		unsigned char key[KEY] = { 0 };

		put_u32(key, number);
		add_row(&h->rows, 'n', key, number, &step[i].commit);
		add_row(&h->rows, 'c', step[i].commit.b, number, &step[i].commit);
	}
	return rc == EW_OK ? ew_buf_check(&h->rows, err) : rc;
}

/* All that the index does not say of the line: its commits, and what they did. */
static enum ew_code
read_line(struct ew_history *h, struct ew_err *err)
{
	enum ew_code rc;

	ew_buf_clear(&h->steps);
	ew_buf_clear(&h->rows);
	rc = walk(h, err);
	return rc == EW_OK ? compare_steps(h, err) : rc;
}

/* --- keeping the index --- */

/* Rows that are kept of an index. */
struct keeping {
	uint32_t most; /* of their numbers */
	struct ew_buf rows;
};

static enum ew_code
keep_row(void *user, const unsigned char *row, struct ew_err *err)
{
	struct keeping *k = user;

	(void)err;
	if (get_u32(row + NUMBER_AT) <= k->most)
		ew_buf_addmem(&k->rows, row, ROW);
	return EW_OK;
}

/* Make this line the index's, leaving what it knew of another one behind. */
static enum ew_code
change_line(struct ew_history *h, const struct ew_runs_mark *mark, struct ew_err *err)
{
	struct keeping k = { .most = h->base };
	enum ew_code rc = EW_OK;

	ew_buf_add(&k.rows, ew_buf_str(&h->rows));
	if (h->base)
		rc = ew_runs_each(h->runs, EW_LIT(""), keep_row, &k, err);
	if (rc == EW_OK)
		rc = ew_buf_check(&k.rows, err);
	if (rc == EW_OK && !(h->base && ew_runs_damaged(h->runs)))
		rc = ew_runs_replace(h->runs, ew_buf_str(&k.rows), mark, err);
	ew_buf_release(&k.rows);
	return rc;
}

/* Nobody waits for the index: that it cannot be written is no failure. */
static void
save(struct ew_history *h)
{
	const struct ew_runs_mark *old = h->indexed ? ew_runs_mark(h->runs) : NULL;
	uint32_t end = old ? get_u32(old->b) : 0;
	const uint32_t number = h->base + (uint32_t)step_count(h);
	struct ew_runs_mark mark = { { 0 } };
	struct ew_err why = { 0 };

	if (step_count(h) == 0)
		return;
	put_u32(mark.b, number);
	memcpy(mark.b + 4, h->tip.b, OID);
	if (h->indexed && h->base == end)
		(void)!ew_runs_add(h->runs, ew_buf_str(&h->rows), &mark, &why);
	else if (number > end)
		(void)!change_line(h, &mark, &why);
}

/* Without the index, when that turns out to be damaged. */
static enum ew_code
bring_up_to_date(struct ew_history *h, struct ew_err *err)
{
	enum ew_code rc;

	h->indexed = !ew_runs_damaged(h->runs);
	rc = read_line(h, err);
	if (rc == EW_OK && h->indexed && ew_runs_damaged(h->runs)) {
		h->indexed = false;
		rc = read_line(h, err);
	}
	if (rc == EW_OK)
		save(h);
	return rc;
}

static enum ew_code
open_index(struct ew_history *h, struct ew_err *err)
{
	struct ew_buf dir = { 0 };
	enum ew_code rc;

	ew_buf_addf(&dir, "%s/ellwand", ew_repo_path(h->repo));
	rc = ew_buf_check(&dir, err);
	if (rc == EW_OK)
		rc = ew_runs_open(&h->runs, ew_repo_hash(h->repo), dir.p, "history", ROW, err);
	ew_buf_release(&dir);
	return rc;
}

enum ew_code
ew_history_open(struct ew_history **out, struct ew_repo *repo, const struct ew_oid *tip,
	const struct ew_progress *progress, struct ew_err *err)
{
	struct ew_history *h = calloc(1, sizeof *h);
	enum ew_code rc;

	*out = h;
	if (!h)
		return ew_fail_nomem(err);
	h->repo = repo;
	h->tip = *tip;
	h->progress = progress;
	if ((rc = open_index(h, err)) == EW_OK)
		rc = bring_up_to_date(h, err);
	if (rc != EW_OK) {
		ew_history_free(h);
		*out = NULL;
	}
	return rc;
}

void
ew_history_free(struct ew_history *h)
{
	if (!h)
		return;
	ew_runs_free(h->runs);
	ew_buf_release(&h->steps);
	ew_buf_release(&h->rows);
	free(h);
}

/* --- the answer --- */

/* One more of the label's rows, in descending order of their numbers. */
static enum ew_code
find_row(void *user, const unsigned char *row, struct ew_err *err)
{
	struct query *q = user;
	struct ew_revision r = { .blob = row_oid(row), .number = get_u32(row + NUMBER_AT) };

	(void)err;
	/* A label that one commit moved to another split left the one and came to the other. */
	if (q->found.len && r.number == q->last) {
		if (ew_oid_is_zero(&r.blob))
			return EW_OK;
		q->found.len -= sizeof r;
	}
	r.commit = commit_at(q->history, r.number);
	q->last = r.number;
	ew_buf_addmem(&q->found, &r, sizeof r);
	return EW_OK;
}

static enum ew_code
find_row_of_index(void *user, const unsigned char *row, struct ew_err *err)
{
	struct query *q = user;

	return get_u32(row + NUMBER_AT) <= q->history->base ? find_row(q, row, err) : EW_OK;
}

static enum ew_code
find_rows(struct query *q, struct ew_err *err)
{
	struct ew_history *h = q->history;
	const unsigned char *row = (const unsigned char *)h->rows.p;
	enum ew_code rc = EW_OK;

	ew_buf_clear(&q->found);
	for (size_t i = h->rows.len / ROW; i > 0 && rc == EW_OK; i--)
		if (memcmp(row + (i - 1) * ROW, q->key, sizeof q->key) == 0)
			rc = find_row(q, row + (i - 1) * ROW, err);
	if (rc == EW_OK && h->base)
		rc = ew_runs_each(h->runs, ew_str_n(q->key, sizeof q->key), find_row_of_index, q, err);
	return rc == EW_OK ? ew_buf_check(&q->found, err) : rc;
}

/* The label's digest is its key. */
static enum ew_code
answer(struct query *q, struct ew_str id, struct ew_err *err)
{
	struct ew_history *h = q->history;
	const struct ew_sha256 key = ew_sha256_str(ew_repo_hash(h->repo), id);
	enum ew_code rc;

	q->key[0] = 'l';
	memcpy(q->key + 1, key.b, KEY);
	rc = find_rows(q, err);
	if (rc == EW_OK && h->indexed && ew_runs_damaged(h->runs)) {
		/* The answer lacks what was in it. */
		rc = bring_up_to_date(h, err);
		return rc == EW_OK ? find_rows(q, err) : rc;
	}
	return rc;
}

enum ew_code
ew_history_find(struct ew_revision **out, size_t *n, struct ew_history *h, struct ew_str id,
	struct ew_arena *arena, struct ew_err *err)
{
	struct query q = { .history = h };
	enum ew_code rc = answer(&q, id, err);

	*n = rc == EW_OK ? q.found.len / sizeof **out : 0;
	*out = ew_arena_array(arena, *n + 1, sizeof **out);
	if (rc == EW_OK && !*out)
		rc = ew_fail_nomem(err);
	if (*n && *out)
		memcpy(*out, q.found.p, q.found.len);
	ew_buf_release(&q.found);
	return rc;
}

uint32_t
ew_history_number(struct ew_history *h, const struct ew_oid *commit)
{
	const uint32_t known = number_of(h, commit);
	const struct ew_stride *step = steps_of(h);

	if (known && known <= h->base)
		return known;
	for (size_t i = 0; i < step_count(h); i++)
		if (ew_oid_eq(&step[i].commit, commit))
			return h->base + (uint32_t)i + 1;
	return 0;
}
