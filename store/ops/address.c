/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/address.h"

#include "model/id.h"

/* The split and the blob of the address's id; what can be no id is not there. */
static enum ew_code
find_label(struct ew_address *a, struct ew_err *err)
{
	struct ew_err flaw = { 0 };

	if (ew_id_check(a->id, &flaw) != EW_OK)
		return EW_OK;
	return ew_snapshot_find(&a->split, &a->blob, a->at.snapshot, a->id, err);
}

static enum ew_code
open_at(struct ew_address *a, struct ew_store *s, struct ew_str rev, struct ew_str id,
	struct ew_err *err)
{
	enum ew_code rc;

	ew_at_release(&a->at);
	a->id = id;
	a->split = (struct ew_str){ NULL, 0 };
	rc = ew_at_open(&a->at, s, rev, err);
	return rc == EW_OK && id.p ? find_label(a, err) : rc;
}

/* Whether the text names a commit.  That it does not is no failure. */
static enum ew_code
is_revision(bool *out, struct ew_store *s, struct ew_str text, struct ew_err *err)
{
	struct ew_arena scratch = { 0 };
	struct ew_err why = { 0 };
	struct ew_rev rev;
	enum ew_code rc = ew_repo_resolve(&rev, s->repo, text, &scratch, &why);

	ew_arena_release(&scratch);
	*out = rc == EW_OK;
	if (rc == EW_OK || rc == EW_USAGE || rc == EW_NOTFOUND || rc == EW_REFUSED)
		return EW_OK;
	return ew_fail(err, rc, "%s", why.msg);
}

enum ew_code
ew_address_open(struct ew_address *out, struct ew_store *s, struct ew_str what,
	enum ew_address_form form, struct ew_err *err)
{
	struct ew_str none = { NULL, 0 }, id = what, rev = ew_str_cut(&id, ':');
	bool whole, part = false;
	enum ew_code rc;

	*out = (struct ew_address){ .bare = false };
	if (!what.p)
		return open_at(out, s, none, none, err);
	if (form == EW_ADDRESS_ID_FIRST &&
	    ((rc = open_at(out, s, none, what, err)) != EW_OK || out->split.p))
		return rc;
	if ((rc = is_revision(&whole, s, what, err)) != EW_OK ||
	    (id.p && !whole && (rc = is_revision(&part, s, rev, err)) != EW_OK))
		return rc;
	if (part)
		return open_at(out, s, rev, id, err);
	if (whole || form == EW_ADDRESS_REV_FIRST)
		return open_at(out, s, whole ? what : rev, none, err);
	out->bare = true;
	return EW_OK;
}

void
ew_address_release(struct ew_address *a)
{
	ew_at_release(&a->at);
}

enum ew_code
ew_address_fail(const struct ew_address *a, struct ew_err *err)
{
	if (a->bare)
		return ew_fail(err, EW_NOTFOUND,
			"%.*s: neither a label of HEAD nor a revision; see ellwand log, or name a "
			"version that had it as REV:ID",
			EW_FMT(a->id));
	return ew_fail(err, EW_NOTFOUND, "%.*s: %.*s has no label of this id; see ellwand log %.*s",
		EW_FMT(a->id), EW_FMT(a->at.text), EW_FMT(a->id));
}

enum ew_code
ew_address_fail_split(const struct ew_version_at *at, struct ew_str split, struct ew_err *err)
{
	struct ew_buf names = { 0 };
	struct ew_str *name;
	size_t n;
	enum ew_code rc = ew_snapshot_splits(&name, &n, at->snapshot, err);

	if (rc != EW_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		ew_buf_addf(&names, "%s%.*s", i ? ", " : "", EW_FMT(name[i]));
	ew_fail(err, EW_NOTFOUND, "%.*s: %.*s has no such split; its splits are: %.*s", EW_FMT(split),
		EW_FMT(at->text), EW_FMT(n ? ew_buf_str(&names) : EW_LIT("none")));
	ew_buf_release(&names);
	return EW_NOTFOUND;
}
