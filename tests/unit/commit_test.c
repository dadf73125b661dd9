/* SPDX-License-Identifier: Apache-2.0 */
#include "model/commit.h"
#include "codec/sshsig.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <unistd.h>

#define TREE "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
#define PARENT "parent 1111111111111111111111111111111111111111\n"
#define WHO "A U Thor <author@example.org> 1700000000 +0000\n"
#define AUTHOR "author " WHO
#define COMMITTER "committer " WHO
#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END "-----END SSH SIGNATURE-----\n"
#define ARMOUR BEGIN "U1NIU0lH\n" END
#define SIG "gpgsig " BEGIN " U1NIU0lH\n " END
#define BODY "\nsubject\n\nEllwand-Event: init\n"

#define OBJECT "object 2222222222222222222222222222222222222222\n"
#define TAGGED OBJECT "type commit\ntag v1.0\n"
#define TAGGER "tagger " WHO

static void
test_commit(const char *parents, unsigned n)
{
	struct ew_arena arena = { 0 };
	struct ew_buf text = { 0 }, again = { 0 };
	struct ew_commit c;
	struct ew_err err = { 0 };

	ew_buf_addf(&text, TREE "%s" AUTHOR COMMITTER SIG BODY, parents);
	ok(ew_commit_parse(&c, &arena, ew_buf_str(&text), &err) == EW_OK, "%u parents: read: %s", n,
		err.msg);
	is_int(c.parents, n, "so many parents");
	ok(c.tree.b[0] == 0x4b && c.tree.b[19] == 0x04, "the tree");
	ok(n == 0 || c.parent[n - 1].b[19] == 0x11, "the last parent");
	is_str(c.by.name, "A U Thor", "the name");
	is_str(c.by.email, "author@example.org", "the e-mail");
	is_int(c.by.time, 1700000000, "the time");
	is_str(c.signature, ARMOUR, "the armour, no longer indented");
	is_str(c.message, "subject\n\nEllwand-Event: init\n", "the message");
	ew_commit_write_payload(&again, &c);
	ok(ew_str_eq(c.payload, ew_buf_str(&again)), "the payload is written as it was read");
	ew_buf_clear(&again);
	ew_commit_write(&again, c.payload, c.signature);
	ok(ew_str_eq(ew_buf_str(&text), ew_buf_str(&again)), "and the object");
	ew_buf_release(&text);
	ew_buf_release(&again);
	ew_arena_release(&arena);
}

/* A NUL cannot stand in a C string: here '~' stands for it. */
static struct ew_str
with_nul(struct ew_buf *b, const char *text)
{
	ew_buf_clear(b);
	ew_buf_adds(b, text);
	for (size_t i = 0; i < b->len; i++)
		if (b->p[i] == '~')
			b->p[i] = '\0';
	return ew_buf_str(b);
}

struct refusal {
	const char *text, *why;
};

