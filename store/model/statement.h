/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements: a release's tag as a proof carries it, without what the proof says elsewhere
 * or what follows from the rest.  The tag object is made again from it, byte for byte.
 * LABELS_FORMAT.md section 8.2.
 */
#ifndef EW_MODEL_STATEMENT_H
#define EW_MODEL_STATEMENT_H

#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/commit.h"
#include "model/release.h"

/* All of it in one arena; .object.p NULL: there is none. */
struct ew_statement {
	struct ew_str object; /* the tag's bytes, of which the rest is what they say */
	struct ew_tag tag;
	struct ew_release_note note;
	struct ew_str signature; /* stripped: codec/sshsig.h */
};

/*
 * Of a tag object; EW_REFUSED with the reason unless it is a release's, under one name.
 * Its signature is not checked.
 */
EW_MUST_USE enum ew_code ew_statement_parse(struct ew_statement *out, struct ew_arena *,
	struct ew_str object, struct ew_err *err);
/* The value of the member "release" of a proof. */
void ew_statement_write(struct ew_jsonw *, const struct ew_statement *);
/* The reverse, over the splits and pins that the proof leads to; EW_REFUSED as above. */
EW_MUST_USE enum ew_code ew_statement_read(struct ew_statement *out, struct ew_arena *,
	const struct ew_json *, const struct ew_pin_split *split, size_t n, const struct ew_pins *,
	struct ew_err *err);

#endif
