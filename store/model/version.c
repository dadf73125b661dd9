/* SPDX-License-Identifier: Apache-2.0 */
#include "model/version.h"

/* A number as a version writes it: no leading zero, so that each number has one name. */
static bool
read_number(uint64_t *out, struct ew_str s)
{
	return (s.len == 1 || !ew_str_starts(s, "0")) && ew_str_to_u64(s, UINT64_MAX, out);
}

static bool
read_version(struct ew_version *out, struct ew_str text)
{
	struct ew_str rest = ew_str_part(text, 1, text.len);

	*out = (struct ew_version){ 0 };
	if (!ew_str_starts(text, "v") || !read_number(&out->major, ew_str_cut(&rest, '.')) ||
	    !read_number(&out->minor, ew_str_cut(&rest, '.')))
		return false;
	return !rest.p || read_number(&out->patch, rest);
}

enum ew_code
ew_version_parse(struct ew_version *out, struct ew_str text, struct ew_err *err)
{
	if (read_version(out, text))
		return EW_OK;
	return ew_fail(err, EW_USAGE, "'%.*s' is not a version; write v1.0 or v1.0.1",
		EW_FMT(ew_str_part(text, 0, 100)));
}

static int
cmp_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
ew_version_cmp(const struct ew_version *a, const struct ew_version *b)
{
	int c = cmp_numbers(a->major, b->major);

	if (c == 0)
		c = cmp_numbers(a->minor, b->minor);
	return c ? c : cmp_numbers(a->patch, b->patch);
}

enum ew_step
ew_version_step(const struct ew_version *a, const struct ew_version *b)
{
	if (a->major != b->major)
		return EW_STEP_MAJOR;
	if (a->minor != b->minor)
		return EW_STEP_MINOR;
	return a->patch != b->patch ? EW_STEP_PATCH : EW_STEP_NONE;
}
