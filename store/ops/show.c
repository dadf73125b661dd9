/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/show.h"

#include "codec/json.h"
#include "ops/address.h"
#include "ops/logged.h"
#include "ops/part.h"
#include "ops/tagged.h"
#include "repo/history.h"

/* --- one label --- */

static enum ew_code
read_record(struct ew_shown *out, struct ew_store *s, const struct ew_oid *blob, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc = ew_repo_read(&bytes, s->repo, blob, EW_BLOB, err);

	if (rc == EW_OK) {
		out->record = ew_arena_str(&out->arena, ew_buf_str(&bytes));
		out->digest = ew_sha256_str(s->hash, ew_buf_str(&bytes));
		rc = out->record.p ? ew_parse_label(&out->label, out->record, blob, &out->arena, err)
				   : ew_fail_nomem(err);
	}
	ew_buf_release(&bytes);
	return rc;
}

static enum ew_code
copy_text(struct ew_str *out, struct ew_shown *to, const struct ew_json *json, struct ew_err *err)
{
	struct ew_buf other = { 0 };
	enum ew_code rc = EW_OK;

	if (ew_json_type(json) != EW_JSON_STRING) {
		ew_json_canonical(&other, json);
		rc = ew_buf_check(&other, err);
	}
	if (rc == EW_OK) {
		*out = ew_arena_str(&to->arena, other.p ? ew_buf_str(&other) : ew_json_text(json));
		rc = out->p ? EW_OK : ew_fail_nomem(err);
	}
	ew_buf_release(&other);
	return rc;
}

/* The members of an object, for people. */
static enum ew_code
list_members(struct ew_shown_member **out, size_t *n, struct ew_shown *to, struct ew_str object,
	struct ew_err *err)
{
	struct ew_json *json = NULL;
	enum ew_code rc;

	if (!object.p)
		return EW_OK;
	if ((rc = ew_json_parse(&json, object, EW_JSON_INTEGERS, err)) != EW_OK)
		return rc;
	*out = ew_arena_array(&to->arena, ew_json_count(json) + 1, sizeof **out);
	if (!*out)
		rc = ew_fail_nomem(err);
	for (const struct ew_json *m = ew_json_first(json); m && rc == EW_OK; m = ew_json_next(m)) {
		struct ew_shown_member *member = &(*out)[(*n)++];

		member->name = ew_arena_str(&to->arena, ew_json_name(m));
		rc = member->name.p ? copy_text(&member->text, to, m, err) : ew_fail_nomem(err);
	}
	ew_json_free(json);
	return rc;
}

static enum ew_code
read_question(struct ew_shown *out, struct ew_store *s, const struct ew_address *a,
	struct ew_err *err)
{
	enum ew_code rc = ew_read_instance(&out->instance, &out->has_instance, s, a->at.snapshot,
		a->id, &out->arena, err);

	if (rc != EW_OK || !out->has_instance)
		return rc;
	rc = list_members(&out->attribute, &out->attributes, out, out->instance.attributes, err);
	return rc == EW_OK ? list_members(&out->input, &out->inputs, out, out->instance.input, err)
			   : rc;
}

static enum ew_code
read_last_change(struct ew_shown *out, struct ew_store *s, const struct ew_address *a,
	struct ew_err *err)
{
	struct ew_history *history = NULL;
	struct ew_revision *revision;
	struct ew_commit commit;
	size_t n = 0;
	enum ew_code rc;

	rc = ew_history_open(&history, s->repo, &a->at.rev.commit, s->opts.progress, err);
	if (rc == EW_OK)
		rc = ew_history_find(&revision, &n, history, a->id, &out->arena, err);
	ew_history_free(history);
	out->has_logged = rc == EW_OK && n > 0;
	if (!out->has_logged)
		return rc;
	return ew_logged_read(&out->logged, &commit, s, &revision[0].commit, &out->arena, err);
}

static enum ew_code
show_label(struct ew_shown *out, struct ew_store *s, const struct ew_address *a, struct ew_err *err)
{
	enum ew_code rc;

	if (!a->split.p)
		return ew_address_fail(a, err);
	out->split = ew_arena_str(&out->arena, a->split);
	if (!out->split.p)
		return ew_fail_nomem(err);
	ew_hex(out->blob, a->blob.b, sizeof a->blob.b);
	if ((rc = read_record(out, s, &a->blob, err)) != EW_OK ||
	    (rc = ew_check_place(&out->label, a->id, err)) != EW_OK ||
	    (rc = read_question(out, s, a, err)) != EW_OK)
		return rc;
	return read_last_change(out, s, a, err);
}

/* --- one commit --- */

static enum ew_code
list_releases(struct ew_shown *out, struct ew_store *s, const struct ew_oid *commit,
	struct ew_err *err)
{
	struct ew_tagged *list;
	size_t n;
	enum ew_code rc = ew_tagged_list(&list, &n, s, &out->arena, err);

	if (rc != EW_OK)
		return rc;
	out->release = ew_arena_array(&out->arena, n + 1, sizeof *out->release);
	if (!out->release)
		return ew_fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (ew_oid_eq(&list[i].commit, commit))
			out->release[out->releases++] = list[i].name;
	return EW_OK;
}

