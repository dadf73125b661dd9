/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sshsig.h"
#include "tests/lib/sshgolden.h"
#include "tests/lib/sshsample.h"
#include "tests/lib/tap.h"

#include <unistd.h>

/* By ssh-keygen -Y sign -n git, OpenSSH 9.2, with the sample key 1, of "hello". */
static const char golden[] = BEGIN
	"U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgebVWLo/mVPlAeLES6KmLp5AfhT\n"
	"rmlb7X4OORC60ElmQAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n"
	"AAAAQPIu3YSl2F22bXnFZ5WFSpM5e3+uW1czAfXIjh+Xl88Z2ibFpFdbLX5fBF6b5f8Skx\n"
	"GGJQhTU5EN2XsrmMvFHQs=\n" END;

struct fixture {
	struct ew_hash *h;
	struct ew_signer *s, *other;
	char dir[64];
};

/* A signature made otherwise than ssh-keygen makes it; { 0 } is as it should be. */
struct forgery {
	const char *magic, *name_space, *reserved, *digest, *signed_as, *after;
	unsigned version; /* 0: 1 */
	size_t width;     /* 0: 70 */
	bool version_zero, other_key;
};

static void
add_terms(struct ew_buf *out, const struct forgery *f, const char *name_space)
{
	ew_sshbuf_add(out, ew_str(name_space));
	ew_sshbuf_add(out, ew_str(sample_or(f->reserved, "")));
	ew_sshbuf_add(out, ew_str(sample_or(f->digest, "sha512")));
}

static void
add_armour(struct ew_buf *out, struct ew_str blob, size_t width)
{
	struct ew_buf text = { 0 };
	struct ew_str all;

	ew_base64_write(&text, blob);
	all = ew_buf_str(&text);
	ew_buf_adds(out, BEGIN);
	for (size_t i = 0; i < all.len; i += width) {
		ew_buf_add(out, ew_str_part(all, i, i + width));
		ew_buf_addc(out, '\n');
	}
	ew_buf_adds(out, END);
	ew_buf_release(&text);
}

static void
forge(struct ew_buf *out, const struct fixture *x, const struct forgery *f, struct ew_str message)
{
	const char *name_space = sample_or(f->name_space, "git");
	struct ew_buf to_sign = { 0 }, sig = { 0 }, blob = { 0 };
	struct ew_err err = { 0 };
	unsigned char digest[64];
	struct ew_sha256 narrow = ew_sha256_str(x->h, message);
	bool is_narrow = ew_str_is(ew_str(f->digest), "sha256");

	ew_sha512(x->h, message, digest);
	ew_buf_adds(&to_sign, "SSHSIG");
	add_terms(&to_sign, f, sample_or(f->signed_as, name_space));
	ew_sshbuf_add(&to_sign, is_narrow ? ew_str_n(narrow.b, 32) : ew_str_n(digest, 64));
	if (ew_signer_sign(&sig, f->other_key ? x->other : x->s, ew_buf_str(&to_sign), &err) != EW_OK)
		abort();
	ew_buf_adds(&blob, sample_or(f->magic, "SSHSIG"));
	ew_buf_addu32be(&blob, f->version_zero ? 0 : f->version ? f->version : 1);
	ew_sshbuf_add(&blob, ew_sshkey_blob(ew_signer_key(x->s)));
	add_terms(&blob, f, name_space);
	ew_sshbuf_add(&blob, ew_buf_str(&sig));
	ew_buf_adds(&blob, sample_or(f->after, ""));
	add_armour(out, ew_buf_str(&blob), f->width ? f->width : 70);
	ew_buf_release(&to_sign);
	ew_buf_release(&sig);
	ew_buf_release(&blob);
}

static bool
verifies(const struct fixture *x, struct ew_str message, struct ew_str armour)
{
	struct ew_err err = { 0 };
	struct ew_sshkey by;
	bool good = ew_sshsig_verify(&by, x->h, "git", message, armour, &err) == EW_OK;

	if (good != (by.len != 0) || good != (err.code == EW_OK) ||
		(!good && err.code != EW_NO))
		ok(false, "code, key and message agree: %s", err.msg);
	return good;
}

