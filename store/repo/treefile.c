/* SPDX-License-Identifier: Apache-2.0 */
#include "repo/treefile.h"

#include <string.h>

void
ew_tree_reader_init(struct ew_tree_reader *r, struct ew_str bytes, const struct ew_oid *tree)
{
	*r = (struct ew_tree_reader){ .bytes = bytes, .tree = tree };
}

/* git orders folders as if their names ended in a slash. */
static int
git_order(const struct ew_tree_item *a, const struct ew_tree_item *b)
{
	size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
	int d = memcmp(a->name.p, b->name.p, n);
	int x, y;

	if (d)
		return d;
	x = a->name.len > n ? (unsigned char)a->name.p[n] : a->folder ? '/' : 0;
	y = b->name.len > n ? (unsigned char)b->name.p[n] : b->folder ? '/' : 0;
	return x - y;
}

int
ew_tree_folder_cmp(struct ew_str a, struct ew_str b)
{
	const struct ew_tree_item x = { .name = a, .folder = true }, y = { .name = b, .folder = true };

	return git_order(&x, &y);
}

static bool
fail(struct ew_tree_reader *r, const char *what, struct ew_str name, struct ew_err *err)
{
	char hex[2 * sizeof r->tree->b + 1];

	ew_hex(hex, r->tree->b, sizeof r->tree->b);
	ew_fail(err, EW_CORRUPT, "tree %s: %s: \"%.*s\"; restore the store from a good copy", hex, what,
		EW_FMT(name));
	return false;
}

bool
ew_tree_next(struct ew_tree_reader *r, struct ew_tree_item *out, struct ew_err *err)
{
	struct ew_str rest = ew_str_part(r->bytes, r->at, r->bytes.len), mode;
	size_t end;

	if (rest.len == 0)
		return false;
	end = ew_str_find(rest, 0, '\0');
	if (end + 1 + sizeof out->oid.b > rest.len)
		return fail(r, "cut short", (struct ew_str){ NULL, 0 }, err);
	out->name = ew_str_part(rest, 0, end);
	mode = ew_str_cut(&out->name, ' ');
	out->folder = ew_str_is(mode, "40000");
	if (!out->folder && !ew_str_is(mode, "100644"))
		return fail(r, "neither a plain file nor a folder", out->name, err);
	if (out->name.len == 0 || memchr(out->name.p, '/', out->name.len))
		return fail(r, "no name for a file", out->name, err);
	memcpy(out->oid.b, rest.p + end + 1, sizeof out->oid.b);
	if (r->last.name.p &&
	    (git_order(&r->last, out) >= 0 || ew_str_eq(r->last.name, out->name)))
		return fail(r, "twice, or out of order", out->name, err);
	r->last = *out;
	r->at += end + 1 + sizeof out->oid.b;
	return true;
}

void
ew_tree_add(struct ew_buf *b, bool folder, struct ew_str name, const struct ew_oid *oid)
{
	ew_buf_adds(b, folder ? "40000 " : "100644 ");
	ew_buf_add(b, name);
	ew_buf_addc(b, '\0');
	ew_buf_addmem(b, oid->b, sizeof oid->b);
}
