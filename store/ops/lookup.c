/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/lookup.h"

#include "repo/finder.h"

#include <stdlib.h>

struct ew_lookup {
	struct ew_str *split;
	struct ew_finder **labels; /* of each split */
	size_t splits;
	struct ew_finder *instances; /* NULL: there are none */
};

/* NULL for a collection that is not there. */
static enum ew_code
open_finder(struct ew_finder **out, struct ew_repo *repo, const struct ew_collection *c, size_t most,
	struct ew_err *err)
{
	struct ew_oid root;

	if (!c)
		return EW_OK;
	root = ew_collection_tree(c);
	return ew_finder_open(out, repo, &root, ew_collection_levels(c), most, err);
}

static enum ew_code
open_finders(struct ew_lookup *l, struct ew_repo *repo, struct ew_snapshot *s, size_t most,
	struct ew_err *err)
{
	struct ew_collection *c;
	enum ew_code rc = ew_snapshot_splits(&l->split, &l->splits, s, err);

	if (rc != EW_OK)
		return rc;
	l->labels = calloc(l->splits + 1, sizeof(struct ew_finder *));
	if (!l->labels)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < l->splits; i++)
		if ((rc = ew_snapshot_labels(&c, s, l->split[i], err)) != EW_OK ||
		    (rc = open_finder(&l->labels[i], repo, c, most, err)) != EW_OK)
			return rc;
	rc = ew_snapshot_collection(&c, s, EW_LIT("instances"), false, 0, err);
	return rc == EW_OK ? open_finder(&l->instances, repo, c, most, err) : rc;
}

enum ew_code
ew_lookup_open(struct ew_lookup **out, struct ew_repo *repo, struct ew_snapshot *s, size_t most,
	struct ew_err *err)
{
	struct ew_lookup *l = calloc(1, sizeof *l);
	enum ew_code rc;

	*out = NULL;
	if (!l)
		return ew_fail_nomem(err);
	if ((rc = open_finders(l, repo, s, most, err)) == EW_OK)
		*out = l;
	else
		ew_lookup_free(l);
	return rc;
}

void
ew_lookup_free(struct ew_lookup *l)
{
	if (!l)
		return;
	for (size_t i = 0; l->labels && i < l->splits; i++)
		ew_finder_free(l->labels[i]);
	ew_finder_free(l->instances);
	free(l->labels);
	free(l);
}

enum ew_code
ew_lookup_label(struct ew_str *split, struct ew_oid *blob, struct ew_lookup *l, struct ew_str id,
	struct ew_err *err)
{
	bool found = false;
	enum ew_code rc = EW_OK;

	*split = (struct ew_str){ NULL, 0 };
	for (size_t i = 0; i < l->splits && rc == EW_OK && !found; i++) {
		rc = ew_finder_find(blob, &found, l->labels[i], id, err);
		if (rc == EW_OK && found)
			*split = l->split[i];
	}
	return rc;
}

enum ew_code
ew_lookup_instance(struct ew_oid *blob, bool *found, struct ew_lookup *l, struct ew_str id,
	struct ew_err *err)
{
	*found = false;
	return l->instances ? ew_finder_find(blob, found, l->instances, id, err) : EW_OK;
}
