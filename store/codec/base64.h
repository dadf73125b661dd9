/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, RFC 4648 section 4, strict: canonical padding, no white space. */
#ifndef EW_CODEC_BASE64_H
#define EW_CODEC_BASE64_H

#include "base/buf.h"

void ew_base64_write(struct ew_buf *out, struct ew_str bytes);
/* False unless `text` is exactly what ew_base64_write() makes of some bytes. */
bool ew_base64_read(struct ew_buf *out, struct ew_str text);

#endif
