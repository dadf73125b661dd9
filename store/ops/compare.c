/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/compare.h"

struct comparing {
	struct ew_str split;
	ew_compare_fn *fn;
	void *user;
};

static enum ew_code
on_pair(void *user, const struct ew_entry *a, const struct ew_entry *b, struct ew_err *err)
{
	struct comparing *k = user;

	return k->fn(k->user, k->split, a, b, err);
}

static enum ew_code
compare_split(struct comparing *k, struct ew_snapshot *a, struct ew_snapshot *b, struct ew_err *err)
{
	struct ew_collection *x, *y;
	enum ew_code rc;

	if ((rc = ew_snapshot_labels(&x, a, k->split, err)) != EW_OK ||
	    (rc = ew_snapshot_labels(&y, b, k->split, err)) != EW_OK)
		return rc;
	return ew_collection_compare(x, y, on_pair, k, err);
}

enum ew_code
ew_compare_labels(struct ew_snapshot *a, struct ew_snapshot *b, ew_compare_fn *fn, void *user,
	struct ew_err *err)
{
	struct comparing k = { .fn = fn, .user = user };
	struct ew_str *x, *y;
	size_t i = 0, j = 0, xn, yn;
	enum ew_code rc;

	if ((rc = ew_snapshot_splits(&x, &xn, a, err)) != EW_OK ||
	    (rc = ew_snapshot_splits(&y, &yn, b, err)) != EW_OK)
		return rc;
	while (rc == EW_OK && (i < xn || j < yn)) {
		int d = i == xn ? 1 : j == yn ? -1 : ew_str_cmp(x[i], y[j]);

		k.split = d <= 0 ? x[i] : y[j];
		i += d <= 0;
		j += d >= 0;
		rc = compare_split(&k, a, b, err);
	}
	return rc;
}
