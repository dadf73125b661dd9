/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/gitobject.h"

#include <string.h>

const char *
ew_object_type_word(enum ew_object_type t)
{
	switch (t) {
	case EW_COMMIT:
		return "commit";
	case EW_TREE:
		return "tree";
	case EW_BLOB:
		return "blob";
	case EW_TAG:
		return "tag";
	}
	return "object";
}

size_t
ew_object_limit(enum ew_object_type t)
{
	return t == EW_TREE ? EW_TREE_MAX : EW_OBJECT_MAX;
}

/* By hand, since snprintf() takes as long as hashing a record does. */
size_t
ew_object_header(char out[EW_OBJECT_HEADER], enum ew_object_type t, size_t size)
{
	const char *word = ew_object_type_word(t);
	const size_t len = strlen(word);
	char digit[20];
	size_t n = 0, at = len + 1;

	memcpy(out, word, len);
	out[len] = ' ';
	do
		digit[n++] = (char)('0' + size % 10);
	while (size /= 10);
	while (n)
		out[at++] = digit[--n];
	out[at++] = '\0';
	return at;
}

struct ew_oid
ew_object_oid(struct ew_hash *hash, enum ew_object_type t, struct ew_str bytes)
{
	char header[EW_OBJECT_HEADER];
	struct ew_str piece[2] = { { header, ew_object_header(header, t, bytes.len) }, bytes };

	return ew_sha1(hash, piece, 2);
}

enum ew_code
ew_object_fail(struct ew_err *err, const struct ew_oid *oid, const char *how)
{
	char hex[EW_OID_HEX + 1];

	ew_hex(hex, oid->b, sizeof oid->b);
	return ew_fail(err, EW_CORRUPT,
		"object %s is %s; fetch the store again, or restore it from a copy", hex, how);
}
