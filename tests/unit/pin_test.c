/* SPDX-License-Identifier: Apache-2.0 */
/* Pins against their definition, LABELS_FORMAT.md section 6, computed here bit by bit. */
#include "model/pin.h"
#include "tests/lib/tap.h"

#include <stdlib.h>
#include <string.h>

enum { LEAVES = 300 };

static struct ew_hash *hash;

static bool
bit(const struct ew_leaf *l, unsigned i)
{
	return l->key.b[i / 8] & (0x80 >> i % 8);
}

/* The definition, without use of order: the records root of those leaves that `in` marks. */
static struct ew_sha256
defined(const struct ew_leaf *leaf, const bool in[LEAVES], unsigned depth)
{
	bool side[2][LEAVES] = { { false } };
	struct ew_sha256 root[2] = { { { 0 } } };
	struct ew_str piece[] = { EW_LIT("\1"), ew_str_n(&root[0], 32), ew_str_n(&root[1], 32) };
	unsigned n = 0, last = 0;

	for (unsigned i = 0; i < LEAVES; i++)
		if (in[i]) {
			n++;
			last = i;
			side[bit(&leaf[i], depth)][i] = true;
		}
	if (n == 0)
		return (struct ew_sha256){ { 0 } };
	if (n == 1)
		return leaf[last].records;
	root[0] = defined(leaf, side[0], depth + 1);
	root[1] = defined(leaf, side[1], depth + 1);
	return ew_sha256(hash, piece, 3);
}

static int
cmp_keys(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void
make_leaves(struct ew_leaf leaf[LEAVES])
{
	for (unsigned i = 0; i < LEAVES; i++) {
		struct ew_sha256 d = ew_sha256_str(hash, ew_str_n(&i, sizeof i));

		leaf[i].key = ew_sha256_str(hash, ew_str_n(&d, sizeof d));
		if (i < 40) /* keys that part late */
			memset(leaf[i].key.b, 0x5a, i % 31);
		leaf[i].records = ew_pin_leaf(hash, &leaf[i].key, &d);
		leaf[i].answers = ew_pin_leaf(hash, &d, &leaf[i].key);
	}
	qsort(leaf, LEAVES, sizeof leaf[0], cmp_keys);
}

static void
test_trie(void)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 7, 40, 41, 299, 300 };
	struct ew_leaf leaf[LEAVES];

	make_leaves(leaf);
	for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
		struct ew_trie t = ew_pin_trie(hash, leaf, sizes[k], 0);
		struct ew_sha256 want;
		bool in[LEAVES];

		for (size_t i = 0; i < LEAVES; i++)
			in[i] = i < sizes[k];
		want = defined(leaf, in, 0);
		ok(ew_sha256_eq(&t.records, &want), "the root of %zu leaves is as defined",
			sizes[k]);
		is_int(t.count, (long long)sizes[k], "and counts them");
	}
}

static void
test_both_roots(void)
{
	struct ew_leaf leaf[LEAVES], swapped[LEAVES];
	struct ew_trie t, s;

	make_leaves(leaf);
	for (size_t i = 0; i < LEAVES; i++) {
		swapped[i] = leaf[i];
		swapped[i].records = leaf[i].answers;
		swapped[i].answers = leaf[i].records;
	}
	t = ew_pin_trie(hash, leaf, LEAVES, 0);
	s = ew_pin_trie(hash, swapped, LEAVES, 0);
	ok(ew_sha256_eq(&t.records, &s.answers) && ew_sha256_eq(&t.answers, &s.records),
		"the two roots are the same function of their leaves");
	ok(!ew_sha256_eq(&t.records, &t.answers), "and of their own leaves only");
}

static struct ew_trie
join16(struct ew_pin_joins *joins, const struct ew_trie child[16], unsigned changed)
{
	const struct ew_trie *at[16];

	for (unsigned i = 0; i < 16; i++)
		at[i] = &child[i];
	return ew_pin_join16(hash, joins, at, changed);
}

