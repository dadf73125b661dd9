/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/part.h"

#include "codec/date.h"
#include "model/pin.h"

/* A text that was made for this, released. */
static void
take_text(struct ew_jsonw *w, const char *name, struct ew_buf *text)
{
	ew_jsonw_str_at(w, name, ew_buf_str(text));
	if (text->bad != EW_OK)
		w->out->bad = text->bad;
	ew_buf_release(text);
}

void
ew_part_pins(struct ew_jsonw *w, const struct ew_sha256 *records, const struct ew_sha256 *answers)
{
	struct ew_buf pin = { 0 };

	ew_pin_write(&pin, records, false);
	take_text(w, "records", &pin);
	ew_pin_write(&pin, answers, true);
	take_text(w, "answers", &pin);
}

void
ew_part_time(struct ew_jsonw *w, int64_t seconds)
{
	struct ew_buf time = { 0 };

	ew_time_write(&time, seconds);
	take_text(w, "time", &time);
}

void
ew_part_expires(struct ew_jsonw *w, int64_t seconds)
{
	struct ew_buf time = { 0 };

	if (seconds)
		ew_time_write(&time, seconds);
	ew_jsonw_name(w, EW_LIT("expires"));
	if (seconds)
		ew_jsonw_str(w, ew_buf_str(&time));
	else
		ew_jsonw_null(w);
	ew_buf_release(&time);
}

void
ew_part_digest(struct ew_jsonw *w, const char *name, const struct ew_sha256 *digest)
{
	char hex[2 * sizeof digest->b + 1];

	ew_hex(hex, digest->b, sizeof digest->b);
	ew_jsonw_str_at(w, name, ew_str(hex));
}

void
ew_part_text(struct ew_jsonw *w, const char *name, struct ew_str value)
{
	if (value.p)
		ew_jsonw_str_at(w, name, value);
}
