/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/prose.h"

#include <string.h>

enum { AUTHOR_WIDTH = 22, SUBJECT_WIDTH = 80, REASON_INDENT = 4, REASON_LINES = 4 };

#define X(name, word) word,
static const char *const event_words[] = { "any", EW_EVENTS(X) NULL };
#undef X

struct log {
	int64_t count;
	const char *author;
	int event; /* 0: any; else 1 more than the event */
	bool oneline, json, jsonl;
};

static const struct opt log_opts[] = {
	OPT_INT('n', NULL, struct log, count, 0, 1, INT64_MAX, "COUNT", "no more than so many"),
	OPT_FLAG(0, "oneline", struct log, oneline, "one short line for each commit"),
	OPT_WORD(0, "event", struct log, event, 0, event_words, "EVENT",
		"only those of this event"),
	OPT_STR(0, "author", struct log, author, 0, "AUTHOR",
		"only those whose author's e-mail has this in it"),
	OPT_FLAG(0, "json", struct log, json, "print JSON Lines, an object for each commit"),
	OPT_FLAG(0, "jsonl", struct log, jsonl, "the same"),
	OPT_END,
};

static bool
is_wanted(const struct log *o, const struct ew_logged *l)
{
	if (o->event && (int)l->message.event != o->event - 1)
		return false;
	return !o->author || memmem(l->author.p, l->author.len, o->author, strlen(o->author));
}

static void
print_id(struct out *out, const struct ew_logged *l)
{
	out_style(out, OUT_YELLOW);
	out_addf(out, "%.7s", l->commit);
	out_style(out, OUT_PLAIN);
}

static void
print_release(struct out *out, const char *lead, const struct ew_logged *l)
{
	if (!l->release.p)
		return;
	out_style(out, OUT_GREEN);
	out_addf(out, "%s[%.*s]", lead, EW_FMT(l->release));
	out_style(out, OUT_PLAIN);
}

static void
print_what(struct out *out, const struct ew_diff_change *c)
{
	struct ew_buf before = { 0 }, after = { 0 };

	ew_diff_describe(&before, &after, c, true);
	if (before.len && after.len)
		ew_buf_adds(&before, " → ");
	ew_buf_add(&before, ew_buf_str(&after));
	if (after.bad != EW_OK)
		before.bad = after.bad;
	out_take(out, &before);
	ew_buf_release(&after);
}

/* Why, in the words of the commit, else of the label it left. */
static struct ew_str
reason_of(const struct ew_logged *l)
{
	if (l->message.text.len || !l->change->after)
		return l->message.text;
	return l->change->after->reason;
}

static void
print_class(struct out *out, const struct ew_diff_change *c)
{
	const char *lead = "; other ";

	out_adds(out, ew_class_text(c->cls));
	for (unsigned i = 0; i < EW_FACET_COUNT; i++) {
		if (!(c->facets >> i & 1))
			continue;
		out_addf(out, "%s%s", lead, ew_facet_word(i));
		lead = ", ";
	}
}

static void
print_change(struct out *out, const struct ew_logged *l)
{
	out_addf(out, "%*s", REASON_INDENT, "");
	print_what(out, l->change);
	out_addf(out, "\n%*s", REASON_INDENT, "");
	out_style(out, OUT_DIM);
	print_class(out, l->change);
	if (l->message.cause.len)
		out_addf(out, "; cause: %.*s", EW_FMT(l->message.cause));
	out_style(out, OUT_PLAIN);
	out_adds(out, "\n");
	if (reason_of(l).len) {
		out_addf(out, "%*s", REASON_INDENT, "");
		prose_print(out, reason_of(l), REASON_INDENT, REASON_LINES);
	}
}

static void
print_oneline(struct out *out, const struct ew_logged *l)
{
	print_id(out, l);
	print_release(out, " ", l);
	if (l->change) {
		out_addf(out, " %s: ", ew_event_word(l->message.event));
		print_what(out, l->change);
		out_adds(out, "\n");
	} else {
		out_addf(out, " %.*s\n", EW_FMT(l->message.subject));
	}
}

static void
print_commit(struct out *out, const struct ew_logged *l)
{
	size_t width = ew_display_width(l->author);
	struct ew_buf subject = { 0 };

	print_id(out, l);
	out_adds(out, "  ");
	prose_date(out, l->time);
	out_addf(out, "  %.*s", EW_FMT(l->author));
	if (!l->change) {
		out_addf(out, "%*s", (int)(width < AUTHOR_WIDTH ? AUTHOR_WIDTH - width : 0), "");
		print_release(out, "  ", l);
		ew_display_fit(&subject, l->message.subject, SUBJECT_WIDTH);
		out_adds(out, "  ");
		out_take(out, &subject);
		out_adds(out, "\n");
		return;
	}
	out_addf(out, "  %s", ew_event_word(l->message.event));
	if (l->release.p) {
		out_adds(out, ", first in");
		print_release(out, " ", l);
	}
	out_adds(out, "\n");
	print_change(out, l);
}

/* The file that a label came from, below the commit that brought it. */
static void
print_origin(struct out *out, const struct ew_logged *l)
{
	struct ew_str name = l->message.source, digest = ew_str_cut(&name, ' ');
	const struct ew_label *label = l->change->after;

	if (l->change->before)
		return;
	if (name.len)
		out_addf(out, "\nCame from %.*s (%.19s…)", EW_FMT(name), digest.p);
	else if (label && label->provenance.source.len)
		out_addf(out, "\nCame from %.*s", EW_FMT(label->provenance.source));
	else
		out_addf(out, "\nCame by %s", ew_event_word(l->message.event));
	out_addf(out, ", split %.*s.\n", EW_FMT(l->change->split));
}

static void
print(struct cmd_ctx *ctx, const struct log *o, const struct ew_logged *l)
{
	struct ew_buf json = { 0 };

	if (o->json || o->jsonl) {
		ew_logged_json(&json, l);
		out_take(ctx->out, &json);
	} else if (o->oneline) {
		print_oneline(ctx->out, l);
	} else {
		print_commit(ctx->out, l);
		if (l->change)
			print_origin(ctx->out, l);
	}
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct log *o = opts;
	const struct ew_logged *l;
	struct ew_log *log = NULL;
	bool more = true;
	int64_t n = 0;
	enum ew_code rc = ew_log_open(&log, ctx->store, ew_str(ctx->operand[0]), err);

	while (rc == EW_OK && more && (!o->count || n < o->count) && !out_closed(ctx->out)) {
		rc = ew_log_next(log, &l, &more, err);
		if (rc != EW_OK || !more || !is_wanted(o, l))
			continue;
		print(ctx, o, l);
		n++;
	}
	ew_log_free(log);
	return rc;
}

const struct cmd cmd_log = {
	.name = "log",
	.synopsis = "[REV | ID | REV:ID] [-n COUNT] [--oneline] [--event EVENT] [--author AUTHOR] "
		    "[--json | --jsonl]",
	.summary = "List commits, or tell the story of one label",
	.run = run,
	.opts = log_opts,
	.opts_size = sizeof(struct log),
	.max_args = 1,
	.flags = CMD_STORE | CMD_PAGER,
};
