/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses: what an operand of a command that reads names: a revision, one label at
 * a revision (REV:ID), or one label of HEAD (ID).  Private to the operations.
 *
 * No reference has a ':' in its name, so a revision ends at the first one; an id may
 * hold as many as it likes.
 */
#ifndef EW_OPS_ADDRESS_H
#define EW_OPS_ADDRESS_H

#include "ops/context.h"

struct ew_address {
	struct ew_version_at at; /* the revision, opened */
	struct ew_str id;        /* absent: the revision itself; borrowed from the operand */
	struct ew_str split;     /* that holds the label there; absent: none does */
	struct ew_oid blob;
	bool bare; /* an operand that is no revision and names none: an id, or a slip */
};

/* What an operand may be beside REV and REV:ID. */
enum ew_address_form {
	EW_ADDRESS_REV_FIRST, /* nothing; EW_NOTFOUND or EW_USAGE for what names no revision */
	EW_ADDRESS_ID_FIRST,  /* an ID: one of HEAD goes before a revision so spelled */
};

/*
 * Look up `what`, absent for HEAD.  That a revision has no such label is no failure
 * here.  The caller releases `out`, also after failure.
 */
EW_MUST_USE enum ew_code ew_address_open(struct ew_address *out, struct ew_store *,
	struct ew_str what, enum ew_address_form, struct ew_err *err);
void ew_address_release(struct ew_address *);
/* EW_NOTFOUND, with what to do, for the id of an address whose revision has no such label. */
enum ew_code ew_address_fail(const struct ew_address *, struct ew_err *err);
/* EW_NOTFOUND that a version has no such split, naming those it has. */
enum ew_code ew_address_fail_split(const struct ew_version_at *, struct ew_str split,
	struct ew_err *err);

#endif
