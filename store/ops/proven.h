/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a proof proves: checked against a pin, or against the keys of those whose releases
 * one believes, or both.  There is no store; LABELS_FORMAT.md section 8.2 is all there is.
 */
#ifndef EW_OPS_PROVEN_H
#define EW_OPS_PROVEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/hash.h"

struct ew_proven_opts {
	struct ew_str proof;   /* the bytes of the file */
	struct ew_str pin;     /* "ewr1:..." or "ewa1:...", or absent */
	struct ew_str signers; /* what an allowed_signers file holds, or absent; one of the two must be given */
	int64_t now;           /* with signers: seconds since the epoch, for releases that expire; 0: they do not */
};

#define EW_PROVEN_WORDS(X)                      \
	X(EW_PROVEN_RECORD, "record")          \
	X(EW_PROVEN_ANSWER, "answer")          \
	X(EW_PROVEN_ABSENCE, "absence")
enum ew_proven_what {
#define X(name, word) name,
	EW_PROVEN_WORDS(X)
#undef X
};

struct ew_proven {
	bool good;
	struct ew_str problem; /* when it is not good: one line; all below is absent then */
	enum ew_proven_what what; /* the whole record, what is scored of it, or that there is no such label */
	struct ew_str id, split;  /* split: absent when there is none */
	uint64_t labels;          /* of the data set */
	struct ew_str records, answers; /* the data set's pins, those of them that are proven */
	struct ew_str release, dataset, signer; /* with signers: whose release says so, of which data set */
	int64_t expires; /* the last second at which that release is to be used; 0: always */
	struct ew_arena arena;
};
/*
 * EW_OK with `good` true or false, whatever the proof's bytes are; failures are EW_USAGE or
 * EW_REFUSED for a pin, or for signers, that are none.  The caller releases `out`, also
 * after failure.  What is proven is for the caller to compare with what was asked: id,
 * release and data set are the proof's own.
 */
EW_MUST_USE enum ew_code ew_proof_verify(struct ew_proven *out, struct ew_hash *,
	const struct ew_proven_opts *, struct ew_err *err);
void ew_proven_release(struct ew_proven *);
/* schemas/ellwand.proven.json */
void ew_proven_json(struct ew_buf *out, const struct ew_proven *);

#endif
