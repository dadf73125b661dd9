/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data set for tests of proofs, in memory: labels id/0, id/1, ... in split test and t/0,
 * t/1, ... in split train, proofs of them, and a release of it that is signed.
 */
#ifndef TESTS_LIB_PROOFSAMPLE_H
#define TESTS_LIB_PROOFSAMPLE_H

#include "codec/sshsig.h"
#include "model/proof.h"
#include "tests/lib/sshsample.h"

enum { SAMPLE_SPLITS = 2, SAMPLE_LABELS = 400 };

struct sample_set {
	struct ew_hash *hash;
	struct ew_leaf leaf[SAMPLE_SPLITS][SAMPLE_LABELS]; /* ascending by key */
	struct ew_pin_split split[SAMPLE_SPLITS];
	size_t splits; /* that hold labels */
	struct ew_pins pins;
	struct ew_arena arena;
};

static const char *const sample_prefix[SAMPLE_SPLITS] = { "id", "t" };

static inline struct ew_str
sample_id(struct ew_arena *arena, unsigned split, unsigned i)
{
	char id[32];

	snprintf(id, sizeof id, "%s/%u", sample_prefix[split], i);
	return ew_arena_str(arena, ew_str(id));
}

/* The record of an id, or its scored part. */
static inline struct ew_str
sample_label(struct ew_arena *arena, struct ew_str id, bool scored)
{
	static const char instance[] = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
	struct ew_buf b = { 0 };
	struct ew_str kept;

	ew_buf_adds(&b, "{\"answer\":{\"kind\":\"integer\",\"value\":\"7\"},");
	if (!scored)
		ew_buf_adds(&b, "\"confidence\":{\"basis\":\"imported\"},");
	ew_buf_addf(&b, "\"id\":\"%.*s\",\"instance\":\"%s\",", EW_FMT(id), instance);
	if (!scored)
		ew_buf_adds(&b, "\"provenance\":{\"method\":\"import\"},\"schema\":\"label/1\",");
	ew_buf_adds(&b, "\"state\":\"computable\"}");
	kept = ew_arena_str(arena, ew_buf_str(&b));
	ew_buf_release(&b);
	return kept;
}

