/* SPDX-License-Identifier: Apache-2.0 */
#include "model/release.h"

#include "codec/date.h"
#include "model/id.h"
#include "model/manifest.h"
#include "model/trailer.h"
#include "model/version.h"

static const struct ew_trailers note_form = { .where = "release", .section = 8 };

static bool
is_name(struct ew_str s)
{
	struct ew_version version;
	struct ew_err why = { 0 };

	return ew_version_parse(&version, s, &why) == EW_OK;
}

/* The name of a release, a space, the id of its tag object. */
static bool
is_previous(struct ew_str s)
{
	struct ew_oid tag;
	struct ew_str rest = s, name = ew_str_cut(&rest, ' ');

	return is_name(name) && ew_unhex(tag.b, sizeof tag.b, rest);
}

static enum ew_code
check_splits(const struct ew_release_note *n, struct ew_err *err)
{
	if (n->splits > EW_PIN_SPLITS_MAX)
		return ew_trailer_refuse(
			&note_form, "Ellwand-Split", "stands there over 256 times", err);
	for (size_t i = 0; i < n->splits; i++) {
		const struct ew_pin_split *s = &n->split[i];

		if (!ew_split_ok(s->name))
			return ew_trailer_refuse(&note_form, "Ellwand-Split",
				"does not begin with the name of a split", err);
		if (i > 0 && ew_str_cmp(n->split[i - 1].name, s->name) >= 0)
			return ew_trailer_refuse(&note_form, "Ellwand-Split",
				"is not in ascending order of names", err);
		if (s->trie.count == 0)
			return ew_trailer_refuse(
				&note_form, "Ellwand-Split", "holds no labels", err);
	}
	return EW_OK;
}

enum ew_code
ew_release_check(const struct ew_release_note *n, struct ew_err *err)
{
	const struct ew_trailers *t = &note_form;

	if (!is_name(n->name))
		return ew_trailer_refuse(t, "Ellwand-Release", "is not v1.0 or v1.0.1", err);
	if (n->sequence < 1)
		return ew_trailer_refuse(t, "Ellwand-Sequence", "is not 1 or more", err);
	if ((n->sequence == 1) != !n->previous.p)
		return ew_trailer_refuse(t, "Ellwand-Previous",
			"must stand in every release but the first", err);
	if (n->previous.p && !is_previous(n->previous))
		return ew_trailer_refuse(t, "Ellwand-Previous",
			"is not a release's name, a space and 40 hex digits", err);
	if (n->waiver.p && !ew_line_ok(n->waiver))
		return ew_trailer_refuse(t, "Ellwand-Waiver", "is not one line of text", err);
	if (!ew_uuid_ok(n->dataset))
		return ew_trailer_refuse(t, EW_TRAILER_DATASET, "is not a UUID in lower case", err);
	return check_splits(n, err);
}

void
ew_release_write_split(struct ew_buf *out, const struct ew_pin_split *s)
{
	ew_buf_adds(out, "Ellwand-Split: ");
	ew_buf_add(out, s->name);
	ew_buf_addf(out, " %llu ", (unsigned long long)s->trie.count);
	ew_pin_write(out, &s->trie.records, false);
	ew_buf_addc(out, ' ');
	ew_pin_write(out, &s->trie.answers, true);
	ew_buf_addc(out, '\n');
}

static void
write_expires(struct ew_buf *out, int64_t expires)
{
	if (!expires)
		return;
	ew_buf_adds(out, "Ellwand-Expires: ");
	ew_time_write(out, expires);
	ew_buf_addc(out, '\n');
}

void
ew_release_write(struct ew_buf *out, const struct ew_release_note *n)
{
	char policy[2 * sizeof n->policy.b + 1];

	ew_message_write_head(out, n->subject, n->name, n->text);
	ew_trailer_write(out, "Ellwand-Release", n->name);
	ew_buf_addf(out, "Ellwand-Sequence: %llu\n", (unsigned long long)n->sequence);
	ew_trailer_write(out, "Ellwand-Previous", n->previous);
	if (n->previous.p)
		ew_trailer_write(out, "Ellwand-Level", ew_str(ew_level_word(n->level)));
	ew_trailer_write(out, "Ellwand-Waiver", n->waiver);
	write_expires(out, n->expires);
	ew_trailer_write(out, EW_TRAILER_DATASET, n->dataset);
	ew_trailer_write_pins(out, &n->records, &n->answers);
	ew_hex(policy, n->policy.b, sizeof n->policy.b);
	ew_buf_addf(out, "Ellwand-Policy: sha256:%s\n", policy);
	for (size_t i = 0; i < n->splits; i++)
		ew_release_write_split(out, &n->split[i]);
	ew_buf_add(out, n->cosigns);
}

