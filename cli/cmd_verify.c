/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/locked.h"
#include "cli/prose.h"

#include <inttypes.h>

struct verify {
	const char *pin, *lock, *proof, *signers;
	int64_t max_age;
	bool json;
};

static const struct opt verify_opts[] = {
	OPT_STR(0, "pin", struct verify, pin, 0, "PIN", "the labels must have this pin"),
	OPT_STR(0, "lock", struct verify, lock, 0, "FILE", "hold the store against this lock"),
	OPT_INT(0, "max-age", struct verify, max_age, 0, 1, 100000, "DAYS",
		"the newest release must not be older"),
	OPT_STR(0, "proof", struct verify, proof, 0, "FILE", "check this proof; no store is needed"),
	OPT_STR(0, "signers", struct verify, signers, 0, "FILE",
		"the proof's release must be signed by one of these keys"),
	OPT_FLAG(0, "json", struct verify, json, "print the verdict as JSON"),
	OPT_END,
};

static void
print_word(struct cmd_ctx *ctx)
{
	out_style(ctx->out, OUT_GREEN);
	out_adds(ctx->out, "Good");
	out_style(ctx->out, OUT_PLAIN);
}

static void
print_json(struct cmd_ctx *ctx, struct ew_buf *json)
{
	ew_buf_addc(json, '\n');
	out_take(ctx->out, json);
}

static enum ew_code
fail(struct ew_str problem, struct ew_err *err)
{
	return ew_fail(err, EW_NO, "does not verify: %.*s", EW_FMT(problem));
}

/* --- a version --- */

static void
print_verified(struct cmd_ctx *ctx, const struct ew_verified *v)
{
	print_word(ctx);
	out_addf(ctx->out, ": %.*s, %" PRIu64 " labels, %" PRIu64 " signed commits.\n",
		EW_FMT(v->release.p ? v->release : v->rev), v->labels, v->commits);
	out_addf(ctx->out, "  records  %.*s\n  answers  %.*s\n  root     %s\n", EW_FMT(v->records),
		EW_FMT(v->answers), v->root);
	if (v->expires) {
		out_adds(ctx->out, "  expires  ");
		prose_time(ctx->out, v->expires);
		out_adds(ctx->out, "\n");
	}
}

static enum ew_code
verify_version(struct cmd_ctx *ctx, const struct verify *o, struct ew_err *err)
{
	const struct ew_verify_opts vo = {
		.rev = ew_str(ctx->operands ? ctx->operand[0] : NULL),
		.pin = ew_str(o->pin),
	};
	struct ew_verified v;
	struct ew_buf json = { 0 };
	enum ew_code rc = ew_verify(&v, ctx->store, &vo, err);

	if (rc == EW_OK && o->json) {
		ew_verified_json(&json, &v);
		print_json(ctx, &json);
	} else if (rc == EW_OK && v.good) {
		print_verified(ctx, &v);
	}
	if (rc == EW_OK && !v.good)
		rc = fail(v.problem, err);
	ew_verified_release(&v);
	return rc;
}

/* --- a proof --- */

static void
print_proven(struct cmd_ctx *ctx, const struct ew_proven *p)
{
	print_word(ctx);
	if (p->what == EW_PROVEN_ABSENCE)
		out_addf(ctx->out, ": no label %.*s", EW_FMT(p->id));
	else
		out_addf(ctx->out, ": %s %.*s of split %.*s",
			p->what == EW_PROVEN_ANSWER ? "the answer of label" : "label", EW_FMT(p->id),
			EW_FMT(p->split));
	if (p->release.p)
		out_addf(ctx->out, " in %.*s of data set %.*s, signed by %.*s.\n", EW_FMT(p->release),
			EW_FMT(p->dataset), EW_FMT(p->signer));
	else
		out_addf(ctx->out, " among the %" PRIu64 " of %.*s.\n", p->labels,
			EW_FMT(p->records.p ? p->records : p->answers));
}