static void
is_refused(const struct fixture *x, struct ew_str armour, const char *message, const char *text)
{
	struct ew_err err = { 0 };
	struct ew_sshkey by;

	is_int(ew_sshsig_verify(&by, x->h, "git", EW_LIT("hello"), armour, &err), EW_NO,
		"%s: refused", text);
	ok(strstr(err.msg, message) != NULL && by.len == 0, "%s: says '%s'", text, err.msg);
}

static void
test_golden(const struct fixture *x)
{
	struct ew_buf out = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey by;

	ew_buf_adds(&out, "before ");
	ok(ew_sshsig_sign(&out, x->h, x->s, "git", EW_LIT("hello"), &err) == EW_OK, "sign");
	ok(ew_str_starts(ew_buf_str(&out), "before "), "what was in the buffer stays");
	is_str(ew_str_part(ew_buf_str(&out), 7, out.len), golden, "byte for byte as ssh-keygen's");
	ok(ew_sshsig_verify(&by, x->h, "git", EW_LIT("hello"), ew_str(golden), &err) == EW_OK,
		"ssh-keygen's verifies: %s", err.msg);
	ok(ew_sshkey_eq(&by, ew_signer_key(x->s)), "and names its key");
	ok(!verifies(x, EW_LIT("hellp"), ew_str(golden)), "not for another message");
	is_int(ew_sshsig_verify(&by, x->h, "file", EW_LIT("hello"), ew_str(golden), &err), EW_NO,
		"not under another namespace");
	is_str(ew_str(err.msg), "signature: namespace 'git', not 'file'; sign with -n file",
		"and says so");
	ew_buf_release(&out);
}

/* What ssh-keygen has signed with keys of the other types. */
static void
test_other_types(const struct fixture *x)
{
	for (size_t i = 0; i < sizeof sshgolden / sizeof sshgolden[0]; i++) {
		const struct ew_str line = ew_str(sshgolden[i].key), armour = ew_str(sshgolden[i].armour);
		const struct ew_str type = ew_str_part(line, 0, ew_str_find(line, 0, ' '));
		struct ew_err err = { 0 };
		struct ew_sshkey key, by;

		ok(ew_sshkey_read(&key, line, &err) == EW_OK, "%.*s: a key: %s", EW_FMT(type), err.msg);
		ok(ew_sshsig_verify(&by, x->h, "git", EW_LIT("hello"), armour, &err) == EW_OK &&
				ew_sshkey_eq(&by, &key),
			"%.*s: its signature: %s", EW_FMT(type), err.msg);
		ok(!verifies(x, EW_LIT("hellp"), armour), "%.*s: not for another message", EW_FMT(type));
	}
}

/* Verifying in two halves: the first borrows nothing, the second trusts nothing. */
static void
test_halves(const struct fixture *x)
{
	struct ew_buf message = { 0 }, armour = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshsig s = { 0 };

	is_int(ew_sshsig_check(&s, &err), EW_NO, "nothing that was parsed: refused");
	is_str(ew_str(err.msg), "signature: the signature is by an unknown key; do not trust it", "why");
	ew_err_clear(&err);
	ew_buf_adds(&message, "hello");
	ew_buf_adds(&armour, golden);
	ok(ew_sshsig_parse(&s, x->h, "git", ew_buf_str(&message), ew_buf_str(&armour), &err) == EW_OK &&
			ew_sshkey_eq(&s.by, ew_signer_key(x->s)),
		"a signature is parsed and names its key");
	ew_buf_release(&message);
	ew_buf_release(&armour);
	ok(ew_sshsig_check(&s, &err) == EW_OK, "and is good without its text: %s", err.msg);
	ok(ew_sshsig_check(&s, &err) == EW_OK, "twice");
	ok(ew_sshsig_parse(&s, x->h, "git", EW_LIT("hellp"), ew_str(golden), &err) == EW_OK,
		"of another message it is parsed");
	is_int(ew_sshsig_check(&s, &err), EW_NO, "and then refused");
	is_str(ew_str(err.msg), "signature: the signature does not verify; do not trust it", "why");
	ew_err_clear(&err);
	is_int(ew_sshsig_parse(&s, x->h, "file", EW_LIT("hello"), ew_str(golden), &err), EW_NO,
		"under another namespace it is not parsed");
	is_int(s.by.len, 0, "and leaves no key");
	ew_err_clear(&err);
	is_int(ew_sshsig_check(&s, &err), EW_NO, "nor anything to check");
	ew_err_clear(&err);
	ok(ew_sshsig_parse(&s, x->h, "git", EW_LIT("hello"), ew_str(golden), &err) == EW_OK &&
			ew_sshsig_check(&s, &err) == EW_OK,
		"what is parsed next is good: %s", err.msg);
	ew_sshsig_release(&s);
	is_int(ew_sshsig_check(&s, &err), EW_NO, "what was released is not");
}

