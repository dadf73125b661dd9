/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparers: rows whose labels are stored already, but may say something else than these.
 * What is stored is read many records at a time, in the order of the disk, and compared on
 * all processors.
 */
#ifndef EW_OPS_COMPARER_H
#define EW_OPS_COMPARER_H

#include "ops/desk.h"

enum { EW_DOUBTS_MOST = 1024 };

/* A row, and what is stored of its id; zero: nothing. */
struct ew_doubt {
	struct ew_stretch at;
	struct ew_str id;
	struct ew_oid label, instance;
};

/* What the row asks for. */
struct ew_comparison {
	bool changes; /* the scored part of a label that is there */
	struct ew_ready label, instance; /* bytes absent: it stays as it is */
	/* Of a change: what its commit says. */
	enum ew_event event;
	struct ew_str subject, reason; /* the reason is absent if it is that of before */
};

struct ew_comparer;

/* All is borrowed.  `hands` is how many processors it may use. */
EW_MUST_USE enum ew_code ew_comparer_open(struct ew_comparer **out, struct ew_store *,
	const struct ew_import_opts *, const struct ew_table *, const struct ew_roster *, size_t hands,
	struct ew_err *err);
void ew_comparer_free(struct ew_comparer *);

/*
 * Compare up to EW_DOUBTS_MOST rows.  What they ask for lives until the next call.  A
 * failure is that of the first row with one.
 */
EW_MUST_USE enum ew_code ew_comparer_run(const struct ew_comparison **out, struct ew_comparer *,
	const struct ew_doubt *, size_t n, struct ew_err *err);

#endif
