/* SPDX-License-Identifier: Apache-2.0 */
#include "model/word.h"

bool
ew_word_find(unsigned *out, const char *const *word, size_t n, struct ew_str s)
{
	for (size_t i = 0; i < n; i++)
		if (ew_str_is(s, word[i])) {
			*out = (unsigned)i;
			return true;
		}
	return false;
}
