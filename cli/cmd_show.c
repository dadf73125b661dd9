/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/prose.h"

#include <inttypes.h>

enum { KEY_WIDTH = 12, KEY_WIDEST = 24, TEXT_INDENT = 4, TEXT_LINES = 8, LISTED = 10 };

struct show {
	bool json, raw, full;
};

static const struct opt show_opts[] = {
	OPT_FLAG(0, "full", struct show, full, "long texts and lists whole"),
	OPT_FLAG(0, "json", struct show, json, "print JSON"),
	OPT_FLAG(0, "raw", struct show, raw, "print the label's record, byte for byte"),
	OPT_END,
};

struct view {
	struct out *out;
	bool full;
	bool cut; /* something was left out */
};

/* The column after a key, which has at least `width`. */
static size_t
print_key(struct view *v, struct ew_str key, size_t width)
{
	size_t used = ew_display_width(key);

	if (used >= width)
		width = used + 1;
	out_style(v->out, OUT_DIM);
	out_add(v->out, key);
	out_style(v->out, OUT_PLAIN);
	out_addf(v->out, "%*s", (int)(width - used), "");
	return width;
}

static void
print_text(struct view *v, struct ew_str text, size_t indent)
{
	v->cut |= prose_print(v->out, text, indent, v->full ? 0 : TEXT_LINES);
}

/* A line of the head; nothing for a value that is absent. */
static void
print_field(struct view *v, const char *key, struct ew_str value)
{
	if (!value.len)
		return;
	print_text(v, value, print_key(v, ew_str(key), KEY_WIDTH));
}

static void
take_field(struct view *v, const char *key, struct ew_buf *value)
{
	if (value->bad == EW_OK)
		print_field(v, key, ew_buf_str(value));
	else
		out_take(v->out, value);
	ew_buf_release(value);
}

static void
print_list(struct view *v, const char *key, const struct ew_str *text, size_t n)
{
	struct ew_buf list = { 0 };

	for (size_t i = 0; i < n; i++)
		ew_buf_addf(&list, "%s%.*s", i ? ", " : "", EW_FMT(text[i]));
	take_field(v, key, &list);
}

static void
print_time(struct view *v, const char *key, int64_t seconds)
{
	struct ew_buf time = { 0 };

	ew_time_write(&time, seconds);
	take_field(v, key, &time);
}

static void
print_digest(struct view *v, const char *key, const struct ew_sha256 *digest)
{
	char hex[2 * sizeof digest->b + 1];

	ew_hex(hex, digest->b, sizeof digest->b);
	print_field(v, key, ew_str(hex));
}

/* --- a label --- */

/* The limits as a person says them; a side may be open. */
static void
print_band(struct view *v, const struct ew_answer *a)
{
	struct ew_buf band = { 0 };

	if (a->lower.p && a->upper.p)
		ew_buf_addf(&band, "%.*s to %.*s", EW_FMT(a->lower), EW_FMT(a->upper));
	else if (a->lower.p)
		ew_buf_addf(&band, "%.*s or more", EW_FMT(a->lower));
	else if (a->upper.p)
		ew_buf_addf(&band, "%.*s or less", EW_FMT(a->upper));
	if (band.len && a->unit.p)
		ew_buf_addf(&band, " %.*s", EW_FMT(a->unit));
	take_field(v, "band", &band);
}

static void
print_answer(struct view *v, const struct ew_label *l)
{
	struct ew_buf text = { 0 };

	if (l->state == EW_COMPUTABLE) {
		ew_answer_describe(&text, &l->answer, false);
		ew_buf_addf(&text, " (%s)", ew_kind_word(l->answer.kind));
		take_field(v, "answer", &text);
		print_band(v, &l->answer);
	}
	for (size_t i = 0; i < l->readings; i++) {
		ew_answer_describe(&text, &l->reading[i].answer, true);
		ew_buf_addf(&text, " (%s) if %.*s", ew_kind_word(l->reading[i].answer.kind),
			EW_FMT(l->reading[i].assuming));
		take_field(v, "reading", &text);
	}
	print_list(v, "missing", l->missing, l->missings);
}

