/* SPDX-License-Identifier: Apache-2.0 */
/* Output, tables and progress belong to the program, not to the library: they are compiled in. */
#include "cli/out.c"
#include "cli/progress.c"
#include "cli/table.c"

#include "tests/lib/tap.h"

static struct progress progress;
static struct ew_err err;

/* What came out at the other end of a terminal or pipe, at most a buffer's worth. */
static void
is_read(int fd, const char *want, const char *title)
{
	char got[4096];
	ssize_t n = read(fd, got, sizeof got);

	is_str(ew_str_n(got, n > 0 ? (size_t)n : 0), want, "%s", title);
}

static void
print_label(struct out *o)
{
	out_style(o, OUT_RED);
	out_addf(o, "%s%d", "9\033[2J\xe2\x80\xae", 5);
	out_style(o, OUT_PLAIN);
	out_adds(o, "\n");
}

static void
test_terminal(void)
{
	int far = posix_openpt(O_RDWR | O_NOCTTY), near = -1;
	struct out o;

	if (far >= 0 && grantpt(far) == 0 && unlockpt(far) == 0)
		near = open(ptsname(far), O_RDWR | O_NOCTTY);
	if (near < 0) {
		tap_skip("no terminal can be made");
		return;
	}
	progress_init(&progress, false);
	out_init(&o, dup(near), true, &progress);
	print_label(&o);
	is_int(out_finish(&o, false, &err), EW_OK, "print a label to a terminal");
	is_read(far, "\033[31m9<U+001B>[2J<U+202E>5\033[m\r\n", "only styles are escape sequences there");
	out_init(&o, dup(near), false, &progress);
	print_label(&o);
	is_int(out_finish(&o, false, &err), EW_OK, "the same without colour");
	is_read(far, "9<U+001B>[2J<U+202E>5\r\n", "has none");
	out_init(&o, near, false, &progress);
	out_page(&o, "sed s/^/paged:/");
	out_adds(&o, "x\n");
	is_int(out_finish(&o, true, &err), EW_OK, "drop what is unwritten");
	close(far);
}

static void
test_pipe(void)
{
	struct ew_buf b = { 0 };
	struct out o;
	int end[2];

	ok(pipe(end) == 0, "make a pipe");
	progress_init(&progress, false);
	out_init(&o, dup(end[1]), false, &progress);
	out_page(&o, "false");
	print_label(&o);
	ew_buf_adds(&b, "buffer\n");
	out_take(&o, &b);
	ok(!b.p, "a buffer that is taken is released");
	is_int(out_sink(&o, EW_LIT("sink\n")), 0, "a sink goes on");
	is_int(out_finish(&o, false, &err), EW_OK, "print to a pipe");
	is_read(end[0], "9\033[2J\xe2\x80\xae"
			"5\nbuffer\nsink\n",
		"bytes stay as they are, and there is no pager");

	out_init(&o, dup(end[1]), false, &progress);
	out_adds(&o, "seen\n");
	out_flush(&o);
	out_adds(&o, "unseen\n");
	is_int(out_finish(&o, true, &err), EW_OK, "drop what is unwritten");
	is_read(end[0], "seen\n", "what was flushed is out");

	ew_buf_init(&b, 2);
	ew_buf_adds(&b, "too long");
	out_init(&o, dup(end[1]), false, &progress);
	out_take(&o, &b);
	ok(out_closed(&o), "a bad buffer ends the output");
	is_int(out_finish(&o, false, &err), EW_REFUSED, "and is its failure");
	ew_err_clear(&err);

	close(end[0]);
	out_init(&o, end[1], false, &progress);
	ok(!out_closed(&o), "nobody knows yet that nobody reads");
	for (int i = 0; i < FLUSH_SIZE && !out_closed(&o); i++)
		out_adds(&o, "line\n");
	ok(out_closed(&o), "but when the buffer is full");
	is_int(out_sink(&o, EW_LIT("x")), 1, "a sink stops then");
	is_int(out_finish(&o, false, &err), EW_IO, "and it is an I/O error");
	ok(ew_str_starts(ew_str(err.msg), "standard output: cannot write: "), "that says where");
	ew_err_clear(&err);
}

static void
test_table(void)
{
	struct table t;
	struct out o;
	int end[2];

	ok(pipe(end) == 0, "make a pipe");
	out_init(&o, end[1], false, &progress);
	table_init(&t, 3, 2);
	t.right[1] = true;
	table_add(&t, EW_LIT("id"));
	table_add(&t, EW_LIT("n"));
	table_add(&t, EW_LIT("note"));
	table_add(&t, EW_LIT("漢字x"));
	table_addu(&t, 12345);
	table_add(&t, EW_LIT(""));
	table_add(&t, EW_LIT("a\nb"));
	table_addu(&t, 7);
	table_add(&t, EW_LIT("z"));
	table_add(&t, EW_LIT("half a row"));
	table_print(&t, &o);
	table_init(&t, 2, 0);
	table_print(&t, &o);
	is_int(out_finish(&o, false, &err), EW_OK, "print two tables");
	is_read(end[0],
		"  id              n  note\n"
		"  漢字x       12345\n"
		"  a<U+000A>b      7  z\n",
		"columns stand under one another, an empty table is nothing");
	close(end[0]);
}

static void
is_line(const char *want, uint64_t done, uint64_t total, int64_t ms)
{
	struct ew_buf b = { 0 };

	progress_describe(&b, "import", done, total, ms);
	is_str(ew_buf_str(&b), want, "after %lld ms", (long long)ms);
	ew_buf_release(&b);
}

static void
test_progress(void)
{
	is_line("import: 0%, 0 of 10", 0, 10, 0);
	is_line("import: 34%, 340000 of 1000000, 50000/s, 14 s left", 340000, 1000000, 6800);
	is_line("import: 50%, 5 of 10", 5, 10, 999);
	is_line("import: 100%, 10 of 10, 5/s", 10, 10, 2000);
	is_line("import: 7, 7/s", 7, 0, 1000);
	is_line("import: 11, 11/s", 11, 10, 1000);
	is_line("import: 1%, 10 of 1000, 1/s, 16 min left", 10, 1000, 10000);
	is_line("import: 0%, 10 of 100000, 1/s, 27 h left", 10, 100000, 10000);
	is_line("import: 100%, 18446744073709551615 of 18446744073709551615", UINT64_MAX, UINT64_MAX, 0);
}

static void
test_interrupt(void)
{
	struct progress p;

	progress_init(&p, false);
	progress_catch_signals();
	is_int(ew_progress(&p.ew, "step", 1, 2, &err), EW_OK, "work goes on");
	raise(SIGTERM);
	is_int(ew_progress(&p.ew, "step", 1, 2, &err), EW_INTERRUPTED, "until a signal comes");
	is_str(ew_str(err.msg), "step: interrupted; nothing was written", "and it is said");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_terminal();
	test_pipe();
	test_table();
	test_progress();
	test_interrupt();
	return tap_done();
}