static inline int
sample_by_key(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static inline void
sample_set_make(struct sample_set *s, struct ew_hash *hash, const unsigned labels[SAMPLE_SPLITS])
{
	static const struct ew_str name[SAMPLE_SPLITS] = { EW_LIT_INIT("test"), EW_LIT_INIT("train") };

	*s = (struct sample_set){ .hash = hash };
	for (unsigned k = 0; k < SAMPLE_SPLITS; k++) {
		struct ew_leaf *leaf = s->leaf[k];

		for (unsigned i = 0; i < labels[k]; i++) {
			struct ew_str id = sample_id(&s->arena, k, i);

			leaf[i].key = ew_sha256_str(hash, id);
			ew_pin_leaves(&leaf[i], hash, sample_label(&s->arena, id, false),
				sample_label(&s->arena, id, true));
		}
		qsort(leaf, labels[k], sizeof *leaf, sample_by_key);
		if (labels[k])
			s->split[s->splits++] = (struct ew_pin_split){ name[k],
				ew_pin_trie(hash, leaf, labels[k], 0) };
	}
	s->pins = ew_pin_dataset(hash, s->split, s->splits);
}

/* The way to an id in one split; what stands there goes to *there. */
static inline struct ew_proof_way
sample_way(struct sample_set *s, size_t split, const struct ew_sha256 *key, bool answers,
	const struct ew_leaf **there)
{
	struct ew_leaf *leaf = s->leaf[ew_str_is(s->split[split].name, "train")];
	struct ew_way w = { .depth = 0 };
	char *levels, *siblings;
	size_t full = 0;

	*there = ew_way_down(&w, s->hash, key, leaf, s->split[split].trie.count);
	levels = ew_arena_alloc(&s->arena, w.depth + 1);
	siblings = ew_arena_alloc(&s->arena, 32 * (size_t)w.depth + 1);
	for (unsigned i = 0; i < w.depth; i++) {
		const struct ew_sha256 *root = answers ? &w.sibling[i].answers : &w.sibling[i].records;

		levels[i] = w.sibling[i].count ? '1' : '0';
		if (w.sibling[i].count)
			memcpy(siblings + 32 * full++, root->b, 32);
	}
	return (struct ew_proof_way){ .given = true, .levels = { levels, w.depth },
		.siblings = { siblings, 32 * full } };
}

/* The leaf of a label's key by its digest: that of sample_label(). */
static inline void
sample_other(struct sample_set *s, struct ew_proof_way *way, const struct ew_leaf *there, bool answers)
{
	for (unsigned k = 0; k < SAMPLE_SPLITS; k++)
		for (unsigned i = 0; i < SAMPLE_LABELS; i++) {
			struct ew_str id = sample_id(&s->arena, k, i);
			struct ew_sha256 key = ew_sha256_str(s->hash, id);

			if (!ew_sha256_eq(&key, &there->key))
				continue;
			way->other = true;
			way->key = key;
			way->digest = ew_sha256_str(s->hash, sample_label(&s->arena, id, answers));
			return;
		}
}

/* A proof of an id, there or not; of no release. */
static inline struct ew_proof
sample_proof(struct sample_set *s, struct ew_str id, bool answers)
{
	const struct ew_sha256 key = ew_sha256_str(s->hash, id);
	struct ew_proof p = { .id = id, .answers = answers, .split = s->split, .splits = s->splits,
		.pins = s->pins };
	const struct ew_leaf *there[SAMPLE_SPLITS];

	p.way = ew_arena_array(&s->arena, SAMPLE_SPLITS, sizeof *p.way);
	for (size_t k = 0; k < s->splits; k++) {
		p.way[k] = sample_way(s, k, &key, answers, &there[k]);
		if (there[k] && ew_sha256_eq(&there[k]->key, &key))
			p.label = sample_label(&s->arena, id, answers);
	}
	for (size_t k = 0; k < s->splits; k++) {
		if (p.label.p)
			p.way[k].given = there[k] && ew_sha256_eq(&there[k]->key, &key);
		else if (there[k])
			sample_other(s, &p.way[k], there[k], answers);
	}
	return p;
}

/* The tag of a release v1.1 of it, by tester@example.org at that time. */
static inline enum ew_code
sample_release(struct ew_statement *out, struct sample_set *s, struct ew_signer *signer, int64_t time,
	int64_t expires, struct ew_err *err)
{
	struct ew_release_note note = { .subject = EW_LIT("Sample v1.1"), .text = EW_LIT("Second.\n\nEnd."),
		.name = EW_LIT("v1.1"), .sequence = 2,
		.previous = EW_LIT("v1.0 0123456789abcdef0123456789abcdef01234567"), .level = EW_EXTENDED,
		.waiver = EW_LIT("why not"), .expires = expires,
		.dataset = EW_LIT("01234567-89ab-4def-8123-456789abcdef"), .records = s->pins.records,
		.answers = s->pins.answers, .split = s->split, .splits = s->splits };
	struct ew_tag tag = { .name = note.name,
		.by = { EW_LIT("Tester"), EW_LIT("tester@example.org"), time } };
	struct ew_buf message = { 0 }, object = { 0 };
	enum ew_code rc;

	ew_release_write(&message, &note);
	tag.message = ew_buf_str(&message);
	ew_tag_write_payload(&object, &tag);
	if ((rc = ew_sshsig_sign(&object, s->hash, signer, "git", ew_buf_str(&object), err)) == EW_OK)
		rc = ew_statement_parse(out, &s->arena, ew_buf_str(&object), err);
	ew_buf_release(&message);
	ew_buf_release(&object);
	return rc;
}

#endif
