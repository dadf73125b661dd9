/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns: regular expressions (PCRE2) that a whole text must match, and what their
 * named groups took.  \d, \w and \s are ASCII; $ is the very end.  A match is given
 * up after a bounded number of steps, so a pattern from a stranger cannot hang us.
 */
#ifndef EW_CODEC_PATTERN_H
#define EW_CODEC_PATTERN_H

#include "base/err.h"
#include "base/str.h"

struct ew_pattern; /* one thread at a time */

/* EW_REFUSED with the place in the pattern.  The caller frees `*out`. */
EW_MUST_USE enum ew_code ew_pattern_compile(struct ew_pattern **out, struct ew_str text,
	struct ew_err *err);
void ew_pattern_free(struct ew_pattern *);

/* The i-th of its named groups, in order of their names; absent after the last. */
struct ew_str ew_pattern_name(const struct ew_pattern *, size_t i);

/* Match all of `text`, which is UTF-8.  EW_REFUSED when that takes too many steps. */
EW_MUST_USE enum ew_code ew_pattern_match(bool *matched, const struct ew_pattern *,
	struct ew_str text, struct ew_err *err);
/*
 * What a named group took of `text`, the text that was just matched; absent when it
 * took no part or there is no such group.
 */
struct ew_str ew_pattern_group(const struct ew_pattern *, const char *name, struct ew_str text);

#endif
