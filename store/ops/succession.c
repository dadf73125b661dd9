/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/succession.h"

#include "ops/diff.h"
#include "ops/lineage.h"

static enum ew_code
level_between(enum ew_level *out, struct ew_store *s, const struct ew_oid *before,
	const struct ew_oid *commit, struct ew_err *err)
{
	const struct ew_diff_opts stat = { .stat = true };
	char from[EW_OID_HEX + 1], to[EW_OID_HEX + 1];
	struct ew_diff d;
	enum ew_code rc;

	/* By their ids: names may be made to mean something else meanwhile. */
	ew_hex(from, before->b, sizeof before->b);
	ew_hex(to, commit->b, sizeof commit->b);
	rc = ew_diff(&d, s, ew_str(from), ew_str(to), &stat, err);
	*out = d.level;
	ew_diff_release(&d);
	return rc;
}

enum ew_code
ew_succession(struct ew_succession *out, struct ew_store *s, const struct ew_policy *policy,
	const struct ew_tagged *before, const struct ew_version *version,
	const struct ew_oid *commit, struct ew_err *err)
{
	struct ew_lineage line;
	enum ew_code rc;

	*out = (struct ew_succession){ .greater = ew_version_cmp(version, &before->version) > 0 };
	if (!out->greater)
		return EW_OK;
	rc = ew_lineage_since(&line, s, &before->commit, commit, err);
	out->descends = rc == EW_OK && ew_oid_eq(&line.fork, &before->commit);
	ew_lineage_release(&line);
	if (!out->descends || (rc = level_between(&out->level, s, &before->commit, commit, err)) != EW_OK)
		return rc;
	out->step = ew_version_step(&before->version, version);
	out->due = policy->step[out->level];
	return EW_OK;
}
