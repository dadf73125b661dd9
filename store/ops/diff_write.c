/* SPDX-License-Identifier: Apache-2.0 */
/* Diffs as people and programs read them: the second half of ops/diff.h. */
#include "codec/date.h"
#include "codec/jsonw.h"
#include "codec/markdown.h"
#include "ops/diff.h"

#include <inttypes.h>

enum { CELL_COLUMNS = 120, ROWS_MAX = 100, SHORT_ID = 10 };

/* --- for people --- */

/* What the limits are, without the value before them. */
static void
describe_band(struct ew_buf *out, const struct ew_label *l)
{
	struct ew_buf value = { 0 }, whole = { 0 };

	ew_label_describe(&value, l, false);
	ew_label_describe(&whole, l, true);
	if (whole.len > value.len)
		ew_buf_add(out, ew_str_part(ew_buf_str(&whole), value.len + 1, whole.len));
	else
		ew_buf_adds(out, "no band");
	if (value.bad != EW_OK || whole.bad != EW_OK)
		out->bad = EW_NOMEM;
	ew_buf_release(&value);
	ew_buf_release(&whole);
}

/* The limits are the value itself: they tell nothing that the value does not. */
static bool
is_exact(const struct ew_answer *a)
{
	return a->lower.p && a->upper.p && ew_str_eq(a->lower, a->upper);
}

static bool
shows_band(const struct ew_diff_change *c)
{
	return (c->facets & EW_FACET_BAND) && c->before->state == EW_COMPUTABLE &&
		c->after->state == EW_COMPUTABLE &&
		!(is_exact(&c->before->answer) && is_exact(&c->after->answer));
}

/* Two answers; when they look alike, it is the kind that differs. */
static void
describe_both(struct ew_buf *before, struct ew_buf *after, const struct ew_diff_change *c, bool band)
{
	size_t from = before->len, to = after->len;

	band = band && shows_band(c);
	ew_label_describe(before, c->before, band);
	ew_label_describe(after, c->after, band);
	if ((c->facets & EW_FACET_KIND) &&
	    ew_str_eq(ew_str_part(ew_buf_str(before), from, before->len),
		    ew_str_part(ew_buf_str(after), to, after->len))) {
		ew_buf_addf(before, " (%s)", ew_kind_word(c->before->answer.kind));
		ew_buf_addf(after, " (%s)", ew_kind_word(c->after->answer.kind));
	}
}

static bool
has_reading(const struct ew_label *l, const struct ew_reading *r)
{
	for (size_t i = 0; i < l->readings; i++) {
		const struct ew_reading *own = &l->reading[i];

		if (ew_str_eq(own->assuming, r->assuming) && ew_answer_same_value(&own->answer, &r->answer) &&
		    ew_answer_same_form(&own->answer, &r->answer) &&
		    ew_answer_same_band(&own->answer, &r->answer))
			return true;
	}
	return false;
}

/* How many readings, and those of them that the other label has not. */
static void
describe_readings(struct ew_buf *out, const struct ew_label *l, const struct ew_label *other)
{
	struct ew_reading own[EW_READINGS_MAX];
	struct ew_label part = { .state = EW_AMBIGUOUS, .reading = own };

	for (size_t i = 0; i < l->readings; i++)
		if (!has_reading(other, &l->reading[i]))
			own[part.readings++] = l->reading[i];
	ew_buf_addf(out, "%zu readings%s", l->readings, part.readings ? ": " : "");
	ew_label_describe(out, &part, true);
}

struct ew_str
ew_diff_side_name(const struct ew_diff_side *side)
{
	return ew_str_is(side->rev, side->commit) ? ew_str_n(side->commit, SHORT_ID) : side->rev;
}

void
ew_diff_title(struct ew_buf *out, enum ew_class class)
{
	struct ew_str text = ew_str(class == EW_SAME ? "moved to another split" : ew_class_text(class));

	/* The texts begin with a small letter of ASCII. */
	ew_buf_addc(out, (char)(text.p[0] - 'a' + 'A'));
	ew_buf_add(out, ew_str_part(text, 1, text.len));
}

