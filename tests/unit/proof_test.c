/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs as bytes: what is written leads to the pins, and whatever else they may be is refused. */
#include "tests/lib/proofsample.h"
#include "tests/lib/tap.h"

static struct ew_hash *hash;

/* Whether its bytes parse to what it is of, and lead to the set's pins. */
static bool
leads(const struct sample_set *s, const struct ew_proof *p)
{
	struct ew_buf bytes = { 0 };
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_proof got;
	bool good;

	ew_proof_write(&bytes, p);
	good = ew_proof_parse(&got, &arena, hash, ew_buf_str(&bytes), &err) == EW_OK &&
		ew_str_eq(got.id, p->id) && ew_str_eq(got.label, p->label) && !got.label.p == !p->label.p &&
		got.answers == p->answers && got.pins.count == s->pins.count &&
		(p->answers ? ew_sha256_eq(&got.pins.answers, &s->pins.answers)
			    : ew_sha256_eq(&got.pins.records, &s->pins.records)) &&
		ew_str_eq(ew_proof_split(&got), ew_proof_split(p));
	if (!good)
		printf("# %s\n# %.*s\n", err.msg, EW_FMT(ew_buf_str(&bytes)));
	ew_buf_release(&bytes);
	ew_arena_release(&arena);
	return good;
}

static void
test_sizes(unsigned test, unsigned train)
{
	const unsigned labels[SAMPLE_SPLITS] = { test, train };
	static struct sample_set s;
	unsigned good = 0, asked = 0;

	sample_set_make(&s, hash, labels);
	for (unsigned answers = 0; answers < 2; answers++)
		for (unsigned k = 0; k < SAMPLE_SPLITS; k++)
			for (unsigned i = 0; i < labels[k] + 20; i++, asked++) {
				struct ew_proof p = sample_proof(&s, sample_id(&s.arena, k, i), answers);

				good += !p.label.p == (i >= labels[k]) && leads(&s, &p);
			}
	is_int(good, asked, "%u and %u labels: all that are there, and some that are not", test, train);
	ew_arena_release(&s.arena);
}

/* --- refusals --- */

/* The bytes with `from` replaced by `to`, wherever it stands. */
static void
replace(struct ew_buf *out, struct ew_str bytes, const char *from, const char *to)
{
	const size_t n = strlen(from);
	size_t hits = 0;

	for (size_t i = 0; i < bytes.len;) {
		if (ew_str_starts(ew_str_part(bytes, i, bytes.len), from)) {
			ew_buf_adds(out, to);
			i += n;
			hits++;
		} else {
			ew_buf_addc(out, bytes.p[i++]);
		}
	}
	ok(hits > 0, "there is something to replace: %s", from);
}

static void
refused(struct ew_str bytes, const char *why)
{
	struct ew_arena arena = { 0 };
	struct ew_err err = { 0 };
	struct ew_proof got;

	is_int(ew_proof_parse(&got, &arena, hash, bytes, &err), EW_REFUSED, "refused");
	is_str(ew_str(err.msg), why, "with the reason");
	ew_arena_release(&arena);
}

static void
refuse(struct ew_str bytes, const char *from, const char *to, const char *why)
{
	struct ew_buf changed = { 0 };

	replace(&changed, bytes, from, to);
	refused(ew_buf_str(&changed), why);
	ew_buf_release(&changed);
}

/* A proof of a label among three of "test" and one of "train", as a text to be spoilt. */
static void
write_sample(struct ew_buf *out, struct sample_set *s, const char *id, bool answers)
{
	const unsigned labels[SAMPLE_SPLITS] = { 3, 1 };
	struct ew_proof p;

	ew_arena_release(&s->arena);
	sample_set_make(s, hash, labels);
	p = sample_proof(s, ew_str(id), answers);
	ew_proof_write(out, &p);
}