/* A number as it is written: no leading zero, so not 0 either. */
static bool
read_number(uint64_t *out, struct ew_str s)
{
	return !ew_str_starts(s, "0") && ew_str_to_u64(s, UINT64_MAX, out);
}

static enum ew_code
read_place(struct ew_release_note *out, struct ew_trailers *t, struct ew_err *err)
{
	struct ew_str value;
	enum ew_code rc;

	if ((rc = ew_trailer_need(&out->name, t, "Ellwand-Release", err)) != EW_OK ||
	    (rc = ew_trailer_need(&value, t, "Ellwand-Sequence", err)) != EW_OK)
		return rc;
	if (!read_number(&out->sequence, value))
		return ew_trailer_refuse(t, "Ellwand-Sequence", "is not 1 or more", err);
	if (!ew_trailer_take(&out->previous, t, "Ellwand-Previous"))
		return EW_OK;
	if ((rc = ew_trailer_need(&value, t, "Ellwand-Level", err)) != EW_OK)
		return rc;
	if (!ew_level_read(&out->level, value))
		return ew_trailer_refuse(t, "Ellwand-Level", "is no level of compatibility", err);
	return EW_OK;
}

static enum ew_code
read_expires(int64_t *out, struct ew_trailers *t, struct ew_err *err)
{
	struct ew_str value;

	if (ew_trailer_take(&value, t, "Ellwand-Expires") && (!ew_time_parse(out, value) || *out <= 0))
		return ew_trailer_refuse(
			t, "Ellwand-Expires", "is no time such as 2027-06-30T23:59:59Z", err);
	return EW_OK;
}

static enum ew_code
read_policy(struct ew_sha256 *out, struct ew_trailers *t, struct ew_err *err)
{
	struct ew_str value;
	enum ew_code rc = ew_trailer_need(&value, t, "Ellwand-Policy", err);

	if (rc != EW_OK)
		return rc;
	if (!ew_str_starts(value, "sha256:") ||
	    !ew_unhex(out->b, sizeof out->b, ew_str_part(value, 7, value.len)))
		return ew_trailer_refuse(
			t, "Ellwand-Policy", "is not sha256: and 64 hex digits", err);
	return EW_OK;
}

static bool
read_pin(struct ew_sha256 *out, bool answers, struct ew_str text)
{
	struct ew_err why = { 0 };
	bool which;

	return ew_pin_read(out, &which, text, &why) == EW_OK && which == answers;
}

static bool
read_split(struct ew_pin_split *out, struct ew_str value)
{
	struct ew_str rest = value;

	out->name = ew_str_cut(&rest, ' ');
	return read_number(&out->trie.count, ew_str_cut(&rest, ' ')) &&
		read_pin(&out->trie.records, false, ew_str_cut(&rest, ' ')) &&
		read_pin(&out->trie.answers, true, rest);
}

static enum ew_code
read_splits(struct ew_release_note *out, struct ew_arena *arena, struct ew_trailers *t,
	struct ew_err *err)
{
	struct ew_trailers ahead = *t;
	struct ew_str value;

	while (ew_trailer_take(&value, &ahead, "Ellwand-Split"))
		out->splits++;
	out->split = ew_arena_array(arena, out->splits, sizeof *out->split);
	if (!out->split)
		return ew_fail_nomem(err);
	for (size_t i = 0; ew_trailer_take(&value, t, "Ellwand-Split"); i++)
		if (!read_split(&out->split[i], value))
			return ew_trailer_refuse(t, "Ellwand-Split",
				"is not a name, a number of labels and two pins", err);
	return EW_OK;
}

enum ew_code
ew_release_parse(struct ew_release_note *out, struct ew_arena *arena, struct ew_str bytes,
	struct ew_err *err)
{
	struct ew_trailers t = note_form;
	enum ew_code rc;

	*out = (struct ew_release_note){ 0 };
	if ((rc = ew_trailers_open(&t, &out->subject, &out->text, bytes, err)) != EW_OK ||
	    (rc = read_place(out, &t, err)) != EW_OK)
		return rc;
	ew_trailer_take(&out->waiver, &t, "Ellwand-Waiver");
	if ((rc = read_expires(&out->expires, &t, err)) != EW_OK ||
	    (rc = ew_trailer_need(&out->dataset, &t, EW_TRAILER_DATASET, err)) != EW_OK ||
	    (rc = ew_trailer_need_pins(&out->records, &out->answers, &t, err)) != EW_OK ||
	    (rc = read_policy(&out->policy, &t, err)) != EW_OK ||
	    (rc = read_splits(out, arena, &t, err)) != EW_OK ||
	    (rc = ew_trailer_take_cosigns(&out->cosigns, &out->before, &t, bytes, err)) != EW_OK ||
	    (rc = ew_trailers_end(&t, err)) != EW_OK)
		return rc;
	return ew_release_check(out, err);
}
