/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ruled.h"

#include <inttypes.h>

struct policy {
	struct ruled by;
	struct opt_list splits, attributes;
};

static const struct opt policy_opts[] = {
	RULED_OPTS(struct policy),
	OPT_LIST(0, "split", struct policy, splits, 0, "SPLIT", "with limit: labels of this split"),
	OPT_LIST(0, "attribute", struct policy, attributes, 0, "NAME=VALUE",
		"with limit: labels whose instance has this attribute"),
	OPT_END,
};

/* --- show --- */

static void
add_list(struct ew_buf *out, const char *before, const struct ew_str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ew_buf_addf(out, "%s%.*s", i ? ", " : before, EW_FMT(list[i]));
}

static void
show_roles(struct out *out, const struct ew_policy *p)
{
	struct ew_buf b = { 0 };
	struct table t;

	table_init(&t, 2, 2);
	for (size_t i = 0; i < p->roles; i++) {
		const struct ew_policy_role *r = &p->role[i];

		ew_buf_clear(&b);
		for (size_t k = 0; k < r->events; k++)
			ew_buf_addf(&b, "%s%s", k ? ", " : "", ew_event_word(r->event[k]));
		add_list(&b, "; in split ", r->split, r->splits);
		for (size_t k = 0; k < r->attributes; k++) {
			ew_buf_addf(&b, "; where %.*s", EW_FMT(r->attribute[k].name));
			add_list(&b, " is ", r->attribute[k].value, r->attribute[k].values);
		}
		table_add(&t, r->name);
		table_add(&t, ew_buf_str(&b));
	}
	table_print(&t, out);
	ew_buf_release(&b);
}

static void
show_people(struct out *out, const struct ew_policy *p)
{
	struct ew_buf b = { 0 };
	struct table t;

	table_init(&t, 2, 2);
	for (size_t i = 0; i < p->persons; i++) {
		ew_buf_clear(&b);
		add_list(&b, "", p->person[i].role, p->person[i].roles);
		table_add(&t, p->person[i].email);
		table_add(&t, ew_buf_str(&b));
	}
	table_print(&t, out);
	for (size_t i = 0; i < p->aparts; i++) {
		ew_buf_clear(&b);
		add_list(&b, "", p->apart[i].role, p->apart[i].roles);
		out_addf(out, "  nobody is two of %.*s\n", EW_FMT(ew_buf_str(&b)));
	}
	ew_buf_release(&b);
}

static void
show_numbers(struct out *out, const struct ew_policy *p)
{
	out_adds(out, "Signatures needed\n");
#define X(name, word) out_addf(out, "  %-8s %" PRId64 "\n", word, p->threshold[name]);
	EW_THRESHOLDS(X)
#undef X
	out_adds(out, "Version steps\n");
#define X(name, word) out_addf(out, "  %-17s %s\n", word, ew_step_word(p->step[name]));
	EW_LEVELS(X)
#undef X
	out_adds(out, "Uses of labels\n");
	for (size_t i = 0; i < p->uses; i++) {
		out_addf(out, "  %.*s:", EW_FMT(p->use[i].split));
#define X(name, word)                  \
		if (p->use[i].use[name]) \
			out_adds(out, " " word);
		EW_USES(X)
#undef X
		out_adds(out, "\n");
	}
}

static enum ew_code
show(struct cmd_ctx *ctx, const struct policy *o, struct ew_err *err)
{
	struct ew_rulebook b;
	struct ew_buf json = { 0 };
	enum ew_code rc;

	if (ctx->operands > 2)
		return cmd_usage(ctx->cmd, err, "show takes one REV");
	rc = ew_rulebook_open(&b, ctx->store, ew_str(ctx->operand[1]), err);
	if (rc == EW_OK && o->by.json) {
		ew_rulebook_policy_json(&json, &b);
		ew_buf_addc(&json, '\n');
		out_take(ctx->out, &json);
	} else if (rc == EW_OK) {
		out_addf(ctx->out, "Policy %" PRId64 ", of %.12s\nRoles\n", b.policy->version, b.commit);
		show_roles(ctx->out, b.policy);
		out_adds(ctx->out, "People\n");
		show_people(ctx->out, b.policy);
		show_numbers(ctx->out, b.policy);
	}
	ew_rulebook_release(&b);
	return rc;
}

