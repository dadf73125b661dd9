/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/export.h"

#include "base/crew.h"
#include "codec/jsonw.h"
#include "ops/address.h"
#include "ops/exported.h"
#include "repo/blobs.h"

enum { JOBS_A_HAND = 2 };

/* A batch of labels that a hand turns into output. */
struct job {
	struct ew_str split;
	struct ew_entry entry[EW_BATCH];
	struct ew_oid oid[2 * EW_BATCH]; /* of the labels, then of their instances; zero: none is read */
	size_t n;
	struct ew_arena arena; /* of ids */
	struct ew_buf out;
};

/* A label as it stands in the store. */
struct stored {
	struct ew_str split;
	const struct ew_entry *entry;
	const struct ew_oid *instance_blob;
	struct ew_str label, instance; /* records; absent if it was not read, or is not there */
};

/* What one hand works with. */
struct hand {
	const struct exporting *of;
	struct ew_source source;
	struct ew_blobs *blobs;
	struct ew_columns columns; /* what it gathered */
	struct ew_buf id;          /* of one label, as JSON */
	struct ew_arena scratch;   /* of one label */
};

/* What is done with each label: its output, if there is any, is appended. */
typedef enum ew_code step_fn(struct ew_buf *out, struct hand *, const struct stored *,
	struct ew_err *err);

struct exporting {
	struct ew_store *store;
	const struct ew_export_opts *opts;
	struct ew_version_at at;
	struct ew_str *split; /* those to be exported */
	size_t splits;
	struct ew_str current;
	struct ew_collection *instances; /* or NULL */
	uint64_t done, total;
	struct ew_columns columns; /* of all hands */
	ew_sink_fn *sink;
	void *user;

	/* Batches are read and written by a crew, while the caller walks on through the folders. */
	step_fn *step; /* what is done with each label now */
	struct hand hand[EW_CREW_MOST];
	size_t hands; /* that are open */
	struct job *job; /* in a ring */
	size_t jobs, given;
	struct ew_crew *crew;
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

static enum ew_code
read_instance(struct ew_instance *out, struct hand *h, const struct stored *s, struct ew_err *err)
{
	if (!s->instance.p ||
	    ew_instance_parse(out, &h->scratch, h->source.hash, s->instance, err) == EW_OK)
		return EW_OK;
	return ew_fail_stored(err, s->instance_blob);
}

static enum ew_code
gather_columns(struct ew_buf *out, struct hand *h, const struct stored *s, struct ew_err *err)
{
	struct ew_instance instance = { .id = { NULL, 0 } };
	enum ew_code rc = read_instance(&instance, h, s, err);

	(void)out;
	return rc == EW_OK ? ew_columns_gather(&h->columns, &instance, err) : rc;
}

static enum ew_code
export_row(struct ew_buf *out, struct hand *h, const struct stored *s, struct ew_err *err)
{
	struct ew_exported e = { .split = s->split };
	enum ew_code rc;

	if ((rc = ew_parse_label(&e.label, s->label, &s->entry->blob, &h->scratch, err)) != EW_OK ||
	    (rc = ew_check_place(&e.label, s->entry->id, err)) != EW_OK ||
	    (rc = read_instance(&e.instance, h, s, err)) != EW_OK)
		return rc;
	return ew_exported_row(out, &h->of->columns, &e, h->of->opts->raw, &h->scratch, err);
}

/* The id as its record writes it must be that of the place. */
static enum ew_code
check_cut(struct hand *h, const struct stored *s, struct ew_str label, struct ew_str instance,
	struct ew_err *err)
{
	struct ew_jsonw w;
	enum ew_code rc;

