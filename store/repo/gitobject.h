/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git objects: their types, how large this format lets them be, the header that is
 * hashed before their bytes, and how one that cannot be had is reported.
 */
#ifndef EW_REPO_GITOBJECT_H
#define EW_REPO_GITOBJECT_H

#include "codec/hash.h"

enum ew_object_type { EW_COMMIT = 1, EW_TREE = 2, EW_BLOB = 3, EW_TAG = 4 };

enum {
	EW_OID_HEX = 40,
	EW_OBJECT_MAX = 1 << 20, /* commits, tags, records */
	EW_TREE_MAX = 1 << 28,
	EW_OBJECT_HEADER = 32, /* at most */
};

const char *ew_object_type_word(enum ew_object_type);
/* The most bytes an object of this type may have. */
size_t ew_object_limit(enum ew_object_type);
/* "blob 12" and its NUL; the length of both. */
size_t ew_object_header(char out[EW_OBJECT_HEADER], enum ew_object_type, size_t size);
struct ew_oid ew_object_oid(struct ew_hash *, enum ew_object_type, struct ew_str bytes);
/* EW_CORRUPT: the object is `how`, a word such as "missing". */
enum ew_code ew_object_fail(struct ew_err *err, const struct ew_oid *, const char *how);

#endif
