/* SPDX-License-Identifier: Apache-2.0 */
/* Words: the spelling of an enum, from the table that its X-macro makes. */
#ifndef EW_MODEL_WORD_H
#define EW_MODEL_WORD_H

#include "base/str.h"

/* The index of `s` among the n words; false if it is none of them, letter for letter. */
bool ew_word_find(unsigned *out, const char *const *word, size_t n, struct ew_str s);

#endif
