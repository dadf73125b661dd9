/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: one label at a version, its story, the state of the store, pins, exports. */
#ifndef EW_OPS_READ_H
#define EW_OPS_READ_H

#include "model/instance.h"
#include "model/change.h"
#include "model/event.h"
#include "model/policy.h"
#include "ops/store.h"

/* --- one label at a version: REV:ID, or ID for HEAD --- */
struct ew_shown {
	struct ew_str rev, split;
	char commit[41], blob[41];
	struct ew_str record;   /* the label's canonical bytes */
	struct ew_sha256 digest; /* of the record */
	struct ew_label label;
	bool has_instance;
	struct ew_instance instance;
	struct ew_arena arena;
};
EW_MUST_USE enum ew_code ew_show(struct ew_shown *out, struct ew_store *, struct ew_str what,
	struct ew_err *err);
void ew_shown_release(struct ew_shown *);
/* schemas/ellwand.show.json */
void ew_shown_json(struct ew_buf *out, const struct ew_shown *);

/* --- commits, newest first: of a revision, or those that changed one label --- */
struct ew_logged {
	char commit[41];
	struct ew_str author; /* principal */
	int64_t time;
	struct ew_message message;
	/* of one label's story: the label before and after; NULL when it was not there */
	const struct ew_label *before, *after;
	enum ew_class class;
	struct ew_str release; /* the first release that holds this commit, in one label's story; or absent */
};
struct ew_log;
/*
 * `what` is REV, REV:ID, ID (when it is no revision), or absent for HEAD.  The item
 * of ew_log_next() is borrowed until the next call; *more is false at the end.
 */
EW_MUST_USE enum ew_code ew_log_open(struct ew_log **out, struct ew_store *, struct ew_str what,
	struct ew_err *err);
EW_MUST_USE enum ew_code ew_log_next(struct ew_log *, const struct ew_logged **out, bool *more,
	struct ew_err *err);
void ew_log_free(struct ew_log *);
/* schemas/ellwand.log.json: one object, a line of the log. */
void ew_logged_json(struct ew_buf *out, const struct ew_logged *);

/* --- the store at a glance --- */
struct ew_status {
	struct ew_str name, dataset, licence, branch;
	char commit[41];
	int64_t time;
	struct ew_status_split {
		struct ew_str name;
		uint64_t labels;
	} *split;
	size_t splits;
	struct ew_str records, answers;
	struct ew_str release; /* the last on this history, or absent */
	uint64_t since;        /* commits since it */
	struct ew_arena arena;
};
EW_MUST_USE enum ew_code ew_status(struct ew_status *out, struct ew_store *, struct ew_err *err);
void ew_status_release(struct ew_status *);
/* schemas/ellwand.status.json */
void ew_status_json(struct ew_buf *out, const struct ew_status *);

/* --- pins: of a revision, of one of its splits, of one label (REV:ID: its leaf) --- */
EW_MUST_USE enum ew_code ew_pin(struct ew_buf *out, struct ew_store *, struct ew_str what,
	struct ew_str split, bool answers, struct ew_err *err);

/* --- export: a version's labels as a stream --- */
enum ew_export_format { EW_EXPORT_JSONL, EW_EXPORT_CSV };
struct ew_export_opts {
	struct ew_str rev, split; /* split absent: all */
	enum ew_use use;
	enum ew_export_format format;
	bool raw; /* CSV: no protection against formulas */
};
/* Called with pieces of output in order; non-zero stops with EW_IO. */
typedef int ew_sink_fn(void *user, struct ew_str bytes);
/* EW_DENIED when the policy of that version does not allow the use for a split asked for. */
EW_MUST_USE enum ew_code ew_export(uint64_t *count, struct ew_store *, const struct ew_export_opts *,
	ew_sink_fn *, void *user, struct ew_err *err);

#endif
