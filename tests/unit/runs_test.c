/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/runs.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <dirent.h>
#include <unistd.h>

/* Rows of these tests: a number, and a remark that says who wrote it. */
enum { ROW = 7, KEY = 4 };

struct fixture {
	char dir[64];
	struct ew_hash *hash;
	struct ew_runs *runs;
};

static void
reopen(struct fixture *x)
{
	struct ew_err err = { 0 };

	ew_runs_free(x->runs);
	if (ew_runs_open(&x->runs, x->hash, x->dir, "set", ROW, &err) != EW_OK)
		ok(false, "the set opens: %s", err.msg);
}

static void
put_key(unsigned char key[KEY], unsigned n)
{
	for (int i = 0; i < KEY; i++)
		key[i] = (unsigned char)(n >> (8 * (KEY - 1 - i)));
}

static void
add_row(struct ew_buf *out, unsigned n, const char *remark)
{
	unsigned char key[KEY];

	put_key(key, n);
	ew_buf_addmem(out, key, KEY);
	ew_buf_addmem(out, remark, ROW - KEY);
}

static struct ew_runs_mark
mark_of(unsigned char n)
{
	struct ew_runs_mark m = { { 0 } };

	m.b[0] = n;
	m.b[EW_RUNS_MARK - 1] = (unsigned char)(n + 1);
	return m;
}

/* Rows [from, to), last first. */
static enum ew_code
add(struct fixture *x, unsigned from, unsigned to, const char *remark, unsigned char mark,
	struct ew_err *err)
{
	struct ew_runs_mark m = mark_of(mark);
	struct ew_buf rows = { 0 };
	enum ew_code rc;

	for (unsigned n = to; n > from; n--)
		add_row(&rows, n - 1, remark);
	rc = ew_runs_add(x->runs, ew_buf_str(&rows), &m, err);
	ew_buf_release(&rows);
	return rc;
}

static void
must_add(struct fixture *x, unsigned from, unsigned to, const char *remark, unsigned char mark)
{
	struct ew_err err = { 0 };

	if (add(x, from, to, remark, mark, &err) != EW_OK)
		ok(false, "rows are added: %s", err.msg);
}

static struct ew_str
find(struct fixture *x, unsigned n)
{
	unsigned char key[KEY];
	const unsigned char *row;

	put_key(key, n);
	row = ew_runs_find(x->runs, ew_str_n(key, KEY));
	return row ? ew_str_n(row + KEY, ROW - KEY) : EW_LIT("none");
}

static unsigned
count_found(struct fixture *x, unsigned from, unsigned to)
{
	unsigned k = 0;

	for (unsigned n = from; n < to; n++)
		k += !ew_str_is(find(x, n), "none");
	return k;
}

static enum ew_code
say(void *user, const unsigned char *row, struct ew_err *err)
{
	struct ew_buf *out = user;

	if (out->len)
		ew_buf_addc(out, ' ');
	ew_buf_addf(out, "%d%.*s", row[KEY - 1], ROW - KEY, (const char *)row + KEY);
	return out->len > 55 ? ew_fail(err, EW_NO, "enough") : EW_OK;
}

static unsigned
files(const struct fixture *x)
{
	DIR *d = opendir(x->dir);
	const struct dirent *e;
	unsigned n = 0;

	while (d && (e = readdir(d)))
		n += ew_str_ends(ew_str(e->d_name), ".run");
	if (d)
		closedir(d);
	return n;
}

static void
clear(struct fixture *x)
{
	sample_run(x->dir, "rm -f *");
	reopen(x);
}

