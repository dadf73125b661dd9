/* SPDX-License-Identifier: Apache-2.0 */
#include "model/id.h"
#include "codec/json.h"
#include "model/text.h"

static bool
plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* True if the i-th byte stands for itself in a name. */
static bool
stays(struct ew_str id, size_t i)
{
	return plain(id.p[i]) && !(i == 0 && id.p[0] == '-');
}

static size_t
name_length(struct ew_str id)
{
	size_t n = 0;

	for (size_t i = 0; i < id.len; i++)
		n += stays(id, i) ? 1 : 3;
	return n;
}

static const char *
character_flaw(int32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return "holds a control character; remove it";
	if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return "holds a character that reverses text; remove it";
	return NULL;
}

/* Visible ASCII alone: most ids, of which there is nothing more to ask. */
static bool
is_visible(struct ew_str id)
{
	size_t i = 0;

	while (i < id.len && id.p[i] > 0x20 && id.p[i] < 0x7f)
		i++;
	return i == id.len;
}

/* What is wrong with the characters; NULL for nothing. */
static const char *
characters_flaw(struct ew_str id)
{
	struct ew_str rest = id;
	int32_t c = 0;
	bool first = true;

	if (!ew_utf8_ok(id))
		return "is not UTF-8, or holds U+0000; convert it";
	while (ew_text_next(&c, &rest)) {
		const char *why = character_flaw(c);

		if (why)
			return why;
		if (first && ew_text_is_space(c))
			return "begins with white space; remove it";
		first = false;
	}
	if (ew_text_is_space(c))
		return "ends with white space; remove it";
	return ew_text_is_nfc(id) ? NULL : "is not in Unicode normal form C; normalise it";
}

/* NULL, or what is wrong. */
static const char *
flaw(struct ew_str id)
{
	const char *why;

	if (id.len == 0)
		return "is empty; give each instance an id";
	if (id.len > EW_ID_MAX)
		return "is over 200 bytes; shorten it";
	if (!is_visible(id) && (why = characters_flaw(id)))
		return why;
	if (name_length(id) > EW_NAME_MAX)
		return "makes a file name over 200 bytes; use more of a-z, 0-9, _ and -";
	return NULL;
}

enum ew_code
ew_id_check(struct ew_str id, struct ew_err *err)
{
	const char *why = flaw(id);

	if (!why)
		return EW_OK;
	return ew_fail(err, EW_REFUSED, "id \"%.*s\" %s", EW_FMT(ew_str_part(id, 0, EW_ID_MAX)),
		why);
}

void
ew_id_write_name(struct ew_buf *out, struct ew_str id)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < id.len; i++) {
		unsigned char c = (unsigned char)id.p[i];

		if (stays(id, i)) {
			ew_buf_addc(out, id.p[i]);
			continue;
		}
		ew_buf_addc(out, '%');
		ew_buf_addc(out, digit[c >> 4]);
		ew_buf_addc(out, digit[c & 15]);
	}
}

/* The bytes that a name stands for, appended; false unless its form is right. */
static bool
read_bytes(struct ew_buf *out, struct ew_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c;

		if (stays(name, i)) {
			ew_buf_addc(out, name.p[i]);
			continue;
		}
		if (name.p[i] != '%' || !ew_unhex(&c, 1, ew_str_part(name, i + 1, i + 3)))
			return false;
		/* One spelling only: what stays must not be escaped. */
		if (plain((char)c) && !(i == 0 && c == '-'))
			return false;
		ew_buf_addc(out, (char)c);
		i += 2;
	}
	return true;
}

bool
ew_id_read_name(struct ew_buf *out, struct ew_str name)
{
	size_t before = out->len;

	if (name.len <= EW_NAME_MAX && read_bytes(out, name) &&
		!flaw(ew_str_part(ew_buf_str(out), before, out->len)))
		return true;
	if (out->p)
		out->p[before] = '\0';
	out->len = before;
	return false;
}

enum ew_code
ew_id_fold(struct ew_buf *out, struct ew_str id, struct ew_err *err)
{
	if (!ew_utf8_ok(id))
		return ew_fail(err, EW_REFUSED, "id is not UTF-8, or holds U+0000; convert it");
	ew_text_fold(out, id);
	return ew_buf_check(out, err);
}

bool
ew_split_ok(struct ew_str name)
{
	if (name.len == 0 || name.len > 64 || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!plain(name.p[i]))
			return false;
	return true;
}
