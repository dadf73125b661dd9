/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/signers.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#define K1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmBkrYzTOkXzYq7uAKdJQWBHrDVLUZ87hYiL9ojiI2/"
#define K2 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAHLUDN8E1zQYrjX66D5Ywu5vlOb9jhhG6+fK4tW+qCI"
#define GIT " namespaces=\"git\" "

static void
test_good(void)
{
	static const char text[] = "# who may sign\n"
		"\n"
		"alice@example.org" GIT K1 "\n"
		"  # indented comment\n"
		"alice@example.org valid-after=\"20240229Z\",valid-before=\"20300102030405Z\" " K2
		" laptop of alice";
	struct ew_signers s;
	struct ew_err err = { 0 };
	struct ew_sshkey key;
	const struct ew_signers_line *line;

	if (!ok(ew_signers_parse(&s, ew_str(text), &err) == EW_OK, "parse: %s", err.msg))
		return;
	is_int(s.count, 2, "two keys, of one principal");
	is_str(s.line[0].principal, "alice@example.org", "the principal");
	ok(s.line[0].valid_after == INT64_MIN && s.line[0].valid_before == INT64_MAX,
		"without times, always");
	is_int(s.line[1].valid_after, 1709164800, "valid-after, a leap day");
	is_int(s.line[1].valid_before, 1893553445, "valid-before, to the second");
	ok(ew_sshkey_read(&key, ew_str(K2), &err) == EW_OK, "a key");
	line = ew_signers_find(&s, &key);
	ok(line == &s.line[1], "is found on its line");
	key.blob[key.len - 1] ^= 1;
	ok(ew_signers_find(&s, &key) == NULL, "another key is not found");
	ew_signers_release(&s);
	is_int(s.count, 0, "released");
	ew_signers_release(&s);
}

/* Parse one line with this for its options. */
static enum ew_code
parse_options(struct ew_signers *s, const char *options, struct ew_err *err)
{
	struct ew_buf b = { 0 };
	enum ew_code rc;

	ew_buf_addf(&b, "a@b.c %s " K1 "\n", options);
	rc = ew_signers_parse(s, ew_buf_str(&b), err);
	ew_buf_release(&b);
	return rc;
}

static void
test_options(void)
{
	static const struct {
		const char *options;
		long long after, before;
	} good[] = {
		{ "namespaces=\"git\"", INT64_MIN, INT64_MAX },
		{ "namespaces=\"file,git\"", INT64_MIN, INT64_MAX },
		{ "namespaces=\"git,checkpoint@ellwand\"", INT64_MIN, INT64_MAX },
		{ "valid-after=\"197001010000Z\",valid-before=\"19700102Z\"", -1, 0 },
		{ "valid-after=\"197001010001Z\"", 60, INT64_MAX },
		{ "valid-after=\"19700101000001Z\"", 1, INT64_MAX },
		{ "valid-before=\"99991231235959Z\"", INT64_MIN, 253402300799 },
		{ "namespaces=\"git\",valid-before=\"20250101Z\"", INT64_MIN, 1735689600 },
		{ "", INT64_MIN, INT64_MAX },
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct ew_err err = { 0 };
		struct ew_signers s;
		bool parsed = parse_options(&s, good[i].options, &err) == EW_OK;

		if (good[i].after == -1)
			ok(!parsed, "refused: the epoch itself, which OpenSSH takes for absent");
		else
			ok(parsed && s.line[0].valid_after == good[i].after &&
					s.line[0].valid_before == good[i].before,
				"options '%s' %s", good[i].options, err.msg);
		ew_signers_release(&s);
	}
}

