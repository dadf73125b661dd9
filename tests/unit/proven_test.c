/* SPDX-License-Identifier: Apache-2.0 */
/* What proofs prove: against pins, against signers, and not after one bit of them was changed. */
#include "ops/proven.h"
#include "tests/lib/proofsample.h"
#include "tests/lib/tap.h"

enum { TIME = 1767225600, EXPIRES = 1893456000 };

struct fixture {
	struct ew_hash *hash;
	struct sample_set set, other; /* other: one label more */
	struct ew_signer *signer, *stranger;
	struct ew_buf signers; /* tester@example.org with the signer's key */
	struct ew_statement release, unsigned_by_us, expiring;
	char dir[64];
	struct ew_err err;
};

/* What a proof is checked against; absent or NULL: not given. */
struct against {
	const struct sample_set *pin;
	bool answers;
	struct ew_str signers;
	int64_t now;
};

static void
judge(struct ew_proven *out, const struct fixture *f, struct ew_str proof, const struct against *a)
{
	struct ew_buf pin = { 0 };
	struct ew_proven_opts opts = { .proof = proof, .signers = a->signers, .now = a->now };
	struct ew_err err = { 0 };

	if (a->pin) {
		ew_pin_write(&pin, a->answers ? &a->pin->pins.answers : &a->pin->pins.records, a->answers);
		opts.pin = ew_buf_str(&pin);
	}
	if (ew_proof_verify(out, f->hash, &opts, &err) != EW_OK)
		ok(false, "looked at: %s", err.msg);
	ew_buf_release(&pin);
}

static struct ew_str
or_none(struct ew_str s)
{
	return s.p ? s : EW_LIT("-");
}

/* `says`: what, id, split, release, signer, labels; then the pins that are proven, r and a. */
static void
good(const struct fixture *f, const struct ew_proof *p, const struct against *a, const char *says)
{
	static const char *const word[] = { "record", "answer", "absence" };
	struct ew_buf bytes = { 0 }, got = { 0 };
	struct ew_proven v;

	ew_proof_write(&bytes, p);
	judge(&v, f, ew_buf_str(&bytes), a);
	ok(v.good && !v.problem.p, "good %.*s", EW_FMT(v.problem));
	ew_buf_addf(&got, "%s %.*s %.*s %.*s %.*s %llu %s%s", word[v.what], EW_FMT(v.id), EW_FMT(or_none(v.split)),
		EW_FMT(or_none(v.release)), EW_FMT(or_none(v.signer)), (unsigned long long)v.labels,
		v.records.p ? "r" : "", v.answers.p ? "a" : "");
	is_str(ew_buf_str(&got), says, "as it says");
	ok(!v.release.p == !v.dataset.p, "a release of a data set");
	ew_proven_release(&v);
	ew_buf_release(&bytes);
	ew_buf_release(&got);
}

static void
bad(const struct fixture *f, const struct ew_proof *p, const struct against *a, const char *problem)
{
	struct ew_buf bytes = { 0 };
	struct ew_proven v;

	ew_proof_write(&bytes, p);
	judge(&v, f, ew_buf_str(&bytes), a);
	ok(!v.good && ew_str_starts(v.problem, problem), "not good: %.*s", EW_FMT(v.problem));
	ok(!v.id.p && !v.records.p && !v.answers.p && !v.release.p && v.labels == 0, "and nothing is said of it");
	ew_proven_release(&v);
	ew_buf_release(&bytes);
}

static void
test_pins(struct fixture *f)
{
	const struct against records = { .pin = &f->set }, answers = { .pin = &f->set, .answers = true },
		other = { .pin = &f->other };
	struct ew_proof p = sample_proof(&f->set, EW_LIT("id/0"), false);

	good(f, &p, &records, "record id/0 test - - 45 r");
	bad(f, &p, &other, "these are not the pinned labels: ewr1:");
	bad(f, &p, &answers, "it leads to a pin of records, not of answers; make it with --answers");
	p.release = f->release;
	good(f, &p, &records, "record id/0 test - - 45 r");
	bad(f, &p, &answers, "it leads to a pin of records, not of answers; make it with --answers");
	p = sample_proof(&f->set, EW_LIT("id/0"), true);
	good(f, &p, &answers, "answer id/0 test - - 45 a");
	bad(f, &p, &records, "it leads to a pin of answers, not of records; make it without --answers");
	p = sample_proof(&f->set, EW_LIT("id/40"), false);
	good(f, &p, &records, "absence id/40 - - - 45 r");
	bad(f, &p, &other, "these are not the pinned labels: ewr1:");
	p = sample_proof(&f->other, EW_LIT("id/40"), false);
	good(f, &p, &other, "record id/40 test - - 46 r");
	bad(f, &p, &records, "these are not the pinned labels: ewr1:");
}

