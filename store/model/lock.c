/* SPDX-License-Identifier: Apache-2.0 */
#include "model/lock.h"

#include "codec/date.h"
#include "model/id.h"
#include "model/manifest.h"
#include "model/record.h"
#include "model/version.h"

static const char schema[] = "lock/1";
static const char digest_prefix[] = "sha256:";

/* --- reading --- */

static bool
read_time(int64_t *out, struct ew_str text)
{
	return ew_time_parse(out, text) && *out >= 0;
}

static bool
read_digest(struct ew_sha256 *out, struct ew_str text)
{
	return ew_str_starts(text, digest_prefix) &&
		ew_unhex(out->b, sizeof out->b, ew_str_part(text, sizeof digest_prefix - 1, text.len));
}

static bool
read_pin(struct ew_sha256 *out, bool answers, struct ew_str text)
{
	struct ew_err why = { 0 };
	bool which;

	return ew_pin_read(out, &which, text, &why) == EW_OK && which == answers;
}

static enum ew_code
refuse(const char *member, const char *why, struct ew_err *err)
{
	return ew_fail(err, EW_REFUSED, "%s is not %s", member, why);
}

static enum ew_code
read_pins(struct ew_sha256 *records, struct ew_sha256 *answers, const struct ew_json *r,
	const struct ew_json *a, struct ew_err *err)
{
	if (!read_pin(records, false, ew_json_text(r)))
		return refuse("records", "ewr1: and 64 hex digits", err);
	if (!read_pin(answers, true, ew_json_text(a)))
		return refuse("answers", "ewa1: and 64 hex digits", err);
	return EW_OK;
}

static enum ew_code
read_split(struct ew_pin_split *out, const struct ew_json *object, struct ew_err *err)
{
	enum { ANSWERS, LABELS, RECORDS, COUNT };
	static const struct ew_member want[COUNT] = {
		[ANSWERS] = { "answers", EW_JSON_STRING, true },
		[LABELS] = { "labels", EW_JSON_NUMBER, true },
		[RECORDS] = { "records", EW_JSON_STRING, true },
	};
	const struct ew_json *got[COUNT];
	enum ew_code rc = ew_record_take(got, object, want, COUNT, err);

	if (rc != EW_OK)
		return rc;
	if (ew_json_int(got[LABELS]) < 1)
		return refuse("labels", "1 or more", err);
	out->trie.count = (uint64_t)ew_json_int(got[LABELS]);
	return read_pins(&out->trie.records, &out->trie.answers, got[RECORDS], got[ANSWERS], err);
}

/* In the order of their names, whatever that of the file. */
static void
put_in_order(struct ew_lock *l, const struct ew_pin_split *split)
{
	size_t at = l->splits++;

	for (; at && ew_str_cmp(l->split[at - 1].name, split->name) > 0; at--)
		l->split[at] = l->split[at - 1];
	l->split[at] = *split;
}

static enum ew_code
read_splits(struct ew_lock *out, struct ew_arena *arena, const struct ew_json *splits,
	struct ew_err *err)
{
	enum ew_code rc;

	out->split = ew_arena_array(arena, ew_json_count(splits) + 1, sizeof *out->split);
	if (!out->split)
		return ew_fail_nomem(err);
	for (const struct ew_json *m = ew_json_first(splits); m; m = ew_json_next(m)) {
		struct ew_pin_split split = { .name = ew_json_name(m) };

		if (!ew_split_ok(split.name))
			return ew_fail(err, EW_REFUSED, "splits: '%.*s' is no name of a split",
				EW_FMT(split.name));
		if ((rc = read_split(&split, m, err)) != EW_OK)
			return ew_fail_at(err, "split %.*s", EW_FMT(split.name));
		put_in_order(out, &split);
	}
	return out->splits ? EW_OK : ew_fail(err, EW_REFUSED, "splits are none");
}

enum { ANSWERS, COMMIT, DATASET, EXPIRES, POLICY, RECORDS, RELEASE, ROOT, SCHEMA, SEQUENCE, SPLITS,
	TAG, TIME, COUNT };