/* Stripped to so many bytes, 0: to all that is in the armour; and dressed again. */
static void
test_one_stripped(const struct fixture *x, const struct forgery *f, size_t len)
{
	struct ew_buf armour = { 0 }, bytes = { 0 }, again = { 0 };
	struct ew_err err = { 0 };

	forge(&armour, x, f, EW_LIT("hello"));
	ew_buf_adds(&bytes, "before");
	ok(ew_sshsig_strip(&bytes, "git", ew_buf_str(&armour), &err) == EW_OK, "stripped: %s", err.msg);
	if (len)
		is_int(bytes.len, (long long)len + 6, "to a few bytes");
	else
		ok(ew_str_starts(ew_str_part(ew_buf_str(&bytes), 6, bytes.len), sample_or(f->magic, "SSHSIG")),
			"to all of it: %zu", bytes.len);
	ew_buf_adds(&again, "before");
	ew_sshsig_dress(&again, "git", ew_str_part(ew_buf_str(&bytes), 6, bytes.len));
	ok(ew_str_eq(ew_str_part(ew_buf_str(&again), 6, again.len), ew_buf_str(&armour)), "dressed as it was");
	ew_buf_release(&armour);
	ew_buf_release(&bytes);
	ew_buf_release(&again);
}

static void
test_stripped(const struct fixture *x)
{
	struct ew_buf bytes = { 0 }, armour = { 0 };
	struct ew_err err = { 0 };
	struct ew_str key = ew_sshkey_blob(ew_signer_key(x->s));

	test_one_stripped(x, &(struct forgery){ 0 }, EW_SSHSIG_SHORT);
	test_one_stripped(x, &(struct forgery){ .digest = "sha256" }, 0);
	test_one_stripped(x, &(struct forgery){ .reserved = "r" }, 0);
	test_one_stripped(x, &(struct forgery){ .name_space = "file" }, 0);
	test_one_stripped(x, &(struct forgery){ .after = "more" }, 0);
	test_one_stripped(x, &(struct forgery){ .version = 2 }, 0);
	test_one_stripped(x, &(struct forgery){ .magic = "sshsig" }, 0);
	ok(ew_sshsig_strip(&bytes, "git", ew_str(golden), &err) == EW_OK &&
			memcmp(bytes.p, key.p + key.len - 32, 32) == 0,
		"the key is at first: %s", err.msg);
	ew_buf_clear(&bytes);
	ok(ew_sshsig_strip(&bytes, "git", EW_LIT(BEGIN "AAAA\n" END), &err) == EW_OK && bytes.len == 3,
		"three bytes stay three");
	forge(&armour, x, &(struct forgery){ .width = 69 }, EW_LIT("hello"));
	is_int(ew_sshsig_strip(&bytes, "git", ew_buf_str(&armour), &err), EW_NO, "what is spelt otherwise is refused");
	is_str(ew_str(err.msg),
		"signature: not spelt as ssh-keygen spells it; take it as it was made, or do not trust it", "why");
	ew_buf_release(&bytes);
	ew_buf_release(&armour);
}

