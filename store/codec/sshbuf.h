/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SSH wire form (RFC 4251 section 5), as far as keys, signatures and agents
 * need it: big-endian numbers, and strings with their length before them.  A
 * reader cuts one item from the front of `*rest`; it returns false, and leaves
 * `*rest` as it was, when the bytes end too early.
 */
#ifndef EW_CODEC_SSHBUF_H
#define EW_CODEC_SSHBUF_H

#include "base/buf.h"

bool ew_sshbuf_byte(unsigned char *out, struct ew_str *rest);
bool ew_sshbuf_u32(uint32_t *out, struct ew_str *rest);
/* A slice of `*rest`. */
bool ew_sshbuf_string(struct ew_str *out, struct ew_str *rest);
/* A number above zero in its one form, without what makes it longer than it need be. */
bool ew_sshbuf_mpint(struct ew_str *out, struct ew_str *rest);

/* The string's length and bytes appended; at most 4 GiB. */
void ew_sshbuf_add(struct ew_buf *out, struct ew_str s);

#endif