static void
test_rows(struct fixture *x)
{
	struct ew_buf said = { 0 };
	struct ew_err err = { 0 };
	unsigned char key[KEY];
	struct ew_runs_mark m = mark_of(7);

	clear(x);
	ok(!ew_runs_mark(x->runs) && !ew_runs_damaged(x->runs), "an empty set is no damaged one");
	is_str(find(x, 3), "none", "and has no rows");
	must_add(x, 0, 10, "abc", 1);
	is_str(find(x, 3), "abc", "a row is found at once");
	reopen(x);
	is_str(find(x, 0), "abc", "the first after opening again");
	is_str(find(x, 9), "abc", "and the last");
	is_str(find(x, 10), "none", "and none behind it");
	must_add(x, 3, 4, "new", 2);
	is_int(files(x), 2, "a small addition leaves a large file");
	reopen(x);
	put_key(key, 3);
	ok(ew_runs_each(x->runs, ew_str_n(key, KEY), say, &said, &err) == EW_OK, "visited");
	is_str(ew_buf_str(&said), "3new 3abc", "the newest file's row first");
	ew_buf_clear(&said);
	must_add(x, 4, 5, "new", 2);
	is_int(files(x), 2, "one of its own size is taken in");
	must_add(x, 4, 5, "new", 3);
	ok(ew_runs_each(x->runs, EW_LIT(""), say, &said, &err) == EW_NO, "a walk can be stopped");
	is_str(ew_buf_str(&said), "4new 3new 9abc 8abc 7abc 6abc 5abc 4abc 3abc 2abc 1abc 0abc",
		"descending in each file, equal rows once");
	m = mark_of(3);
	ok(memcmp(ew_runs_mark(x->runs), &m, sizeof m) == 0, "the mark is the newest");
	ok(!ew_runs_damaged(x->runs), "and nothing is missing");
	ew_buf_release(&said);
}

static void
test_replacing(struct fixture *x)
{
	struct ew_runs_mark m = mark_of(3);
	struct ew_buf rows = { 0 };
	struct ew_err err = { 0 };

	clear(x);
	must_add(x, 0, 10, "abc", 1);
	must_add(x, 10, 12, "abc", 2);
	add_row(&rows, 99, "one");
	ok(ew_runs_replace(x->runs, ew_buf_str(&rows), &m, &err) == EW_OK, "replaced");
	is_int(files(x), 1, "by one file");
	reopen(x);
	is_str(find(x, 99), "one", "that has the new row");
	is_int(count_found(x, 0, 10), 0, "and no other");
	is_int(ew_runs_mark(x->runs)->b[0], 3, "with its mark");
	ok(!ew_runs_damaged(x->runs), "and nothing is missing from it");
	ew_buf_release(&rows);
}

static void
test_growth(struct fixture *x)
{
	unsigned most = 0;

	clear(x);
	for (unsigned n = 0; n < 100; n++) {
		must_add(x, n, n + 1, "one", 1);
		most = files(x) > most ? files(x) : most;
	}
	ok(most <= 7, "100 additions never lie in more than %u files", most);
	reopen(x);
	is_int(count_found(x, 0, 100), 100, "and all are found");
	ok(!ew_runs_damaged(x->runs), "none is missing");
}

static void
test_writers(struct fixture *x)
{
	struct fixture other = *x;
	struct ew_err err = { 0 };
	int lock = -1;
	struct ew_buf path = { 0 };

	clear(x);
	must_add(x, 0, 100, "abc", 1);
	other.runs = NULL;
	reopen(&other);
	must_add(x, 100, 110, "abc", 2);
	ok(add(&other, 200, 300, "xyz", 3, &err) == EW_BUSY, "who was overtaken is told");
	ok(ew_str_ends(ew_str(err.msg), "/set: another ellwand added to it; try again"), "%s",
		err.msg);
	is_int(count_found(&other, 0, 300), 100, "and keeps what it had mapped");
	must_add(x, 110, 400, "abc", 2);
	is_int(files(x), 1, "though its file is gone");
	is_int(count_found(&other, 0, 300), 100, "still");
	reopen(&other);
	is_int(count_found(&other, 0, 400), 400, "opening again shows all");
	ew_err_clear(&err);
	ew_buf_addf(&path, "%s/set.lock", x->dir);
	ok(ew_file_lock(&lock, path.p, 0, &err) == EW_OK, "while another writes");
	ok(add(x, 0, 1, "xyz", 4, &err) == EW_BUSY, "adding is refused: %s", err.msg);
	close(lock);
	ew_buf_release(&path);
	ew_runs_free(other.runs);
}

