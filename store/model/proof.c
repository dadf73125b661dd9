/* SPDX-License-Identifier: Apache-2.0 */
#include "model/proof.h"

#include "codec/base64.h"
#include "model/id.h"
#include "model/record.h"

#include <string.h>

enum { DIGEST = sizeof(struct ew_sha256) };

static const char schema[] = "proof/1";

struct ew_str
ew_proof_split(const struct ew_proof *p)
{
	for (size_t i = 0; p->label.p && i < p->splits; i++)
		if (p->way[i].given)
			return p->split[i].name;
	return (struct ew_str){ NULL, 0 };
}

/* --- writing --- */

static void
write_digest(struct ew_jsonw *w, const char *name, const struct ew_sha256 *d)
{
	char hex[2 * DIGEST + 1];

	ew_hex(hex, d->b, DIGEST);
	ew_jsonw_str_at(w, name, ew_str(hex));
}

static void
write_way(struct ew_jsonw *w, const struct ew_proof_way *way)
{
	struct ew_buf base64 = { 0 };

	ew_jsonw_name(w, EW_LIT("way"));
	ew_jsonw_object(w);
	if (way->other) {
		ew_jsonw_name(w, EW_LIT("leaf"));
		ew_jsonw_object(w);
		write_digest(w, "digest", &way->digest);
		write_digest(w, "key", &way->key);
		ew_jsonw_end(w);
	}
	ew_jsonw_str_at(w, "levels", way->levels);
	ew_base64_write(&base64, way->siblings);
	if (base64.bad != EW_OK)
		w->out->bad = base64.bad;
	ew_jsonw_str_at(w, "siblings", ew_buf_str(&base64));
	ew_buf_release(&base64);
	ew_jsonw_end(w);
}

/* The root that the way leads to is left out, and that of the other trie where no release has it signed. */
static void
write_split(struct ew_jsonw *w, const struct ew_proof *p, size_t i)
{
	const struct ew_pin_split *s = &p->split[i];
	const bool this = !p->way[i].given, other = p->release.object.p;

	ew_jsonw_object(w);
	if (p->answers ? this : other)
		write_digest(w, "answers", &s->trie.answers);
	ew_jsonw_int_at(w, "labels", (int64_t)s->trie.count);
	ew_jsonw_str_at(w, "name", s->name);
	if (p->answers ? other : this)
		write_digest(w, "records", &s->trie.records);
	if (p->way[i].given)
		write_way(w, &p->way[i]);
	ew_jsonw_end(w);
}

void
ew_proof_write(struct ew_buf *out, const struct ew_proof *p)
{
	struct ew_jsonw w;

	ew_jsonw_init_canonical(&w, out);
	ew_jsonw_object(&w);
	if (!p->label.p)
		ew_jsonw_str_at(&w, "id", p->id);
	if (p->label.p) {
		ew_jsonw_name(&w, EW_LIT("label"));
		ew_jsonw_raw(&w, p->label);
	}
	if (p->release.object.p) {
		ew_jsonw_name(&w, EW_LIT("release"));
		ew_statement_write(&w, &p->release);
	}
	ew_jsonw_str_at(&w, "schema", ew_str(schema));
	ew_jsonw_name(&w, EW_LIT("splits"));
	ew_jsonw_array(&w);
	for (size_t i = 0; i < p->splits; i++)
		write_split(&w, p, i);
	ew_jsonw_end(&w);
	ew_jsonw_str_at(&w, "trie", p->answers ? EW_LIT("answers") : EW_LIT("records"));
	ew_jsonw_end(&w);
	ew_jsonw_finish(&w);
}

/* --- reading --- */

/* What is being read: the proof, and what its ways start from. */
struct reading {
	struct ew_proof *p;
	struct ew_arena *arena;
	struct ew_hash *hash;
	struct ew_sha256 key;  /* of the id */
	struct ew_sha256 leaf; /* of the label, if there is one */
};

static enum ew_code
keep(struct ew_str *out, struct ew_arena *arena, struct ew_str text, struct ew_err *err)
{
	*out = ew_arena_str(arena, text);
	return out->p ? EW_OK : ew_fail_nomem(err);
}

static enum ew_code
read_digest(struct ew_sha256 *out, const struct ew_json *text, const char *name, struct ew_err *err)
{
	if (ew_unhex(out->b, DIGEST, ew_json_text(text)))
		return EW_OK;
	return ew_fail(err, EW_REFUSED, "%s is not 64 lower-case hex digits", name);
}