/* Folders are prefixes of keys: the join of the parts is the whole, at any fan-out. */
static void
test_join16(void)
{
	struct ew_leaf leaf[LEAVES];
	struct ew_trie whole, one[16], two[16], joined, anew;
	struct ew_pin_joins joins, none;
	size_t at = 0;

	make_leaves(leaf);
	whole = ew_pin_trie(hash, leaf, LEAVES, 0);
	for (unsigned a = 0; a < 16; a++) {
		size_t start = at;

		for (unsigned b = 0; b < 16; b++) {
			size_t from = at;

			while (at < LEAVES && leaf[at].key.b[0] == a * 16 + b)
				at++;
			two[b] = ew_pin_trie(hash, leaf + from, at - from, 8);
		}
		joins = (struct ew_pin_joins){ 0 };
		joined = join16(&joins, two, 0xffff);
		one[a] = ew_pin_trie(hash, leaf + start, at - start, 4);
		ok(joined.count == one[a].count && ew_sha256_eq(&joined.records, &one[a].records),
			"folder %x: sixteen parts make the whole", a);
	}
	joins = none = (struct ew_pin_joins){ 0 };
	joined = join16(&joins, one, 0xffff);
	ok(joined.count == LEAVES && ew_sha256_eq(&joined.records, &whole.records) &&
		ew_sha256_eq(&joined.answers, &whole.answers), "and so do the folders");
	for (unsigned d = 0; d < 16; d += 5) {
		one[d] = two[d];
		joined = join16(&joins, one, 1u << d);
		none = (struct ew_pin_joins){ 0 };
		anew = join16(&none, one, 0xffff);
		ok(joined.count == anew.count && ew_sha256_eq(&joined.records, &anew.records) &&
			ew_sha256_eq(&joined.answers, &anew.answers), "folder %x changed alone", d);
	}
}

static void
test_deepest(void)
{
	struct ew_leaf leaf[2];
	struct ew_trie t, left, right = { 0 };

	memset(leaf, 0, sizeof leaf);
	leaf[1].key.b[31] = 1;
	leaf[0].records.b[0] = 1;
	leaf[1].records.b[0] = 2;
	t = ew_pin_trie(hash, leaf, 2, 0);
	is_int(t.count, 2, "two keys that part at the last bit");
	left = ew_pin_trie(hash, leaf, 2, 1);
	left = ew_pin_join(hash, &left, &right);
	ok(ew_sha256_eq(&left.records, &t.records), "a trie of two beside nothing is a node");
	left = ew_pin_trie(hash, leaf, 1, 9);
	left = ew_pin_join(hash, &left, &right);
	ok(ew_sha256_eq(&left.records, &leaf[0].records), "a leaf beside nothing stays a leaf");
	left = (struct ew_trie){ 1, leaf[1].records, leaf[1].answers };
	left = ew_pin_join(hash, &right, &left);
	ok(left.count == 1 && ew_sha256_eq(&left.records, &leaf[1].records),
		"on the right as well");
	left = ew_pin_join(hash, &right, &right);
	ok(left.count == 0 && ew_sha256_eq(&left.records, &right.records),
		"nothing beside nothing is nothing");
}

