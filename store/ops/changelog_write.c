/* SPDX-License-Identifier: Apache-2.0 */
/* Changelogs as people and programs read them: the second half of ops/changelog.h. */
#include "codec/date.h"
#include "codec/jsonw.h"
#include "codec/markdown.h"
#include "ops/changelog.h"

#include <inttypes.h>

enum {
	ID_COLUMNS = 200,
	ANSWER_COLUMNS = 120,
	REASON_COLUMNS = 240,
	IDS_SHOWN = 4, /* of an item of many */
	SHORT_ID = 7,
};

/* One text in two forms. */
struct writer {
	struct ew_buf *out;
	const struct ew_changelog *log;
	bool markdown;
	bool splits; /* there are several: say which */
};

/* --- words --- */

static void
put(struct writer *w, struct ew_str text, size_t columns)
{
	if (w->markdown)
		ew_markdown_text(w->out, text, columns);
	else
		ew_markdown_plain(w->out, text, columns);
}

static void
put_code(struct writer *w, struct ew_str text)
{
	if (w->markdown)
		ew_markdown_code(w->out, text, ID_COLUMNS);
	else
		ew_markdown_plain(w->out, text, ID_COLUMNS);
}

static void
heading(struct writer *w, bool class, const char *title)
{
	const char *marks = w->markdown ? class ? "####" : "###" : class ? "  " : "";

	/* The heading before this one may have left an empty line. */
	if (!ew_str_ends(ew_buf_str(w->out), "\n\n"))
		ew_buf_addc(w->out, '\n');
	if (w->markdown)
		ew_buf_addf(w->out, "%s %s\n\n", marks, title);
	else
		ew_buf_addf(w->out, "%s%s\n", marks, title);
}

static void
put_date(struct writer *w, int64_t time)
{
	int64_t day = time / 86400 - (time % 86400 < 0);

	ew_date_write(w->out, day);
}

/* --- one item --- */

static void
put_id(struct writer *w, const struct ew_diff_change *c)
{
	put_code(w, c->id);
	if (w->splits) {
		ew_buf_adds(w->out, " in ");
		put(w, c->split, ID_COLUMNS);
	}
	if (c->moved_from.p) {
		ew_buf_adds(w->out, ", moved from ");
		put(w, c->moved_from, ID_COLUMNS);
	}
}

static void
put_change(struct writer *w, const struct ew_diff_change *c)
{
	struct ew_buf before = { 0 }, after = { 0 };

	ew_diff_describe(&before, &after, c, true);
	put_id(w, c);
	ew_buf_adds(w->out, ": ");
	put(w, ew_buf_str(&before), ANSWER_COLUMNS);
	if (before.len && after.len)
		ew_buf_adds(w->out, " → ");
	put(w, ew_buf_str(&after), ANSWER_COLUMNS);
	if (before.bad != EW_OK || after.bad != EW_OK)
		w->out->bad = EW_NOMEM;
	ew_buf_release(&before);
	ew_buf_release(&after);
}

static void
put_many(struct writer *w, const struct ew_changelog_item *item)
{
	size_t shown = item->entries > IDS_SHOWN + 1 ? IDS_SHOWN : item->entries;

	ew_buf_addf(w->out, "%zu labels: ", item->entries);
	for (size_t i = 0; i < shown; i++) {
		ew_buf_adds(w->out, i == 0 ? "" : i + 1 == item->entries ? " and " : ", ");
		put_id(w, item->entry[i]->change);
	}
	if (shown < item->entries)
		ew_buf_addf(w->out, " and %zu more", item->entries - shown);
}

/* The subject of a commit that changed one label only says again how. */
static struct ew_str
why_of(const struct ew_changelog_item *item)
{
	const struct ew_changelog_entry *e = item->entry[0];

	return e->reason.len || item->entries == 1 ? e->reason : e->subject;
}

/* By whom, in which commit, from what cause; the author is left out when `shared` has named it. */
static void
put_who(struct writer *w, const struct ew_changelog_entry *e, bool shared)
{
	if (!e->commit[0]) {
		ew_buf_adds(w->out, " (no commit of this line)");
		return;
	}
	ew_buf_adds(w->out, " (");
	if (e->cause.len) {
		put(w, e->cause, ID_COLUMNS);
		ew_buf_adds(w->out, ", ");
	}
	if (!shared) {
		put(w, e->author, ID_COLUMNS);
		ew_buf_adds(w->out, ", ");
	}
	put_code(w, ew_str_n(e->commit, SHORT_ID));
	ew_buf_adds(w->out, ")");
}

static void
put_item(struct writer *w, const struct ew_changelog_item *item, bool shared)
{
	const struct ew_changelog_entry *e = item->entry[0];

	ew_buf_adds(w->out, w->markdown ? "- " : "    ");
	if (item->entries == 1)
		put_change(w, e->change);
	else
		put_many(w, item);
	if (!shared && why_of(item).len) {
		ew_buf_adds(w->out, w->markdown ? "  \n  " : "\n      ");
		put(w, why_of(item), REASON_COLUMNS);
	}
	put_who(w, e, shared);
	ew_buf_addc(w->out, '\n');
}

/* All items of a class are by one author for one reason, so that it can be said once. */
static bool
is_shared(const struct ew_changelog_item *item, size_t n)
{
	const struct ew_changelog_entry *first = item->entry[0];

	for (size_t i = 1; i < n; i++)
		if (!ew_str_eq(why_of(&item[i]), why_of(item)) ||
		    !ew_str_eq(item[i].entry[0]->author, first->author))
			return false;
	return n > 1 && first->commit[0] && why_of(item).len;
}

