/* SPDX-License-Identifier: Apache-2.0 */
/* export.h of more labels than fit a batch: in order, by one processor or several, or not at all. */
#include "tests/lib/storesample.h"
#include "tests/lib/tap.h"

#include <sched.h>

enum { TEST = 5000, DEV = 2500 };

/* What a sink takes. */
struct taken {
	struct ew_buf text;
	size_t pieces, most; /* pieces until it takes no more; 0: all */
};

static int
take(void *user, struct ew_str bytes)
{
	struct taken *t = user;

	t->pieces++;
	ew_buf_add(&t->text, bytes);
	return t->most && t->pieces == t->most;
}

static enum ew_code
export(uint64_t *count, struct taken *t, struct sample_store *x, enum ew_export_format format,
	struct ew_str split)
{
	const struct ew_export_opts opts = { .split = split, .use = EW_EVALUATION, .format = format };

	t->pieces = 0;
	ew_buf_clear(&t->text);
	ew_err_clear(&x->err);
	return ew_export(count, x->store, &opts, take, t, &x->err);
}

/* The processors that this process may use: all, or one of them. */
static void
use_processors(const cpu_set_t *all, bool one)
{
	cpu_set_t set = *all;

	if (one) {
		size_t cpu = 0;

		while (!CPU_ISSET(cpu, all))
			cpu++;
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
	}
	if (sched_setaffinity(0, sizeof set, &set) != 0)
		ok(false, "processors can be chosen");
}

static size_t
count_lines(struct ew_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.p[i] == '\n';
	return n;
}

static void
test_same(struct sample_store *x, enum ew_export_format format, const char *name)
{
	const struct ew_str none = { NULL, 0 };
	struct taken several = { .pieces = 0 }, one = { .pieces = 0 };
	cpu_set_t all;
	uint64_t n = 0, m = 0;

	if (sched_getaffinity(0, sizeof all, &all) != 0)
		CPU_ZERO(&all);
	ok(export(&n, &several, x, format, none) == EW_OK && n == TEST + DEV, "%s: %s", name, x->err.msg);
	use_processors(&all, true);
	ok(export(&m, &one, x, format, none) == EW_OK && m == n, "by one processor: %s", x->err.msg);
	use_processors(&all, false);
	ok(ew_str_eq(ew_buf_str(&several.text), ew_buf_str(&one.text)), "is the same");
	is_int(count_lines(ew_buf_str(&one.text)), TEST + DEV + (format == EW_EXPORT_CSV),
		"a line for each label");
	ew_buf_release(&several.text);
	ew_buf_release(&one.text);
}

/* Each id once, and those of a split together. */
static void
test_lines(struct sample_store *x)
{
	struct taken t = { .pieces = 0 };
	unsigned char seen[TEST] = { 0 };
	uint64_t n;
	struct ew_str rest, line;
	size_t right = 0;

	ok(export(&n, &t, x, EW_EXPORT_JSONL, EW_LIT("test")) == EW_OK && n == TEST, "a split: %s",
		x->err.msg);
	rest = ew_buf_str(&t.text);
	while (rest.len && (line = ew_str_cut(&rest, '\n')).p) {
		struct ew_buf want = { 0 };
		int i = -1;

		if (ew_str_starts(line, "{\"id\":\"q/"))
			i = (int)strtol(line.p + sizeof "{\"id\":\"q/" - 1, NULL, 10);
		if (i < 0 || i >= TEST || seen[i]++)
			continue;
		ew_buf_addf(&want, "{\"id\":\"q/%d\",\"split\":\"test\",\"state\":\"computable\","
			"\"kind\":\"decimal\",\"value\":\"%d\",\"instance\":", i, i);
		right += ew_str_starts(line, want.p);
		ew_buf_clear(&want);
		ew_buf_addf(&want, ",\"input\":{\"question\":\"%d?\"},\"attributes\":{\"%d\":%d},"
			"\"confidence\":{\"basis\":\"imported\"},\"provenance\":{\"method\":\"import\","
			"\"source\":\"rows.jsonl\"}}", i, i % 7, i % 7);
		right += ew_str_ends(line, want.p);
		ew_buf_release(&want);
	}
	is_int(right, 2 * TEST, "every label once, as it is stored");
	ew_buf_release(&t.text);
}

/* A column for each attribute that any batch had. */
static void
test_columns(struct sample_store *x)
{
	struct taken t = { .pieces = 0 };
	uint64_t n;
	struct ew_str rest;

	ok(export(&n, &t, x, EW_EXPORT_CSV, (struct ew_str){ NULL, 0 }) == EW_OK, "columns: %s",
		x->err.msg);
	rest = ew_buf_str(&t.text);
	is_str(ew_str_cut(&rest, '\n'), "id,split,state,kind,value,unit,lower,upper,reason,0,1,2,3,4,5,6",
		"are those of all hands");
	ew_buf_release(&t.text);
}

static void
test_refused(struct sample_store *x)
{
	struct taken t = { .most = 2 };
	uint64_t n;

	ok(export(&n, &t, x, EW_EXPORT_JSONL, (struct ew_str){ NULL, 0 }) == EW_IO && t.pieces == 2,
		"a sink that is full: %s", x->err.msg);
	ok(n < TEST + DEV, "ends it");
	ok(export(&n, &t, x, EW_EXPORT_JSONL, EW_LIT("none")) == EW_NOTFOUND && !t.pieces,
		"a split that is not there: %s", x->err.msg);
	t.most = 0;
	ok(sample_store_spoil(x), "a pack is spoilt");
	ok(export(&n, &t, x, EW_EXPORT_JSONL, (struct ew_str){ NULL, 0 }) == EW_CORRUPT &&
			strstr(x->err.msg, "object ") && n < TEST + DEV,
		"what is damaged is not given out: %s", x->err.msg);
	ew_buf_release(&t.text);
}

int
main(void)
{
	struct sample_store x = { .store = NULL };

	if (ok(sample_store_make(&x) && sample_store_import(&x, "test", "q", TEST) &&
			    sample_store_import(&x, "dev", "d", DEV),
		    "a store: %s", x.err.msg)) {
		test_same(&x, EW_EXPORT_JSONL, "JSON Lines");
		test_same(&x, EW_EXPORT_CSV, "CSV");
		test_lines(&x);
		test_columns(&x);
		test_refused(&x);
	}
	sample_store_release(&x);
	return tap_done();
}