/* Change one byte of the file whose number this is. */
static void
damage(const struct fixture *x, unsigned number, long at)
{
	struct ew_buf path = { 0 };
	FILE *f;
	int c;

	ew_buf_addf(&path, "%s/set-%06u.run", x->dir, number);
	chmod(path.p, 0600);
	f = fopen(path.p, "r+");
	if (!f || fseek(f, at, at < 0 ? SEEK_END : SEEK_SET) != 0 || (c = fgetc(f)) == EOF ||
		fseek(f, -1, SEEK_CUR) != 0 || fputc(c ^ 4, f) == EOF || fclose(f) != 0)
		ok(false, "cannot damage %s", path.p);
	ew_buf_release(&path);
}

/* Files 1, of 2000 rows, and 2, of 100. */
static void
two_files(struct fixture *x)
{
	clear(x);
	must_add(x, 0, 2000, "old", 1);
	must_add(x, 2000, 2100, "new", 2);
	reopen(x);
}

static void
test_headers(struct fixture *x)
{
	unsigned wrong = 0;

	two_files(x);
	for (long at = 0; at < 160; at++) {
		damage(x, 1, at);
		reopen(x);
		wrong += count_found(x, 1990, 2010) != 10 || !ew_runs_damaged(x->runs);
		damage(x, 1, at); /* the same bit again: mended */
	}
	reopen(x);
	is_int(count_found(x, 0, 2100), 2100, "the files are sound");
	is_int(wrong, 0, "a header with any byte wrong: the file is absent, and that is known");
	two_files(x);
	damage(x, 2, 0);
	reopen(x);
	is_int(count_found(x, 0, 2100), 2000, "without the newest, the set is what it was before");
	is_int(ew_runs_mark(x->runs)->b[0], 1, "with that mark");
	ok(!ew_runs_damaged(x->runs), "and nothing is missing from it");
	must_add(x, 2000, 2100, "new", 2);
	reopen(x);
	is_int(count_found(x, 0, 2100), 2100, "and can be added to");
	ok(!ew_runs_damaged(x->runs), "and then is whole again");
	is_int(sample_run(x->dir, "test -e set-000002.run"), 1, "the damaged file is removed");
}

static void
test_gaps(struct fixture *x)
{
	two_files(x);
	must_add(x, 2100, 2110, "abc", 3);
	is_int(files(x), 3, "three files");
	is_int(sample_run(x->dir, "rm set-000002.run"), 0, "the second is deleted");
	reopen(x);
	is_int(count_found(x, 0, 2110), 2010, "the others go on");
	ok(ew_runs_damaged(x->runs), "and the gap is known");
	must_add(x, 2000, 2100, "new", 4);
	must_add(x, 5000, 7000, "new", 5);
	reopen(x);
	is_int(count_found(x, 0, 7000), 4110, "more can be added");
	ok(!ew_runs_damaged(x->runs), "until the gap is forgotten");
}