#define CANONICAL "proof: not in canonical form; write it as RFC 8785 says"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void
test_members(void)
{
	static struct sample_set s;
	struct ew_buf b = { 0 };
	struct ew_str text;

	write_sample(&b, &s, "id/0", false);
	text = ew_buf_str(&b);
	refused(EW_LIT(""), "proof: offset 0: empty; give one JSON document");
	refused(EW_LIT("[]"), "proof: must be an object");
	refused(EW_LIT("{}"), "proof: schema is missing; add it");
	refuse(text, "proof/1", "proof/2", "proof: schema is not \"proof/1\"; use the program that wrote it");
	refuse(text, ",\"schema\"", ",\"more\":1,\"schema\"", "proof: member \"more\" is not known; remove it");
	refuse(text, "{\"label\"", "{\"id\":\"id/0\",\"label\"", "proof: it is of a label or of an id, and of one of them");
	refuse(text, "\"trie\":\"records\"", "\"trie\":\"Records\"", "proof: trie must be records or answers");
	refuse(text, "\"kind\":\"integer\"", "\"kind\":\"number\"",
		"proof: label: answer: kind must be decimal, integer, date, duration, choice, set or text");
	refuse(text, "{\"label\"", "{ \"label\"", CANONICAL);
	refuse(text, "\"records\"}", "\"records\"}\n", CANONICAL);
	refuse(text, "\"id\":\"id/0\"", "\"id\":\"i\\u0064/0\"", CANONICAL);
	ew_buf_clear(&b);
	for (size_t i = 0; i <= EW_PROOF_MAX; i++)
		ew_buf_addc(&b, ' ');
	refused(ew_buf_str(&b), "proof: over 2 MiB");
	ew_buf_clear(&b);
	write_sample(&b, &s, "id/0", true);
	refuse(ew_buf_str(&b), "\"trie\":\"answers\"", "\"trie\":\"records\"", "proof: label: schema is not \"label/1\"; use the program that wrote it");
	ew_buf_clear(&b);
	write_sample(&b, &s, "id/7", false);
	refuse(ew_buf_str(&b), "\"id\":\"id/7\"", "\"id\":\" \"",
		"proof: id \" \" begins with white space; remove it");
	ew_buf_release(&b);
	ew_arena_release(&s.arena);
}

static void
test_splits(void)
{
	static struct sample_set s;
	struct ew_buf b = { 0 };
	struct ew_str text;

	write_sample(&b, &s, "id/0", false);
	text = ew_buf_str(&b);
	refuse(text, "\"name\":\"test\"", "\"name\":\"Test\"",
		"proof: splits[0]: name is none of a split, or not greater than the one before");
	refuse(text, "\"name\":\"train\"", "\"name\":\"test\"",
		"proof: splits[1]: name is none of a split, or not greater than the one before");
	refuse(text, "\"labels\":1", "\"labels\":0", "proof: splits[1]: labels is not 1 or more");
	refuse(text, "\"labels\":1,", "", "proof: splits[1]: labels is missing; add it");
	refuse(text, "\"labels\":1,\"name\":\"train\",\"records\"", "\"labels\":1,\"name\":\"train\",\"answers\"",
		"proof: splits[1]: records is missing");
	refuse(text, "\"labels\":1,", "\"answers\":\"" ZEROS "\",\"labels\":1,",
		"proof: splits[1]: answers is not to be given here");
	refuse(text, "\"name\":\"test\",", "\"name\":\"test\",\"records\":\"" ZEROS "\",",
		"proof: splits[0]: records is not to be given here");
	refuse(text, "\"train\",\"records\":\"", "\"train\",\"records\":\"0",
		"proof: splits[1]: records is not 64 lower-case hex digits");
	refuse(text, "\"labels\":1,\"name\":\"train\"", "\"labels\":1,\"more\":2,\"name\":\"train\"",
		"proof: splits[1]: member \"more\" is not known; remove it");
	refuse(text, "\"way\":{", "\"way\":{\"leaf\":{\"digest\":\"" ZEROS "\",\"key\":\"" ZEROS "\"},",
		"proof: splits[0]: way: leaf stands in the place of the label");
	ew_buf_clear(&b);
	write_sample(&b, &s, "t/0", false);
	refuse(ew_buf_str(&b), "{\"levels\":\"\",\"siblings\":\"\"}", "{\"levels\":\"1\",\"siblings\":\"\"}",
		"proof: splits[1]: way: siblings are fewer than the levels have");
	refuse(ew_buf_str(&b), "\"labels\":1,", "\"labels\":2,", "proof: splits[1]: way: no trie of 2 labels has this way");
	ew_buf_release(&b);
	ew_arena_release(&s.arena);
}

/* All ways of a proof replaced by one; of "id/0" and of "id/7", which is not there. */
static void
refuse_way(struct ew_str text, const char *way, const char *why)
{
	const char *from = strstr(text.p, "\"way\":{"), *end = strchr(from, '}');
	struct ew_buf b = { 0 };

	if (end[1] == ',') /* it was the leaf's */
		end = strchr(end + 1, '}');
	ew_buf_addmem(&b, text.p, (size_t)(from - text.p));
	ew_buf_addf(&b, "\"way\":{%s}", way);
	ew_buf_adds(&b, end + 1);
	refused(ew_buf_str(&b), why);
	ew_buf_release(&b);
}

#define ONE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="
#define NONE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define TWO "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ=="
#define WAY "proof: splits[0]: way: "

