/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCRE2 behind a narrow door.  Anchors are options and not put around the pattern's
 * text, which could break out of them.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "codec/pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 100000 };

struct ew_pattern {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
	const unsigned char *names; /* entries of PCRE2's name table */
	uint32_t name_count, name_size;
};

enum ew_code
ew_pattern_compile(struct ew_pattern **out, struct ew_str text, struct ew_err *err)
{
	const uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
		PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP;
	struct ew_pattern *p = calloc(1, sizeof *p);
	PCRE2_UCHAR why[128];
	PCRE2_SIZE at;
	int error = 0;

	*out = NULL;
	if (!p)
		return ew_fail_nomem(err);
	p->code = pcre2_compile((PCRE2_SPTR)text.p, text.len, options, &error, &at, NULL);
	if (!p->code && error != PCRE2_ERROR_HEAP_FAILED) {
		free(p);
		pcre2_get_error_message(error, why, sizeof why);
		return ew_fail(err, EW_REFUSED,
			"\"%.*s\" is no regular expression: %s at byte %zu; see pcre2pattern(3)",
			EW_FMT(text), (const char *)why, (size_t)at);
	}
	if (p->code)
		p->match = pcre2_match_data_create_from_pattern(p->code, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (!p->match || !p->limits) {
		ew_pattern_free(p);
		return ew_fail_nomem(err);
	}
	pcre2_set_match_limit(p->limits, STEPS_MAX);
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* where there is none, it is only slower */
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &p->name_count);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &p->name_size);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &p->names);
	*out = p;
	return EW_OK;
}

void
ew_pattern_free(struct ew_pattern *p)
{
	if (!p)
		return;
	pcre2_match_context_free(p->limits);
	pcre2_match_data_free(p->match);
	pcre2_code_free(p->code);
	free(p);
}

struct ew_str
ew_pattern_name(const struct ew_pattern *p, size_t i)
{
	/* An entry is two bytes of group number, then the name with a NUL. */
	if (i >= p->name_count)
		return ew_str(NULL);
	return ew_str((const char *)p->names + i * p->name_size + 2);
}

enum ew_code
ew_pattern_match(bool *matched, const struct ew_pattern *p, struct ew_str text, struct ew_err *err)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)(text.p ? text.p : "");
	int rc = pcre2_match(p->code, subject, text.len, 0, PCRE2_NO_UTF_CHECK, p->match,
		p->limits);

	*matched = rc >= 0;
	if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
		return EW_OK;
	if (rc == PCRE2_ERROR_NOMEMORY)
		return ew_fail_nomem(err);
	return ew_fail(err, EW_REFUSED,
		"a pattern takes too many steps on \"%.*s\"; make it simpler",
		EW_FMT(ew_str_part(text, 0, 40)));
}

struct ew_str
ew_pattern_group(const struct ew_pattern *p, const char *name, struct ew_str text)
{
	const PCRE2_SIZE *range = pcre2_get_ovector_pointer(p->match);
	int group = pcre2_substring_number_from_name(p->code, (PCRE2_SPTR)name);
	size_t from, to;

	if (group <= 0 || pcre2_substring_length_bynumber(p->match, (uint32_t)group, NULL) != 0)
		return ew_str(NULL);
	from = range[2 * group];
	to = range[2 * group + 1];
	/* \K in a lookahead can put the end before the start. */
	return to < from ? ew_str(NULL) : ew_str_part(text, from, to);
}
