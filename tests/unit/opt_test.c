/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of options belongs to the program, not to the library: it is compiled in. */
#include "cli/nearest.c"
#include "cli/opt.c"

#include "tests/lib/tap.h"

static const char *const when_words[] = { "auto", "always", "never", NULL };

struct opts {
	const char *value;
	const char *text;
	bool force, quiet;
	int64_t limit, shift;
	int when;
	struct opt_list file, class;
};
static const struct opt table[] = {
	OPT_STR(0, "value", struct opts, value, 0, "V", "the value"),
	OPT_STR('m', "message", struct opts, text, 0, "TEXT", "why"),
	OPT_FLAG('f', "force", struct opts, force, "even so"),
	OPT_FLAG('q', NULL, struct opts, quiet, "say less"),
	OPT_INT('n', "limit", struct opts, limit, 0, 1, 100, "N", "so many"),
	OPT_INT(0, "shift", struct opts, shift, 0, -5, INT64_MAX, "N", "so far"),
	OPT_WORD(0, "when", struct opts, when, 0, when_words, "WHEN", "when"),
	OPT_LIST(0, "file", struct opts, file, 0, "FILE", "one of the files"),
	OPT_LIST(0, "class", struct opts, class, OPT_COMMAS, "A,B", "only those"),
	OPT_END,
};

struct sign {
	const char *key;
};
static const struct opt sign_table[] = {
	OPT_STR(0, "key", struct sign, key, OPT_REQUIRED, "KEYFILE", "the key"),
	OPT_END,
};

static struct opts got;
static struct opt_parse p;
static struct ew_arena arena;
static struct ew_err err;

