/* SPDX-License-Identifier: Apache-2.0 */
/* Every type of key: what is a key of it, and what is a signature by it. */
#include "codec/sshkey.h"
#include "tests/lib/softkey.h"
#include "tests/lib/tap.h"

#define MESSAGE EW_LIT("hello")

static enum ew_code
parse(struct ew_sshkey *out, struct ew_str blob, struct ew_err *err)
{
	ew_err_clear(err);
	return ew_sshkey_parse(out, blob, err);
}

static enum ew_code
verify(const struct softkey *k, struct ew_str signature, struct ew_str message, struct ew_err *err)
{
	struct ew_sshkey key;

	if (parse(&key, ew_buf_str(&k->blob), err) != EW_OK)
		return err->code;
	return ew_sshkey_verify(&key, signature, message, err);
}

/* --- public keys --- */

/* The blob is refused, with this in the message. */
static void
no_key(struct ew_str blob, const char *message, const char *what)
{
	struct ew_err err = { 0 };
	struct ew_sshkey key;

	is_int(parse(&key, blob, &err), EW_REFUSED, "%s: refused", what);
	ok(strstr(err.msg, message) && key.len == 0, "%s: says '%s'", what, err.msg);
}

/* Every beginning of a blob, and the blob with a byte more. */
static void
test_cut(const struct softkey *k)
{
	struct ew_buf b = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key;
	size_t accepted = 0;

	for (size_t n = 0; n < k->blob.len; n++)
		accepted += parse(&key, ew_str_part(ew_buf_str(&k->blob), 0, n), &err) != EW_REFUSED;
	ew_buf_add(&b, ew_buf_str(&k->blob));
	ew_buf_addc(&b, '\0');
	accepted += parse(&key, ew_buf_str(&b), &err) != EW_REFUSED;
	is_int(accepted, 0, "%s: neither a part of a key nor more than one is a key", k->type->name);
	ew_buf_release(&b);
}

/* A key of a curve whose blob has this for its point. */
static void
no_point(const struct softkey *k, struct ew_str curve, struct ew_str point, const char *what)
{
	struct ew_buf b = { 0 };
	char message[80];

	ew_sshbuf_add(&b, ew_str(k->type->name));
	ew_sshbuf_add(&b, curve);
	ew_sshbuf_add(&b, point);
	if (k->type->device)
		ew_sshbuf_add(&b, EW_LIT("ssh:"));
	snprintf(message, sizeof message, "malformed %s key; copy it again", k->type->name);
	no_key(ew_buf_str(&b), message, what);
	ew_buf_release(&b);
}

static void
test_points(const struct softkey *k)
{
	const struct ew_str curve = ew_str(k->type->curve);
	unsigned char point[140], small[70];
	size_t len, half;

	soft_must(EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
			  &len) == 1);
	half = len / 2;
	no_point(k, EW_LIT("nistp224"), ew_str_n(point, len), "the name of another curve");
	no_point(k, EW_LIT("P-256"), ew_str_n(point, len), "the curve's other name");
	no_point(k, curve, ew_str_n(point, len - 1), "a point too short");
	no_point(k, curve, EW_LIT("\0"), "the point at infinity");
	memcpy(small, point, 1 + half);
	small[0] = (unsigned char)(2 + (point[len - 1] & 1));
	no_point(k, curve, ew_str_n(small, 1 + half), "a compressed point");
	point[0] = (unsigned char)(6 + (point[len - 1] & 1));
	no_point(k, curve, ew_str_n(point, len), "a point in the hybrid form");
	point[0] = 0;
	no_point(k, curve, ew_str_n(point, len), "a point in no form");
	point[0] = 4;
	point[len - 1] ^= 1;
	no_point(k, curve, ew_str_n(point, len), "a point beside the curve");
	memset(point + 1, 0, len - 1);
	no_point(k, curve, ew_str_n(point, len), "zero, in the form of a point");
	memset(point + 1, 0xff, len - 1);
	no_point(k, curve, ew_str_n(point, len), "coordinates that are not reduced");
}