static const struct ew_member members[COUNT] = {
	[ANSWERS] = { "answers", EW_JSON_STRING, true },
	[COMMIT] = { "commit", EW_JSON_STRING, true },
	[DATASET] = { "dataset", EW_JSON_STRING, true },
	[EXPIRES] = { "expires", EW_JSON_STRING, false },
	[POLICY] = { "policy", EW_JSON_STRING, true },
	[RECORDS] = { "records", EW_JSON_STRING, true },
	[RELEASE] = { "release", EW_JSON_STRING, true },
	[ROOT] = { "root", EW_JSON_STRING, true },
	[SCHEMA] = { "schema", EW_JSON_STRING, true },
	[SEQUENCE] = { "sequence", EW_JSON_NUMBER, true },
	[SPLITS] = { "splits", EW_JSON_OBJECT, true },
	[TAG] = { "tag", EW_JSON_STRING, true },
	[TIME] = { "time", EW_JSON_STRING, true },
};

static enum ew_code
read_oids(struct ew_lock *out, const struct ew_json *const *got, struct ew_err *err)
{
	struct ew_oid *const to[COUNT] = { [COMMIT] = &out->commit, [ROOT] = &out->root, [TAG] = &out->tag };

	for (size_t i = 0; i < COUNT; i++)
		if (to[i] && !ew_unhex(to[i]->b, sizeof to[i]->b, ew_json_text(got[i])))
			return refuse(members[i].name, "40 hex digits", err);
	return EW_OK;
}

static enum ew_code
read_times(struct ew_lock *out, const struct ew_json *const *got, struct ew_err *err)
{
	if (!read_time(&out->time, ew_json_text(got[TIME])))
		return refuse("time", "a time such as 2027-06-30T23:59:59Z", err);
	if (got[EXPIRES] && (!read_time(&out->expires, ew_json_text(got[EXPIRES])) || !out->expires))
		return refuse("expires", "a time such as 2027-06-30T23:59:59Z", err);
	return EW_OK;
}

static enum ew_code
read_lock(struct ew_lock *out, struct ew_arena *arena, const struct ew_json *const *got,
	struct ew_err *err)
{
	struct ew_version version;
	struct ew_err why = { 0 };
	enum ew_code rc;

	out->dataset = ew_json_text(got[DATASET]);
	out->release = ew_json_text(got[RELEASE]);
	if (!ew_uuid_ok(out->dataset))
		return refuse("dataset", "a UUID in lower case", err);
	if (ew_version_parse(&version, out->release, &why) != EW_OK)
		return refuse("release", "a version such as v1.0", err);
	if (ew_json_int(got[SEQUENCE]) < 1)
		return refuse("sequence", "1 or more", err);
	out->sequence = (uint64_t)ew_json_int(got[SEQUENCE]);
	if (!read_digest(&out->policy, ew_json_text(got[POLICY])))
		return refuse("policy", "sha256: and 64 hex digits", err);
	if ((rc = read_oids(out, got, err)) != EW_OK || (rc = read_times(out, got, err)) != EW_OK ||
	    (rc = read_pins(&out->records, &out->answers, got[RECORDS], got[ANSWERS], err)) != EW_OK)
		return rc;
	return read_splits(out, arena, got[SPLITS], err);
}

enum ew_code
ew_lock_parse(struct ew_lock *out, struct ew_arena *arena, struct ew_str bytes, struct ew_err *err)
{
	const struct ew_json *got[COUNT];
	struct ew_json *doc;
	enum ew_code rc;

	*out = (struct ew_lock){ .sequence = 0 };
	if (bytes.len > EW_LOCK_MAX)
		return ew_fail(err, EW_REFUSED, "over 1 MiB, which no lock is");
	if ((rc = ew_json_parse_in(&doc, arena, bytes, EW_JSON_INTEGERS, err)) != EW_OK)
		return rc;
	if (!ew_str_is(ew_json_get_text(doc, "schema"), schema))
		return ew_fail(err, EW_REFUSED, "schema is not \"%s\"; use the program that wrote it", schema);
	if ((rc = ew_record_take(got, doc, members, COUNT, err)) != EW_OK)
		return rc;
	return read_lock(out, arena, got, err);
}

/* --- writing --- */

/* A text that is made for one member. */
static void
take_text(struct ew_jsonw *w, const char *name, struct ew_buf *text)
{
	ew_jsonw_str_at(w, name, ew_buf_str(text));
	if (text->bad != EW_OK)
		w->out->bad = text->bad;
	ew_buf_release(text);
}

static void
write_oid(struct ew_jsonw *w, const char *name, const struct ew_oid *oid)
{
	char hex[2 * sizeof oid->b + 1];

	ew_hex(hex, oid->b, sizeof oid->b);
	ew_jsonw_str_at(w, name, ew_str(hex));
}