/* The label, by all rules of a record or of its scored part. */
static enum ew_code
read_label(struct reading *r, const struct ew_json *object, struct ew_err *err)
{
	struct ew_proof *p = r->p;
	struct ew_buf bytes = { 0 };
	struct ew_label label;
	struct ew_sha256 digest;
	enum ew_code rc;

	ew_json_canonical(&bytes, object);
	if ((rc = ew_buf_check(&bytes, err)) == EW_OK)
		rc = keep(&p->label, r->arena, ew_buf_str(&bytes), err);
	ew_buf_release(&bytes);
	if (rc != EW_OK)
		return rc;
	rc = p->answers ? ew_label_parse_scored(&label, r->arena, p->label, err)
			: ew_label_parse(&label, r->arena, p->label, err);
	if (rc != EW_OK)
		return ew_fail_at(err, "label");
	p->id = label.id;
	r->key = ew_sha256_str(r->hash, p->id);
	digest = ew_sha256_str(r->hash, p->label);
	r->leaf = ew_pin_leaf(r->hash, &r->key, &digest);
	return EW_OK;
}

static enum ew_code
read_id(struct reading *r, struct ew_str id, struct ew_err *err)
{
	enum ew_code rc = ew_id_check(id, err);

	if (rc != EW_OK)
		return rc;
	r->key = ew_sha256_str(r->hash, id);
	return keep(&r->p->id, r->arena, id, err);
}

/* --- ways --- */

static enum ew_code
read_leaf(struct ew_proof_way *out, const struct ew_json *object, struct ew_err *err)
{
	enum { LEAF_DIGEST, LEAF_KEY, COUNT };
	static const struct ew_member want[COUNT] = {
		[LEAF_DIGEST] = { "digest", EW_JSON_STRING, true },
		[LEAF_KEY] = { "key", EW_JSON_STRING, true },
	};
	const struct ew_json *got[COUNT];
	enum ew_code rc;

	if ((rc = ew_record_take(got, object, want, COUNT, err)) != EW_OK ||
	    (rc = read_digest(&out->digest, got[LEAF_DIGEST], "digest", err)) != EW_OK ||
	    (rc = read_digest(&out->key, got[LEAF_KEY], "key", err)) != EW_OK)
		return ew_fail_at(err, "leaf");
	out->other = true;
	return EW_OK;
}

static enum ew_code
read_siblings(struct ew_str *out, struct ew_arena *arena, struct ew_str base64, struct ew_err *err)
{
	struct ew_buf bytes = { 0 };
	enum ew_code rc;

	if (ew_base64_read(&bytes, base64))
		rc = keep(out, arena, ew_buf_str(&bytes), err);
	else if ((rc = ew_buf_check(&bytes, err)) == EW_OK)
		rc = ew_fail(err, EW_REFUSED, "siblings are not whole base64");
	ew_buf_release(&bytes);
	return rc;
}

static enum ew_code
read_way(struct ew_proof_way *out, struct ew_arena *arena, const struct ew_json *object, struct ew_err *err)
{
	enum { LEAF, LEVELS, SIBLINGS, COUNT };
	static const struct ew_member want[COUNT] = {
		[LEAF] = { "leaf", EW_JSON_OBJECT, false },
		[LEVELS] = { "levels", EW_JSON_STRING, true },
		[SIBLINGS] = { "siblings", EW_JSON_STRING, true },
	};
	const struct ew_json *got[COUNT];
	enum ew_code rc;

	if ((rc = ew_record_take(got, object, want, COUNT, err)) != EW_OK ||
	    (got[LEAF] && (rc = read_leaf(out, got[LEAF], err)) != EW_OK) ||
	    (rc = keep(&out->levels, arena, ew_json_text(got[LEVELS]), err)) != EW_OK)
		return rc;
	out->given = true;
	return read_siblings(&out->siblings, arena, ew_json_text(got[SIBLINGS]), err);
}

/* The sibling of each level, zero for an empty one; how many are not.  All that is given is used. */
static enum ew_code
spread(struct ew_sha256 sibling[EW_WAY_MAX], size_t *full, const struct ew_proof_way *way, struct ew_err *err)
{
	static const struct ew_sha256 none;
	const struct ew_str levels = way->levels;

	*full = 0;
	if (levels.len > EW_WAY_MAX)
		return ew_fail(err, EW_REFUSED, "levels are more than a key has bits");
	for (size_t i = 0; i < levels.len; i++) {
		sibling[i] = none;
		if (levels.p[i] == '0')
			continue;
		if (levels.p[i] != '1')
			return ew_fail(err, EW_REFUSED, "levels are not 0 and 1");
		if ((*full + 1) * DIGEST > way->siblings.len)
			return ew_fail(err, EW_REFUSED, "siblings are fewer than the levels have");
		memcpy(sibling[i].b, way->siblings.p + (*full)++ * DIGEST, DIGEST);
		if (ew_sha256_eq(&sibling[i], &none))
			return ew_fail(err, EW_REFUSED, "a sibling that holds labels is that of none");
	}
	return *full * DIGEST == way->siblings.len
		? EW_OK
		: ew_fail(err, EW_REFUSED, "siblings are more than the levels have");
}