/* x + p in place of x, where there is room for it: the same point to who reduces it. */
static void
test_unreduced(void)
{
	/* (5, y) is on P-256; with p + 5 it would be again. */
	static const char y[] = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
	static const char x[] = "ffffffff00000001000000000000000000000001000000000000000000000004";
	struct softkey k = { .type = &softtypes[SOFT_P256] };
	unsigned char point[65] = { 4 };
	struct ew_buf b = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key;

	soft_must(ew_unhex(point + 33, 32, ew_str(y)));
	point[32] = 5;
	ew_sshbuf_add(&b, ew_str(k.type->name));
	ew_sshbuf_add(&b, ew_str(k.type->curve));
	ew_sshbuf_add(&b, ew_str_n(point, 65));
	is_int(parse(&key, ew_buf_str(&b), &err), EW_OK, "a point with a small x: %s", err.msg);
	soft_must(ew_unhex(point + 1, 32, ew_str(x)));
	no_point(&k, ew_str(k.type->curve), ew_str_n(point, 65), "the same with p added to x");
	ew_buf_release(&b);
}

/* An RSA key of these two numbers, as they stand in the blob. */
static void
rsa_blob(struct ew_buf *out, struct ew_str e, struct ew_str n)
{
	ew_buf_clear(out);
	ew_sshbuf_add(out, EW_LIT("ssh-rsa"));
	ew_sshbuf_add(out, e);
	ew_sshbuf_add(out, n);
}

/* A modulus of so many bits, all of them ones but for what `last` says of the end. */
static struct ew_str
modulus(unsigned char bytes[1100], size_t bits, unsigned char last)
{
	size_t len = (bits + 7) / 8, at = bits % 8 == 0;

	memset(bytes, 0xff, len + 1);
	if (at)
		bytes[0] = 0;
	else
		bytes[0] = (unsigned char)(0xff >> (8 - bits % 8));
	bytes[len + at - 1] = last;
	return ew_str_n(bytes, len + at);
}

static void
test_rsa_keys(void)
{
	static const struct {
		size_t bits;
		bool good;
	} size[] = { { 1024, false }, { 2047, false }, { 2048, true }, { 2049, true }, { 4096, true },
		{ 8191, true }, { 8192, true }, { 8193, false } };
	const struct ew_str e = EW_LIT("\1\0\1");
	unsigned char n[1100];
	struct ew_buf b = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key;
	char message[80];

	for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
		rsa_blob(&b, e, modulus(n, size[i].bits, 0xff));
		snprintf(message, sizeof message, "an RSA key of %zu bits; use one of 2048 to 8192 bits",
			size[i].bits);
		if (size[i].good)
			is_int(parse(&key, ew_buf_str(&b), &err), EW_OK, "%zu bits: %s", size[i].bits,
				err.msg);
		else
			no_key(ew_buf_str(&b), message, message);
	}
	rsa_blob(&b, EW_LIT("\3"), modulus(n, 2048, 0xff));
	is_int(parse(&key, ew_buf_str(&b), &err), EW_OK, "the exponent 3: %s", err.msg);
	rsa_blob(&b, EW_LIT("\0\xff\xff\xff\xff\xff\xff\xff\xff"), modulus(n, 2048, 0xff));
	is_int(parse(&key, ew_buf_str(&b), &err), EW_OK, "an exponent of 64 bits: %s", err.msg);
	rsa_blob(&b, EW_LIT("\1\0\0\0\0\0\0\0\1"), modulus(n, 2048, 0xff));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "an exponent of 65 bits");
	rsa_blob(&b, EW_LIT("\1"), modulus(n, 2048, 0xff));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "the exponent 1");
	rsa_blob(&b, EW_LIT("\1\0\2"), modulus(n, 2048, 0xff));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "an even exponent");
	rsa_blob(&b, EW_LIT(""), modulus(n, 2048, 0xff));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "the exponent 0");
	rsa_blob(&b, EW_LIT("\0\1\0\1"), modulus(n, 2048, 0xff));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "an exponent with a zero before it");
	rsa_blob(&b, EW_LIT("\x81\0\1"), modulus(n, 2048, 0xff));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "a negative exponent");
	rsa_blob(&b, e, modulus(n, 2048, 0xfe));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "an even modulus");
	modulus(n, 2048, 0xff);
	rsa_blob(&b, e, ew_str_n(n + 1, 256));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "a negative modulus");
	memset(n, 0, 2);
	memset(n + 2, 0x7f, 256);
	rsa_blob(&b, e, ew_str_n(n + 1, 257));
	no_key(ew_buf_str(&b), "malformed ssh-rsa key", "a modulus with a zero before it");
	ew_buf_release(&b);
}