static void
test_bad_options(void)
{
	static const struct {
		const char *options, *message;
	} bad[] = {
		{ "namespaces=\"file\"", "line 1: namespaces without git; write namespaces=\"git\"" },
		{ "namespaces=\"\"", "namespaces without git" },
		{ "namespaces=\"git*\"", "a pattern in namespaces" },
		{ "namespaces=\"git,!file\"", "a pattern in namespaces" },
		{ "namespaces=git", "option 'namespaces' without a quoted value; write NAME=\"VALUE\"" },
		{ "namespaces=\"git", "option 'namespaces' without a quoted value" },
		{ "namespaces=\"git\"x", "text after option 'namespaces'" },
		{ "namespaces=\"git\",", "text after option 'namespaces'" },
		{ "namespaces=\"git\",,x=\"\"", "option ',x' is not allowed" },
		{ "namespaces=\"git\",namespaces=\"git\"", "option 'namespaces' twice; keep one" },
		{ "Namespaces=\"git\"", "option 'Namespaces' is not allowed; use only namespaces" },
		{ "verify-required=\"yes\"", "option 'verify-required' is not allowed" },
		{ "verify-required", "an option of authorized_keys; leave it out" },
		{ "no-touch-required,namespaces=\"git\"", "an option of authorized_keys" },
		{ "namespaces=\"git\",no-touch-required", "option 'no-touch-required' without" },
		{ "=\"x\"", "option '' is not allowed" },
		{ "cert-authority", "certificates are not allowed; list each key on its own line" },
		{ "cert-authority,namespaces=\"git\"", "certificates are not allowed" },
		{ "namespaces=\"git\",cert-authority", "option 'cert-authority' without a quoted" },
		{ "valid-before=\"20250101\"", "'20250101' is no time in UTC; write" },
		{ "valid-before=\"20250101z\"", "is no time in UTC" },
		{ "valid-before=\"Z\"", "is no time in UTC" },
		{ "valid-before=\"\"", "is no time in UTC" },
		{ "valid-before=\"2025010112Z\"", "is no time in UTC" },
		{ "valid-before=\"20250230Z\"", "is no time in UTC" },
		{ "valid-before=\"20251301Z\"", "is no time in UTC" },
		{ "valid-before=\"202501012400Z\"", "is no time in UTC" },
		{ "valid-before=\"202501012360Z\"", "is no time in UTC" },
		{ "valid-before=\"20250101235960Z\"", "is no time in UTC" },
		{ "valid-before=\"2025010112-1Z\"", "is no time in UTC" },
		{ "valid-before=\"19691231Z\"", "is no time in UTC" },
		{ "valid-after=\"20250102Z\",valid-before=\"20250102Z\"",
			"valid-before is not after valid-after; correct one of them" },
		{ "valid-before=\"20250101Z\",valid-after=\"20260101Z\"",
			"valid-before is not after valid-after" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ew_err err = { 0 };
		struct ew_signers s;

		is_int(parse_options(&s, bad[i].options, &err), EW_REFUSED, "refused: %s",
			bad[i].options);
		ok(ew_str_starts(ew_str(err.msg), "line 1: ") && strstr(err.msg, bad[i].message),
			"says '%s'", err.msg);
		ew_signers_release(&s);
	}
}

static void
test_bad_files(void)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "", "no key in it; add a line EMAIL namespaces=\"git\" KEY" },
		{ "\n# nothing\n\n", "no key in it" },
		{ "\n#\n*@example.org" GIT K1 "\n", "line 3: '*@example.org' is no single e-mail" },
		{ "a@b.c,d@e.f" GIT K1 "\n", "line 1: 'a@b.c,d@e.f' is no single e-mail address" },
		{ "!a@b.c" GIT K1 "\n", "is no single e-mail" },
		{ "\"a@b.c\"" GIT K1 "\n", "is no single e-mail" },
		{ "alice" GIT K1 "\n", "'alice' is no single e-mail address; write one" },
		{ K1 "\n", "'ssh-ed25519' is no single e-mail" },
		{ "a@b.c" GIT K1 "\r\n", "line 1: it ends in CR LF; end lines in LF alone" },
		{ "a@b.c" GIT K1 "\nd@e.f" GIT K1 "\n",
			"line 2: the key of a@b.c again; a key may stand on one line only" },
		{ "a@b.c" GIT K1 "\na@b.c " K1 "\n", "line 2: the key of a@b.c again" },
		{ "a@b.c" GIT K1 "\na@b.c\n", "line 2: no key; copy a line from a .pub file" },
		{ "a@b.c" GIT "ssh-dss AAAA\n", "line 1: unknown key type 'ssh-dss'" },
		{ "a@b.c" GIT "ssh-ed25519 AAAA\n", "line 1: malformed key" },
		{ "a@b.c" GIT GIT K1 "\n", "unknown key type 'namespaces=" },
		{ "a@b.c" GIT K1 " \x1b]0;\n", "control bytes in a key" },
	};
	struct ew_buf big = { 0 };
	struct ew_err err = { 0 };
	struct ew_signers s;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ew_err_clear(&err);
		is_int(ew_signers_parse(&s, ew_str(bad[i].text), &err), EW_REFUSED,
			"refused: file %zu", i);
		ok(strstr(err.msg, bad[i].message) != NULL, "says '%s'", err.msg);
		ew_signers_release(&s);
	}
	ew_err_clear(&err);
	ok(ew_signers_parse(&s, EW_LIT("a@b.c\0" GIT K1), &err) == EW_REFUSED, "refused: a NUL");
	ew_signers_release(&s);
	for (int i = 0; i <= EW_SIGNERS_MAX; i++)
		ew_buf_addc(&big, '\n');
	ew_err_clear(&err);
	ok(ew_signers_parse(&s, ew_buf_str(&big), &err) == EW_REFUSED &&
			strstr(err.msg, "larger than 1048576 bytes; remove keys"),
		"refused: a large file: %s", err.msg);
	ew_signers_release(&s);
	ew_buf_release(&big);
}

