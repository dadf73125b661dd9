/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh-keygen has the same opinion of signatures of every type, good ones and such as were
 * changed in any way, but for what LABELS_FORMAT.md section 7 refuses and it does not.
 */
#include "codec/signers.h"
#include "codec/sshsig.h"
#include "tests/lib/softkey.h"
#include "tests/lib/tap.h"

/* So many bits of each signature are turned over, spread over its length. */
enum { FLIPS = 50 };

static const struct ew_str message = EW_LIT_INIT("hello");

struct fixture {
	struct ew_hash *h;
	char dir[64];
	size_t asked;
};

/* The bytes of a signature, to be put in armour; where its parts begin. */
struct signature {
	struct ew_buf blob;
	size_t key, tail; /* the public key's string, what follows it */
};

static void
make(struct signature *out, struct ew_hash *h, const struct softkey *k, const struct softtwist *t,
	const char *digest_name)
{
	struct ew_buf to_sign = { 0 }, terms = { 0 }, sig = { 0 };
	unsigned char digest[64];
	const struct ew_sha256 narrow = ew_sha256_str(h, message);
	const bool is_narrow = ew_str_is(ew_str(digest_name), "sha256");

	ew_sha512(h, message, digest);
	ew_sshbuf_add(&terms, EW_LIT("git"));
	ew_sshbuf_add(&terms, EW_LIT(""));
	ew_sshbuf_add(&terms, ew_str(digest_name));
	ew_buf_adds(&to_sign, "SSHSIG");
	ew_buf_add(&to_sign, ew_buf_str(&terms));
	ew_sshbuf_add(&to_sign, is_narrow ? ew_str_n(narrow.b, 32) : ew_str_n(digest, 64));
	soft_sign(&sig, k, ew_buf_str(&to_sign), t);
	ew_buf_clear(&out->blob);
	ew_buf_adds(&out->blob, "SSHSIG");
	ew_buf_addu32be(&out->blob, 1);
	out->key = out->blob.len;
	ew_sshbuf_add(&out->blob, ew_buf_str(&k->blob));
	out->tail = out->blob.len;
	ew_buf_add(&out->blob, ew_buf_str(&terms));
	ew_sshbuf_add(&out->blob, ew_buf_str(&sig));
	ew_buf_release(&to_sign);
	ew_buf_release(&terms);
	ew_buf_release(&sig);
}

static void
add_armour(struct ew_buf *out, struct ew_str blob)
{
	struct ew_buf text = { 0 };

	ew_base64_write(&text, blob);
	ew_buf_adds(out, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t i = 0; i < text.len; i += 70) {
		ew_buf_add(out, ew_str_part(ew_buf_str(&text), i, i + 70));
		ew_buf_addc(out, '\n');
	}
	ew_buf_adds(out, "-----END SSH SIGNATURE-----\n");
	ew_buf_release(&text);
}

/* Both opinions of a signature. */
static void
ask(bool *ours, bool *theirs, struct fixture *x, struct ew_str blob, const char *name_space)
{
	struct ew_buf armour = { 0 }, path = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey by;

	add_armour(&armour, blob);
	*ours = ew_sshsig_verify(&by, x->h, name_space, message, ew_buf_str(&armour), &err) == EW_OK;
	sample_file(&path, x->dir, "sig", ew_buf_str(&armour));
	*theirs = sample_run(x->dir, "ssh-keygen -Y check-novalidate -n %s -s sig <m", name_space) == 0;
	x->asked++;
	ew_buf_release(&armour);
	ew_buf_release(&path);
}

static void
agree(struct fixture *x, struct ew_str blob, bool want, const char *type, const char *what)
{
	bool ours, theirs;

	ask(&ours, &theirs, x, blob, "git");
	ok(ours == want && theirs == want, "%s: %s is %s by both", type, what,
		want ? "accepted" : "refused");
}