	ew_buf_clear(&h->id);
	ew_jsonw_init(&w, &h->id);
	ew_jsonw_str(&w, s->entry->id);
	ew_jsonw_finish(&w);
	if ((rc = ew_buf_check(&h->id, err)) != EW_OK)
		return rc;
	if (ew_str_eq(label, ew_buf_str(&h->id)) &&
	    (!instance.p || ew_str_eq(instance, ew_buf_str(&h->id))))
		return EW_OK;
	return ew_fail_place(err, s->entry->id);
}

/* What is stored is known to be JSON of the right shape; what it says is for fsck to judge. */
static enum ew_code
export_line(struct ew_buf *out, struct hand *h, const struct stored *s, struct ew_err *err)
{
	struct ew_label_cut label;
	struct ew_instance_cut instance = { .id = { NULL, 0 } };
	enum ew_code rc;

	if (ew_label_cut_checked(&label, s->label, err) != EW_OK)
		return ew_fail_stored(err, &s->entry->blob);
	if (s->instance.p && ew_instance_cut(&instance, s->instance, err) != EW_OK)
		return ew_fail_stored(err, s->instance_blob);
	if ((rc = check_cut(h, s, label.id, instance.id, err)) == EW_OK)
		ew_exported_line(out, s->split, &label, &instance);
	return rc;
}

/* --- batches --- */

static enum ew_code
do_job(void *tool, void *work, struct ew_err *err)
{
	struct hand *h = tool;
	struct job *j = work;
	enum ew_code rc = ew_blobs_read(h->blobs, j->oid, 2 * j->n, err);

	ew_buf_clear(&j->out);
	for (size_t i = 0; i < j->n && rc == EW_OK; i++) {
		const struct stored s = { j->split, &j->entry[i], &j->oid[j->n + i],
			ew_blobs_at(h->blobs, i), ew_blobs_at(h->blobs, j->n + i) };

		ew_arena_reset(&h->scratch);
		rc = h->of->step(&j->out, h, &s, err);
	}
	return rc == EW_OK ? ew_buf_check(&j->out, err) : rc;
}

static enum ew_code
fail_sink(struct ew_err *err)
{
	return ew_fail(err, EW_IO, "export: the output takes no more; nothing was changed");
}

/* Give away the output of the oldest job; *none when none is under way. */
static enum ew_code
take_job(bool *none, struct exporting *x, struct ew_err *err)
{
	struct ew_err why = { 0 };
	void *taken;
	struct job *j;
	enum ew_code rc = ew_crew_take(&taken, x->crew, &why);

	*none = !taken;
	if (!(j = taken))
		return EW_OK;
	/* Some objects only the caller's own hand finds, which else says why not. */
	if (rc != EW_OK && (rc = do_job(&x->hand[0], j, err)) != EW_OK)
		return rc;
	if (j->out.len && x->sink(x->user, ew_buf_str(&j->out)) != 0)
		return fail_sink(err);
	x->done += j->n;
	return EW_OK;
}

/* Labels, unless only columns are gathered, and instances. */
static enum ew_code
fill_job(struct job *j, struct exporting *x, const struct ew_entry *entry, size_t n,
	struct ew_err *err)
{
	static const struct ew_oid none;
	bool found;
	enum ew_code rc = EW_OK;