static void
test_principals(void)
{
	static const char *const good[] = { "a@b", "alice@example.org", "a.b+c-d_e'f@sub.example.org",
		"1@2", "a@[127.0.0.1]" };
	static const char *const bad[] = { "", "@", "a@", "@b", "a", "a@b@c", "a b@c", " a@b", "a@b ",
		"a*@b", "a?@b", "!a@b", "a@b,c@d", "\"a\"@b", "a\\@b", "<a@b>", "#a@b", ".a@b", "a@b.",
		"'a@b'", "a@b;", ":a@b", "a\t@b", "\xc3\xa9@b", "a\x7f@b" };
	struct ew_buf b = { 0 };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ok(ew_principal_ok(ew_str(good[i])), "a principal: %s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!ew_principal_ok(ew_str(bad[i])), "no principal: %zu", i);
	ok(!ew_principal_ok((struct ew_str){ NULL, 0 }) && !ew_principal_ok(EW_LIT("a\0@b")),
		"nor an absent string, nor one with a NUL");
	ew_buf_adds(&b, "a@");
	while (b.len < 255)
		ew_buf_addc(&b, 'b');
	ok(ew_principal_ok(ew_buf_str(&b)), "255 bytes are allowed");
	ew_buf_addc(&b, 'b');
	ok(!ew_principal_ok(ew_buf_str(&b)), "256 are not");
	ew_buf_release(&b);
}

static void
test_write(void)
{
	struct ew_buf b = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key;
	struct ew_signers s;

	if (!ok(ew_sshkey_read(&key, ew_str(K1), &err) == EW_OK, "a key"))
		return;
	ew_signers_write_line(&b, EW_LIT("a@b.c"), &key);
	is_str(ew_buf_str(&b), "a@b.c" GIT K1 "\n", "a line is written");
	ok(ew_signers_parse(&s, ew_buf_str(&b), &err) == EW_OK && s.count == 1 &&
			ew_sshkey_eq(&s.line[0].key, &key),
		"and read again");
	ew_signers_release(&s);
	ew_buf_release(&b);
}

/* What is accepted here means the same to ssh-keygen: it finds the principal of a signature. */
static void
test_second_opinion(void)
{
	static const char *const options[] = { "", GIT, " namespaces=\"file,git\" ",
		" valid-after=\"20240229Z\",valid-before=\"99991231235959Z\" ",
		" namespaces=\"git\",valid-after=\"202402291200Z\" " };
	struct ew_buf key = { 0 }, public = { 0 }, text = { 0 }, path = { 0 };
	char dir[64];

	if (!sample_have("ssh-keygen") || !sample_dir(dir)) {
		tap_skip("no ssh-keygen");
		return;
	}
	sample_private(&key, 1, &(struct sample_twist){ 0 });
	sample_public(&public, 1);
	sample_file(&path, dir, "key", ew_buf_str(&key));
	is_int(sample_run(dir, "printf hello >m; ssh-keygen -Y sign -n git -f key m"), 0, "sign");
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		struct ew_err err = { 0 };
		struct ew_signers s;

		ew_buf_clear(&text);
		ew_buf_addf(&text, "# a comment\n\na@b.c %s %s  comment\n", options[i], public.p);
		ok(ew_signers_parse(&s, ew_buf_str(&text), &err) == EW_OK, "accepted:%s %s",
			options[i], err.msg);
		sample_file(&path, dir, "allowed", ew_buf_str(&text));
		is_int(sample_run(dir, "ssh-keygen -Y verify -f allowed -I a@b.c -n git -s m.sig <m"),
			0, "by ssh-keygen too");
		ew_signers_release(&s);
	}
	sample_remove_dir(dir);
	ew_buf_release(&key);
	ew_buf_release(&public);
	ew_buf_release(&text);
	ew_buf_release(&path);
}

int
main(void)
{
	test_good();
	test_options();
	test_bad_options();
	test_bad_files();
	test_principals();
	test_write();
	test_second_opinion();
	return tap_done();
}