static void
test_dataset(void)
{
	struct ew_pin_split split[] = { { EW_LIT_INIT("a"), { .count = 1 } },
		{ EW_LIT_INIT("b"), { .count = 0 } }, { EW_LIT_INIT("c"), { .count = 2 } } };
	struct ew_pin_split full[] = { split[0], split[2] };
	struct ew_pins p, q, none = ew_pin_dataset(hash, NULL, 0);
	struct ew_sha256 want = ew_sha256_str(hash, EW_LIT("\3"));

	ok(ew_sha256_eq(&none.records, &want) && ew_sha256_eq(&none.answers, &want),
		"the root of no split is the hash of 03");
	split[0].trie.records.b[0] = full[0].trie.records.b[0] = 9;
	p = ew_pin_dataset(hash, split, 3);
	q = ew_pin_dataset(hash, full, 2);
	is_int(p.count, 3, "labels are counted");
	ok(ew_sha256_eq(&p.records, &q.records), "a split without labels is left out");
	ok(!ew_sha256_eq(&p.records, &p.answers), "records and answers have their own roots");
	full[1].trie.count = 3;
	q = ew_pin_dataset(hash, full, 2);
	ok(!ew_sha256_eq(&p.records, &q.records), "the number of labels is part of it");
	full[1].trie.count = 2;
	full[1].name = EW_LIT("d");
	q = ew_pin_dataset(hash, full, 2);
	ok(!ew_sha256_eq(&p.records, &q.records), "so is the name");
}

static void
test_most_splits(void)
{
	static char names[EW_PIN_SPLITS_MAX][EW_PIN_NAME_MAX + 1];
	static struct ew_pin_split split[EW_PIN_SPLITS_MAX];
	struct ew_pins p;

	for (unsigned i = 0; i < EW_PIN_SPLITS_MAX; i++) {
		memset(names[i], 'x', EW_PIN_NAME_MAX);
		names[i][0] = "0123456789abcdef"[i / 16];
		names[i][1] = "0123456789abcdef"[i % 16];
		split[i] = (struct ew_pin_split){ ew_str(names[i]), { .count = 1 } };
	}
	p = ew_pin_dataset(hash, split, EW_PIN_SPLITS_MAX);
	is_int(p.count, EW_PIN_SPLITS_MAX, "as many splits with as long names as there can be");
}

static void
test_text(void)
{
	static const char *const refused[] = { "", "ewr1:", "ewr2:", "deadbeef", "ewr1",
		"ewr1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeef",
		"ewr1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0",
		"ewr1:00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
		"EWR1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		" ewr1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		"ewr1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" };
	struct ew_sha256 in = { "\x01\x23\x45\x67\x89\xab\xcd\xef" }, root;
	struct ew_err err = { 0 };
	struct ew_buf out = { 0 };
	bool answers = true;

	ew_pin_write(&out, &in, false);
	is_str(ew_buf_str(&out),
		"ewr1:0123456789abcdef000000000000000000000000000000000000000000000000",
		"a records pin as text");
	ok(ew_pin_read(&root, &answers, ew_buf_str(&out), &err) == EW_OK && !answers &&
		ew_sha256_eq(&root, &in), "reads back");
	ew_buf_clear(&out);
	ew_pin_write(&out, &in, true);
	ok(ew_str_starts(ew_buf_str(&out), "ewa1:0123"), "an answers pin as text");
	ok(ew_pin_read(&root, &answers, ew_buf_str(&out), &err) == EW_OK && answers, "reads back");
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		err = (struct ew_err){ 0 };
		is_int(ew_pin_read(&root, &answers, ew_str(refused[i]), &err),
			ew_str_starts(ew_str(refused[i]), "ewr1:") ? EW_REFUSED : EW_USAGE,
			"'%s' is refused",
			i + 2 == sizeof refused / sizeof refused[0] ? "with newline" : refused[i]);
	}
	err = (struct ew_err){ 0 };
	is_int(ew_pin_read(&root, &answers, ew_str_n("ewr1:12zz", 7), &err), EW_REFUSED,
		"half a pin");
	is_str(ew_str(err.msg),
		"'ewr1:12' is no whole pin; after ewr1: stand 64 lower-case hex digits",
		"is named, and what to write");
	ew_buf_release(&out);
}

int
main(void)
{
	struct ew_err err = { 0 };

	if (ew_hash_open(&hash, &err) != EW_OK)
		return 1;
	test_trie();
	test_both_roots();
	test_join16();
	test_deepest();
	test_dataset();
	test_most_splits();
	test_text();
	ew_hash_free(hash);
	return tap_done();
}
