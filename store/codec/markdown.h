/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markdown (CommonMark with GitHub's tables): text of labels inside a line of it,
 * where whatever it holds is shown, and neither formats nor is HTML.  Line ends and
 * tabs become spaces, other control characters are spelled out as codec/display.h
 * says, and what is longer than `columns` is cut.
 */
#ifndef EW_CODEC_MARKDOWN_H
#define EW_CODEC_MARKDOWN_H

#include "base/buf.h"

/* Append as running text; also fit for the cell of a table. */
void ew_markdown_text(struct ew_buf *out, struct ew_str text, size_t columns);
/* Append as a code span; not for cells. */
void ew_markdown_code(struct ew_buf *out, struct ew_str text, size_t columns);
/* Append as one line that no Markdown is made of. */
void ew_markdown_plain(struct ew_buf *out, struct ew_str text, size_t columns);

#endif