static void
test_blocks(struct fixture *x)
{
	struct ew_err err = { 0 };

	two_files(x);
	damage(x, 1, 160 + 1000 * ROW + 5);
	reopen(x);
	ok(!ew_runs_damaged(x->runs), "a damaged row is not seen at once");
	ok(count_found(x, 0, 2000) < 2000 && ew_runs_damaged(x->runs), "but when it is read");
	is_int(count_found(x, 2000, 2100), 100, "other files go on");
	two_files(x);
	damage(x, 1, -1);
	reopen(x);
	(void)count_found(x, 0, 2000);
	ok(ew_runs_damaged(x->runs), "a wrong sum is damage too");
	two_files(x);
	damage(x, 1, 160 + 5);
	reopen(x);
	ok(add(x, 5000, 9000, "big", 3, &err) == EW_CORRUPT, "a damaged file is not taken in");
	ok(ew_str_ends(ew_str(err.msg), "/set-000001.run: damaged; it can be deleted"), "%s",
		err.msg);
	ok(ew_runs_damaged(x->runs), "and is known then");
	must_add(x, 5000, 9000, "big", 3);
	reopen(x);
	is_int(count_found(x, 0, 9000), 4100, "the second time it is left out");
	is_int(files(x), 1, "and removed");
}

static void
test_foreign(struct fixture *x)
{
	struct ew_runs *other;
	struct ew_err err = { 0 };

	two_files(x);
	is_int(sample_run(x->dir, "cp set-000001.run set-000009.run"), 0, "a copy");
	reopen(x);
	is_int(ew_runs_mark(x->runs)->b[0], 2, "under another number is none");
	must_add(x, 2100, 2200, "new", 3);
	reopen(x);
	is_int(count_found(x, 0, 2200), 2200, "and is no obstacle");
	clear(x);
	two_files(x);
	is_int(sample_run(x->dir, "for n in 1 2; do mv set-00000$n.run off-00000$n.run; done"), 0,
		"files of another set");
	ok(ew_runs_open(&other, x->hash, x->dir, "off", ROW, &err) == EW_OK &&
			!ew_runs_mark(other), "are not taken for this one's");
	ew_runs_free(other);
	two_files(x);
	ok(ew_runs_open(&other, x->hash, x->dir, "set", ROW + 1, &err) == EW_OK &&
			!ew_runs_mark(other), "nor are rows of another size");
	ew_runs_free(other);
	two_files(x);
	is_int(sample_run(x->dir, "chmod 600 set*.run && truncate -s -1 set-000001.run && "
		": >set-000002.run && mkdir set-000003.run && echo >set-x.run && echo >set-.run && "
		"echo >set-00000000000000000000000001.run"), 0, "cut short, empty, a folder");
	reopen(x);
	ok(!ew_runs_mark(x->runs) && !ew_runs_damaged(x->runs), "count as absent");
	must_add(x, 0, 5, "abc", 4);
	reopen(x);
	is_int(count_found(x, 0, 2100), 5, "and are no obstacle");
	ok(!ew_runs_damaged(x->runs), "nor is anything missing then");
	sample_run(x->dir, "rmdir set-000003.run");
}

/* A writer that died before it removed what it took in, and one that died after. */
static void
test_leftovers(struct fixture *x)
{
	two_files(x);
	is_int(sample_run(x->dir, "mkdir k && cp set-*.run k"), 0, "two files kept");
	must_add(x, 2100, 4500, "abc", 3);
	is_int(files(x), 1, "a third takes them in");
	is_int(sample_run(x->dir, "mv k/* . && rmdir k"), 0, "they are back");
	reopen(x);
	is_int(count_found(x, 0, 4500), 4500, "all is there");
	ok(!ew_runs_damaged(x->runs), "and whole");
	must_add(x, 9000, 9001, "abc", 4);
	is_int(files(x), 2, "the next writer removes them");
}

int
main(void)
{
	struct fixture x = { { 0 }, NULL, NULL };
	struct ew_err err = { 0 };

	if (!sample_dir(x.dir) || ew_hash_open(&x.hash, &err) != EW_OK)
		return 1;
	test_rows(&x);
	test_replacing(&x);
	test_growth(&x);
	test_writers(&x);
	test_headers(&x);
	test_gaps(&x);
	test_blocks(&x);
	test_foreign(&x);
	test_leftovers(&x);
	ew_runs_free(x.runs);
	ew_hash_free(x.hash);
	sample_remove_dir(x.dir);
	return tap_done();
}
