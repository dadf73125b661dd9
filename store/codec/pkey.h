/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public-key algorithms of OpenSSL: ECDSA on NIST's curves, and RSA as PKCS #1 version
 * 1.5 signs.  Numbers are big-endian, zeros before them do not matter.  A function that
 * fails for lack of memory, or because this OpenSSL lacks an algorithm, says so
 * (EW_NOMEM, EW_IO): that a key or a signature is bad is never said for such a reason.
 */
#ifndef EW_CODEC_PKEY_H
#define EW_CODEC_PKEY_H

#include "base/buf.h"

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

/*
 * A key of the curve "P-256", "P-384" or "P-521": `point` as SEC 1 writes it uncompressed,
 * `secret` its number, absent for a public key.  EW_REFUSED if that is no point of the
 * curve; whether the halves belong together is for the caller to try.
 */
EW_MUST_USE enum ew_code ew_pkey_ec(struct evp_pkey_st **out, const char *curve,
	struct ew_str point, struct ew_str secret, struct ew_err *err);

/* The numbers of RSA (RFC 8017 3.2); all after `e` are absent for a public key. */
struct ew_pkey_rsa {
	struct ew_str n, e, d, p, q, qinv;
};
EW_MUST_USE enum ew_code ew_pkey_rsa(struct evp_pkey_st **out, const struct ew_pkey_rsa *,
	struct ew_err *err);

/* Wipes. */
void ew_pkey_free(struct evp_pkey_st *);

/*
 * With the digest "SHA256", "SHA384" or "SHA512".  A signature is the algorithm's own: of
 * RSA as long as n, of ECDSA a DER sequence of two integers.  EW_NO if it is not good.
 */
EW_MUST_USE enum ew_code ew_pkey_verify(struct evp_pkey_st *, const char *digest,
	struct ew_str signature, struct ew_str message, struct ew_err *err);
/* Appended. */
EW_MUST_USE enum ew_code ew_pkey_sign(struct ew_buf *out, struct evp_pkey_st *, const char *digest,
	struct ew_str message, struct ew_err *err);

#endif
