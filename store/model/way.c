/* SPDX-License-Identifier: Apache-2.0 */
#include "model/way.h"

#include <assert.h>
#include <string.h>

bool
ew_way_right(const struct ew_sha256 *key, unsigned level)
{
	return key->b[level / 8] >> (7 - level % 8) & 1;
}

bool
ew_way_agree(const struct ew_sha256 *a, const struct ew_sha256 *b, unsigned depth)
{
	const unsigned whole = depth / 8, rest = depth % 8;

	return memcmp(a->b, b->b, whole) == 0 && (rest == 0 || (a->b[whole] ^ b->b[whole]) >> (8 - rest) == 0);
}

static void
pass(struct ew_way *w, const struct ew_trie *sibling)
{
	assert(w->depth < EW_WAY_MAX); /* two equal keys */
	w->sibling[w->depth++] = *sibling;
}

bool
ew_way_down16(struct ew_way *w, const struct ew_trie *whole, const struct ew_pin_joins *j,
	const struct ew_trie *const child[16], unsigned digit)
{
	const unsigned half = digit >> 3, four = digit >> 2, pair = digit >> 1;
	const struct ew_trie *const at[4] = { whole, &j->half[half], &j->four[four], &j->pair[pair] };
	const struct ew_trie *const beside[4] = { &j->half[half ^ 1], &j->four[four ^ 1],
		&j->pair[pair ^ 1], child[digit ^ 1] };

	for (unsigned i = 0; i < 4; i++) {
		if (at[i]->count <= 1)
			return false;
		pass(w, beside[i]);
	}
	return true;
}

const struct ew_leaf *
ew_way_down(struct ew_way *w, struct ew_hash *hash, const struct ew_sha256 *key,
	const struct ew_leaf *leaf, size_t n)
{
	while (n > 1) {
		const bool right = ew_way_right(key, w->depth);
		struct ew_trie beside;
		size_t k = 0;

		while (k < n && !ew_way_right(&leaf[k].key, w->depth))
			k++;
		beside = right ? ew_pin_trie(hash, leaf, k, w->depth + 1)
			       : ew_pin_trie(hash, leaf + k, n - k, w->depth + 1);
		pass(w, &beside);
		leaf += right ? k : 0;
		n = right ? n - k : k;
	}
	return n ? leaf : NULL;
}

struct ew_sha256
ew_way_up(struct ew_hash *hash, const struct ew_sha256 *key, const struct ew_sha256 *place,
	const struct ew_sha256 *sibling, unsigned depth)
{
	struct ew_sha256 at = *place;

	while (depth-- > 0)
		at = ew_way_right(key, depth) ? ew_pin_node(hash, &sibling[depth], &at)
					      : ew_pin_node(hash, &at, &sibling[depth]);
	return at;
}
