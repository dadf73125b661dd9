/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include <inttypes.h>
#include <sys/ioctl.h>

enum {
	CELL_MAX = 100,   /* columns of an answer where there is no terminal that sets a width */
	CELL_MIN = 8,     /* of an answer, however narrow the terminal is */
	NOTE_MIN = 12,    /* a note with less room is left out */
	NARROWEST = 40,
	INDENT = 2,
	GAP = 2,
	ARROW = 3,        /* " → " */
};

struct diff {
	bool stat, json, jsonl, markdown, exit_code;
	struct opt_list classes;
};

static const struct opt diff_opts[] = {
	OPT_FLAG(0, "stat", struct diff, stat, "only count"),
	OPT_FLAG(0, "json", struct diff, json, "print one JSON object"),
	OPT_FLAG(0, "jsonl", struct diff, jsonl, "print JSON Lines: the counts, then a line for each change"),
	OPT_FLAG(0, "markdown", struct diff, markdown, "print Markdown, for a pull request"),
	OPT_LIST(0, "class", struct diff, classes, OPT_COMMAS, "CLASSES", "list changes of these classes only"),
	OPT_FLAG(0, "exit-code", struct diff, exit_code, "exit with 1 when the versions differ"),
	OPT_END,
};

/* --- for people --- */

struct view {
	struct out *out;
	const struct ew_diff *diff;
	size_t width; /* of the terminal; 0: none */
	bool splits;  /* there are several: say which */
};

/* The columns of one class. */
struct columns {
	enum ew_class cls;
	bool band;
	size_t rows, id, split, before, after;
};

static enum out_style
style_of(enum ew_class class)
{
	switch (class) {
	case EW_ADDED:
	case EW_RESOLVED:
	case EW_DISAMBIGUATED:
		return OUT_GREEN;
	case EW_REMOVED:
	case EW_ABSTAINED:
	case EW_BEYOND_BAND:
		return OUT_RED;
	case EW_MADE_AMBIGUOUS:
	case EW_WITHIN_BAND:
	case EW_BAND_ONLY:
	case EW_READINGS:
		return OUT_YELLOW;
	case EW_FORM_ONLY:
	case EW_INPUT_ONLY:
		return OUT_BLUE;
	case EW_METADATA_ONLY:
	case EW_SAME:
	case EW_CLASS_COUNT:
		break;
	}
	return OUT_DIM;
}

static void
styled(struct out *out, enum out_style style, const char *text)
{
	out_style(out, style);
	out_adds(out, text);
	out_style(out, OUT_PLAIN);
}

