/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/status.h"

#include "ops/lineage.h"
#include "ops/part.h"
#include "ops/tagged.h"

static enum ew_code
copy(struct ew_str *out, struct ew_status *st, struct ew_str text, struct ew_err *err)
{
	*out = text.p ? ew_arena_str(&st->arena, text) : text;
	return text.p && !out->p ? ew_fail_nomem(err) : EW_OK;
}

static enum ew_code
copy_pin(struct ew_str *out, struct ew_status *st, const struct ew_sha256 *root, bool answers,
	struct ew_err *err)
{
	struct ew_buf pin = { 0 };
	enum ew_code rc;

	ew_pin_write(&pin, root, answers);
	if ((rc = ew_buf_check(&pin, err)) == EW_OK)
		rc = copy(out, st, ew_buf_str(&pin), err);
	ew_buf_release(&pin);
	return rc;
}

static enum ew_code
read_branch(struct ew_status *st, struct ew_store *s, struct ew_err *err)
{
	static const char prefix[] = "refs/heads/";
	struct ew_err detached = { 0 };
	struct ew_str ref;
	enum ew_code rc = ew_repo_head(&ref, s->repo, &st->arena, &detached);

	if (rc == EW_REFUSED)
		return EW_OK;
	if (rc != EW_OK)
		return ew_fail(err, rc, "%s", detached.msg);
	st->branch = ew_str_part(ref, ew_str_starts(ref, prefix) ? sizeof prefix - 1 : 0, ref.len);
	return EW_OK;
}

static enum ew_code
read_manifest(struct ew_status *st, const struct ew_version_at *at, struct ew_err *err)
{
	struct ew_manifest *m;
	enum ew_code rc;

	ew_hex(st->commit, at->rev.commit.b, sizeof at->rev.commit.b);
	st->time = at->commit.by.time;
	if ((rc = ew_snapshot_manifest(&m, at->snapshot, err)) != EW_OK ||
	    (rc = copy(&st->author, st, at->commit.by.email, err)) != EW_OK ||
	    (rc = copy(&st->name, st, m->name, err)) != EW_OK ||
	    (rc = copy(&st->dataset, st, m->dataset, err)) != EW_OK)
		return rc;
	return copy(&st->licence, st, m->licence, err);
}

static enum ew_code
read_pins(struct ew_status *st, struct ew_snapshot *snapshot, struct ew_err *err)
{
	struct ew_pin_split *split;
	struct ew_pins pins;
	size_t n;
	enum ew_code rc;

	if ((rc = ew_snapshot_pins(&pins, &split, &n, snapshot, err)) != EW_OK ||
	    (rc = copy_pin(&st->records, st, &pins.records, false, err)) != EW_OK ||
	    (rc = copy_pin(&st->answers, st, &pins.answers, true, err)) != EW_OK)
		return rc;
	st->labels = pins.count;
	st->split = ew_arena_array(&st->arena, n + 1, sizeof *st->split);
	if (!st->split)
		return ew_fail_nomem(err);
	for (; st->splits < n && rc == EW_OK; st->splits++) {
		st->split[st->splits].labels = split[st->splits].trie.count;
		rc = copy(&st->split[st->splits].name, st, split[st->splits].name, err);
	}
	return rc;
}

/* The last release, and how many commits came after it. */
static enum ew_code
read_release(struct ew_status *st, struct ew_store *s, const struct ew_oid *head,
	struct ew_err *err)
{
	struct ew_lineage line = { .commits = 0 };
	struct ew_buf ref = { 0 };
	struct ew_rev rev;
	enum ew_code rc = ew_lineage_release_of(&st->release, s, head, &st->arena, err);

	if (rc != EW_OK || !st->release.p)
		return rc;
	ew_buf_addf(&ref, "refs/tags/%.*s", EW_FMT(st->release));
	if ((rc = ew_buf_check(&ref, err)) == EW_OK &&
	    (rc = ew_repo_resolve(&rev, s->repo, ew_buf_str(&ref), &st->arena, err)) == EW_OK &&
	    (rc = ew_tagged_expires(&st->expires, s, &rev.tag, err)) == EW_OK)
		rc = ew_lineage_since(&line, s, &rev.commit, head, err);
	st->since = line.commits;
	ew_lineage_release(&line);
	ew_buf_release(&ref);
	return rc;
}

enum ew_code
ew_status(struct ew_status *out, struct ew_store *s, struct ew_err *err)
{
	struct ew_version_at at;
	enum ew_code rc = ew_at_open(&at, s, EW_LIT("HEAD"), err);

	*out = (struct ew_status){ .labels = 0 };
	if (rc == EW_OK && (rc = read_branch(out, s, err)) == EW_OK &&
	    (rc = read_manifest(out, &at, err)) == EW_OK &&
	    (rc = read_pins(out, at.snapshot, err)) == EW_OK)
		rc = read_release(out, s, &at.rev.commit, err);
	ew_at_release(&at);
	return rc;
}

void
ew_status_release(struct ew_status *st)
{
	ew_arena_release(&st->arena);
}

static void
write_splits(struct ew_jsonw *w, const struct ew_status *st)
{
	ew_jsonw_name(w, EW_LIT("splits"));
	ew_jsonw_array(w);
	for (size_t i = 0; i < st->splits; i++) {
		ew_jsonw_object(w);
		ew_jsonw_str_at(w, "name", st->split[i].name);
		ew_jsonw_int_at(w, "labels", (int64_t)st->split[i].labels);
		ew_jsonw_end(w);
	}
	ew_jsonw_end(w);
}

static void
write_release(struct ew_jsonw *w, const struct ew_status *st)
{
	ew_jsonw_name(w, EW_LIT("release"));
	if (!st->release.p) {
		ew_jsonw_null(w);
		return;
	}
	ew_jsonw_object(w);
	ew_jsonw_str_at(w, "name", st->release);
	ew_jsonw_int_at(w, "commits_since", (int64_t)st->since);
	if (st->expires)
		ew_part_expires(w, st->expires);
	ew_jsonw_end(w);
}

void
ew_status_json(struct ew_buf *out, const struct ew_status *st)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.status/1"));
	ew_jsonw_str_at(&w, "name", st->name);
	ew_jsonw_str_at(&w, "dataset", st->dataset);
	ew_part_text(&w, "licence", st->licence);
	ew_part_text(&w, "branch", st->branch);
	ew_jsonw_str_at(&w, "commit", ew_str(st->commit));
	ew_jsonw_str_at(&w, "author", st->author);
	ew_part_time(&w, st->time);
	ew_jsonw_int_at(&w, "labels", (int64_t)st->labels);
	write_splits(&w, st);
	ew_jsonw_str_at(&w, "records", st->records);
	ew_jsonw_str_at(&w, "answers", st->answers);
	write_release(&w, st);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}
