/* SPDX-License-Identifier: Apache-2.0 */
/* Showing: one label at one version, or one commit and what it did. */
#ifndef EW_OPS_SHOW_H
#define EW_OPS_SHOW_H

#include "model/instance.h"
#include "ops/log.h"

struct ew_shown {
	struct ew_str rev; /* as written */
	char commit[41];
	/*
	 * The commit itself; of a label, the last one that changed it, unless
	 * `has_logged` is false: the history did not say.
	 */
	bool has_logged;
	struct ew_logged logged;

	/* A label: `split` is not absent. */
	struct ew_str split;
	char blob[41];
	struct ew_str record;    /* its canonical bytes */
	struct ew_sha256 digest; /* of the record */
	struct ew_label label;
	bool has_instance;
	struct ew_instance instance;
	struct ew_shown_member { /* of its attributes and of its input, by name */
		struct ew_str name, text; /* a string as it is, other values as JSON */
	} *attribute, *input;
	size_t attributes, inputs;

	/* A commit: what changed since its first parent. */
	bool first;         /* it has no parent, and holds no labels */
	char parent[41];
	struct ew_str *release; /* those of this commit, ascending by version */
	size_t releases;
	struct ew_diff diff; /* its list stays empty for more than EW_SHOWN_CHANGES changes */

	struct ew_arena arena;
};

enum { EW_SHOWN_CHANGES = 1000 };

/*
 * `what` is REV:ID, ID of a label of HEAD, REV, or absent for HEAD.  An id of HEAD
 * goes before a revision that is spelled the same.  The caller releases `out`, also
 * after failure.
 */
EW_MUST_USE enum ew_code ew_show(struct ew_shown *out, struct ew_store *, struct ew_str what,
	struct ew_err *err);
void ew_shown_release(struct ew_shown *);
/* schemas/ellwand.show.json */
void ew_shown_json(struct ew_buf *out, const struct ew_shown *);

#endif