static void
write_pin(struct ew_jsonw *w, const char *name, const struct ew_sha256 *root, bool answers)
{
	struct ew_buf text = { 0 };

	ew_pin_write(&text, root, answers);
	take_text(w, name, &text);
}

static void
write_time(struct ew_jsonw *w, const char *name, int64_t seconds)
{
	struct ew_buf text = { 0 };

	ew_time_write(&text, seconds);
	take_text(w, name, &text);
}

static void
write_digest(struct ew_jsonw *w, const char *name, const struct ew_sha256 *digest)
{
	char hex[2 * sizeof digest->b + 1];
	struct ew_buf text = { 0 };

	ew_hex(hex, digest->b, sizeof digest->b);
	ew_buf_addf(&text, "%s%s", digest_prefix, hex);
	take_text(w, name, &text);
}

static void
write_splits(struct ew_jsonw *w, const struct ew_lock *l)
{
	ew_jsonw_name(w, EW_LIT("splits"));
	ew_jsonw_object(w);
	for (size_t i = 0; i < l->splits; i++) {
		const struct ew_trie *t = &l->split[i].trie;

		ew_jsonw_name(w, l->split[i].name);
		ew_jsonw_object(w);
		write_pin(w, "answers", &t->answers, true);
		ew_jsonw_int_at(w, "labels", (int64_t)t->count);
		write_pin(w, "records", &t->records, false);
		ew_jsonw_end(w);
	}
	ew_jsonw_end(w);
}

void
ew_lock_put(struct ew_jsonw *w, const struct ew_lock *l)
{
	ew_jsonw_object(w);
	write_pin(w, "answers", &l->answers, true);
	write_oid(w, "commit", &l->commit);
	ew_jsonw_str_at(w, "dataset", l->dataset);
	if (l->expires)
		write_time(w, "expires", l->expires);
	write_digest(w, "policy", &l->policy);
	write_pin(w, "records", &l->records, false);
	ew_jsonw_str_at(w, "release", l->release);
	write_oid(w, "root", &l->root);
	ew_jsonw_str_at(w, "schema", ew_str(schema));
	ew_jsonw_int_at(w, "sequence", (int64_t)l->sequence);
	write_splits(w, l);
	write_oid(w, "tag", &l->tag);
	write_time(w, "time", l->time);
	ew_jsonw_end(w);
}

void
ew_lock_write(struct ew_buf *out, const struct ew_lock *l)
{
	struct ew_jsonw w;

	ew_jsonw_init_lines(&w, out);
	ew_lock_put(&w, l);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}

void
ew_lock_json(struct ew_buf *out, const struct ew_lock *l)
{
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_lock_put(&w, l);
	ew_jsonw_finish(&w);
	ew_buf_addc(out, '\n');
}

/* --- comparing --- */

static bool
same_splits(const struct ew_lock *a, const struct ew_lock *b)
{
	if (a->splits != b->splits)
		return false;
	for (size_t i = 0; i < a->splits; i++) {
		const struct ew_pin_split *x = &a->split[i], *y = &b->split[i];

		if (!ew_str_eq(x->name, y->name) || x->trie.count != y->trie.count ||
			!ew_sha256_eq(&x->trie.records, &y->trie.records) ||
			!ew_sha256_eq(&x->trie.answers, &y->trie.answers))
			return false;
	}
	return true;
}

const char *
ew_lock_difference(const struct ew_lock *a, const struct ew_lock *b)
{
	const struct {
		bool same;
		unsigned member;
	} said[] = {
		{ ew_str_eq(a->dataset, b->dataset), DATASET },
		{ ew_oid_eq(&a->root, &b->root), ROOT },
		{ ew_str_eq(a->release, b->release), RELEASE },
		{ a->sequence == b->sequence, SEQUENCE },
		{ ew_oid_eq(&a->tag, &b->tag), TAG },
		{ ew_oid_eq(&a->commit, &b->commit), COMMIT },
		{ a->time == b->time, TIME },
		{ a->expires == b->expires, EXPIRES },
		{ ew_sha256_eq(&a->records, &b->records), RECORDS },
		{ ew_sha256_eq(&a->answers, &b->answers), ANSWERS },
		{ same_splits(a, b), SPLITS },
		{ ew_sha256_eq(&a->policy, &b->policy), POLICY },
	};

	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
		if (!said[i].same)
			return members[said[i].member].name;
	return NULL;
}

uint64_t
ew_lock_labels(const struct ew_lock *l)
{
	uint64_t n = 0;

	for (size_t i = 0; i < l->splits; i++)
		n += l->split[i].trie.count;
	return n;
}
