/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs: a set of rows of one size, kept for speed in sorted files that never change,
 * "DIR/NAME-000001.run".  Adding rows writes one new file; it takes in those before
 * it that are at most twice its size, so a row is found in O(log n) files and
 * written O(log n) times.  Private to cache.c and history.c.
 *
 * The files can be deleted at any time.  One that is damaged, cut short or of
 * another program counts as absent and is never an error; its bytes are checked
 * block by block when they are first used, so opening costs the same for any size.
 * Readers need no lock: they keep what they have mapped, and a file that another
 * process took in is looked for again.
 */
#ifndef EW_REPO_RUNS_H
#define EW_REPO_RUNS_H

#include "base/buf.h"
#include "codec/hash.h"

struct ew_runs;

enum { EW_RUNS_NAME_MAX = 23, EW_RUNS_MARK = 64 };

/* What a writer wants to know again: kept with each file, never interpreted. */
struct ew_runs_mark {
	unsigned char b[EW_RUNS_MARK];
};

/*
 * The set NAME, of rows of `row` bytes, below DIR, which need not be there.  All
 * but `dir` and `name` is borrowed by the set.  Fails for want of memory only.
 */
EW_MUST_USE enum ew_code ew_runs_open(struct ew_runs **out, struct ew_hash *, const char *dir,
	const char *name, size_t row, struct ew_err *err);
void ew_runs_free(struct ew_runs *);

/* The mark of the newest file; NULL for an empty set.  Borrowed until the set changes. */
const struct ew_runs_mark *ew_runs_mark(const struct ew_runs *);
/* True once a file below the newest is known to be gone or damaged: rows are missing. */
bool ew_runs_damaged(const struct ew_runs *);
/* A row that begins with `prefix`, or NULL.  Borrowed until the set changes. */
const unsigned char *ew_runs_find(struct ew_runs *, struct ew_str prefix);
/*
 * Visit the rows that begin with `prefix` (absent: all), from the newest file to the
 * oldest, within a file descending.  A function that fails stops the walk with its code.
 */
typedef enum ew_code ew_row_fn(void *user, const unsigned char *row, struct ew_err *err);
EW_MUST_USE enum ew_code ew_runs_each(struct ew_runs *, struct ew_str prefix, ew_row_fn *,
	void *user, struct ew_err *err);

/*
 * Add rows, in any order; one that is there already is kept once.  EW_BUSY when
 * another process is adding, or has since this set was opened; EW_CORRUPT when a
 * file to be taken in turns out to be damaged, which a second try leaves out.
 * Nothing is added then.  Who needs every row asks ew_runs_damaged() before.
 */
EW_MUST_USE enum ew_code ew_runs_add(struct ew_runs *, struct ew_str rows,
	const struct ew_runs_mark *, struct ew_err *err);
/* The same, but the set then holds these rows alone. */
EW_MUST_USE enum ew_code ew_runs_replace(struct ew_runs *, struct ew_str rows,
	const struct ew_runs_mark *, struct ew_err *err);

#endif
