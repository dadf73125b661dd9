/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks: a consumer's file that says which release is used.  It is written of nothing
 * but what verifies and only ever moves forward; a copy of the store is then held
 * against it, offline, and what is wrong is called by its name.  LABELS_FORMAT.md
 * section 8.3.
 */
#ifndef EW_OPS_LOCK_H
#define EW_OPS_LOCK_H

#include "model/lock.h"
#include "ops/store.h"

/* --- locking --- */

struct ew_lock_opts {
	struct ew_str release; /* "v2.0" */
	const char *path;      /* the file */
	bool force;            /* whatever is in it now */
};
struct ew_locked {
	struct ew_lock lock;  /* what the file holds now */
	struct ew_str before; /* the release that it held; absent: there was no lock, or `force` */
	struct ew_arena arena;
};
/*
 * Lock a release in a file, which is replaced whole or not at all.  EW_NO if it does not
 * verify, with the whole history before it, or has expired; EW_REFUSED, and the file stays,
 * if that is no lock, or one of another data set, another history, a release with a greater
 * number, or one from which this one did not come.  The caller releases `out`, also after
 * failure.
 */
EW_MUST_USE enum ew_code ew_lock_move(struct ew_locked *out, struct ew_store *,
	const struct ew_lock_opts *, struct ew_err *err);
void ew_locked_release(struct ew_locked *);

/* --- holding a store against a lock --- */

/* What can be wrong, and its name. */
#define EW_LOCK_FAULTS(X)                                                                           \
	X(EW_LOCK_GOOD, "good")                                                                     \
	X(EW_LOCK_MISSING, "missing")         /* the locked release is not here */                  \
	X(EW_LOCK_ROLLBACK, "rollback")       /* the store is older than the lock */                \
	X(EW_LOCK_FREEZE, "freeze")           /* and may be kept from newer releases */             \
	X(EW_LOCK_MIX, "mix-and-match")       /* lock, tag and labels say different things */       \
	X(EW_LOCK_FORK, "fork")               /* two stories are told, both signed */               \
	X(EW_LOCK_TELEPORT, "teleport")       /* made for another data set, or another branch */    \
	X(EW_LOCK_SWAP, "tag-swap")           /* signed under another name */                       \
	X(EW_LOCK_OTHER_ROOT, "other-root")   /* another first commit, so other people's keys */    \
	X(EW_LOCK_INVALID, "invalid")         /* does not verify */
enum ew_lock_fault {
#define X(name, word) name,
	EW_LOCK_FAULTS(X)
#undef X
};
const char *ew_lock_fault_word(enum ew_lock_fault);

struct ew_lock_check_opts {
	const char *path;
	int64_t max_age; /* days since the newest release in the store; 0: any */
};
struct ew_lock_checked {
	struct ew_lock lock; /* as it is in the file */
	enum ew_lock_fault fault;
	struct ew_str problem; /* one line, what it is and what to do; absent when good */
	uint64_t commits;      /* judged, and good */
	/* The newest release in the store that came from the locked one; absent when there is none. */
	struct ew_str newer;
	uint64_t newer_sequence;
	/* One that by its name or number is newer, but does not verify, and why; absent: none. */
	struct ew_str doubtful, doubt;
	struct ew_arena arena;
};
/*
 * EW_OK with a `fault` or without; failures are those of looking, EW_NOTFOUND when there is
 * no such file, and EW_REFUSED when it is no lock.  The caller releases `out`, also after
 * failure.
 */
EW_MUST_USE enum ew_code ew_lock_check(struct ew_lock_checked *out, struct ew_store *,
	const struct ew_lock_check_opts *, struct ew_err *err);
void ew_lock_checked_release(struct ew_lock_checked *);
/* schemas/ellwand.locked.json */
void ew_lock_checked_json(struct ew_buf *out, const struct ew_lock_checked *);

#endif
