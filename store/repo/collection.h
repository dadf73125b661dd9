/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collections: records keyed by instance id, stored as nested git trees.  Every
 * kind of record is this one structure.  Trees are read when they are first needed
 * and kept; a change marks the path to it, and only marked trees are written and
 * hashed again, so cost follows the change.  LABELS_FORMAT.md sections 3 and 6.
 */
#ifndef EW_REPO_COLLECTION_H
#define EW_REPO_COLLECTION_H

#include "model/way.h"
#include "repo/stage.h"

struct ew_collection;
struct ew_cache;

/* The record's place in its collection; strings live until it forgets or is freed. */
struct ew_entry {
	struct ew_str id;
	struct ew_oid blob;
};

/* Over the tree `root` (all zero: empty), fan-out `levels`; `cache` may be NULL. */
EW_MUST_USE enum ew_code ew_collection_open(struct ew_collection **out, struct ew_repo *,
	struct ew_cache *cache, const struct ew_oid *root, unsigned levels, struct ew_err *err);
void ew_collection_free(struct ew_collection *);
unsigned ew_collection_levels(const struct ew_collection *);
/* Its tree as it was read or last written. */
struct ew_oid ew_collection_tree(const struct ew_collection *);

/* The record of an id; *found is false when there is none. */
EW_MUST_USE enum ew_code ew_collection_find(struct ew_oid *blob, bool *found,
	struct ew_collection *, struct ew_str id, struct ew_err *err);
/* Set a record, whose bytes are staged as `blob`.  `id` is copied. */
EW_MUST_USE enum ew_code ew_collection_put(struct ew_collection *, struct ew_str id,
	const struct ew_oid *blob, struct ew_str record, struct ew_err *err);
/*
 * The same of an id whose key is known, in `leaf`, and unless `hashed` is false (of what is
 * no label) both leaf hashes as well.
 */
EW_MUST_USE enum ew_code ew_collection_put_leaf(struct ew_collection *, struct ew_str id,
	const struct ew_oid *blob, const struct ew_leaf *leaf, bool hashed, struct ew_err *err);
/*
 * Set `n` records at once, ascending by key: `fn` gives the i-th, from any thread, and what
 * it points to lives until all are set.  A zero blob stands for no record.  With `hashed`,
 * leaves have their hashes.  Folders that are new are written to the stage at once, on all
 * processors, and not kept: what is in them can be read again when the stage is durable.
 */
struct ew_put {
	struct ew_str id;
	const struct ew_leaf *leaf;
	struct ew_oid blob;
};
typedef void ew_put_fn(struct ew_put *out, const void *user, size_t i);
EW_MUST_USE enum ew_code ew_collection_fill(struct ew_collection *, ew_put_fn *, const void *user,
	size_t n, bool hashed, struct ew_stage *, struct ew_err *err);
/* Remove a record that is there. */
EW_MUST_USE enum ew_code ew_collection_remove(struct ew_collection *, struct ew_str id,
	struct ew_err *err);
/* Write the marked trees; the root's id, all zero when the collection is empty. */
EW_MUST_USE enum ew_code ew_collection_write(struct ew_oid *root, struct ew_collection *,
	struct ew_stage *, struct ew_err *err);
/*
 * Tell the cache the tries of what was written, once they were asked for: of the last state
 * alone, so that a long row of changes costs it no more than its end.
 */
EW_MUST_USE enum ew_code ew_collection_remember(struct ew_collection *, struct ew_err *err);
/*
 * Read and hash, on all processors, the folders that labels of these ids stand in: who
 * will change many asks for all of them first.  What cannot be read is found out later.
 */
EW_MUST_USE enum ew_code ew_collection_prepare(struct ew_collection *, const struct ew_str *id,
	size_t n, struct ew_err *err);
/* How many records. */
EW_MUST_USE enum ew_code ew_collection_count(uint64_t *out, struct ew_collection *,
	struct ew_err *err);
