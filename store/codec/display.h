/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Display: how text is shown on a terminal.  Shown text cannot drive the terminal
 * nor reorder what stands beside it: control characters, line and paragraph
 * separators, bidirectional controls and bytes that are not UTF-8 are written out,
 * as "<U+202E>" and "<FF>".  Everything else stays as it is.
 */
#ifndef EW_CODEC_DISPLAY_H
#define EW_CODEC_DISPLAY_H

#include "base/buf.h"

/* Append `text` as shown; with `lines`, newlines and tabs stay too. */
void ew_display_add(struct ew_buf *out, struct ew_str text, bool lines);
/* Columns that `text` takes as shown on one line. */
size_t ew_display_width(struct ew_str text);
/*
 * Append `text` as shown on one line, cut so that it takes at most `columns`; what
 * is cut ends in "…" (nothing at all is appended when columns is 0).
 */
void ew_display_fit(struct ew_buf *out, struct ew_str text, size_t columns);

#endif
