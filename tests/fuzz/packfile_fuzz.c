/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs: the input is a pack and, from its last "\377tOc" on, its index.  What is read
 * has a size that is allowed, and is the same whether bases are kept from before or not;
 * what is refused leaves the output as it was.
 */
#include "repo/unpacker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OBJECTS_MOST = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "packfile_fuzz: not so: %s\n", what);
		abort();
	}
}

static size_t
find_index(struct ew_str all)
{
	size_t at = all.len;

	while (at > 0 && (all.len - at < 4 || memcmp(all.p + at, "\377tOc", 4) != 0))
		at--;
	return at;
}

static struct ew_unpacker *
open_unpacker(struct ew_inflater *inflater)
{
	struct ew_err err = { 0 };
	struct ew_unpacker *u;

	must(ew_unpacker_open(&u, inflater, &err) == EW_OK, "there is memory");
	return u;
}

/* The object by one reader, behind what is in `out` before; its type, or 0. */
static unsigned
read_one(struct ew_buf *out, struct ew_unpacker *u, const struct ew_packfile *f,
	const struct ew_oid *oid)
{
	struct ew_err err = { 0 };
	enum ew_object_type type = EW_BLOB;
	uint64_t offset;

	ew_buf_clear(out);
	ew_buf_adds(out, "before");
	must(ew_packfile_find(&offset, f, oid), "what is found once is found again");
	if (ew_unpacker_type(&type, u, f, offset, oid, &err) == EW_OK &&
	    ew_unpacker_read(out, u, f, offset, oid, type, &err) == EW_OK) {
		must(out->len - 6 <= ew_object_limit(type), "a size is allowed");
		return type;
	}
	must(err.code == EW_CORRUPT, "what fails is damaged");
	must(ew_str_is(ew_buf_str(out), "before"), "what fails adds nothing");
	return 0;
}

static void
read_all(const struct ew_packfile *f, struct ew_inflater *inflater)
{
	struct ew_unpacker *used = open_unpacker(inflater);
	struct ew_buf a = { 0 }, b = { 0 };

	for (uint32_t i = 0; i < ew_packfile_count(f) && i < OBJECTS_MOST; i++) {
		const struct ew_oid oid = ew_packfile_oid(f, i);
		struct ew_unpacker *fresh;
		uint64_t offset;

		/* In an index that is not in order an id can be beyond finding. */
		if (!ew_packfile_find(&offset, f, &oid))
			continue;
		fresh = open_unpacker(inflater);
		must(read_one(&a, used, f, &oid) == read_one(&b, fresh, f, &oid) &&
			     ew_str_eq(ew_buf_str(&a), ew_buf_str(&b)),
			"bases that are kept change nothing");
		ew_unpacker_free(fresh);
	}
	ew_buf_release(&a);
	ew_buf_release(&b);
	ew_unpacker_free(used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ew_str all = ew_str_n(data, size);
	const size_t at = find_index(all);
	struct ew_err err = { 0 };
	struct ew_inflater *inflater;
	struct ew_packfile *f;

	if (ew_packfile_open_bytes(&f, "pack", ew_str_part(all, 0, at), ew_str_part(all, at, size),
		    &err) != EW_OK) {
		must(err.code == EW_CORRUPT, "what fails is damaged");
		return 0;
	}
	must(ew_inflater_open(&inflater, &err) == EW_OK, "there is memory");
	read_all(f, inflater);
	ew_inflater_free(inflater);
	ew_packfile_free(f);
	return 0;
}
