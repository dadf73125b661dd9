/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nearest.h"

#include <stddef.h>
#include <string.h>

enum { WORD_MAX = 32 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * How many letters must be added, dropped, replaced or swapped with their
 * neighbour to make `b` of `a`; both of at most WORD_MAX bytes.
 */
static unsigned
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned row[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= a_len; i++)
		row[i][0] = (unsigned)i;
	for (size_t j = 0; j <= b_len; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++)
		for (size_t j = 1; j <= b_len; j++) {
			unsigned d = row[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			d = least(d, least(row[i - 1][j], row[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, row[i - 2][j - 2] + 1);
			row[i][j] = d;
		}
	return row[a_len][b_len];
}

void
nearest_init(struct nearest *n, const char *word)
{
	*n = (struct nearest){ .word = word };
}

void
nearest_try(struct nearest *n, const char *candidate)
{
	size_t a = strlen(n->word), b = strlen(candidate);
	unsigned d;

	if (a > WORD_MAX || b > WORD_MAX)
		return;
	d = distance(n->word, a, candidate, b);
	if (!n->best || d < n->distance) {
		n->best = candidate;
		n->distance = d;
	}
}

const char *
nearest_word(const struct nearest *n)
{
	/* Every third letter wrong is a slip; more is another word. */
	return n->best && n->distance <= (strlen(n->best) + 2) / 3 ? n->best : NULL;
}