/* --- changes --- */

/* What a verb is given: its first operand, and the words after that. */
struct given {
	struct cmd_ctx *ctx;
	const struct policy *opts;
	struct ew_policy_editor *editor;
	struct ew_str first, *word;
	size_t words;
	struct ew_err *err;
};

static enum ew_code
read_event(enum ew_event *out, struct given *g, size_t i)
{
	if (ew_event_read(out, g->word[i]))
		return EW_OK;
	return ew_fail(g->err, EW_USAGE, "policy: '%.*s' is no event; see ellwand help policy",
		EW_FMT(g->word[i]));
}

static enum ew_code
allow(struct given *g)
{
	enum ew_event event;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < g->words && rc == EW_OK; i++)
		if ((rc = read_event(&event, g, i)) == EW_OK)
			rc = ew_policy_allow(g->editor, g->first, event);
	return rc;
}

static enum ew_code
deny(struct given *g)
{
	enum ew_event event;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < g->words && rc == EW_OK; i++)
		if ((rc = read_event(&event, g, i)) == EW_OK)
			rc = ew_policy_deny(g->editor, g->first, event);
	return rc;
}

static enum ew_code
limit(struct given *g)
{
	const struct policy *o = g->opts;
	enum ew_code rc = EW_OK;

	if (!o->splits.count && !o->attributes.count)
		return cmd_usage(g->ctx->cmd, g->err, "limit to what? give --split or --attribute");
	for (size_t i = 0; i < o->splits.count && rc == EW_OK; i++)
		rc = ew_policy_limit_split(g->editor, g->first, o->splits.item[i]);
	for (size_t i = 0; i < o->attributes.count && rc == EW_OK; i++) {
		struct ew_str value = o->attributes.item[i], name = ew_str_cut(&value, '=');

		if (!value.p)
			return cmd_usage(g->ctx->cmd, g->err, "--attribute takes NAME=VALUE");
		rc = ew_policy_limit_attribute(g->editor, g->first, name, value);
	}
	return rc;
}

static enum ew_code
unlimit(struct given *g)
{
	return ew_policy_unlimit(g->editor, g->first);
}

static enum ew_code
grant(struct given *g)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < g->words && rc == EW_OK; i++)
		rc = ew_policy_grant(g->editor, g->first, g->word[i]);
	return rc;
}

static enum ew_code
take(struct given *g)
{
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < g->words && rc == EW_OK; i++)
		rc = ew_policy_take(g->editor, g->first, g->word[i]);
	return rc;
}

/* The first operand stands before the words in memory. */
static enum ew_code
separate(struct given *g)
{
	return ew_policy_separate(g->editor, g->word - 1, g->words + 1);
}

static enum ew_code
unite(struct given *g)
{
	return ew_policy_unite(g->editor, g->word - 1, g->words + 1);
}

static enum ew_code
threshold(struct given *g)
{
	enum ew_threshold t;
	uint64_t n;

	if (!ew_threshold_read(&t, g->first) || !ew_str_to_u64(g->word[0], 1000, &n))
		return cmd_usage(g->ctx->cmd, g->err, "threshold takes policy, keys or release, and a number");
	return ew_policy_set_threshold(g->editor, t, (int64_t)n);
}

static enum ew_code
step(struct given *g)
{
	enum ew_level level;
	enum ew_step s;

	if (!ew_level_read(&level, g->first) || !ew_step_read(&s, g->word[0]))
		return cmd_usage(g->ctx->cmd, g->err,
			"step takes a level, as compat names it, and none, patch, minor or major");
	return ew_policy_set_step(g->editor, level, s);
}