static const struct refusal bad_commit[] = {
	{ "", "tree is due where '' stands; do not use it" },
	{ AUTHOR COMMITTER SIG BODY, "tree is due where 'author A U Thor" },
	{ "tree 4B825DC642CB6EB9A060E54BF8D69288FBEE4904\n" AUTHOR COMMITTER SIG BODY,
		"header 'tree' is not 40 lower-case hex digits; do not use it" },
	{ "tree 4b825dc642cb6eb9a060e54bf8d69288fbee490\n" AUTHOR COMMITTER SIG BODY,
		"header 'tree' is not 40" },
	{ TREE "parent 1\n" AUTHOR COMMITTER SIG BODY, "header 'parent' is not 40" },
	{ TREE PARENT PARENT PARENT AUTHOR COMMITTER SIG BODY, "more than 2 parents; do not" },
	{ PARENT TREE AUTHOR COMMITTER SIG BODY, "tree is due where 'parent 1" },
	{ TREE TREE AUTHOR COMMITTER SIG BODY, "author is due where 'tree 4" },
	{ TREE AUTHOR PARENT COMMITTER SIG BODY, "committer is due where 'parent 1" },
	{ TREE AUTHOR AUTHOR COMMITTER SIG BODY, "committer is due where 'author A" },
	{ TREE AUTHOR COMMITTER COMMITTER SIG BODY, "gpgsig is due where 'committer A" },
	{ TREE COMMITTER AUTHOR SIG BODY, "author is due where 'committer A" },
	{ TREE AUTHOR SIG BODY, "committer is due where 'gpgsig -" },
	{ TREE AUTHOR COMMITTER BODY, "gpgsig is due where '' stands; do not use it" },
	{ TREE AUTHOR COMMITTER "encoding latin1\n" SIG BODY, "gpgsig is due where 'encoding l" },
	{ TREE AUTHOR COMMITTER SIG "encoding latin1\n" BODY,
		"an empty line is due where 'encoding latin1' stands; do not use it" },
	{ TREE AUTHOR COMMITTER "mergetag object 1\n" SIG BODY, "gpgsig is due where 'mergetag" },
	{ TREE AUTHOR COMMITTER SIG SIG BODY, "an empty line is due where 'gpgsig -----BEGIN" },
	{ TREE AUTHOR COMMITTER "gpgsig-sha256 " BEGIN " U1NIU0lH\n " END BODY,
		"gpgsig is due where 'gpgsig-sha256" },
	{ TREE AUTHOR COMMITTER "gpgsig -----BEGIN PGP SIGNATURE-----\n U1NI\n"
		" -----END PGP SIGNATURE-----\n" BODY, "header 'gpgsig' is no SSH signature; do" },
	{ TREE AUTHOR COMMITTER "gpgsig " BEGIN " U1NIU0lH\n" BODY, "header 'gpgsig' is no SSH" },
	{ TREE AUTHOR COMMITTER "gpgsig " BEGIN "U1NIU0lH\n" END BODY, "header 'gpgsig' is no" },
	{ TREE AUTHOR COMMITTER SIG " \n" BODY, "header 'gpgsig' is no SSH" },
	{ TREE AUTHOR COMMITTER SIG " x\n" BODY, "header 'gpgsig' is no SSH" },
	{ TREE AUTHOR COMMITTER "gpgsig  " BEGIN " " END BODY, "header 'gpgsig' is no SSH" },
	{ TREE AUTHOR COMMITTER "gpgsig \n " BEGIN " " END BODY, "header 'gpgsig' is no SSH" },
	{ TREE AUTHOR COMMITTER "gpgsig\n " BEGIN " " END BODY, "gpgsig is due where 'gp" },
	{ TREE AUTHOR COMMITTER SIG "subject\n", "an empty line is due where 'subject'" },
	{ TREE AUTHOR COMMITTER SIG, "an empty line is due where ''" },
	{ TREE AUTHOR COMMITTER SIG "\n", "message is empty or does not end in one newline; do" },
	{ TREE AUTHOR COMMITTER SIG "\n\n", "message is empty" },
	{ TREE AUTHOR COMMITTER SIG "\nsubject", "message is empty or does not end" },
	{ TREE AUTHOR COMMITTER SIG "\nsubject\n\n", "message is empty or does not end" },
	{ TREE AUTHOR COMMITTER SIG "\nsub~ject\n", "has a NUL byte; do not use it" },
	{ TREE AUTHOR COMMITTER SIG "\nsubject\n~", "has a NUL byte" },
	{ TREE AUTHOR "committer B U Thor <author@example.org> 1700000000 +0000\n" SIG BODY,
		"author and committer differ; do not use it" },
	{ TREE AUTHOR "committer A U Thor <other@example.org> 1700000000 +0000\n" SIG BODY,
		"author and committer differ" },
	{ TREE AUTHOR "committer A U Thor <author@example.org> 1700000001 +0000\n" SIG BODY,
		"author and committer differ" },
};