/* Whether a trie of so many labels can have a way past so many siblings to what stands at its end. */
static enum ew_code
check_shape(const struct reading *r, const struct ew_proof_way *way, uint64_t labels, size_t full,
	struct ew_err *err)
{
	const size_t depth = way->levels.len;
	const bool stands = way->other || r->p->label.p;

	if (way->other && r->p->label.p)
		return ew_fail(err, EW_REFUSED, "leaf stands in the place of the label");
	if (way->other && (ew_sha256_eq(&way->key, &r->key) ||
				  !ew_way_agree(&way->key, &r->key, (unsigned)depth)))
		return ew_fail(err, EW_REFUSED, "leaf is none that can stand there");
	/* Of one label the trie is a leaf: where a way goes on there are two, of which one may stand at its end. */
	if (depth == 0 ? labels != 1 || !stands
		       : way->levels.p[depth - 1] != '1' || labels < full + 1 || (!stands && depth == EW_WAY_MAX))
		return ew_fail(err, EW_REFUSED, "no trie of %llu labels has this way",
			(unsigned long long)labels);
	return EW_OK;
}

/* The root that a way leads to. */
static enum ew_code
climb(struct ew_sha256 *out, const struct reading *r, const struct ew_proof_way *way, uint64_t labels,
	struct ew_err *err)
{
	struct ew_sha256 sibling[EW_WAY_MAX], place = { { 0 } };
	size_t full;
	enum ew_code rc;

	if ((rc = spread(sibling, &full, way, err)) != EW_OK ||
	    (rc = check_shape(r, way, labels, full, err)) != EW_OK)
		return rc;
	if (way->other)
		place = ew_pin_leaf(r->hash, &way->key, &way->digest);
	else if (r->p->label.p)
		place = r->leaf;
	*out = ew_way_up(r->hash, &r->key, &place, sibling, (unsigned)way->levels.len);
	return EW_OK;
}

/* --- splits --- */

enum { ANSWERS, LABELS, NAME, RECORDS, WAY, SPLIT_COUNT };
static const struct ew_member split_members[SPLIT_COUNT] = {
	[ANSWERS] = { "answers", EW_JSON_STRING, false },
	[LABELS] = { "labels", EW_JSON_NUMBER, true },
	[NAME] = { "name", EW_JSON_STRING, true },
	[RECORDS] = { "records", EW_JSON_STRING, false },
	[WAY] = { "way", EW_JSON_OBJECT, false },
};

/* A root that is to be given or not; left zero in the second case. */
static enum ew_code
read_root(struct ew_sha256 *out, const struct ew_json *text, const char *name, bool due, struct ew_err *err)
{
	if (!text != !due)
		return ew_fail(err, EW_REFUSED, "%s is %s", name, due ? "missing" : "not to be given here");
	return text ? read_digest(out, text, name, err) : EW_OK;
}

static enum ew_code
read_split(struct reading *r, size_t i, const struct ew_json *object, bool release, struct ew_err *err)
{
	struct ew_pin_split *s = &r->p->split[i];
	struct ew_proof_way *way = &r->p->way[i];
	struct ew_sha256 *root = r->p->answers ? &s->trie.answers : &s->trie.records;
	const struct ew_json *got[SPLIT_COUNT];
	enum ew_code rc = ew_record_take(got, object, split_members, SPLIT_COUNT, err);

	if (rc != EW_OK || (rc = keep(&s->name, r->arena, ew_json_text(got[NAME]), err)) != EW_OK)
		return rc;
	if (!ew_split_ok(s->name) || (i && ew_str_cmp(s[-1].name, s->name) >= 0))
		return ew_fail(err, EW_REFUSED, "name is none of a split, or not greater than the one before");
	if (ew_json_int(got[LABELS]) < 1)
		return ew_fail(err, EW_REFUSED, "labels is not 1 or more");
	s->trie.count = (uint64_t)ew_json_int(got[LABELS]);
	if ((rc = read_root(&s->trie.records, got[RECORDS], "records", r->p->answers ? release : !got[WAY],
		     err)) != EW_OK ||
	    (rc = read_root(&s->trie.answers, got[ANSWERS], "answers", r->p->answers ? !got[WAY] : release,
		     err)) != EW_OK)
		return rc;
	if (!got[WAY])
		return r->p->label.p ? EW_OK : ew_fail(err, EW_REFUSED, "way is missing");
	if ((rc = read_way(way, r->arena, got[WAY], err)) == EW_OK)
		rc = climb(root, r, way, s->trie.count, err);
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "way");
}

