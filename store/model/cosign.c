/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cosign.h"

enum { ARMOUR_LINE = 70 };

static const char begins[] = "-----BEGIN SSH SIGNATURE-----\n", ends[] = "-----END SSH SIGNATURE-----\n";

static void
write_id(struct ew_buf *out, const char *name, const struct ew_oid *id)
{
	char hex[2 * sizeof id->b + 1];

	ew_hex(hex, id->b, sizeof id->b);
	ew_buf_addf(out, "%s %s\n", name, hex);
}

void
ew_cosign_write_commit(struct ew_buf *out, const struct ew_oid *parent, const struct ew_oid *tree,
	struct ew_str message)
{
	ew_buf_adds(out, "ellwand cosign 1\n");
	write_id(out, "parent", parent);
	write_id(out, "tree", tree);
	ew_buf_addc(out, '\n');
	ew_buf_add(out, message);
}

void
ew_cosign_write_tag(struct ew_buf *out, const struct ew_oid *commit, struct ew_str name,
	struct ew_str message)
{
	ew_buf_adds(out, "ellwand cosign 1\n");
	write_id(out, "object", commit);
	ew_buf_addf(out, "tag %.*s\n\n", EW_FMT(name));
	ew_buf_add(out, message);
}

void
ew_cosign_write_trailer(struct ew_buf *out, struct ew_str armour)
{
	struct ew_str body = ew_str_part(armour, sizeof begins - 1, armour.len - (sizeof ends - 1));

	ew_buf_adds(out, EW_TRAILER_COSIGN ": ");
	for (size_t i = 0; i < body.len; i++)
		if (body.p[i] != '\n')
			ew_buf_addc(out, body.p[i]);
	ew_buf_addc(out, '\n');
}

bool
ew_cosign_next(struct ew_str *value, struct ew_str *lines)
{
	const size_t name = sizeof EW_TRAILER_COSIGN ": " - 1;
	struct ew_str line;

	if (!lines->len)
		return false;
	line = ew_str_cut(lines, '\n');
	*value = ew_str_part(line, name, line.len);
	return true;
}

void
ew_cosign_write_armour(struct ew_buf *out, struct ew_str value)
{
	ew_buf_adds(out, begins);
	for (size_t i = 0; i < value.len; i += ARMOUR_LINE) {
		ew_buf_add(out, ew_str_part(value, i, i + ARMOUR_LINE));
		ew_buf_addc(out, '\n');
	}
	ew_buf_adds(out, ends);
}