static void
test_applications(const struct softkey *k)
{
	static const struct {
		struct ew_str text;
		bool good;
	} application[] = { { EW_LIT_INIT("ssh:"), true }, { EW_LIT_INIT(""), true },
		{ EW_LIT_INIT("ssh:me@example.org"), true }, { EW_LIT_INIT("ssh:\xc3\xa9"), true },
		{ EW_LIT_INIT("ssh:\0"), false }, { EW_LIT_INIT("ssh:\0x"), false },
		{ EW_LIT_INIT("ssh:\n"), false }, { EW_LIT_INIT("\x7f"), false } };
	const struct ew_str head = ew_str_part(ew_buf_str(&k->blob), 0, k->blob.len - 8);
	struct ew_buf b = { 0 };
	struct ew_err err = { 0 };
	struct ew_sshkey key;

	for (size_t i = 0; i < sizeof application / sizeof application[0]; i++) {
		ew_buf_clear(&b);
		ew_buf_add(&b, head);
		ew_sshbuf_add(&b, application[i].text);
		if (application[i].good)
			is_int(parse(&key, ew_buf_str(&b), &err), EW_OK, "%s: application %zu: %s",
				k->type->name, i, err.msg);
		else
			no_key(ew_buf_str(&b), "malformed sk-", "an application with control bytes");
	}
	ew_buf_clear(&b);
	ew_buf_add(&b, head);
	no_key(ew_buf_str(&b), "malformed sk-", "no application");
	ew_buf_release(&b);
}

/* --- signatures --- */

static void
refused(const struct softkey *k, const struct softtwist *t, const char *message)
{
	struct ew_buf sig = { 0 };
	struct ew_err err = { 0 };

	soft_sign(&sig, k, MESSAGE, t);
	is_int(verify(k, ew_buf_str(&sig), MESSAGE, &err), EW_NO, "%s: refused", k->type->name);
	ok(strstr(err.msg, message) != NULL, "%s: says '%s'", k->type->name, err.msg);
	ew_buf_release(&sig);
}

static void
accepted(const struct softkey *k, const struct softtwist *t, const char *what)
{
	struct ew_buf sig = { 0 };
	struct ew_err err = { 0 };

	soft_sign(&sig, k, MESSAGE, t);
	is_int(verify(k, ew_buf_str(&sig), MESSAGE, &err), EW_OK, "%s: %s: %s", k->type->name, what,
		err.msg);
	ew_buf_release(&sig);
}

/* No bit may change, and no byte be missing. */
static void
test_flips(const struct softkey *k)
{
	struct ew_buf sig = { 0 };
	struct ew_err err = { 0 };
	size_t wrong = 0;

	soft_sign(&sig, k, MESSAGE, &(struct softtwist){ 0 });
	is_int(verify(k, ew_buf_str(&sig), MESSAGE, &err), EW_OK, "%s: a good signature: %s",
		k->type->name, err.msg);
	is_int(verify(k, ew_buf_str(&sig), EW_LIT("hellp"), &err), EW_NO, "not of another message");
	for (size_t i = 0; i < 8 * sig.len; i++) {
		sig.p[i / 8] = (char)(sig.p[i / 8] ^ 1 << i % 8);
		wrong += verify(k, ew_buf_str(&sig), MESSAGE, &err) != EW_NO;
		sig.p[i / 8] = (char)(sig.p[i / 8] ^ 1 << i % 8);
	}
	is_int(wrong, 0, "no single bit of %zu bytes may change", sig.len);
	for (size_t n = 0; n < sig.len; n++)
		wrong += verify(k, ew_str_part(ew_buf_str(&sig), 0, n), MESSAGE, &err) != EW_NO;
	is_int(wrong, 0, "nor any byte at the end be missing");
	ew_buf_release(&sig);
}

