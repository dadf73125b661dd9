/* SPDX-License-Identifier: Apache-2.0 */
/* Pins: SHA-256 commitments to a set of labels.  LABELS_FORMAT.md section 6. */
#ifndef EW_MODEL_PIN_H
#define EW_MODEL_PIN_H

#include "base/buf.h"
#include "codec/hash.h"

/* A trie, or part of one: how many labels, and both roots.  { 0 } is the empty one. */
struct ew_trie {
	uint64_t count;
	struct ew_sha256 records, answers;
};

/* One label's place in it. */
struct ew_leaf {
	struct ew_sha256 key;             /* SHA-256 of the id */
	struct ew_sha256 records, answers; /* leaf hashes, made by ew_pin_leaf() */
};

/* SHA-256(00 || key || digest). */
struct ew_sha256 ew_pin_leaf(struct ew_hash *, const struct ew_sha256 *key,
	const struct ew_sha256 *digest);
/* SHA-256(01 || left || right), of two that hold two labels at least. */
struct ew_sha256 ew_pin_node(struct ew_hash *, const struct ew_sha256 *left,
	const struct ew_sha256 *right);
/* Both leaf hashes, of a leaf that has its key, from a record and its scored part. */
void ew_pin_leaves(struct ew_leaf *, struct ew_hash *, struct ew_str record, struct ew_str scored);
/* The trie over the union of two sibling tries (bit 0 left, bit 1 right). */
struct ew_trie ew_pin_join(struct ew_hash *, const struct ew_trie *left,
	const struct ew_trie *right);
/* What 16 siblings join to on the way up, kept: then a change of few of them costs few hashes.  { 0 } is of none. */
struct ew_pin_joins {
	struct ew_trie pair[8], four[4], half[2];
};
/*
 * The trie of the 16 children that one hex digit distinguishes.  `changed` has a bit
 * for each that is not as it was when `joins`, which is brought up to date, was made.
 */
struct ew_trie ew_pin_join16(struct ew_hash *, struct ew_pin_joins *joins,
	const struct ew_trie *const child[16], unsigned changed);
/* The trie of leaves that ascend by key and agree in their first `depth` bits. */
struct ew_trie ew_pin_trie(struct ew_hash *, const struct ew_leaf *leaf, size_t n, unsigned depth);

/* As many splits as a manifest can name, and the longest name. */
enum { EW_PIN_SPLITS_MAX = 256, EW_PIN_NAME_MAX = 64 };

/* The data set's pins over its splits, ascending by name; empty ones are left out. */
struct ew_pin_split {
	struct ew_str name;
	struct ew_trie trie;
};
struct ew_pins {
	uint64_t count;
	struct ew_sha256 records, answers;
};
struct ew_pins ew_pin_dataset(struct ew_hash *, const struct ew_pin_split *split, size_t n);

/* "ewr1:<64 hex>" or "ewa1:<64 hex>", appended. */
void ew_pin_write(struct ew_buf *out, const struct ew_sha256 *root, bool answers);
/* EW_USAGE for what is no pin, EW_REFUSED for one that is not exactly so written. */
EW_MUST_USE enum ew_code ew_pin_read(struct ew_sha256 *root, bool *answers, struct ew_str text,
	struct ew_err *err);

#endif
