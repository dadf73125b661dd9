/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revisions of single labels: relabel, abstain, disambiguate, withdraw; one signed
 * commit each.  A batch is a file of JSON Lines, one event a line, all or nothing.
 */
#ifndef EW_OPS_REVISE_H
#define EW_OPS_REVISE_H

#include "model/event.h"
#include "ops/store.h"

/* One event as asked for.  Strings are borrowed; absent (.p NULL): not given. */
struct ew_revise_request {
	enum ew_event event; /* EW_RELABEL, EW_ABSTAIN, EW_DISAMBIGUATE, EW_WITHDRAW */
	struct ew_str id;    /* of withdraw: see ids */
	/*
	 * relabel: value or members; what is not given is taken from the old label where it
	 * still makes sense: kind and unit are kept; limits are kept only when no new value is
	 * given, else a label gets those that are given, or none.
	 */
	struct ew_str kind, value, unit, lower, upper;
	struct ew_str *member;
	size_t members;
	/* disambiguate */
	struct ew_reading *reading;
	size_t readings;
	/* abstain */
	struct ew_str *missing;
	size_t missings;
	/* withdraw */
	struct ew_str *ids;
	size_t idn;
	struct ew_str cause, reason;
	/* provenance and confidence of the new label; by default human, the signer, single */
	struct ew_str method, agent, rule, source, at, basis;
	bool votes;
	int64_t votes_for, votes_of;
	struct ew_str *evidence;
	size_t evidences;
};

struct ew_revise_report {
	uint64_t events;    /* asked for */
	uint64_t commits;   /* made */
	uint64_t unchanged; /* asked for what is so already */
	char tip[41];       /* the branch after it */
};

/* One request, or several in one edit. */
EW_MUST_USE enum ew_code ew_revise(struct ew_revise_report *out, struct ew_store *,
	const struct ew_revise_request *, size_t n, struct ew_err *err);

/* EVENTS.jsonl; errors name `name` and the line.  schemas/event.json says what a line holds. */
EW_MUST_USE enum ew_code ew_apply(struct ew_revise_report *out, struct ew_store *, struct ew_str text,
	const char *name, struct ew_err *err);

#endif
