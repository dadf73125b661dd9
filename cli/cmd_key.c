/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ruled.h"

struct key {
	struct ruled by;
	const char *from, *until, *through;
	struct opt_list vouch;
};

static const struct opt key_opts[] = {
	RULED_OPTS(struct key),
	OPT_STR(0, "from", struct key, from, 0, "TIME", "with add: good from then on, as 20270101000000Z"),
	OPT_STR(0, "until", struct key, until, 0, "TIME", "with add: good until then"),
	OPT_STR(0, "through", struct key, through, 0, "COMMIT", "with revoke: what it signed up to there is good"),
	OPT_LIST(0, "vouch", struct key, vouch, 0, "ID", "with revoke: this commit or tag is good all the same"),
	OPT_END,
};

static void
add_time(struct ew_buf *out, const char *before, int64_t time)
{
	ew_buf_adds(out, before);
	ew_time_write(out, time);
}

static void
list_revoked(struct cmd_ctx *ctx, const struct ew_policy *p)
{
	for (size_t i = 0; i < p->revokeds; i++) {
		const struct ew_policy_revoked *r = &p->revoked[i];

		out_addf(ctx->out, "%.*s is revoked", EW_FMT(r->key));
		if (r->through.p)
			out_addf(ctx->out, ", good through %.12s", r->through.p);
		if (r->vouches)
			out_addf(ctx->out, ", %zu vouched for", r->vouches);
		if (r->reason.p)
			out_addf(ctx->out, ": %.*s", EW_FMT(r->reason));
		out_adds(ctx->out, "\n");
	}
}

static enum ew_code
list(struct cmd_ctx *ctx, const struct key *o, struct ew_err *err)
{
	struct ew_rulebook b;
	struct ew_buf text = { 0 };
	struct table t;
	enum ew_code rc = ew_rulebook_open(&b, ctx->store, ew_str(ctx->operands > 1 ? ctx->operand[1] : NULL), err);

	if (rc == EW_OK && o->by.json) {
		ew_rulebook_keys_json(&text, &b);
		ew_buf_addc(&text, '\n');
		out_take(ctx->out, &text);
	} else if (rc == EW_OK) {
		table_init(&t, 3, 0);
		for (size_t i = 0; i < b.signers.count; i++) {
			const struct ew_signers_line *line = &b.signers.line[i];

			ew_buf_clear(&text);
			if (line->valid_after != INT64_MIN)
				add_time(&text, "from ", line->valid_after);
			if (line->valid_before != INT64_MAX)
				add_time(&text, text.len ? " until " : "until ", line->valid_before);
			table_add(&t, b.print[i]);
			table_add(&t, line->principal);
			table_add(&t, ew_buf_str(&text));
		}
		table_print(&t, ctx->out);
		list_revoked(ctx, b.policy);
		ew_buf_release(&text);
	}
	ew_rulebook_release(&b);
	return rc;
}

/* A fingerprint as it is, or that of the key in a file. */
static enum ew_code
fingerprint(struct ew_str *out, struct cmd_ctx *ctx, const char *word, struct ew_err *err)
{
	struct ew_buf text = { 0 };
	struct ew_sshkey key;
	enum ew_code rc;

	*out = ew_str(word);
	if (ew_str_starts(*out, "SHA256:"))
		return EW_OK;
	if ((rc = cmd_read_file(&text, ctx, word, err)) == EW_OK &&
	    (rc = ew_rules_read_key(&key, ew_buf_str(&text), err)) == EW_OK)
		rc = ew_rules_fingerprint(out, ctx->store, &key, ctx->arena, err);
	ew_buf_release(&text);
	return rc;
}

static enum ew_code
add(struct cmd_ctx *ctx, const struct key *o, struct ew_rules *rules, struct ew_buf *subject,
	struct ew_err *err)
{
	struct ew_buf text = { 0 };
	struct ew_sshkey key;
	struct ew_str print;
	enum ew_code rc;

