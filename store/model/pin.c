/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pins: the trie of LABELS_FORMAT.md section 6.  Everything that is hashed here has a
 * fixed shape, so each hash is one call over bytes gathered on the stack.
 */
#include "model/pin.h"

#include <assert.h>
#include <string.h>

enum {
	LEAF = 0x00, NODE = 0x01, ROOT = 0x03, /* the first byte hashed says what is hashed */
	KEY_BITS = 256,
	SPLIT_BYTES = 8 + EW_PIN_NAME_MAX + 8 + 32,
};

static struct ew_sha256
hash_two(struct ew_hash *hash, unsigned char kind, const struct ew_sha256 *a,
	const struct ew_sha256 *b)
{
	unsigned char bytes[1 + 2 * sizeof a->b];

	bytes[0] = kind;
	memcpy(bytes + 1, a->b, sizeof a->b);
	memcpy(bytes + 1 + sizeof a->b, b->b, sizeof b->b);
	return ew_sha256_str(hash, ew_str_n(bytes, sizeof bytes));
}

struct ew_sha256
ew_pin_leaf(struct ew_hash *hash, const struct ew_sha256 *key, const struct ew_sha256 *digest)
{
	return hash_two(hash, LEAF, key, digest);
}

struct ew_sha256
ew_pin_node(struct ew_hash *hash, const struct ew_sha256 *left, const struct ew_sha256 *right)
{
	return hash_two(hash, NODE, left, right);
}

void
ew_pin_leaves(struct ew_leaf *leaf, struct ew_hash *hash, struct ew_str record, struct ew_str scored)
{
	struct ew_sha256 digest = ew_sha256_str(hash, record);

	leaf->records = ew_pin_leaf(hash, &leaf->key, &digest);
	digest = ew_sha256_str(hash, scored);
	leaf->answers = ew_pin_leaf(hash, &leaf->key, &digest);
}

/* A trie of one key is that key's leaf at whatever depth: joined with nothing it stays as it is. */
struct ew_trie
ew_pin_join(struct ew_hash *hash, const struct ew_trie *left, const struct ew_trie *right)
{
	if (right->count == 0 && left->count <= 1)
		return *left;
	if (left->count == 0 && right->count == 1)
		return *right;
	return (struct ew_trie){
		.count = left->count + right->count,
		.records = ew_pin_node(hash, &left->records, &right->records),
		.answers = ew_pin_node(hash, &left->answers, &right->answers),
	};
}

struct ew_trie
ew_pin_join16(struct ew_hash *hash, struct ew_pin_joins *j, const struct ew_trie *const child[16],
	unsigned changed)
{
	for (unsigned i = 0; i < 8; i++)
		if (changed >> 2 * i & 3)
			j->pair[i] = ew_pin_join(hash, child[2 * i], child[2 * i + 1]);
	for (unsigned i = 0; i < 4; i++)
		if (changed >> 4 * i & 0xf)
			j->four[i] = ew_pin_join(hash, &j->pair[2 * i], &j->pair[2 * i + 1]);
	for (unsigned i = 0; i < 2; i++)
		if (changed >> 8 * i & 0xff)
			j->half[i] = ew_pin_join(hash, &j->four[2 * i], &j->four[2 * i + 1]);
	return ew_pin_join(hash, &j->half[0], &j->half[1]);
}

/* How many of the leaves, which ascend by key, have a 0 at this bit. */
static size_t
zeros(const struct ew_leaf *leaf, size_t n, unsigned bit)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (leaf[mid].key.b[bit / 8] >> (7 - bit % 8) & 1)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

struct ew_trie
ew_pin_trie(struct ew_hash *hash, const struct ew_leaf *leaf, size_t n, unsigned depth)
{
	struct ew_trie left, right;
	size_t k;

	if (n == 0)
		return (struct ew_trie){ 0 };
	if (n == 1)
		return (struct ew_trie){ 1, leaf->records, leaf->answers };
	assert(depth < KEY_BITS); /* two equal keys */
	k = zeros(leaf, n, depth);
	left = ew_pin_trie(hash, leaf, k, depth + 1);
	right = ew_pin_trie(hash, leaf + k, n - k, depth + 1);
	return ew_pin_join(hash, &left, &right);
}

static unsigned char *
put_u64(unsigned char *to, uint64_t v)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		*to++ = (unsigned char)(v >> shift);
	return to;
}

static struct ew_sha256
dataset_root(struct ew_hash *hash, const struct ew_pin_split *split, size_t n, bool answers)
{
	unsigned char bytes[1 + EW_PIN_SPLITS_MAX * SPLIT_BYTES], *to = bytes;

	*to++ = ROOT;
	for (size_t i = 0; i < n; i++) {
		const struct ew_trie *t = &split[i].trie;
		const struct ew_sha256 *root = answers ? &t->answers : &t->records;

		if (t->count == 0)
			continue;
		to = put_u64(to, split[i].name.len);
		memcpy(to, split[i].name.p, split[i].name.len);
		to = put_u64(to + split[i].name.len, t->count);
		memcpy(to, root->b, sizeof root->b);
		to += sizeof root->b;
	}
	return ew_sha256_str(hash, ew_str_n(bytes, (size_t)(to - bytes)));
}

struct ew_pins
ew_pin_dataset(struct ew_hash *hash, const struct ew_pin_split *split, size_t n)
{
	struct ew_pins pins = { 0 };

	assert(n <= EW_PIN_SPLITS_MAX);
	for (size_t i = 0; i < n; i++) {
		assert(split[i].name.len > 0 && split[i].name.len <= EW_PIN_NAME_MAX);
		assert(i == 0 || ew_str_cmp(split[i - 1].name, split[i].name) < 0);
		pins.count += split[i].trie.count;
	}
	pins.records = dataset_root(hash, split, n, false);
	pins.answers = dataset_root(hash, split, n, true);
	return pins;
}

void
ew_pin_write(struct ew_buf *out, const struct ew_sha256 *root, bool answers)
{
	char hex[2 * sizeof root->b + 1];

	ew_hex(hex, root->b, sizeof root->b);
	ew_buf_adds(out, answers ? "ewa1:" : "ewr1:");
	ew_buf_adds(out, hex);
}

enum ew_code
ew_pin_read(struct ew_sha256 *root, bool *answers, struct ew_str text, struct ew_err *err)
{
	bool a = ew_str_starts(text, "ewa1:");

	if (!a && !ew_str_starts(text, "ewr1:"))
		return ew_fail(err, EW_USAGE,
			"'%.*s' is not a pin; one begins with ewr1: or ewa1:, see ellwand pin",
			EW_FMT(ew_str_part(text, 0, 100)));
	if (!ew_unhex(root->b, sizeof root->b, ew_str_part(text, 5, text.len)))
		return ew_fail(err, EW_REFUSED,
			"'%.*s' is no whole pin; after %.5s stand 64 lower-case hex digits",
			EW_FMT(ew_str_part(text, 0, 100)), text.p);
	*answers = a;
	return EW_OK;
}