static void
print_grounds(struct view *v, const struct ew_label *l)
{
	struct ew_buf text = { 0 };

	print_field(v, "reason", l->reason);
	ew_buf_adds(&text, ew_basis_word(l->confidence.basis));
	if (l->confidence.votes)
		ew_buf_addf(&text, ", %" PRId64 " of %" PRId64 " votes", l->confidence.votes_for,
			l->confidence.votes_of);
	take_field(v, "confidence", &text);
	ew_buf_adds(&text, ew_method_word(l->provenance.method));
	if (l->provenance.agent.p)
		ew_buf_addf(&text, " by %.*s", EW_FMT(l->provenance.agent));
	if (l->provenance.source.p)
		ew_buf_addf(&text, " from %.*s", EW_FMT(l->provenance.source));
	if (l->provenance.rule.p)
		ew_buf_addf(&text, ", rule %.*s", EW_FMT(l->provenance.rule));
	if (l->provenance.at.p)
		ew_buf_addf(&text, ", at %.*s", EW_FMT(l->provenance.at));
	take_field(v, "provenance", &text);
	print_list(v, "evidence", l->evidence, l->evidences);
}

static void
print_changed(struct view *v, const struct ew_logged *l)
{
	print_key(v, EW_LIT("changed"), KEY_WIDTH);
	out_style(v->out, OUT_YELLOW);
	out_addf(v->out, "%.7s", l->commit);
	out_style(v->out, OUT_PLAIN);
	out_adds(v->out, ", ");
	prose_date(v->out, l->time);
	out_addf(v->out, " by %.*s\n%*s", EW_FMT(l->author), KEY_WIDTH, "");
	print_text(v, l->message.subject, KEY_WIDTH);
}

static void
print_members(struct view *v, const char *title, const struct ew_shown_member *m, size_t n)
{
	size_t width = KEY_WIDTH;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		size_t used = ew_display_width(m[i].name) + 2;

		if (used > width && used <= KEY_WIDEST)
			width = used;
	}
	out_adds(v->out, "\n");
	out_style(v->out, OUT_BOLD);
	out_adds(v->out, title);
	out_style(v->out, OUT_PLAIN);
	out_adds(v->out, "\n");
	for (size_t i = 0; i < n; i++) {
		out_adds(v->out, "  ");
		print_text(v, m[i].text, 2 + print_key(v, m[i].name, width));
	}
}

static void
print_label(struct view *v, const struct ew_shown *s)
{
	const struct ew_label *l = &s->label;

	out_style(v->out, OUT_BOLD);
	out_add(v->out, l->id);
	out_style(v->out, OUT_PLAIN);
	out_addf(v->out, " in split %.*s at %.*s\n\n", EW_FMT(s->split), EW_FMT(s->rev));
	print_field(v, "state", ew_str(ew_state_word(l->state)));
	print_answer(v, l);
	print_grounds(v, l);
	if (s->has_logged)
		print_changed(v, &s->logged);
	print_digest(v, "digest", &s->digest);
	print_digest(v, "question", &l->instance);
	print_members(v, "Attributes", s->attribute, s->attributes);
	if (s->has_instance && !s->instance.input.p)
		out_adds(v->out, "\nThe question stays with its owner; only its digest is here.\n");
	print_members(v, "Question", s->input, s->inputs);
}

/* --- a commit --- */

static void
print_change(struct view *v, const struct ew_diff_change *c)
{
	struct ew_buf before = { 0 }, after = { 0 };

	ew_diff_describe(&before, &after, c, true);
	if (before.len && after.len)
		ew_buf_adds(&before, " → ");
	ew_buf_add(&before, ew_buf_str(&after));
	out_addf(v->out, "%*s%.*s  ", TEXT_INDENT, "", EW_FMT(c->id));
	out_take(v->out, &before);
	out_adds(v->out, "\n");
	ew_buf_release(&after);
}