/* The trie of a collection of labels, both roots; reads what no cache knows. */
EW_MUST_USE enum ew_code ew_collection_trie(struct ew_trie *out, struct ew_collection *,
	struct ew_err *err);
/*
 * The way to a key in that trie, and the record that stands at its place: the key's, another
 * one's, or NULL.  Costs the folders on the way, and what no cache knows.  The entry lives
 * until the collection forgets or is freed.
 */
EW_MUST_USE enum ew_code ew_collection_way(struct ew_way *out, const struct ew_entry **there,
	struct ew_collection *, const struct ew_sha256 *key, struct ew_err *err);

/*
 * Visit every record, folder by folder, within a folder by name.  A function that
 * fails stops the walk with its code.
 */
typedef enum ew_code ew_entry_fn(void *user, const struct ew_entry *, struct ew_err *err);
EW_MUST_USE enum ew_code ew_collection_each(struct ew_collection *, ew_entry_fn *, void *user,
	struct ew_err *err);

/*
 * The same in the same order, up to EW_BATCH records at a time, for who reads them all:
 * what is known of folders that were not changed is let go of behind the walk, so that
 * memory does not grow with the collection.  Strings given earlier end.
 */
enum { EW_BATCH = 2048 };
typedef enum ew_code ew_batch_fn(void *user, const struct ew_entry *, size_t n, struct ew_err *err);
EW_MUST_USE enum ew_code ew_collection_each_batch(struct ew_collection *, ew_batch_fn *, void *user,
	struct ew_err *err);
/* Let go of all folders that were not changed; they are read again when they are needed. */
void ew_collection_forget(struct ew_collection *);

/*
 * Visit every id whose record differs, skipping equal trees; NULL for the side that lacks
 * it.  Either collection may be NULL: empty; nothing may be changed in them since they
 * were opened or written.  What the function is given ends with its return.
 */
typedef enum ew_code ew_pair_fn(void *user, const struct ew_entry *a, const struct ew_entry *b,
	struct ew_err *err);
EW_MUST_USE enum ew_code ew_collection_compare(struct ew_collection *a, struct ew_collection *b,
	ew_pair_fn *, void *user, struct ew_err *err);

/* A record that is not the same in two trees. */
struct ew_difference {
	struct ew_str id;
	struct ew_oid before, after; /* all zero: it is not there */
	/* Of `after`, for who reads its record to fill in: NULL if it is not there, or is not known. */
	struct ew_leaf *leaf;        /* has its key */
	bool *has_leaf;              /* both live until the collection changes */
};
/* { 0 } is an empty list. */
struct ew_differences {
	struct ew_difference *at;
	size_t n, room;
	struct ew_arena arena; /* of ids */
};
void ew_differences_release(struct ew_differences *);
/* Forget them, but keep room. */
void ew_differences_clear(struct ew_differences *);
/* Add one with a copied id; NULL for the side that lacks it. */
EW_MUST_USE enum ew_code ew_differences_add(struct ew_differences *, struct ew_str id,
	const struct ew_oid *before, const struct ew_oid *after, struct ew_err *err);

/*
 * Become the collection over another tree of the same fan-out: only what differs is read,
 * and added to the list (which the same tree leaves alone, and may be NULL for) folder by
 * folder, within a folder by name.  One that was changed here cannot follow.  After a
 * failure it is of no more use.
 */
EW_MUST_USE enum ew_code ew_collection_follow(struct ew_differences *out, struct ew_collection *,
	const struct ew_oid *root, struct ew_err *err);
/* As ew_collection_find(); *fresh is true when the record came or changed in the last step that was followed. */
EW_MUST_USE enum ew_code ew_collection_find_fresh(struct ew_oid *blob, bool *found, bool *fresh,
	struct ew_collection *, const struct ew_sha256 *key, struct ew_str id, struct ew_err *err);

#endif