/* What ssh-keygen takes, and this format does not. */
static void
stricter(struct fixture *x, struct ew_str blob, const char *type, const char *what)
{
	bool ours, theirs;

	ask(&ours, &theirs, x, blob, "git");
	ok(!ours && theirs, "%s: %s is refused, although ssh-keygen accepts it", type, what);
}

/* Single bits, all those of `from` to `to` or every so many. */
static void
test_flips(struct fixture *x, struct signature *s, size_t from, size_t to, size_t step,
	const char *type, const char *what)
{
	size_t differ = 0, accepted = 0, flips = 0;
	char *const p = s->blob.p;

	for (size_t i = 8 * from; i < 8 * to; i += step, flips++) {
		bool ours, theirs;

		p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		ask(&ours, &theirs, x, ew_buf_str(&s->blob), "git");
		p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		differ += ours != theirs;
		accepted += ours;
	}
	ok(differ == 0 && accepted == 0, "%s: %zu bits of %s: %zu differ, %zu accepted", type, flips,
		what, differ, accepted);
}

static void
test_twists(struct fixture *x, const struct softkey *k)
{
	static const struct {
		struct softtwist t;
		const char *what;
		bool want, group, device, rsa;
	} twist[] = {
		{ { .high_s = true }, "the larger s", true, .group = true },
		{ { .low_s = true }, "the smaller s", true, .group = true },
		{ { .zero_r = true }, "r of zero", .group = true },
		{ { .r_is_order = true }, "r that is not reduced", .group = true },
		{ { .inside = "x" }, "a byte after the signature", .group = true },
		{ { .digest = "SHA224" }, "another digest", .group = true },
		{ { .after = "x" }, "a byte after all" },
		{ { .form = "ssh-dss" }, "another type" },
		{ { .form = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" }, "a web browser's type" },
		{ { .flags = 1 + 5 }, "a signature after verification", true, .device = true },
		{ { .flags = 1 + 0x81 }, "more flags", true, .device = true },
		{ { .counter = 0xffffffff }, "any counter", true, .device = true },
		{ { .no_device = true }, "a signature without flags", .device = true },
		{ { .form = "rsa-sha2-256", .digest = "SHA256" }, "SHA-256", true, .rsa = true },
		{ { .form = "ssh-rsa", .digest = "SHA1" }, "SHA-1", .rsa = true },
		{ { .digest = "SHA256" }, "a digest that is not the type's", .rsa = true },
		{ { .inside = "x" }, "a signature too long", .rsa = true },
		{ { .cut = 1 }, "a signature too short", .rsa = true },
	};
	struct signature s = { { 0 }, 0, 0 };

	for (size_t i = 0; i < sizeof twist / sizeof twist[0]; i++) {
		if ((twist[i].group && !k->type->group) || (twist[i].device && !k->type->device) ||
			(twist[i].rsa && !k->type->rsa_bits))
			continue;
		make(&s, x->h, k, &twist[i].t, "sha512");
		agree(x, ew_buf_str(&s.blob), twist[i].want, k->type->name, twist[i].what);
	}
	if (k->type->group) {
		make(&s, x->h, k, &(struct softtwist){ .long_r = true }, "sha512");
		stricter(x, ew_buf_str(&s.blob), k->type->name, "a number with a zero before it");
	}
	if (k->type->device) {
		make(&s, x->h, k, &(struct softtwist){ .flags = 1 + 0 }, "sha512");
		stricter(x, ew_buf_str(&s.blob), k->type->name, "a signature without a touch");
	}
	ew_buf_release(&s.blob);
}

/* By the line that the library writes for the key, ssh-keygen finds whose signature it is. */
static void
test_allowed(struct fixture *x, const struct softkey *k, struct ew_str blob)
{
	struct ew_buf line = { 0 }, path = { 0 }, armour = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key;
	struct ew_signers signers;

	ok(ew_sshkey_parse(&key, ew_buf_str(&k->blob), &err) == EW_OK, "%s: a key", k->type->name);
	ew_signers_write_line(&line, EW_LIT("a@b.c"), &key);
	ok(ew_signers_parse(&signers, ew_buf_str(&line), &err) == EW_OK && signers.count == 1 &&
			ew_sshkey_eq(&signers.line[0].key, &key),
		"%s: a line of allowed_signers: %s", k->type->name, err.msg);
	ew_signers_release(&signers);
	add_armour(&armour, blob);
	sample_file(&path, x->dir, "allowed", ew_buf_str(&line));
	sample_file(&path, x->dir, "sig", ew_buf_str(&armour));
	is_int(sample_run(x->dir, "ssh-keygen -Y verify -f allowed -I a@b.c -n git -s sig <m"), 0,
		"%s: by which ssh-keygen verifies", k->type->name);
	ew_buf_release(&line);
	ew_buf_release(&path);
	ew_buf_release(&armour);
}

static void
test_type(struct fixture *x, const struct softtype *type)
{
	struct signature s = { { 0 }, 0, 0 };
	const size_t version = 6 + 3, device = 5;
	struct softkey k;
	bool ours, theirs;

	soft_make(&k, type);
	make(&s, x->h, &k, &(struct softtwist){ 0 }, "sha512");
	agree(x, ew_buf_str(&s.blob), true, type->name, "a good signature");
	test_allowed(x, &k, ew_buf_str(&s.blob));
	ask(&ours, &theirs, x, ew_buf_str(&s.blob), "file");
	ok(!ours && !theirs, "%s: under another namespace it is refused by both", type->name);
	test_flips(x, &s, 0, version, 8, type->name, "what precedes the key");
	test_flips(x, &s, s.key, s.tail, 8 * (s.tail - s.key) / FLIPS + 1, type->name, "the key");
	test_flips(x, &s, s.tail, s.blob.len, 8 * (s.blob.len - s.tail) / FLIPS + 1, type->name,
		"the rest");
	if (type->device) {
		test_flips(x, &s, s.blob.len - device, s.blob.len, 1, type->name, "flags and counter");
		test_flips(x, &s, s.tail - 4, s.tail, 1, type->name, "the application");
	}
	s.blob.p[version] = 0;
	stricter(x, ew_buf_str(&s.blob), type->name, "version 0");
	make(&s, x->h, &k, &(struct softtwist){ 0 }, "sha256");
	agree(x, ew_buf_str(&s.blob), true, type->name, "SHA-256 of the message");
	test_twists(x, &k);
	ew_buf_release(&s.blob);
	soft_free(&k);
}

/* Sizes of RSA, of which ssh-keygen takes more. */
static void
test_small_rsa(struct fixture *x)
{
	const struct softtype small = { "ssh-rsa", .digest = "SHA512", .form = "rsa-sha2-512",
		.rsa_bits = 1024 };
	struct signature s = { { 0 }, 0, 0 };
	struct softkey k;

	soft_make(&k, &small);
	make(&s, x->h, &k, &(struct softtwist){ 0 }, "sha512");
	stricter(x, ew_buf_str(&s.blob), "ssh-rsa", "a key of 1024 bits");
	ew_buf_release(&s.blob);
	soft_free(&k);
}

int
main(void)
{
	struct ew_err err = { 0 };
	struct fixture x = { 0 };
	struct ew_buf path = { 0 };

	if (!sample_have("ssh-keygen")) {
		tap_skip("no ssh-keygen");
		return tap_done();
	}
	if (!ok(ew_hash_open(&x.h, &err) == EW_OK && sample_dir(x.dir), "start: %s", err.msg))
		return tap_done();
	sample_file(&path, x.dir, "m", message);
	for (size_t i = 0; i < SOFTTYPES; i++)
		test_type(&x, &softtypes[i]);
	test_small_rsa(&x);
	ok(x.asked > 700, "%zu signatures were looked at", x.asked);
	ew_hash_free(x.h);
	sample_remove_dir(x.dir);
	ew_buf_release(&path);
	return tap_done();
}
