/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ssh-agent protocol (draft-miller-ssh-agent), client side: ask which keys it
 * holds, ask it to sign.  A connection stays open for many signatures.  Answers
 * are bounded in size and in time, and are not to be believed: sshkey.c verifies
 * each signature.  After a failure of the connection every further request fails.
 */
#ifndef EW_CODEC_AGENT_H
#define EW_CODEC_AGENT_H

#include "base/buf.h"

struct ew_agent;

/* EW_IO if nothing listens at `socket`. */
EW_MUST_USE enum ew_code ew_agent_open(struct ew_agent **out, const char *socket,
	struct ew_err *err);
void ew_agent_free(struct ew_agent *);

/* EW_USAGE unless the agent holds the key of this public blob; EW_IO if it cannot be asked. */
EW_MUST_USE enum ew_code ew_agent_check(struct ew_agent *, struct ew_str blob, struct ew_err *err);
/*
 * Append the signature blob that the agent makes; `flags` choose among the forms of a
 * type's signatures.  EW_IO if it refuses, breaks off
 * or is silent for 30 s (a person may have to confirm); EW_INTERRUPTED on a signal.
 */
EW_MUST_USE enum ew_code ew_agent_sign(struct ew_buf *out, struct ew_agent *, struct ew_str blob,
	struct ew_str message, uint32_t flags, struct ew_err *err);

#endif