/* The signers file with something in place of the principal, or of the options. */
static struct ew_buf
signers_but(const struct fixture *f, const char *principal, const char *options)
{
	struct ew_str rest = ew_buf_str(&f->signers);
	struct ew_buf b = { 0 };

	ew_str_cut(&rest, ' ');
	ew_str_cut(&rest, ' ');
	ew_buf_addf(&b, "%s %s %.*s", principal, options, EW_FMT(rest));
	return b;
}

static void
test_one_signers(struct fixture *f, const char *principal, const char *options, const char *problem)
{
	struct ew_buf signers = signers_but(f, principal, options);
	const struct against a = { .signers = ew_buf_str(&signers) };
	struct ew_proof p = sample_proof(&f->set, EW_LIT("id/0"), false);

	p.release = f->release;
	if (problem)
		bad(f, &p, &a, problem);
	else
		good(f, &p, &a, "record id/0 test v1.1 tester@example.org 45 ra");
	ew_buf_release(&signers);
}

static void
test_signers(struct fixture *f)
{
	struct against a = { .signers = ew_buf_str(&f->signers) };
	struct ew_proof p = sample_proof(&f->set, EW_LIT("id/0"), false);

	bad(f, &p, &a, "it carries no release; hold it against a pin");
	p.release = f->unsigned_by_us;
	bad(f, &p, &a, "release v1.1: signed with a key that is none of the signers'");
	p.release = f->release;
	good(f, &p, &a, "record id/0 test v1.1 tester@example.org 45 ra");
	a.pin = &f->set;
	good(f, &p, &a, "record id/0 test v1.1 tester@example.org 45 ra");
	a.answers = true;
	good(f, &p, &a, "record id/0 test v1.1 tester@example.org 45 ra");
	a.pin = &f->other;
	bad(f, &p, &a, "these are not the pinned labels: ewa1:");
	a.answers = false;
	bad(f, &p, &a, "these are not the pinned labels: ewr1:");
	a.pin = NULL;
	p = sample_proof(&f->other, EW_LIT("id/0"), false);
	p.release = f->release; /* of other labels */
	bad(f, &p, &a, "release v1.1: signature: the signature does not verify");
	p = sample_proof(&f->set, EW_LIT("id/40"), true);
	p.release = f->release;
	good(f, &p, &a, "absence id/40 - v1.1 tester@example.org 45 ra");
	test_one_signers(f, "other@example.org", "namespaces=\"git\"",
		"release v1.1: signed with the key of other@example.org in the name of tester@example.org");
	test_one_signers(f, "tester@example.org", "valid-before=\"20251231Z\"",
		"release v1.1: signed outside the time for which the key of tester@example.org is valid");
	test_one_signers(f, "tester@example.org", "valid-after=\"20260102Z\"",
		"release v1.1: signed outside the time for which the key of tester@example.org is valid");
	test_one_signers(f, "tester@example.org", "valid-after=\"20251231Z\",valid-before=\"20251231235959Z\"",
		"release v1.1: signed outside");
	test_one_signers(f, "tester@example.org", "valid-after=\"20251231Z\",valid-before=\"20260101Z\"", NULL);
}

static void
test_expires(struct fixture *f)
{
	struct against a = { .signers = ew_buf_str(&f->signers), .now = EXPIRES };
	struct ew_proof p = sample_proof(&f->set, EW_LIT("id/0"), false);

	p.release = f->expiring;
	good(f, &p, &a, "record id/0 test v1.1 tester@example.org 45 ra");
	a.now++;
	bad(f, &p, &a, "release v1.1: expired on 2030-01-01T00:00:00Z; have a newer one");
	a.signers = (struct ew_str){ NULL, 0 };
	a.pin = &f->set;
	good(f, &p, &a, "record id/0 test - - 45 r");
}

static void
refused(const struct fixture *f, const struct ew_proven_opts *opts, enum ew_code code, const char *why)
{
	struct ew_err err = { 0 };
	struct ew_proven v;

	is_int(ew_proof_verify(&v, f->hash, opts, &err), code, "refused");
	is_str(ew_str(err.msg), why, "with the reason");
	ew_proven_release(&v);
}

static void
test_usage(const struct fixture *f)
{
	refused(f, &(struct ew_proven_opts){ .proof = EW_LIT("{}") }, EW_USAGE,
		"a proof proves nothing by itself; give a pin or signers");
	refused(f, &(struct ew_proven_opts){ .pin = EW_LIT("x") }, EW_USAGE,
		"'x' is not a pin; one begins with ewr1: or ewa1:, see ellwand pin");
	refused(f, &(struct ew_proven_opts){ .pin = EW_LIT("ewr1:") }, EW_REFUSED,
		"'ewr1:' is no whole pin; after ewr1: stand 64 lower-case hex digits");
	refused(f, &(struct ew_proven_opts){ .signers = EW_LIT("") }, EW_REFUSED,
		"signers: no key in it; add a line EMAIL namespaces=\"git\" KEY");
}

