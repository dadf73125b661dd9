/* SPDX-License-Identifier: Apache-2.0 */
/* References as git writes them, loose and packed, read without git. */
#include "repo/refs.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>

static char dir[] = "/tmp/ellwand_test_XXXXXX";

static bool
sh(const char *line)
{
	char full[1024];

	snprintf(full, sizeof full, "cd %s && { %s; } >/dev/null 2>&1", dir, line);
	return system(full) == 0;
}

static struct ew_str
id_of(const char *name, char hex[41])
{
	struct ew_err err = { 0 };
	struct ew_oid oid;

	if (ew_refs_read(&oid, dir, name, &err) != EW_OK)
		return ew_str("damaged");
	ew_hex(hex, oid.b, sizeof oid.b);
	return ew_str(hex);
}

#define A "1111111111111111111111111111111111111111"
#define B "2222222222222222222222222222222222222222"
#define NONE "0000000000000000000000000000000000000000"

static void
test_names(void)
{
	static const char *const good[] = { "HEAD", "refs/heads/main", "refs/tags/v1.0", "a/b",
		"refs/heads/\xc3\xa4", "refs/heads/a.b", "refs/heads/-x" };
	static const char *const bad[] = { "", "main", "refs/", "/refs/heads/x", "refs//x", "refs/heads/.x",
		"refs/heads/a..b", "refs/heads/x.lock", "refs/heads/a b", "refs/heads/a~1", "refs/heads/a:b",
		"refs/heads/@{", "refs/heads/x.", "refs/heads/a\\b", "refs/heads/a*", "refs/heads/\x01" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok(ew_ref_name_ok(ew_str(good[i])), "%s is a name", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!ew_ref_name_ok(ew_str(bad[i])), "bad name %zu is none", i);
}

static void
test_reading(void)
{
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_str target, *name;
	char hex[41];
	size_t n;

	ok(sh("mkdir -p refs/heads/deep refs/tags && echo 'ref: refs/heads/main' > HEAD && "
	      "echo " A " > refs/heads/main && echo " B " > refs/heads/deep/x && "
	      "printf '# pack-refs with: peeled\\n" B " refs/heads/main\\n" A " refs/tags/v1\\n^" B
	      "\\n' > packed-refs"), "made");
	ok(ew_refs_symbolic(&target, dir, "HEAD", &arena, &err) == EW_OK &&
		ew_str_is(target, "refs/heads/main"), "HEAD names main");
	is_str(id_of("HEAD", hex), A, "and leads to its commit");
	is_str(id_of("refs/heads/main", hex), A, "loose goes before packed");
	is_str(id_of("refs/tags/v1", hex), A, "packed, not peeled");
	is_str(id_of("refs/heads/deep/x", hex), B, "in a folder");
	is_str(id_of("refs/heads/deep", hex), NONE, "a folder is no reference");
	is_str(id_of("refs/heads/none", hex), NONE, "none is zero");
	ok(ew_refs_list(&name, &n, dir, "refs/heads/", &arena, &err) == EW_OK && n == 2 &&
		ew_str_is(name[0], "refs/heads/deep/x") && ew_str_is(name[1], "refs/heads/main"),
		"a list is sorted, each once");
	ok(ew_refs_list(&name, &n, dir, "refs/replace/", &arena, &err) == EW_OK && n == 0,
		"a list of none");
	ok(sh("echo junk > refs/heads/bad; echo 'ref: refs/heads/loop' > refs/heads/loop"), "damaged");
	is_str(id_of("refs/heads/bad", hex), "damaged", "what is no id is damage");
	is_str(id_of("refs/heads/loop", hex), "damaged", "so is a circle");
	ok(sh("echo '" A "refs/tags/v2' > packed-refs"), "packed badly");
	is_str(id_of("refs/tags/v2", hex), "damaged", "so is a line without its space");
	ew_arena_release(&arena);
}

/* How a move of refs/heads/NAME from A to B ends; -1 when it fails. */
static int
move(const char *name, const char *from)
{
	struct ew_err err = { 0 };
	struct ew_oid a, b;
	enum ew_ref_move how;

	ew_unhex(a.b, sizeof a.b, ew_str(from));
	ew_unhex(b.b, sizeof b.b, EW_LIT(B));
	return ew_refs_move(&how, dir, name, &a, &b, &err) == EW_OK ? (int)how : -1;
}

static void
test_moving(void)
{
	char hex[41];

	ok(sh("rm -rf refs packed-refs && mkdir -p refs/heads/folder && echo " A " > refs/heads/main && "
	      "echo 'ref: refs/heads/main' > refs/heads/alias && echo '" A " refs/heads/packed' > packed-refs"),
		"made");
	is_int(move("refs/heads/main", B), EW_REF_ELSEWHERE, "one that is elsewhere");
	is_int(move("refs/heads/main", NONE), EW_REF_ELSEWHERE, "one that was not to be there");
	is_str(id_of("refs/heads/main", hex), A, "stays");
	is_int(move("refs/heads/main", A), EW_REF_MOVED, "one that is there");
	is_str(id_of("refs/heads/main", hex), B, "moves");
	ok(sh("test ! -e refs/heads/main.lock && printf '" B "\n' | cmp - refs/heads/main && "
	      "test $(stat -c %a refs/heads/main) = $(stat -c %a packed-refs)"), "and is as git writes it");
	is_int(move("refs/heads/alias", A), EW_REF_NOT_LOOSE, "a symbolic one");
	is_int(move("refs/heads/packed", A), EW_REF_NOT_LOOSE, "a packed one");
	is_int(move("refs/heads/folder", A), EW_REF_NOT_LOOSE, "a folder");
	is_int(move("refs/heads/new", NONE), EW_REF_NOT_LOOSE, "one that is not there");
	ok(sh("test \"$(ls refs/heads)\" = \"$(printf 'alias\nfolder\nmain')\" && grep -q heads/main refs/heads/alias"),
		"leave no trace");
	ok(sh("echo " A " > refs/heads/main && : > refs/heads/main.lock"), "a lock");
	is_int(move("refs/heads/main", A), EW_REF_LOCKED, "stops it");
	ok(sh("test -e refs/heads/main.lock && rm refs/heads/main.lock"), "and stays");
	is_str(id_of("refs/heads/main", hex), A, "and so does the reference");
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 1;
	test_names();
	test_reading();
	test_moving();
	ok(sh("rm -rf refs HEAD packed-refs && rmdir \"$PWD\""), "cleared");
	return tap_done();
}
