/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/export.h"

#include "codec/jsonw.h"
#include "ops/address.h"
#include "ops/exported.h"
#include "repo/blobs.h"

enum { PIECE = 1 << 16 };

/* A label as it stands in the store. */
struct stored {
	const struct ew_entry *entry;
	struct ew_oid instance_blob;
	struct ew_str label, instance; /* records; absent if it was not read, or is not there */
};

struct exporting;
typedef enum ew_code step_fn(struct exporting *, const struct stored *, struct ew_err *err);

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
	step_fn *step; /* what is done with each label now */
	struct ew_collection *instances; /* or NULL */
	struct ew_oid *oid; /* of a batch: its labels, then their instances */
	struct ew_blobs *blobs; /* these */
	struct ew_buf id;        /* of one label, as JSON */
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
read_instance(struct ew_instance *out, struct exporting *x, const struct stored *s,
	struct ew_err *err)
{
	if (!s->instance.p)
		return EW_OK;
	return ew_parse_instance(out, x->store, s->instance, &s->instance_blob, &x->scratch, err);
}

static enum ew_code
gather_columns(struct exporting *x, const struct stored *s, struct ew_err *err)
{
	struct ew_instance instance = { .id = { NULL, 0 } };
	enum ew_code rc = read_instance(&instance, x, s, err);

	return rc == EW_OK ? ew_columns_gather(&x->columns, &instance, err) : rc;
}

static enum ew_code
export_row(struct exporting *x, const struct stored *s, struct ew_err *err)
{
	struct ew_exported e = { .split = x->current };
	enum ew_code rc;

	if ((rc = ew_parse_label(&e.label, s->label, &s->entry->blob, &x->scratch, err)) != EW_OK ||
	    (rc = ew_check_place(&e.label, s->entry->id, err)) != EW_OK ||
	    (rc = read_instance(&e.instance, x, s, err)) != EW_OK)
		return rc;
	return ew_exported_row(&x->out, &x->columns, &e, x->opts->raw, err);
}

/* The id as its record writes it must be that of the place. */
static enum ew_code
check_cut(struct exporting *x, const struct stored *s, struct ew_str label, struct ew_str instance,
	struct ew_err *err)
{
	struct ew_jsonw w;
	enum ew_code rc;

	ew_buf_clear(&x->id);
	ew_jsonw_init(&w, &x->id);
	ew_jsonw_str(&w, s->entry->id);
	ew_jsonw_finish(&w);
	if ((rc = ew_buf_check(&x->id, err)) != EW_OK)
		return rc;
	if (ew_str_eq(label, ew_buf_str(&x->id)) &&
	    (!instance.p || ew_str_eq(instance, ew_buf_str(&x->id))))
		return EW_OK;
	return ew_fail_place(err, s->entry->id);
}

/* What is stored is known to be JSON of the right shape; what it says is for fsck to judge. */
static enum ew_code
export_line(struct exporting *x, const struct stored *s, struct ew_err *err)
{
	struct ew_label_cut label;
	struct ew_instance_cut instance = { .id = { NULL, 0 } };
	enum ew_code rc;

	if (ew_label_cut_checked(&label, s->label, err) != EW_OK)
		return ew_fail_stored(err, &s->entry->blob);
	if (s->instance.p && ew_instance_cut(&instance, s->instance, err) != EW_OK)
		return ew_fail_stored(err, &s->instance_blob);
	if ((rc = check_cut(x, s, label.id, instance.id, err)) == EW_OK)
		ew_exported_line(&x->out, x->current, &label, &instance);
	return rc;
}

/* --- batches --- */

/* Labels, unless only columns are gathered, and instances. */
static enum ew_code
read_batch(struct exporting *x, const struct ew_entry *entry, size_t n, struct ew_err *err)
{
	static const struct ew_oid none;
	bool found;
	enum ew_code rc = EW_OK;

	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		x->oid[i] = x->step == gather_columns ? none : entry[i].blob;
		x->oid[n + i] = none;
		if (x->instances)
			rc = ew_collection_find(&x->oid[n + i], &found, x->instances, entry[i].id, err);
	}
	if (x->instances)
		ew_collection_forget(x->instances);
	return rc == EW_OK ? ew_blobs_read(x->blobs, x->oid, 2 * n, err) : rc;
}

static enum ew_code
on_batch(void *user, const struct ew_entry *entry, size_t n, struct ew_err *err)
{
	struct exporting *x = user;
	const char *what = x->step == gather_columns ? "reading columns" : "exporting";
	enum ew_code rc;

	rc = ew_progress(x->store->opts.progress, what, x->done, x->total, err);
	if (rc != EW_OK || (rc = read_batch(x, entry, n, err)) != EW_OK)
		return rc;
	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		const struct stored s = { &entry[i], x->oid[n + i], ew_blobs_at(x->blobs, i),
			ew_blobs_at(x->blobs, n + i) };

		ew_arena_reset(&x->scratch);
		if ((rc = x->step(x, &s, err)) == EW_OK)
			rc = flush(x, PIECE, err);
	}
	x->done += n;
	return rc;
}

static enum ew_code
each_label(struct exporting *x, step_fn *step, struct ew_err *err)
{
	enum ew_code rc = EW_OK;

	x->step = step;
	x->done = 0;
	for (size_t i = 0; i < x->splits && rc == EW_OK; i++) {
		struct ew_collection *c;

		x->current = x->split[i];
		rc = ew_snapshot_labels(&c, x->at.snapshot, x->split[i], err);
		if (rc == EW_OK && c)
			rc = ew_collection_each_batch(c, on_batch, x, err);
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
open_records(struct exporting *x, struct ew_err *err)
{
	enum ew_code rc;

	x->oid = ew_arena_array(&x->at.arena, 2 * EW_BATCH, sizeof *x->oid);
	if (!x->oid)
		return ew_fail_nomem(err);
	rc = ew_snapshot_collection(&x->instances, x->at.snapshot, EW_LIT("instances"), false, 0, err);
	return rc == EW_OK ? ew_blobs_open(&x->blobs, x->store->repo, err) : rc;
}

static enum ew_code
export_all(struct exporting *x, struct ew_err *err)
{
	const bool csv = x->opts->format == EW_EXPORT_CSV;
	enum ew_code rc;

	if ((rc = ew_at_open(&x->at, x->store, x->opts->rev, err)) != EW_OK ||
	    (rc = choose(x, err)) != EW_OK || (rc = count_labels(x, err)) != EW_OK ||
	    (rc = open_records(x, err)) != EW_OK)
		return rc;
	if (csv &&
	    ((rc = each_label(x, gather_columns, err)) != EW_OK ||
		    (rc = ew_columns_finish(&x->out, &x->columns, x->opts->raw, err)) != EW_OK))
		return rc;
	rc = each_label(x, csv ? export_row : export_line, err);
	return rc == EW_OK ? flush(x, 0, err) : rc;
}

enum ew_code
ew_export(uint64_t *count, struct ew_store *s, const struct ew_export_opts *opts, ew_sink_fn *sink,
	void *user, struct ew_err *err)
{
	struct exporting x = { .store = s, .opts = opts, .sink = sink, .user = user };
	enum ew_code rc = export_all(&x, err);

	*count = x.done;
	ew_blobs_free(x.blobs);
	ew_buf_release(&x.id);
	ew_at_release(&x.at);
	ew_columns_release(&x.columns);
	ew_buf_release(&x.out);
	ew_arena_release(&x.scratch);
	return rc;
}