static enum ew_code
read_inputs(struct ew_buf *proof, struct ew_buf *signers, const struct cmd_ctx *ctx,
	const struct verify *o, struct ew_err *err)
{
	enum ew_code rc = cmd_read_start(proof, ctx, o->proof, err);

	return rc == EW_OK && o->signers ? cmd_read_start(signers, ctx, o->signers, err) : rc;
}

static enum ew_code
judge_proof(struct ew_proven *out, const struct cmd_ctx *ctx, const struct verify *o,
	const struct ew_buf *proof, const struct ew_buf *signers, struct ew_err *err)
{
	const struct ew_proven_opts po = {
		.proof = ew_buf_str(proof),
		.pin = ew_str(o->pin),
		.signers = o->signers ? ew_buf_str(signers) : ew_str(NULL),
		.now = ctx->opts.now,
	};
	struct ew_hash *hash = NULL;
	enum ew_code rc = ew_hash_open(&hash, err);

	if (rc == EW_OK)
		rc = ew_proof_verify(out, hash, &po, err);
	ew_hash_free(hash);
	return rc;
}

static enum ew_code
verify_proof(struct cmd_ctx *ctx, const struct verify *o, struct ew_err *err)
{
	struct ew_buf proof = { 0 }, signers = { 0 }, json = { 0 };
	struct ew_proven p = { .good = false };
	enum ew_code rc;

	if ((rc = read_inputs(&proof, &signers, ctx, o, err)) != EW_OK ||
	    (rc = judge_proof(&p, ctx, o, &proof, &signers, err)) != EW_OK)
		goto done;
	if (o->json) {
		ew_proven_json(&json, &p);
		print_json(ctx, &json);
	} else if (p.good) {
		print_proven(ctx, &p);
	}
	if (!p.good)
		rc = fail(p.problem, err);
done:
	ew_proven_release(&p);
	ew_buf_release(&proof);
	ew_buf_release(&signers);
	return rc;
}

static enum ew_code
check_options(const struct cmd_ctx *ctx, const struct verify *o, struct ew_err *err)
{
	if (o->signers && !o->proof)
		return cmd_usage(ctx->cmd, err, "--signers goes with --proof");
	if (o->max_age && !o->lock)
		return cmd_usage(ctx->cmd, err, "--max-age goes with --lock");
	if (o->lock && (ctx->operands || o->pin || o->proof))
		return cmd_usage(ctx->cmd, err, "--lock goes with no revision, --pin or --proof");
	if (o->proof && ctx->operands)
		return cmd_usage(ctx->cmd, err, "a proof is of no revision of a store; leave %s out",
			ctx->operand[0]);
	if (o->proof && !o->pin && !o->signers)
		return cmd_usage(ctx->cmd, err,
			"a proof proves nothing by itself; give --pin, or --signers of its release");
	return EW_OK;
}

static enum ew_code
run(struct cmd_ctx *ctx, const void *opts, struct ew_err *err)
{
	const struct verify *o = opts;
	const struct ew_lock_check_opts lo = { .path = o->lock, .max_age = o->max_age };
	enum ew_code rc = check_options(ctx, o, err);

	if (rc != EW_OK)
		return rc;
	if (o->proof)
		return verify_proof(ctx, o, err);
	if ((rc = ew_store_open(&ctx->store, ctx->dir, &ctx->opts, err)) != EW_OK)
		return rc;
	return o->lock ? locked_check(ctx, &lo, o->json, err) : verify_version(ctx, o, err);
}

const struct cmd cmd_verify = {
	.name = "verify",
	.synopsis = "[REV] [--pin PIN] [--json]\n--lock FILE [--max-age DAYS] [--json]\n"
		    "--proof FILE [--pin PIN] [--signers FILE] [--json]",
	.summary = "Check signatures, declarations and pins of a version, or a proof",
	.run = run,
	.opts = verify_opts,
	.opts_size = sizeof(struct verify),
	.max_args = 1,
};