static void
test_ways(void)
{
	static struct sample_set s;
	struct ew_buf b = { 0 }, deep = { 0 };
	struct ew_str text;

	write_sample(&b, &s, "id/0", false);
	text = ew_buf_str(&b);
	refuse_way(text, "\"levels\":\"1\"", WAY "siblings is missing; add it");
	refuse_way(text, "\"levels\":\"2\",\"siblings\":\"" ONE "\"", WAY "levels are not 0 and 1");
	refuse_way(text, "\"levels\":\"1\",\"siblings\":\"AAA\"", WAY "siblings are not whole base64");
	refuse_way(text, "\"levels\":\"1\",\"siblings\":\"AAAA\"", WAY "siblings are fewer than the levels have");
	refuse_way(text, "\"levels\":\"1\",\"siblings\":\"" TWO "\"", WAY "siblings are more than the levels have");
	refuse_way(text, "\"levels\":\"11\",\"siblings\":\"" ONE "\"", WAY "siblings are fewer than the levels have");
	refuse_way(text, "\"levels\":\"1\",\"siblings\":\"" NONE "\"", WAY "a sibling that holds labels is that of none");
	refuse_way(text, "\"levels\":\"\",\"siblings\":\"\"", WAY "no trie of 3 labels has this way");
	refuse_way(text, "\"levels\":\"0\",\"siblings\":\"\"", WAY "no trie of 3 labels has this way");
	refuse_way(text, "\"levels\":\"10\",\"siblings\":\"" ONE "\"", WAY "no trie of 3 labels has this way");
	refuse_way(text, "\"levels\":\"1\",\"more\":1,\"siblings\":\"\"", WAY "member \"more\" is not known; remove it");
	ew_buf_adds(&deep, "\"levels\":\"1");
	for (unsigned i = 0; i < EW_WAY_MAX; i++)
		ew_buf_addc(&deep, '0');
	ew_buf_adds(&deep, "\",\"siblings\":\"" ONE "\"");
	refuse_way(text, deep.p, WAY "levels are more than a key has bits");
	ew_buf_release(&deep);
	ew_buf_release(&b);
	ew_arena_release(&s.arena);
}

/* Ways to where nothing stands, or another label. */
static void
test_leaves(void)
{
	static struct sample_set s;
	struct ew_buf b = { 0 }, way = { 0 };
	struct ew_sha256 key = ew_sha256_str(hash, EW_LIT("id/7"));
	char hex[65];

	write_sample(&b, &s, "id/7", false);
	ew_hex(hex, key.b, sizeof key.b);
	ew_buf_addf(&way, "\"leaf\":{\"digest\":\"" ZEROS "\",\"key\":\"%s\"},\"levels\":\"1\",\"siblings\":\"" ONE "\"", hex);
	refuse_way(ew_buf_str(&b), way.p, WAY "leaf is none that can stand there");
	hex[0] = key.b[0] < 0x80 ? 'f' : '0'; /* another first bit */
	ew_buf_clear(&way);
	ew_buf_addf(&way, "\"leaf\":{\"digest\":\"" ZEROS "\",\"key\":\"%s\"},\"levels\":\"1\",\"siblings\":\"" ONE "\"", hex);
	refuse_way(ew_buf_str(&b), way.p, WAY "leaf is none that can stand there");
	refuse_way(ew_buf_str(&b), "\"leaf\":{\"digest\":\"" ZEROS "\"},\"levels\":\"1\",\"siblings\":\"" ONE "\"",
		WAY "leaf: key is missing; add it");
	refuse_way(ew_buf_str(&b), "\"leaf\":{\"digest\":\"0\",\"key\":\"" ZEROS "\"},\"levels\":\"1\",\"siblings\":\"" ONE "\"",
		WAY "leaf: digest is not 64 lower-case hex digits");
	refuse_way(ew_buf_str(&b), "\"levels\":\"\",\"siblings\":\"\"", WAY "no trie of 3 labels has this way");
	refuse(ew_buf_str(&b), "\"trie\":\"records\"", "\"trie\":\"none\"", "proof: trie must be records or answers");
	ew_buf_release(&way);
	ew_buf_release(&b);
	ew_arena_release(&s.arena);
}

