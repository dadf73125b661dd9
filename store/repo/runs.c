/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is a header, the rows ascending by memcmp(), and a SHA-256 of each block of
 * rows.  The header says which files before this one it took in: file `number` holds
 * all that was in the files from `since` to `number`.  So a writer that dies between
 * writing the one and removing the others leaves only files that are passed over,
 * and a gap in the chain shows that something is missing.
 */
#include "repo/runs.h"

#include "base/arena.h"
#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[] = "ewruns1\n";

enum {
	MAGIC = 8,
	NAME = EW_RUNS_NAME_MAX + 1,
	ROW_AT = MAGIC + NAME,
	ROWS_AT = ROW_AT + 8,
	NUMBER_AT = ROWS_AT + 8,
	SINCE_AT = NUMBER_AT + 8,
	MARK_AT = SINCE_AT + 8,
	SUM_AT = MARK_AT + EW_RUNS_MARK,
	SUM = 32,
	HEADER = SUM_AT + SUM,
	BLOCK = 4096,   /* bytes of rows that one sum covers, about */
	GROWTH = 2,     /* a file takes in those before it of at most so many times its size */
	LIST_TRIES = 8, /* how often a file that vanished is looked for again */
	ROW_MAX = 4096,
};

/* A file in use. */
struct run {
	int fd;
	uint64_t number, since;
	size_t rows;
	unsigned char **block; /* the rows of each, once they were read and their sum was right */
	struct ew_runs_mark mark;
};

struct ew_runs {
	struct ew_hash *hash;
	char *dir, *name;
	size_t row, per_block;
	struct run *run; /* newest first */
	size_t runs;
	uint64_t newest; /* greatest number of any file there is, in use or not */
	bool damaged;
	struct ew_arena blocks; /* those of all runs */
};

/* --- blocks and rows --- */

