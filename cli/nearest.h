/* SPDX-License-Identifier: Apache-2.0 */
/* Nearest: which known word somebody meant who wrote another. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

struct nearest {
	const char *word; /* what was written */
	const char *best; /* the nearest candidate so far, or NULL; borrowed */
	unsigned distance;
};

void nearest_init(struct nearest *, const char *word);
void nearest_try(struct nearest *, const char *candidate);
/* The best candidate; NULL when none is near enough to be meant. */
const char *nearest_word(const struct nearest *);

#endif