static size_t
width_of(const struct out *out)
{
	struct winsize w;

	if (!out->terminal || ioctl(out->fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		return 0;
	return w.ws_col > NARROWEST ? w.ws_col : NARROWEST;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The widest cells of a class. */
static void
measure(struct columns *k, const struct view *v)
{
	struct ew_buf before = { 0 }, after = { 0 };

	k->rows = k->id = k->split = k->before = k->after = 0;
	for (size_t i = 0; i < v->diff->changes; i++) {
		const struct ew_diff_change *c = &v->diff->change[i];

		if (c->cls != k->cls)
			continue;
		ew_buf_clear(&before);
		ew_buf_clear(&after);
		ew_diff_describe(&before, &after, c, k->band);
		k->rows++;
		k->id = larger(k->id, ew_display_width(c->id));
		k->split = v->splits ? larger(k->split, c->split.len) : 0;
		k->before = larger(k->before, ew_display_width(ew_buf_str(&before)));
		k->after = larger(k->after, ew_display_width(ew_buf_str(&after)));
	}
	k->before = smaller(k->before, CELL_MAX);
	k->after = smaller(k->after, CELL_MAX);
	ew_buf_release(&before);
	ew_buf_release(&after);
}

/* Columns before the first answer, and of the whole row without its note. */
static size_t
start_of(const struct columns *k)
{
	return INDENT + k->id + GAP + (k->split ? k->split + GAP : 0);
}

static size_t
total_of(const struct columns *k)
{
	return start_of(k) + k->before + (k->before && k->after ? ARROW : 0) + k->after;
}

/* What does not fit loses first the limits, then the ends of the longest cells. */
static void
lay_out(struct columns *k, const struct view *v)
{
	size_t room;

	measure(k, v);
	if (!v->width || total_of(k) <= v->width)
		return;
	if (k->cls != EW_BAND_ONLY) {
		k->band = false;
		measure(k, v);
	}
	k->id = smaller(k->id, v->width / 3);
	room = start_of(k) + ARROW;
	room = v->width > room + 2 * CELL_MIN ? v->width - room : 2 * CELL_MIN;
	if (k->before + k->after <= room)
		return;
	if (k->before <= room / 2)
		k->after = room - k->before;
	else if (k->after <= room / 2)
		k->before = room - k->after;
	else
		k->before = k->after = room / 2;
}

/* A cell of `columns`, filled up with blanks unless it is the last of its row. */
static void
cell(struct out *out, enum out_style style, struct ew_str text, size_t columns, bool last)
{
	struct ew_buf shown = { 0 };
	size_t width = smaller(ew_display_width(text), columns);

	ew_display_fit(&shown, text, columns);
	if (style != OUT_PLAIN)
		out_style(out, style);
	out_take(out, &shown);
	if (style != OUT_PLAIN)
		out_style(out, OUT_PLAIN);
	if (!last)
		out_addf(out, "%*s", (int)(columns - width), "");
}

/* Why there is no answer, else what else changed. */
static void
note_of(struct ew_buf *out, const struct ew_diff_change *c)
{
	struct ew_str reason = { NULL, 0 };

	if (c->moved_from.p)
		ew_buf_addf(out, "from %.*s ", EW_FMT(c->moved_from));
	if (c->cls == EW_ABSTAINED || c->cls == EW_MADE_AMBIGUOUS)
		reason = c->after->reason;
	if (!reason.len) {
		ew_diff_facets(out, c->facets);
		return;
	}
	/* A reason of several lines says the most in its first. */
	ew_buf_add(out, ew_str_cut(&reason, '\n'));
}

static void
print_row(struct view *v, const struct columns *k, const struct ew_diff_change *c)
{
	struct ew_buf before = { 0 }, after = { 0 }, note = { 0 };
	size_t room = v->width ? v->width : total_of(k) + GAP + CELL_MAX;

	ew_diff_describe(&before, &after, c, k->band);
	note_of(&note, c);
	room -= smaller(room, total_of(k) + GAP);
	if (room < NOTE_MIN)
		ew_buf_clear(&note);
	out_addf(v->out, "%*s", INDENT, "");
	cell(v->out, OUT_PLAIN, c->id, k->id + GAP, false);
	if (k->split)
		cell(v->out, OUT_DIM, c->split, k->split + GAP, false);
	if (k->before)
		cell(v->out, k->after ? OUT_PLAIN : style_of(k->cls), ew_buf_str(&before), k->before,
			!k->after && !note.len);
	if (k->before && k->after)
		styled(v->out, OUT_DIM, " → ");
	if (k->after)
		cell(v->out, style_of(k->cls), ew_buf_str(&after), k->after, !note.len);
	if (note.len) {
		out_addf(v->out, "%*s", GAP, "");
		cell(v->out, OUT_DIM, ew_buf_str(&note), room, true);
	}
	out_adds(v->out, "\n");
	ew_buf_release(&before);
	ew_buf_release(&after);
	ew_buf_release(&note);
}

static void
print_class(struct view *v, enum ew_class class)
{
	struct columns k = { .cls = class, .band = true };
	struct ew_buf title = { 0 };

	lay_out(&k, v);
	if (!k.rows)
		return;
	out_adds(v->out, "\n");
	ew_diff_title(&title, class);
	out_style(v->out, OUT_BOLD);
	out_style(v->out, style_of(class));
	out_take(v->out, &title);
	out_style(v->out, OUT_PLAIN);
	out_addf(v->out, " (%zu)\n", k.rows);
	for (size_t i = 0; i < v->diff->changes && !out_closed(v->out); i++)
		if (v->diff->change[i].cls == class)
			print_row(v, &k, &v->diff->change[i]);
}

static void
add_side(struct table *t, const struct ew_diff_side *side)
{
	struct ew_buf text = { 0 };

	ew_time_write(&text, side->time);
	table_add(t, ew_diff_side_name(side));
	table_add(t, ew_str_part(ew_buf_str(&text), 0, sizeof "YYYY-MM-DD" - 1));
	table_add(t, ew_str_n(side->commit, 10));
	table_addu(t, side->count);
	table_add(t, side->count == 1 ? EW_LIT("label") : EW_LIT("labels"));
	ew_buf_release(&text);
}

static void
print_head(struct out *out, const struct ew_diff *d)
{
	static const enum out_style style[] = {
		[EW_IDENTICAL] = OUT_GREEN,
		[EW_SCORE_COMPATIBLE] = OUT_GREEN,
		[EW_EXTENDED] = OUT_YELLOW,
		[EW_SCORE_AFFECTING] = OUT_RED,
	};
	struct table t;

	out_style(out, OUT_BOLD);
	out_addf(out, "%.*s → %.*s: ", EW_FMT(ew_diff_side_name(&d->from)),
		EW_FMT(ew_diff_side_name(&d->to)));
	styled(out, style[d->level], ew_level_word(d->level));
	out_adds(out, "\n");
	table_init(&t, 5, INDENT);
	t.right[3] = true;
	add_side(&t, &d->from);
	add_side(&t, &d->to);
	table_print(&t, out);
}

static void
print_facets(struct out *out, const struct ew_diff *d)
{
	static const char first[] = "          changed in: ";
	const char *lead = first;

	out_style(out, OUT_DIM);
	for (unsigned i = 0; i < EW_FACET_COUNT; i++) {
		if (!d->facets[i])
			continue;
		out_addf(out, "%s%s %" PRIu64, lead, ew_facet_word(i), d->facets[i]);
		lead = ", ";
	}
	if (d->moved) {
		out_addf(out, "%ssplit %" PRIu64, lead, d->moved);
		lead = ", ";
	}
	out_style(out, OUT_PLAIN);
	out_adds(out, lead == first ? "" : "\n");
}

static void
print_counts(struct out *out, const struct ew_diff *d)
{
	out_adds(out, "\n");
	for (int c = 0; c < EW_CLASS_COUNT; c++) {
		if (!d->counts[c])
			continue;
		out_addf(out, "%8" PRIu64 "  ", d->counts[c]);
		styled(out, style_of((enum ew_class)c), ew_class_text((enum ew_class)c));
		out_adds(out, "\n");
	}
	print_facets(out, d);
}

static void
print_text(struct out *out, const struct ew_diff *d)
{
	struct view v = { .out = out, .diff = d, .width = width_of(out) };

	/* Changes are sorted by split. */
	v.splits = d->changes && !ew_str_eq(d->change[0].split, d->change[d->changes - 1].split);
	print_head(out, d);
	for (int c = 0; c < EW_CLASS_COUNT; c++)
		print_class(&v, (enum ew_class)c);
	print_counts(out, d);
}

/* --- the command --- */

static enum ew_code
read_classes(unsigned *out, struct cmd_ctx *ctx, const struct opt_list *list, struct ew_err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		enum ew_class class;

		if (!ew_class_read(&class, list->item[i]))
			return cmd_usage(ctx->cmd, err, "no class '%.*s'", EW_FMT(list->item[i]));
		*out |= 1u << class;
	}
	return EW_OK;
}

static void
print(struct cmd_ctx *ctx, const struct diff *o, const struct ew_diff *d)
{
	struct ew_buf b = { 0 };

	if (!o->json && !o->jsonl && !o->markdown) {
		print_text(ctx->out, d);
		return;
	}
	if (o->json)
		ew_diff_json(&b, d, o->stat);
	else if (o->jsonl)
		ew_diff_jsonl(&b, d);
	else
		ew_diff_markdown(&b, d, o->stat);
	out_take(ctx->out, &b);
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct diff *o = opts;
	struct ew_diff_opts how = { .stat = o->stat };
	struct ew_diff d = { .changes = 0 };
	struct ew_range range;
	enum ew_code rc;

	if (o->json + o->jsonl + o->markdown > 1)
		return cmd_usage(ctx->cmd, err, "give one of --json, --jsonl and --markdown");
	if ((rc = read_classes(&how.classes, ctx, &o->classes, err)) != EW_OK ||
	    (rc = ew_range_read(&range, ctx->store, ctx->operand, ctx->operands, ctx->arena, err)) !=
		    EW_OK)
		return rc;
	if ((rc = ew_diff(&d, ctx->store, range.from, range.to, &how, err)) == EW_OK) {
		print(ctx, o, &d);
		if (o->exit_code && d.level != EW_IDENTICAL)
			rc = EW_NO;
	}
	ew_diff_release(&d);
	return rc;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.synopsis = "[A [B]] [--stat] [--json | --jsonl | --markdown] [--class CLASSES] [--exit-code]\n"
		    "A..B [--stat] [--json | --jsonl | --markdown] [--class CLASSES] [--exit-code]",
	.summary = "Show which labels changed between two versions, and how",
	.run = run,
	.opts = diff_opts,
	.opts_size = sizeof(struct diff),
	.max_args = 2,
	.flags = CMD_STORE | CMD_PAGER,
};