static enum ew_code
read_splits(struct reading *r, const struct ew_json *array, bool release, struct ew_err *err)
{
	struct ew_proof *p = r->p;
	const size_t n = ew_json_count(array);
	size_t ways = 0;

	if (n > EW_PIN_SPLITS_MAX)
		return ew_fail(err, EW_REFUSED, "splits are over %d", EW_PIN_SPLITS_MAX);
	p->split = ew_arena_array(r->arena, n, sizeof *p->split);
	p->way = ew_arena_array(r->arena, n, sizeof *p->way);
	if (!p->split || !p->way)
		return ew_fail_nomem(err);
	for (const struct ew_json *e = ew_json_first(array); e; e = ew_json_next(e)) {
		if (read_split(r, p->splits, e, release, err) != EW_OK)
			return ew_fail_at(err, "splits[%zu]", p->splits);
		ways += p->way[p->splits++].given;
	}
	if (p->label.p && ways != 1)
		return ew_fail(err, EW_REFUSED, "a label stands in one split, not in %zu", ways);
	p->pins = ew_pin_dataset(r->hash, p->split, p->splits);
	return EW_OK;
}

/* --- the whole --- */

static enum ew_code
read_trie(struct ew_proof *p, struct ew_str word, struct ew_err *err)
{
	p->answers = ew_str_is(word, "answers");
	if (p->answers || ew_str_is(word, "records"))
		return EW_OK;
	return ew_fail(err, EW_REFUSED, "trie must be records or answers");
}

static enum ew_code
read_proof(struct reading *r, const struct ew_json *doc, struct ew_err *err)
{
	enum { ID, LABEL, RELEASE, SCHEMA, SPLITS, TRIE, COUNT };
	static const struct ew_member want[COUNT] = {
		[ID] = { "id", EW_JSON_STRING, false },
		[LABEL] = { "label", EW_JSON_OBJECT, false },
		[RELEASE] = { "release", EW_JSON_OBJECT, false },
		[SCHEMA] = { "schema", EW_JSON_STRING, true },
		[SPLITS] = { "splits", EW_JSON_ARRAY, true },
		[TRIE] = { "trie", EW_JSON_STRING, true },
	};
	const struct ew_json *got[COUNT];
	struct ew_proof *p = r->p;
	enum ew_code rc = ew_record_take(got, doc, want, COUNT, err);

	if (rc == EW_OK && !ew_str_is(ew_json_text(got[SCHEMA]), schema))
		rc = ew_fail(err, EW_REFUSED, "schema is not \"%s\"; use the program that wrote it", schema);
	if (rc == EW_OK && !got[ID] == !got[LABEL])
		rc = ew_fail(err, EW_REFUSED, "it is of a label or of an id, and of one of them");
	if (rc != EW_OK || (rc = read_trie(p, ew_json_text(got[TRIE]), err)) != EW_OK ||
	    (rc = got[LABEL] ? read_label(r, got[LABEL], err) : read_id(r, ew_json_text(got[ID]), err)) != EW_OK ||
	    (rc = read_splits(r, got[SPLITS], got[RELEASE], err)) != EW_OK || !got[RELEASE])
		return rc;
	rc = ew_statement_read(&p->release, r->arena, got[RELEASE], p->split, p->splits, &p->pins, err);
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "tag");
}

enum ew_code
ew_proof_parse(struct ew_proof *out, struct ew_arena *arena, struct ew_hash *hash, struct ew_str bytes,
	struct ew_err *err)
{
	struct reading r = { .p = out, .arena = arena, .hash = hash };
	struct ew_json *doc = NULL;
	struct ew_buf written = { 0 };
	enum ew_code rc;

	*out = (struct ew_proof){ .splits = 0 };
	if (bytes.len > EW_PROOF_MAX)
		return ew_fail(err, EW_REFUSED, "proof: over 2 MiB");
	rc = ew_json_parse(&doc, bytes, EW_JSON_INTEGERS, err);
	if (rc == EW_OK)
		rc = read_proof(&r, doc, err);
	if (rc == EW_OK) {
		ew_proof_write(&written, out);
		rc = ew_record_compare(&written, bytes, err);
	}
	ew_buf_release(&written);
	ew_json_free(doc);
	return rc == EW_OK ? EW_OK : ew_fail_at(err, "proof");
}