	if (ctx->operands != 3)
		return cmd_usage(ctx->cmd, err, "add takes PERSON and the FILE of a public key");
	if ((rc = cmd_read_file(&text, ctx, ctx->operand[2], err)) == EW_OK &&
	    (rc = ew_rules_read_key(&key, ew_buf_str(&text), err)) == EW_OK &&
	    (rc = ew_rules_fingerprint(&print, ctx->store, &key, ctx->arena, err)) == EW_OK)
		rc = ew_rules_add_key(rules, ew_str(ctx->operand[1]), &key, ew_str(o->from), ew_str(o->until), err);
	if (rc == EW_OK)
		ew_buf_addf(subject, "key: add %.*s of %s", EW_FMT(print), ctx->operand[1]);
	ew_buf_release(&text);
	return rc;
}

static enum ew_code
retire(struct cmd_ctx *ctx, struct ew_rules *rules, struct ew_buf *subject, struct ew_err *err)
{
	struct ew_str print;
	enum ew_code rc;

	if (ctx->operands != 2)
		return cmd_usage(ctx->cmd, err, "retire takes one fingerprint, or the FILE of a public key");
	if ((rc = fingerprint(&print, ctx, ctx->operand[1], err)) != EW_OK)
		return rc;
	ew_buf_addf(subject, "key: retire %.*s", EW_FMT(print));
	return ew_rules_retire_key(rules, print, err);
}

/* A revoked key is retired as well, if it is still there. */
static enum ew_code
revoke(struct cmd_ctx *ctx, const struct key *o, struct ew_rules *rules, struct ew_buf *subject,
	struct ew_err *err)
{
	struct ew_err why = { 0 };
	struct ew_str print, through = { NULL, 0 };
	enum ew_code rc;

	if (ctx->operands != 2)
		return cmd_usage(ctx->cmd, err, "revoke takes one fingerprint, or the FILE of a public key");
	if ((rc = fingerprint(&print, ctx, ctx->operand[1], err)) != EW_OK ||
	    (o->through &&
		    (rc = ew_rules_commit(&through, ctx->store, ew_str(o->through), ctx->arena, err)) != EW_OK))
		return rc;
	rc = ew_rules_retire_key(rules, print, &why);
	if (rc != EW_OK && rc != EW_NOTFOUND)
		return ew_fail(err, rc, "%s", why.msg);
	ew_buf_addf(subject, "key: revoke %.*s", EW_FMT(print));
	return ew_policy_revoke(ew_rules_editor(rules, err), print, through, o->vouch.item, o->vouch.count,
		ew_str(o->by.reason));
}

static enum ew_code
change(struct cmd_ctx *ctx, const struct key *o, struct ew_err *err)
{
	const struct ew_str verb = ew_str(ctx->operand[0]);
	struct ew_buf subject = { 0 };
	struct ew_rules *rules;
	enum ew_code rc = ew_rules_open(&rules, ctx->store, err);

	if (rc != EW_OK)
		return rc;
	if (ew_str_is(verb, "add"))
		rc = add(ctx, o, rules, &subject, err);
	else if (ew_str_is(verb, "retire"))
		rc = retire(ctx, rules, &subject, err);
	else if (ew_str_is(verb, "revoke"))
		rc = revoke(ctx, o, rules, &subject, err);
	else
		rc = cmd_usage(ctx->cmd, err, "'%.*s' is nothing to do with a key", EW_FMT(verb));
	if (rc == EW_OK && (rc = ew_buf_check(&subject, err)) == EW_OK)
		rc = ruled_finish(ctx, rules, &o->by, ew_buf_str(&subject), err);
	ew_rules_free(rules);
	ew_buf_release(&subject);
	return rc;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	if (!ctx->operands || ew_str_is(ew_str(ctx->operand[0]), "list"))
		return ctx->operands > 2 ? cmd_usage(ctx->cmd, err, "list takes one REV")
					 : list(ctx, opts, err);
	return change(ctx, opts, err);
}

const struct cmd cmd_key = {
	.name = "key",
	.synopsis = "[list [REV]] [--json]\n"
		"add PERSON FILE [--from TIME] [--until TIME] -m REASON\n"
		"retire FINGERPRINT|FILE -m REASON [--proposal FILE]\n"
		"revoke FINGERPRINT|FILE [--through COMMIT] [--vouch ID] -m REASON",
	.summary = "Show or change whose keys are believed",
	.run = run,
	.opts = key_opts,
	.opts_size = sizeof(struct key),
	.max_args = CMD_ANY,
	.flags = CMD_STORE | CMD_SIGN,
};