static void
test_flips(const struct fixture *x)
{
	struct ew_buf text = { 0 }, blob = { 0 }, digits = { 0 };
	struct ew_str rest = ew_str_part(ew_str(golden), strlen(BEGIN), strlen(golden) - strlen(END));
	size_t flips = 0, accepted = 0;

	ew_buf_adds(&text, golden);
	for (size_t i = 0; i < 8 * text.len; i++, flips++) {
		text.p[i / 8] = (char)(text.p[i / 8] ^ 1 << i % 8);
		accepted += verifies(x, EW_LIT("hello"), ew_buf_str(&text));
		text.p[i / 8] = (char)(text.p[i / 8] ^ 1 << i % 8);
	}
	ok(flips == 8 * strlen(golden) && accepted == 0, "%zu flips of the text, %zu accepted",
		flips, accepted);
	while (rest.len)
		ew_buf_add(&digits, ew_str_cut(&rest, '\n'));
	ok(ew_base64_read(&blob, ew_buf_str(&digits)), "the golden signature is base64");
	for (size_t i = 0; i < 8 * blob.len; i++) {
		blob.p[i / 8] = (char)(blob.p[i / 8] ^ 1 << i % 8);
		ew_buf_clear(&text);
		add_armour(&text, ew_buf_str(&blob), 70);
		accepted += verifies(x, EW_LIT("hello"), ew_buf_str(&text));
		blob.p[i / 8] = (char)(blob.p[i / 8] ^ 1 << i % 8);
	}
	is_int(accepted, 0, "%zu flips under good armour, none accepted", 8 * blob.len);
	for (size_t n = 0; n < blob.len; n++) {
		ew_buf_clear(&text);
		add_armour(&text, ew_str_part(ew_buf_str(&blob), 0, n), 70);
		accepted += verifies(x, EW_LIT("hello"), ew_buf_str(&text));
	}
	is_int(accepted, 0, "%zu truncations under good armour, none accepted", blob.len);
	for (size_t n = 0; n < strlen(golden); n++)
		accepted += verifies(x, EW_LIT("hello"), ew_str_part(ew_str(golden), 0, n));
	is_int(accepted, 0, "nor any truncation of the text");
	ew_buf_release(&text);
	ew_buf_release(&blob);
	ew_buf_release(&digits);
}

/* The golden text with `what` put in at `at`. */
static void
test_inserted(const struct fixture *x, size_t at, const char *what, const char *text)
{
	struct ew_buf b = { 0 };

	ew_buf_add(&b, ew_str_part(ew_str(golden), 0, at));
	ew_buf_adds(&b, what);
	ew_buf_add(&b, ew_str_part(ew_str(golden), at, strlen(golden)));
	is_refused(x, ew_buf_str(&b), "signature: not ", text);
	ew_buf_release(&b);
}

static void
test_spellings(const struct fixture *x)
{
	struct ew_buf b = { 0 };

	test_inserted(x, 0, "\n", "a blank line before");
	test_inserted(x, 0, "text\n", "text before");
	test_inserted(x, 30, "\n", "a blank line in the armour");
	test_inserted(x, 29, "\r", "CR LF on one line");
	test_inserted(x, 100, "\r", "CR LF within the base64");
	test_inserted(x, 40, " ", "a space in the base64");
	test_inserted(x, 40, "\n", "a short line");
	test_inserted(x, strlen(golden), "\n", "a blank line after");
	test_inserted(x, strlen(golden), "text", "text after");
	test_inserted(x, strlen(golden), golden, "two signatures");
	for (const char *p = golden; *p; p++) {
		if (*p == '\n')
			ew_buf_addc(&b, '\r');
		ew_buf_addc(&b, *p);
	}
	is_refused(x, ew_buf_str(&b), "not one whole SSH signature", "CR LF everywhere");
	is_refused(x, ew_str_part(ew_str(golden), 0, strlen(golden) - 1),
		"not one whole SSH signature from BEGIN to END; do not trust it", "no final newline");
	is_refused(x, EW_LIT(""), "not one whole SSH signature", "nothing");
	is_refused(x, (struct ew_str){ NULL, 0 }, "not one whole SSH signature", "an absent string");
	is_refused(x, EW_LIT(BEGIN END), "not one whole SSH signature", "an empty signature");
	is_refused(x, EW_LIT(BEGIN "\n" END), "not one whole SSH signature", "a blank signature");
	is_refused(x, EW_LIT(BEGIN "AAAA\n" END), "not an SSHSIG", "three bytes");
	is_refused(x, EW_LIT("-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"),
		"not one whole SSH signature", "a PGP signature");
	ew_buf_clear(&b);
	ew_buf_adds(&b, BEGIN);
	for (int i = 0; i < EW_SSHSIG_MAX; i++)
		ew_buf_addc(&b, 'A');
	ew_buf_adds(&b, "\n" END);
	is_refused(x, ew_buf_str(&b), "signature: larger than 8192 bytes", "a large signature");
	ew_buf_release(&b);
}

