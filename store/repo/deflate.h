/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate: zlib streams with one compressor that is reset, not made anew, for each object. */
#ifndef EW_REPO_DEFLATE_H
#define EW_REPO_DEFLATE_H

#include "base/buf.h"

struct ew_deflate;

EW_MUST_USE enum ew_code ew_deflate_open(struct ew_deflate **out, struct ew_err *err);
void ew_deflate_free(struct ew_deflate *);
/* Append the zlib stream (RFC 1950) of `n` pieces joined. */
EW_MUST_USE enum ew_code ew_deflate(struct ew_buf *out, struct ew_deflate *,
	const struct ew_str *piece, size_t n, struct ew_err *err);

/* Append the contents, `size` bytes, of one zlib stream; EW_CORRUPT if it holds anything else. */
EW_MUST_USE enum ew_code ew_inflate(struct ew_buf *out, struct ew_str zlib, size_t size,
	struct ew_err *err);

/* CRC-32 as packs use it. */
uint32_t ew_crc32(struct ew_str);

#endif