static void
put_class(struct writer *w, enum ew_class class)
{
	const struct ew_changelog *log = w->log;
	size_t from = 0, to;
	bool shared;

	/* Items are sorted by class. */
	while (from < log->items && log->item[from].cls != class)
		from++;
	for (to = from; to < log->items && log->item[to].cls == class; to++)
		;
	if (from == to)
		return;
	shared = is_shared(log->item + from, to - from);
	if (shared) {
		ew_buf_adds(w->out, w->markdown ? "" : "      ");
		put(w, why_of(&log->item[from]), REASON_COLUMNS);
		ew_buf_adds(w->out, " (");
		put(w, log->item[from].entry[0]->author, ID_COLUMNS);
		ew_buf_adds(w->out, w->markdown ? ")\n\n" : ")\n");
	}
	for (; from < to; from++)
		put_item(w, &log->item[from], shared);
}

/* --- the whole --- */

static void
put_head(struct writer *w)
{
	const struct ew_changelog *c = w->log;
	const struct ew_diff *d = &c->diff;

	ew_buf_adds(w->out, w->markdown ? "## [" : "");
	put(w, c->title, ID_COLUMNS);
	ew_buf_adds(w->out, w->markdown ? "] - " : " - ");
	put_date(w, c->time);
	ew_buf_adds(w->out, w->markdown ? "\n\n" : "\n    ");
	put(w, c->name, ID_COLUMNS);
	ew_buf_addf(w->out, ": %" PRIu64 " label%s, before %" PRIu64 " in ", d->to.count,
		d->to.count == 1 ? "" : "s", d->from.count);
	put(w, ew_diff_side_name(&d->from), ID_COLUMNS);
	ew_buf_addf(w->out, "; %s.\n", ew_level_word(d->level));
}

static bool
has_splits(const struct ew_diff *d)
{
	/* Changes are sorted by split. */
	return d->changes && !ew_str_eq(d->change[0].split, d->change[d->changes - 1].split);
}

static size_t
count_class(const struct ew_changelog *c, enum ew_class class)
{
	size_t n = 0;

	for (size_t i = 0; i < c->items; i++)
		if (c->item[i].cls == class)
			n += c->item[i].entries;
	return n;
}

static void
put_changed(struct writer *w)
{
	bool first = true;

	for (int c = 0; c < EW_CLASS_COUNT; c++) {
		size_t n = count_class(w->log, (enum ew_class)c);
		struct ew_buf title = { 0 };

		if (!n || c == EW_ADDED || c == EW_REMOVED)
			continue;
		if (first)
			heading(w, false, "Changed");
		first = false;
		ew_diff_title(&title, (enum ew_class)c);
		ew_buf_addf(&title, " (%zu)", n);
		heading(w, true, title.p ? title.p : "");
		put_class(w, (enum ew_class)c);
		ew_buf_release(&title);
	}
}

static void
write_log(struct ew_buf *out, const struct ew_changelog *c, bool markdown)
{
	struct writer w = { .out = out, .log = c, .markdown = markdown, .splits = has_splits(&c->diff) };

	put_head(&w);
	if (c->entries == 0)
		ew_buf_adds(out, markdown ? "\nNo label changed.\n" : "    No label changed.\n");
	if (c->diff.counts[EW_ADDED]) {
		heading(&w, false, "Added");
		put_class(&w, EW_ADDED);
	}
	put_changed(&w);
	if (c->diff.counts[EW_REMOVED]) {
		heading(&w, false, "Removed");
		put_class(&w, EW_REMOVED);
	}
}

void
ew_changelog_markdown(struct ew_buf *out, const struct ew_changelog *c)
{
	write_log(out, c, true);
}

void
ew_changelog_text(struct ew_buf *out, const struct ew_changelog *c)
{
	write_log(out, c, false);
}

/* --- JSON --- */

static void
json_entry(struct ew_jsonw *w, const struct ew_changelog_entry *e)
{
	struct ew_buf time = { 0 };

	if (e->commit[0])
		ew_time_write(&time, e->time);
	ew_jsonw_object(w);
	ew_diff_json_change(w, e->change);
	ew_jsonw_str_or_null_at(w, "reason", e->reason);
	ew_jsonw_str_or_null_at(w, "cause", e->cause);
	ew_jsonw_str_or_null_at(w, "author", e->author);
	ew_jsonw_str_or_null_at(w, "commit", ew_str(e->commit));
	ew_jsonw_str_or_null_at(w, "time", ew_buf_str(&time));
	ew_jsonw_end(w);
	if (time.bad != EW_OK)
		w->out->bad = time.bad;
	ew_buf_release(&time);
}

void
ew_changelog_json(struct ew_buf *out, const struct ew_changelog *c)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.changelog/1"));
	ew_jsonw_str_at(&w, "name", c->name);
	ew_jsonw_str_at(&w, "title", c->title);
	ew_diff_json_sides(&w, &c->diff);
	ew_jsonw_name(&w, EW_LIT("entries"));
	ew_jsonw_array(&w);
	for (size_t i = 0; i < c->entries; i++)
		json_entry(&w, &c->entry[i]);
	ew_jsonw_end(&w);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}