	j->split = x->current;
	j->n = n;
	ew_arena_reset(&j->arena);
	for (size_t i = 0; i < n && rc == EW_OK; i++) {
		j->entry[i] = (struct ew_entry){ ew_arena_str(&j->arena, entry[i].id), entry[i].blob };
		j->oid[i] = x->step == gather_columns ? none : entry[i].blob;
		j->oid[n + i] = none;
		if (!j->entry[i].id.p)
			rc = ew_fail_nomem(err);
		else if (x->instances)
			rc = ew_collection_find(&j->oid[n + i], &found, x->instances, entry[i].id, err);
	}
	if (x->instances)
		ew_collection_forget(x->instances);
	return rc;
}

static enum ew_code
on_batch(void *user, const struct ew_entry *entry, size_t n, struct ew_err *err)
{
	struct exporting *x = user;
	const char *what = x->step == gather_columns ? "reading columns" : "exporting";
	struct job *j = &x->job[x->given % x->jobs];
	bool none;
	enum ew_code rc = ew_progress(x->store->opts.progress, what, x->done, x->total, err);

	while (rc == EW_OK && !ew_crew_has_room(x->crew))
		rc = take_job(&none, x, err);
	if (rc != EW_OK || (rc = fill_job(j, x, entry, n, err)) != EW_OK)
		return rc;
	x->given++;
	ew_crew_give(x->crew, j);
	return EW_OK;
}

static enum ew_code
each_label(struct exporting *x, step_fn *step, struct ew_err *err)
{
	bool none = false;
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
	while (rc == EW_OK && !none)
		rc = take_job(&none, x, err);
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

/* The first hand is the caller's, and sees what its repository does. */
static enum ew_code
open_hand(struct exporting *x, struct ew_err *err)
{
	struct hand *h = &x->hand[x->hands];
	enum ew_code rc = EW_OK;

	if (x->hands == 0)
		h->source = ew_source_of(x->store->repo);
	else if ((rc = ew_source_open(&h->source, &x->hand[0].source, err)) != EW_OK)
		return rc;
	h->of = x;
	x->hands++;
	return ew_blobs_open(&h->blobs, &h->source, err);
}

static void
release_hand(struct hand *h)
{
	ew_blobs_free(h->blobs);
	ew_source_release(&h->source);
	ew_columns_release(&h->columns);
	ew_buf_release(&h->id);
	ew_arena_release(&h->scratch);
}

static enum ew_code
open_crew(struct exporting *x, struct ew_err *err)
{
	const size_t worth = (size_t)(x->total / EW_BATCH) + 1, most = ew_crew_hands();
	const size_t hands = worth < most ? worth : most;
	void *tool[EW_CREW_MOST];
	enum ew_code rc;

	for (size_t i = 0; i < hands; i++) {
		tool[i] = &x->hand[i];
		if ((rc = open_hand(x, err)) != EW_OK)
			return rc;
	}
	x->job = ew_arena_array(&x->at.arena, JOBS_A_HAND * hands, sizeof *x->job);
	if (!x->job)
		return ew_fail_nomem(err);
	x->jobs = JOBS_A_HAND * hands;
	return ew_crew_open(&x->crew, hands, x->jobs, do_job, tool, err);
}

static void
release(struct exporting *x)
{
	ew_crew_free(x->crew);
	for (size_t i = 0; i < x->hands; i++)
		release_hand(&x->hand[i]);
	for (size_t i = 0; i < x->jobs; i++) {
		ew_arena_release(&x->job[i].arena);
		ew_buf_release(&x->job[i].out);
	}
	ew_columns_release(&x->columns);
	ew_at_release(&x->at);
}

/* What each hand gathered is put together, and heads the table. */
static enum ew_code
export_header(struct exporting *x, struct ew_err *err)
{
	struct ew_buf head = { 0 };
	enum ew_code rc = each_label(x, gather_columns, err);

	for (size_t i = 0; i < x->hands && rc == EW_OK; i++)
		rc = ew_columns_add(&x->columns, &x->hand[i].columns, err);
	if (rc == EW_OK && (rc = ew_columns_finish(&head, &x->columns, x->opts->raw, err)) == EW_OK &&
	    x->sink(x->user, ew_buf_str(&head)) != 0)
		rc = fail_sink(err);
	ew_buf_release(&head);
	return rc;
}

static enum ew_code
export_all(struct exporting *x, struct ew_err *err)
{
	const bool csv = x->opts->format == EW_EXPORT_CSV;
	enum ew_code rc;

	if ((rc = ew_at_open(&x->at, x->store, x->opts->rev, err)) != EW_OK ||
	    (rc = choose(x, err)) != EW_OK || (rc = count_labels(x, err)) != EW_OK ||
	    (rc = ew_snapshot_collection(&x->instances, x->at.snapshot, EW_LIT("instances"), false, 0,
		     err)) != EW_OK ||
	    (rc = open_crew(x, err)) != EW_OK)
		return rc;
	if (csv && (rc = export_header(x, err)) != EW_OK)
		return rc;
	return each_label(x, csv ? export_row : export_line, err);
}

enum ew_code
ew_export(uint64_t *count, struct ew_store *s, const struct ew_export_opts *opts, ew_sink_fn *sink,
	void *user, struct ew_err *err)
{
	struct exporting x = { .store = s, .opts = opts, .sink = sink, .user = user };
	enum ew_code rc = export_all(&x, err);

	*count = x.done;
	release(&x);
	return rc;
}
