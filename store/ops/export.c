/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/export.h"

#include "ops/address.h"
#include "ops/exported.h"

enum { PIECE = 1 << 16, REPORT_EVERY = 1024 };

struct exporting {
	struct ew_store *store;
	const struct ew_export_opts *opts;
	struct ew_version_at at;
	struct ew_str *split; /* those to be exported */
	size_t splits;
	struct ew_str current;
	uint64_t done, total;
	struct ew_columns columns;
	struct ew_buf out;
	ew_sink_fn *sink;
	void *user;
	struct ew_arena scratch; /* of one label */
};

/* --- which splits --- */

static enum ew_code
fail_denied(const struct exporting *x, struct ew_str split, struct ew_err *err)
{
	const char *use = ew_use_word(x->opts->use);

	return ew_fail(err, EW_DENIED,
		"split %.*s: the policy of %.*s does not allow it for %s; "
		"to allow it, add \"%s\" to its uses in policy.json",
		EW_FMT(split), EW_FMT(x->at.text), use, use);
}

/* The one that is asked for. */
static enum ew_code
choose_split(struct exporting *x, const struct ew_policy *policy, struct ew_err *err)
{
	for (size_t i = 0; i < x->splits; i++) {
		if (!ew_str_eq(x->split[i], x->opts->split))
			continue;
		if (!ew_policy_use(policy, x->split[i], x->opts->use))
			return fail_denied(x, x->split[i], err);
		x->split[0] = x->split[i];
		x->splits = 1;
		return EW_OK;
	}
	return ew_address_fail_split(&x->at, x->opts->split, err);
}

/* Those that the policy allows; the others are told, unless they are all. */
static enum ew_code
choose_allowed(struct exporting *x, const struct ew_policy *policy, struct ew_err *err)
{
	struct ew_str *allowed = ew_arena_array(&x->at.arena, x->splits + 1, sizeof *allowed);
	size_t n = 0;

	if (!allowed)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < x->splits; i++)
		if (ew_policy_use(policy, x->split[i], x->opts->use))
			allowed[n++] = x->split[i];
	if (x->splits && n == 0)
		return fail_denied(x, x->split[0], err);
	for (size_t i = 0, k = 0; i < x->splits; i++) {
		if (k < n && ew_str_eq(allowed[k], x->split[i]))
			k++;
		else if (x->opts->left_out)
			x->opts->left_out(x->user, x->split[i]);
	}
	x->split = allowed;
	x->splits = n;
	return EW_OK;
}

static enum ew_code
choose(struct exporting *x, struct ew_err *err)
{
	struct ew_policy *policy;
	enum ew_code rc;

	if ((rc = ew_snapshot_policy(&policy, x->at.snapshot, err)) != EW_OK ||
	    (rc = ew_snapshot_splits(&x->split, &x->splits, x->at.snapshot, err)) != EW_OK)
		return rc;
	return x->opts->split.p ? choose_split(x, policy, err) : choose_allowed(x, policy, err);
}

/* --- the labels --- */

/* Give away what is written, once it is a good piece. */
static enum ew_code
flush(struct exporting *x, size_t least, struct ew_err *err)
{
	enum ew_code rc = ew_buf_check(&x->out, err);

	if (rc != EW_OK || x->out.len < least || x->out.len == 0)
		return rc;
	if (x->sink(x->user, ew_buf_str(&x->out)) != 0)
		return ew_fail(err, EW_IO, "export: the output takes no more; nothing was changed");
	ew_buf_clear(&x->out);
	return EW_OK;
}

static enum ew_code
advance(struct exporting *x, const char *step, struct ew_err *err)
{
	ew_arena_reset(&x->scratch);
	if (x->done++ % REPORT_EVERY)
		return EW_OK;
	return ew_progress(x->store->opts.progress, step, x->done - 1, x->total, err);
}

static enum ew_code
read_instance(struct ew_exported *e, struct exporting *x, const struct ew_entry *entry,
	struct ew_err *err)
{
	bool found;

	return ew_read_instance(&e->instance, &found, x->store, x->at.snapshot, entry->id,
		&x->scratch, err);
}

static enum ew_code
gather_one(void *user, const struct ew_entry *entry, struct ew_err *err)
{
	struct exporting *x = user;
	struct ew_exported e = { .split = x->current };
	enum ew_code rc;

	if ((rc = advance(x, "reading columns", err)) != EW_OK ||
	    (rc = read_instance(&e, x, entry, err)) != EW_OK)
		return rc;
	return ew_columns_gather(&x->columns, &e.instance, err);
}

static enum ew_code
export_one(void *user, const struct ew_entry *entry, struct ew_err *err)
{
	struct exporting *x = user;
	struct ew_exported e = { .split = x->current };
	enum ew_code rc;

	if ((rc = advance(x, "exporting", err)) != EW_OK ||
	    (rc = ew_read_label(&e.label, x->store, &entry->blob, &x->scratch, err)) != EW_OK ||
	    (rc = ew_check_place(&e.label, entry->id, err)) != EW_OK ||
	    (rc = read_instance(&e, x, entry, err)) != EW_OK)
		return rc;
	if (x->opts->format == EW_EXPORT_JSONL)
		ew_exported_line(&x->out, &e);
	else
		rc = ew_exported_row(&x->out, &x->columns, &e, x->opts->raw, err);
	return rc == EW_OK ? flush(x, PIECE, err) : rc;
}

static enum ew_code
each_label(struct exporting *x, ew_entry_fn *fn, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	x->done = 0;
	for (size_t i = 0; i < x->splits && rc == EW_OK; i++) {
		struct ew_collection *c;

		x->current = x->split[i];
		rc = ew_snapshot_labels(&c, x->at.snapshot, x->split[i], err);
		if (rc == EW_OK && c)
			rc = ew_collection_each(c, fn, x, err);
	}
	return rc;
}

static enum ew_code
count_labels(struct exporting *x, struct ew_err *err)
{
	for (size_t i = 0; i < x->splits; i++) {
		struct ew_collection *c;
		struct ew_trie trie = { 0 };
		enum ew_code rc = ew_snapshot_labels(&c, x->at.snapshot, x->split[i], err);

		if (rc == EW_OK && c)
			rc = ew_collection_trie(&trie, c, err);
		if (rc != EW_OK)
			return rc;
		x->total += trie.count;
	}
	return EW_OK;
}

static enum ew_code
export_all(struct exporting *x, struct ew_err *err)
{
	enum ew_code rc;

	if ((rc = ew_at_open(&x->at, x->store, x->opts->rev, err)) != EW_OK ||
	    (rc = choose(x, err)) != EW_OK || (rc = count_labels(x, err)) != EW_OK)
		return rc;
	if (x->opts->format == EW_EXPORT_CSV &&
	    ((rc = each_label(x, gather_one, err)) != EW_OK ||
		    (rc = ew_columns_finish(&x->out, &x->columns, x->opts->raw, err)) != EW_OK))
		return rc;
	rc = each_label(x, export_one, err);
	return rc == EW_OK ? flush(x, 0, err) : rc;
}

enum ew_code
ew_export(uint64_t *count, struct ew_store *s, const struct ew_export_opts *opts, ew_sink_fn *sink,
	void *user, struct ew_err *err)
{
	struct exporting x = { .store = s, .opts = opts, .sink = sink, .user = user };
	enum ew_code rc = export_all(&x, err);

	*count = x.done;
	ew_at_release(&x.at);
	ew_columns_release(&x.columns);
	ew_buf_release(&x.out);
	ew_arena_release(&x.scratch);
	return rc;
}