/* One bit after another, and what is left of it at each length. */
static void
test_spoilt(const struct fixture *f, const struct ew_proof *p, const struct against *a, const char *what)
{
	struct ew_buf bytes = { 0 };
	struct ew_proven v;
	size_t accepted = 0;

	ew_proof_write(&bytes, p);
	judge(&v, f, ew_buf_str(&bytes), a);
	ok(v.good, "%s, of %zu bytes", what, bytes.len);
	ew_proven_release(&v);
	for (size_t i = 0; i < 8 * bytes.len; i++) {
		bytes.p[i / 8] ^= (char)(1 << i % 8);
		judge(&v, f, ew_buf_str(&bytes), a);
		if (v.good)
			printf("# bit %zu of byte %zu: %.*s\n", i % 8, i / 8, EW_FMT(ew_str_part(ew_buf_str(&bytes),
				i / 8 < 40 ? 0 : i / 8 - 40, i / 8 + 40)));
		accepted += v.good;
		ew_proven_release(&v);
		bytes.p[i / 8] ^= (char)(1 << i % 8);
	}
	for (size_t n = 0; n < bytes.len; n++) {
		judge(&v, f, ew_str_part(ew_buf_str(&bytes), 0, n), a);
		accepted += v.good;
		ew_proven_release(&v);
	}
	is_int(accepted, 0, "no bit of it can change, and no byte can go");
	ew_buf_release(&bytes);
}

static void
test_all_spoilt(struct fixture *f)
{
	const struct against records = { .pin = &f->set }, answers = { .pin = &f->set, .answers = true },
		signers = { .signers = ew_buf_str(&f->signers) };
	struct ew_proof p = sample_proof(&f->set, EW_LIT("id/0"), false);

	test_spoilt(f, &p, &records, "a record");
	p.release = f->expiring;
	test_spoilt(f, &p, &signers, "that of a release");
	test_spoilt(f, &p, &records, "the same against a pin");
	p = sample_proof(&f->set, EW_LIT("t/1"), true);
	test_spoilt(f, &p, &answers, "an answer");
	p = sample_proof(&f->set, EW_LIT("t/9"), false);
	test_spoilt(f, &p, &records, "absence");
	p.release = f->release;
	test_spoilt(f, &p, &signers, "absence in a release");
}

static struct ew_signer *
open_signer(struct fixture *f, unsigned char first)
{
	struct ew_buf text = { 0 }, path = { 0 };
	struct ew_signer *s = NULL;

	sample_private(&text, first, &(struct sample_twist){ 0 });
	(void)!ew_signer_open(&s, &(struct ew_signer_opts){ .key = sample_file(&path, f->dir, "key", ew_buf_str(&text)) }, &f->err);
	ew_buf_release(&text);
	ew_buf_release(&path);
	return s;
}

static bool
set_up(struct fixture *f)
{
	static const unsigned labels[SAMPLE_SPLITS] = { 40, 5 }, more[SAMPLE_SPLITS] = { 41, 5 };

	if (ew_hash_open(&f->hash, &f->err) != EW_OK || !sample_dir(f->dir) || !(f->signer = open_signer(f, 1)) ||
	    !(f->stranger = open_signer(f, 2)))
		return false;
	sample_set_make(&f->set, f->hash, labels);
	sample_set_make(&f->other, f->hash, more);
	ew_buf_adds(&f->signers, "tester@example.org namespaces=\"git\" ");
	sample_public(&f->signers, 1);
	ew_buf_addc(&f->signers, '\n');
	return sample_release(&f->release, &f->set, f->signer, TIME, 0, &f->err) == EW_OK &&
		sample_release(&f->unsigned_by_us, &f->set, f->stranger, TIME, 0, &f->err) == EW_OK &&
		sample_release(&f->expiring, &f->set, f->signer, TIME, EXPIRES, &f->err) == EW_OK;
}

int
main(void)
{
	static struct fixture f;

	if (!ok(set_up(&f), "two data sets and their releases: %s", f.err.msg))
		return tap_done();
	test_pins(&f);
	test_signers(&f);
	test_expires(&f);
	test_usage(&f);
	test_all_spoilt(&f);
	ew_signer_free(f.signer);
	ew_signer_free(f.stranger);
	ew_buf_release(&f.signers);
	ew_arena_release(&f.set.arena);
	ew_arena_release(&f.other.arena);
	sample_remove_dir(f.dir);
	ew_hash_free(f.hash);
	return tap_done();
}