/* The counts, and the changes themselves unless they are too many to be looked through. */
static enum ew_code
compare(struct ew_shown *out, struct ew_store *s, struct ew_err *err)
{
	struct ew_diff_opts stat = { .stat = true }, all = { .stat = false };
	uint64_t changes = 0;
	enum ew_code rc = ew_diff(
		&out->diff, s, ew_str(out->parent), ew_str(out->commit), &stat, err);

	for (int c = 0; c < EW_SAME; c++)
		changes += out->diff.counts[c];
	if (rc != EW_OK || changes > EW_SHOWN_CHANGES)
		return rc;
	ew_diff_release(&out->diff);
	return ew_diff(&out->diff, s, ew_str(out->parent), ew_str(out->commit), &all, err);
}

static enum ew_code
show_commit(struct ew_shown *out, struct ew_store *s, const struct ew_address *a,
	struct ew_err *err)
{
	const struct ew_oid *oid = &a->at.rev.commit;
	struct ew_commit commit;
	enum ew_code rc;

	if ((rc = ew_logged_read(&out->logged, &commit, s, oid, &out->arena, err)) != EW_OK ||
	    (rc = list_releases(out, s, oid, err)) != EW_OK)
		return rc;
	out->has_logged = true;
	out->first = commit.parents == 0;
	if (out->first)
		return EW_OK;
	ew_hex(out->parent, commit.parent[0].b, sizeof commit.parent[0].b);
	return compare(out, s, err);
}

enum ew_code
ew_show(struct ew_shown *out, struct ew_store *s, struct ew_str what, struct ew_err *err)
{
	struct ew_address a;
	enum ew_code rc = ew_address_open(&a, s, what, EW_ADDRESS_ID_FIRST, err);

	*out = (struct ew_shown){ .first = false };
	if (rc == EW_OK) {
		ew_hex(out->commit, a.at.rev.commit.b, sizeof a.at.rev.commit.b);
		out->rev = ew_arena_str(&out->arena, a.at.text);
		if (!out->rev.p)
			rc = ew_fail_nomem(err);
		else
			rc = a.id.p ? show_label(out, s, &a, err) : show_commit(out, s, &a, err);
	}
	ew_address_release(&a);
	return rc;
}

void
ew_shown_release(struct ew_shown *s)
{
	ew_diff_release(&s->diff);
	ew_arena_release(&s->arena);
}

/* --- JSON --- */

/* A member that is an object: the commit. */
static void
write_logged(struct ew_jsonw *w, const char *name, const struct ew_logged *l)
{
	ew_jsonw_name(w, ew_str(name));
	ew_jsonw_object(w);
	ew_logged_write(w, l);
	ew_jsonw_end(w);
}

static void
write_label(struct ew_jsonw *w, const struct ew_shown *s)
{
	ew_jsonw_str_at(w, "split", s->split);
	ew_jsonw_name(w, EW_LIT("label"));
	ew_jsonw_raw(w, s->record);
	ew_part_digest(w, "digest", &s->digest);
	if (s->has_instance) {
		ew_jsonw_name(w, EW_LIT("instance"));
		ew_jsonw_object(w);
		ew_jsonw_name(w, EW_LIT("attributes"));
		ew_jsonw_raw(w, s->instance.attributes.p ? s->instance.attributes : EW_LIT("{}"));
		ew_part_digest(w, "digest", &s->instance.digest);
		if (s->instance.input.p) {
			ew_jsonw_name(w, EW_LIT("input"));
			ew_jsonw_raw(w, s->instance.input);
		}
		ew_jsonw_end(w);
	}
	if (s->has_logged)
		write_logged(w, "changed", &s->logged);
}

static void
write_commit(struct ew_jsonw *w, const struct ew_shown *s)
{
	write_logged(w, "logged", &s->logged);
	if (!s->first)
		ew_jsonw_str_at(w, "parent", ew_str(s->parent));
	ew_jsonw_name(w, EW_LIT("releases"));
	ew_jsonw_array(w);
	for (size_t i = 0; i < s->releases; i++)
		ew_jsonw_str(w, s->release[i]);
	ew_jsonw_end(w);
	ew_jsonw_name(w, EW_LIT("counts"));
	ew_jsonw_object(w);
	for (int c = 0; c < EW_CLASS_COUNT; c++)
		ew_jsonw_int_at(w, ew_class_word((enum ew_class)c), (int64_t)s->diff.counts[c]);
	ew_jsonw_end(w);
}

void
ew_shown_json(struct ew_buf *out, const struct ew_shown *s)
{
	struct ew_jsonw w;

	ew_jsonw_init(&w, out);
	ew_jsonw_object(&w);
	ew_jsonw_str_at(&w, "schema", EW_LIT("ellwand.show/1"));
	ew_jsonw_str_at(&w, "rev", s->rev);
	ew_jsonw_str_at(&w, "commit", ew_str(s->commit));
	if (s->split.p)
		write_label(&w, s);
	else
		write_commit(&w, s);
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}