/* A signature says of which type it is, and is read as no other. */
static void
test_names(const struct softkey *k, const struct softkey *other)
{
	static const char type[] = "is of another type than its key";

	refused(k, &(struct softtwist){ .form = other->type->form }, type);
	refused(k, &(struct softtwist){ .form = "" }, type);
	refused(k, &(struct softtwist){ .form = "ssh-rsa" }, type);
	refused(k, &(struct softtwist){ .form = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" }, type);
	if (!k->type->device)
		refused(k, &(struct softtwist){ .after = "x" },
			k->type->group  ? "is not two numbers in their shortest form"
			: k->type->rsa_bits ? "is not as long as its key"
					    : "is not 64 bytes long");
}

static void
test_ecdsa(const struct softkey *k)
{
	static const char numbers[] = "is not two numbers in their shortest form";

	accepted(k, &(struct softtwist){ .high_s = true }, "the larger s");
	accepted(k, &(struct softtwist){ .low_s = true }, "the smaller s");
	refused(k, &(struct softtwist){ .long_r = true }, numbers);
	refused(k, &(struct softtwist){ .zero_r = true }, numbers);
	refused(k, &(struct softtwist){ .r_is_order = true }, "does not verify");
	refused(k, &(struct softtwist){ .inside = "x" }, numbers);
	refused(k, &(struct softtwist){ .digest = "SHA224" }, "does not verify");
	for (size_t tries = 0; tries < 64; tries++) { /* half of the numbers begin with a one */
		struct ew_buf sig = { 0 };
		struct ew_err err = { 0 };

		soft_sign(&sig, k, MESSAGE, &(struct softtwist){ .negative_r = true });
		if (verify(k, ew_buf_str(&sig), MESSAGE, &err) != EW_OK) {
			ok(strstr(err.msg, numbers) != NULL, "a negative r: says '%s'", err.msg);
			tries = 64;
		}
		ew_buf_release(&sig);
	}
}

static void
test_rsa(const struct softkey *k)
{
	accepted(k, &(struct softtwist){ .form = "rsa-sha2-256", .digest = "SHA256" }, "SHA-256");
	refused(k, &(struct softtwist){ .form = "rsa-sha2-256" }, "does not verify");
	refused(k, &(struct softtwist){ .digest = "SHA256" }, "does not verify");
	refused(k, &(struct softtwist){ .form = "ssh-rsa", .digest = "SHA1" },
		"is of another type than its key");
	refused(k, &(struct softtwist){ .cut = 1 }, "is not as long as its key");
	refused(k, &(struct softtwist){ .inside = "x" }, "is not as long as its key");
}

static void
test_device(const struct softkey *k)
{
	static const char touch[] = "was made without anybody touching its device";

	accepted(k, &(struct softtwist){ .flags = 1 + 5 }, "presence and verification");
	accepted(k, &(struct softtwist){ .flags = 1 + 0xff }, "all flags");
	accepted(k, &(struct softtwist){ .counter = 0xffffffff }, "any counter");
	refused(k, &(struct softtwist){ .flags = 1 + 0 }, touch);
	refused(k, &(struct softtwist){ .flags = 1 + 4 }, touch);
	refused(k, &(struct softtwist){ .flags = 1 + 0xfe }, touch);
	refused(k, &(struct softtwist){ .no_device = true }, "lacks the flags and the counter");
	refused(k, &(struct softtwist){ .after = "x" }, k->type->group ? "two numbers" : "64 bytes");
}

/* The same key under another application is another key. */
static void
test_other_application(struct softkey *k)
{
	struct ew_buf sig = { 0 };
	struct ew_err err = { 0 };

	soft_sign(&sig, k, MESSAGE, &(struct softtwist){ 0 });
	k->blob.p[k->blob.len - 1] = ';';
	is_int(verify(k, ew_buf_str(&sig), MESSAGE, &err), EW_NO, "%s: of another application",
		k->type->name);
	ok(strstr(err.msg, "does not verify") != NULL, "says '%s'", err.msg);
	ew_buf_release(&sig);
}

static void
test_type(const struct softtype *type, const struct softkey *other)
{
	struct softkey k;

	soft_make(&k, type);
	test_cut(&k);
	test_flips(&k);
	test_names(&k, other);
	if (type->group) {
		test_points(&k);
		test_ecdsa(&k);
	}
	if (type->rsa_bits)
		test_rsa(&k);
	if (type->device) {
		test_applications(&k);
		test_device(&k);
		test_other_application(&k);
	}
	soft_free(&k);
}

int
main(void)
{
	struct softkey other[2];

	soft_make(&other[0], &softtypes[SOFT_P256]);
	soft_make(&other[1], &softtypes[SOFT_P384]);
	for (size_t i = 0; i < SOFTTYPES; i++)
		test_type(&softtypes[i], &other[i == SOFT_P256]);
	test_unreduced();
	test_rsa_keys();
	soft_free(&other[0]);
	soft_free(&other[1]);
	return tap_done();
}