/* Splits a copy of the line at its spaces; "_" stands for an empty argument. */
static char **
split(const char *line)
{
	char *copy = ew_arena_alloc(&arena, strlen(line) + 1), *save = NULL;
	char **argv = ew_arena_array(&arena, 64, sizeof *argv);
	size_t n = 0;

	strcpy(copy, line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[n++] = strcmp(w, "_") == 0 ? w + 1 : w;
	return argv;
}

static enum ew_code
parse(const char *line)
{
	ew_err_clear(&err);
	got = (struct opts){ 0 };
	p = (struct opt_parse){ .set = { { table, &got } } };
	return opt_parse(&p, split(line), &arena, &err);
}

static void
takes(const char *line)
{
	is_int(parse(line), EW_OK, "taken: %s%s%s", line, err.msg[0] ? " # " : "", err.msg);
}

static void
refuses(const char *line, const char *why)
{
	is_int(parse(line), EW_USAGE, "refused: %s", line);
	is_str(ew_str(err.msg), why, "and says why");
}

static void
test_forms(void)
{
	takes("");
	ok(!got.value && !got.force && got.limit == 0 && got.when == 0 && got.file.count == 0,
		"what is not given is zero");
	is_int(p.operands, 0, "no operands");
	ok(p.operand && !p.operand[0], "and their list has its end");

	takes("--value 9 a --message=why b -f");
	is_str(ew_str(got.value), "9", "--name VALUE");
	is_str(ew_str(got.text), "why", "--name=VALUE");
	ok(got.force && !got.quiet, "a flag in brief");
	is_int(p.operands, 2, "operands stand between options");
	is_str(ew_str(p.operand[0]), "a", "in their order");
	is_str(ew_str(p.operand[1]), "b", "to the last");

	takes("-m x");
	is_str(ew_str(got.text), "x", "-x VALUE");
	takes("-mx");
	is_str(ew_str(got.text), "x", "-xVALUE");
	takes("-fqmx");
	ok(got.force && got.quiet, "flags in one word");
	is_str(ew_str(got.text), "x", "and a value behind them");
	takes("--force --force -f");
	ok(got.force, "a flag may be said again");
	takes("--value= --message _");
	is_str(ew_str(got.value), "", "an empty value");
	ok(got.text && !*got.text, "and an empty argument");
	takes("--value=a=b");
	is_str(ew_str(got.value), "a=b", "only the first = divides");
	takes("--value -5 -m --x");
	is_str(ew_str(got.value), "-5", "a value may begin with -");
	is_str(ew_str(got.text), "--x", "or with --");
	takes("--value=--force");
	is_str(ew_str(got.value), "--force", "and be what an option is called");
}

static void
test_ends(void)
{
	takes("- -- -f --value --");
	is_int(p.operands, 4, "-- ends the options");
	is_str(ew_str(p.operand[0]), "-", "- is an operand");
	is_str(ew_str(p.operand[3]), "--", "and so is the second --");
	ok(!got.force, "no option is taken behind it");

	ew_err_clear(&err);
	got = (struct opts){ 0 };
	p = (struct opt_parse){ .set = { { table, &got } }, .operands_end = true };
	is_int(opt_parse(&p, split("-f show -q --nonsense"), &arena, &err), EW_OK, "operands_end");
	ok(got.force && !got.quiet, "options stop at the first operand");
	is_int(p.operands, 3, "the rest is left as it is");
}

static void
test_help(void)
{
	takes("a -h --nonsense");
	ok(p.help, "-h");
	takes("--help");
	ok(p.help, "--help");
	takes("-fh");
	ok(p.help, "-h among flags");
	takes("-- -h");
	ok(!p.help, "no help behind --");
	takes("-mh");
	ok(!p.help, "nor in a value");
}

static void
test_kinds(void)
{
	takes("-n 1 --shift -5");
	is_int(got.limit, 1, "the least integer");
	is_int(got.shift, -5, "a negative integer");
	takes("-n100 --shift=9223372036854775807");
	is_int(got.limit, 100, "the greatest");
	is_int(got.shift, INT64_MAX, "the greatest of all");
	refuses("-n 0", "-n takes an integer from 1 to 100, not '0'");
	refuses("--limit 101", "--limit takes an integer from 1 to 100, not '101'");
	refuses("--shift -6", "--shift takes an integer of at least -5, not '-6'");
	refuses("--shift 9223372036854775808",
		"--shift takes an integer of at least -5, not '9223372036854775808'");
	refuses("-n 1x", "-n takes an integer from 1 to 100, not '1x'");
	refuses("-n _", "-n takes an integer from 1 to 100, not ''");
	refuses("-n +1", "-n takes an integer from 1 to 100, not '+1'");
	refuses("-n -", "-n takes an integer from 1 to 100, not '-'");

	takes("--when never");
	is_int(got.when, 2, "a word gives its index");
	refuses("--when Never", "--when takes auto, always or never, not 'Never'");

	takes("--file a --file=b,c --file a --file d --file e");
	is_int(got.file.count, 5, "a list takes all");
	is_str(got.file.item[0], "a", "in order");
	is_str(got.file.item[1], "b,c", "commas are bytes like others");
	is_str(got.file.item[4], "e", "to the last");
	takes("--class a,b --class c");
	is_int(got.class.count, 3, "a list with commas is divided");
	is_str(got.class.item[0], "a", "here");
	is_str(got.class.item[1], "b", "and here");
	is_str(got.class.item[2], "c", "and goes on");
	refuses("--class a,,b", "--class takes A,B without empty parts, not 'a,,b'");
	refuses("--class a,", "--class takes A,B without empty parts, not 'a,'");
	refuses("--class _", "--class takes A,B without empty parts, not ''");
}

static void
test_refused(void)
{
	refuses("--valeu 9", "unknown option --valeu, did you mean --value");
	refuses("--mesage=x", "unknown option --mesage, did you mean --message");
	refuses("--nonsense", "unknown option --nonsense");
	refuses("--=x", "unknown option --");
	refuses("-x", "unknown option -x");
	refuses("-fx", "unknown option -x");
	refuses("-5", "unknown option -5");
	refuses("--force=yes", "--force takes no value");
	refuses("--value", "--value needs V behind it");
	refuses("-m", "-m needs TEXT behind it");
	refuses("--value --message why", "--value needs V behind it, not the option --message");
	refuses("-m --value=3", "-m needs TEXT behind it, not the option --value");
	refuses("--value 1 --value 1", "--value is given twice");
	refuses("-m a --message b", "--message is given twice");
	refuses("--a\033[31m", "unknown option --a?[31m");
}

static void
test_sets(void)
{
	struct sign sign = { 0 };

	ew_err_clear(&err);
	got = (struct opts){ 0 };
	p = (struct opt_parse){ .set = { { table, &got }, { sign_table, &sign } } };
	is_int(opt_parse(&p, split("--key k -f"), &arena, &err), EW_OK, "two tables");
	is_str(ew_str(sign.key), "k", "the second one's option");
	ok(got.force, "and the first one's");
	is_int(opt_parse(&p, split("-f"), &arena, &err), EW_USAGE, "a required option");
	is_str(ew_str(err.msg), "--key KEYFILE is missing", "is named");
	ew_err_clear(&err);
	is_int(opt_parse(&p, split("-h"), &arena, &err), EW_OK, "but -h goes without");
}

static void
test_spell(void)
{
	struct ew_buf b = { 0 };

	opt_spell(&b, &table[1]);
	is_str(ew_buf_str(&b), "-m, --message TEXT", "both names and a value");
	ew_buf_clear(&b);
	opt_spell(&b, &table[3]);
	is_str(ew_buf_str(&b), "-q", "a letter alone");
	ew_buf_clear(&b);
	opt_spell(&b, &table[0]);
	is_str(ew_buf_str(&b), "--value V", "a name alone");
	ew_buf_release(&b);
}

static const char *
nearest(const char *word, const char *const *candidates)
{
	struct nearest n;

	nearest_init(&n, word);
	for (; *candidates; candidates++)
		nearest_try(&n, *candidates);
	return nearest_word(&n) ? nearest_word(&n) : "(none)";
}

static void
test_nearest(void)
{
	static const char *const words[] = { "relabel", "release", "diff", "log", NULL };
	static const char *const none[] = { NULL };

	is_str(ew_str(nearest("relable", words)), "relabel", "two letters swapped");
	is_str(ew_str(nearest("realease", words)), "release", "one too many");
	is_str(ew_str(nearest("dif", words)), "diff", "one too few");
	is_str(ew_str(nearest("lug", words)), "log", "one wrong");
	is_str(ew_str(nearest("commit", words)), "(none)", "another word is not corrected");
	is_str(ew_str(nearest("", words)), "(none)", "nor is nothing");
	is_str(ew_str(nearest("diff", none)), "(none)", "nor anything when there is nothing");
	is_str(ew_str(nearest("ddddddddddddddddddddddddddddddddddddddddddddddddddd", words)), "(none)",
		"a word too long to be one is not measured");
}

int
main(void)
{
	test_forms();
	test_ends();
	test_help();
	test_kinds();
	test_refused();
	test_sets();
	test_spell();
	test_nearest();
	ew_arena_release(&arena);
	return tap_done();
}