static const struct refusal bad_tag[] = {
	{ "", "object is due where '' stands; do not use it" },
	{ "object 1\ntype commit\ntag v1.0\n" TAGGER "\nm\n" ARMOUR, "header 'object' is not 40" },
	{ OBJECT "type tree\ntag v1.0\n" TAGGER "\nm\n" ARMOUR,
		"is of a 'tree', not of a commit; do not use it" },
	{ OBJECT "tag v1.0\ntype commit\n" TAGGER "\nm\n" ARMOUR, "type is due where 'tag v1.0'" },
	{ OBJECT "type commit\n" TAGGER "\nm\n" ARMOUR, "tag is due where 'tagger A" },
	{ OBJECT "type commit\ntag v1 0\n" TAGGER "\nm\n" ARMOUR,
		"header 'tag' is not one word; do not use it" },
	{ OBJECT "type commit\ntag \n" TAGGER "\nm\n" ARMOUR, "header 'tag' is not one word" },
	{ TAGGED "\nm\n" ARMOUR, "tagger is due where '' stands" },
	{ TAGGED "tagger A <a> 01 +0000\n\nm\n" ARMOUR, "header 'tagger' is not 'NAME <EMAIL>" },
	{ TAGGED TAGGER SIG "\nm\n" ARMOUR, "an empty line is due where 'gpgsig" },
	{ TAGGED TAGGER "\nm\n", "message is not followed by an SSH signature; do not use it" },
	{ TAGGED TAGGER "\nm\n" ARMOUR "\n", "message is not followed" },
	{ TAGGED TAGGER "\nm\n" ARMOUR "x\n", "message is not followed" },
	{ TAGGED TAGGER "\nm\n-----BEGIN PGP SIGNATURE-----\n" ARMOUR, "message is not followed" },
	{ TAGGED TAGGER "\nm\n" ARMOUR ARMOUR, "more than one signature; do not use it" },
	{ TAGGED TAGGER "\nm\n" BEGIN "-----BEGIN PGP MESSAGE-----\n" END, "more than one sig" },
	{ TAGGED TAGGER "\n" ARMOUR, "message is empty or does not end in one newline" },
	{ TAGGED TAGGER "\nm\n\n" ARMOUR, "message is empty or does not end in one newline" },
	{ TAGGED TAGGER "\nm" ARMOUR, "message is not followed" },
	{ TAGGED TAGGER "\nm~\n" ARMOUR, "has a NUL byte" },
};

static const char *const bad_who[] = {
	"<author@example.org> 1 +0000",
	" <author@example.org> 1 +0000",
	"A<author@example.org> 1 +0000",
	"AU<author@example.org> 1 +0000",
	"A  <author@example.org> 1 +0000",
	" A <author@example.org> 1 +0000",
	"A <> 1 +0000",
	"A < a@b> 1 +0000",
	"A <a@b > 1 +0000",
	"A <a@b>1 +0000",
	"A <a@b>  1 +0000",
	"A <a@b> 01 +0000",
	"A <a@b> -1 +0000",
	"A <a@b> 4294967296 +0000",
	"A <a@b> 1",
	"A <a@b> +0000",
	"A <a@b> 1 -0000",
	"A <a@b> 1 +0100",
	"A <a@b> 1 +0000 ",
	"A <a@b> <c@d> 1 +0000",
	"A <a<b> 1 +0000",
	"A> <a@b> 1 +0000",
	"A\t <a@b> 1 +0000",
	"A\r <a@b> 1 +0000",
	"A <a\x7f@b> 1 +0000",
	"A\xff <a@b> 1 +0000",
};

static void
test_refusals(void)
{
	struct ew_arena arena = { 0 };
	struct ew_buf text = { 0 };
	struct ew_commit c;
	struct ew_tag t;

	for (size_t i = 0; i < sizeof bad_commit / sizeof *bad_commit; i++) {
		struct ew_err err = { 0 };

		ok(ew_commit_parse(&c, &arena, with_nul(&text, bad_commit[i].text), &err) ==
				EW_REFUSED && ew_str_starts(ew_str(err.msg), bad_commit[i].why),
			"commit %zu refused: %s", i, err.msg);
	}
	for (size_t i = 0; i < sizeof bad_tag / sizeof *bad_tag; i++) {
		struct ew_err err = { 0 };

		ok(ew_tag_parse(&t, with_nul(&text, bad_tag[i].text), &err) == EW_REFUSED &&
				ew_str_starts(ew_str(err.msg), bad_tag[i].why),
			"tag %zu refused: %s", i, err.msg);
	}
	for (size_t i = 0; i < sizeof bad_who / sizeof *bad_who; i++) {
		struct ew_err err = { 0 };

		ew_buf_clear(&text);
		ew_buf_addf(&text, TREE "author %s\ncommitter %s\n" SIG BODY, bad_who[i],
			bad_who[i]);
		ok(ew_commit_parse(&c, &arena, ew_buf_str(&text), &err) == EW_REFUSED &&
				ew_str_is(ew_str(err.msg), "header 'author' is not 'NAME <EMAIL> "
							   "SECONDS +0000'; do not use it"),
			"'%s' refused: %s", bad_who[i], err.msg);
	}
	ew_buf_release(&text);
	ew_arena_release(&arena);
}