static uint64_t
get_u64(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static size_t
blocks_of(const struct ew_runs *s, size_t rows)
{
	return rows / s->per_block + (rows % s->per_block != 0);
}

/* The bytes of a block of so many rows in all. */
static size_t
block_bytes(const struct ew_runs *s, size_t rows, size_t block)
{
	const size_t left = rows - block * s->per_block;

	return (left > s->per_block ? s->per_block : left) * s->row;
}

static bool
read_at(int fd, void *to, size_t n, uint64_t at)
{
	unsigned char *p = to;

	while (n) {
		const ssize_t got = pread(fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

/* Read a block to where there is room for it.  A run that is damaged has no rows any more. */
static bool
read_block(unsigned char *to, struct ew_runs *s, struct run *r, size_t block)
{
	const size_t bytes = block_bytes(s, r->rows, block);
	const uint64_t rows_at = HEADER, sums_at = rows_at + (uint64_t)r->rows * s->row;
	unsigned char known[SUM];
	struct ew_sha256 sum;

	if (to && read_at(r->fd, to, bytes, rows_at + (uint64_t)block * s->per_block * s->row) &&
	    read_at(r->fd, known, SUM, sums_at + (uint64_t)block * SUM)) {
		sum = ew_sha256_str(s->hash, ew_str_n(to, bytes));
		if (memcmp(sum.b, known, SUM) == 0)
			return true;
	}
	s->damaged = true;
	r->rows = 0;
	return false;
}

/* Row i, or NULL if its block is damaged. */
static const unsigned char *
row_at(struct ew_runs *s, struct run *r, size_t i)
{
	const size_t block = i / s->per_block;
	unsigned char *p = r->block[block];

	if (!p) {
		p = ew_arena_alloc(&s->blocks, block_bytes(s, r->rows, block));
		if (!read_block(p, s, r, block))
			return NULL;
		r->block[block] = p;
	}
	return p + i % s->per_block * s->row;
}

/* The beginning of a row or a prefix as a number. */
static uint64_t
weigh(const void *p, size_t len)
{
	unsigned char b[8] = { 0 };

	memcpy(b, p, len < sizeof b ? len : sizeof b);
	return get_u64(b);
}

/*
 * Where to look between rows of these weights.  Rows mostly begin with digests, so they are
 * evenly spread, and a guess is near: it saves blocks that are read and checked.
 */
static size_t
guess(size_t n, uint64_t weight, uint64_t low, uint64_t high)
{
	const double part = (double)(weight - low) / (double)(high - low);
	size_t at;

	if (weight <= low)
		return 0;
	if (weight >= high)
		return n - 1;
	at = (size_t)(part * (double)n);
	return at < n ? at : n - 1;
}

/* The first row behind those that begin with `prefix`; 0 in a run that is damaged. */
static size_t
upper_bound(struct ew_runs *s, struct run *r, struct ew_str prefix)
{
	const uint64_t weight = prefix.len ? weigh(prefix.p, prefix.len) : UINT64_MAX;
	uint64_t low = 0, high = UINT64_MAX;
	size_t lo = 0, hi = r->rows;
	int moved = 0; /* how often the same end was, by its sign */

	while (lo < hi) {
		/* Where guesses come from one side only, they are not near. */
		const bool astray = moved > 1 || moved < -1;
		const size_t n = hi - lo, mid = lo + (astray ? n / 2 : guess(n, weight, low, high));
		const unsigned char *row = row_at(s, r, mid);

		if (!row)
			return 0;
		if (astray)
			moved = 0;
		if (prefix.len == 0 || memcmp(row, prefix.p, prefix.len) <= 0) {
			lo = mid + 1;
			low = weigh(row, s->row);
			moved = moved > 0 ? moved + 1 : 1;
		} else {
			hi = mid;
			high = weigh(row, s->row);
			moved = moved < 0 ? moved - 1 : -1;
		}
	}
	return lo;
}

/* The row before row *i, if it begins with `prefix`. */
static const unsigned char *
row_before(struct ew_runs *s, struct run *r, size_t *i, struct ew_str prefix)
{
	const unsigned char *row;

	if (*i == 0 || !(row = row_at(s, r, *i - 1)) ||
		(prefix.len && memcmp(row, prefix.p, prefix.len) != 0))
		return NULL;
	--*i;
	return row;
}

const unsigned char *
ew_runs_find(struct ew_runs *s, struct ew_str prefix)
{
	assert(prefix.len <= s->row);
	for (size_t k = 0; k < s->runs; k++) {
		size_t i = upper_bound(s, &s->run[k], prefix);
		const unsigned char *row = row_before(s, &s->run[k], &i, prefix);

		if (row)
			return row;
	}
	return NULL;
}

enum ew_code
ew_runs_each(struct ew_runs *s, struct ew_str prefix, ew_row_fn *fn, void *user,
	struct ew_err *err)
{
	assert(prefix.len <= s->row);
	for (size_t k = 0; k < s->runs; k++) {
		size_t i = upper_bound(s, &s->run[k], prefix);
		const unsigned char *row;

		while ((row = row_before(s, &s->run[k], &i, prefix))) {
			enum ew_code rc = fn(user, row, err);

			if (rc != EW_OK)
				return rc;
		}
	}
	return EW_OK;
}

const struct ew_runs_mark *
ew_runs_mark(const struct ew_runs *s)
{
	return s->runs ? &s->run[0].mark : NULL;
}

bool
ew_runs_damaged(const struct ew_runs *s)
{
	return s->damaged;
}

/* --- finding the files --- */

static void
release_run(struct run *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->block);
	*r = (struct run){ .fd = -1 };
}

static void
release_runs(struct ew_runs *s)
{
	for (size_t i = 0; i < s->runs; i++)
		release_run(&s->run[i]);
	free(s->run);
	ew_arena_release(&s->blocks);
	s->run = NULL;
	s->runs = 0;
	s->newest = 0;
	s->damaged = false;
}

/* Append the path of file `number`. */
static void
add_path(struct ew_buf *out, const struct ew_runs *s, uint64_t number)
{
	ew_buf_addf(out, "%s/%s-%06" PRIu64 ".run", s->dir, s->name, number);
}

/* The number of a file of this set, by its name; 0 for other files. */
static uint64_t
number_of(const struct ew_runs *s, const char *file)
{
	struct ew_str rest = ew_str(file);
	size_t n = strlen(s->name);
	uint64_t number;

	if (!ew_str_starts(rest, s->name) || !ew_str_ends(rest, ".run") || rest.len < n + 5 ||
		file[n] != '-' ||
		!ew_str_to_u64(ew_str_part(rest, n + 1, rest.len - 4), INT64_MAX - 1, &number))
		return 0;
	return number;
}

static int
by_number_down(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* The numbers of the files of this set, descending; a folder that cannot be read has none. */
static enum ew_code
list(uint64_t **out, size_t *n, const struct ew_runs *s, struct ew_err *err)
{
	struct ew_buf numbers = { 0 };
	DIR *d = opendir(s->dir);
	const struct dirent *e;

	*out = NULL;
	*n = 0;
	while (d && (e = readdir(d))) {
		uint64_t number = number_of(s, e->d_name);

		if (number)
			ew_buf_addmem(&numbers, &number, sizeof number);
	}
	if (d)
		closedir(d);
	if (ew_buf_check(&numbers, err) != EW_OK) {
		ew_buf_release(&numbers);
		return err->code;
	}
	*n = numbers.len / sizeof **out;
	*out = (uint64_t *)(void *)numbers.p; /* transferred */
	if (*n)
		qsort(*out, *n, sizeof **out, by_number_down);
	return EW_OK;
}

/* Whether the open file is run `number` of this set; what it says of itself is then in `r`. */
static bool
read_header(struct run *r, const struct ew_runs *s, uint64_t number)
{
	unsigned char p[HEADER];
	char name[NAME] = { 0 };
	struct ew_sha256 sum;
	struct stat st;
	uint64_t rows;

	memcpy(name, s->name, strlen(s->name));
	if (fstat(r->fd, &st) != 0 || !read_at(r->fd, p, HEADER, 0) || memcmp(p, magic, MAGIC) != 0 ||
	    memcmp(p + MAGIC, name, NAME) != 0)
		return false;
	sum = ew_sha256_str(s->hash, ew_str_n(p, SUM_AT));
	rows = get_u64(p + ROWS_AT);
	if (memcmp(sum.b, p + SUM_AT, SUM) != 0 || get_u64(p + ROW_AT) != s->row ||
	    get_u64(p + NUMBER_AT) != number || rows > (uint64_t)st.st_size / s->row)
		return false;
	r->rows = (size_t)rows;
	r->number = number;
	r->since = get_u64(p + SINCE_AT);
	memcpy(r->mark.b, p + MARK_AT, EW_RUNS_MARK);
	return (uint64_t)st.st_size == HEADER + rows * s->row + blocks_of(s, r->rows) * SUM &&
	       r->since >= 1 && r->since <= number;
}

/* Open run `number`; *vanished if there is no such file any more. */
static enum ew_code
open_run(struct run *r, bool *good, bool *vanished, const struct ew_runs *s, uint64_t number,
	struct ew_err *err)
{
	struct ew_buf path = { 0 };
	enum ew_code rc;

	*r = (struct run){ .fd = -1 };
	*good = *vanished = false;
	add_path(&path, s, number);
	rc = ew_buf_check(&path, err);
	if (rc != EW_OK)
		goto done;
	r->fd = open(path.p, O_RDONLY | O_CLOEXEC);
	*vanished = r->fd < 0 && errno == ENOENT;
	*good = r->fd >= 0 && read_header(r, s, number);
	if (*good) {
		r->block = calloc(blocks_of(s, r->rows) + 1, sizeof *r->block);
		if (!r->block)
			rc = ew_fail_nomem(err);
	}
	if (!*good || rc != EW_OK)
		release_run(r);
done:
	ew_buf_release(&path);
	return rc;
}

/* Take up the files that are listed, newest first, passing over those that one of them took in. */
static enum ew_code
take_up(struct ew_runs *s, bool *vanished, const uint64_t *number, size_t n, struct ew_err *err)
{
	uint64_t since = 0; /* of the last file taken up */
	bool good;

	*vanished = false;
	s->newest = n ? number[0] : 0;
	s->run = calloc(n + 1, sizeof *s->run);
	if (!s->run)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < n && !*vanished; i++) {
		struct run *r = &s->run[s->runs];
		enum ew_code rc;

		if (since && number[i] >= since)
			continue;
		rc = open_run(r, &good, vanished, s, number[i], err);
		if (rc != EW_OK)
			return rc;
		if (!good)
			continue;
		s->damaged |= since && r->number + 1 != since;
		since = r->since;
		s->runs++;
	}
	s->damaged |= since > 1;
	return EW_OK;
}

static enum ew_code
load(struct ew_runs *s, struct ew_err *err)
{
	bool vanished = true;
	enum ew_code rc = EW_OK;

	for (int i = 0; i < LIST_TRIES && vanished && rc == EW_OK; i++) {
		uint64_t *number;
		size_t n;

		release_runs(s);
		rc = list(&number, &n, s, err);
		if (rc == EW_OK)
			rc = take_up(s, &vanished, number, n, err);
		free(number);
	}
	return rc;
}

enum ew_code
ew_runs_open(struct ew_runs **out, struct ew_hash *hash, const char *dir, const char *name,
	size_t row, struct ew_err *err)
{
	struct ew_runs *s = calloc(1, sizeof *s);
	size_t dir_len = strlen(dir) + 1, name_len = strlen(name) + 1;

	*out = NULL;
	assert(row > 0 && row <= ROW_MAX && name_len <= NAME);
	if (!s || !(s->dir = malloc(dir_len)) || !(s->name = malloc(name_len))) {
		ew_runs_free(s);
		return ew_fail_nomem(err);
	}
	memcpy(s->dir, dir, dir_len);
	memcpy(s->name, name, name_len);
	s->hash = hash;
	s->row = row;
	s->per_block = BLOCK / row;
	if (load(s, err) != EW_OK) {
		ew_runs_free(s);
		return err->code;
	}
	*out = s;
	return EW_OK;
}

void
ew_runs_free(struct ew_runs *s)
{
	if (!s)
		return;
	release_runs(s);
	free(s->dir);
	free(s->name);
	free(s);
}

/* --- adding --- */

static int
by_bytes(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(const size_t *)size);
}

/* Sort the rows in the buffer behind its first `from` bytes, and keep equal ones once. */
static void
sort_rows(struct ew_buf *b, size_t from, size_t row)
{
	char *base = b->p + from, *to = base;
	size_t n = (b->len - from) / row;

	qsort_r(base, n, row, by_bytes, &row);
	for (size_t i = 0; i < n; i++) {
		const char *next = base + i * row;

		if (to > base && memcmp(to - row, next, row) == 0)
			continue;
		memmove(to, next, row);
		to += row;
	}
	b->len = (size_t)(to - b->p);
}

/* How many of the newest runs `bytes` of new rows take in. */
static size_t
count_taken(const struct ew_runs *s, size_t bytes)
{
	size_t k = 0, rows = bytes / s->row;

	while (k < s->runs && s->run[k].rows <= GROWTH * rows)
		rows += s->run[k++].rows;
	return k;
}

static enum ew_code
add_run_rows(struct ew_buf *out, struct ew_runs *s, struct run *r, struct ew_err *err)
{
	const size_t blocks = blocks_of(s, r->rows), bytes = r->rows * s->row;
	char *to = ew_buf_room(out, bytes);

	if (!to)
		return ew_buf_check(out, err);
	for (size_t block = 0; block < blocks; block++)
		if (!read_block((unsigned char *)to + block * s->per_block * s->row, s, r, block))
			return ew_fail(err, EW_CORRUPT,
				"%s/%s-%06" PRIu64 ".run: damaged; it can be deleted", s->dir,
				s->name, r->number);
	out->len += bytes;
	return EW_OK;
}

static void
add_header(struct ew_buf *out, const struct ew_runs *s, uint64_t rows, uint64_t since,
	const struct ew_runs_mark *mark)
{
	struct ew_sha256 sum;
	char name[NAME] = { 0 };

	memcpy(name, s->name, strlen(s->name));
	ew_buf_addmem(out, magic, MAGIC);
	ew_buf_addmem(out, name, NAME);
	ew_buf_addu64be(out, s->row);
	ew_buf_addu64be(out, rows);
	ew_buf_addu64be(out, s->newest + 1);
	ew_buf_addu64be(out, since);
	ew_buf_addmem(out, mark->b, EW_RUNS_MARK);
	sum = ew_sha256_str(s->hash, ew_buf_str(out));
	ew_buf_addmem(out, sum.b, SUM);
}

/* The bytes of a new file: the new rows and those of the newest `taken` runs. */
static enum ew_code
make_file(struct ew_buf *out, struct ew_runs *s, struct ew_str rows, size_t taken, uint64_t since,
	const struct ew_runs_mark *mark, struct ew_err *err)
{
	struct ew_buf all = { 0 };
	enum ew_code rc = EW_OK;
	size_t n;

	ew_buf_add(&all, rows);
	for (size_t k = 0; k < taken && rc == EW_OK; k++)
		rc = add_run_rows(&all, s, &s->run[k], err);
	if (rc == EW_OK)
		rc = ew_buf_check(&all, err);
	if (rc != EW_OK)
		goto done;
	if (all.len)
		sort_rows(&all, 0, s->row);
	n = all.len / s->row;
	add_header(out, s, n, since, mark);
	ew_buf_add(out, ew_buf_str(&all));
	for (size_t block = 0; block < blocks_of(s, n); block++) {
		struct ew_sha256 sum = ew_sha256_str(s->hash,
			ew_str_n(all.p + block * s->per_block * s->row, block_bytes(s, n, block)));

		ew_buf_addmem(out, sum.b, SUM);
	}
	rc = ew_buf_check(out, err);
done:
	ew_buf_release(&all);
	return rc;
}

/* Remove the files that are in use no more; one that stays is passed over. */
static void
sweep(const struct ew_runs *s, const uint64_t *number, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		struct ew_buf path = { 0 };

		while (k < s->runs && s->run[k].number > number[i])
			k++;
		if (k < s->runs && s->run[k].number == number[i])
			continue;
		add_path(&path, s, number[i]);
		if (path.bad == EW_OK)
			unlink(path.p);
		ew_buf_release(&path);
	}
}

/* Write the new file while the lock is held, then take up the set again. */
static enum ew_code
write_file(struct ew_runs *s, struct ew_str rows, size_t taken, bool alone,
	const struct ew_runs_mark *mark, struct ew_err *err)
{
	struct ew_buf path = { 0 }, bytes = { 0 };
	uint64_t since = alone || taken == s->runs ? 1 : s->run[taken].number + 1;
	uint64_t *number = NULL;
	size_t n;
	enum ew_code rc = list(&number, &n, s, err);

	if (rc == EW_OK && (n ? number[0] : 0) != s->newest)
		rc = ew_fail(err, EW_BUSY, "%s/%s: another ellwand added to it; try again", s->dir,
			s->name);
	add_path(&path, s, s->newest + 1);
	if (rc == EW_OK)
		rc = ew_buf_check(&path, err);
	if (rc == EW_OK)
		rc = make_file(&bytes, s, rows, taken, since, mark, err);
	if (rc == EW_OK)
		rc = ew_file_replace(path.p, ew_buf_str(&bytes), err);
	if (rc == EW_OK && (rc = load(s, err)) == EW_OK)
		sweep(s, number, n);
	free(number);
	ew_buf_release(&path);
	ew_buf_release(&bytes);
	return rc;
}

static enum ew_code
add(struct ew_runs *s, struct ew_str rows, bool alone, const struct ew_runs_mark *mark,
	struct ew_err *err)
{
	struct ew_buf path = { 0 };
	int lock = -1;
	enum ew_code rc;

	assert(rows.len % s->row == 0);
	ew_buf_addf(&path, "%s/%s.lock", s->dir, s->name);
	rc = ew_buf_check(&path, err);
	if (rc == EW_OK)
		rc = ew_file_mkdir(s->dir, err);
	if (rc == EW_OK)
		rc = ew_file_lock(&lock, path.p, 0, err);
	if (rc == EW_OK)
		rc = write_file(s, rows, alone ? 0 : count_taken(s, rows.len), alone, mark, err);
	if (lock >= 0)
		close(lock);
	ew_buf_release(&path);
	return rc;
}

enum ew_code
ew_runs_add(struct ew_runs *s, struct ew_str rows, const struct ew_runs_mark *mark,
	struct ew_err *err)
{
	return add(s, rows, false, mark, err);
}

enum ew_code
ew_runs_replace(struct ew_runs *s, struct ew_str rows, const struct ew_runs_mark *mark,
	struct ew_err *err)
{
	return add(s, rows, true, mark, err);
}
