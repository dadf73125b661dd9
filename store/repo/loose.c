/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/loose.h"

#include "base/file.h"

#include <stdlib.h>

enum { FIRST_ROOM = 4096, FILE_ROOM = 4096 };

struct ew_loose {
	struct ew_inflater *inflater;
	struct ew_buf path;
	size_t folder; /* length of "OBJECTS/" in it */
	struct ew_buf file, contents;
};

enum ew_code
ew_loose_open(struct ew_loose **out, const char *objects, struct ew_inflater *inflater,
	struct ew_err *err)
{
	struct ew_loose *l = calloc(1, sizeof *l);
	enum ew_code rc;

	*out = NULL;
	if (!l)
		return ew_fail_nomem(err);
	l->inflater = inflater;
	ew_buf_addf(&l->path, "%s/", objects);
	l->folder = l->path.len;
	if ((rc = ew_buf_check(&l->path, err)) == EW_OK)
		*out = l;
	else
		ew_loose_free(l);
	return rc;
}

void
ew_loose_free(struct ew_loose *l)
{
	if (!l)
		return;
	ew_buf_release(&l->path);
	ew_buf_release(&l->file);
	ew_buf_release(&l->contents);
	free(l);
}

/* The size is known only when all is inflated: into more and more room, as far as `most`. */
static enum ew_code
inflate(struct ew_loose *l, const struct ew_oid *oid, size_t most, struct ew_err *err)
{
	const struct ew_str in = ew_buf_str(&l->file);

	ew_buf_clear(&l->contents);
	for (size_t room = FIRST_ROOM;; room *= 4) {
		size_t n = room < most ? room : most, len = 0;
		char *to = ew_buf_room(&l->contents, n);

		if (!to)
			return ew_buf_check(&l->contents, err);
		switch (ew_inflater_whole(l->inflater, to, n, &len, in)) {
		case EW_INFLATE_DONE:
			l->contents.len = len;
			return EW_OK;
		case EW_INFLATE_FULL:
			if (n == most)
				return ew_object_fail(err, oid, "larger than the format allows");
			break;
		case EW_INFLATE_DAMAGED:
			return ew_object_fail(err, oid, "damaged");
		}
	}
}

/* "blob 12" and a NUL before 12 bytes. */
static bool
read_header(struct ew_str *bytes, enum ew_object_type *type, struct ew_str all)
{
	static const enum ew_object_type types[] = { EW_COMMIT, EW_TREE, EW_BLOB, EW_TAG };
	const size_t end = ew_str_find(all, 0, '\0');
	struct ew_str size = ew_str_part(all, 0, end), word = ew_str_cut(&size, ' ');
	uint64_t n;

	*bytes = ew_str_part(all, end + 1, all.len);
	if (end == all.len || !ew_str_to_u64(size, EW_TREE_MAX, &n) || n != bytes->len)
		return false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (ew_str_is(word, ew_object_type_word(types[i]))) {
			*type = types[i];
			return true;
		}
	return false;
}

enum ew_code
ew_loose_read(struct ew_str *bytes, enum ew_object_type *type, bool *found, struct ew_loose *l,
	const struct ew_oid *oid, size_t max, struct ew_err *err)
{
	const size_t most = max + EW_OBJECT_HEADER;
	char hex[EW_OID_HEX + 1];
	enum ew_code rc;

	*found = false;
	ew_hex(hex, oid->b, sizeof oid->b);
	l->path.len = l->folder;
	ew_buf_addf(&l->path, "%.2s/%s", hex, hex + 2);
	ew_buf_clear(&l->file);
	if ((rc = ew_buf_check(&l->path, err)) != EW_OK)
		return rc;
	/* What cannot be compressed grows, by little. */
	rc = ew_file_read(&l->file, l->path.p, most + most / 8 + FILE_ROOM, err);
	if (rc == EW_NOTFOUND) {
		ew_err_clear(err);
		return EW_OK;
	}
	*found = true;
	if (rc == EW_REFUSED) {
		ew_err_clear(err);
		return ew_object_fail(err, oid, "larger than the format allows");
	}
	if (rc != EW_OK || (rc = inflate(l, oid, most, err)) != EW_OK)
		return rc;
	if (!read_header(bytes, type, ew_buf_str(&l->contents)))
		return ew_object_fail(err, oid, "damaged");
	return EW_OK;
}
