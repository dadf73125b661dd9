/* SPDX-License-Identifier: Apache-2.0 */
#include "model/text.h"
#include "codec/json.h"

#include <assert.h>
#include <string.h>
#include <utf8proc.h>

/* No character of two or more bytes has more parts than bytes times this, in any form. */
enum { PARTS_A_BYTE = 6, FOLD_MAX = 32, SHOWN = 80 };

const char *
ew_text_flaw(struct ew_str text, size_t max)
{
	if (text.len == 0)
		return "is empty; leave it out or say something";
	if (text.len > max)
		return max == EW_TEXT_UNIT_MAX ? "is over 64 bytes; shorten it"
					       : "is over 65536 bytes; shorten it";
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			return "holds a control character; only tab and newline may be in it";
	}
	return ew_utf8_ok(text) ? NULL : "is not UTF-8; convert it";
}

struct ew_str
ew_text_start(struct ew_str text)
{
	size_t n = SHOWN;

	if (text.len <= n)
		return text;
	while (n > SHOWN - 4 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return ew_str_part(text, 0, n);
}

bool
ew_text_next(int32_t *out, struct ew_str *rest)
{
	utf8proc_ssize_t n;

	if (rest->len == 0)
		return false;
	if ((unsigned char)rest->p[0] < 0x80) {
		*out = *rest->p++;
		rest->len--;
		return true;
	}
	n = utf8proc_iterate((const utf8proc_uint8_t *)rest->p, (utf8proc_ssize_t)rest->len, out);
	if (n <= 0)
		return false;
	rest->p += n;
	rest->len -= (size_t)n;
	return true;
}

bool
ew_text_is_space(int32_t character)
{
	utf8proc_category_t c;

	if (character < 0x80)
		return character == ' ' || (character >= '\t' && character <= '\r');
	c = utf8proc_category(character);
	return character == 0x85 || c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL ||
		c == UTF8PROC_CATEGORY_ZP;
}

static bool
is_ascii(struct ew_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* The characters of `text` in a normal form; how many, or -1 if it is not UTF-8. */
static utf8proc_ssize_t
normalize(int32_t *out, size_t size, struct ew_str text, unsigned how)
{
	utf8proc_option_t options = (utf8proc_option_t)how;
	utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)text.p,
		(utf8proc_ssize_t)text.len, out, (utf8proc_ssize_t)size, options);

	assert(n <= (utf8proc_ssize_t)size);
	return n < 0 ? -1 : utf8proc_normalize_utf32(out, n, options);
}

bool
ew_text_is_nfc(struct ew_str text)
{
	int32_t form[EW_TEXT_NFC_MAX * PARTS_A_BYTE], c;
	utf8proc_ssize_t n, i = 0;

	if (is_ascii(text))
		return true;
	assert(text.len <= EW_TEXT_NFC_MAX);
	n = normalize(form, EW_TEXT_NFC_MAX * PARTS_A_BYTE, text,
		UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	for (; ew_text_next(&c, &text); i++)
		if (i >= n || form[i] != c)
			return false;
	return i == n;
}

static void
add_character(struct ew_buf *out, int32_t c)
{
	utf8proc_uint8_t bytes[4];

	ew_buf_addmem(out, bytes, (size_t)utf8proc_encode_char(c, bytes));
}

void
ew_text_fold(struct ew_buf *out, struct ew_str text)
{
	int32_t c;

	while (ew_text_next(&c, &text)) {
		int32_t part[FOLD_MAX];
		int boundary = 0;
		utf8proc_ssize_t n;

		if (c < 0x80) {
			ew_buf_addc(out, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
			continue;
		}
		n = utf8proc_decompose_char(c, part, FOLD_MAX, UTF8PROC_CASEFOLD, &boundary);
		assert(n >= 0 && n <= FOLD_MAX);
		for (utf8proc_ssize_t i = 0; i < n; i++)
			add_character(out, part[i]);
	}
}

static utf8proc_ssize_t
unit_form(int32_t *out, size_t size, struct ew_str unit)
{
	char bytes[EW_TEXT_UNIT_MAX];
	struct ew_str rest = unit, kept = { bytes, 0 };
	int32_t c;

	assert(unit.len <= EW_TEXT_UNIT_MAX);
	for (const char *from = rest.p; ew_text_next(&c, &rest); from = rest.p) {
		if (ew_text_is_space(c))
			continue;
		memcpy(bytes + kept.len, from, (size_t)(rest.p - from));
		kept.len += (size_t)(rest.p - from);
	}
	return normalize(out, size, kept, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
		UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

bool
ew_text_same_unit(struct ew_str a, struct ew_str b)
{
	int32_t x[EW_TEXT_UNIT_MAX * PARTS_A_BYTE], y[EW_TEXT_UNIT_MAX * PARTS_A_BYTE];
	utf8proc_ssize_t n, m;

	if (ew_str_eq(a, b))
		return true;
	n = unit_form(x, EW_TEXT_UNIT_MAX * PARTS_A_BYTE, a);
	m = unit_form(y, EW_TEXT_UNIT_MAX * PARTS_A_BYTE, b);
	return n >= 0 && n == m && memcmp(x, y, (size_t)n * sizeof x[0]) == 0;
}
