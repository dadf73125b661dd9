/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deflate: zlib streams (RFC 1950) of whole objects.  Compressed ones are libdeflate's,
 * which takes half of zlib's time on small records; zlib reads each back, so that no fault
 * of one is believed by itself.  Stored ones hold their bytes as they are.
 */
#ifndef EW_REPO_DEFLATE_H
#define EW_REPO_DEFLATE_H

#include "base/buf.h"

struct ew_deflate;

EW_MUST_USE enum ew_code ew_deflate_open(struct ew_deflate **out, struct ew_err *err);
void ew_deflate_free(struct ew_deflate *);
/* Append a compressed stream of `bytes`, and check that zlib gets them back. */
EW_MUST_USE enum ew_code ew_deflate(struct ew_buf *out, struct ew_deflate *, struct ew_str bytes,
	struct ew_err *err);

/* Append a stored stream of `bytes`. */
void ew_deflate_stored(struct ew_buf *out, struct ew_str bytes);

/* Whether a stream begins with bytes that are stored. */
bool ew_deflate_is_stored(struct ew_str zlib);

/* CRC-32 as packs use it, going on from `crc`, 0 at first. */
uint32_t ew_crc32(uint32_t crc, struct ew_str);

#endif