static enum ew_code
use(struct given *g)
{
	enum ew_use uses[8];

	if (g->words > sizeof uses / sizeof *uses)
		return cmd_usage(g->ctx->cmd, g->err, "use takes evaluation, training and reward");
	for (size_t i = 0; i < g->words; i++)
		if (!ew_use_read(&uses[i], g->word[i]))
			return cmd_usage(g->ctx->cmd, g->err, "use takes evaluation, training and reward");
	return ew_policy_set_uses(g->editor, g->first, uses, g->words);
}

static const struct verb {
	const char *name;
	enum ew_code (*run)(struct given *);
	size_t min, max; /* words after the first operand */
} verbs[] = {
	{ "allow", allow, 1, CMD_ANY },
	{ "deny", deny, 1, CMD_ANY },
	{ "limit", limit, 0, 0 },
	{ "unlimit", unlimit, 0, 0 },
	{ "grant", grant, 1, CMD_ANY },
	{ "take", take, 1, CMD_ANY },
	{ "separate", separate, 1, CMD_ANY },
	{ "unite", unite, 1, CMD_ANY },
	{ "threshold", threshold, 1, 1 },
	{ "step", step, 1, 1 },
	{ "use", use, 0, 3 },
};

static enum ew_code
change(struct cmd_ctx *ctx, const struct policy *o, const struct verb *v, struct ew_err *err)
{
	struct given g = { .ctx = ctx, .opts = o, .err = err };
	struct ew_str *word = ew_arena_array(ctx->arena, ctx->operands, sizeof *word);
	struct ew_buf subject = { 0 };
	struct ew_rules *rules;
	enum ew_code rc;

	if (!word)
		return ew_fail_nomem(err);
	for (size_t i = 1; i < ctx->operands; i++)
		word[i - 1] = ew_str(ctx->operand[i]);
	if (ctx->operands < 2 + v->min || ctx->operands > 2 + v->max)
		return cmd_usage(ctx->cmd, err, "%s: a word is missing, or one is too many", v->name);
	g.first = word[0];
	g.word = word + 1;
	g.words = ctx->operands - 2;
	if ((rc = ew_rules_open(&rules, ctx->store, err)) != EW_OK)
		return rc;
	g.editor = ew_rules_editor(rules, err);
	ew_buf_adds(&subject, "policy: ");
	ruled_join(&subject, ctx, 0);
	if ((rc = ew_buf_check(&subject, err)) == EW_OK && (rc = v->run(&g)) == EW_OK)
		rc = ruled_finish(ctx, rules, &o->by, ew_buf_str(&subject), err);
	ew_rules_free(rules);
	ew_buf_release(&subject);
	return rc;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct ew_str name = ew_str(ctx->operand[0]);

	if (!name.p || ew_str_is(name, "show"))
		return show(ctx, opts, err);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (ew_str_is(name, verbs[i].name))
			return change(ctx, opts, &verbs[i], err);
	return cmd_usage(ctx->cmd, err, "'%.*s' is nothing to do with a policy", EW_FMT(name));
}

const struct cmd cmd_policy = {
	.name = "policy",
	.synopsis = "[show [REV]] [--json]\n"
		"allow|deny ROLE EVENT ... -m REASON [--proposal FILE]\n"
		"limit ROLE [--split SPLIT] [--attribute NAME=VALUE] -m REASON\n"
		"unlimit ROLE -m REASON\n"
		"grant|take PERSON ROLE ... -m REASON\n"
		"separate|unite ROLE ROLE ... -m REASON\n"
		"threshold policy|keys|release N -m REASON\n"
		"step LEVEL none|patch|minor|major -m REASON\n"
		"use SPLIT [evaluation] [training] [reward] -m REASON",
	.summary = "Show or change who may do what",
	.run = run,
	.opts = policy_opts,
	.opts_size = sizeof(struct policy),
	.max_args = CMD_ANY,
	.flags = CMD_STORE | CMD_SIGN,
};