static void
test_tag(void)
{
	static const char text[] = TAGGED TAGGER "\nsubject\n\nEllwand-Release: v1.0\n" ARMOUR;
	struct ew_buf again = { 0 };
	struct ew_tag t;
	struct ew_err err = { 0 };

	ok(ew_tag_parse(&t, ew_str(text), &err) == EW_OK, "a tag is read: %s", err.msg);
	ok(t.commit.b[0] == 0x22 && t.commit.b[19] == 0x22, "its commit");
	is_str(t.name, "v1.0", "its name");
	is_str(t.by.email, "author@example.org", "its tagger");
	is_str(t.message, "subject\n\nEllwand-Release: v1.0\n", "its message");
	is_str(t.signature, ARMOUR, "its armour");
	ew_tag_write_payload(&again, &t);
	ok(ew_str_eq(t.payload, ew_buf_str(&again)), "the payload is written as it was read");
	ok(t.payload.len + t.signature.len == sizeof text - 1, "nothing else is in it");
	ew_buf_release(&again);
}

static void
check_ident(const char *name, const char *email, int64_t time, const char *why)
{
	struct ew_ident by = { ew_str(name), ew_str(email), time };
	struct ew_err err = { 0 };
	enum ew_code rc = ew_ident_check(&by, &err);

	ok(why ? rc == EW_USAGE : rc == EW_OK, "ident: %s", why ? why : email);
	is_str(ew_str(err.msg), why ? why : "", "the reason");
}

static void
test_ident(void)
{
	char longest[256 + 1];

	check_ident("A", "a@b", 0, NULL);
	check_ident("A U Thor", "a@b", 4294967295, NULL);
	check_ident("Zo\xc3\xab", "a@b", 1, NULL);
	check_ident("", "a@b", 1, "name '' is empty; choose another");
	check_ident("A", "", 1, "e-mail '' is empty; choose another");
	check_ident("A <", "a@b", 1, "name 'A <' has a '<' or '>'; choose another");
	check_ident("A", "a>", 1, "e-mail 'a>' has a '<' or '>'; choose another");
	check_ident("A\nB", "a@b", 1, "name 'A?B' has a control character; choose another");
	check_ident("A\x7f", "a@b", 1, "name 'A?' has a control character; choose another");
	check_ident(" A", "a@b", 1, "name ' A' begins or ends with a space; choose another");
	check_ident("A", "a@b ", 1, "e-mail 'a@b ' begins or ends with a space; choose another");
	check_ident("A", "a@b", -1, "time -1 is outside 1970 to 2106; set the clock");
	check_ident("A", "a@b", 4294967296,
		"time 4294967296 is outside 1970 to 2106; set the clock");
	memset(longest, 'a', sizeof longest);
	longest[255] = '\0';
	check_ident(longest, longest, 1, NULL);
	longest[255] = 'a';
	longest[256] = '\0';
	ok(ew_ident_check(&(struct ew_ident){ ew_str(longest), EW_LIT("a"), 1 },
		   &(struct ew_err){ 0 }) == EW_USAGE, "256 bytes are too many");
}

struct signing {
	struct ew_hash *h;
	struct ew_signer *s;
	char dir[64];
};

/* Put an object of a type into the repository by stock git; its id is the last line of "ids". */
static int
give_git(const struct signing *g, const char *type, const char *name, struct ew_str object)
{
	struct ew_buf path = { 0 };
	int rc;

	sample_file(&path, g->dir, "object", object);
	rc = sample_run(g->dir, "git -C r hash-object -t %s -w --stdin <object >%s", type, name);
	ew_buf_release(&path);
	return rc;
}

static struct ew_ident
somebody(void)
{
	return (struct ew_ident){ EW_LIT("Some Body"), EW_LIT("a@b"), 1700000000 };
}