static void
test_forgeries(const struct fixture *x)
{
	static const struct {
		struct forgery f;
		const char *message;
	} bad[] = {
		{ { .version_zero = true }, "signature: version 0, not 1; do not trust it" },
		{ { .version = 2 }, "signature: version 2, not 1; do not trust it" },
		{ { .magic = "SSHSIH" }, "signature: not an SSHSIG" },
		{ { .name_space = "file" }, "signature: namespace 'file', not 'git'; sign with -n git" },
		{ { .name_space = "" }, "signature: namespace '', not 'git'" },
		{ { .name_space = "gitt" }, "signature: namespace 'gitt', not 'git'" },
		{ { .signed_as = "file" }, "signature: the signature does not verify" },
		{ { .digest = "sha1" }, "signature: digest 'sha1'; use sha512 or sha256" },
		{ { .digest = "SHA512" }, "signature: digest 'SHA512'" },
		{ { .after = "x" }, "signature: bytes after its end" },
		{ { .other_key = true }, "signature: the signature does not verify" },
		{ { .width = 76 }, "signature: not spelt as ssh-keygen spells it" },
		{ { .width = 64 }, "signature: not spelt as ssh-keygen spells it" },
		{ { .width = 4096 }, "signature: not spelt as ssh-keygen spells it" },
	};
	struct ew_buf b = { 0 };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ew_buf_clear(&b);
		forge(&b, x, &bad[i].f, EW_LIT("hello"));
		is_refused(x, ew_buf_str(&b), bad[i].message, "forgery");
	}
	ew_buf_clear(&b);
	forge(&b, x, &(struct forgery){ 0 }, EW_LIT("hello"));
	is_str(ew_buf_str(&b), golden, "the forger's tools are sound");
	ew_buf_clear(&b);
	forge(&b, x, &(struct forgery){ .digest = "sha256" }, EW_LIT("hello"));
	ok(verifies(x, EW_LIT("hello"), ew_buf_str(&b)), "SHA-256 is accepted");
	ew_buf_clear(&b);
	forge(&b, x, &(struct forgery){ .reserved = "later" }, EW_LIT("hello"));
	ok(verifies(x, EW_LIT("hello"), ew_buf_str(&b)), "what is reserved is signed, and ignored");
	ew_buf_release(&b);
}

/* A signature whose key is of a type that is not known, or no key. */
static void
test_bad_key(const struct fixture *x, struct ew_str key, const char *message)
{
	struct ew_buf blob = { 0 }, b = { 0 };

	ew_buf_adds(&blob, "SSHSIG");
	ew_buf_addu32be(&blob, 1);
	ew_sshbuf_add(&blob, key);
	add_terms(&blob, &(struct forgery){ 0 }, "git");
	ew_sshbuf_add(&blob, EW_LIT("\0\0\0\7ssh-dss\0\0\0\1\7"));
	add_armour(&b, ew_buf_str(&blob), 70);
	is_refused(x, ew_buf_str(&b), message, "a bad key");
	ew_buf_release(&blob);
	ew_buf_release(&b);
}

