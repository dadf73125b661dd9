/* SPDX-License-Identifier: Apache-2.0 */
/* git's configuration: what is plain is read as git reads it, and what is not is left. */
#include "repo/gitconfig.h"

#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

static void
test_texts(void)
{
	static const struct {
		const char *text, *value; /* "": nothing is said */
	} plain[] = {
		{ "", "" },
		{ "[user]\n\tname = Ann Smith\n", "Ann Smith" },
		{ "[user]\nname=Ann", "Ann" },
		{ "[USER]\nNAME = Ann", "Ann" },
		{ "# a note\n; another\n\n[user]\r\n\tname = Ann\r\n", "Ann" },
		{ "[user]\nname = Ann\n[core]\nbare = true\n[user]\nname = Bea\n", "Bea" },
		{ "[user]\nname = Ann = Bea", "Ann = Bea" },
		{ "[user]\nname2 = Ann\n[user \"x\"]\nname = Bea\n[user.x]\nname = Bea\n[users]\nname = Bea", "" },
		{ "[core]\nname = Ann\n\n[user]\nemail = a@example.org", "" },
		{ "name = Ann", "" },
		{ "[alias]\nl = \"log # ; all\"\n[user]\nname = Ann", "Ann" },
		{ "[user]\nsigningKey\nname = Ann", "Ann" },
	};
	static const char *const other[] = {
		"[user]\nname = \"Ann\"", "[user]\nname = A\\\\B", "[user]\nname = Ann # or Bea",
		"[user]\nname = Ann ; or Bea", "[user]\nname", "[user] name = Ann", "[user]\nname = Ann\\\n Smith",
		"[alias]\nl = log \\\n[user]\nname = Ann", "[include]\npath = x", "[includeIf \"gitdir:x\"]\npath = x",
		"[INCLUDE]\npath = x\n[user]\nname = Ann", "[user\nname = Ann", "[user]]\nname = Ann",
		"\xef\xbb\xbf[user]\nname = Ann", "[user]\n1name = Ann", "[user]\n= Ann", "nonsense here\n",
	};

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		struct ew_str value = EW_LIT("");

		ok(ew_gitconfig_find(&value, ew_str(plain[i].text), "user.name"), "text %zu is plain", i);
		is_str(value, plain[i].value, "and says its name");
	}
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		struct ew_str value = EW_LIT("");

		ok(!ew_gitconfig_find(&value, ew_str(other[i]), "user.name"), "other text %zu is not", i);
	}
}

/* A name of three parts, the second as it stands in quotes. */
static void
test_parts(void)
{
	static const struct {
		const char *text, *value;
	} plain[] = {
		{ "[gpg \"ssh\"]\n\tprogram = /opt/sign\n", "/opt/sign" },
		{ "[GPG\t \"ssh\"]\nPROGRAM = x", "x" },
		{ "[gpg]\nprogram = x\nformat = ssh\n[gpg \"openpgp\"]\nprogram = y\n", "" },
		{ "[gpg \"SSH\"]\nprogram = x\n[gpg \"sshd\"]\nprogram = x\n[gpg \"\"]\nprogram = x\n", "" },
		{ "[gpgs \"ssh\"]\nprogram = x\n[core.x]\nprogram = x\n[url \"a\\\\b\"]\nprogram = x\n", "" },
	};
	static const char *const other[] = { "[gpg.ssh]\nprogram = x", "[gpg \"ss\\h\"]\nprogram = x",
		"[gpg \"ssh\"]\nprogram = \"x y\"" };

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		struct ew_str value = EW_LIT("");

		ok(ew_gitconfig_find(&value, ew_str(plain[i].text), "gpg.ssh.program"), "text %zu is plain", i);
		is_str(value, plain[i].value, "and says its program");
	}
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		struct ew_str value = EW_LIT("");

		ok(!ew_gitconfig_find(&value, ew_str(other[i]), "gpg.ssh.program"), "other text %zu is not", i);
	}
}

static void
test_nul(void)
{
	struct ew_str value;

	ok(!ew_gitconfig_find(&value, EW_LIT("[user]\nname = A\0B\n"), "user.name"), "one with a NUL is not");
	ok(ew_gitconfig_find(&value, EW_LIT("[user]\nname =\n"), "user.name") && value.p && value.len == 0,
		"an empty value is one");
}

static void
is_read(const struct ew_gitconfig_places *at, const char *want, const char *what)
{
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_str value;
	bool plain;

	if (ok(ew_gitconfig_read(&value, &plain, at, "tester.name", &arena, &err) == EW_OK && plain == (want != NULL),
		    "%s: %s", what, err.msg) && want)
		is_str(value, want, "and what it says");
	ew_arena_release(&arena);
}

static void
test_files(const char *dir)
{
	struct ew_buf git = { 0 }, home = { 0 }, xdg = { 0 };
	struct ew_gitconfig_places at = { NULL };

	ew_buf_addf(&git, "%s/git", dir);
	ew_buf_addf(&home, "%s/home", dir);
	ew_buf_addf(&xdg, "%s/xdg", dir);
	at.git_dir = git.p;
	ok(sample_run(dir, "mkdir -p git home/.config/git xdg/git && git config -f git/config core.bare true") == 0,
		"folders");
	is_read(&at, NULL, "without a home");
	at.home = home.p;
	is_read(&at, "", "no name");
	ok(sample_run(dir, "git config -f home/.config/git/config tester.name 'In XDG by default'") == 0, "set");
	is_read(&at, "In XDG by default", "in the home's .config");
	at.xdg_home = xdg.p;
	is_read(&at, "", "which is not looked at when another is named");
	ok(sample_run(dir, "git config -f xdg/git/config tester.name 'In XDG'") == 0, "set");
	is_read(&at, "In XDG", "in that one");
	ok(sample_run(dir, "git config -f home/.gitconfig tester.name 'At home'") == 0, "set");
	is_read(&at, "At home", "at home");
	ok(sample_run(dir, "git config -f git/config tester.name 'Here'") == 0, "set");
	is_read(&at, "Here", "in the repository");
	ok(sample_run(dir, "git config -f home/.gitconfig include.path more") == 0, "include");
	is_read(&at, NULL, "a file that includes another");
	ok(sample_run(dir, "rm home/.gitconfig && mkdir home/.gitconfig") == 0, "folder");
	is_read(&at, NULL, "one that cannot be read");
	ew_buf_release(&git);
	ew_buf_release(&home);
	ew_buf_release(&xdg);
}

int
main(void)
{
	char dir[64];

	if (!sample_dir(dir))
		return 1;
	test_texts();
	test_parts();
	test_nul();
	test_files(dir);
	sample_remove_dir(dir);
	return tap_done();
}