static void
sign(struct ew_buf *armour, const struct signing *g, const struct ew_buf *payload)
{
	struct ew_err err = { 0 };

	ew_buf_clear(armour);
	if (ew_sshsig_sign(armour, g->h, g->s, "git", ew_buf_str(payload), &err) != EW_OK)
		ok(false, "signing works: %s", err.msg);
}

/* Two commits and a tag made here are sound and well signed by git's measure. */
static void
judge_by_git(const struct signing *g)
{
	struct ew_buf payload = { 0 }, armour = { 0 }, object = { 0 };
	struct ew_commit c = { .by = somebody(), .message = EW_LIT("one\n\nA: b\n") };
	struct ew_tag t = { .name = EW_LIT("v1.0"), .by = somebody(),
		.message = EW_LIT("one\n\nA: b\n") };

	(void)ew_unhex(c.tree.b, 20, EW_LIT("4b825dc642cb6eb9a060e54bf8d69288fbee4904"));
	for (unsigned i = 0; i < 2; i++) {
		struct ew_buf named = { 0 };

		ew_buf_clear(&payload);
		ew_buf_clear(&object);
		ew_commit_write_payload(&payload, &c);
		sign(&armour, g, &payload);
		ew_commit_write(&object, ew_buf_str(&payload), ew_buf_str(&armour));
		is_int(give_git(g, "commit", "commit", ew_buf_str(&object)), 0, "git takes it");
		is_int(sample_run(g->dir, "git -C r verify-commit $(cat commit)"), 0,
			"git verify-commit says yes to commit %u", i);
		ew_buf_addf(&named, "commit %zu", object.len);
		ew_buf_addc(&named, '\0');
		c.parent[c.parents++] = t.commit = ew_sha1(g->h,
			(struct ew_str[]){ ew_buf_str(&named), ew_buf_str(&object) }, 2);
		ew_buf_release(&named);
	}
	ew_buf_clear(&payload);
	ew_tag_write_payload(&payload, &t);
	sign(&armour, g, &payload);
	ew_buf_add(&payload, ew_buf_str(&armour));
	is_int(give_git(g, "tag", "tag", ew_buf_str(&payload)), 0, "git takes the tag");
	is_int(sample_run(g->dir, "git -C r verify-tag $(cat tag)"), 0, "verify-tag says yes");
	is_int(sample_run(g->dir, "git -C r update-ref refs/tags/v1.0 $(cat tag) && "
		"git -C r fsck --strict --no-dangling"), 0, "git fsck --strict has no complaint");
	ew_buf_release(&payload);
	ew_buf_release(&armour);
	ew_buf_release(&object);
}

static void
test_git(void)
{
	struct signing g = { 0 };
	struct ew_buf text = { 0 }, path = { 0 };
	struct ew_err err = { 0 };
	const char *key;

	if (!sample_have("git") || !sample_have("ssh-keygen") || !sample_dir(g.dir)) {
		tap_skip("git or ssh-keygen is not installed");
		return;
	}
	ew_buf_adds(&text, "a@b ");
	sample_public(&text, 1);
	ew_buf_addc(&text, '\n');
	sample_file(&path, g.dir, "allowed", ew_buf_str(&text));
	ew_buf_clear(&text);
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	key = sample_file(&path, g.dir, "key", ew_buf_str(&text));
	is_int(sample_run(g.dir, "git init -q r && git -C r config gpg.format ssh && "
		"git -C r config gpg.ssh.allowedSignersFile %s/allowed && "
		"git -C r hash-object -t tree -w --stdin", g.dir), 0, "a repository of stock git");
	if (ok(ew_hash_open(&g.h, &err) == EW_OK &&
			    ew_signer_open(&g.s, &(struct ew_signer_opts){ .key = key }, &err) == EW_OK,
		    "a key: %s", err.msg))
		judge_by_git(&g);
	ew_signer_free(g.s);
	ew_hash_free(g.h);
	ew_buf_release(&text);
	ew_buf_release(&path);
	sample_remove_dir(g.dir);
}

int
main(void)
{
	test_commit("", 0);
	test_commit(PARENT, 1);
	test_commit(PARENT PARENT, 2);
	test_refusals();
	test_tag();
	test_ident();
	test_git();
	return tap_done();
}