static void
print_class(struct view *v, const struct ew_shown *s, enum ew_class class)
{
	const uint64_t n = s->diff.counts[class];
	uint64_t listed = 0;

	if (n == 0 || class == EW_SAME)
		return;
	out_addf(v->out, "%" PRIu64 " ", n);
	out_style(v->out, OUT_BOLD);
	out_addf(v->out, "%s\n", ew_class_text(class));
	out_style(v->out, OUT_PLAIN);
	for (size_t i = 0; i < s->diff.changes && (v->full || listed < LISTED); i++)
		if (s->diff.change[i].cls == class) {
			print_change(v, &s->diff.change[i]);
			listed++;
		}
	if (listed < n && s->diff.changes) {
		out_addf(v->out, "%*s… %" PRIu64 " more\n", TEXT_INDENT, "", n - listed);
		v->cut = true;
	}
}

static void
print_changes(struct view *v, const struct ew_shown *s)
{
	uint64_t changes = 0;

	for (int c = 0; c < EW_SAME; c++)
		changes += s->diff.counts[c];
	out_adds(v->out, "\n");
	if (changes == 0)
		out_adds(v->out, "No label changed.\n");
	for (int c = 0; c < EW_CLASS_COUNT; c++)
		print_class(v, s, (enum ew_class)c);
	if (changes && !s->diff.changes)
		out_addf(v->out, "ellwand diff %.7s %.7s lists them.\n", s->parent, s->commit);
}

static void
print_message(struct view *v, const struct ew_message *m)
{
	out_addf(v->out, "\n%*s", TEXT_INDENT, "");
	out_style(v->out, OUT_BOLD);
	print_text(v, m->subject, TEXT_INDENT);
	out_style(v->out, OUT_PLAIN);
	if (m->text.len) {
		out_addf(v->out, "\n%*s", TEXT_INDENT, "");
		print_text(v, m->text, TEXT_INDENT);
	}
}

static void
print_commit(struct view *v, const struct ew_shown *s)
{
	const struct ew_logged *l = &s->logged;

	out_style(v->out, OUT_YELLOW);
	out_addf(v->out, "commit %s", s->commit);
	out_style(v->out, OUT_GREEN);
	for (size_t i = 0; i < s->releases; i++)
		out_addf(v->out, " [%.*s]", EW_FMT(s->release[i]));
	out_style(v->out, OUT_PLAIN);
	out_adds(v->out, "\n");
	print_field(v, "event", ew_str(ew_event_word(l->message.event)));
	print_field(v, "author", l->author);
	print_time(v, "date", l->time);
	print_field(v, "cause", l->message.cause);
	print_field(v, "source", l->message.source);
	print_message(v, &l->message);
	print_changes(v, s);
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct show *o = opts;
	struct view v = { .out = ctx->out, .full = o->full };
	struct ew_buf json = { 0 };
	struct ew_shown s;
	enum ew_code rc;

	if (o->raw && o->json)
		return cmd_usage(ctx->cmd, err, "--json and --raw are two forms; give one");
	rc = ew_show(&s, ctx->store, ew_str(ctx->operand[0]), err);
	if (rc == EW_OK && o->raw && !s.split.p)
		rc = cmd_usage(ctx->cmd, err, "--raw goes with a label, as REV:ID");
	if (rc == EW_OK && o->raw) {
		out_add(ctx->out, s.record);
	} else if (rc == EW_OK && o->json) {
		ew_shown_json(&json, &s);
		out_take(ctx->out, &json);
	} else if (rc == EW_OK) {
		if (s.split.p)
			print_label(&v, &s);
		else
			print_commit(&v, &s);
		if (v.cut)
			out_adds(ctx->out, "\n--full shows the rest.\n");
	}
	ew_shown_release(&s);
	return rc;
}

const struct cmd cmd_show = {
	.name = "show",
	.synopsis = "[REV | ID | REV:ID] [--full] [--json | --raw]",
	.summary = "Show one label, or one commit and what it changed",
	.run = run,
	.opts = show_opts,
	.opts_size = sizeof(struct show),
	.max_args = 1,
	.flags = CMD_STORE | CMD_PAGER,
};