void
ew_diff_describe(struct ew_buf *before, struct ew_buf *after, const struct ew_diff_change *c,
	bool band)
{
	switch (c->cls) {
	case EW_REMOVED:
		ew_label_describe(before, c->before, false);
		return;
	case EW_ADDED:
	case EW_INPUT_ONLY:
	case EW_METADATA_ONLY:
	case EW_SAME:
		ew_label_describe(after, c->after, false);
		return;
	case EW_BAND_ONLY:
		ew_label_describe(before, c->before, true);
		describe_band(after, c->after);
		return;
	case EW_READINGS:
		describe_readings(before, c->before, c->after);
		describe_readings(after, c->after, c->before);
		return;
	default:
		describe_both(before, after, c, band);
	}
}

void
ew_diff_facets(struct ew_buf *out, unsigned facets)
{
	const char *blank = "";

	for (unsigned i = 0; i < EW_FACET_COUNT; i++) {
		if (!(facets >> i & 1))
			continue;
		ew_buf_addf(out, "%s%s", blank, ew_facet_word(i));
		blank = " ";
	}
}

/* --- JSON --- */

static void
json_side(struct ew_jsonw *w, const char *name, const struct ew_diff_side *side)
{
	struct ew_buf time = { 0 };

	ew_time_write(&time, side->time);
	ew_jsonw_name(w, ew_str(name));
	ew_jsonw_object(w);
	ew_jsonw_str_at(w, "rev", side->rev);
	if (side->release.p)
		ew_jsonw_str_at(w, "release", side->release);
	ew_jsonw_str_at(w, "commit", ew_str(side->commit));
	ew_jsonw_str_at(w, "time", ew_buf_str(&time));
	ew_jsonw_str_at(w, "records", side->records);
	ew_jsonw_str_at(w, "answers", side->answers);
	ew_jsonw_int_at(w, "labels", (int64_t)side->count);
	ew_jsonw_end(w);
	if (time.bad != EW_OK)
		w->out->bad = time.bad;
	ew_buf_release(&time);
}

void
ew_diff_json_sides(struct ew_jsonw *w, const struct ew_diff *d)
{
	json_side(w, "from", &d->from);
	json_side(w, "to", &d->to);
	ew_jsonw_str_at(w, "level", ew_str(ew_level_word(d->level)));
	ew_jsonw_name(w, EW_LIT("counts"));
	ew_jsonw_object(w);
	for (int c = 0; c < EW_CLASS_COUNT; c++)
		ew_jsonw_int_at(w, ew_class_word((enum ew_class)c), (int64_t)d->counts[c]);
	ew_jsonw_end(w);
	ew_jsonw_name(w, EW_LIT("facets"));
	ew_jsonw_object(w);
	for (unsigned i = 0; i < EW_FACET_COUNT; i++)
		ew_jsonw_int_at(w, ew_facet_word(i), (int64_t)d->facets[i]);
	ew_jsonw_end(w);
}

static void
json_record(struct ew_jsonw *w, const char *name, struct ew_str record)
{
	ew_jsonw_name(w, ew_str(name));
	if (record.p)
		ew_jsonw_raw(w, record);
	else
		ew_jsonw_null(w);
}

void
ew_diff_json_change(struct ew_jsonw *w, const struct ew_diff_change *c)
{
	ew_jsonw_str_at(w, "id", c->id);
	ew_jsonw_str_at(w, "split", c->split);
	if (c->moved_from.p)
		ew_jsonw_str_at(w, "moved_from", c->moved_from);
	ew_jsonw_str_at(w, "class", ew_str(ew_class_word(c->cls)));
	ew_jsonw_name(w, EW_LIT("facets"));
	ew_jsonw_array(w);
	for (unsigned i = 0; i < EW_FACET_COUNT; i++)
		if (c->facets >> i & 1)
			ew_jsonw_str(w, ew_str(ew_facet_word(i)));
	ew_jsonw_end(w);
	json_record(w, "before", c->before_record);
	json_record(w, "after", c->after_record);
}

