/* SPDX-License-Identifier: Apache-2.0 */
#include "model/statement.h"

#include "codec/base64.h"
#include "codec/sshsig.h"
#include "model/record.h"
#include "model/trailer.h"

#include <string.h>

enum { OBJECT_MAX = 1 << 20 };

/* What each tag of a release has: its second line, and what all its trailers begin with. */
static const char type[] = "type commit\n", prefix[] = "Ellwand-";

static enum ew_code
strip(struct ew_statement *s, struct ew_arena *arena, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = ew_sshsig_strip(&bytes, "git", s->tag.signature, err);

	if (rc == EW_NO)
		err->code = rc = EW_REFUSED;
	if (rc == EW_OK && !(s->signature = ew_arena_str(arena, ew_buf_str(&bytes))).p)
		rc = ew_fail_nomem(err);
	ew_buf_release(&bytes);
	return rc;
}

enum ew_code
ew_statement_parse(struct ew_statement *out, struct ew_arena *arena, struct ew_str object,
	struct ew_err *err)
{
	enum ew_code rc;

	if (object.len > OBJECT_MAX)
		return ew_fail(err, EW_REFUSED, "the tag is over 1 MiB");
	*out = (struct ew_statement){ .object = ew_arena_str(arena, object) };
	if (!out->object.p)
		return ew_fail_nomem(err);
	if ((rc = ew_tag_parse(&out->tag, out->object, err)) != EW_OK ||
	    (rc = ew_release_parse(&out->note, arena, out->tag.message, err)) != EW_OK ||
	    (rc = strip(out, arena, err)) != EW_OK)
		return rc;
	if (!ew_str_eq(out->tag.name, out->note.name))
		return ew_fail(err, EW_REFUSED, "is called %.*s, but declares to be %.*s",
			EW_FMT(out->tag.name), EW_FMT(out->note.name));
	return EW_OK;
}

/* The text before its last paragraph, where the trailers are; they are left in `*text`. */
static struct ew_str
cut_trailers(struct ew_str *text)
{
	const struct ew_str whole = *text;
	size_t at = whole.len;

	while (at > 1 && !(whole.p[at - 1] == '\n' && whole.p[at - 2] == '\n'))
		at--;
	*text = ew_str_part(whole, at, whole.len);
	return ew_str_part(whole, 0, at);
}

/* Of a line without what all trailers begin with. */
static bool
is_trailer(struct ew_str line, const char *name)
{
	return ew_str_starts(line, name) && ew_str_starts(ew_str_part(line, strlen(name), line.len), ": ");
}

/* --- as JSON --- */

/* The payload without what follows from the rest, or stands in every one. */
static void
write_short(struct ew_buf *out, struct ew_str payload)
{
	static const char *const left_out[] = { "Release", "Records", "Answers", "Split" };
	struct ew_str rest = payload, head = cut_trailers(&rest);

	ew_buf_add(out, ew_str_cut(&head, '\n'));
	ew_buf_addc(out, '\n');
	ew_buf_add(out, ew_str_part(head, strlen(type), head.len));
	while (rest.len) {
		struct ew_str line = ew_str_cut(&rest, '\n');
		bool stays = true;

		line = ew_str_part(line, strlen(prefix), line.len);
		for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
			stays &= !is_trailer(line, left_out[i]);
		if (!stays)
			continue;
		ew_buf_add(out, line);
		ew_buf_addc(out, '\n');
	}
}

void
ew_statement_write(struct ew_jsonw *w, const struct ew_statement *s)
{
	struct ew_buf signature = { 0 }, tag = { 0 };

	ew_base64_write(&signature, s->signature);
	write_short(&tag, s->tag.payload);
	ew_jsonw_object(w);
	ew_jsonw_str_at(w, "signature", ew_buf_str(&signature));
	ew_jsonw_str_at(w, "tag", ew_buf_str(&tag));
	ew_jsonw_end(w);
	if (signature.bad != EW_OK || tag.bad != EW_OK)
		w->out->bad = EW_NOMEM;
	ew_buf_release(&signature);
	ew_buf_release(&tag);
}

/* --- and back --- */

/* What stands behind "tag " at the start of a line, before the message. */
static struct ew_str
name_of(struct ew_str tag)
{
	while (tag.len && !ew_str_starts(tag, "\n")) {
		const struct ew_str line = ew_str_cut(&tag, '\n');

		if (ew_str_starts(line, "tag "))
			return ew_str_part(line, strlen("tag "), line.len);
	}
	return (struct ew_str){ NULL, 0 };
}

/* The payload, with the lines that were left out in their places. */
static void
write_whole(struct ew_buf *out, struct ew_str tag, const struct ew_pin_split *split, size_t n,
	const struct ew_pins *pins)
{
	struct ew_str rest = tag, head = cut_trailers(&rest);

	ew_buf_add(out, ew_str_cut(&head, '\n'));
	ew_buf_addc(out, '\n');
	ew_buf_adds(out, type);
	ew_buf_add(out, head);
	ew_trailer_write(out, "Ellwand-Release", name_of(tag));
	while (rest.len) {
		const struct ew_str line = ew_str_cut(&rest, '\n');

		ew_buf_adds(out, prefix);
		ew_buf_add(out, line);
		ew_buf_addc(out, '\n');
		if (is_trailer(line, "Dataset"))
			ew_trailer_write_pins(out, &pins->records, &pins->answers);
		for (size_t i = 0; i < n && is_trailer(line, "Policy"); i++)
			ew_release_write_split(out, &split[i]);
	}
}

enum ew_code
ew_statement_read(struct ew_statement *out, struct ew_arena *arena, const struct ew_json *json,
	const struct ew_pin_split *split, size_t n, const struct ew_pins *pins, struct ew_err *err)
{
	enum { SIGNATURE, TAG, COUNT };
	static const struct ew_member want[COUNT] = {
		[SIGNATURE] = { "signature", EW_JSON_STRING, true },
		[TAG] = { "tag", EW_JSON_STRING, true },
	};
	const struct ew_json *got[COUNT];
	struct ew_buf signature = { 0 }, object = { .max = 2 * OBJECT_MAX };
	enum ew_code rc;

	if ((rc = ew_record_take(got, json, want, COUNT, err)) != EW_OK)
		return rc;
	if (!ew_base64_read(&signature, ew_json_text(got[SIGNATURE])) &&
	    (rc = ew_buf_check(&signature, err)) == EW_OK)
		rc = ew_fail(err, EW_REFUSED, "signature is not whole base64");
	if (rc == EW_OK) {
		write_whole(&object, ew_json_text(got[TAG]), split, n, pins);
		ew_sshsig_dress(&object, "git", ew_buf_str(&signature));
		rc = ew_buf_check(&object, err);
	}
	if (rc == EW_OK)
		rc = ew_statement_parse(out, arena, ew_buf_str(&object), err);
	ew_buf_release(&signature);
	ew_buf_release(&object);
	return rc;
}
