/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revisions of labels: relabel, abstain, disambiguate, withdraw; one signed commit
 * each.  A batch is a file of JSON Lines, one event a line, all or nothing.
 */
#ifndef EW_OPS_REVISE_H
#define EW_OPS_REVISE_H

#include "model/event.h"
#include "ops/store.h"

/* One reading of an ambiguous label; kind and unit default to the request's. */
struct ew_revise_reading {
	struct ew_str assuming, kind, value, unit, lower, upper;
};

/* One event as asked for.  Strings are borrowed; absent (.p NULL): not given. */
struct ew_revise_request {
	enum ew_event event; /* EW_RELABEL, EW_ABSTAIN, EW_DISAMBIGUATE, EW_WITHDRAW */
	struct ew_str id;
	/*
	 * relabel: a value, or the members of a set, or neither to change the rest.  What is
	 * not given stays where it can: the kind if the value fits it, the unit of another
	 * number, the limits of the same value and of no other.  An empty unit or limit takes
	 * the old one away.
	 */
	struct ew_str kind, value, unit, lower, upper;
	struct ew_str *member;
	size_t members;
	struct ew_revise_reading *reading; /* disambiguate */
	size_t readings;
	struct ew_str *missing; /* abstain */
	size_t missings;
	struct ew_str *ids; /* withdraw, instead of id */
	size_t idn;
	struct ew_str cause, reason;
	/* of the new label; by default made by a human, the signer, alone */
	struct ew_str method, agent, rule, source, at, basis;
	bool votes;
	int64_t votes_for, votes_of;
	struct ew_str *evidence; /* ascending */
	size_t evidences;
};

struct ew_revise_report {
	uint64_t events;    /* asked for */
	uint64_t commits;   /* made */
	uint64_t unchanged; /* asked for what is so already */
	uint64_t unbanded;  /* new answers without limits where the old one had some, and nobody asked */
	char band[160];     /* the last of these, "[24, 26]" */
	char tip[41];       /* the branch after it */
};

EW_MUST_USE enum ew_code ew_revise(struct ew_revise_report *out, struct ew_store *,
	const struct ew_revise_request *, struct ew_err *err);

/* As schemas/ellwand.revise.json says, appended. */
void ew_revise_report_json(struct ew_buf *out, const struct ew_revise_report *);

enum { EW_EVENT_LINE_MAX = 1 << 20 }; /* bytes of a line */

/* EVENTS.jsonl; errors name `name` and the line.  schemas/event.json says what a line holds. */
EW_MUST_USE enum ew_code ew_apply(struct ew_revise_report *out, struct ew_store *, struct ew_str text,
	const char *name, struct ew_err *err);

#endif