/* Sign `message` with both programs, compare, and let each verify. */
static void
test_one_second_opinion(const struct fixture *x, struct ew_str message)
{
	struct ew_buf path = { 0 }, out = { 0 }, theirs = { 0 };
	struct ew_err err = { 0 };

	sample_file(&path, x->dir, "m", message);
	is_int(sample_run(x->dir, "rm -f m.sig; ssh-keygen -Y sign -n git -f key m"), 0,
		"ssh-keygen signs %zu bytes", message.len);
	ew_buf_clear(&path);
	ew_buf_addf(&path, "%s/m.sig", x->dir);
	ok(ew_file_read(&theirs, path.p, 0, &err) == EW_OK &&
			ew_sshsig_sign(&out, x->h, x->s, "git", message, &err) == EW_OK &&
			ew_str_eq(ew_buf_str(&out), ew_buf_str(&theirs)),
		"and makes the same signature: %s", err.msg);
	ok(verifies(x, message, ew_buf_str(&theirs)), "which verifies");
	sample_file(&path, x->dir, "ours.sig", ew_buf_str(&out));
	is_int(sample_run(x->dir, "ssh-keygen -Y check-novalidate -n git -s ours.sig <m"), 0,
		"ssh-keygen verifies ours");
	ew_buf_release(&path);
	ew_buf_release(&out);
	ew_buf_release(&theirs);
}

static void
test_second_opinion(const struct fixture *x)
{
	struct ew_buf path = { 0 }, sig = { 0 };
	struct ew_err err = { 0 };

	if (!sample_have("ssh-keygen")) {
		tap_skip("no ssh-keygen");
		return;
	}
	test_one_second_opinion(x, EW_LIT("hello"));
	test_one_second_opinion(x, EW_LIT(""));
	test_one_second_opinion(x, EW_LIT("\0\n\r\xff"));
	is_int(sample_run(x->dir, "printf hello >m && rm -f m.sig && "
				  "ssh-keygen -Y sign -O hashalg=sha256 -n git -f key m"),
		0, "ssh-keygen signs with SHA-256");
	ew_buf_addf(&path, "%s/m.sig", x->dir);
	ok(ew_file_read(&sig, path.p, 0, &err) == EW_OK &&
			verifies(x, EW_LIT("hello"), ew_buf_str(&sig)),
		"which verifies");
	ew_buf_release(&path);
	ew_buf_release(&sig);
}

static bool
open_sample(struct ew_signer **out, const char *dir, const char *name, unsigned char first,
	struct ew_err *err)
{
	struct ew_buf text = { 0 }, path = { 0 };
	bool good;

	sample_private(&text, first, &(struct sample_twist){ 0 });
	sample_file(&path, dir, name, ew_buf_str(&text));
	good = ew_signer_open(out, &(struct ew_signer_opts){ .key = path.p }, err) == EW_OK;
	ew_buf_release(&text);
	ew_buf_release(&path);
	return good;
}

int
main(void)
{
	struct ew_err err = { 0 };
	struct fixture x = { 0 };

	if (!ok(ew_hash_open(&x.h, &err) == EW_OK && sample_dir(x.dir) &&
			    open_sample(&x.s, x.dir, "key", 1, &err) &&
			    open_sample(&x.other, x.dir, "other", 2, &err),
		    "start: %s", err.msg))
		return tap_done();
	test_golden(&x);
	test_other_types(&x);
	test_halves(&x);
	test_stripped(&x);
	test_flips(&x);
	test_spellings(&x);
	test_forgeries(&x);
	test_bad_key(&x, EW_LIT("\0\0\0\7ssh-dss\0\0\0\1\3\0\0\0\1\7"),
		"signature: unknown key type 'ssh-dss'");
	test_bad_key(&x, EW_LIT("\0\0\0\7ssh-rsa\0\0\0\1\3\0\0\0\1\7"),
		"signature: an RSA key of 3 bits; use one of 2048 to 8192 bits");
	test_second_opinion(&x);
	ew_signer_free(x.s);
	ew_signer_free(x.other);
	ew_hash_free(x.h);
	sample_remove_dir(x.dir);
	return tap_done();
}
