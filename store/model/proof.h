/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs that a data set holds one label, or that it holds none of an id, which need no
 * more than a pin or a release's signer to be checked.  LABELS_FORMAT.md section 8.2.
 */
#ifndef EW_MODEL_PROOF_H
#define EW_MODEL_PROOF_H

#include "model/label.h"
#include "model/statement.h"
#include "model/way.h"

enum { EW_PROOF_MAX = 2 << 20 }; /* bytes */

/* The way to the id's place in one split's trie. */
struct ew_proof_way {
	bool given;
	struct ew_str levels;   /* from the root on, '1' where the sibling holds labels, else '0' */
	struct ew_str siblings; /* those that do, 32 bytes each */
	bool other;             /* another label stands there, with this key and digest */
	struct ew_sha256 key, digest;
};

/* All of it in one arena. */
struct ew_proof {
	struct ew_str id;
	struct ew_str label; /* the record, or with `answers` its scored part; absent: there is no such label */
	bool answers;        /* which of the two tries the ways lead down */
	struct ew_pin_split *split; /* ascending by name, with what they add to the pins */
	struct ew_proof_way *way;   /* of each split: to a label in its split alone, to none in all */
	size_t splits;
	struct ew_statement release; /* or none */
	struct ew_pins pins; /* that it leads to; without a release, of the one trie only */
};

/*
 * Parse and compute.  EW_REFUSED with the reason for what is not exactly the canonical form
 * of a proof, or cannot be one whatever the pin.  What is left to check is the pin, or the
 * release's signature.
 */
EW_MUST_USE enum ew_code ew_proof_parse(struct ew_proof *out, struct ew_arena *, struct ew_hash *,
	struct ew_str bytes, struct ew_err *err);
/* Append its canonical bytes.  The pins are not looked at. */
void ew_proof_write(struct ew_buf *out, const struct ew_proof *);
/* The split that holds the label; absent when none does. */
struct ew_str ew_proof_split(const struct ew_proof *);

#endif
