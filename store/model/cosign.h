/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Co-signatures: what further people sign when a policy wants several of them for a
 * commit or a release.  They stand in the message, as its last trailers, so the
 * committer's or tagger's own signature is over them too.  LABELS_FORMAT.md section 7.
 */
#ifndef EW_MODEL_COSIGN_H
#define EW_MODEL_COSIGN_H

#include "base/buf.h"
#include "codec/hash.h"

#define EW_TRAILER_COSIGN "Ellwand-Cosign"
#define EW_COSIGN_NAMESPACE "ellwand-cosign"
enum { EW_COSIGNS_MAX = 15 };

/* Append what a co-signature of a commit is over: its first parent, its tree, and its message without co-signatures. */
void ew_cosign_write_commit(struct ew_buf *out, const struct ew_oid *parent, const struct ew_oid *tree,
	struct ew_str message);
/* Of a tag: the commit, its name and its message without co-signatures. */
void ew_cosign_write_tag(struct ew_buf *out, const struct ew_oid *commit, struct ew_str name,
	struct ew_str message);

/* Append the trailer of an armoured signature. */
void ew_cosign_write_trailer(struct ew_buf *out, struct ew_str armour);
/* Take the next trailer's value from lines of them; false when none is left. */
bool ew_cosign_next(struct ew_str *value, struct ew_str *lines);
/* Append the armour whose trailer has this value; whether it is a signature, reading it says. */
void ew_cosign_write_armour(struct ew_buf *out, struct ew_str value);

#endif
