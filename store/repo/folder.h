/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders: the nested git trees of a collection in memory, read when they are first
 * needed.  Private to the collection's files: collection.c changes and walks them,
 * fill.c adds many at once, trie.c hashes them, pairs.c and follow.c hold them against others.
 */
#ifndef EW_REPO_FOLDER_H
#define EW_REPO_FOLDER_H

#include "model/manifest.h"
#include "repo/collection.h"
#include "repo/source.h"
#include "repo/treefile.h"

/* A record in a folder of the last level. */
struct ew_slot {
	struct ew_entry entry; /* the first member: an entry that is given away leads to its slot */
	struct ew_str file;    /* name of the file, "….json" */
	struct ew_leaf leaf;   /* the key always, the hashes if has_leaf */
	bool has_leaf;
	uint32_t step; /* of the collection, when the record came here or changed */
};

/* With children by hex digit above the last level, with records on it. */
struct ew_folder {
	struct ew_oid tree; /* as stored; meaningless while changed */
	bool there, loaded, changed, has_trie;
	bool hashed;    /* every record has its leaf */
	bool queued;    /* in the list of folders that a crowd works on */
	bool written;   /* by this program, once at least */
	uint16_t stale; /* a bit for each child that is not as the joins have it */
	struct ew_trie trie;
	struct ew_pin_joins *joins; /* of the children, or of the records by their next digit; NULL: not yet */
	struct ew_trie *by_digit;   /* all 16 of those records, with the joins */
	bool had_trie;              /* since it was loaded */
	struct ew_arena arena;      /* of children, records, joins */
	struct ew_folder *child;    /* all 16, those that are there among them; NULL: none is */
	struct ew_slot **slot;      /* ascending by file */
	size_t slots, room;
	struct ew_buf was; /* the tree's bytes when it was last written, from the second time on */
};

/* What reads folders and records; each thread has its own. */
struct ew_folder_reader {
	struct ew_source source;
	unsigned levels;
	uint32_t step; /* of the collection, from 1; what is merely read is of step 0 */
	struct ew_buf name, record, scored; /* scratch */
};

struct ew_collection {
	struct ew_cache *cache;
	struct ew_folder_reader reader; /* the caller's thread */
	struct ew_folder root;
	struct ew_crowd *crowd;   /* NULL until there is work for it */
};

/* Which hex digit of a key leads on from a level. */
static inline unsigned
ew_folder_digit(const struct ew_sha256 *key, unsigned level)
{
	const unsigned char byte = key->b[level / 2];

	return level % 2 ? byte & 15u : byte >> 4;
}

/* NULL if it is not there. */
static inline struct ew_folder *
ew_folder_child(const struct ew_folder *f, unsigned digit)
{
	return f->child && f->child[digit].there ? &f->child[digit] : NULL;
}

/* Over a tree, zero for an empty one; nothing is read. */
void ew_folder_init(struct ew_folder *, const struct ew_oid *tree);
/* Frees everything below it; it is then as after ew_folder_init(). */
void ew_folder_release(struct ew_folder *);
EW_MUST_USE enum ew_code ew_folder_add_child(struct ew_folder *, unsigned digit,
	const struct ew_oid *tree, struct ew_err *err);

void ew_folder_reader_release(struct ew_folder_reader *);
/* Append an object. */
EW_MUST_USE enum ew_code ew_folder_read_object(struct ew_buf *out, struct ew_folder_reader *,
	const struct ew_oid *, enum ew_object_type, struct ew_err *err);
/* Read the tree of a folder that is not loaded; `path` holds the digits that led to it. */
EW_MUST_USE enum ew_code ew_folder_load(struct ew_folder *, struct ew_folder_reader *, unsigned level,
	const unsigned char *path, struct ew_err *err);
/*
 * The record that a tree's item names, and its key; refused when it is in a folder that is
 * not its own.  Its id is borrowed, from the item or from the reader until the next one.
 */
EW_MUST_USE enum ew_code ew_folder_entry(struct ew_entry *out, struct ew_sha256 *key,
	struct ew_folder_reader *, const struct ew_oid *tree, const unsigned char *path,
	const struct ew_tree_item *, struct ew_err *err);
/* The same as a slot in the arena. */
EW_MUST_USE enum ew_code ew_folder_slot(struct ew_slot **out, struct ew_arena *,
	struct ew_folder_reader *, const struct ew_oid *tree, const unsigned char *path,
	const struct ew_tree_item *, struct ew_err *err);
/* The digit of the child that an item of a tree above the last level names. */
EW_MUST_USE enum ew_code ew_folder_item_digit(unsigned *out, const struct ew_oid *tree,
	const struct ew_tree_item *, struct ew_err *err);
EW_MUST_USE enum ew_code ew_folder_fail_empty(const struct ew_oid *tree, struct ew_err *err);

/* The place of a file name: where it is, or where it would go. */
bool ew_folder_search(const struct ew_folder *, struct ew_str file, size_t *at);
EW_MUST_USE enum ew_code ew_folder_insert(struct ew_folder *, size_t at, struct ew_slot *,
	struct ew_err *err);

/* The record of a key came, changed or went. */
static inline void
ew_folder_touch(struct ew_folder *f, const struct ew_folder_reader *r, const struct ew_sha256 *key)
{
	f->stale |= (uint16_t)(1u << ew_folder_digit(key, r->levels));
	f->hashed = false;
}

/* Both leaf hashes of a record, from its bytes. */
EW_MUST_USE enum ew_code ew_folder_hash_leaf(struct ew_slot *, struct ew_folder_reader *,
	struct ew_str record, struct ew_err *err);

/* Load a folder and call `fn` for each record below it. */
EW_MUST_USE enum ew_code ew_folder_each(struct ew_folder *, struct ew_folder_reader *, unsigned level,
	unsigned char *path, ew_entry_fn *fn, void *user, struct ew_err *err);

/* --- crowd.c --- */

/*
 * Folders of the last level that are worked on by all processors: what is to be known of
 * each does not depend on the others.  Nothing fails here: a folder that cannot be read
 * is left as it was, for the caller to find out why.
 */
struct ew_crowd;

/* Loaded on the way there; NULL is fine. */
void ew_crowd_free(struct ew_crowd *);
/* Add a folder to those to be worked on, unless it is among them. */
EW_MUST_USE enum ew_code ew_crowd_add(struct ew_collection *, struct ew_folder *,
	const unsigned char *path, struct ew_err *err);
/*
 * Hash all that were added, records and tries, and forget the list.  Those that are to
 * change stay in memory; the tries of others are cached, and those that were not loaded
 * are let go of again.
 */
EW_MUST_USE enum ew_code ew_crowd_run(struct ew_collection *, bool to_change, struct ew_err *err);

/* --- trie.c --- */

/* The trie of a folder of the last level whose records are hashed, maybe to change, and be asked for `again`. */
EW_MUST_USE enum ew_code ew_folder_trie_of_leaves(struct ew_folder *, struct ew_folder_reader *,
	bool again, struct ew_err *err);

#endif