void
ew_diff_json(struct ew_buf *out, const struct ew_diff *d, bool stat)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.diff/1"));
	ew_diff_json_sides(&w, d);
	if (!stat) {
		ew_jsonw_name(&w, EW_LIT("changes"));
		ew_jsonw_array(&w);
		for (size_t i = 0; i < d->changes; i++) {
			ew_jsonw_object(&w);
			ew_diff_json_change(&w, &d->change[i]);
			ew_jsonw_end(&w);
		}
		ew_jsonw_end(&w);
	}
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}

static void
json_line(struct ew_buf *out, const struct ew_diff *d, const struct ew_diff_change *c)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.diff-line/1"));
	if (c) {
		ew_diff_json_change(&w, c);
	} else {
		ew_jsonw_name(&w, EW_LIT("summary"));
		ew_jsonw_object(&w);
		ew_diff_json_sides(&w, d);
		ew_jsonw_end(&w);
	}
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}

void
ew_diff_jsonl(struct ew_buf *out, const struct ew_diff *d)
{
	json_line(out, d, NULL);
	for (size_t i = 0; i < d->changes; i++)
		json_line(out, d, &d->change[i]);
}

/* --- Markdown --- */

static void
markdown_counts(struct ew_buf *out, const struct ew_diff *d)
{
	ew_buf_adds(out, "| class | labels |\n|---|---:|\n");
	for (int c = 0; c < EW_CLASS_COUNT; c++)
		if (d->counts[c] || c == EW_SAME)
			ew_buf_addf(out, "| %s | %" PRIu64 " |\n", ew_class_text((enum ew_class)c),
				d->counts[c]);
}

static void
markdown_row(struct ew_buf *out, const struct ew_diff_change *c)
{
	struct ew_buf before = { 0 }, after = { 0 };

	ew_diff_describe(&before, &after, c, true);
	ew_buf_adds(out, "| ");
	ew_markdown_text(out, c->id, EW_TEXT_MAX);
	ew_buf_adds(out, " | ");
	ew_markdown_text(out, c->split, EW_TEXT_MAX);
	ew_buf_adds(out, " | ");
	ew_markdown_text(out, ew_buf_str(&before), CELL_COLUMNS);
	ew_buf_adds(out, " | ");
	ew_markdown_text(out, ew_buf_str(&after), CELL_COLUMNS);
	ew_buf_adds(out, " | ");
	ew_diff_facets(out, c->facets);
	ew_buf_adds(out, " |\n");
	if (before.bad != EW_OK || after.bad != EW_OK)
		out->bad = EW_NOMEM;
	ew_buf_release(&before);
	ew_buf_release(&after);
}

/* A pull request has room for some pages, so of each class its first rows are shown. */
static void
markdown_class(struct ew_buf *out, const struct ew_diff *d, enum ew_class class)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < d->changes; i++) {
		if (d->change[i].cls != class || rows++ >= ROWS_MAX)
			continue;
		if (rows == 1) {
			ew_buf_adds(out, "\n### ");
			ew_diff_title(out, class);
			ew_buf_adds(out, "\n\n| id | split | before | after | changed in |\n|---|---|---|---|---|\n");
		}
		markdown_row(out, &d->change[i]);
	}
	if (rows > ROWS_MAX)
		ew_buf_addf(out, "\nAnd %" PRIu64 " more.\n", rows - ROWS_MAX);
}

void
ew_diff_markdown(struct ew_buf *out, const struct ew_diff *d, bool stat)
{
	ew_buf_adds(out, "## ");
	ew_markdown_text(out, ew_diff_side_name(&d->from), CELL_COLUMNS);
	ew_buf_adds(out, " → ");
	ew_markdown_text(out, ew_diff_side_name(&d->to), CELL_COLUMNS);
	ew_buf_addf(out, ": %s\n\n", ew_level_word(d->level));
	ew_buf_addf(out, "%" PRIu64 " labels at `%.10s`, %" PRIu64 " at `%.10s`.\n\n", d->from.count,
		d->from.commit, d->to.count, d->to.commit);
	markdown_counts(out, d);
	for (int c = 0; !stat && c < EW_CLASS_COUNT; c++)
		markdown_class(out, d, (enum ew_class)c);
}
