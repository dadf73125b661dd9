/* SPDX-License-Identifier: Apache-2.0 */
/* Files that become durable together: all of them, none, and some. */
#include "base/fileset.h"

#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

static char dir[64];

/* DIR/NAME with a number for %d. */
static const char *
path_of(struct ew_buf *out, const char *name, int i)
{
	ew_buf_clear(out);
	ew_buf_addf(out, "%s/", dir);
	ew_buf_addf(out, i % 2 ? "odd/%s%d" : "%s%d", name, i);
	return out->p;
}

/* A set of `n` files NAME0, NAME1, ..., each of which holds its name. */
static struct ew_fileset *
make(const char *name, int n, struct ew_err *err)
{
	struct ew_fileset *s;
	struct ew_buf path = { 0 };

	if (ew_fileset_open(&s, dir, err) != EW_OK)
		return NULL;
	for (int i = 0; i < n && err->code == EW_OK; i++) {
		const char *p = path_of(&path, name, i);

		(void)!ew_fileset_add(s, p, ew_str(strrchr(p, '/') + 1), err);
	}
	ew_buf_release(&path);
	return s;
}

static bool
all_hold_their_names(const char *name, int n)
{
	return sample_run(dir, "for i in $(seq 0 %d); do f=%s$i; [ $((i %% 2)) = 0 ] || f=odd/$f; "
		"[ \"$(cat $f)\" = %s$i ] && [ $(stat -c %%a $f) = 444 ] || exit 1; done", n - 1, name, name) == 0;
}

static bool
nothing_temporary(void)
{
	return sample_run(dir, "! ls tmp_* odd/tmp_*") == 0;
}

int
main(void)
{
	static const int sizes[] = { 0, 1, 2, 9, 40 };
	struct ew_err err = { 0 };
	struct ew_fileset *s;

	if (!sample_dir(dir))
		return 1;
	umask(022);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const char name[] = { (char)('a' + i), '\0' };

		s = make(name, sizes[i], &err);
		ok(s && err.code == EW_OK && ew_fileset_keep(s, &err) == EW_OK, "%d files, in a folder that is there and one that is not: %s",
			sizes[i], err.msg);
		ew_fileset_free(s);
		ok(all_hold_their_names(name, sizes[i]) && nothing_temporary(), "are there");
	}
	s = make("e", 40, &err);
	ok(s && ew_fileset_keep(s, &err) == EW_OK && all_hold_their_names("e", 40), "they replace what is there");
	ew_fileset_free(s);

	s = make("free", 9, &err);
	ok(s && err.code == EW_OK && sample_run(dir, "test $(ls tmp_* | wc -l) = 9 && ! ls free* odd/free*") == 0,
		"no file has its name before it is kept");
	ew_fileset_free(s);
	ok(sample_run(dir, "! ls free* odd/free*") == 0 && nothing_temporary(), "nor does it stay");

	ok(sample_run(dir, "mkdir bad4") == 0, "a folder in the way");
	s = make("bad", 9, &err);
	ok(s && ew_fileset_keep(s, &err) == EW_IO && strstr(err.msg, "cannot rename to") && strstr(err.msg, "/bad4"),
		"is refused: %s", err.msg);
	ew_fileset_free(s);
	ok(nothing_temporary(), "nothing temporary stays");
	ew_err_clear(&err);

	ok(sample_run(dir, "rm -r odd && : >odd") == 0, "a file where a folder is due");
	s = make("worse", 2, &err);
	ok(s && ew_fileset_keep(s, &err) == EW_IO && strstr(err.msg, "/odd"), "is refused: %s", err.msg);
	ew_fileset_free(s);
	ok(nothing_temporary(), "nothing temporary stays");
	sample_remove_dir(dir);
	return tap_done();
}