/* A label has one way; what is not there has one in every split. */
static void
test_which_ways(void)
{
	static struct sample_set s;
	struct ew_buf b = { 0 };
	struct ew_proof p;

	write_sample(&b, &s, "id/0", false);
	p = sample_proof(&s, EW_LIT("id/0"), false);
	p.way[0].given = false;
	ew_buf_clear(&b);
	ew_proof_write(&b, &p);
	refused(ew_buf_str(&b), "proof: a label stands in one split, not in 0");
	p = sample_proof(&s, EW_LIT("id/0"), false);
	p.way[1] = sample_proof(&s, EW_LIT("t/0"), false).way[1];
	ew_buf_clear(&b);
	ew_proof_write(&b, &p);
	refused(ew_buf_str(&b), "proof: a label stands in one split, not in 2");
	p = sample_proof(&s, EW_LIT("id/7"), false);
	p.way[1].given = false;
	ew_buf_clear(&b);
	ew_proof_write(&b, &p);
	refused(ew_buf_str(&b), "proof: splits[1]: way is missing");
	ew_buf_release(&b);
	ew_arena_release(&s.arena);
}

/* A statement that is no release's, or not as it would be written, with everything else good. */
static void
test_statement(void)
{
	static const char *const bad[][3] = {
		{ "\"signature\":\"", "\"signature\":\"AAA", "proof: tag: signature is not whole base64" },
		{ "\"signature\":\"", "\"more\":1,\"signature\":\"", "proof: tag: member \"more\" is not known; remove it" },
		{ "\\ntag v1.1", "\\ntype commit\\ntag v1.1", "proof: tag: tag is due where 'type commit' stands; do not use it" },
		{ "\\nSequence: 2", "\\nSequence: 02",
			"proof: tag: release: Ellwand-Sequence is not 1 or more; see LABELS_FORMAT.md section 8" },
		{ "\\nSequence: ", "\\nEllwand-Sequence: ",
			"proof: tag: release: Ellwand-Sequence is missing, or not in its place; see LABELS_FORMAT.md section 8" },
		{ "\\nPolicy: ", "\\nPolicies: ",
			"proof: tag: release: Ellwand-Policy is missing, or not in its place; see LABELS_FORMAT.md section 8" },
		{ "\\nDataset: ", "\\nRecords: ewr1:" ZEROS "\\nDataset: ",
			"proof: tag: release: Ellwand-Dataset is missing, or not in its place; see LABELS_FORMAT.md section 8" },
		{ "\\nSequence: ", "\\nRelease: v1.1\\nSequence: ",
			"proof: tag: release: Ellwand-Sequence is missing, or not in its place; see LABELS_FORMAT.md section 8" },
		{ "\\ntag v1.1", "\\ntag v1.2\\ntag v1.1",
			"proof: tag: tagger is due where 'tag v1.1' stands; do not use it" },
		{ "\\ntag v1.1", "\\ntag w1.1",
			"proof: tag: release: Ellwand-Release is not v1.0 or v1.0.1; see LABELS_FORMAT.md section 8" },
		{ "Second.", "Second.\\u0000", "proof: offset 545: U+0000 cannot be stored; remove it" },
	};
	static struct sample_set s;
	struct ew_buf b = { 0 }, key = { 0 }, text = { 0 };
	struct ew_signer *signer = NULL;
	struct ew_err err = { 0 };
	struct ew_proof p;
	char dir[64];

	write_sample(&b, &s, "id/0", false);
	p = sample_proof(&s, EW_LIT("id/0"), false);
	sample_private(&text, 1, &(struct sample_twist){ 0 });
	if (!sample_dir(dir) ||
	    !ok(ew_signer_open(&signer, &(struct ew_signer_opts){ .key = sample_file(&key, dir, "key", ew_buf_str(&text)) }, &err) == EW_OK &&
			    sample_release(&p.release, &s, signer, 1767225600, 1893456000, &err) == EW_OK,
		    "a release: %s", err.msg))
		return;
	ok(leads(&s, &p), "with a release");
	ew_buf_clear(&b);
	ew_proof_write(&b, &p);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		refuse(ew_buf_str(&b), bad[i][0], bad[i][1], bad[i][2]);
	p = sample_proof(&s, EW_LIT("id/7"), true);
	ok(sample_release(&p.release, &s, signer, 1767225600, 0, &err) == EW_OK && leads(&s, &p), "of what is not there");
	ew_signer_free(signer);
	sample_remove_dir(dir);
	ew_buf_release(&b);
	ew_buf_release(&key);
	ew_buf_release(&text);
	ew_arena_release(&s.arena);
}

int
main(void)
{
	struct ew_err err = { 0 };

	if (ew_hash_open(&hash, &err) != EW_OK)
		return 1;
	test_sizes(0, 0);
	test_sizes(1, 0);
	test_sizes(0, 2);
	test_sizes(1, 1);
	test_sizes(3, 1);
	test_sizes(SAMPLE_LABELS, 30);
	test_members();
	test_splits();
	test_ways();
	test_leaves();
	test_which_ways();
	test_statement();
	ew_hash_free(hash);
	return tap_done();
}
